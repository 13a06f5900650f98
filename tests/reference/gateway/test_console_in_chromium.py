"""The console as an operator meets it: a headless Chromium against a real server, without scripts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page

from reference.ecard.moments import china_text
from reference.ecard.verbs import Verified, Verify
from reference.gateway import demo
from reference.gateway.console.asked import MOMENT
from reference.gateway.console.sessions import IDLE_MS
from reference.serving import RealNameResult
from reference.store import Store
from tests.databases import empty_sqlite
from tests.platform import ask
from tests.reference.gateway.console_serving import Console, chromium_or_skip, console

TIMEOUT_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_or_skip() as started:
        yield started


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Console]:
    store = Store(empty_sqlite(tmp_path / "platform.db"))
    with console(store) as running:
        yield running
    store.close()


@pytest.fixture
def page(browser: Browser, served: Console) -> Iterator[Page]:
    """A page of an operator who has signed in; no script runs, nothing fails, nothing is asked of anybody else."""
    context = browser.new_context(locale="en-US", java_script_enabled=False)
    opened = context.new_page()
    opened.set_default_timeout(TIMEOUT_MS)
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("dialog", lambda dialog: troubles.append(dialog.message))
    opened.on("request", lambda request: troubles.append(request.url) if not own(served, request.url) else None)
    opened.goto(f"{served.address}/console")
    opened.fill("#user_name", "demo-operator")
    opened.fill("#password", demo.PASSWORD)
    opened.click("main button")
    yield opened
    context.close()
    assert troubles == []


def own(served: Console, url: str) -> bool:
    """Whether an address is the console's own."""
    return url.startswith(f"{served.address}/console")


def read_back(image: bytes) -> str:
    """What a reader reads from the screen."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image)))
    return str(found.text)


def find(page: Page, by: str, text: str) -> None:
    """Search from the search page."""
    page.click("nav >> text=Accounts")
    page.select_option("#by", by)
    page.fill("#text", text)
    page.click("main button.main")


def confirm(page: Page) -> None:
    """Tick the box and send the form of an act."""
    page.check("input[name=confirmed]")
    page.click("main button.main")


def test_an_operator_finds_an_account_issues_a_code_and_cancels_the_card(page: Page, served: Console) -> None:
    account = served.account()
    find(page, "number", account.person.id_number)
    assert page.locator("h1").inner_text().startswith("测**")
    assert account.person.name not in page.content()

    page.click("text=Issue a code")
    page.check("input[value=dynamic]")
    confirm(page)
    text = read_back(page.locator("main img").screenshot())
    assert ask(served.around, Verify(text=text, step="010101"), Verified).account.index_id == account.index_id

    page.click("text=Back to the account")
    assert page.locator("section:has(h2:text('Uses of codes')) tbody tr").count() == 1
    page.click("text=Cancel the card")
    page.click("text=Back, change nothing")
    assert "normal" in page.locator("h1").inner_text()
    page.click("text=Cancel the card")
    page.check("input[value=holder]")
    confirm(page)
    assert "cancelled" in page.locator("h1").inner_text()
    assert page.locator("text=Issue a code").count() == 0


def test_each_print_shows_when_it_was_revoked_and_that_a_new_code_revives_it(page: Page, served: Console) -> None:
    account = served.account()

    def act(name: str, paper: str = "", reason: str = "") -> list[str]:
        """Do it; the rows of prints afterwards."""
        served.clock.at_ms += 60_000
        page.goto(f"{served.address}/console/accounts/{account.index_id}/{name}")
        if paper:
            page.check(f"input[value={paper}]")
        if reason:
            page.fill("[name=reason]", reason)
        confirm(page)
        page.goto(f"{served.address}/console/accounts/{account.index_id}")
        return page.locator("section:has(h2:text('Prints')) tbody tr").all_inner_texts()

    def moment() -> str:
        return china_text(served.clock.at_ms, MOMENT)

    assert act("issue", "static") == []
    first = act("print", "wristband", "<b>admission</b>")
    printed = moment()
    assert [row.split("\t") for row in first] == [
        [printed, "wristband", "printed", "–", "", "demo-operator", "<b>admission</b>"]
    ]
    (revoked,) = act("revoke", reason="lost")
    assert revoked.split("\t")[:4] == [printed, "wristband", "revoked", moment()]
    lost = moment()
    (revived,) = act("issue", "static")
    assert revived.split("\t")[2:4] == ["revoked, works again", lost]
    second, before = act("print", "label")
    assert second.split("\t")[1:4] == ["label", "printed", "–"]
    assert before.split("\t")[:2] == [printed, "wristband"]
    page.click("text=中文")
    assert "已撤销，可再次使用" in page.locator("main").inner_text()


def test_a_browser_does_not_send_a_grave_act_without_tick_and_reason(page: Page, served: Console) -> None:
    account = served.account()
    page.goto(f"{served.address}/console/accounts/{account.index_id}/cancel")
    page.click("main button.main")
    assert page.url.endswith("/cancel")
    page.goto(f"{served.address}/console/accounts/{account.index_id}")
    assert "certified" in page.locator("h1").inner_text()


def test_personal_data_are_shown_on_request_and_noted(page: Page, served: Console) -> None:
    account = served.account()
    find(page, "phone", account.person.phone)
    page.click("text=Show personal data")
    assert account.person.id_number in page.content()
    assert "personal data shown" in page.locator("section:has(h2:text('Events')) tbody tr").first.inner_text()
    page.reload()
    find(page, "phone", account.person.phone)
    assert account.person.id_number not in page.content()


def test_the_language_can_be_changed_on_any_page(page: Page, served: Console) -> None:
    account = served.account()
    find(page, "number", account.person.id_number)
    page.click("text=中文")
    assert page.url.endswith(account.index_id)
    assert "注销电子健康卡" in page.content()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.click("text=English")
    assert "Cancel the card" in page.content()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' OR '1'='1"])
def test_what_looks_like_code_is_shown_as_it_was_typed(page: Page, text: str) -> None:
    find(page, "name", text)
    assert page.input_value("#text") == text
    assert "Nobody is registered" in page.locator("main").inner_text()
    assert page.locator("main img, main script").count() == 0


def test_even_with_scripts_allowed_nothing_from_a_name_runs(browser: Browser, served: Console) -> None:
    account = served.renamed("<img src=x onerror=alert(1)>")
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    dialogs: list[str] = []

    def noted(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noted)
    page.goto(f"{served.address}/console")
    page.fill("#user_name", "demo-operator")
    page.fill("#password", demo.PASSWORD)
    page.click("main button")
    find(page, "number", account.person.id_number)
    page.click("text=Show personal data")
    assert page.locator("h1").inner_text().startswith("<img src=x onerror=alert(1)>")
    assert page.locator("main img").count() == 0
    context.close()
    assert dialogs == []


def test_a_session_that_is_over_leads_back_to_the_sign_in(page: Page, served: Console) -> None:
    served.clock.at_ms += IDLE_MS
    page.reload()
    assert page.url.endswith("/console/sign-in")


def test_an_application_is_audited_by_an_operator(page: Page, served: Console) -> None:
    served.real_name.says = RealNameResult.UNDECIDED
    waiting = served.account(2, "测试乙")
    page.click("nav >> text=Audits")
    page.click("text=Decide")
    page.check("input[value=approve]")
    page.click("main button.main")
    assert "Nothing waits." in page.locator("main").inner_text()
    find(page, "number", waiting.person.id_number)
    assert "certified" in page.locator("h1").inner_text()
