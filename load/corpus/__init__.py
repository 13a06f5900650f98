"""Corpora for load tests: deterministic residents with their cards and codes, put into an empty database in bulk.

All persons are synthetic: their citizen numbers lie in the test province 99 (`id_numbers.csv`), their ids come from the
reference's own functions under the published demo keys. Source: decision (correctness under load needs a known truth).
"""

from load.corpus.cards import Cards, UnreadableCards, read_cards, write_cards
from load.corpus.filling import Extent, fill
from load.corpus.issuing import Mix, cases_of

__all__ = ["Cards", "Extent", "Mix", "UnreadableCards", "cases_of", "fill", "read_cards", "write_cards"]
