"""Test persons, cards and codes on any platform, made through its wire profile, and taken away again.

Persons are residents of the test province 99 (`load.corpus.residents`) whose address says that they are a load test's,
so that an operator can tell them. Nothing is registered that could not be cancelled, unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from load.corpus.residents import CITIZEN, SPACE, resident
from load.provisioning_state import Event, State
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    Cancel,
    Code,
    CodeKind,
    Person,
    Proof,
    Query,
    Register,
    Verb,
    Who,
)
from reference.gateway.wire import Request, UnsupportedVerb, WireClient, WireRefusal
from reference.languages import Text, say

A = TypeVar("A")
Exchange = Callable[[Request], bytes]
"""Sends a request and gives the body of the answer. Raises OSError."""

MARK = "负载测试，可注销"
"""The address of every person made here: "load test, may be cancelled"."""
GONE = {"account.unregistered", "account.cancelled"}
BY_DOCUMENT = {"qinghai", "guangdong"}
"""Profiles that name residents by their document, the others by the card id (EC-QH E0002, E0004; EC-GD)."""
NO_CODE = "0" * 64 + ":1"
"""A static code of nobody."""
WITH_CODE = {"qinghai"}
"""Profiles that cancel only for a code of the person's own (EC-QH E0004)."""


VOUCHING = {"tencent"}
"""Profiles whose applications vouch for the persons whom they register (EC-TX registerHealthCard)."""


class CannotCleanUp(Exception):
    """The profile has no way to take test persons away again; ``text`` says so."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Provisioner:
    """One client of the platform. ``now_ms`` is the clock, ``nonce`` gives 16 fresh bytes.

    Without ``proof`` a test clerk certifies the persons on site, or the application vouches for them where the profile
    knows nothing else.
    """

    def __init__(
        self,
        client: WireClient,
        exchange: Exchange,
        state: State,
        *,
        now_ms: Callable[[], int],
        nonce: Callable[[], bytes],
        seed: int = 1,
        proof: Proof | None = None,
    ) -> None:
        self._client, self._exchange, self._state = client, exchange, state
        self._now_ms, self._nonce, self._seed = now_ms, nonce, seed
        self._proof = proof or _proof(client.id)

    def provision(self, first: int, count: int, *, keep: bool = False) -> Iterator[Account]:
        """Register residents by number, each noted before and after.

        ``keep``: they are to stay, so that the profile need not be able to cancel. Raises CannotCleanUp, WireRefusal,
        UnreadableAnswer, OSError; what was made until then stands in the state.
        """
        if not keep:
            self._require_cancellation()
        for number in range(first, first + count):
            self._state.note(Event(step="asked", number=number))
            account = self._ask(Register(person=self._person(number), proof=self._proof), Account)
            self._state.note(Event(step="made", number=number, ecard_id=account.ecard_id))
            yield account

    def codes(self, kind: CodeKind) -> Iterator[Code]:
        """A code of each person: the static one, or a fresh dynamic one, to be verified while it holds.

        Raises as `provision`, and UnsupportedVerb where the profile has no such code.
        """
        for event in self._state.there():
            is_static = kind == "static"
            yield self._ask(ApplyCode(who=self._who(event), kind=kind, refresh=not is_static, again=is_static), Code)

    def clean_up(self) -> Iterator[int]:
        """Cancel every person who is or may be there; their numbers, each when it is done. May be repeated.

        Raises CannotCleanUp, WireRefusal for any other reason than that nobody is there, UnreadableAnswer, OSError.
        """
        self._require_cancellation()
        for event in self._state.there():
            try:
                self._cancel(event)
            except WireRefusal as refusal:
                if not refusal.ids & GONE:
                    raise
            self._state.note(Event(step="gone", number=event.number, ecard_id=event.ecard_id))
            yield event.number

    def _cancel(self, event: Event) -> None:
        who, code = self._who(event), ""
        if self._client.id in WITH_CODE:
            code = self._ask(ApplyCode(who=who, kind="dynamic", refresh=True), Code).text
        self._ask(Cancel(who=who, code=code), object)

    def _who(self, event: Event) -> Who:
        """As the profile names a person; a card that was asked for and never answered is looked up first."""
        document = Who(id_type=CITIZEN, id_number=resident(event.number, self._seed).id_number)
        if self._client.id in BY_DOCUMENT:
            return document
        if event.ecard_id:
            return Who(ecard_id=event.ecard_id)
        return Who(ecard_id=self._ask(Query(who=document), AccountWithCodes).account.ecard_id)

    def _require_cancellation(self) -> None:
        try:
            nobody = Cancel(who=self._who(Event(step="made", number=0, ecard_id="0" * 64)), code=NO_CODE)
            self._client.write(nobody, self._now_ms(), self._nonce())
        except UnsupportedVerb:
            raise CannotCleanUp(
                say(
                    "The profile {profile} has no cancellation: test persons would stay. Let its operator remove them, "
                    "and say so with --keep.",
                    profile=self._client.id,
                )
            ) from None

    def _person(self, number: int) -> Person:
        known = resident(number, self._seed)
        return Person(
            id_type=CITIZEN,
            id_number=known.id_number,
            name=known.name,
            sex=known.sex,
            birthday=known.birthday,
            nation="01",
            phone=known.phone,
            telephone=known.phone,
            address=MARK,
        )

    def _ask(self, verb: Verb, answer: type[A]) -> A:
        body = self._exchange(self._client.write(verb, self._now_ms(), self._nonce()))
        told = self._client.read(verb, body)
        assert isinstance(told, answer), "the client answers each verb in its own form"
        return told


def _proof(profile: str) -> Proof:
    if profile in VOUCHING:
        return Proof(way="trusted")
    clerk = resident(SPACE - 1)
    return Proof(way="on-site", clerk_id_number=clerk.id_number, clerk_name=clerk.name)
