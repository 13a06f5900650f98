"""The functions that the planning documents ask of the platform: 308 rows, each done, open, or context with a reason.

`functions.csv` says what and how far, `sources.toml` where it is named, `tests.toml` which tests show it.
"""

from reference.standard.platform.loader import Fragment, Function, State, functions, sources

__all__ = ["Fragment", "Function", "State", "functions", "sources"]
