"""Faults under load: what the platform promises while something fails, and the means to show it on real processes.

The promises are the rows ``fault.…`` of the catalogue of requirements, each a decision of this project; `promises.toml`
says what is counted and bounded for them. `serving` starts the server and finds its workers, `traffic` shows codes over
many connections, `ledger` judges each answer and holds it against the use log.
"""
