"""Evidence: what a run leaves behind, how it is written, signed, redacted and sealed, and the verdicts drawn from it.

Source: architecture of the harness, evidence. Nothing here needs the product or the engine, so that reports,
`verify` and `replay` work from a package alone.
"""
