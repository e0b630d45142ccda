"""From effects to records: timestamps, headers, sizes, batches."""

from __future__ import annotations

import random

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from schemas.dead_letter import DETAIL_LIMIT, HEADER_FORWARDED, Reason
from streams.effects import DeadLetter, Effects, Forward
from streams.exits import Exit, WorkerError
from streams.outputs import BATCH_OVERHEAD, Output, batches, forwards_that_fit, outputs
from streams.record import FiledRecord
from streams.topics import Topics

TOPICS = Topics.of("p-")
LIMITS = {TOPICS.dead_letters: 2_000_000}
LONG_AGO, NOW = 1_262_304_000_000, 1_760_000_000_000


def record(offset: int = 7, **fields: object) -> FiledRecord:
    whole = FiledRecord(3, offset, LONG_AGO, b"U1", b"nonsense", (("producer", b"x"),))
    return whole._replace(**fields)  # type: ignore[arg-type]


def test_a_letter_is_dated_now_and_says_where_it_came_from() -> None:
    effects = Effects(dead_letters=[DeadLetter(record(), Reason.NOT_JSON, "not JSON at 1")])
    (letter,) = outputs(effects, TOPICS, NOW, LIMITS)["p-dossier-dead-letters"]
    assert (letter.key, letter.value, letter.timestamp) == (b"U1", b"nonsense", NOW)
    assert list(letter.headers) == [
        ("producer", b"x"),
        ("reason", b"not_json"),
        ("detail", b"not JSON at 1"),
        ("origin-topic", b"p-dossier-events"),
        ("origin-partition", b"3"),
        ("origin-offset", b"7"),
        ("origin-timestamp", str(LONG_AGO).encode()),
    ]


def test_a_letter_whose_detail_no_encoding_takes_is_written_all_the_same() -> None:
    effects = Effects(dead_letters=[DeadLetter(record(), Reason.NOT_JSON, "\ud800" * 900)])
    (letter,) = outputs(effects, TOPICS, NOW, LIMITS)["p-dossier-dead-letters"]
    assert dict(letter.headers)["detail"] == b"\\ud800" * DETAIL_LIMIT


def test_a_record_that_came_compressed_and_fits_nowhere_leaves_its_origin() -> None:
    effects = Effects(
        dead_letters=[DeadLetter(record(value=b"x" * 3_000_000), Reason.NOT_JSON, "")]
    )
    (letter,) = outputs(effects, TOPICS, NOW, LIMITS)["p-dossier-dead-letters"]
    assert (letter.key, letter.value) == (None, None)
    kept = dict(letter.headers)
    assert kept["origin-offset"] == b"7"
    assert kept["reason"] == b"not_json"
    assert kept["left-out"].startswith(b"3000")
    assert "producer" not in kept


def test_many_small_headers_are_not_taken_for_large_ones() -> None:
    small = Output(b"U", b"{bad", NOW, (("a", b""),) * 110_000)
    assert small.size < 4 * 110_000


def test_a_record_without_key_and_value_keeps_neither() -> None:
    nothing = record(key=None, value=None, headers=())
    effects = Effects(dead_letters=[DeadLetter(nothing, Reason.NULL_VALUE, "no value")])
    (letter,) = outputs(effects, TOPICS, NOW, LIMITS)["p-dossier-dead-letters"]
    assert (letter.key, letter.value) == (None, None)


def test_nothing_to_write_writes_to_no_topic() -> None:
    assert outputs(Effects(folded=3), TOPICS, NOW, LIMITS) == {}


def test_a_forward_too_large_for_its_new_header_becomes_a_letter() -> None:
    def forward(offset: int, size: int) -> Forward:
        came_from = ((HEADER_FORWARDED, f"3-{offset}".encode()),)
        return Forward(1, b"U1", b"x" * size, LONG_AGO, came_from)

    records = [record(offset=offset) for offset in (7, 8, 9)]
    effects = Effects(forwards=[forward(7, 100), forward(8, 990), forward(9, 100)])
    fitting, letters = forwards_that_fit(effects, records, limit=1_000)
    assert [f.headers[0][1] for f in fitting] == [b"3-7", b"3-9"]
    assert [(letter.record, letter.reason) for letter in letters] == [
        (records[1], Reason.TOO_LARGE)
    ]


def test_sizes_are_never_less_than_what_a_batch_takes() -> None:
    dice = random.Random(1)
    for _ in range(200):
        some = [
            Output(
                dice.choice((None, b"", b"k" * dice.randrange(300))),
                dice.choice((None, b"", b"v" * dice.randrange(70_000))),
                NOW + dice.randrange(-(10**12), 10**12),
                [("h" * dice.randrange(200), b"x" * dice.randrange(200))] * dice.randrange(3),
            )
            for _ in range(dice.randrange(1, 9))
        ]
        builder = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=0,
            is_transactional=1,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=0,
            batch_size=10**9,
        )
        for place, (key, value, timestamp, headers) in enumerate(some):
            builder.append(place, timestamp, key, value, list(headers))
        assert builder.size() <= BATCH_OVERHEAD + sum(output.size for output in some)


def test_batches_keep_the_order_and_the_size() -> None:
    records = [Output(b"k", b"v" * size, NOW) for size in (10, 300, 300, 900, 10, 10)]
    cut = list(batches("t", records, batch_bytes=1_000, limits={"t": 2_000}))
    assert [output for batch in cut for output in batch] == records
    assert [len(batch) for batch in cut] == [3, 1, 2]


def test_a_record_that_the_topic_does_not_take_is_refused_before_anything_is_sent() -> None:
    records = [Output(b"k", b"v" * 3_000, NOW)]
    with pytest.raises(WorkerError, match=r"max\.message\.bytes 2000") as error:
        list(batches("t", records, batch_bytes=1_000, limits={"t": 2_000}))
    assert error.value.code is Exit.OUTPUT_TOO_LARGE
