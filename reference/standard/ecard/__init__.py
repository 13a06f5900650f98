"""The standard of the electronic health card as data: QR layouts, code tables, states, document types, limits.

No complete public copy of the national specification exists; the rows come from software and provincial standards in
the field, from planning documents, and where nothing settles a matter from decisions, each named in its row.
"""

from reference.standard.ecard.loader import load_ecard
from reference.standard.ecard.tables import EcardTables

__all__ = ["EcardTables", "load_ecard"]
