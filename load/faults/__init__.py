"""Faults under load: what a platform promises while something fails, and ``healthcard load fault``, which shows it.

The promises are the rows ``fault.…`` of the catalogue of requirements, each a decision of this project; `promises.toml`
says what is counted and bounded for them. `traffic` shows codes over many connections, `ledger` judges each answer and
holds it against the use log, `episode` lets a fault come and go. On our own platform `staging` makes it, on real
processes that `serving` starts; on any other one `by_command` does.
"""
