"""A unit's profile: what it is made of, each part by cases and against the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.explain import explain_dossier
from indicators.facts import Fact
from indicators.known import Histories, Question
from indicators.policy import Policy
from indicators.profile import (
    SERIES_POINTS,
    bucket_of,
    series_instants,
    stated,
    unit_profile,
    week_days,
)
from indicators.windows import read_window
from schemas.instants import DAY, Micros, micros, read_instant
from schemas.profile import BUCKETS, Breakdown, ProcedureRow, UnitProfile, Week
from schemas.status import Outcomes
from tests.indicators.asking import histories_of_records, known_in_order, some_question
from tests.indicators.telling import AMSTERDAM, VIET_NAM, at, fact
from tests.oracle.count import RESULTS, count, open_states
from tests.oracle.feeds import START, Feed, feed
from tests.oracle.fold import fold_unit
from tests.oracle.strategies import SEEDS, chosen, feeds
from tests.profiles import steady

POLICY = Policy(
    "resolved@1", read_window("30d", VIET_NAM), Fraction(9, 10), Fraction(8, 10), 2, 0, 0
)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def said(one: Fact, **more: str) -> Fact:
    return one._replace(**more)  # type: ignore[arg-type]


def profile(
    histories: Histories, hour: float = 36, definition: str = "resolved@1", window: str = "7d"
) -> UnitProfile:
    question = Question(definition, read_window(window, VIET_NAM), at(hour), VIET_NAM)
    return unit_profile("u", histories, question, POLICY, DAY)


def ended(hour: float, due: float = 30, **more: str) -> list[Fact]:
    return [said(fact("received", 1, due=due), **more), fact("completed", hour)]


# The figure over time


@pytest.mark.parametrize(
    ("as_of", "last", "first"),
    [
        ("2026-06-30T12:00:00+07:00", "2026-06-30T00:00:00+07:00", "2026-05-03T00:00:00+07:00"),
        ("2026-06-30T00:00:00+07:00", "2026-06-29T00:00:00+07:00", "2026-05-02T00:00:00+07:00"),
        ("2026-06-29T17:00:00.000001Z", "2026-06-30T00:00:00+07:00", "2026-05-03T00:00:00+07:00"),
    ],
)
def test_the_ends_of_local_days_and_t(as_of: str, last: str, first: str) -> None:
    instants = series_instants(read_instant(as_of), VIET_NAM)
    assert len(instants) == SERIES_POINTS == 60
    assert instants[-1] == read_instant(as_of)
    assert instants[-2] == read_instant(last)
    assert instants[0] == read_instant(first)
    assert all(later - sooner == DAY for sooner, later in pairwise(instants[:-1]))


def test_the_ends_of_days_where_clocks_are_changed() -> None:
    instants = series_instants(read_instant("2024-04-01T10:00:00+02:00"), AMSTERDAM)
    hours = [(later - sooner) // (DAY // 24) for sooner, later in pairwise(instants)]
    assert hours[-3:] == [24, 23, 10]
    assert set(hours[:-2]) == {24}


def test_a_point_of_the_series_knows_nothing_of_what_came_after_it() -> None:
    histories = {"A": ended(8, due=5), "B": ended(29), "C": ended(20, due=10)}
    points = profile(histories).series
    assert [point[1:] for point in points[-3:]] == [(0, 0), (0, 2), (1, 3)]
    assert [point.at for point in points[-3:]] == [at(0), at(24), at(36)]


# Weeks


def test_weeks_begin_on_monday_and_the_last_is_running() -> None:
    mondays = week_days(read_instant("2026-06-28T16:59:59Z"), VIET_NAM)  # the end of Sunday there
    assert len(mondays) == 26
    assert (mondays[0], mondays[-1]) == (date(2025, 12, 29), date(2026, 6, 22))
    assert week_days(read_instant("2026-06-28T17:00:00Z"), VIET_NAM)[-1] == date(2026, 6, 29)


def test_ends_by_the_week_of_their_local_date() -> None:
    """The beginning is a Wednesday: Monday is two days before it, Sunday's end four days after."""
    histories = {
        "on time, on Monday": [fact("completed", -48, due=-47)],
        "late, the Sunday before": [fact("completed", -48.001, due=-60)],
        "early, on Sunday": [fact("completed", 119.9, due=300)],
        "the next Monday, T": [fact("completed", 120, due=300)],
        "stopped": [fact("stopped", 0, due=300)],
        "without a due date": [fact("completed", 0)],
        "the first instant of the first week": [fact("completed", -48 - 25 * 7 * 24, due=999)],
        "just before it": [fact("completed", -48.001 - 25 * 7 * 24, due=999)],
    }
    weeks = profile(histories, 120 - 1 / 3600).weeks
    assert weeks[-1] == Week(date(2024, 1, 8), Outcomes(1, 1, 0))
    assert weeks[-2] == Week(date(2024, 1, 1), Outcomes(0, 0, 1))
    assert profile(histories, 121).weeks[-1] == Week(date(2024, 1, 15), Outcomes(1, 0, 0))
    assert weeks[0] == Week(date(2023, 7, 17), Outcomes(1, 0, 0))
    assert profile(histories, 121).weeks[0] == Week(date(2023, 7, 24), Outcomes(0, 0, 0))


# Open dossiers by time to due


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-30.001, "overdue_30d"),
        (-30, "overdue_7d"),
        (-7.001, "overdue_7d"),
        (-7, "overdue_1d"),
        (-1.001, "overdue_1d"),
        (-1, "overdue"),
        (-0.001, "overdue"),
        (0, "due_1d"),
        (1, "due_1d"),
        (1.001, "due_7d"),
        (7, "due_7d"),
        (7.001, "due_30d"),
        (30, "due_30d"),
        (30.001, "due_later"),
    ],
)
def test_buckets(days: float, bucket: str) -> None:
    assert bucket_of(round(days * DAY) + at(0), at(0)) == bucket


def test_every_open_dossier_is_in_one_bucket() -> None:
    histories = {
        "A": [fact("received", 1, due=30)],
        "B": [fact("received", 1, due=30), fact("supplement_requested", 29)],
        "C": [fact("received", 1, due=30), fact("supplement_requested", 31)],
        "D": [fact("received", 1)],
        "E": ended(8),
        "F": [fact("submitted", 1)],
        "G": [fact("received", 37)],
    }
    found = profile(histories)
    assert dict(found.backlog) == dict.fromkeys(BUCKETS, 0) | {
        "overdue": 2,
        "paused": 1,
        "no_due": 1,
    }
    assert [bucket for bucket, _ in found.backlog] == list(BUCKETS)


# Channels, service levels, procedures


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        pytest.param([fact("received", 1)], None, id="nothing said"),
        pytest.param(
            [said(fact("received", 1), channel="post"), fact("completed", 2)],
            "post",
            id="said once, and not denied",
        ),
        pytest.param(
            [
                said(fact("received", 1), channel="post"),
                said(fact("completed", 2), channel="online"),
            ],
            "online",
            id="the latest counts",
        ),
        pytest.param(
            [
                said(fact("received", 1), channel="post"),
                said(fact("processing", 2), channel="online"),
                fact("voided", 3, voids="processing"),
            ],
            "post",
            id="what was taken back says nothing",
        ),
    ],
)
def test_what_is_stated(facts: Sequence[Fact], key: str | None) -> None:
    assert stated(facts, "channel") == key


def test_what_is_stated_at_t_or_later_is_not_said_yet() -> None:
    histories = {"A": [*ended(8, channel="post"), said(fact("delivered", 36), channel="online")]}
    assert [part.key for part in profile(histories).channels] == ["post"]
    assert [part.key for part in profile(histories, 37).channels] == ["online"]


def test_channels_and_levels_of_those_that_ended_in_the_window() -> None:
    histories = {
        "A": ended(8, channel="online", service_level="full"),
        "B": ended(31, channel="online", service_level="4"),
        "C": ended(9, channel="direct", service_level="full"),
        "D": ended(9),
        "E": ended(-170, channel="post"),
        "F": [said(fact("received", 1, due=2), channel="post")],
    }
    found = profile(histories)
    assert found.channels == (
        Breakdown("online", 2, 1, 1, 0.5),
        Breakdown("direct", 1, 1, 0, 0.25),
        Breakdown(None, 1, 1, 0, 0.25),
    )
    assert found.service_levels == (
        Breakdown("full", 2, 2, 0, 0.5),
        Breakdown("4", 1, 0, 1, 0.25),
        Breakdown(None, 1, 1, 0, 0.25),
    )


def test_an_end_as_the_window_begins_is_in_it() -> None:
    histories = {"A": ended(36 - 7 * 24, channel="post"), "B": ended(36 - 7 * 24 - 0.001)}
    assert profile(histories).channels == (Breakdown("post", 1, 1, 0, 1.0),)


def test_procedures_with_most_lateness_first_and_ten_at_most() -> None:
    histories: dict[str, Sequence[Fact]] = {
        "A": ended(31, procedure_id="b"),
        "B": [said(fact("received", 1, due=2), procedure_id="b")],
        "C": ended(32, procedure_id="a"),
        "D": ended(32, procedure_id="a"),
        "E": ended(8, procedure_id="a"),
        "F": [said(fact("received", 1, due=2), procedure_id="o")],
        "G": [fact("received", 1, due=2)],
        "H": [said(fact("received", 1, due=99), procedure_id="open")],
    }
    assert profile(histories).procedures == (
        ProcedureRow("a", 3, 1, 2, 0),
        ProcedureRow("b", 1, 0, 1, 1),
        ProcedureRow("o", 0, 0, 0, 1),
        ProcedureRow(None, 0, 0, 0, 1),
    )
    histories |= {f"x{number}": ended(8, procedure_id=f"x{number}") for number in range(9)}
    assert len(profile(histories).procedures) == 10


# The dossiers at risk


def test_the_dossiers_at_risk_earliest_due_first() -> None:
    histories = {
        "within": [fact("received", 1, due=61)],
        "due soon": [fact("received", 1, due=60)],
        "overdue": [fact("received", 1, due=35)],
        "also overdue": [fact("received", 1, due=35)],
        "paused": [fact("received", 1, due=35), fact("fee_requested", 2)],
        "no due": [fact("received", 1)],
        "ended": ended(8),
    }
    found = profile(histories)
    assert [(one.dossier_id, one.state) for one in found.at_risk] == [
        ("also overdue", "overdue"),
        ("overdue", "overdue"),
        ("due soon", "due_soon"),
        ("within", "within"),
    ]
    assert found.at_risk_total == 4


def test_one_paused_after_the_breach_is_told_with_the_date_it_has_at_t() -> None:
    """As in the explanation of the figure: moved by the pause up to T, and overdue all the same."""
    facts = [fact("received", 1, due=20), fact("fee_requested", 30)]
    [told] = profile({"D": facts}).at_risk
    question = Question("strict@1", read_window("7d", VIET_NAM), at(36), VIET_NAM)
    alone = explain_dossier("D", facts, question, 0)
    assert (told.state, told.due_at * 1_000) == ("overdue", alone.due_at)
    assert told.due_at * 1_000 > at(20)


def test_a_hundred_at_risk_are_named() -> None:
    found = profile({str(number): [fact("received", 1, due=99)] for number in range(103)})
    assert (len(found.at_risk), found.at_risk_total) == (100, 103)


def test_a_unit_without_dossiers() -> None:
    found = profile({})
    assert (found.numerator, found.denominator, found.zone) == (0, 0, "grey")
    assert (found.channels, found.procedures, found.at_risk) == ((), (), ())


def test_the_answer_in_json() -> None:
    question = Question("strict@1", POLICY.window, at(36), VIET_NAM, at(36))
    histories = {
        "A": ended(8, channel="post", procedure_id="P"),
        "B": [fact("received", 1, due=date(2024, 1, 10))],
    }
    found = unit_profile("u", histories, question, POLICY, DAY)
    answer = orjson.loads(found.to_json())
    assert list(answer) == [
        *("unit_id", "as_of", "known", "definition", "window", "figure", "zone", "outcomes"),
        *("open", "series", "weeks", "backlog", "channels", "service_levels", "procedures"),
        *("at_risk", "at_risk_total"),
    ]
    assert answer["known"] == "then"
    assert answer["as_of"] == "2024-01-11T05:00:00.000+00:00"
    assert answer["figure"] == {"numerator": 1, "denominator": 2}
    assert answer["zone"] == "red"
    assert answer["series"][-1] == {"at": answer["as_of"], "numerator": 1, "denominator": 2}
    assert answer["weeks"][-1] == {"from": "2024-01-08", "early": 1, "on_time": 0, "late": 0}
    assert answer["backlog"][3] == {"bucket": "overdue", "dossiers": 1}
    assert answer["channels"] == [
        {"key": "post", "resolved": 1, "on_time": 1, "late": 0, "share": 1.0}
    ]
    assert answer["procedures"][1] == {
        "key": "P", "resolved": 1, "on_time": 1, "late": 0, "overdue": 0
    }  # fmt: skip
    assert answer["at_risk"] == [
        {"dossier_id": "B", "due_at": "2024-01-10T16:59:59.999+00:00", "state": "overdue"}
    ]
    assert found._replace(known_at=None).to_dict()["known"] == "now"
    assert found._replace(known_at=at(35)).to_dict()["known"] == "2024-01-11T04:00:00+00:00"


# Against the oracle


def assert_as_counted(feed_: Feed, random: Random) -> None:
    when = START + timedelta(days=random.uniform(-1, 40))
    known_at = random.choice((None, random.choice(feed_.records).arrival))
    question = some_question(feed_, random, when, known_at)
    for unit_id in feed_.units():
        histories = histories_of_records(known_in_order(feed_, known_at), unit_id)
        found = unit_profile(unit_id, histories, question, POLICY, DAY)
        folded = fold_unit(feed_.records, unit_id, when, feed_.zone, known_at)
        name, window = question.definition, question.window.text
        counted = count(folded, name, window, when, feed_.zone)
        assert (found.numerator, found.denominator) == (counted.numerator, counted.denominator)
        assert found.outcomes == (counted.early, counted.on_time - counted.early, counted.late)
        assert found.open._asdict() == vars(open_states(folded, when))
        assert sum(number for _, number in found.backlog) == sum(found.open)
        assert found.at_risk_total == found.open.overdue + found.open.due_soon + found.open.within
        for part in (found.channels, found.service_levels):
            assert sum(one.resolved for one in part) == sum(found.outcomes)
            assert sum(one.late for one in part) == counted.late
        for point in random.sample(found.series, 6):
            moment = _EPOCH + timedelta(microseconds=point.at)
            then = fold_unit(feed_.records, unit_id, moment, feed_.zone, known_at)
            expected = count(then, name, window, moment, feed_.zone)
            assert point[1:] == (expected.numerator, expected.denominator)
        weeks: Counter[date] = Counter()
        for one in folded:
            if one.ended_at and one.ended_by in RESULTS and one.due_at:
                day = one.ended_at.astimezone(feed_.zone).date()
                weeks[day - timedelta(days=day.weekday())] += 1
        assert {week.monday: sum(week.outcomes) for week in found.weeks if any(week.outcomes)} == {
            monday: number for monday, number in weeks.items() if monday >= found.weeks[0].monday
        }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_profile_is_what_the_oracle_counts(seed: int) -> None:
    assert_as_counted(feed(seed), Random(seed))


@chosen
@given(feeds(), st.randoms(use_true_random=False))
def test_profiles_of_shrinking_feeds(feed_: Feed, random: Random) -> None:
    assert_as_counted(feed_, random)


@steady(60)
@given(
    st.integers(micros(START), micros(START) + 400 * DAY), st.sampled_from((VIET_NAM, AMSTERDAM))
)
def test_instants_are_in_order_and_before_t(now: Micros, zone: object) -> None:
    instants = series_instants(now, zone)  # type: ignore[arg-type]
    assert instants == sorted(set(instants))
    assert (len(instants), instants[-1]) == (60, now)
