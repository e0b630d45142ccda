"""The untouched is confirmed, however the worker lived; every single tampering is found and named.

The worker is the real monitor; its topics are lists. A copy of `dossier-events` has other offsets.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import iso_millis
from schemas.step import read_step
from streams.record import FiledRecord
from tests.audit.sealed_history import History, Live, history_of, lived, verified
from tests.oracle.feeds import START, Shape, value
from tests.oracle.feeds import feed as untidy_feed
from tests.oracle.fold import to_millis
from tests.profiles import steady
from tests.streams.feed import make_feed as busy_feed
from tests.streams.worker_process import ZONE, rules

RULES = rules()
HOUR = 3_600_000


@cache
def world() -> tuple[History, tuple[FiledRecord, ...]]:
    """Some 40 days of six units, with late records, and gaps between offsets."""
    dice = Random(7)
    sent = []
    for record in busy_feed(3, 300, units=6, days=40).sent:
        late = dice.randrange(5 * 24 * HOUR) if dice.random() < 0.05 else 0
        sent.append((record.timestamp + late, record))
    sent.sort(key=lambda one: one[0])
    records = [
        FiledRecord(0, place + place // 50, at, record.key, record.value)
        for place, (at, record) in enumerate(sent)
    ]
    _, history = lived(RULES, records, Random(1))
    return history, tuple(records)


# -- the untouched ---------------------------------------------------------------------------------


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


# -- steps -----------------------------------------------------------------------------------------


def test_steps_of_people_are_passed_over_and_counted() -> None:
    history, _ = world()
    step = orjson.loads(history.told[0].value or b"") | {"kind": "acknowledged"}
    told = [*history.told, history.told[0]._replace(value=orjson.dumps(step))]

    report = verified(replace(history, told=told), RULES)

    assert (report.finding, report.others_steps) == (None, 1)
    assert report.steps == len(history.told)


@pytest.mark.parametrize("kind", [None, "acknowledged"])
@pytest.mark.parametrize(("key", "said"), [(b"X", "X"), (None, "none")])
def test_a_step_under_another_key_than_its_unit_s(
    kind: str | None, key: bytes | None, said: str
) -> None:
    history, _ = world()
    for place, record in enumerate(history.told):
        step = read_step(record.value or b"")
        if kind is not None:
            step = step._replace(kind="acknowledged")
        other = record._replace(key=key, value=step.to_json())
        told = [*history.told[:place], other, *history.told[place + (kind is None) :]]
        finding = verified(replace(history, told=told), RULES).finding
        assert finding is not None
        assert (finding.about, finding.difference) == ("steps", "changed")
        assert (finding.unit_id, finding.at) == (step.unit_id, step.at)
        assert finding.text.endswith(f"stands under another key than {step.unit_id}: {said}")


def test_two_steps_that_are_exchanged() -> None:
    """Neighbours, of one unit or of two, or far apart: their offsets are as they were."""
    history, _ = world()
    for place, record in enumerate(history.told):
        for by in (1, 5):
            if place + by >= len(history.told):
                continue
            other = history.told[place + by]
            told = list(history.told)
            told[place] = other._replace(offset=record.offset)
            told[place + by] = record._replace(offset=other.offset)
            finding = verified(replace(history, told=told), RULES).finding
            assert finding is not None
            assert (finding.about, finding.difference) == ("steps", "moved")
            here, there = read_step(other.value or b""), read_step(record.value or b"")
            assert (finding.unit_id, finding.at) == (here.unit_id, here.at)
            assert there.incident_id in finding.text


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
