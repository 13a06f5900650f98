"""Ordinary Locust files: ``locust -f load/locustfiles/qr_verification.py --cases FILE --host URL``."""
