"""The rules R1-R8 of the domain, a table of cases for each. This file is the proof of the fold.

A case may be changed only with a reason from the domain. Hours count from a local midnight.
"""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from indicators.counts import NOTHING, Share, share_of
from indicators.dossier import (
    NOTES,
    due_instant,
    r1_voided_out,
    r2_received,
    r3_due,
    r4_moved,
    r4_pauses,
    r5_end,
    r6_verdict,
    r7_counts,
    r8_flags,
)
from indicators.facts import Fact
from indicators.ledger import Admission, UnitLedger
from schemas.event import EVENT_TYPES
from schemas.instants import read_instant
from tests.indicators.telling import AMSTERDAM, VIET_NAM, at, day, fact, told

# R1 identity


def ids(facts: object) -> set[str]:
    assert isinstance(facts, list | tuple)
    return {one.event_id for one in facts}


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        pytest.param(
            [fact("received", 1), fact("completed", 2)],
            {"received", "completed"},
            id="without a voided event all of them count",
        ),
        pytest.param(
            [fact("received", 1), fact("completed", 2), fact("voided", 3, voids="completed")],
            {"received"},
            id="a voided event takes out the event it names",
        ),
        pytest.param(
            [fact("voided", 0, voids="completed"), fact("received", 1), fact("completed", 2)],
            {"received"},
            id="whichever of the two comes first",
        ),
        pytest.param(
            [
                fact("received", 1),
                fact("voided", 2, voids="received", event_id="v1"),
                fact("voided", 3, voids="v1", event_id="v2"),
            ],
            set(),
            id="a voided event cannot itself be voided",
        ),
        pytest.param(
            [fact("received", 1), fact("voided", 2, voids="of another dossier")],
            {"received"},
            id="voiding an event that nobody knows takes nothing out",
        ),
        pytest.param(
            [fact("received", 1), fact("voided", 2, voids="voided")],
            {"received"},
            id="a voided event that names itself takes nothing out",
        ),
    ],
)
def test_r1_voided(facts: list[Fact], left: set[str]) -> None:
    assert ids(r1_voided_out(sorted(facts))) == left


def test_r1_a_due_date_stated_with_a_voided_event_is_not_stated() -> None:
    course = told(
        fact("received", 1, due=10),
        fact("processing", 2),
        fact("voided", 3, voids="processing", due=99),
    )
    assert course.due == at(10)


def test_r1_a_voided_end_reopens_the_dossier() -> None:
    course = told(
        fact("received", 1, due=10), fact("completed", 2), fact("voided", 3, voids="completed")
    )
    assert (course.end, course.verdict) == (None, None)


def test_r1_a_voided_pause_never_was() -> None:
    course = told(
        fact("received", 1, due=10),
        fact("supplement_requested", 4),
        fact("voided", 5, voids="supplement_requested"),
        fact("supplement_completed", 8),
        fact("completed", 11),
    )
    assert (course.pauses, course.verdict) == ((), "late")


@pytest.mark.parametrize(
    ("later", "admission"),
    [
        pytest.param(fact("completed", 2, due=9), Admission.DUPLICATE, id="same content"),
        pytest.param(
            fact("completed", 2, due=9)._replace(arrival=7, offset=9),
            Admission.DUPLICATE,
            id="where and when it arrived is no content",
        ),
        pytest.param(fact("completed", 3, due=9), Admission.CONFLICT, id="another time"),
        pytest.param(fact("completed", 2, due=10), Admission.CONFLICT, id="another due date"),
        pytest.param(fact("completed", 2), Admission.CONFLICT, id="no due date"),
        pytest.param(
            fact("refused", 2, due=9, event_id="completed"), Admission.CONFLICT, id="another type"
        ),
        pytest.param(
            fact("completed", 2, due=9)._replace(step_mark=1), Admission.CONFLICT, id="another step"
        ),
        pytest.param(
            fact("completed", 2, due=9)._replace(channel="post"),
            Admission.CONFLICT,
            id="another channel",
        ),
        pytest.param(fact("completed", 2, due=9, event_id="x"), Admission.NEW, id="another id"),
    ],
)
def test_r1_an_event_id_counts_once(later: Fact, admission: Admission) -> None:
    ledger = UnitLedger(VIET_NAM)
    ledger.add("D", fact("completed", 2, due=9))
    assert ledger.examine("D", later) is admission
    assert ledger.examine("another dossier", later) is Admission.NEW


# R2 receipt


@pytest.mark.parametrize(
    ("facts", "received"),
    [
        pytest.param([fact("received", 1)], 1, id="received when received"),
        pytest.param(
            [fact("received", 3, event_id="a"), fact("received", 2, event_id="b")],
            2,
            id="received at the earliest received",
        ),
        pytest.param([fact("submitted", 1), fact("not_accepted", 2)], None, id="never received"),
        pytest.param([fact("submitted", 1), fact("received", 2)], 2, id="submission is no receipt"),
    ],
)
def test_r2_received(facts: list[Fact], received: float | None) -> None:
    assert r2_received(sorted(facts)) == (None if received is None else at(received))


@pytest.mark.parametrize(
    ("facts", "share"),
    [
        pytest.param(
            [fact("submitted", 1, due=5)], NOTHING, id="only submitted: in no count of open ones"
        ),
        pytest.param(
            [fact("submitted", 1, due=5), fact("not_accepted", 2)],
            NOTHING,
            id="not accepted: in no count of open ones",
        ),
        pytest.param(
            [fact("submitted", 1), fact("supplement_requested", 2)],
            NOTHING,
            id="paused before receipt: in no count of open ones",
        ),
        pytest.param(
            [fact("submitted", 1, due=5), fact("completed", 6)],
            Share("late", at(6)),
            id="an end without received counts by its own times",
        ),
        pytest.param(
            [fact("received", 1, due=5)], Share("open", at(5)), id="received: open until it ends"
        ),
    ],
)
def test_r2_share(facts: list[Fact], share: Share) -> None:
    assert share_of(told(*facts)) == share


# R3 due

BREACH = ("due_moved_after_breach",)


@pytest.mark.parametrize(
    ("facts", "due", "flags"),
    [
        pytest.param([fact("received", 1)], None, (), id="no due date stated, none stands"),
        pytest.param([fact("received", 1, due=10)], 10, (), id="the first stated stands"),
        pytest.param(
            [fact("received", 1), fact("processing", 20, due=10)],
            10,
            (),
            id="the first stated stands, though it had passed when stated",
        ),
        pytest.param(
            [fact("received", 1), fact("completed", 2), fact("processing", 3, due=10)],
            10,
            (),
            id="the first stated stands, though stated after the end",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("due_changed", 5, due=20)],
            20,
            (),
            id="a later one replaces it before it has passed",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("due_changed", 5, due=6)],
            6,
            (),
            id="also by an earlier date",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("due_changed", 10, due=20)],
            20,
            (),
            id="at the due instant itself it has not passed",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("due_changed", 10.001, due=20)],
            10,
            BREACH,
            id="a date moved after the fact is flagged and does not stand",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("apology_issued", 12, due=20)],
            10,
            BREACH,
            id="an apology slip's date comes after the fact",
        ),
        pytest.param(
            [
                fact("received", 1, due=10),
                fact("due_changed", 12, due=20, event_id="x"),
                fact("due_changed", 13, due=30, event_id="y"),
            ],
            10,
            BREACH,
            id="a date that does not stand opens no way for the next",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("processing", 12, due=10)],
            10,
            (),
            id="the standing date said again after the fact moves nothing",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("completed", 5), fact("due_changed", 6, due=20)],
            10,
            BREACH,
            id="after the end no date replaces it",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("completed", 5, due=20)],
            10,
            BREACH,
            id="nor does one stated with the end itself",
        ),
        pytest.param(
            [
                fact("received", 1, due=10),
                fact("delivered", 5),
                fact("due_changed", 6, due=20),
                fact("completed", 7),
            ],
            20,
            (),
            id="the end is the one that R5 finds",
        ),
        pytest.param(
            [fact("received", 1, due=day(0)), fact("due_changed", 23.9, due=day(1))],
            48 - 1 / 3.6e9,
            (),
            id="a bare date has passed only when its day is over",
        ),
        pytest.param(
            [fact("received", 1, due=day(0)), fact("due_changed", 24, due=day(1))],
            24 - 1 / 3.6e9,
            BREACH,
            id="at midnight a bare date has passed",
        ),
        pytest.param(
            [
                fact("received", 1, due=10),
                fact("supplement_requested", 5),
                fact("supplement_completed", 20, due=30),
            ],
            30,
            (),
            id="the date stated by the end of a pause stands",
        ),
        pytest.param(
            [
                fact("received", 1, due=10),
                fact("supplement_requested", 5),
                fact("due_changed", 20, due=30),
            ],
            30,
            (),
            id="during a pause begun in time the due date has not passed",
        ),
        pytest.param(
            [
                fact("received", 1, due=10),
                fact("supplement_requested", 12),
                fact("due_changed", 13, due=30),
            ],
            10,
            BREACH,
            id="during a pause begun too late it has",
        ),
        pytest.param(
            [fact("received", 1, due=10), fact("supplement_completed", 12, due=30)],
            10,
            BREACH,
            id="the end of a pause that never began ends no pause",
        ),
    ],
)
def test_r3_due(facts: list[Fact], due: float | None, flags: tuple[str, ...]) -> None:
    facts = sorted(facts)
    end = r5_end(facts)
    standing = r3_due(facts, end, r4_pauses(facts, end), VIET_NAM)
    assert (standing and standing.stated) == (None if due is None else at(due))
    assert (standing.flags if standing else ()) == flags


# R4 pause

ASKED, GIVEN = "supplement_requested", "supplement_completed"


@pytest.mark.parametrize(
    ("facts", "pauses"),
    [
        pytest.param([fact(ASKED, 3), fact(GIVEN, 5)], [(3, 5)], id="from request to completion"),
        pytest.param(
            [fact("fee_requested", 3), fact("fee_paid", 5)], [(3, 5)], id="from fee to payment"
        ),
        pytest.param([fact(ASKED, 3)], [(3, None)], id="not ended"),
        pytest.param([fact(GIVEN, 3)], [], id="a completion without a request"),
        pytest.param(
            [fact(ASKED, 3), fact("fee_paid", 4)], [(3, None)], id="a payment completes no papers"
        ),
        pytest.param(
            [fact(ASKED, 3), fact("fee_requested", 4), fact(GIVEN, 6), fact("fee_paid", 8)],
            [(3, 8)],
            id="overlapping pauses count as one, from the first start to the last end",
        ),
        pytest.param(
            [fact(ASKED, 3), fact("fee_requested", 4), fact("fee_paid", 5), fact(GIVEN, 8)],
            [(3, 8)],
            id="one within another is the outer one",
        ),
        pytest.param(
            [fact(ASKED, 3), fact("fee_requested", 4), fact(GIVEN, 6)],
            [(3, None)],
            id="while one of them goes on, all goes on",
        ),
        pytest.param(
            [fact(ASKED, 3, event_id="a"), fact(ASKED, 4, event_id="b"), fact(GIVEN, 6)],
            [(3, 6)],
            id="a request repeated is one pause",
        ),
        pytest.param(
            [
                fact(ASKED, 3, event_id="a"),
                fact(GIVEN, 4, event_id="b"),
                fact(ASKED, 6, event_id="c"),
                fact(GIVEN, 9, event_id="d"),
            ],
            [(3, 4), (6, 9)],
            id="one after another are two",
        ),
        pytest.param(
            [fact(ASKED, 3), fact("completed", 5)], [(3, 5)], id="open at the end, it ends there"
        ),
        pytest.param(
            [fact(ASKED, 3), fact("completed", 5), fact(GIVEN, 9)],
            [(3, 5)],
            id="completed after the end, it ended with the dossier",
        ),
        pytest.param(
            [fact("completed", 2), fact(ASKED, 3)], [], id="after the end there is no pause"
        ),
    ],
)
def test_r4_pauses(facts: list[Fact], pauses: list[tuple[float, float | None]]) -> None:
    facts = sorted(facts)
    found = [(pause.start, pause.stop) for pause in r4_pauses(facts, r5_end(facts))]
    assert found == [(at(a), None if b is None else at(b)) for a, b in pauses]


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        pytest.param([fact(ASKED, 5), fact(GIVEN, 8)], 13, id="by the length of the pause"),
        pytest.param(
            [fact(ASKED, 5), fact(GIVEN, 8), fact("fee_requested", 12), fact("fee_paid", 14)],
            15,
            id="by each pause in turn, the second begun before the date as moved",
        ),
        pytest.param(
            [fact(ASKED, 5), fact("due_changed", 6, due=11), fact(GIVEN, 9)],
            14,
            id="by the part after the statement, stated during the pause",
        ),
        pytest.param(
            [fact(ASKED, 5), fact(GIVEN, 8), fact("due_changed", 9, due=20)],
            20,
            id="not by a pause that was over when it was stated",
        ),
        pytest.param(
            [fact(ASKED, 5), fact(GIVEN, 8, due=9)],
            9,
            id="not at all where the end of the pause states a date",
        ),
        pytest.param(
            [fact(ASKED, 5), fact("fee_requested", 6), fact(GIVEN, 7, due=20), fact("fee_paid", 9)],
            22,
            id="stated by the end of a part of a pause, it moves by the rest",
        ),
        pytest.param([fact(ASKED, 10), fact(GIVEN, 12)], 12, id="begun at the due instant itself"),
    ],
)
def test_r4_the_due_date_moves(facts: list[Fact], due: float) -> None:
    assert told(fact("received", 1, due=10), *facts).due == at(due)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        pytest.param(
            [fact(ASKED, 9), fact(GIVEN, 20), fact("completed", 21)],
            "on_time",
            id="a pause begun before the due date keeps a dossier from being late",
        ),
        pytest.param(
            [fact(ASKED, 12), fact(GIVEN, 20), fact("completed", 20.5)],
            "late",
            id="a pause begun after the due date cures nothing",
        ),
        pytest.param(
            [fact(ASKED, 9), fact("completed", 20)],
            "on_time",
            id="a pause still open at the end counts up to it",
        ),
        pytest.param(
            [fact(ASKED, 12), fact("completed", 12.5)],
            "late",
            id="an open pause begun after the due date cures nothing either",
        ),
        pytest.param(
            [fact(ASKED, 9), fact(GIVEN, 20), fact("completed", 21.5)],
            "late",
            id="after a pause there is only what was left before it",
        ),
    ],
)
def test_r4_verdict(facts: list[Fact], verdict: str) -> None:
    assert told(fact("received", 1, due=10), *facts).verdict == verdict


@pytest.mark.parametrize(
    ("facts", "share"),
    [
        pytest.param([fact(ASKED, 9)], Share("paused"), id="paused in time: never overdue"),
        pytest.param([fact(ASKED, 10)], Share("paused"), id="paused at the due instant: in time"),
        pytest.param([fact(ASKED, 11)], Share("open", at(10)), id="paused too late: overdue"),
        pytest.param(
            [fact(ASKED, 5), fact("due_changed", 8, due=7)],
            Share("open", at(7)),
            id="a date already past when stated during a pause: overdue",
        ),
        pytest.param(
            [fact(ASKED, 5), fact(GIVEN, 8)], Share("open", at(13)), id="clock running again"
        ),
        pytest.param(
            [fact(ASKED, 2), fact(GIVEN, 6), fact("fee_requested", 13)],
            Share("paused"),
            id="paused again before the date as moved",
        ),
    ],
)
def test_r4_an_open_dossier(facts: list[Fact], share: Share) -> None:
    assert share_of(told(fact("received", 1, due=10), *facts)) == share


def test_r4_moved_counts_a_pause_only_up_to_the_instant_asked_for() -> None:
    facts = [fact(ASKED, 5), fact(GIVEN, 9)]
    pauses = r4_pauses(facts, None)
    assert r4_moved(at(10), at(1), at(7), pauses) == at(12)
    assert r4_moved(at(10), at(1), at(4), pauses) == at(10)


# R5 end


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        pytest.param([fact("received", 1)], None, id="open"),
        pytest.param(
            [fact("delivered", 2), fact("completed", 3)],
            "completed",
            id="completed beats an earlier delivered",
        ),
        pytest.param(
            [fact("refused", 2), fact("delivered", 3)], "delivered", id="delivered beats refused"
        ),
        pytest.param(
            [fact("stopped", 2), fact("refused", 3)],
            "stopped",
            id="of refused, stopped, withdrawn the earliest",
        ),
        pytest.param([fact("withdrawn", 2), fact("stopped", 3)], "withdrawn", id="they are alike"),
        pytest.param(
            [fact("completed", 2, event_id="x"), fact("completed", 3, event_id="a")],
            "x",
            id="of one rank the earliest",
        ),
        pytest.param(
            [fact("completed", 2, event_id="b"), fact("completed", 2, event_id="a")],
            "a",
            id="of one instant the first by id",
        ),
        pytest.param(
            [fact("completed", 2), fact("processing", 3), fact("received", 4)],
            "completed",
            id="a step after the end does not reopen",
        ),
    ],
)
def test_r5_end(facts: list[Fact], end: str | None) -> None:
    found = r5_end(sorted(facts))
    assert (found and found.event_id) == end


def test_r5_a_result_waiting_to_be_collected_is_never_late() -> None:
    course = told(fact("received", 1, due=10), fact("completed", 9), fact("delivered", 99))
    assert course.verdict == "on_time"


@pytest.mark.parametrize("kind", ["stopped", "withdrawn"])
def test_r5_an_end_that_is_no_result_is_in_no_count(kind: str) -> None:
    assert share_of(told(fact("received", 1, due=10), fact(kind, 11))) == NOTHING


# R6 verdict


@pytest.mark.parametrize(
    ("end", "due", "verdict"),
    [
        pytest.param(10, 10, "on_time", id="at the due instant"),
        pytest.param(10 + 1 / 3.6e9, 10, "late", id="a microsecond after it"),
        pytest.param(1, 23, "on_time", id="on the due day"),
        pytest.param(23.99, 24.0, "early", id="before the due's local day, if by a minute"),
        pytest.param(24.0, 24.0, "on_time", id="at the midnight that is due"),
        pytest.param(24 - 1 / 3.6e9, day(0), "on_time", id="the last microsecond of a bare date"),
        pytest.param(24, day(0), "late", id="the midnight after a bare date"),
        pytest.param(0, day(0), "on_time", id="the first instant of a bare date"),
        pytest.param(0 - 1 / 3.6e9, day(0), "early", id="the instant before a bare date"),
        pytest.param(0, 49, "early", id="days before"),
    ],
)
def test_r6_verdict(end: float, due: float | date, verdict: str) -> None:
    stated = due_instant(due, VIET_NAM) if isinstance(due, date) else at(due)
    assert r6_verdict(at(end), stated, VIET_NAM) == verdict


def test_r6_a_day_is_local() -> None:
    end = read_instant("2024-03-30T23:30:00+01:00")  # the 30th in Amsterdam, the 31st in Viet Nam
    due = read_instant("2024-03-31T12:00:00+02:00")
    assert r6_verdict(end, due, AMSTERDAM) == "early"
    assert r6_verdict(end, due, VIET_NAM) == "on_time"


@pytest.mark.parametrize(
    ("stated", "last"),
    [
        pytest.param(date(2024, 3, 31), "2024-03-31T23:59:59.999999+02:00", id="spring, 23 hours"),
        pytest.param(date(2024, 10, 27), "2024-10-27T23:59:59.999999+01:00", id="autumn, 25 hours"),
        pytest.param(
            date(2200, 12, 31), "2200-12-31T23:59:59.999999+01:00", id="the last there is"
        ),
    ],
)
def test_r6_a_bare_date_is_the_last_microsecond_of_that_local_day(stated: date, last: str) -> None:
    assert due_instant(stated, AMSTERDAM) == read_instant(last)


def test_r6_the_due_date_as_moved_decides_between_early_and_on_time() -> None:
    moved = told(
        fact("received", 1, due=23), fact(ASKED, 2), fact(GIVEN, 12), fact("completed", 20)
    )
    assert moved.verdict == "early"  # due at hour 33 now, which is tomorrow


# R7 no due


def test_r7_counts() -> None:
    assert r7_counts(at(1))
    assert not r7_counts(None)


@pytest.mark.parametrize(
    ("facts", "share"),
    [
        pytest.param([fact("received", 1)], Share("no_due"), id="open: counted apart"),
        pytest.param([fact("received", 1), fact("completed", 2)], NOTHING, id="ended: in no count"),
        pytest.param(
            [fact("received", 1), fact(ASKED, 2)], Share("paused"), id="paused: as paused"
        ),
        pytest.param(
            [fact("received", 1), fact(ASKED, 2), fact(GIVEN, 3)],
            Share("no_due"),
            id="paused no more",
        ),
    ],
)
def test_r7_share(facts: list[Fact], share: Share) -> None:
    assert share_of(told(*facts)) == share


# R8 stated times stand


@pytest.mark.parametrize(
    ("received", "end", "flags"),
    [
        pytest.param(5, 3, ("end_before_receipt",), id="an end before receipt is flagged"),
        pytest.param(5, 5, (), id="at the same instant it is not"),
        pytest.param(5, 6, (), id="after it is not"),
        pytest.param(None, 6, (), id="without receipt it is not"),
    ],
)
def test_r8_flags(received: float | None, end: float, flags: tuple[str, ...]) -> None:
    received_at = None if received is None else at(received)
    assert r8_flags(received_at, fact("completed", end)) == flags


def test_r8_an_end_before_receipt_is_counted_as_stated() -> None:
    course = told(fact("received", 5, due=10), fact("completed", 3))
    assert share_of(course) == Share("on_time", at(3))
    assert course.flags == ("end_before_receipt",)


def test_r8_both_flags_are_kept() -> None:
    course = told(fact("received", 5, due=10), fact("completed", 3), fact("due_changed", 6, due=20))
    assert set(course.flags) == {"end_before_receipt", "due_moved_after_breach"}


# All of them together

LIFE = (
    fact("received", 1, due=10),
    fact(ASKED, 4),
    fact("due_changed", 5, due=11),
    fact(GIVEN, 7),
    fact("completed", 12.5),
    fact("voided", 3, voids="due_changed"),
)


def test_the_order_of_arrival_is_nothing_to_the_course() -> None:
    courses = {told(*order) for order in permutations(LIFE)}
    assert len(courses) == 1
    assert courses.pop().verdict == "on_time"  # due at 13: the change to 11 was taken back


@pytest.mark.parametrize("kind", sorted(NOTES))
@pytest.mark.parametrize("hour", [0, 4, 4.5, 12.5, 20])
def test_a_note_without_a_due_date_changes_no_course(kind: str, hour: float) -> None:
    assert told(*LIFE) == told(*LIFE, fact(kind, hour, event_id="note"))


def test_notes_are_types_of_the_contract() -> None:
    assert set(EVENT_TYPES) >= NOTES
