"""Tests of the card's data and rules: commands, elements, reset answers, the file tree, rights."""
