"""Tests of the room reports: what is printed agrees with the evidence, in every form and both languages."""
