"""Mutants of cards with a financial application (REV2 item 27, annex B1): environments, their names and their keys."""

from __future__ import annotations

from typing import Any

from reference.card.apdu import CommandApdu
from reference.card.violations import (
    AuthenticationAccepted,
    FileMissing,
    NameMissing,
    NameNotUnique,
    ReadRefused,
    WrongDirectoryAfterReset,
)
from reference.ports import Randomness
from reference.standard import Standard
from reference.standard.rows import Directory, File
from simulators.cards.financial import with_payment_environments
from simulators.cards.image import CardImage
from simulators.cards.mutants.registry import mutant
from simulators.cards.selecting import BY_IDENTIFIER, BY_NAME
from simulators.cards.user_card import UserCard

DECLARED = ("financial-application",)
CONTACTLESS = "payment-contactless"
HEALTH = "DDF1"


class FinancialCard(UserCard):
    """The user card with payment environments beside the health environment."""

    def __init__(self, standard: Standard, image: CardImage, randomness: Randomness, **more: Any) -> None:
        super().__init__(with_payment_environments(standard), image, randomness, **more)

    @property
    def in_payment(self) -> bool:
        """Whether a payment environment is selected."""
        return self.directory.startswith("payment")


@mutant("card.multiapp.structure", caught_as=NameMissing, capabilities=DECLARED)
class EnvironmentsBelowOneAnother(FinancialCard):
    """The payment environment stands below the health environment: from the root it is not found."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """From inside DDF1 only."""
        found = super().find(apdu)
        inside = self.directory.startswith(HEALTH)
        return None if found is not None and found.path == CONTACTLESS and not inside else found


@mutant("card.multiapp.ppse-present", caught_as=NameMissing, subject=CONTACTLESS, capabilities=DECLARED)
class NoContactlessPayment(FinancialCard):
    """The contactless payment environment is missing: no payment terminal finds the account."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """All but that one."""
        found = super().find(apdu)
        return None if found is not None and found.path == CONTACTLESS else found


@mutant("card.multiapp.ws-present", caught_as=NameMissing, subject="health", capabilities=DECLARED)
class NoHealthName(FinancialCard):
    """The health environment lost its name to the payment application that was loaded first."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """By identifier only."""
        found = super().find(apdu)
        return None if found is not None and found.path == HEALTH and apdu.p1 == BY_NAME else found


@mutant("card.multiapp.names", caught_as=NameNotUnique, capabilities=DECLARED)
class NamesComparedInPart(FinancialCard):
    """The last character of a name is not compared: a payment terminal may land anywhere."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """By all but the last character."""
        if apdu.p1 == BY_NAME and len(apdu.data) > 1:
            apdu = CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, apdu.data[:-1], apdu.le)
        return super().find(apdu)


@mutant("card.multiapp.mf-root", caught_as=FileMissing, capabilities=DECLARED)
class NoWayBackToTheRoot(FinancialCard):
    """From a payment environment no command leads back to the root: only switching off does."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """Not the root from there."""
        found = super().find(apdu)
        leaving = self.in_payment and isinstance(found, Directory) and not found.path
        return None if leaving and apdu.p1 == BY_IDENTIFIER else found


@mutant("card.multiapp.mf-after-reset", caught_as=WrongDirectoryAfterReset, capabilities=DECLARED)
class StartsInThePaymentEnvironment(FinancialCard):
    """After a reset the card stands where it was in the payment environment: the health card is not found."""

    def reset(self) -> bytes:
        """Stay in a payment environment."""
        stay = self.directory if self.in_payment else ""
        answer = super().reset()
        self.directory = stay
        return answer

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """From there DDF1 is not seen."""
        found = super().find(apdu)
        return None if self.in_payment and found is not None and found.path == HEALTH else found


@mutant("card.multiapp.ws-content", caught_as=ReadRefused, capabilities=DECLARED)
class HealthNameOfAnEmptyDirectory(FinancialCard):
    """The name WS.SYS.DDF01 leads to a directory of its own, which is empty: DDF1 is beside it."""

    empty = False

    def select(self, apdu: CommandApdu) -> bytes:
        """By name the files are missing."""
        answer = super().select(apdu)
        if self.file is None:
            self.empty = apdu.p1 == BY_NAME and self.directory == HEALTH
        elif self.empty:
            self.file = None
        return answer


@mutant("card.multiapp.key-file", caught_as=AuthenticationAccepted, capabilities=DECLARED)
class KeysOfTheWholeCard(FinancialCard):
    """Health keys work in the payment environment: the environments share one key file."""

    def external_authenticate(self, apdu: CommandApdu) -> bytes:
        """With the keys of DDF1."""
        if not self.in_payment:
            return super().external_authenticate(apdu)
        here, self.directory = self.directory, HEALTH
        try:
            return super().external_authenticate(apdu)
        finally:
            self.directory = here
