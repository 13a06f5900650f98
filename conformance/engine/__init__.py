"""The engine: plans a suite's tests from the standard's tables, runs them against a stand, and judges what they raise.

Source: architecture of the harness, verdicts. Nothing here knows which product is under test or how it is reached.
"""
