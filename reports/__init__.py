"""Reports from recorded evidence alone: one HTML page for people, JSON for programs, JUnit for build servers.

Nothing here follows a clause of the standard: what is printed stands in the evidence package.
"""

from reports.writing import write

__all__ = ["write"]
