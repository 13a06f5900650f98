"""The console over plain HTTP: sessions, form tokens, rights, masking, acts and their lines in the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from reference.access import operators
from reference.access.operators import LOCK_MS, MOST_FAILURES
from reference.ecard.verbs import ApplyCode, Code, Verified, Verify, Who
from reference.gateway import demo
from reference.gateway.console.sessions import IDLE_MS, LONGEST_MS
from reference.serving import RealNameResult
from reference.store import Store
from reference.store.audit import audit_lines
from tests.platform import ask
from tests.reference.gateway.console_serving import HOSTILE, Console, Desk, console


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of passwords is not what these tests are about."""
    monkeypatch.setattr(operators, "SLOW", 2)


@pytest.fixture
def served(store: Store) -> Iterator[Console]:
    with console(store) as running:
        yield running


@pytest.fixture
def desk(served: Console) -> Iterator[Desk]:
    """The desk of the demo operator, signed in."""
    with served.client() as client:
        assert client.sign_in().status_code == 200
        yield client


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_nothing_is_shown_without_signing_in(served: Console) -> None:
    account = served.account()
    pages = ("", "/search", "/audits", f"/accounts/{account.index_id}", f"/accounts/{account.index_id}/cancel")
    with served.client() as client:
        for page in pages:
            assert client.get(f"/console{page}").url.path == "/console/sign-in", page


@pytest.mark.parametrize(
    ("user", "password"), [("demo-operator", "wrong"), ("nobody", demo.PASSWORD), ("' OR 1=1", "")]
)
def test_a_wrong_sign_in_tells_nothing_and_leads_nowhere(served: Console, user: str, password: str) -> None:
    with served.client() as client:
        answer = client.sign_in(user, password)
        assert answer.status_code == 401
        assert "User name or password is wrong" in answer.text
        assert client.get("/console").url.path == "/console/sign-in"


def test_wrong_passwords_lock_the_sign_in_for_a_while(served: Console) -> None:
    with served.client() as client:
        for _ in range(MOST_FAILURES):
            client.sign_in(password="wrong")
        assert client.sign_in().status_code == 401
        served.clock.at_ms += LOCK_MS
        assert client.sign_in().url.path == "/console/search"
    assert [action for _, action, _ in served.lines()].count("operator.locked") == 1


def test_the_session_is_a_strict_http_only_cookie(served: Console) -> None:
    with served.client() as client:
        cookie = client.http.get("/console/sign-in").headers["set-cookie"]
    for mark in ("HttpOnly", "SameSite=strict", "Path=/console"):
        assert mark in cookie


def test_behind_a_proxy_that_speaks_tls_the_cookie_never_goes_another_way(served: Console) -> None:
    with served.client() as client:
        told = client.http.get("/console/sign-in", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
        plain = client.http.get("/console/sign-in").headers["set-cookie"]
    assert ("Secure" in told, "Secure" in plain) == (True, False)


def test_signing_in_begins_a_session_of_its_own(served: Console) -> None:
    with served.client() as client:
        client.get("/console/sign-in")
        before = client.http.cookies["healthcard_console"]
        token = client.token("/console/sign-in")
        client.sign_in()
        assert client.http.cookies["healthcard_console"] != before
        assert client.token("/console/search") != token


def test_a_session_ends_after_a_while_without_requests(served: Console, desk: Desk) -> None:
    served.clock.at_ms += IDLE_MS - 1
    assert desk.get("/console/search").url.path == "/console/search"
    served.clock.at_ms += IDLE_MS - 1
    assert desk.get("/console/search").url.path == "/console/search"
    served.clock.at_ms += IDLE_MS
    assert desk.get("/console/search").url.path == "/console/sign-in"


def test_a_session_ends_after_a_day_of_work_however_busy(served: Console, desk: Desk) -> None:
    for _ in range(LONGEST_MS // (IDLE_MS - 1)):
        served.clock.at_ms += IDLE_MS - 1
        assert desk.get("/console/search").url.path == "/console/search"
    served.clock.at_ms += IDLE_MS - 1
    assert desk.get("/console/search").url.path == "/console/sign-in"


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(served: Console, desk: Desk) -> None:
    kept = desk.http.cookies["healthcard_console"]
    assert desk.send("/console/sign-out", "/console/search").url.path == "/console/sign-in"
    with served.client() as thief:
        thief.http.cookies.set("healthcard_console", kept, path="/console")
        assert thief.get("/console/search").url.path == "/console/sign-in"


def test_a_suspended_operator_is_out_at_once(served: Console, desk: Desk) -> None:
    operators.change(served.around, "demo-operator", "suspend", "clerk")
    assert desk.get("/console/search").url.path == "/console/sign-in"


@pytest.mark.parametrize("change", ["x", "{}.", ".{}", "{}x", "e30=.{}"])
def test_a_cookie_that_was_tampered_with_is_nobodys(served: Console, desk: Desk, change: str) -> None:
    forged = change.format(desk.http.cookies["healthcard_console"])
    with served.client() as thief:
        thief.http.cookies.set("healthcard_console", forged, path="/console")
        assert thief.get("/console/search").url.path == "/console/sign-in"


# --- forms and headers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "0" * 64, "x", "é"])
def test_a_form_without_the_token_of_the_session_changes_nothing(served: Console, desk: Desk, token: str) -> None:
    account = served.account()
    answer = desk.http.post(
        f"/console/accounts/{account.index_id}/cancel", data={"token": token, "reason": "holder", "confirmed": "yes"}
    )
    assert answer.status_code == 403
    assert "certified" in desk.get(f"/console/accounts/{account.index_id}").text


def test_the_token_of_another_session_does_not_fit(served: Console, desk: Desk) -> None:
    with served.client() as other:
        other.sign_in("demo-auditor")
        foreign = other.token("/console/search")
    assert desk.http.post("/console/search", data={"token": foreign, "by": "name", "text": "测"}).status_code == 403


def test_a_form_that_is_too_large_is_refused(desk: Desk) -> None:
    answer = desk.http.post("/console/search", content=b"text=" + b"a" * 20_000)
    assert answer.status_code == 413


def test_every_answer_forbids_scripts_frames_sniffing_and_caching(served: Console, desk: Desk) -> None:
    account = served.account()
    pages = ("/search", "/audits", f"/accounts/{account.index_id}", "/style.css", "/accounts/nobody")
    for page in pages:
        headers = desk.get(f"/console{page}").headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "no-store" in headers["cache-control"] or page == "/style.css"


def test_no_page_loads_anything_from_elsewhere(served: Console, desk: Desk) -> None:
    account = served.account()
    for page in ("/search", "/audits", f"/accounts/{account.index_id}"):
        text = desk.get(f"/console{page}").text
        assert re.findall(r"""(?:src|href|action)=["'](?!/console)""", text) == []
        assert "<script" not in text
        assert "style=" not in text


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "/console/../x", "/console\\evil", "/api"]
)
def test_the_language_switch_leads_to_the_console_alone(desk: Desk, place: str) -> None:
    answer = desk.http.get("/console/language/zh", params={"place": place})
    assert answer.headers["location"] == "/console"
    assert "查询账户" in desk.get("/console/search").text


# --- search -----------------------------------------------------------------------------------------------------------


def test_an_account_is_found_by_each_of_its_names(served: Console, desk: Desk) -> None:
    account = served.account()
    served.account(2, "王小明")
    code = ask(served.around, ApplyCode(who=Who(index_id=account.index_id), kind="dynamic"), Code)
    number = account.person.id_number
    asked = [
        ("number", number),
        ("number", f" {number} "),
        ("id", account.ecard_id),
        ("id", account.index_id.lower()),
        ("phone", "13800000001"),
        ("name", "测试"),
        ("code", code.text),
    ]
    for by, text in asked:
        assert desk.search(by, text).url.path == f"/console/accounts/{account.index_id}", (by, text)


def test_several_that_fit_are_listed_masked(served: Console, desk: Desk) -> None:
    found = [served.account(number) for number in (1, 2, 3)]
    text = desk.search("name", "测试甲").text
    for account in found:
        assert f"/console/accounts/{account.index_id}" in text
        assert account.person.id_number not in text
        assert account.person.phone not in text
    assert "测**" in text
    assert "测试甲" not in text.replace('value="测试甲"', "")


@pytest.mark.parametrize("by", ["number", "id", "phone", "name", "code", "password_digest"])
def test_hostile_searches_find_nobody_and_stay_inert(served: Console, desk: Desk, by: str) -> None:
    served.account()
    for text in HOSTILE:
        answer = desk.search(by, text)
        assert answer.status_code == 200, text
        assert "Nobody is registered under this." in answer.text, text
        for alive in ("<script>alert", "<img src=x", 'value="49"'):
            assert alive not in answer.text
    assert desk.search("phone", "13800000001").url.path.startswith("/console/accounts/")


def test_a_search_is_noted_without_what_was_searched_for(served: Console, desk: Desk) -> None:
    account = served.account()
    desk.search("number", account.person.id_number)
    assert ("demo-operator", "console.search", "demo-operator") in served.lines()
    with served.around.store.read() as connection:
        kept = str(connection.execute(select(audit_lines)).all())
    assert account.person.id_number not in kept
    assert account.person.name not in kept


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_personal_data_are_masked_until_they_are_asked_for(served: Console, desk: Desk) -> None:
    account = served.account()
    page = f"/console/accounts/{account.index_id}"
    number = account.person.id_number
    masked = desk.get(page).text
    assert f"{number[:4]}**********{number[-4:]}" in masked
    assert "138****0001" in masked
    for hidden in (number, account.person.name, account.person.phone, account.person.birthday):
        assert hidden not in masked
    shown = desk.send(f"{page}/show", page).text
    for told in (number, account.person.name, account.person.phone):
        assert told in shown
    assert served.lines()[-1] == ("demo-operator", "console.show", account.index_id)
    assert number not in desk.get(page).text


def test_a_name_that_looks_like_markup_is_shown_as_text(served: Console, desk: Desk) -> None:
    account = served.renamed("<b>测</b>")
    page = f"/console/accounts/{account.index_id}"
    assert "&lt;b&gt;测&lt;/b&gt;" in desk.send(f"{page}/show", page).text
    assert "<b>测" not in desk.get(page).text


@pytest.mark.parametrize("index_id", ["nobody", "0" * 64, "%27%20OR%201=1", "..%2f..%2fhealth"])
def test_an_account_that_there_is_not_is_not_found(desk: Desk, index_id: str) -> None:
    assert desk.get(f"/console/accounts/{index_id}").status_code == 404


def test_codes_uses_and_events_of_an_account_are_shown(served: Console, desk: Desk) -> None:
    account = served.account()
    code = ask(served.around, ApplyCode(who=Who(index_id=account.index_id), kind="dynamic"), Code)
    ask(served.around, Verify(text=code.text, step="010101"), Verified)
    text = desk.get(f"/console/accounts/{account.index_id}").text
    for told in ("dynamic code", "used up", "accepted", "5101000010001", "code issued", "registered"):
        assert told in text


# --- acts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_a_code_is_issued_shown_and_accepted(served: Console, desk: Desk, kind: str) -> None:
    account = served.account()
    shown = desk.act(account.index_id, "issue", kind=kind)
    assert f"{kind} code" in shown.text
    image = desk.get(f"{shown.url.path}.png")
    drawing = desk.get(f"{shown.url.path}.svg")
    assert image.content.startswith(b"\x89PNG")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert served.lines()[-1] == ("demo-operator", "console.show-code", account.index_id)


def test_a_static_code_is_printed_revoked_and_no_longer_shown(served: Console, desk: Desk) -> None:
    account = served.account()
    code = desk.act(account.index_id, "issue", kind="static").url.path
    desk.act(account.index_id, "print", medium="wristband", reason="admission")
    desk.act(account.index_id, "revoke", reason="lost")
    assert desk.get(code).status_code == 409
    done = [action for actor, action, _ in served.lines() if actor == "demo-operator"]
    assert [one for one in done if one.startswith("code.")] == ["code.issue", "code.print", "code.revoke"]


def test_a_card_is_suspended_restored_and_cancelled(served: Console, desk: Desk) -> None:
    account = served.account()
    desk.act(account.index_id, "issue", kind="dynamic")
    assert "suspended" in desk.act(account.index_id, "suspend", reason="lost-phone").text
    clerk = {"clerk_name": "经办人", "clerk_number": "990000198001010019"}
    assert "normal" in desk.act(account.index_id, "restore", **clerk).text
    assert "cancelled" in desk.act(account.index_id, "cancel", reason="holder").text
    actors = {actor for actor, action, _ in served.lines() if action in ("account-suspend", "account-cancel")}
    assert actors == {"demo-operator"}


def test_without_the_tick_nothing_happens(served: Console, desk: Desk) -> None:
    account = served.account()
    answer = desk.send(f"/console/accounts/{account.index_id}/cancel", reason="holder")
    assert answer.status_code == 422
    assert "Tick the box" in answer.text
    assert not any(action == "account-cancel" for _, action, _ in served.lines())


def test_what_the_platform_refuses_is_told_on_the_form(served: Console, desk: Desk) -> None:
    account = served.account()
    desk.act(account.index_id, "issue", kind="static")
    assert desk.act(account.index_id, "cancel", reason="boredom").status_code == 409
    assert desk.act(account.index_id, "print", medium="tattoo").status_code == 409
    assert desk.act(account.index_id, "print", medium="label", reason="长" * 65).status_code == 409


@pytest.mark.parametrize("name", ["restore", "print", "explode", "../../health"])
def test_an_act_that_the_state_does_not_allow_is_not_offered(served: Console, desk: Desk, name: str) -> None:
    account = served.account()
    assert desk.get(f"/console/accounts/{account.index_id}/{name}").status_code in (404, 409)
    token = desk.token("/console/search")
    answer = desk.http.post(f"/console/accounts/{account.index_id}/{name}", data={"token": token, "confirmed": "yes"})
    assert answer.status_code in (404, 405, 409)


def test_an_operator_does_what_he_may_alone(served: Console) -> None:
    account = served.account()
    ask(served.around, ApplyCode(who=Who(index_id=account.index_id), kind="static"), Code)
    operators.add(served.around, "reader", "", demo.PASSWORD, {"Suspend"}, "clerk")
    page = f"/console/accounts/{account.index_id}"
    with served.client() as desk:
        desk.sign_in("reader")
        text = desk.get(page).text
        assert "Suspend the card" in text
        for hidden in ("Cancel the card", "Show personal data", "Issue a code", "Audits"):
            assert hidden not in text
        token = desk.token("/console/search")
        for path in ("cancel", "issue", "show"):
            assert desk.http.post(f"{page}/{path}", data={"token": token, "confirmed": "yes"}).status_code == 403
        assert desk.get("/console/audits").status_code == 403


# --- audits -----------------------------------------------------------------------------------------------------------


def waiting(served: Console, desk: Desk) -> tuple[str, str]:
    """An account that the demo operator wants restored, without an online check: account and application."""
    account = served.account()
    desk.act(account.index_id, "cancel", reason="holder")
    served.real_name.says = RealNameResult.UNDECIDED
    desk.act(account.index_id, "restore", clerk_name="经办人", clerk_number="990000198001010019")
    found = re.search(r"/console/audits/([0-9a-f]{32})", desk.get("/console/audits").text)
    assert found is not None
    return account.index_id, found.group(1)


def test_an_application_is_decided_by_another_operator_alone(served: Console, desk: Desk) -> None:
    index_id, application = waiting(served, desk)
    own = desk.send(f"/console/audits/{application}", decision="approve")
    assert own.status_code == 409
    assert "cancelled" in desk.get(f"/console/accounts/{index_id}").text
    with served.client() as auditor:
        auditor.sign_in("demo-auditor")
        assert "restoration" in auditor.get("/console/audits").text
        assert "Nothing waits." in auditor.send(f"/console/audits/{application}", decision="approve").text
        assert auditor.get(f"/console/audits/{application}").status_code == 409
    assert ("demo-auditor", "account-audit", index_id) in served.lines()


def test_a_refusal_needs_a_reason(served: Console, desk: Desk) -> None:
    _, application = waiting(served, desk)
    with served.client() as auditor:
        auditor.sign_in("demo-auditor")
        page = f"/console/audits/{application}"
        assert auditor.send(page, decision="refuse").status_code == 409
        assert auditor.send(page, decision="perhaps").status_code == 409
        assert "Nothing waits." in auditor.send(page, decision="refuse", reason="document unreadable").text
        assert auditor.get("/console/audits/0000").status_code == 409
