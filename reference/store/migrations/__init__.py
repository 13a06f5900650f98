"""Alembic's revisions of the platform's database."""
