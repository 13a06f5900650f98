"""Locust file: QR verification over any wire profile, in any shape of load, judged answer by answer.

    locust -f load/locustfiles/qr_verification.py --host http://127.0.0.1:8080 --cases FILE --shape morning-peak

Users are connections: choose as many as may be in flight. With workers, name their number in --generators.
"""

from __future__ import annotations

from load.locust_users import ScheduledUser


class QrVerification(ScheduledUser):
    """Verifies the cases of the file at the moments of the schedule."""
