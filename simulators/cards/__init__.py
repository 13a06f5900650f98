"""Simulated chips: the user card and the SAM, their images and personalisation, mutants and hollow products."""

from simulators.cards.demo import demo_card, demo_sam

__all__ = ["demo_card", "demo_sam"]
