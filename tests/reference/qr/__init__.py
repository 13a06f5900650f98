"""Tests of QR management: application, verification, printing and use records, on both databases."""
