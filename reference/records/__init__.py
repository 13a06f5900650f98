"""Lifelong records (P-EMPI-08): the master index finds them, the resident's authorisation opens them.

One module a step: authorising, registering, gathering, opening; each service answers one verb, and importing this room
registers them all. The registry knows where a record lies, never what it says; a record is fetched from its keeper
through a port at the moment when it is opened, and who opened it is on the disk before it is handed out.
Source: P-EMPI-08, with what P-AUTHZ-01 to 03 name of authorisations; behaviour by decision (`records.toml`).
"""

from reference.records import authorising, gathering, opening, registering

__all__ = ["authorising", "gathering", "opening", "registering"]
