"""Virtual accounts (虚拟账户管理): registration, update, cancellation, audits, pre-made cards."""

from __future__ import annotations

from reference.ecard.verbs.people import Account, Child, Code, Hex64, Person, Proof, Record, Who


class Register(Record, frozen=True, kw_only=True, tag=True):
    """Register a resident (P-ECARD-01). Answer: `Account`; the same person again gets the same card.

    ``strict`` refuses a person who has a card already (``account.already-registered``, Qinghai 6009).
    """

    person: Person
    proof: Proof
    child: Child | None = None
    mode: str = ""
    strict: bool = False


class Query(Record, frozen=True, kw_only=True, tag=True):
    """Look up an account (Qinghai E0005). Answer: `AccountWithCodes`."""

    who: Who


class AccountWithCodes(Record, frozen=True, kw_only=True):
    """An account with its codes that hold now."""

    account: Account
    codes: tuple[Code, ...] = ()


class Update(Record, frozen=True, kw_only=True, tag=True):
    """Change data of an account (P-ECARD-02). Answer: `Account`, with new ids when name or document changed.

    Empty fields stay as they are. A new name, document type or number needs ``proof``; the old ids stay as aliases.
    """

    who: Who
    sex: str = ""
    birthday: str = ""
    nation: str = ""
    nationality: str = ""
    phone: str = ""
    telephone: str = ""
    address: str = ""
    domicile: str = ""
    employer: str = ""
    marital_status: str = ""
    name: str = ""
    id_type: str = ""
    id_number: str = ""
    proof: Proof | None = None
    change_number: str = ""
    """The client's own number of the change, and when it was made there; both are kept in the audit log (Qinghai
    E0011, alterNo and alterTime)."""
    change_ms: int | None = None

    def __repr__(self) -> str:
        return "«Update»"


class Cancel(Record, frozen=True, kw_only=True, tag=True):
    """Cancel a card (P-ECARD-03). Answer: `Account`. With ``code`` the code must be the person's own (4001).

    ``reason``: ``holder``, ``death``, ``duplicate`` or ``fraud``.
    """

    who: Who
    code: str = ""
    reason: str = "holder"


class Suspend(Record, frozen=True, kw_only=True, tag=True):
    """Suspend a card: lost phone, risk (P-LIFE-04). Answer: `Account`."""

    who: Who
    reason: str = ""


class Restore(Record, frozen=True, kw_only=True, tag=True):
    """Bring a suspended or cancelled card back after a new real-name check (P-LIFE-04). Answer: `Account`."""

    who: Who
    proof: Proof


class Audit(Record, frozen=True, kw_only=True, tag=True):
    """Decide on an application that awaits its audit (P-CITY-05). Answer: `Account`. Never by who submitted it."""

    application_id: str
    approve: bool
    reason: str = ""


class PendingAudits(Record, frozen=True, kw_only=True, tag=True):
    """The applications that await their audit, oldest first. Answer: `Applications`."""

    limit: int = 100


class Application(Record, frozen=True, kw_only=True):
    """One application that awaits its audit."""

    application_id: str
    index_id: Hex64
    purpose: str
    submitted_by: str
    submitted_ms: int


class Applications(Record, frozen=True, kw_only=True):
    """Applications, oldest first."""

    applications: tuple[Application, ...]


class Prefabricate(Record, frozen=True, kw_only=True, tag=True):
    """Turn an institution's existing cards or index into pre-made cards (批量预制, P-ECARD-09). Answer: `Batch`.

    The same batch again gives the same answer. ``source`` is the kind of card or index that the rows come from.
    """

    persons: tuple[Person, ...]
    source: str
    media: tuple[str, ...] = ()
    """The number of each row's existing card, or nothing."""


class RepairRow(Record, frozen=True, kw_only=True, tag=True):
    """Give a parked row of a batch its corrected data. Answer: `Batch`."""

    batch_id: str
    row: int
    person: Person


class QueryBatch(Record, frozen=True, kw_only=True, tag=True):
    """What has become of a batch. Answer: `Batch`."""

    batch_id: str


class BatchRow(Record, frozen=True, kw_only=True):
    """One row: ``pre-made``, ``claimed``, ``present``, ``repair`` or ``refused``; problems are ids of refusals."""

    row: int
    state: str
    ecard_id: str = ""
    problems: tuple[str, ...] = ()


class Batch(Record, frozen=True, kw_only=True):
    """A batch with the state of each row."""

    batch_id: str
    rows: tuple[BatchRow, ...]


class Claim(Record, frozen=True, kw_only=True, tag=True):
    """Claim a pre-made card (领码, 激活). Answer: `Account`."""

    who: Who
    name: str
    proof: Proof


class CountCards(Record, frozen=True, kw_only=True, tag=True):
    """Cards registered by one institution in a span of dates, both included (Qinghai E0017). Answer: `Count`."""

    institution: str
    first_date: str
    last_date: str


class Count(Record, frozen=True, kw_only=True):
    """A number of cards."""

    count: int
