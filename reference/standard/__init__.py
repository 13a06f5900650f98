"""The standard as data: tables of files, elements, keys, commands, codes and limits, and their loader.

The tables follow APP11 v1.1 (application specification, April 2012), REV2 (second revision of the technical
specification, April 2012) and what fielded software and sibling standards add; every row names its source.
A profile chooses between readings where the sources disagree.
"""

from reference.standard.errors import StandardError
from reference.standard.loader import load, profiles
from reference.standard.tables import Standard

__all__ = ["Standard", "StandardError", "load", "profiles"]
