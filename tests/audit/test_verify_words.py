"""What `verify` says of a difference is in words, and both sides of it are never the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from audit.verifying.finding import Finding
from schemas.book import BookEntry, DayPage, FigureCorrected, SignOfDay, UnitDay, read_entry
from schemas.step import Cause, IncidentStep, read_step
from tests.audit.sealed_history import History, lived
from tests.audit.test_verify import chained_anew, corrected_world, evidence, found, world
from tests.streams.telling import Topic, event, late, policy, rules

SIGN = SignOfDay("second_supplement", "d1", "e1")


def forged(history: History, make: Callable[[BookEntry], BookEntry | None]) -> Finding:
    """What is found where the first entry that `make` takes is another one."""
    entries = list(history.entries)
    for place, one in enumerate(entries):
        other = make(read_entry(one.value or b""))
        if other is not None:
            entries[place] = one._replace(value=other.to_json())
            break
    else:
        pytest.fail("there is no such entry")
    return found(replace(history, entries=chained_anew(entries), kept=None))


def leaf(**fields: object) -> Callable[[BookEntry], BookEntry | None]:
    def make(entry: BookEntry) -> BookEntry | None:
        if not isinstance(entry, UnitDay):
            return None
        made = {k: v(getattr(entry, k)) if callable(v) else v for k, v in fields.items()}
        return entry._replace(**made)  # type: ignore[arg-type]

    return make


def corrected(**fields: object) -> Callable[[BookEntry], BookEntry | None]:
    """Another entry of a correction; of `corrections` the first one with these fields."""

    def make(entry: BookEntry) -> BookEntry | None:
        if not isinstance(entry, FigureCorrected):
            return None
        first, *others = entry.corrections
        own = {k: v for k, v in fields.items() if k in first._fields}
        rest = {k: v for k, v in fields.items() if k not in own}
        whole = (first._replace(**own), *others)  # type: ignore[arg-type]
        return entry._replace(corrections=whole, **rest)  # type: ignore[arg-type]

    return make


@pytest.mark.parametrize(
    ("make", "stated", "recomputed"),
    [
        pytest.param(
            leaf(open=lambda one: one._replace(overdue=11, no_due=2)),
            "overdue 11, paused 0, due soon 0, within 0, no due 2",
            "overdue 0, paused 0, due soon 0, within 0, no due 0",
            id="open",
        ),
        pytest.param(
            leaf(resolved=lambda one: ((one[0][0], one[0][1]._replace(early=7)), *one[1:])),
            "early 7, on time 0, late 1",
            "early 0, on time 0, late 1",
            id="resolved",
        ),
        pytest.param(
            leaf(resolved=lambda one: one[1:]), "nothing", "early 0, on time 0, late 1", id="fewer"
        ),
        pytest.param(
            leaf(signs=(SIGN,)), "second_supplement of dossier d1, event e1", "none", id="sign"
        ),
        pytest.param(
            leaf(signs=(SIGN,) * 5),
            "; ".join(["second_supplement of dossier d1, event e1"] * 3) + "; 2 more",
            "none",
            id="signs",
        ),
        pytest.param(leaf(incident="U/resolved@1/9"), "U/resolved@1/9", "none", id="incident"),
        pytest.param(
            leaf(figures=lambda one: (one[0], *reversed(one[1:]))),
            "resolved@1 over 7d, strict@1 over 7d, strict@1 over 1d, resolved@1 over 1d",
            "resolved@1 over 7d, resolved@1 over 1d, strict@1 over 1d, strict@1 over 7d",
            id="order",
        ),
        pytest.param(
            corrected(clock=1_704_934_800_000),
            "clock 2024-01-11T01:00:00.000+00:00",
            "clock 2024-01-11T01:02:00.000+00:00",
            id="clock",
        ),
        pytest.param(
            corrected(event_type="delivered", offset=99),
            "event type delivered, offset 99",
            "event type completed, offset 5",
            id="event",
        ),
        pytest.param(
            corrected(window="30d"),
            "2024-01-10 1 of 2 to 2 of 3, window 30d",
            "2024-01-10 1 of 2 to 2 of 3, window 7d",
            id="window",
        ),
    ],
)
def test_both_sides_in_words(
    make: Callable[[BookEntry], BookEntry | None], stated: str, recomputed: str
) -> None:
    finding = forged(corrected_world(), make)
    assert (finding.stated, finding.recomputed) == (stated, recomputed)
    assert finding.text.endswith(f"stated {stated}, recomputed {recomputed}")


def test_what_a_page_itself_says() -> None:
    def make(entry: BookEntry) -> BookEntry | None:
        return entry._replace(next_offset=4) if isinstance(entry, DayPage) else None

    finding = forged(corrected_world(), make)
    assert (finding.stated, finding.recomputed) == ("4", "3")


def test_the_cause_of_a_step_is_told_in_words() -> None:
    topic = Topic()
    by = rules(policy("7d"), ("7d",))
    told = [
        late(topic, 0, "a"),
        topic.record(60, event("v", "voided", 30, dossier="a", voids="a-end")),
    ]
    history = lived(by, told)[1]
    place = next(n for n, one in enumerate(history.told) if b'"corrected"' in (one.value or b""))
    step = read_step(history.told[place].value or b"")
    steps = list(history.told)
    steps[place] = steps[place]._replace(value=step._replace(cause=Cause("x", "a")).to_json())
    finding = found(replace(history, told=steps))
    assert finding.stated == "cause event x of dossier a"
    assert finding.recomputed == "cause event v of dossier a"


@pytest.mark.parametrize(
    ("make", "stated", "recomputed"),
    [
        (lambda step: step._replace(author="x"), "author x", "author none"),
        (lambda step: evidence(step, calendar="c"), "calendar c", "calendar none"),
        (
            lambda step: step._replace(cause=Cause("x", "a")),
            "cause event x of dossier a",
            "cause none",
        ),
    ],
)
def test_what_a_step_says_besides(
    make: Callable[[IncidentStep], IncidentStep], stated: str, recomputed: str
) -> None:
    history, _ = world()
    step = make(read_step(history.told[0].value or b""))
    told = [history.told[0]._replace(value=step.to_json()), *history.told[1:]]
    finding = found(replace(history, told=told))
    assert (finding.stated, finding.recomputed) == (stated, recomputed)
