"""One card as the entry to care, insurance and drugs (三医联动, P-FUSE-03): business, data and money joined by a visit.

The shown code is classified first and validated by its owner; then each owner is asked for his own part, and what fails
is shown apart. Money moves over all payers of a bill or over none. Modules: entering, entries, settling; importing this
room registers their services. Source: Opinion 34 of 2018 names the function; behaviour by decision.
"""

from reference.fusion import entering, entries, settling

__all__ = ["entering", "entries", "settling"]
