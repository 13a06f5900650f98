"""Retention (留存与清理): what a platform may forget, and when; in small steps that hold nobody up.

Forgotten are the marks of requests that fell out of the time window, and dynamic codes that expired long ago without
ever having been shown. Everything else stays: the audit log, the use log, every code that was used, prints, accounts.
Source: decision; the bounds are limits in `standard/ecard/limits.toml`.
"""

from reference.retention.in_service import Retention
from reference.retention.purging import Purged, purge

__all__ = ["Purged", "Retention", "purge"]
