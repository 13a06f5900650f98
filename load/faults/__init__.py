"""Faults under load: what the platform promises while something fails, and the means to show it on real processes.

The promises are rows of `promises.toml`, each a decision of this project. `serving` starts the server and finds its
workers, `traffic` shows codes over many connections, `ledger` judges each answer and holds it against the use log.
"""
