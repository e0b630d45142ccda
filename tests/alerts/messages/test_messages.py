"""Every kind of message, in both languages, read whole."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from alerts.messages.composer import Composer
from alerts.messages.samples import NAMES, sample
from alerts.recipients import Language
from schemas.notification import OccasionKind
from schemas.step import StepKind
from tests.alerts.messages.goldens import FOLDER, LANGUAGES, golden, shown
from tests.alerts.messages.reading_html import read_html

COMPOSER = Composer()
EACH = pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language in LANGUAGES for name in NAMES]
)
KINDS = (*get_args(StepKind), *get_args(get_args(OccasionKind)[1]))


@EACH
def test_the_message_reads_as_agreed(language: Language, name: str) -> None:
    composed = COMPOSER.compose(sample(name, language))
    assert shown(composed) == golden(language, name).read_text("utf-8")
    assert composed.broken is None


def test_there_is_no_golden_file_of_a_message_that_is_gone() -> None:
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.txt")}
    assert files == {f"{language}/{name}.txt" for language in LANGUAGES for name in NAMES}


def test_every_kind_there_is_has_a_sample() -> None:
    told = {item.kind for name in NAMES for item in sample(name).items}
    told |= {"digest" for name in NAMES if sample(name).digest}
    assert len(KINDS) == 12
    assert told == set(KINDS)


@EACH
def test_the_html_says_what_the_text_says(language: Language, name: str) -> None:
    composed = COMPOSER.compose(sample(name, language))
    read = read_html(composed.html)
    for line in composed.text.splitlines():
        label, _, url = line.rpartition(": ")
        if url.startswith("https://"):  # a button: its address is not shown
            assert url in read.links
            assert label in read.seen
            continue
        for part in re.split(r"^- |^-+$|: | – | \(|\)", line):
            assert part.strip(" ,;") in read.seen, line
    assert read.title == composed.subject


@EACH
def test_the_html_fetches_nothing_and_runs_nothing(language: Language, name: str) -> None:
    composed = COMPOSER.compose(sample(name, language))
    read = read_html(composed.html)
    assert read.tags <= {
        *("html", "head", "meta", "title", "style", "body", "div"),
        *("h1", "h2", "p", "span", "b", "br", "ul", "li", "a"),
    }
    assert read.attributes <= {"lang", "charset", "name", "content", "class", "style", "href"}
    assert "url(" not in composed.html
    assert "@import" not in composed.html
    assert "@media (prefers-color-scheme: dark)" in read.style
    assert all(link.startswith("https://vungxanh.example.gov.vn") for link in read.links)


@EACH
def test_a_share_never_stands_without_its_numbers(language: Language, name: str) -> None:
    """A percentage is either a limit, or in the line of its numerator and denominator."""
    for line in shown(COMPOSER.compose(sample(name, language))).splitlines():
        for share in re.findall(r"\d+[.,]\d+ ?%", line):  # limits are written without decimals
            before = line[: line.index(share)]
            assert re.search(r"[\d.,]+/[\d.,]+[^%]*$", before), line


@EACH
def test_nothing_is_left_of_the_template_and_no_place_is_empty(
    language: Language, name: str
) -> None:
    composed = COMPOSER.compose(sample(name, language))
    for text in (composed.subject, composed.text, read_html(composed.html).seen):
        for left in ("{", "}", "None", "()", "  ", " ,", " .", ": :", "; ;"):
            assert left not in text
    assert "\n" not in composed.subject
    assert "\n\n\n" not in composed.text
    assert composed.text == composed.text.strip() + "\n"


def test_it_says_what_happened_then_the_figure_then_the_change_then_what_to_do_then_links() -> None:
    text = COMPOSER.compose(sample("opened")).text
    marks = (
        "đã rời vùng xanh",
        "Tỷ lệ đúng hạn: 44/50",
        "(resolved@1)",
        "(30d)",
        "Tính đến: 23/11/2026 08:10",
        "Ngày làm việc trước: 20/11/2026",
        "Để trở lại vùng xanh: giải quyết đúng hạn 10 hồ sơ",
        "000.00.18.H47-261109-0003",
        "/ack?token=",
        "/?unit=",
        "/explain?",
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
