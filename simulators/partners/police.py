"""The real-name partners, simulated: population register, face check, household register, birth certificates.

They know a population from a file; whoever is not in it is judged by rule: synthetic citizens (region 99) are who they
say they are, everybody else is unknown. A face photo that ends with ``other`` shows somebody else. Source: EC-GD routes
by age, P-CITY-03 (match, no such number, name differs); the file's form and the rules are decisions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from reference.accounts.real_name import Partner, RoutedRealNameCheck
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person, Proof
from reference.languages import Text, say
from reference.serving import RealNameResult

COLUMNS = ("id_type", "id_number", "name", "deceased")
SYNTHETIC_REGION = "99"
OTHER_FACE = b"other"


class Resident(msgspec.Struct, frozen=True):
    """Somebody whom the register knows."""

    id_type: str
    id_number: str
    name: str
    deceased: bool = False


class UnusablePopulation(ValueError):
    """A population file that cannot be taken; ``text`` says why and what to do."""

    def __init__(self, file: Path, reason: Text) -> None:
        self.text = say("The population file {file}: {reason}", file=file, reason=reason)
        super().__init__(self.text.en)


def read_population(file: Path) -> list[Resident]:
    """The residents of a CSV file with the columns id_type, id_number, name, deceased (0 or 1).

    Raises UnusablePopulation.
    """
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise UnusablePopulation(file, say("its columns are not {columns}.", columns=", ".join(COLUMNS)))
            return [Resident(row["id_type"], row["id_number"], row["name"], row["deceased"] == "1") for row in reader]
    except (OSError, UnicodeDecodeError) as failure:
        raise UnusablePopulation(file, say("it cannot be read. Name another file.")) from failure


class SimulatedPolice:
    """All four partners over one register; ``available`` False makes them fall silent."""

    def __init__(self, residents: Iterable[Resident] = ()) -> None:
        self.residents = {(one.id_type, one.id_number): one for one in residents}
        self.available = True

    def check(self) -> RoutedRealNameCheck:
        """The real-name check of a platform that asks these partners."""
        register = _Register(self)
        return RoutedRealNameCheck(
            {"population": register, "face": _Face(register), "household": register, "birth-certificates": register}
        )

    def says(self, person: Person) -> RealNameResult:
        """Whether number and name belong to a living resident. Raises Refusal ``person.real-name-unavailable``."""
        if not self.available:
            raise Refusal("person.real-name-unavailable")
        known = self.residents.get((person.id_type, person.id_number))
        if known is not None:
            return RealNameResult.SAME if known.name == person.name and not known.deceased else RealNameResult.DIFFERENT
        is_synthetic = person.id_type != "01" or person.id_number.startswith(SYNTHETIC_REGION)
        return RealNameResult.SAME if is_synthetic else RealNameResult.DIFFERENT


@dataclass(frozen=True)
class _Register(Partner):
    police: SimulatedPolice

    def ask(self, person: Person, proof: Proof) -> RealNameResult:
        return self.police.says(person)


@dataclass(frozen=True)
class _Face(Partner):
    register: _Register

    def ask(self, person: Person, proof: Proof) -> RealNameResult:
        if proof.photo_face.endswith(OTHER_FACE):
            return RealNameResult.DIFFERENT
        return self.register.ask(person, proof)
