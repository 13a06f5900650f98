"""The words of the console for what stands in tables as a code: states, kinds, steps, outcomes, actions."""

from __future__ import annotations

from typing import Final

from sqlalchemy import RowMapping

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person
from reference.gateway.console.asked import Asked
from reference.languages import Text, say
from reference.standard.ecard.refusals import refusals

WAYS: Final = {
    "number": say("document number"),
    "id": say("card id or index id"),
    "phone": say("phone number"),
    "name": say("name"),
    "code": say("text of a code"),
}
"""By what residents are searched for."""

GOOD, WAITING, BAD = "good", "waiting", "bad"
TONES: Final = {
    "normal": GOOD,
    "certified": GOOD,
    "issued": GOOD,
    "printed": GOOD,
    "awaiting-audit": WAITING,
    "premade": WAITING,
    "suspended": WAITING,
    "audit-failed": BAD,
    "cancelled": BAD,
    "revoked": BAD,
    "dead": BAD,
}
"""How a state is shown, beside its words."""

ACTIONS: Final = {
    "account-register": say("registered"),
    "account-request": say("application submitted"),
    "account-audit": say("application decided"),
    "account-premake": say("made in advance"),
    "account-claim": say("claimed"),
    "account-update": say("data changed"),
    "account-rename": say("name or document changed"),
    "account-suspend": say("suspended"),
    "account-resume": say("resumed"),
    "account-cancel": say("cancelled"),
    "account-restore": say("restored"),
    "account-bind-bank-card": say("bank card bound"),
    "account-unbind-bank-card": say("bank card unbound"),
    "account-bind-member": say("family member bound"),
    "account-unbind-member": say("family member unbound"),
    "account-link": say("other card linked"),
    "account-unlink": say("link of another card taken away"),
    "account.colour": say("health colour set"),
    "account-merge": say("merged into another account"),
    "index-merge-followed": say("followed an earlier merge of the master index"),
    "index-register": say("entered in the master index"),
    "code.issue": say("code issued"),
    "code.print": say("code printed"),
    "code.revoke": say("code revoked"),
    "console.show": say("personal data shown"),
    "console.show-code": say("code shown"),
}
"""Actions of the audit log that operators meet every day; others are shown as they stand."""


def state(asked: Asked, name: str) -> tuple[str, Text]:
    """The tone and the words of an account's state."""
    return TONES.get(name, ""), asked.platform.surroundings.tables.states["account", name].title


def code_state(asked: Asked, code: RowMapping) -> tuple[str, Text]:
    """The tone and the words of a code's state; a code whose time is over stays issued in the database."""
    surroundings = asked.platform.surroundings
    is_over = code["expires_ms"] is not None and code["expires_ms"] < surroundings.clock.now_ms()
    name = "expired" if is_over and code["state"] == "issued" else code["state"]
    return TONES.get(name, ""), surroundings.tables.states[f"{code['kind']}-code", name].title


def print_state(asked: Asked, printed: RowMapping, *, is_issued: bool) -> tuple[str, Text]:
    """The tone and the words of a print. ``is_issued``: the card has a static code that holds, whose text is that of
    every print, so that a revoked one works again."""
    if printed["revoked_ms"] is not None and is_issued:
        return WAITING, say("revoked, works again")
    name = "printed" if printed["revoked_ms"] is None else "revoked"
    return TONES[name], asked.platform.surroundings.tables.states["static-code", name].title


def kind(name: str) -> Text:
    """The kind of a code."""
    return say("static code") if name == "static" else say("dynamic code")


def step(asked: Asked, value: str) -> Text:
    """A diagnosis step, or the scene that was named."""
    known = asked.platform.surroundings.tables.codes["diagnosis-step"].get(value)
    return known.title if known is not None else Text(value, value)


def outcome(name: str) -> tuple[str, Text]:
    """The tone and the words of what became of a use."""
    if name == "accepted":
        return GOOD, say("accepted")
    return BAD, refusals()[name].text if name in refusals() else Text(name, name)


def action(name: str) -> Text:
    """What a line of the audit log says."""
    return ACTIONS.get(name, Text(name, name))


def purpose(event: str) -> Text:
    """What an application asks for."""
    purposes = {
        "register": say("registration"),
        "claim": say("claim of a card made in advance"),
        "resume": say("end of the suspension"),
        "restore": say("restoration of a cancelled card"),
    }
    return purposes[event]


def facts(asked: Asked, person: Person) -> list[tuple[Text, Text]]:
    """What is known of a resident, line by line; what is not known is left out."""
    tables = asked.platform.surroundings.tables
    sexes = tables.codes["sex"]
    title = tables.id_types[person.id_type].title if person.id_type in tables.id_types else say("identity document")
    lines = [
        (say("name"), _same(person.name)),
        (title, _same(person.id_number)),
        (say("sex"), sexes[person.sex].title if person.sex in sexes else _same(person.sex)),
        (say("birthday"), _same(person.birthday)),
        (say("phone"), _same(person.phone)),
        (say("telephone"), _same(person.telephone)),
        (say("address"), _same(person.address)),
        (say("domicile"), _same(person.domicile)),
        (say("employer"), _same(person.employer)),
    ]
    return [(words, value) for words, value in lines if value.en]


def not_offered() -> Refusal:
    """What is answered to an act that there is not, or not in this state."""
    return Refusal("account.wrong-state")


def _same(text: str) -> Text:
    return Text(text, text)
