"""Mutants that are known to survive, each with the reason: `survivors.toml`."""

from __future__ import annotations

import tomllib
from importlib import resources

from reference.languages import Text


def survivors() -> dict[str, Text]:
    """By name of the mutant, why it is not caught for its own reason."""
    listed = resources.files(__package__).joinpath("survivors.toml").read_text(encoding="utf-8")
    return {row["name"]: Text(row["en"], row["zh"]) for row in tomllib.loads(listed).get("survivor", ())}
