"""The HTML page: complete, in both languages, self-contained, and safe against hostile evidence."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.model import Exchange, Overall, Verdict
from conformance.evidence.package import Package
from reports.page import EXCHANGES_SHOWN, as_html, both_languages
from reports.summary import summarise
from tests.pages import Elements
from tests.reports import packages as given_packages
from tests.reports.packages import CLOSED, EVERY_VERDICT, PASSING, package, text

VOID = frozenset({"meta", "input", "br", "use", "path", "circle", "rect"})


def elements_of(page: str) -> Elements:
    return Elements(page, VOID)


def page(of: Package, lang: str = "en") -> str:
    return as_html(summarise(of), lang).decode("utf-8")


WHOLE = page(package(EVERY_VERDICT))


def test_every_requirement_appears_with_its_text_and_clause_in_both_languages() -> None:
    for row in given_packages.REQUIREMENTS:
        assert f'id="r-{row.id}"' in WHOLE
        assert both_languages(row.text) in WHOLE
        assert both_languages(row.why) in WHOLE
        assert f"{row.document} {row.clause}" in WHOLE


def test_every_field_of_every_finding_appears() -> None:
    findings = [finding for result in EVERY_VERDICT for finding in result.findings]
    assert len(findings) == 2
    for finding in findings:
        for plain in (finding.violation, finding.subject, finding.requirement, finding.source):
            assert plain in WHOLE
        for words in (finding.summary, finding.expected, finding.actual, finding.remedy, *finding.causes):
            assert both_languages(words) in WHOLE


def test_every_reason_appears_in_both_languages() -> None:
    reasons = [result.reason for result in EVERY_VERDICT if result.reason]
    not_tested = [row.not_testable or row.not_applicable for row in given_packages.REQUIREMENTS]
    for reason in [*reasons, *(reason for reason in not_tested if reason), *given_packages.PLAN.limits]:
        assert both_languages(reason) in WHOLE


def test_the_command_that_replays_a_failed_test_is_quoted_for_the_shell() -> None:
    assert f"healthcard replay evidence.zip &#39;{CLOSED}&#39;" in WHOLE


def test_the_exchange_that_showed_the_violation_is_marked_and_decoded() -> None:
    card = WHOLE.split(f'id="t-{CLOSED}"')[1].split("</article>")[0]
    marked = card.split('class="step telling"')[1]
    assert card.count('class="step telling"') == 1
    assert "READ RECORD" in marked
    assert "A1 A1 A1" in marked
    assert 'value="6"' in marked


def test_head_and_evidence_of_the_run_appear() -> None:
    manifest = given_packages.MANIFEST
    for words in (
        *(manifest.product.name, manifest.product.vendor, manifest.product.version, manifest.product.sample),
        *(manifest.lab, manifest.operator, manifest.transport, manifest.started, manifest.ended),
        *(manifest.suite_digest, manifest.standard_digest, "e4" * 32, "c3" * 32, "the demo key"),
        *("healthcard 0.1.0", "3.11.2", "Linux x86_64", "msgspec 0.19.0", "switch-of-a-later-version"),
    ):
        assert words in WHOLE


def test_a_demo_signature_is_called_one_in_both_languages() -> None:
    assert '<span lang="en">demonstration key' in WHOLE
    assert '<span lang="zh">演示密钥' in WHOLE


def test_a_trusted_signature_needs_no_notice() -> None:
    assert 'class="notice"' not in page(package(standing="trusted", claimed=Overall.CONFORMANT))


def test_a_claim_that_the_results_do_not_bear_out_is_pointed_out() -> None:
    contradicting = page(package(EVERY_VERDICT, claimed=Overall.CONFORMANT))
    assert "claims another verdict (Conformant) than its own results give (Not conformant)" in contradicting
    assert 'class="overall o-not-conformant"' in contradicting


def test_each_language_stands_beside_the_other_everywhere() -> None:
    spans = re.findall(r'<span lang="(en|zh)">', WHOLE)
    assert spans == ["en", "zh"] * (len(spans) // 2)
    assert len(spans) > 400


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_in_the_language_asked_for_without_any_script(lang: str) -> None:
    elements = elements_of(page(package(), lang))
    switches = [attributes for tag, attributes in elements.found if attributes.get("name") == "lang"]
    assert [switch["value"] for switch in switches if "checked" in switch] == [lang]
    assert ("html", {"lang": lang}) in elements.found


def test_the_page_fetches_nothing() -> None:
    elements = elements_of(WHOLE)
    assert "http://" not in WHOLE
    assert "https://" not in WHOLE
    assert elements.values("src") == []
    assert "url(" not in WHOLE
    assert "@import" not in WHOLE
    assert all(target.startswith("#") for target in elements.values("href"))


def test_the_policy_allows_only_the_pages_own_style_and_script() -> None:
    (policy,) = [content for content in elements_of(WHOLE).values("content") if "default-src" in content]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", WHOLE, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert elements_of(WHOLE).values("style") == []


def test_every_link_inside_the_page_has_its_target_and_no_id_is_given_twice() -> None:
    elements = elements_of(WHOLE)
    ids = elements.values("id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in elements.values("href")} <= set(ids)
    assert {label for name in ("aria-labelledby", "for") for label in elements.values(name)} <= set(ids)


def test_headings_never_skip_a_level() -> None:
    levels = [int(tag[1]) for tag, _ in elements_of(WHOLE).found if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_each_verdict_carries_a_sign_and_a_word_beside_its_colour() -> None:
    for verdict in Verdict:
        assert f'<use href="#i-{verdict.value}"/>' in WHOLE
        assert f'<symbol id="i-{verdict.value}"' in WHOLE


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\x00\x1b\u202e"


def test_hostile_text_in_the_evidence_stays_text() -> None:
    product = msgspec.structs.replace(given_packages.PRODUCT, name=HOSTILE, vendor=HOSTILE, kind=HOSTILE)
    manifest = msgspec.structs.replace(
        given_packages.MANIFEST, product=product, lab=HOSTILE, operator=HOSTILE, transport=HOSTILE
    )
    bad = given_packages.finding("card.df02.ef05.read-needs-rk1df02", subject=HOSTILE, actual=text(HOSTILE))
    results = [given_packages.result(CLOSED, Verdict.FAILED, bad, reason=text(HOSTILE))]
    plan = msgspec.structs.replace(given_packages.PLAN, profile="../../etc/passwd.toml", limits=(text(HOSTILE),))
    attacked = page(package(results, plan=plan, manifest=manifest, standing=HOSTILE))
    tags = [tag for tag, _ in elements_of(attacked).found]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert not {"\x00", "\x1b", "\u202e"} & set(attacked)
    assert "\\u202e" in attacked
    assert "{{ 7*7 }}" in attacked


@given(st.text(max_size=40))
@settings(max_examples=15, deadline=None)
def test_any_text_leaves_the_page_well_formed(words: str) -> None:
    product = msgspec.structs.replace(given_packages.PRODUCT, name=words)
    manifest = msgspec.structs.replace(given_packages.MANIFEST, product=product)
    elements = elements_of(page(package(PASSING, manifest=manifest)))
    assert [tag for tag, _ in elements.found].count("script") == 1


def test_a_very_long_transcript_is_cut_around_the_telling_exchange() -> None:
    long = tuple(given_packages.apdu("00B2010400", "9000", number) for number in range(1000))
    bad = given_packages.finding("card.df02.ef05.read-needs-rk1df02", exchange=900)
    results = [given_packages.result(CLOSED, Verdict.FAILED, bad, exchanges=1000)]
    cut = page(msgspec.structs.replace(package(results), transcripts={CLOSED: long}))
    assert cut.count('<li class="step') == EXCHANGES_SHOWN
    assert cut.count('class="step telling" value="901"') == 1
    assert "800 more exchanges" in cut


@pytest.mark.parametrize("exchange", [-1, 6, 10**9])
def test_a_finding_that_points_outside_the_transcript_is_still_shown(exchange: int) -> None:
    bad = given_packages.finding("card.df02.ef05.read-needs-rk1df02", exchange=exchange)
    shown = page(package([given_packages.result(CLOSED, Verdict.FAILED, bad)]))
    assert "The card gave out clinical data without a key." in shown
    assert 'class="step telling"' not in shown
    assert shown.count('<li class="step') == 6


def test_bytes_that_are_no_apdu_are_shown_as_they_are() -> None:
    odd = Exchange(channel="card", kind="apdu", sent="[redacted]", received="90", at_us=0, took_us=0)
    bad = given_packages.finding("card.df02.ef05.read-needs-rk1df02", exchange=0)
    results = [given_packages.result(CLOSED, Verdict.FAILED, bad)]
    shown = page(msgspec.structs.replace(package(results), transcripts={CLOSED: (odd,)}))
    assert "[redacted]" in shown.replace(" ", "")


def test_a_package_without_requirements_is_incomplete_and_still_a_page() -> None:
    empty = page(package((), plan=given_packages.EMPTY_PLAN), "zh")
    assert 'class="overall o-incomplete"' in empty
    assert elements_of(empty).open == []
