"""What a verification asks before its transaction: the text of the code, whose it is, and the crypto machine.

Qinghai E0003 and the check of an e-card id (EC-HSM): the card id is deciphered under the key dispersed by the index id
and must name the person's document; the validity token is deciphered under the protection key. Nothing is decided
here that the transaction could see otherwise: `settling` judges.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.ids import dispersal_factor, ecard_id_plaintext, factor_pair
from reference.ecard.moments import Moment
from reference.ecard.qr_text import QrText, parse
from reference.ecard.refusals import Refusal
from reference.ecard.validity import BLOCK, read_validity_plaintext
from reference.ecard.verbs import Caller, CodeKind, Verify
from reference.ports import (
    CURRENT,
    CryptoMachine,
    CryptoMachineRefused,
    CryptoMachineUnavailable,
    GroupCryptoMachine,
)
from reference.qr.in_force import layouts_of
from reference.qr.looking_up import AccountRow
from reference.qr.selection import admitted
from reference.qr.use_log import fits
from reference.serving import Surroundings

SECONDS_REMEMBERED = 4096
STEPS_REMEMBERED = 256
"""Times of tokens kept read: codes that hold at one time end within the same few hundred seconds."""
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""How a function is applied to each of many: `map`, or the `map` of a pool of threads for a distant machine."""


class Examined(msgspec.Struct, gc=False):
    """One request with what was found out: ``refusal`` where its form or the machine already decides."""

    caller: Caller
    verify: Verify
    read: QrText | None = None
    kinds: tuple[CodeKind, ...] = ()
    fits: bool = True
    """Whether the use log can keep what the request says of itself."""
    refusal: str = ""
    genuine: bool | None = None
    """Whether the card id deciphers to its person; None for a card that was not known."""
    token_time: Moment | None = None
    """The moment inside the validity token; None where it cannot be read."""
    machine_failed: bool = False


def read_texts(surroundings: Surroundings, requests: Sequence[tuple[Caller, Verify]]) -> list[Examined]:
    """What each request says by itself, and its refusal where that already decides."""
    return [_read(surroundings, caller, verify) for caller, verify in requests]


def shown(examined: Iterable[Examined]) -> set[tuple[str, str]]:
    """The card ids and validity tokens in the texts that could be read."""
    return {(one.read.card_id, one.read.token) for one in examined if one.read is not None and one.read.card_id}


def ask_machine(
    machine: CryptoMachine, examined: Iterable[Examined], known: Mapping[str, AccountRow], each: Each = map
) -> None:
    """Have card ids and validity tokens deciphered, and note what came of it; ``known`` are accounts by card id."""
    asked = [one for one in examined if not one.refusal]
    cards = {one.read.card_id for one in asked if one.read is not None}
    _check_cards(machine, {card_id: known[card_id] for card_id in cards if card_id in known}, asked, each)
    _read_tokens(machine, [one for one in asked if one.read is not None and one.read.token])


def _read(surroundings: Surroundings, caller: Caller, verify: Verify) -> Examined:
    one = Examined(caller, verify, fits=fits(caller, verify))
    try:
        if not one.fits:
            raise Refusal("request.field-malformed")
        one.read = parse(verify.text, layouts_of(caller.profile, surroundings.tables))
        if one.read.kind == "temporary":
            raise Refusal("code.kind-unsuited")
        one.kinds = _kinds(verify.step, verify.kinds)
        if one.read.issuer not in ("", surroundings.issuer):
            raise Refusal("code.foreign")
    except Refusal as refusal:
        one.refusal = refusal.id
    return one


@functools.lru_cache(STEPS_REMEMBERED)
def _kinds(step: str, wanted: tuple[CodeKind, ...]) -> tuple[CodeKind, ...]:
    """The kinds that the step admits among those wanted. Raises Refusal ``code.unknown-scene``."""
    return tuple(kind for kind in admitted(step) if kind in wanted)


def _check_cards(machine: CryptoMachine, known: dict[str, AccountRow], asked: list[Examined], each: Each) -> None:
    """Decipher each card id once, whoever shows it."""
    rows = list(known.values())
    opened: Iterable[bytes | None]
    if each is map and isinstance(machine, GroupCryptoMachine):
        opened = _opened_together(machine, rows)
    else:
        opened = each(functools.partial(_opened, machine), rows)
    genuine = {card_id: _is_genuine(row, plain) for (card_id, row), plain in zip(known.items(), opened, strict=True)}
    for one in asked:
        if one.read is not None and one.read.card_id in genuine:
            one.genuine = genuine[one.read.card_id]
            one.machine_failed = one.genuine is None


def _question(row: AccountRow) -> tuple[bytes, bytes] | None:
    """The card id and the factor pair that a crypto machine is asked with; None where a row's ids are damaged."""
    try:
        return bytes.fromhex(row.account.ecard_id), factor_pair(dispersal_factor(row.account.index_id))
    except (BrokenRule, ValueError):
        return None


def _opened(machine: CryptoMachine, row: AccountRow) -> bytes | None:
    """What a card id deciphers to, nothing for a damaged row; None when the machine does not say."""
    question = _question(row)
    if question is None:
        return b""
    block, pair = question
    try:
        return machine.decrypt(block, (pair,), row.key_version)
    except (CryptoMachineUnavailable, CryptoMachineRefused):
        return None


def _opened_together(machine: GroupCryptoMachine, rows: list[AccountRow]) -> list[bytes | None]:
    """`_opened` of many, in one call of the machine a key version."""
    opened: list[bytes | None] = [b""] * len(rows)
    asked: dict[int, list[tuple[int, tuple[bytes, bytes]]]] = {}
    for place, row in enumerate(rows):
        question = _question(row)
        if question is not None:
            asked.setdefault(row.key_version, []).append((place, question))
    for version, questions in asked.items():
        blocks, pairs = zip(*(question for _, question in questions), strict=True)
        found: Sequence[bytes | None]
        try:
            found = machine.decrypt_each(blocks, pairs, version)
        except (CryptoMachineUnavailable, CryptoMachineRefused):
            found = [None] * len(questions)
        for (place, _), plain in zip(questions, found, strict=True):
            opened[place] = plain
    return opened


def _is_genuine(row: AccountRow, plain: bytes | None) -> bool | None:
    """Whether a card id deciphered to the document of its account; None when the machine did not say."""
    if plain is None:
        return None
    person = row.account.person
    try:
        return hmac.compare_digest(plain, ecard_id_plaintext(person.id_type, person.id_number))
    except BrokenRule:
        return False


def _read_tokens(machine: CryptoMachine, dynamic: list[Examined]) -> None:
    """Decipher all tokens in one call; those that the current key does not open, under the one before.

    A dynamic code lives for minutes, so that no more than one roll-over of the key lies between issue and use.
    """
    tokens = [one.read.token for one in dynamic if one.read is not None]
    if not tokens:
        return
    try:
        times = _times(machine, tokens, CURRENT)
        closed = [number for number, time in enumerate(times) if time is None]
        if closed and machine.current_version() > 1:
            older = _times_before(machine, [tokens[number] for number in closed])
            for number, time in zip(closed, older, strict=True):
                times[number] = time
    except (CryptoMachineUnavailable, CryptoMachineRefused):
        for one in dynamic:
            one.machine_failed = True
        return
    for one, time in zip(dynamic, times, strict=True):
        one.token_time = time


def _times_before(machine: CryptoMachine, tokens: list[str]) -> list[Moment | None]:
    """The times under the key version before the current one; none where that version is out of service."""
    try:
        return _times(machine, tokens, machine.current_version() - 1)
    except CryptoMachineRefused:
        return [None] * len(tokens)


def _times(machine: CryptoMachine, tokens: list[str], version: int) -> list[Moment | None]:
    opened = machine.decrypt(bytes.fromhex("".join(tokens)), (), version)
    return [_time(opened[start : start + BLOCK]) for start in range(0, len(opened), BLOCK)]


@functools.lru_cache(SECONDS_REMEMBERED)
def _time(plaintext: bytes) -> Moment | None:
    try:
        return read_validity_plaintext(plaintext)
    except BrokenRule:
        return None
