"""Tests of virtual account management, on SQLite and on PostgreSQL."""
