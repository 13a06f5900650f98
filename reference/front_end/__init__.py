"""The institution front-end server (机构前置服务器, P-FRONT-01): one service inside an institution for all its systems.

In-house systems ask it over plain JSON; it asks the platform in any wire profile, with queue, bounded retry, clock
check, terminal registry, audit and a spool of use records that survives its own death. It decides nothing about a
code: there is no offline verification, so without the platform a code is refused with a reason.
"""
