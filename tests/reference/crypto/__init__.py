"""Tests of the room `reference.crypto`: published vectors, agreement of the engines, worked examples."""
