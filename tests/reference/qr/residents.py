"""Residents with cards, put straight into the database: tests of codes do not lean on registration."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert, select, update

from reference.ecard.ids import dispersal_factor, ecard_id_plaintext, factor_pair, index_id
from reference.ecard.refusals import Refusal
from reference.ecard.validity import validity_plaintext
from reference.ecard.verbs import ApplyCode, Caller, Code, Verified, Verify, Who
from reference.qr import apply_code, verify
from reference.serving import Surroundings
from reference.store.account_tables import accounts
from reference.store.code_tables import uses
from tests.platform import NOON_MS, citizen_number

SICHUAN = Caller(profile="sichuan", app="window-app", institution="510100001", terminal="5101000010001", channel="01")
NATIONAL = Caller(profile="national", app="hospital-app", institution="510100002")
PAY = "010105"
"""Charging: a step that takes dynamic codes alone."""
REGISTER = "010101"


def ids_of(surroundings: Surroundings, number: int) -> tuple[str, str, str]:
    """Document number, index id and card id of a made-up resident, 1 to 499."""
    document = citizen_number(2 * number - 1)
    index = index_id("01", document, "测试甲")
    pair = factor_pair(dispersal_factor(index))
    card = surroundings.machine.encrypt(ecard_id_plaintext("01", document), (pair,)).hex().upper()
    return document, index, card


def resident(surroundings: Surroundings, number: int = 1, state: str = "normal") -> str:
    """Put a resident into the database; his card id."""
    document, index, card = ids_of(surroundings, number)
    with surroundings.store.begin() as connection:
        connection.execute(
            insert(accounts).values(
                index_id=index,
                ecard_id=card,
                key_version=1,
                state=state,
                id_type="01",
                id_number=document,
                name="测试甲",
                registered_ms=NOON_MS,
                updated_ms=NOON_MS,
            )
        )
    return card


def set_state(surroundings: Surroundings, card: str, state: str) -> None:
    """Move a resident's account to another state, whatever the rules say."""
    with surroundings.store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.ecard_id == card).values(state=state))


def state_of(surroundings: Surroundings, card: str) -> str:
    """The state of a resident's account."""
    with surroundings.store.read() as connection:
        return str(connection.execute(select(accounts.c.state).where(accounts.c.ecard_id == card)).scalar_one())


def dynamic(surroundings: Surroundings, card: str, *, refresh: bool = False, caller: Caller = NATIONAL) -> Code:
    """Apply for a dynamic code."""
    return apply_code(surroundings, caller, ApplyCode(who=Who(ecard_id=card), kind="dynamic", refresh=refresh))


def static(surroundings: Surroundings, card: str, *, again: bool = False, caller: Caller = NATIONAL) -> Code:
    """Apply for a static code."""
    return apply_code(surroundings, caller, ApplyCode(who=Who(ecard_id=card), kind="static", again=again))


def refusal_of(ask: Callable[[], object]) -> str:
    """The id of the refusal that something ends in; empty where it does not."""
    try:
        ask()
    except Refusal as refusal:
        return refusal.id
    return ""


def token(surroundings: Surroundings, expires_ms: int) -> str:
    """A validity token that nobody issued."""
    return surroundings.machine.encrypt(validity_plaintext(expires_ms)).hex().upper()


def outcome(surroundings: Surroundings, text: str, step: str = "", caller: Caller = NATIONAL) -> str:
    """``accepted``, or the id of the refusal."""
    try:
        answer = verify(surroundings, caller, Verify(text=text, step=step))
    except Refusal as refusal:
        return refusal.id
    assert isinstance(answer, Verified)
    return "accepted"


def outcomes(surroundings: Surroundings) -> list[str]:
    """The outcomes in the use log, oldest first."""
    with surroundings.store.read() as connection:
        return list(connection.execute(select(uses.c.outcome).order_by(uses.c.use_id)).scalars())
