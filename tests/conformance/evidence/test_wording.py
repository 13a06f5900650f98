"""Every value that is shown to a user has a name in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import pytest

from conformance.evidence.wording import BASIS_NAMES, FILE_KIND_NAMES, LEVEL_NAMES
from reference.languages import Text
from reference.standard.rows import Basis, FileKind, Level


@pytest.mark.parametrize(("values", "names"), [(Level, LEVEL_NAMES), (Basis, BASIS_NAMES), (FileKind, FILE_KIND_NAMES)])
def test_every_value_has_a_name_of_its_own_in_both_languages(values: type[Enum], names: Mapping[Enum, Text]) -> None:
    assert set(names) == set(values)
    assert len({name.zh for name in names.values()}) == len(values)
    assert all(name.zh != name.en for name in names.values())
