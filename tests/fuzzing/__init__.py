"""Fuzzing: whatever bytes a stranger hands us are taken, or refused with a documented error, in time and in memory.

`make fuzz` runs more than a million inputs over all targets; the tests here run a bounded part with fixed seeds.
"""
