"""The page of a backtest: its words, its pictures, and where they lie."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any

import pytest

from audit.backtesting.backtest import Backtest, Period
from audit.backtesting.measures import measures
from audit.backtesting.page import Document, backtest_page
from audit.backtesting.picture import WIDTH, Scale, marks, rows
from audit.backtesting.words import WORDS, Speech
from indicators.windows import read_window
from streams.rules import MonitorRules
from tests.audit.test_backtest import HOUR, history, tried, with_policy
from tests.indicators.telling import VIET_NAM
from tests.streams.telling import Topic, after, late, on_time, policy, rules


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page(language: Any, name: str = "Tam Kỳ", period: Period | None = None, **changes: Any) -> str:
    """The page of a slower policy, changed further."""
    slow = with_policy(**{"hold": 2 * HOUR * 1_000, **changes})
    return page_of(tried(slow, period=period), language, name)


def page_of(backtest: Backtest, language: Any, name: str = "Tam Kỳ") -> str:
    document = Document(["Đang áp dụng", "chậm"], {"U": name}, "x.jsonl", "vungxanh backtest", "v")
    return backtest_page(backtest, document, Speech(language, VIET_NAM))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_has_a_picture_for_each_unit_and_fetches_nothing(language: Any) -> None:
    text = page(language)
    parser = Tags()
    parser.feed(text)
    assert parser.tags[0] == ("html", {"lang": language})
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in parser.tags}
    assert not re.search(r"(?:src|href)=", text)
    pictures = [one for tag, one in parser.tags if tag == "svg" and one.get("role") == "img"]
    assert [one["aria-label"] for one in pictures] == ["Tam Kỳ", "V"]
    classes = {one.get("class") for tag, one in parser.tags if tag == "rect"}
    assert {"green", "red", "in_force", "moved"} <= classes
    patterns = {one["id"] for tag, one in parser.tags if tag == "pattern"}
    assert {"yellow", "red", "grey"} <= patterns  # besides colour: it has to print
    assert WORDS[language]["title"] in text


def test_what_came_from_outside_is_escaped() -> None:
    text = page("vi", name='</title><script>alert(1)</script>"')
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["vi"].keys() == WORDS["en"].keys()


def test_vietnamese_has_words_for_definition_and_window() -> None:
    text = page("vi")
    assert "hồ sơ đúng hạn trên hồ sơ đã giải quyết (resolved@1)" in text
    assert "1 ngày gần nhất (1d)" in text
    assert "từ đầu tháng (month)" in page("vi", window=read_window("month", VIET_NAM))
    assert "<b>month</b>" in page("en", window=read_window("month", VIET_NAM))


def test_a_unit_says_that_it_is_judged_by_its_own_policy() -> None:
    own = replace(rules(), unit_policies={"V": policy("7d", hold=90_061)})
    backtest = Backtest([rules(), own])
    backtest.fold(history(), 0, 1)
    text = page_of(backtest, "en")
    hashes = f"Hash {own.unit_policies['V'].digest} in place of {own.policy.digest}"
    differs = f"Window 7d in place of 1d; Hold to open 1 d 1 h 1 min 1 s in place of 0 s; {hashes}"
    table, article = text.split("Unit by unit")
    assert f"<td>{differs}</td>" in table
    assert f"By its own policy (<bdi>chậm</bdi>): {differs}" in article
    assert WORDS["en"]["own"] not in page("en")

    backtest = Backtest([rules(), own], units={"V"})
    backtest.fold(history(), 0, 1)
    head = page_of(backtest, "vi").split("Đơn vị có chính sách riêng")[0]
    assert '<td class="n">chung</td><td class="n"><b>riêng V</b></td>' in head
    assert own.unit_policies["V"].digest in head


def test_a_period_shows_what_was_open_before_it() -> None:
    text = page("en", period=Period(after(2 * HOUR)))
    assert WORDS["en"]["means_period"] in text
    assert 'data-name="Open already at the beginning">1</td>' in text
    (listed,) = re.findall(r"Open already at the beginning: <bdi>.*?</ul>", text, re.DOTALL)
    assert "U/resolved@1/1: opened 2024-01-10 09:00:00" in listed
    without = page("en")
    assert WORDS["en"]["means_period"] not in without
    assert WORDS["en"]["open_before"] not in without
    assert WORDS["en"]["bar_open_before"] not in without


def test_a_long_list_of_incidents_may_be_printed_over_two_sheets() -> None:
    topic = Topic()
    many = [
        one(topic, 48 * HOUR * n + 600 * late_too, f"{n}-{late_too}")
        for n in range(12)
        for late_too, one in enumerate((on_time, late))
    ]
    backtest = Backtest([rules(), with_policy(min_sample=9)])  # never enough to judge by
    backtest.fold(many, 0, 1)
    assert len(backtest.outcomes["U"].others[0].differences.lost) > 10
    assert '<article class="whole">' not in page_of(backtest, "en")
    assert '<article class="whole">' in page("en")


def test_what_is_open_ends_where_its_unit_does() -> None:
    backtest = tried(with_policy(green=Fraction(1)))
    unit = backtest.outcomes["U"]
    scale = Scale(after(0), after(102 * HOUR))  # another partition's clock has come further
    for row in rows(unit, ["a", "b"], scale):
        assert row.bars[-1].incident.closed is None
        assert row.bars[-1].x + row.bars[-1].width == pytest.approx(50, abs=0.01)
        assert row.bands[-1].x + row.bands[-1].width == pytest.approx(50, abs=0.01)
    at_the_end = tried(until=50 * HOUR).outcomes["U"]
    last = rows(at_the_end, ["a"], Scale(after(0), after(50 * HOUR)))[0].bars[-1]
    assert last.x + last.width <= WIDTH


def test_an_incident_from_before_the_period_is_drawn_once() -> None:
    start, stop = after(2 * HOUR), after(4 * HOUR)
    scale, names = Scale(start, stop), ["a", "b"]

    def drawn(other: MonitorRules) -> list[list[tuple[str, float, float]]]:
        unit = tried(other, period=Period(start, stop)).outcomes["U"]
        return [
            [(bar.kind, bar.x, bar.width) for bar in row.bars] for row in rows(unit, names, scale)
        ]

    in_force = [("in_force", 0, WIDTH)]
    assert drawn(rules()) == [in_force, [("open_before", 0, WIDTH)]]
    slow = with_policy(hold=2 * HOUR * 1_000)  # opens at 3 h
    assert drawn(slow) == [in_force, [("moved", WIDTH / 2, WIDTH / 2)]]


def test_what_is_lost_is_drawn_upon_the_one_from_before_the_period() -> None:
    longer = with_policy(green=Fraction(1), window=read_window("30d", VIET_NAM))  # open from 1 h on
    unit = tried(longer, period=Period(after(49 * HOUR))).outcomes["U"]
    _, row = rows(unit, ["a", "b"], Scale(after(49 * HOUR), after(51 * HOUR)))
    assert [bar.kind for bar in row.bars] == ["open_before", "lost"]
    of = measures([unit.others[0]])
    assert (of.incidents, of.open_before, of.open_before_still, of.lost) == (0, 1, 1, 1)


def test_bars_and_bands_lie_where_their_times_are() -> None:
    backtest = tried(with_policy(hold=2 * HOUR * 1_000), until=60 * HOUR)
    scale = Scale(after(0), after(60 * HOUR))
    in_force, slow = rows(backtest.outcomes["U"], ["a", "b"], scale)
    assert [bar.x for bar in in_force.bars] == [
        pytest.approx(WIDTH * hour / 60, abs=0.01) for hour in (1, 50)
    ]
    assert in_force.bars[1].x + in_force.bars[1].width == pytest.approx(WIDTH, abs=0.01)
    assert [bar.kind for bar in slow.bars] == ["moved", "moved"]
    assert slow.bars[0].x == pytest.approx(WIDTH * 3 / 60, abs=0.01)
    assert slow.y > in_force.y
    assert {band.zone for band in in_force.bands} >= {"green", "red"}


def test_the_axis_has_a_handful_of_days() -> None:
    for days in (1, 3, 10, 80, 400, 4_000):
        found = marks(Scale(after(0), after(days * 86_400)), VIET_NAM)
        assert 1 <= len(found) <= 10
        assert all(0 <= mark.x <= WIDTH for mark in found)


@pytest.mark.parametrize(
    ("length", "vi", "en"),
    [
        (None, "–", "–"),
        (0, "0 giây", "0 s"),
        (999, "0 giây", "0 s"),
        (61_000, "1 phút 1 giây", "1 min 1 s"),
        (3_600_000, "1 giờ", "1 h"),
        (86_400_000 + 60_000, "1 ngày", "1 d"),
        (1_000 * 86_400_000 + 3_600_000, "1.000 ngày 1 giờ", "1,000 d 1 h"),
        (-90_000, "−1 phút 30 giây", "−1 min 30 s"),
    ],
)
def test_spans_in_words(length: int | None, vi: str, en: str) -> None:
    assert (Speech("vi", VIET_NAM).span(length), Speech("en", VIET_NAM).span(length)) == (vi, en)


@pytest.mark.parametrize(
    ("length", "vi", "en"),
    [
        (0, "0 giây", "0 s"),
        (500, "500 mili giây", "500 ms"),
        (90_061_000, "1 ngày 1 giờ 1 phút 1 giây", "1 d 1 h 1 min 1 s"),
        (86_401_000, "1 ngày 1 giây", "1 d 1 s"),
    ],
)
def test_what_a_policy_says_is_told_whole(length: int, vi: str, en: str) -> None:
    texts = (Speech("vi", VIET_NAM).length(length), Speech("en", VIET_NAM).length(length))
    assert texts == (vi, en)
