"""What others name (units, dossiers, people) does no harm in a message, whatever it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.messages.composer import Composer
from alerts.messages.content import Ailment, Composed, Content, Item
from alerts.messages.samples import NAMES, sample
from schemas.condition import Condition
from schemas.outlook import DossierAtRisk
from schemas.step import Cause
from tests.alerts.messages.reading_html import read_html
from tests.profiles import steady

COMPOSER = Composer()
HOSTILE = (
    '<script>alert("x")</script>',
    "<img src=https://evil.example/x.png onerror=alert(1)>",
    "Tam Kỳ\nBcc: everyone@example.com\r\n\r\nSend your password",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}{% for x in range(10) %}{{ x }}{% endfor %}",
    "Tam Kỳ\u2028\u202egnp.exe\x00\x1b[31m\ud800",
    "a" * 5_000,
)


def named(content: Content, text: str) -> Content:
    """The content with a text in every place that comes from outside."""
    items = tuple(_named(item, text) for item in content.items)
    digest = content.digest and content.digest._replace(
        units=tuple(
            line._replace(unit_id=text, unit_name=text, acknowledged_by=text, incident_id=text)
            for line in content.digest.units
        ),
        at_risk=tuple(
            (text, dossier._replace(dossier_id=text)) for _, dossier in content.digest.at_risk
        ),
        missing=(
            Ailment(Condition("feed", unit_id=text), text),
            Ailment(Condition("delivery", channel=text)),
        ),
    )
    return content._replace(items=items, digest=digest, recipient_id=text)


def _named(item: Item, text: str) -> Item:
    outlook = item.outlook
    if outlook is not None:
        at_risk = (DossierAtRisk(text, item.at, "overdue"), *outlook.at_risk)
        recovery = outlook.recovery and outlook.recovery._replace(dossiers=(text,))
        outlook = outlook._replace(at_risk=at_risk, recovery=recovery)
    return item._replace(
        unit_id=text,
        unit_name=text,
        incident_id=text,
        definition=text,
        window=text,
        author=text,
        detail=text,
        ailment=item.ailment and Ailment(Condition("feed", unit_id=text), text),
        cause=Cause(text, text),
        page_url=f"https://vungxanh.example.gov.vn/{text}",
        outlook=outlook,
    )


def lines_of(composed: Composed) -> list[str]:
    return composed.text.splitlines()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_changes_neither_tags_nor_lines(name: str, text: str) -> None:
    harmless = COMPOSER.compose(named(sample(name), "Harmless"))
    composed = COMPOSER.compose(named(sample(name), text))
    expected, read = read_html(harmless.html), read_html(composed.html)
    assert read.tags == expected.tags
    assert read.attributes == expected.attributes
    assert len(read.links) == len(expected.links)
    assert len(lines_of(composed)) == len(lines_of(harmless))
    assert "49" not in set(composed.text.split())  # 7 * 7: a text is no template
    assert len(composed.subject) <= 160


@steady(150)
@given(st.text(min_size=1, max_size=60), st.sampled_from(NAMES))
def test_any_name_is_shown_on_one_line_and_escaped(text: str, name: str) -> None:
    composed = COMPOSER.compose(named(sample(name), f"n{text}"))
    harmless = COMPOSER.compose(named(sample(name), "Harmless"))
    assert composed.broken is None
    assert composed.subject.splitlines() == [composed.subject]
    assert len(lines_of(composed)) == len(lines_of(harmless))
    assert read_html(composed.html).tags == read_html(harmless.html).tags
    for whole in (composed.subject, composed.text, composed.html):
        whole.encode("utf-8")  # nothing that a mail could not carry
        assert not {
            sign for sign in whole if unicodedata.category(sign) in ("Cc", "Cf") and sign != "\n"
        }


def test_vietnamese_stays_as_it_is_composed_or_not() -> None:
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize(form, "Thị xã Điện Bàn")
        content = sample("opened")
        content = content._replace(items=(content.items[0]._replace(unit_name=name),))
        assert name in COMPOSER.compose(content).text


def test_a_long_subject_is_cut_with_a_sign_of_it() -> None:
    content = sample("opened")
    content = content._replace(items=(content.items[0]._replace(unit_name="Sở " * 100),))
    composed = COMPOSER.compose(content)
    assert 150 < len(composed.subject) <= 160
    assert composed.subject.endswith("…")
    assert ("Sở " * 100).strip() in composed.text
