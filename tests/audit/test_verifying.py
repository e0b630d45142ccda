"""The untouched is confirmed, however the worker lived; every single tampering is found and named.

The worker is the real monitor; its topics are lists. A copy of `dossier-events` has other offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.book_days import BookDays
from schemas.book import DayPage, FigureCorrected, RecordsBlock, Terms, UnitDay, read_entry
from schemas.instants import iso_millis
from streams.record import FiledRecord
from tests.audit.sealed_history import History, Live, history_of, lived, verified
from tests.oracle.feeds import START, Shape, value
from tests.oracle.feeds import feed as untidy_feed
from tests.oracle.fold import Known, to_millis
from tests.profiles import steady
from tests.streams.feed import make_feed as busy_feed
from tests.streams.worker_process import ZONE, rules

RULES = rules()
HOUR = 3_600_000
Records = list[FiledRecord]


@cache
def world() -> tuple[History, tuple[FiledRecord, ...]]:
    """Some 40 days of six units, with late records, and gaps between offsets."""
    dice = Random(7)
    sent = []
    for record in busy_feed(3, 700, units=6, days=40).sent:
        late = dice.randrange(5 * 24 * HOUR) if dice.random() < 0.05 else 0
        sent.append((record.timestamp + late, record))
    sent.sort(key=lambda one: one[0])
    records = [
        FiledRecord(0, place + place // 50, at, record.key, record.value)
        for place, (at, record) in enumerate(sent)
    ]
    _, history = lived(RULES, records, Random(1))
    return history, tuple(records)


def _key(known: Known) -> bytes:
    key: str = known.event["unit_id"]
    return key.encode()


def event_of(record: FiledRecord) -> dict[str, str]:
    event: dict[str, str] = orjson.loads(record.value or b"")
    return event


# -- the untouched ---------------------------------------------------------------------------------


def test_the_untouched_is_confirmed_and_counted() -> None:
    history, records = world()
    entries = [read_entry(one.value or b"") for one in history.entries]
    days = BookDays()

    report = verified(history, RULES, days)

    assert report.finding is None
    assert report.days == {one.day for one in entries if isinstance(one, DayPage)}
    assert len(report.days) > 40
    assert report.unit_days == sum(isinstance(one, UnitDay) for one in entries)
    assert report.corrections == sum(isinstance(one, FigureCorrected) for one in entries) > 5
    assert report.steps == len(history.told) > 5
    assert (report.records, report.unsealed, report.remarks) == (len(records), 0, [])
    assert [day.day for day in days.all()] == sorted(report.days)


def test_a_copy_with_other_offsets_is_the_same_history() -> None:
    history, records = world()

    report = verified(history.with_records(records), RULES)

    assert report.finding is None
    assert report.steps == len(history.told)


@steady(12)
@given(seed=st.integers(0, 10**6))
def test_any_history_of_any_worker_is_confirmed(seed: int) -> None:
    shape = Shape(units=2, dossiers=8, days=5.0, partitions=2)
    feed = untidy_feed(seed, shape)
    chosen = replace(RULES, zone=feed.zone)
    for partition in range(2):
        records = [
            FiledRecord(
                partition, one.offset, one.arrival, one.event["unit_id"].encode(), value(one)
            )
            for one in feed.of(partition)
        ]
        _, history = lived(chosen, records, Random(seed), partition, 2)

        report = verified(history, RULES, None, partition, 2)

        assert report.finding is None, report.finding.lines()
        assert report.records == len(records)


def test_what_the_worker_has_not_told_yet_is_not_missed() -> None:
    history, records = world()
    more = [*records, records[-1]._replace(offset=10**6, timestamp=records[-1].timestamp + HOUR)]
    ahead = replace(history, written=more)  # a record that no worker has read
    behind = replace(history, kept=None)  # a changelog that cannot be read: its block is not known

    assert (verified(ahead, RULES).finding, verified(ahead, RULES).unsealed) == (None, 1)
    assert verified(behind, RULES).finding is None
    assert verified(behind, RULES).unsealed > 0


def test_no_book_yet_leaves_the_steps() -> None:
    history, _ = world()
    bare = replace(history, entries=[], kept=None)

    report = verified(bare, RULES)
    spoilt = verified(replace(bare, told=history.told[1:]), RULES)

    assert (report.finding, report.entries, report.steps) == (None, 0, len(history.told))
    assert spoilt.finding is not None
    assert (spoilt.finding.about, spoilt.finding.difference) == ("steps", "missing")


def test_an_empty_partition_is_confirmed() -> None:
    assert verified(History([], [], [], None), RULES).finding is None


def test_other_settings_in_the_middle_are_gone_on_by() -> None:
    _, records = world()
    stricter = replace(RULES, policy=replace(RULES.policy, green=Fraction(19, 20), hold=0))
    half = len(records) // 2
    live = Live(RULES)
    live.fold(records[:half])
    assert live.monitor.clock is not None
    live.tick(min(live.monitor.clock + 10 * HOUR, *(one.timestamp for one in records[half:])))
    live.restart(stricter)
    live.fold(records[half:])
    history = history_of(live, records)
    terms = [one for one in map(_entry, history.entries) if isinstance(one, Terms)]

    report = verified(history, stricter)

    assert [one.policy["green"] for one in terms] == ["9/10", "19/20"]
    assert report.finding is None
    assert report.steps == len(history.told)


@pytest.mark.parametrize("other", [False, True])
def test_a_book_that_began_late_says_so(other: bool) -> None:
    """A release that knew no book folded the first half, perhaps by another policy."""
    _, records = world()
    before = replace(RULES, policy=replace(RULES.policy, min_sample=1)) if other else RULES
    half = len(records) // 2
    live = Live(before)
    live.fold(records[:half])
    live.book.clear()
    live.state = {key: value for key, value in live.state.items() if b"book" not in key[:8]}
    live.restart(RULES)
    live.fold(records[half:])

    report = verified(history_of(live, records), RULES)

    assert report.finding is None
    assert f"{half} records are older than the book" in report.remarks[0]
    assert len(report.remarks) == 1 + other


def test_a_step_of_a_clock_that_had_run_past_a_record_in_flight() -> None:
    """A hold ends in a minute that a tick judges; then a record with an earlier arrival comes."""
    ends = [(n, "completed", n, 1) for n in range(8)]
    records = [_record(n, kind, at, due) for n, (_, kind, at, due) in enumerate(ends)]
    live = Live(RULES)
    live.fold(records)
    assert live.monitor.clock is not None
    live.tick(live.monitor.clock + HOUR)
    assert live.steps, "nothing was told by the tick"
    late = _record(8, "received", 8, 500)._replace(timestamp=records[-1].timestamp + 60_000)
    live.fold([late])

    report = verified(history_of(live, [*records, late]), RULES)

    assert report.finding is None, report.finding.lines()


def _record(number: int, kind: str, hour: int, due: int) -> FiledRecord:
    at = to_millis(START) + hour * HOUR
    event = {
        "event_id": str(number),
        "type": kind,
        "occurred_at": iso_millis(at),
        "dossier_id": f"D{number}",
        "unit_id": "U",
        "due_at": iso_millis(to_millis(START) - due),
    }
    return FiledRecord(0, number, at, b"U", orjson.dumps(event))


# -- records ---------------------------------------------------------------------------------------


def removed(records: Records, place: int) -> FiledRecord:
    return records.pop(place)


def changed(records: Records, place: int) -> FiledRecord:
    was = records[place]
    event = event_of(was) | {"due_at": "2025-12-31"}
    records[place] = was._replace(value=orjson.dumps(event))
    return was


def inserted(records: Records, place: int) -> FiledRecord:
    event = event_of(records[place]) | {"event_id": "new", "type": "processing"}
    record = records[place]._replace(value=orjson.dumps(event))
    records.insert(place, record)
    return record


def moved_in_time(records: Records, place: int) -> FiledRecord:
    was = records[place]
    records[place] = was._replace(timestamp=was.timestamp - 90 * 24 * HOUR)
    return was


def moved_back(records: Records, place: int) -> FiledRecord:
    was = records.pop(place)
    records.insert(min(place + 700, len(records)), was)
    return was


def moved_forward(records: Records, place: int) -> FiledRecord:
    was = records.pop(min(place + 700, len(records) - 1))
    records.insert(place, was)
    return was


def swapped(records: Records, place: int) -> FiledRecord:
    records[place], records[place + 1] = records[place + 1], records[place]
    return records[place]


def slipped_in_late(records: Records, place: int) -> FiledRecord:
    """Taken out, and put back at the end as if it had just arrived."""
    was = records.pop(place)
    records.append(was._replace(timestamp=records[-1].timestamp))
    return was


TAMPERINGS: list[tuple[Callable[[Records, int], FiledRecord], str]] = [
    (removed, "removed"),
    (changed, "changed"),
    (inserted, "inserted"),
    (moved_in_time, "moved"),
    (moved_back, "moved"),
    (moved_forward, "moved"),
    (swapped, "moved"),
    (slipped_in_late, "moved"),
]


def alone(records: Sequence[FiledRecord], place: int) -> int:
    """A place from there on whose record, and the next, the feed has sent only once."""
    contents = [one.value for one in records]
    return next(
        n
        for n in [*range(place, len(records) - 2), *range(place, -1, -1)]
        if contents.count(contents[n]) == contents.count(contents[n + 1]) == 1
    )


@pytest.mark.parametrize(("tamper", "difference"), TAMPERINGS)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_every_tampering_with_a_record_is_named(
    tamper: Callable[[Records, int], FiledRecord], difference: str, share: float
) -> None:
    history, records = world()
    copy = list(records)
    record = tamper(copy, alone(records, int(share * (len(records) - 3))))

    finding = verified(history.with_records(copy), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("records", difference), finding.lines()
    event = event_of(record)
    assert finding.unit_id == event["unit_id"]
    assert finding.dossier_id in (event["dossier_id"], None)
    assert finding.dossier_id or difference == "removed"  # its only record may have been the one
    if difference != "inserted":
        assert finding.offset == record.offset
    assert finding.day
    assert finding.partition == 0


def test_the_figure_that_differs_thereby_is_named() -> None:
    history, records = world()
    copy = list(records)
    place = next(
        n for n in range(len(copy) // 2, len(copy)) if event_of(copy[n])["type"] == "completed"
    )
    event = event_of(copy.pop(place))

    finding = verified(history.with_records(copy), RULES).finding

    assert finding is not None
    assert finding.thereby is not None
    assert finding.thereby.unit_id == event["unit_id"]
    assert finding.thereby.stated != finding.thereby.recomputed
    assert finding.thereby.at is not None
    assert finding.at is not None
    assert finding.thereby.at > finding.at


@steady(8)
@given(st.data())
def test_any_place_any_tampering(data: st.DataObject) -> None:
    history, records = world()
    copy = list(records)
    tamper, difference = data.draw(st.sampled_from(TAMPERINGS))
    record = tamper(copy, alone(records, data.draw(st.integers(0, len(records) - 3))))

    finding = verified(history.with_records(copy), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("records", difference), finding.lines()
    assert finding.unit_id == event_of(record)["unit_id"]


def test_a_topic_that_ends_early() -> None:
    history, records = world()

    finding = verified(history.with_records(records[:300]), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("records", "removed")
    assert finding.offset == records[300].offset


def test_another_topic_altogether() -> None:
    history, records = world()
    others = [one._replace(value=(one.value or b"") + b" ") for one in records]

    finding = verified(history.with_records(others), RULES).finding

    assert finding is not None
    assert (finding.about, finding.offset) == ("records", records[0].offset)
    assert "nothing in common" in finding.text


# -- the book --------------------------------------------------------------------------------------


def _entry(record: FiledRecord) -> object:
    return read_entry(record.value or b"")


def place_of(history: History, kind: type, skip: int = 3) -> int:
    places = [n for n, one in enumerate(history.entries) if isinstance(_entry(one), kind)]
    return places[min(skip, len(places) - 1)]


def rewritten(history: History, place: int, **fields: object) -> History:
    entries = list(history.entries)
    content = orjson.loads(entries[place].value or b"") | fields
    entries[place] = entries[place]._replace(value=orjson.dumps(content))
    return replace(history, entries=entries)


@pytest.mark.parametrize("kind", [Terms, RecordsBlock, FigureCorrected, DayPage])
def test_an_entry_that_is_gone(kind: type) -> None:
    history, _ = world()
    place = place_of(history, kind)
    number = _entry(history.entries[place]).place.number  # type: ignore[attr-defined]
    entries = [*history.entries[:place], *history.entries[place + 1 :]]

    finding = verified(replace(history, entries=entries), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("book", "missing")
    assert finding.number == number


@pytest.mark.parametrize("kind", [RecordsBlock, FigureCorrected, DayPage])
def test_an_entry_that_stands_there_twice(kind: type) -> None:
    history, _ = world()
    place = place_of(history, kind)
    entries = [*history.entries[: place + 1], *history.entries[place:]]

    finding = verified(replace(history, entries=entries), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("book", "second")
    assert finding.number == _entry(history.entries[place]).place.number  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Terms, {"due_soon": 5}),
        (RecordsBlock, {"first_offset": 1}),
        (FigureCorrected, {"event_id": "another"}),
        (DayPage, {"next_offset": 10**6}),
        (DayPage, {"root": "00" * 32}),
        (DayPage, {"units": 99}),
    ],
)
def test_an_entry_that_was_changed(kind: type, fields: dict[str, object]) -> None:
    history, _ = world()
    place = place_of(history, kind)
    number = _entry(history.entries[place]).place.number  # type: ignore[attr-defined]

    finding = verified(rewritten(history, place, **fields), RULES).finding

    assert finding is not None
    assert finding.about == "book", finding.lines()
    assert finding.number == number


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"kind":"day"}'])
def test_an_entry_that_cannot_be_read(junk: bytes) -> None:
    history, _ = world()
    place = place_of(history, DayPage)
    entries = list(history.entries)
    entries[place] = entries[place]._replace(value=junk)

    finding = verified(replace(history, entries=entries), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("book", "unreadable")


def test_a_figure_that_was_changed_is_named_with_both_counts() -> None:
    history, _ = world()
    place = place_of(history, UnitDay, 60)
    leaf = _entry(history.entries[place])
    assert isinstance(leaf, UnitDay)
    figures = [one._asdict() for one in leaf.figures]
    figures[0]["numerator"] += 1

    finding = verified(rewritten(history, place, figures=figures), RULES).finding

    assert finding is not None
    assert (finding.about, finding.unit_id, finding.day) == ("book", leaf.unit_id, leaf.day)
    primary = leaf.figures[0]
    assert (finding.definition, finding.window) == (primary.definition, primary.window)
    assert finding.stated == f"{primary.numerator + 1} of {primary.denominator}"
    assert finding.recomputed == f"{primary.numerator} of {primary.denominator}"


def test_figures_that_are_gone_or_of_nobody() -> None:
    history, _ = world()
    place = place_of(history, UnitDay, 60)
    leaf = _entry(history.entries[place])
    assert isinstance(leaf, UnitDay)
    without = [*history.entries[:place], *history.entries[place + 1 :]]
    foreign = leaf._replace(unit_id="X")
    entry = history.entries[place]._replace(key=b"X", value=foreign.to_json())
    added = [*history.entries[: place + 1], entry, *history.entries[place + 1 :]]

    gone = verified(replace(history, entries=without), RULES).finding
    new = verified(replace(history, entries=added), RULES).finding

    assert gone is not None
    assert new is not None
    assert (gone.about, gone.difference, gone.unit_id) == ("book", "missing", leaf.unit_id)
    assert (new.about, new.difference, new.unit_id) == ("book", "invented", "X")


def test_last_entries_that_are_gone() -> None:
    history, _ = world()

    finding = verified(replace(history, entries=history.entries[:-40]), RULES).finding

    assert finding is not None
    assert finding.about in ("book", "figures")
    assert finding.difference in ("cut", "missing")


def test_a_book_written_anew_is_found_by_the_records() -> None:
    """Whoever forges the whole chain still has to forge the records."""
    history, records = world()
    forged = list(records)
    removed(forged, len(forged) // 2)
    _, other = lived(RULES, forged)

    finding = verified(replace(other, written=history.written), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference) == ("records", "inserted")


def test_whoever_forges_all_is_found_by_a_digest_kept_elsewhere_only() -> None:
    history, records = world()
    forged = list(records)
    removed(forged, 100)
    _, other = lived(RULES, forged)
    printed, now = BookDays(), BookDays()

    verified(history, RULES, printed)
    report = verified(other, RULES, now)

    assert report.finding is None
    first, *_, last = printed.all()
    digests = {day.digest for day in now.all()}
    assert first.digest in digests  # of before the forgery
    assert last.digest not in digests


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"definitions": ["national@9"]}, "national@9"),
        ({"windows": ["30y"]}, "30y"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_terms_that_this_release_does_not_know(fields: dict[str, object], said: str) -> None:
    history, _ = world()

    finding = verified(rewritten(history, 0, **fields), RULES).finding

    assert finding is not None
    assert (finding.about, finding.difference, finding.number) == ("book", "unknown", 1)
    assert said in finding.text


# -- steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_step_that_is_gone_invented_or_changed(place: int) -> None:
    history, _ = world()
    told = list(history.told)
    place %= len(told)
    step = orjson.loads(told[place].value or b"")
    evidence = step["evidence"] | {"numerator": step["evidence"]["numerator"] + 1}
    new = step | {"incident_id": f"{step['unit_id']}/resolved@1/99"}

    def with_steps(steps: Sequence[FiledRecord]) -> tuple[str, str, str | None]:
        finding = verified(replace(history, told=steps), RULES).finding
        assert finding is not None
        assert finding.about == "steps"
        return finding.difference, finding.text, finding.unit_id

    gone = with_steps([*told[:place], *told[place + 1 :]])
    changed_one = told[place]._replace(value=orjson.dumps(step | {"evidence": evidence}))
    other = with_steps([*told[:place], changed_one, *told[place + 1 :]])
    invented = with_steps([*told, told[place]._replace(value=orjson.dumps(new))])
    junk = with_steps([*told, told[place]._replace(value=b"{}")])

    assert (gone[0], gone[2]) == ("missing", step["unit_id"])
    assert step["incident_id"] in gone[1]
    assert (other[0], other[2]) == ("changed", step["unit_id"])
    assert f"numerator {evidence['numerator']}" in other[1]
    assert (invented[0], invented[2]) == ("invented", step["unit_id"])
    assert junk[0] == "unreadable"


def test_steps_of_people_are_passed_over() -> None:
    history, _ = world()
    step = orjson.loads(history.told[0].value or b"") | {"kind": "acknowledged"}
    told = [*history.told, history.told[0]._replace(value=orjson.dumps(step))]

    assert verified(replace(history, told=told), RULES).finding is None


def test_a_finding_in_words_and_as_json() -> None:
    history, records = world()
    finding = verified(history.with_records(records[1:]), RULES).finding

    assert finding is not None
    lines = finding.lines()
    assert lines[0].startswith("partition 0: records: removed: the record sealed at offset 0")
    assert any(line.split() == ["offset", "0"] for line in lines)
    told = finding.to_dict()
    assert told["at"] == iso_millis(records[0].timestamp)
    assert "event_id" not in told
    assert str(ZONE) == "Asia/Ho_Chi_Minh"
