"""The refusals of the master index: what was wrong with a submission, why, and what to do next."""

from __future__ import annotations

from reference.languages import Text


class IndexRefusal(Exception):
    """A request that the index does not carry out; nothing of it is stored. ``text`` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


class IdentityRefused(IndexRefusal):
    """An identity that breaks a rule of form."""


class UnknownPerson(IndexRefusal):
    """An index id or a domain's own number that the index does not hold."""


class LocalIdTaken(IndexRefusal):
    """A domain's own number that stands for somebody else already."""


class MergeRefused(IndexRefusal):
    """A merge, or an undoing, that cannot be."""


class DecisionRefused(IndexRefusal):
    """A decision on a pair under review that this person may not take, or that is taken already."""


class SubscriptionRefused(IndexRefusal):
    """A subscription that does not exist, or a wrong acknowledgement."""


class ExchangeRefused(IndexRefusal):
    """A delta between two indexes that is damaged, out of order, or from an unknown sender."""


class LinkageRefused(IndexRefusal):
    """A batch that cannot be linked: wrong columns, no rows, or the linkage library is missing."""
