"""The whole story in the form of Tencent's platform: token, card, code, verified once, refused, cancelled, refused."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest
import zxingcpp
from PIL import Image

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    Batch,
    Cancel,
    Code,
    FindByMedium,
    LinkMedium,
    Prefabricate,
    Proof,
    Query,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    SetColour,
    Update,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.profiles.tencent_client import TencentClient
from reference.gateway.profiles.tencent_verbs import DrawCode, DrawnCode, Enrol, Holding, IssueToken, RenewIds
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import WireRefusal
from reference.qr.images import INKS
from reference.store import Store
from tests.platform import WINDOW, citizen
from tests.reference.gateway.asking import Asking, asking
from tests.reference.gateway.serving import served
from tests.reference.gateway.tencent_requests import request, signed_in

TRUSTED = Proof(way="trusted")


def code_of(refusal: str) -> str:
    return return_codes("tencent").of("verifyQRCode", refusal).code


def registered(platform: Asking, number: int = 1) -> Account:
    account = platform.ask(Register(person=citizen(number), proof=TRUSTED))
    assert isinstance(account, Account)
    return account


def drawn(platform: Asking, verb: DrawCode) -> DrawnCode:
    answer: Any = platform.ask(cast(Verb, verb))
    assert isinstance(answer, DrawnCode)
    return answer


def test_a_resident_from_registration_to_the_end_of_his_card(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    card = registered(platform)
    assert card.new
    assert not registered(platform).new
    known = platform.ask(Query(who=Who(ecard_id=card.ecard_id)))
    assert isinstance(known, AccountWithCodes)
    assert known.account.person.name == "测试甲"
    assert [code.text for code in known.codes] == [f"{card.ecard_id}:1"]

    code = platform.ask(ApplyCode(who=Who(ecard_id=card.ecard_id), kind="dynamic"))
    assert isinstance(code, Code)
    verified = platform.ask(Verify(text=code.text, step="010101"))
    assert isinstance(verified, Verified)
    assert (verified.account.ecard_id, verified.uses_left) == (card.ecard_id, 0)
    with pytest.raises(WireRefusal) as consumed:
        platform.ask(Verify(text=code.text, step="010101"))
    assert consumed.value.ids == {"code.consumed"}
    assert consumed.value.code == code_of("code.consumed")

    last = platform.ask(ApplyCode(who=Who(ecard_id=card.ecard_id), kind="dynamic"))
    assert isinstance(last, Code)
    # The interface has no cancellation: the platform's own desk cancels.
    platform.platform.perform(WINDOW, Cancel(who=Who(ecard_id=card.ecard_id)))
    with pytest.raises(WireRefusal) as cancelled:
        platform.ask(Verify(text=last.text, step="010101"))
    assert cancelled.value.ids == {"account.cancelled"}
    assert int(cancelled.value.code) < 0


def test_a_drawn_code_shows_its_text_in_the_colour_of_health(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    card = registered(platform)
    platform.platform.perform(WINDOW, SetColour(who=Who(ecard_id=card.ecard_id), colour=3))
    document = {"id_type": "01", "id_number": citizen().id_number}
    for kind in ("dynamic", "static"):
        shown = drawn(platform, DrawCode(ecard_id=card.ecard_id, kind=kind, **document))
        image = Image.open(io.BytesIO(shown.image))
        assert (image.format, image.size, shown.code.colour) == ("PNG", (200, 200), 3)
        assert INKS[3] in {pixel for _, pixel in image.convert("RGB").getcolors() or ()}
        (read,) = zxingcpp.read_barcodes(image.convert("L"))
        assert read.text == shown.code.text
    registered(platform, 2)
    other = {"id_type": "01", "id_number": citizen(2).id_number}
    with pytest.raises(WireRefusal) as foreign:
        drawn(platform, DrawCode(ecard_id=card.ecard_id, kind="dynamic", **other))
    assert foreign.value.ids == {"account.identity-mismatch"}


def test_a_code_leads_to_the_card_and_a_health_code_only_once(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    card = registered(platform)
    static = f"{card.ecard_id}:1"
    assert platform.send(request(platform, "getHealthCardByQRCode", {"qrCodeText": static})).outcome == "ok"
    once = drawn(platform, DrawCode(ecard_id=card.ecard_id, kind="dynamic")).code.text
    outcomes = [
        platform.send(request(platform, "getHealthCardByHealthCode", {"healthCode": text})).outcome
        for text in (once, once, static)
    ]
    assert outcomes == ["ok", "code.consumed", "code.kind-unsuited"]


def test_a_hospital_number_is_linked_with_registration_or_later(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    enrolled: Any = platform.ask(cast(Verb, Enrol(register=Register(person=citizen(), proof=TRUSTED), patient="P1")))
    assert enrolled.code.text == f"{enrolled.account.ecard_id}:1"
    issuer = platform.credentials.institution
    platform.ask(LinkMedium(who=Who(ecard_id=enrolled.account.ecard_id), medium="hospital", issuer=issuer, number="P2"))
    for number in ("P1", "P2"):
        found = platform.platform.perform(WINDOW, FindByMedium(medium="hospital", issuer=issuer, number=number))
        assert isinstance(found, Account)
        assert found.ecard_id == enrolled.account.ecard_id
    with pytest.raises(WireRefusal) as elsewhere:
        platform.ask(cast(Verb, Enrol(register=Register(person=citizen(2), proof=TRUSTED), patient="P1")))
    assert elsewhere.value.ids == {"media.linked-elsewhere"}


def test_a_batch_waits_for_each_holders_own_registration(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    persons = tuple(citizen(number) for number in range(1, 16))
    batch = platform.ask(Prefabricate(persons=persons, source="hospital", media=tuple(f"P{n}" for n in range(15))))
    assert isinstance(batch, Batch)
    assert [row.state for row in batch.rows] == ["pre-made"] * 15
    with pytest.raises(WireRefusal) as early:
        platform.ask(ApplyCode(who=Who(ecard_id=batch.rows[0].ecard_id), kind="dynamic"))
    assert early.value.ids == {"account.not-claimed"}
    claimed = registered(platform)
    assert (claimed.ecard_id, claimed.new) == (batch.rows[0].ecard_id, False)
    with pytest.raises(WireRefusal) as many:
        platform.ask(Prefabricate(persons=(*persons, citizen(16)), source="hospital"))
    assert many.value.ids == {"request.batch-too-large"}


def test_an_institution_renews_the_ids_that_it_keeps(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    card = registered(platform)
    changed = Update(who=Who(ecard_id=card.ecard_id), name="测试乙", proof=TRUSTED)
    renamed = platform.platform.perform(WINDOW, changed)
    assert isinstance(renamed, Account)
    mine = Holding(ecard_id=card.ecard_id, id_type="01", id_number=citizen().id_number)
    renewed: Any = platform.ask(cast(Verb, RenewIds(holdings=(mine,))))
    assert [account.ecard_id for account in renewed.accounts] == [renamed.ecard_id] != [card.ecard_id]
    registered(platform, 2)
    wrong = Holding(ecard_id=card.ecard_id, id_type="01", id_number=citizen(2).id_number)
    with pytest.raises(WireRefusal) as refused:
        platform.ask(cast(Verb, RenewIds(holdings=(mine, wrong))))
    assert refused.value.ids == {"account.identity-mismatch"}


def test_a_use_is_kept_once_however_often_it_is_told(store: Store) -> None:
    platform = signed_in(asking(store, "tencent"))
    card = registered(platform)
    use = ReportedUse(
        serial="1", card=card.ecard_id, used_ms=platform.clock.now_ms() - 1000, step="010105", channel="0200"
    )
    told = [platform.ask(ReportUses(uses=(use,))) for _ in range(2)]
    assert told == [Reported(kept=1, known=0), Reported(kept=0, known=1)]


def test_the_story_goes_over_real_http(store: Store) -> None:
    with served(store, "tencent") as platform:
        client = TencentClient(platform.credentials)
        with pytest.raises(WireRefusal) as unsigned:
            platform.ask(client, Register(person=citizen(), proof=TRUSTED))
        assert unsigned.value.ids == {"request.empty-field"}
        platform.ask(client, cast(Verb, IssueToken()))
        card = platform.ask(client, Register(person=citizen(), proof=TRUSTED))
        assert isinstance(card, Account)
        code = platform.ask(client, ApplyCode(who=Who(ecard_id=card.ecard_id), kind="dynamic"))
        assert isinstance(code, Code)
        verified = platform.ask(client, Verify(text=code.text, step="010101"))
        assert isinstance(verified, Verified)
        assert verified.account.ecard_id == card.ecard_id
        with pytest.raises(WireRefusal, match=code_of("code.consumed")):
            platform.ask(client, Verify(text=code.text, step="010101"))
