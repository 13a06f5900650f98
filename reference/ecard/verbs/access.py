"""Access (接入管理): institutions, and the platform's clock."""

from __future__ import annotations

from reference.ecard.verbs.people import Record


class Institution(Record, frozen=True, kw_only=True):
    """An institution as it is registered (Sichuan addorg). ``valid_until`` is a date or empty."""

    code: str
    name: str
    kind: str = ""
    level: str = ""
    hierarchy: str = ""
    address: str = ""
    access_method: str = ""
    valid_until: str = ""
    state: str = "in-service"


class AddInstitution(Record, frozen=True, kw_only=True, tag=True):
    """Register an institution. Answer: `Institution`."""

    institution: Institution


class UpdateInstitution(Record, frozen=True, kw_only=True, tag=True):
    """Change an institution, or suspend it by its state. Answer: `Institution`."""

    institution: Institution


class QueryInstitution(Record, frozen=True, kw_only=True, tag=True):
    """Look up an institution. Answer: `Institution`."""

    code: str


class ServerTime(Record, frozen=True, kw_only=True, tag=True):
    """The platform's clock, for checking one's own (Wenzhou 10001). Answer: `Time`."""


class Time(Record, frozen=True, kw_only=True):
    """The platform's time."""

    now_ms: int
