"""A topic's records put into a replay: as a worker would fold them, whatever they are."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.replay import FigureReplay
from audit.replay_fold import RecordFold
from indicators.known import had_arrived
from indicators.windows import read_window
from schemas.event import UnusableEvent
from streams.record import LAST_ARRIVAL, FiledRecord, read_record
from streams.routing import is_home, partition_of
from tests.indicators.telling import VIET_NAM
from tests.profiles import steady

PARTITIONS = 3
AT = 2_000_000_000_000_000
WINDOW = [read_window("365d", VIET_NAM)]
UNITS = ("A", "B", "C")


def value(number: int = 1, **fields: object) -> bytes:
    return orjson.dumps(
        {
            "event_id": f"e{number}",
            "type": "completed",
            "occurred_at": "2033-05-01T08:00:00+07:00",
            "dossier_id": f"d{number}",
            "unit_id": "A",
            "due_at": "2033-05-02",
            "channel": "online",
            "step": "bước",
            **fields,
        }
    )


def record(what: bytes | None = None, **fields: object) -> FiledRecord:
    home = partition_of("A", PARTITIONS)
    return FiledRecord(home, 0, 1_000, b"A", what or value())._replace(**fields)  # type: ignore[arg-type]


def folded(*records: FiledRecord, known: int | None = None) -> RecordFold:
    fold = RecordFold(FigureReplay(VIET_NAM), PARTITIONS, known)
    fold.fold(records)
    return fold


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        pytest.param(record(), (1, 0, 0), id="an event at home"),
        pytest.param(record(key=b"B"), (0, 0, 1), id="under another key"),
        pytest.param(record(key=None), (0, 0, 1), id="under no key"),
        pytest.param(
            record(partition=(partition_of("A", PARTITIONS) + 1) % PARTITIONS),
            (0, 0, 1),
            id="in another partition",
        ),
        pytest.param(record(b"oops"), (0, 1, 0), id="no JSON"),
        pytest.param(record()._replace(value=None), (0, 1, 0), id="no value"),
        pytest.param(record(value(occurred_at="2033-05-01T08:00")), (0, 1, 0), id="no offset"),
        pytest.param(record(value(due_at="2033-13-01")), (0, 1, 0), id="no date"),
        pytest.param(record(timestamp=-1), (0, 1, 0), id="no arrival"),
        pytest.param(record(timestamp=LAST_ARRIVAL + 1), (0, 1, 0), id="microseconds"),
        pytest.param(record(value(name="Nguyễn Văn A")), (1, 0, 0), id="with unknown fields"),
        pytest.param(record(value(type="voided", voids="e0")), (1, 0, 0), id="not a plain one"),
    ],
)
def test_what_is_taken(one: FiledRecord, counts: tuple[int, int, int]) -> None:
    fold = folded(one)
    assert (fold.figures.events, fold.unusable, fold.misrouted) == counts
    assert fold.last == (1_000 if counts[0] else None)


@pytest.mark.parametrize(("known", "events"), [(999_999, 0), (1_000_000, 1), (None, 1)])
def test_only_what_was_known(known: int | None, events: int) -> None:
    assert folded(record(), known=known).figures.events == events


odd_records = st.builds(
    FiledRecord,
    st.integers(0, PARTITIONS - 1),
    st.just(0),
    st.integers(-2, 3_000) | st.just(LAST_ARRIVAL + 5),
    st.sampled_from([b"A", b"B", b"C", None]),
    st.builds(
        lambda number, fields: value(number, **fields),
        st.integers(1, 6),
        st.fixed_dictionaries(
            {"unit_id": st.sampled_from(UNITS)},
            optional={
                "type": st.sampled_from(["received", "processing", "completed", "nonsense"]),
                "occurred_at": st.sampled_from(["2033-05-03T08:00:00Z", "yesterday"]),
                "extra": st.just("x"),
            },
        ),
    ),
)


@steady(150)
@given(records=st.lists(odd_records, max_size=12), known=st.none() | st.integers(-1, 3_000_000))
def test_as_record_by_record(records: list[FiledRecord], known: int | None) -> None:
    """The lean loop against the plain words: parse, look where it is, add the event."""
    plain, unusable, misrouted = FigureReplay(VIET_NAM), 0, 0
    for one in records:
        if not had_arrived(one.timestamp, known):
            continue
        try:
            event, _ = read_record(one)
        except UnusableEvent:
            unusable += 1
            continue
        if is_home(one.key, event.unit_id, one.partition, PARTITIONS):
            plain.add(event)
        else:
            misrouted += 1

    fold = folded(*records, known=known)

    assert (fold.unusable, fold.misrouted) == (unusable, misrouted)
    lean = fold.figures
    assert (lean.events, lean.duplicates, lean.conflicts) == (
        plain.events,
        plain.duplicates,
        plain.conflicts,
    )
    assert lean.span() == plain.span()
    asked = (AT, ["strict@1"], WINDOW)
    assert list(lean.figures(*asked)) == list(plain.figures(*asked))
