"""Tests of the store: transactions, locks and the audit chain, on SQLite and on PostgreSQL."""
