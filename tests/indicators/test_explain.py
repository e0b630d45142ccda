"""Why a figure is what it is: the rule that decided, the reasons to be left out, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import orjson
import pytest

from indicators import explain as explaining
from indicators.counts import Tally
from indicators.definitions import DEFINITIONS, Count, Definition
from indicators.explain import explain, explain_dossier
from indicators.facts import Fact
from indicators.known import Question
from indicators.windows import read_window
from schemas.explanation import Explanation, LeftOut, PausedSpan
from tests.indicators.telling import VIET_NAM, at, fact

DAY = 24
WINDOW = read_window("7d", VIET_NAM)
PARTITION = 3


def question(hour: float = 7 * DAY, definition: str = "strict@1") -> Question:
    return Question(definition, WINDOW, at(hour), VIET_NAM)


def of(*dossiers: Sequence[Fact], hour: float = 7 * DAY, by: str = "strict@1") -> Explanation:
    histories = {f"D{number}": sorted(facts) for number, facts in enumerate(dossiers)}
    return explain("u", histories, question(hour, by), PARTITION)


RECEIVED = fact("received", 1, due=30)
PAUSE = (fact("supplement_requested", 5), fact("supplement_completed", 15))  # 10 h: due at 40


@pytest.mark.parametrize(
    ("facts", "counted", "rule"),
    [
        # R6: the comparison with the one due date, and nothing else
        pytest.param([RECEIVED, fact("completed", 30)], "on_time", "R6", id="on time"),
        pytest.param([RECEIVED, fact("completed", 23.9)], "early", "R6", id="early"),
        pytest.param([RECEIVED, fact("completed", 30.001)], "late", "R6", id="late"),
        pytest.param([RECEIVED], "overdue", "R6", id="overdue"),
        pytest.param([RECEIVED, fact("apology_issued", 31)], "overdue", "R6", id="a mere note"),
        # R1
        pytest.param(
            [RECEIVED, fact("completed", 29), fact("voided", 40, voids="completed")],
            "overdue",
            "R1",
            id="its end was taken back",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("due_changed", 29, due=50),
                fact("completed", 45),
                fact("voided", 60, voids="due_changed"),
            ],
            "late",
            "R1",
            id="a moved due date was taken back",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("processing", 2),
                fact("completed", 29),
                fact("voided", 3, voids="processing"),
            ],
            "on_time",
            "R6",
            id="something was taken back that made no difference",
        ),
        # R5
        pytest.param(
            [RECEIVED, fact("completed", 29), fact("delivered", 50)],
            "on_time",
            "R5",
            id="a result waiting to be collected is never late",
        ),
        pytest.param(
            [RECEIVED, fact("completed", 28), fact("delivered", 29)],
            "on_time",
            "R6",
            id="both ends are on time",
        ),
        pytest.param(
            [RECEIVED, fact("refused", 29), fact("completed", 50)],
            "late",
            "R5",
            id="completed beats a refusal that was on time",
        ),
        pytest.param(
            [RECEIVED, fact("stopped", 10), fact("delivered", 29)],
            "on_time",
            "R5",
            id="delivered beats a stop that is in no count",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("completed", 29, event_id="a"),
                fact("completed", 50, event_id="b"),
            ],
            "on_time",
            "R5",
            id="of one rank the earliest",
        ),
        # R4
        pytest.param([RECEIVED, *PAUSE, fact("completed", 39)], "on_time", "R4", id="a pause"),
        pytest.param([RECEIVED, *PAUSE, fact("completed", 29)], "on_time", "R6", id="unneeded"),
        pytest.param([RECEIVED, *PAUSE, fact("completed", 41)], "late", "R6", id="too short"),
        pytest.param(
            [fact("received", 1, due=20), *PAUSE, fact("completed", 19.5)],
            "early",
            "R4",
            id="a pause that made on time early",
        ),
        pytest.param(
            [
                RECEIVED,
                fact("fee_requested", 20),
                fact("fee_paid", 35, due=50),
                fact("completed", 49),
            ],
            "on_time",
            "R4",
            id="the date stated by the end of a pause, after the first had passed",
        ),
        pytest.param(
            [RECEIVED, fact("fee_requested", 29), fact("completed", 45)],
            "on_time",
            "R4",
            id="a pause that the end ended",
        ),
        pytest.param(
            [RECEIVED, fact("fee_requested", 31)], "overdue", "R6", id="begun after the due date"
        ),
        # R3
        pytest.param(
            [RECEIVED, fact("due_changed", 29, due=50), fact("completed", 45)],
            "early",
            "R3",
            id="moved in time",
        ),
        pytest.param(
            [RECEIVED, fact("due_changed", 31, due=50), fact("completed", 45)],
            "late",
            "R3",
            id="moved after the breach: it makes nothing on time",
        ),
        pytest.param(
            [RECEIVED, fact("apology_issued", 31, due=24 * 8)],
            "overdue",
            "R3",
            id="the new date of an apology slip",
        ),
        pytest.param(
            [RECEIVED, fact("supplement_requested", 10), fact("due_changed", 40, due=30)],
            "overdue",
            "R3",
            id="stated again as it was: the pause before moves it no more",
        ),
        pytest.param(
            [RECEIVED, fact("due_changed", 29, due=31), fact("completed", 45)],
            "late",
            "R6",
            id="moved, and late by either date",
        ),
        pytest.param(
            [RECEIVED, fact("due_changed", 29, due=28), fact("completed", 29.5)],
            "late",
            "R3",
            id="moved to an earlier date",
        ),
        # R8, R2
        pytest.param([fact("received", 20, due=30), fact("completed", 19)], "early", "R8", id="R8"),
        pytest.param([fact("completed", 31, due=30)], "late", "R2", id="no receipt"),
        pytest.param([fact("completed", 0, due=1)], "on_time", "R2", id="as the window begins"),
        pytest.param(
            [fact("submitted", 1, due=30), *PAUSE, fact("completed", 39)],
            "on_time",
            "R4",
            id="no receipt, and another rule decided how it counts",
        ),
    ],
)
def test_the_rule_that_decided(facts: Sequence[Fact], counted: str, rule: str) -> None:
    found = of(facts)
    assert [(one.counted, one.rule) for one in found.dossiers] == [(counted, rule)]
    assert found.left_out == ()
    alone = explain_dossier("D0", sorted(facts), question(), PARTITION)
    assert alone == found.dossiers[0]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param([RECEIVED, fact("voided", 2, voids="received")], "voided", id="all voided"),
        pytest.param([fact("voided", 2, voids="x")], "voided", id="nothing but a void"),
        pytest.param([fact("submitted", 1, due=2)], "not_received", id="submitted"),
        pytest.param([fact("not_accepted", 1)], "not_received", id="not accepted"),
        pytest.param([RECEIVED, fact("stopped", 2)], "ended_stopped", id="stopped"),
        pytest.param([RECEIVED, fact("withdrawn", 2)], "ended_withdrawn", id="withdrawn"),
        pytest.param([fact("stopped", -9 * DAY)], "ended_stopped", id="stopped long ago"),
        pytest.param([fact("completed", -0.001, due=1)], "ended_before_window", id="before"),
        pytest.param([fact("completed", 2)], "no_due", id="ended without a due date"),
        pytest.param([fact("completed", -9)], "no_due", id="so, and before the window"),
        pytest.param([fact("received", 2)], "no_due", id="open without a due date"),
        pytest.param([RECEIVED, fact("fee_requested", 29)], "open_paused", id="paused"),
        pytest.param([fact("received", 1), fact("fee_requested", 2)], "open_paused", id="R4, R7"),
        pytest.param([fact("received", 1, due=7 * DAY)], "open_not_overdue", id="due at T"),
    ],
)
def test_the_reason_to_be_left_out(facts: Sequence[Fact], reason: str) -> None:
    for by in DEFINITIONS:
        found = of(facts, by=by)
        assert (found.dossiers, found.left_out) == ((), (LeftOut("D0", reason),))  # type: ignore[arg-type]
    alone = explain_dossier("D0", sorted(facts), question(), PARTITION)
    assert (alone.counted, alone.rule, alone.reason) == (None, None, reason)


def test_resolved_leaves_out_what_is_overdue() -> None:
    assert of([RECEIVED], by="resolved@1").left_out == (LeftOut("D0", "open_overdue_not_counted"),)


def test_a_definition_that_counts_no_late_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is the definition's affair: another one needs nothing new here."""

    def strange(tally: Tally) -> Count:
        return Count(0, tally.early + tally.overdue)

    definitions: dict[str, Definition] = {"strange@1": strange}
    monkeypatch.setattr("indicators.definitions.DEFINITIONS", definitions)
    found = of([RECEIVED, fact("completed", 31)], [RECEIVED], by="strange@1")
    assert [one.counted for one in found.dossiers] == ["overdue"]
    assert found.left_out == (LeftOut("D0", "ended_not_counted"),)
    assert (found.numerator, found.denominator) == (0, 1)


def test_a_definition_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="no definition"):
        of(by="resolved@9")


def test_numerator_and_denominator_are_those_of_the_dossiers_named() -> None:
    dossiers = (
        [RECEIVED, fact("completed", 10)],
        [RECEIVED, fact("completed", 29)],
        [RECEIVED, fact("completed", 31)],
        [RECEIVED],
    )
    strict, resolved = of(*dossiers), of(*dossiers, by="resolved@1")
    assert (strict.numerator, strict.denominator) == (2, 4)
    assert (resolved.numerator, resolved.denominator) == (2, 3)


def test_late_ones_come_first_then_by_due_date_and_id() -> None:
    found = of(
        [fact("received", 1, due=99), fact("completed", 2)],
        [fact("received", 1, due=20), fact("completed", 19)],
        [fact("received", 1, due=22)],
        [fact("received", 1, due=18), fact("completed", 25)],
        [fact("received", 1, due=17), fact("completed", 26)],
        [fact("received", 1, due=17), fact("completed", 26)],
    )
    assert [one.dossier_id for one in found.dossiers] == ["D4", "D5", "D3", "D2", "D1", "D0"]


def test_a_dossier_of_which_nothing_is_before_t_is_in_no_list() -> None:
    assert of([fact("received", 9)], hour=9)[-2:] == ((), ())


def test_events_have_their_place_and_their_part() -> None:
    facts = [
        fact("received", 1, due=date(2024, 1, 10))._replace(offset=7),
        fact("completed", 2)._replace(offset=9, arrival=at(5) // 1000),
        fact("voided", 3, voids="completed")._replace(offset=12),
        fact("delivered", 200)._replace(offset=13),
    ]
    [dossier] = of(facts).dossiers
    assert [(one.event_id, one.partition, one.offset, one.role) for one in dossier.events] == [
        ("received", 3, 7, "counts"),
        ("completed", 3, 9, "taken_back"),
        ("voided", 3, 12, "takes_back"),
    ]
    asked = question()._replace(known=at(4))
    alone = explain_dossier("D", facts, asked, PARTITION)
    assert [one.role for one in alone.events] == ["counts", "not_known", "takes_back", "not_known"]
    later = explain_dossier("D", facts, question(2.5), PARTITION)
    assert [one.role for one in later.events] == ["counts", "counts", "not_yet", "not_yet"]
    assert later.counted == "on_time"


@pytest.mark.parametrize(
    ("hour", "known", "reason"),
    [
        pytest.param(1, None, "not_yet", id="T before its first event"),
        pytest.param(9, 0.5, "not_known", id="K before its first arrival"),
    ],
)
def test_a_dossier_asked_for_before_there_was_anything(
    hour: float, known: float | None, reason: str
) -> None:
    asked = question(hour)._replace(known=None if known is None else at(known))
    alone = explain_dossier("D", [RECEIVED], asked, PARTITION)
    assert (alone.counted, alone.reason, alone.received_at) == (None, reason, None)
    assert len(alone.events) == 1


def test_dates_pauses_and_flags() -> None:
    facts = [RECEIVED, *PAUSE, fact("due_changed", 41, due=60), fact("completed", 45)]
    [dossier] = of(facts).dossiers
    assert (dossier.received_at, dossier.due_at) == (at(1), at(40))
    assert (dossier.ended_at, dossier.ended_by) == (at(45), "completed")
    assert dossier.pauses == (PausedSpan(at(5), at(15), "supplement_completed"),)
    assert dossier.flags == ("due_moved_after_breach",)


@pytest.mark.parametrize(
    ("hour", "due"),
    [
        pytest.param(20, 30, id="before the pause"),
        pytest.param(25, 31, id="in it: moved by the time up to T"),
        pytest.param(44, 50, id="when it ends"),
        pytest.param(44.001, 50, id="and afterwards"),
    ],
)
def test_a_pause_that_has_not_ended_moves_the_due_date_up_to_t(hour: float, due: float) -> None:
    facts = [RECEIVED, fact("fee_requested", 24), fact("fee_paid", 44)]
    assert explain_dossier("D", facts, question(hour), PARTITION).due_at == at(due)


def test_a_pause_after_the_breach_moves_the_due_date_and_cures_nothing() -> None:
    alone = explain_dossier("D", [RECEIVED, fact("fee_requested", 40)], question(50), PARTITION)
    assert (alone.counted, alone.due_at) == ("overdue", at(40))


def test_the_answer_in_json() -> None:
    facts = [
        fact("received", 1, due=date(2024, 1, 10)),
        fact("fee_requested", 2),
        fact("completed", 20)._replace(occurred_at=at(20) + 1),
    ]
    found = of(facts, [fact("received", 1)])
    assert orjson.loads(found.to_json()) == {
        "unit_id": "u",
        "definition": "strict@1",
        "window": "7d",
        "as_of": "2024-01-16T17:00:00+00:00",
        "known_at": None,
        "numerator": 1,
        "denominator": 1,
        "dossiers": [
            {
                "dossier_id": "D0",
                "counted": "early",
                "rule": "R4",
                "received_at": "2024-01-09T18:00:00+00:00",
                "due_at": "2024-01-11T11:00:00+00:00",
                "ended_at": "2024-01-10T13:00:00.000001+00:00",
                "ended_by": "completed",
                "pauses": [
                    {
                        "from": "2024-01-09T19:00:00+00:00",
                        "to": "2024-01-10T13:00:00.000001+00:00",
                        "ended_by": None,
                    }
                ],
                "flags": [],
                "events": [
                    {
                        "event_id": one.event_id,
                        "type": one.type,
                        "occurred_at": occurred,
                        "arrived_at": arrived,
                        "partition": 3,
                        "offset": 0,
                        "role": "counts",
                        "due_at": due,
                        "voids": None,
                    }
                    for one, occurred, arrived, due in zip(
                        facts,
                        (
                            "2024-01-09T18:00:00+00:00",
                            "2024-01-09T19:00:00+00:00",
                            "2024-01-10T13:00:00.000001+00:00",
                        ),
                        (
                            "2024-01-09T18:00:00.000+00:00",
                            "2024-01-09T19:00:00.000+00:00",
                            "2024-01-10T13:00:00.000+00:00",
                        ),
                        ("2024-01-10", None, None),
                        strict=True,
                    )
                ],
            }
        ],
        "left_out": [{"dossier_id": "D1", "reason": "no_due"}],
    }
    alone = explain_dossier("D1", [fact("received", 1)], question(), PARTITION).to_dict()
    assert (alone["counted"], alone["rule"], alone["reason"]) == (None, None, "no_due")


def test_every_part_of_a_tally_can_be_counted() -> None:
    parts = explaining.PARTS
    assert sum(map(sum, parts.values())) == len(Tally._fields)
    assert {getattr(part, kind) for kind, part in parts.items()} == {1}
