"""The arithmetic of the projection, calibrated with published uses of Gansu and Hunan; its table and its changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.capacity.assumptions import UnusableAssumptions, assumptions_of, shipped
from load.capacity.cost import cost_of
from load.capacity.projection import Projected, projected

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "capacity.md"


def of(id: str, saturation: float | None = None, cores: int | None = None, changes: Path | None = None) -> Projected:
    return next(row for row in projected(assumptions_of(changes), saturation, cores) if row.region.id == id)


def test_the_published_uses_of_gansu_and_hunan_give_the_tiers_that_were_derived_from_them() -> None:
    assert of("gansu").uses_per_day == pytest.approx(0.69e6, rel=0.02)
    assert of("gansu").mean_day_peak == pytest.approx(57, rel=0.02)
    assert of("hunan").uses_per_day == pytest.approx(3.7e6, rel=0.02)
    assert of("hunan").mean_day_peak == pytest.approx(308, rel=0.02)


def test_the_need_is_the_peak_of_the_busiest_day_at_seventy_per_cent() -> None:
    row = of("gansu", 100.0, 2)
    assert row.peak == pytest.approx(row.mean_day_peak * 1.5)
    assert row.needed_rate == pytest.approx(row.peak / 0.7)
    assert (row.installations, row.cores) == (2, 4)
    assert row.crypto_machine_calls == pytest.approx(2 * row.peak)


@settings(deadline=None)
@given(st.floats(min_value=0.5, max_value=1e6), st.integers(min_value=1, max_value=64))
def test_the_installations_are_the_fewest_that_carry_the_need(saturation: float, cores: int) -> None:
    for row in projected(shipped(), saturation, cores):
        assert row.installations is not None
        assert row.headroom is not None
        assert row.installations * saturation >= row.needed_rate * (1 - 1e-9)
        assert (row.installations - 1) * saturation < row.needed_rate
        assert row.cores == row.installations * cores
        assert (row.headroom >= 1) == (row.installations <= 1)


def test_every_shipped_value_has_its_basis() -> None:
    rows = [(row.basis, row.source) for row in shipped().assumption]
    for region in shipped().region:
        given = (region.residents, region.cards_per_resident, region.uses_per_card_year)
        rows += [(value.basis, value.source) for value in given]
    assert all((basis == "decision") == source.en.startswith("DECISION") for basis, source in rows)
    assert all(len(source.en) > 10 and source.zh for _, source in rows)
    assert all(row.least <= row.value <= (row.most or row.value) for row in shipped().assumption)


def test_a_file_changes_what_it_names_and_adds_regions(tmp_path: Path) -> None:
    file = changes(
        tmp_path,
        "[assumptions]\nutilisation = 0.5\n[regions.gansu]\nuses-per-card-year = 22.4\n"
        '[regions.henan]\ntitle = "Henan"\nresidents = 99e6\ncards-per-resident = 0.9\nuses-per-card-year = 12\n',
    )
    assert of("gansu", changes=file).needed_rate == pytest.approx(of("gansu").needed_rate * 2 * 0.7 / 0.5)
    assert of("gansu", changes=file).region.uses_per_card_year.basis == "given"
    assert of("gansu", changes=file).region.residents.basis == "computed"
    assert of("henan", changes=file).uses_per_day == pytest.approx(99e6 * 0.9 * 12 / 365)
    assert of("henan", changes=file).region.title.zh == "Henan"


def test_the_example_of_the_documentation_can_be_used(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    assert of("my-city", changes=changes(tmp_path, block[1])).region.residents.value == 5e6


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[assumptions]\npeak = 1\n", "there is no assumption peak"),
        ("[assumptions]\nutilisation = -1\n", "utilisation is -1"),
        ("[assumptions]\nutilisation = 1.5\n", "from 0.01 to 1"),
        ("[assumptions]\nbusiest-day = nan\n", "busiest-day is nan"),
        ("[regions.gansu]\nresidents = -5\n", "gansu.residents is -5"),
        ("[regions.henan]\nresidents = 5\n", "lacks cards-per-resident, uses-per-card-year"),
        ("[regions.gansu]\npeople = 5\n", "people"),
        ("[assumption]\n", "assumption"),
        ("no toml", "="),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(UnusableAssumptions) as refused:
        assumptions_of(changes(tmp_path, text))
    assert "changes.toml" in refused.value.text.en
    assert names in refused.value.text.en


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableAssumptions, match=r"none\.toml"):
        assumptions_of(tmp_path / "none.toml")


def test_the_cost_is_that_of_the_measured_processor_time() -> None:
    cost = cost_of(360.0, 1000.0, 1, 0.5, "CNY")
    assert cost.core_hours_per_million == pytest.approx(0.1)
    assert cost.per_million == pytest.approx(0.05)
    assert cost.basis == "processor time"


def test_without_processor_time_the_named_cores_count() -> None:
    cost = cost_of(None, 1000.0, 4, None, "CNY")
    assert (cost.basis, cost.per_million) == ("cores named", None)
    assert cost.core_us == pytest.approx(4000.0)
    assert cost_of(None, 1000.0, None, 0.5, "CNY").per_million is None


def changes(folder: Path, text: str) -> Path:
    file = folder / "changes.toml"
    file.write_text(text, encoding="utf-8")
    return file
