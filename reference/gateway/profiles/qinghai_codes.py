"""The return codes of Qinghai's interface, both ways: from a refusal to a code, and from a code to what it may mean.

Most codes stand in `return_codes.csv`; some depend on the field at fault as well (1008, 7001, 8001 …) and stand in
`qinghai.toml`. Source: EC-QH return codes.
"""

from __future__ import annotations

from reference.ecard.refusals import Refusal
from reference.gateway.profiles.qinghai_services import PROFILE
from reference.gateway.profiles.qinghai_xml import SETTINGS
from reference.gateway.return_codes import ReturnCode, return_codes

CERTIFIED = ReturnCode(**SETTINGS["certified"])
QUERY = "RHC_E0005"
_of_field = {
    (row["service"], row["field"], row["outcome"]): ReturnCode(row["code"], row["message"])
    for row in SETTINGS["field_code"]
}


def code_of(service: str, refusal: Refusal) -> ReturnCode:
    """The code of a refusal with its words; the field at fault stands in brackets behind them."""
    for key in ((service, refusal.field, refusal.id), ("*", refusal.field, refusal.id)):
        if key in _of_field:
            return _of_field[key]
    codes = return_codes(PROFILE)
    words = codes.words(service, refusal.id)
    return ReturnCode(codes.of(service, refusal.id).code, f"{words}（{refusal.field}）" if refusal.field else words)


def success_of(service: str, *, certified: bool) -> ReturnCode:
    """The code of an answer; a query tells by it too that a card has no code yet."""
    return CERTIFIED if certified and service == QUERY else return_codes(PROFILE).of(service, "ok")


def outcomes_of(service: str, code: str, words: str) -> frozenset[str]:
    """``ok``, or the ids of the refusals for which a service gives this code."""
    if service == QUERY and code == CERTIFIED.code:
        return frozenset({"ok"})
    by_field = {
        outcome
        for (of_service, _, outcome), row in _of_field.items()
        if of_service in (service, "*") and row.code == code
    }
    return return_codes(PROFILE).outcomes(service, code, words) | by_field
