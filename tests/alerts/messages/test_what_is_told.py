"""Which of what is known a message tells: the dossiers, the way back, the units of a digest."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from alerts.messages.composer import Composer
from alerts.messages.content import Content, Digest, Item, Limits, UnitLine
from alerts.messages.samples import SAMPLE_AT, sample
from schemas.instants import Millis
from schemas.outlook import DossierAtRisk
from schemas.status import Zone

COMPOSER = Composer()


def text_of(content: Content) -> str:
    return COMPOSER.compose(content).text


def told(name: str, **changes: object) -> str:
    """The sample's text, with its first item changed."""
    content = sample(name)
    item = content.items[0]._replace(**changes)  # type: ignore[arg-type]
    return text_of(content._replace(items=(item,)))


def dossiers_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


@pytest.mark.parametrize(
    ("planned", "at_risk", "total", "lines", "more"),
    [
        (0, 3, 3, 3, []),
        (20, 20, 20, 20, []),
        (21, 21, 21, 21, ["- và 1 hồ sơ khác"]),
        (2, 50, 50, 21, ["- và 30 hồ sơ khác"]),
        (2, 50, 1_240, 21, ["- và 1.220 hồ sơ khác"]),
        (30, 50, 60, 21, ["- và 10 hồ sơ khác"]),
    ],
)
def test_at_most_twenty_dossiers_are_named_and_the_others_counted(
    planned: int, at_risk: int, total: int, lines: int, more: list[str]
) -> None:
    known = tuple(DossierAtRisk(f"d{n:03}", SAMPLE_AT + n, "within") for n in range(at_risk))
    outlook = sample("opened").items[0].outlook
    assert outlook is not None
    assert outlook.recovery is not None
    recovery = outlook.recovery._replace(dossiers=tuple(f"d{n:03}" for n in range(planned)))
    outlook = outlook._replace(at_risk=known, at_risk_total=total, recovery=recovery)
    shown = dossiers_in(told("opened", outlook=outlook))
    assert len(shown) == lines
    assert [line for line in shown if "hồ sơ khác" in line] == more
    ids = [line[2:6] for line in shown if line not in more]
    assert ids == [f"d{n:03}" for n in range(len(ids))]


@pytest.mark.parametrize(
    ("name", "others"), [("opened", "- và 9.780 hồ sơ khác"), ("warned", "- và 9.780 hồ sơ khác")]
)
def test_the_dossiers_of_a_plan_that_an_outlook_does_not_name_are_counted(
    name: str, others: str
) -> None:
    """200 of 9,800 are named in it, and 20 of these in a message; 200 more are not of the plan."""
    plan, known = tuple(f"d{n:03}" for n in range(200)), 50
    outlook = sample(name).items[0].outlook
    assert outlook is not None
    outlook = outlook._replace(
        at_risk=tuple(DossierAtRisk(one, SAMPLE_AT, "within") for one in plan[:known]),
        at_risk_total=10_000,
        recovery=outlook.recovery
        and outlook.recovery._replace(dossiers=plan, dossiers_more=9_600, on_time_ends=9_800),
        forecast=outlook.forecast
        and outlook.forecast._replace(keep_green=plan, keep_green_more=9_600),
    )
    text = told(name, outlook=outlook)
    assert [line for line in dossiers_in(text) if "hồ sơ khác" in line] == [others]
    assert "9.800 hồ sơ" in text


def test_a_dossier_of_the_plan_beyond_the_known_ones_is_named_by_its_id() -> None:
    outlook = sample("opened").items[0].outlook
    assert outlook is not None
    assert outlook.recovery is not None
    recovery = outlook.recovery._replace(dossiers=("far-away",))
    shown = dossiers_in(told("opened", outlook=outlook._replace(recovery=recovery)))
    assert "- far-away" in shown


def test_an_outlook_from_before_the_unit_left_green_forecasts_nothing_that_has_happened() -> None:
    text = told("opened", outlook=sample("warned").items[0].outlook)
    assert "Nếu từ nay" not in text
    assert "quá hạn từ 19/11/2026 17:00" in text  # the dossiers are still the ones to act on


def test_an_outlook_from_before_the_unit_came_back_tells_no_way_back() -> None:
    text = told("closed", outlook=sample("opened").items[0].outlook)
    assert "Để trở lại" not in text
    assert dossiers_in(text) == []


@pytest.mark.parametrize("name", ["acknowledged", "corrected", "test", "health"])
def test_news_that_asks_for_nothing_names_no_dossiers(name: str) -> None:
    text = told(name, outlook=sample("opened").items[0].outlook)
    assert "Việc cần làm" not in text
    assert dossiers_in(text) == []


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ((47, 50), (44, 50), "; tỷ lệ đã giảm"),
        ((44, 50), (47, 50), "; tỷ lệ đã tăng"),
        ((44, 50), (88, 100), "; tỷ lệ không đổi"),
        ((899, 1_000), (8_991, 10_000), "; tỷ lệ đã tăng"),  # both read 89,9 %
        ((0, 0), (44, 50), "0/0 hồ sơ"),
        ((44, 50), (0, 0), "44/50 hồ sơ (88,0 %)"),
    ],
)
def test_the_change_is_compared_as_whole_numbers(
    before: tuple[int, int], now: tuple[int, int], words: str
) -> None:
    text = told(
        "opened", before=(date(2026, 11, 20), *before), numerator=now[0], denominator=now[1]
    )
    line = next(line for line in text.splitlines() if line.startswith("Ngày làm việc trước"))
    assert line.endswith(words)


def test_without_dossiers_in_the_denominator_there_is_no_percentage() -> None:
    text = told("opened", numerator=0, denominator=0, before=None)
    assert "0/0 hồ sơ đúng hạn, hiện ở" in text
    assert "0/0 hồ sơ, chưa có tỷ lệ" in text
    assert "0,0 %" not in text
    assert "100" not in text.split("Việc cần làm")[0]


def test_a_unit_with_limits_of_its_own_is_told_those() -> None:
    text = told(
        "opened",
        limits=Limits(Fraction("0.9505"), Fraction("0.85")),
        numerator=9_505,
        denominator=10_000,
    )
    assert "Ngưỡng: xanh từ 95,05 %, vàng từ 85 %" in text
    assert "(95,05 %)" in text


def test_without_a_level_or_a_name_the_sentence_still_stands() -> None:
    assert told("acknowledged", author=None, detail="").startswith("Có người đã xác nhận")
    assert told("warned", outlook=None).startswith("Đơn vị Tam Kỳ có nguy cơ rời vùng xanh; hiện")


def test_the_note_about_the_link_comes_only_with_the_link() -> None:
    note = "Liên kết xác nhận chỉ dành cho người nhận thư này"
    assert note in told("opened")
    assert note not in told("opened", acknowledge_url=None)


# -- the digest ------------------------------------------------------------------------------------

GREEN = UnitLine("A", "An", "green", 95, 100, "green", (date(2026, 11, 20), 95, 100), 0, 0)


def digest_of(*units: UnitLine, whole_province: bool = True) -> str:
    digest = Digest(date(2026, 11, 23), units, whole_province=whole_province)
    return text_of(sample("digest")._replace(digest=digest))


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        (GREEN, False),
        (GREEN._replace(before_zone=None), False),
        (GREEN._replace(zone="grey", before_zone="grey"), False),
        (GREEN._replace(zone="yellow"), True),
        (GREEN._replace(zone="red", before_zone="red"), True),
        (GREEN._replace(before_zone="yellow"), True),
        (GREEN._replace(zone="grey"), True),
        (GREEN._replace(zone=None), True),
        (GREEN._replace(overdue=1), True),
        (GREEN._replace(incident_id="A/resolved@1/1"), True),
        (GREEN._replace(stale_since=SAMPLE_AT), True),
    ],
)
def test_the_province_is_told_of_units_with_something_to_tell(
    line: UnitLine, is_told: bool
) -> None:
    text = digest_of(line, GREEN._replace(unit_id="B", unit_name="Ba"))
    assert bool([shown for shown in dossiers_in(text) if shown.startswith("- An,")]) == is_told
    assert f"{1 if is_told else 2} đơn vị còn lại" in text


def test_a_head_is_told_of_each_unit() -> None:
    text = digest_of(GREEN, whole_province=False)
    assert "- An, vùng xanh: 95/100 hồ sơ đúng hạn (95,0 %)" in text
    assert "đơn vị còn lại" not in text


def test_those_who_must_act_first_stand_first() -> None:
    zones: tuple[Zone, ...] = ("grey", "green", "red", "yellow")
    lines = [GREEN._replace(zone=zone, unit_name=zone, overdue=1) for zone in zones]
    text = digest_of(*lines, GREEN._replace(unit_name="silent", stale_since=SAMPLE_AT))
    names = [line[2:].split(",")[0] for line in dossiers_in(text)]
    assert names == ["red", "yellow", "green", "grey", "silent"]


@pytest.mark.parametrize("since", [SAMPLE_AT - 86_400_000])
def test_a_silent_feed_is_told_in_place_of_a_colour(since: Millis) -> None:
    text = digest_of(GREEN._replace(stale_since=since), GREEN)
    assert "- An, không rõ vùng: chỉ có dữ liệu đến 22/11/2026 08:10; 95/100" in text
    assert "2 đơn vị, gồm 1 vùng xanh, 1 không có dữ liệu mới;" in text


def test_who_holds_an_incident() -> None:
    line = GREEN._replace(incident_id="A/resolved@1/1", opened_at=SAMPLE_AT)
    assert "cảnh báo đang mở từ 23/11/2026 08:10, chưa ai xác nhận" in digest_of(line)
    assert "pct-an đã xác nhận" in digest_of(line._replace(acknowledged_by="pct-an"))


def test_a_digest_of_no_unit_is_still_a_message() -> None:
    assert digest_of().startswith("Tổng hợp buổi sáng ngày 23/11/2026: 0 đơn vị;")


def test_more_dossiers_than_were_given_are_counted() -> None:
    dossier = DossierAtRisk("d", SAMPLE_AT, "overdue")
    digest = Digest(date(2026, 11, 23), (GREEN,), (("A", dossier),) * 30, at_risk_total=500)
    text = text_of(sample("digest")._replace(digest=digest))
    assert text.count("- d (An) – quá hạn từ 23/11/2026 08:10") == 20
    assert "- và 480 hồ sơ khác" in text


def test_a_digest_in_one_message_with_other_news_comes_first() -> None:
    item: Item = sample("opened").items[0]
    composed = COMPOSER.compose(sample("digest")._replace(items=(item,)))
    assert composed.subject.endswith("(và 1 tin khác)")
    assert composed.text.index("Tổng hợp buổi sáng") < composed.text.index("đã rời vùng xanh")
