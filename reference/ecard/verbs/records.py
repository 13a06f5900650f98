"""Records over a lifetime (P-EMPI-08): authorisations, the registry of records, gathering and opening them.

The platform knows where a record lies, of what kind it is and when it was made, never what it says. Source: the
function as Opinion 34 and its news name it; the form of the verbs is a decision.
"""

from __future__ import annotations

from reference.ecard.verbs.people import Hex64, Proof, Record, Who


class GrantAccess(Record, frozen=True, kw_only=True, tag=True):
    """The resident lets an institution open records of his. Answer: `Authorisation`.

    Shown by exactly one of ``code`` (he is there and shows his code: at most a visit long) and ``proof`` (his real
    name is checked). ``guardian`` grants for a child: code or proof are the guardian's. ``kinds`` are kinds of records,
    restricted ones by their own name; ``institution`` may be left out where the asking one is meant.
    """

    who: Who
    purpose: str
    kinds: tuple[str, ...]
    until_ms: int
    institution: str = ""
    code: str = ""
    proof: Proof | None = None
    guardian: Who | None = None

    def __repr__(self) -> str:
        return "«GrantAccess»"


class RevokeAccess(Record, frozen=True, kw_only=True, tag=True):
    """Take an authorisation back; it opens nothing from that moment on. Answer: `Done`."""

    who: Who
    authorisation_id: str


class Authorisation(Record, frozen=True, kw_only=True):
    """Who may open which kinds of records, what for, and until when."""

    authorisation_id: str
    index_id: Hex64
    institution: str
    purpose: str
    kinds: tuple[str, ...]
    way: str
    """How the resident showed himself: ``code``, ``real-name``; ``guardian-code``, ``guardian-real-name``."""
    granted_ms: int
    until_ms: int
    revoked_ms: int | None = None


class RecordEntry(Record, frozen=True, kw_only=True):
    """One record as its keeper registers it: the keeper's own number of the patient, and where the record lies.

    ``domain`` and ``local_id`` are those under which the patient stands in the master index; ``dated`` is the day of
    the record, YYYYMMDD; ``locator`` means something to the keeper alone.
    """

    domain: str
    local_id: str
    kind: str
    dated: str
    locator: str

    def __repr__(self) -> str:
        return f"«RecordEntry {self.kind}»"


class RegisterRecords(Record, frozen=True, kw_only=True, tag=True):
    """Tell the registry of records that an institution keeps. Answer: `Reported`; the same locator counts once."""

    entries: tuple[RecordEntry, ...]


class WithdrawRecord(Record, frozen=True, kw_only=True, tag=True):
    """Take a record out of the registry, by its keeper alone. Answer: `Done`."""

    locator: str
    reason: str


class GatherRecords(Record, frozen=True, kw_only=True, tag=True):
    """The records of a resident that the asking institution may open now, wherever they lie. Answer: `Records`.

    ``emergency`` is the reason of a named doctor who acts without an authorisation; it is recorded.
    """

    who: Who
    kinds: tuple[str, ...] = ()
    first_date: str = ""
    last_date: str = ""
    emergency: str = ""


class RecordFound(Record, frozen=True, kw_only=True):
    """A record that may be opened: by whom it is kept, of what kind, from which day."""

    record_id: str
    institution: str
    kind: str
    dated: str


class Records(Record, frozen=True, kw_only=True):
    """Records, the newest first. ``closed`` counts those that no authorisation opens to the asker; ``more`` says that
    older ones were left off."""

    index_id: Hex64
    records: tuple[RecordFound, ...]
    closed: int
    more: bool = False


class OpenRecord(Record, frozen=True, kw_only=True, tag=True):
    """Open one record: its keeper is asked for it. Answer: `OpenedRecord`. Every attempt is written down."""

    record_id: str
    purpose: str
    emergency: str = ""


class OpenedRecord(Record, frozen=True, kw_only=True):
    """A record as its keeper gave it, and the number of its opening."""

    found: RecordFound
    media_type: str
    content: bytes
    opening_id: str

    def __repr__(self) -> str:
        return f"«OpenedRecord {self.opening_id}»"


class ListAccess(Record, frozen=True, kw_only=True, tag=True):
    """What a resident has granted, and who opened what of his. Answer: `Accesses`."""

    who: Who
    limit: int = 100


class Opening(Record, frozen=True, kw_only=True):
    """One attempt to open a record. ``way``: ``own``, ``authorisation`` or ``emergency``; empty where none was had."""

    opening_id: str
    record_id: str
    kind: str
    institution: str
    operator: str
    purpose: str
    way: str
    outcome: str
    at_ms: int


class Accesses(Record, frozen=True, kw_only=True):
    """Authorisations and openings of one resident, the newest first."""

    authorisations: tuple[Authorisation, ...]
    openings: tuple[Opening, ...]
