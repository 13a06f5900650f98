"""Cards with a financial application: the environments beside one another, each with its own keys.

Follows REV2 item 27, annex B1. The tests apply to products that declare a financial application; what stands inside the
payment environments is for the bank card's own certification.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.steps import read_first, require_content
from reference.card.apdu import OK
from reference.card.violations import (
    AuthenticationAccepted,
    FileMissing,
    NameMissing,
    NameNotUnique,
    WrongDirectoryAfterReset,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Environment
from reference.terminal.terminal import Terminal

HEALTH, CONTACTLESS = "health", "payment-contactless"
HOLDER_KEY = "RK1DDF1"


def environments(standard: Standard) -> Iterator[Environment]:
    """Every environment that such a card must have."""
    return (row for row in standard.environments.values() if not row.optional)


def select(terminal: Terminal, row: Environment) -> None:
    """From the MF, by name. Raises NameMissing."""
    terminal.select("")
    answer = terminal.card.select_name(bytes.fromhex(row.name))
    if answer.sw != OK:
        raise NameMissing(row.id, name=row.name, answer=answer.describe())


@requirement("card.multiapp.structure", "card.multiapp.names")
@each("environment", environments)
def test_an_environment_is_selected_by_its_name(terminal: Terminal, environment: Environment) -> None:
    """SELECT the MF, then the name."""
    select(terminal, environment)


@requirement("card.multiapp.ws-present")
def test_the_health_environment_is_there(terminal: Terminal, standard: Standard) -> None:
    """WS.SYS.DDF01."""
    select(terminal, standard.environments[HEALTH])


@requirement("card.multiapp.ppse-present")
def test_the_contactless_payment_environment_is_there(terminal: Terminal, standard: Standard) -> None:
    """2PAY.SYS.DDF01."""
    select(terminal, standard.environments[CONTACTLESS])


@requirement("card.multiapp.names")
@refusal(twin="test_an_environment_is_selected_by_its_name")
@each("environment", environments)
def test_a_name_with_another_character_is_not_found(terminal: Terminal, environment: Environment) -> None:
    """The same name with its last character changed: refused."""
    name = bytearray.fromhex(environment.name)
    name[-1] ^= 0x01
    terminal.select("")
    answer = terminal.card.select_name(bytes(name))
    if answer.granted:
        raise NameNotUnique(environment.id, name=name.hex().upper(), answer=answer.describe())


@requirement("card.multiapp.mf-root")
@each("environment", environments)
def test_the_root_is_reached_from_every_environment(
    terminal: Terminal, environment: Environment, standard: Standard
) -> None:
    """From inside an environment SELECT 3F00, then DDF1 below it."""
    select(terminal, environment)
    for fid in (standard.directories[""].fid, standard.directories["DDF1"].fid):
        answer = terminal.card.select_identifier(fid)
        if answer.sw != OK:
            raise FileMissing(fid, answer=answer.describe())


@requirement("card.multiapp.mf-after-reset")
def test_after_reset_the_card_stands_at_the_root(bench: Terminal, standard: Standard) -> None:
    """Go into the payment environment, reset: DDF1 is reached at once."""
    bench.card.reset()
    select(bench, standard.environments[CONTACTLESS])
    bench.card.reset()
    answer = bench.card.select_identifier(standard.directories["DDF1"].fid)
    if answer.sw != OK:
        raise WrongDirectoryAfterReset("DDF1", answer=answer.describe())


@requirement("card.multiapp.ws-content")
def test_the_health_environment_and_ddf1_are_one(terminal: Terminal, standard: Standard) -> None:
    """By name and by identifier the same file is found, with the same content."""
    file = standard.files["DDF1/EF05"]
    found = []
    for by_name in (True, False):
        terminal.select("")
        if by_name:
            select(terminal, standard.environments[HEALTH])
        else:
            terminal.select("DDF1")
        terminal.card.select_identifier(file.fid)
        answer = read_first(terminal.card, file)
        require_content(answer, file.path, file.read)
        found.append(answer.data)
    if found[0] != found[1]:
        raise FileMissing("DDF1/EF05", answer=say("another content by name than by identifier"))


@requirement("card.multiapp.key-file")
def test_a_health_key_serves_the_health_environment(terminal: Terminal) -> None:
    """RK1DDF1 authenticates in DDF1: the twin of the refusal below."""
    terminal.select("DDF1")
    terminal.authenticate(HOLDER_KEY)


@requirement("card.multiapp.key-file")
@refusal(twin="test_a_health_key_serves_the_health_environment")
def test_a_health_key_is_refused_in_the_payment_environment(terminal: Terminal, standard: Standard) -> None:
    """RK1DDF1 with 2PAY.SYS.DDF01 selected: refused."""
    select(terminal, standard.environments[CONTACTLESS])
    answer = terminal.try_external_authentication(HOLDER_KEY)
    if answer.granted:
        fault = say("the payment environment was selected")
        raise AuthenticationAccepted(HOLDER_KEY, fault=fault, answer=answer.describe())
