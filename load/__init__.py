"""Load tests of QR verification with Locust: schedules, scenarios, correctness under load, gates."""
