"""Messages of the core drawn at random, in the widths that every profile takes; for round trips through codecs."""

from __future__ import annotations

from hypothesis import strategies as st

from reference.ecard.verbs import Account, Child, Code, Person, Proof, Verified, Who
from tests.platform import NOON_MS, citizen_number

WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=16)
DATES = st.dates().map(lambda date: date.strftime("%Y%m%d").rjust(8, "0"))
IDS = st.binary(min_size=32, max_size=32).map(lambda id: id.hex().upper())
SECONDS = st.integers(0, 10**9).map(lambda seconds: NOON_MS + seconds * 1000)
IMAGES = st.binary(max_size=60)
DIGITS = st.text("0123456789", min_size=11, max_size=11)
NUMBERS = st.integers(0, 998).map(citizen_number)


def or_empty(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | values


SOFT = {
    "sex": st.sampled_from(["0", "1", "2", "9"]),
    "birthday": or_empty(DATES),
    "nation": or_empty(st.sampled_from(["01", "56", "99"])),
    "nationality": or_empty(st.sampled_from(["156", "CHN"])),
    "phone": or_empty(DIGITS),
    "address": or_empty(WORDS),
    "domicile": or_empty(WORDS),
}
"""Data of a resident that every profile carries."""
PERSONS = st.builds(Person, id_type=st.just("01"), id_number=NUMBERS, name=WORDS, **SOFT)
DOCUMENTS = st.builds(Who, id_type=st.just("01"), id_number=NUMBERS)
CARDS = st.builds(Who, ecard_id=IDS)
CLERKS = st.builds(Proof, way=st.just("on-site"), clerk_name=WORDS, clerk_id_number=NUMBERS)
TRUSTED = st.just(Proof(way="trusted"))
CHILDREN = st.builds(
    Child,
    guardian_id_type=st.just("01"),
    guardian_id_number=NUMBERS,
    mother_name=WORDS,
    multiple_birth=st.booleans(),
    birth_order=st.integers(0, 9),
)
STATES = st.sampled_from(["normal", "certified", "cancelled", "suspended", "premade", "awaiting-audit", "alias"])


def accounts(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Account]:
    """Accounts, without what no profile tells."""
    return st.builds(
        Account,
        person=PERSONS,
        index_id=IDS,
        ecard_id=IDS,
        state=STATES,
        registered_ms=st.just(0),
        updated_ms=st.just(0),
        **fields,
    )


def codes(issued_ms: int = NOON_MS) -> st.SearchStrategy[Code]:
    """Dynamic codes with their seconds."""
    return st.builds(
        Code,
        text=st.tuples(IDS, IDS).map(lambda parts: f"{parts[0]}:0:{parts[1][:32]}"),
        kind=st.just("dynamic"),
        ecard_id=IDS,
        issued_ms=st.just(issued_ms),
        expires_ms=st.integers(60, 300).map(lambda seconds: issued_ms + seconds * 1000),
    )


def verified(accounts: st.SearchStrategy[Account]) -> st.SearchStrategy[Verified]:
    """Accepted codes."""
    return st.builds(
        Verified,
        account=accounts,
        kind=st.sampled_from(["static", "dynamic"]),
        expires_ms=st.none() | SECONDS,
        uses_left=st.none() | st.integers(0, 9),
    )
