"""A worker whose clock has run on past the arrival of records that come only then."""

from __future__ import annotations

from random import Random

import pytest

from schemas.book import FigureCorrected, read_entry
from streams.record import FiledRecord
from tests.audit.sealed_history import Live, history_of, verified
from tests.streams.feed import make_feed
from tests.streams.worker_process import rules

RULES = rules()
GRACE = 500  # ms that a worker's clock stays behind what it has read
DAY = 24 * 60 * 60 * 1000


@pytest.mark.parametrize("seed", [0, 2, 6])
def test_records_long_in_flight_are_folded_at_the_clock_they_met(seed: int) -> None:
    dice = Random(seed)
    met = []  # when the worker reads a record, and the record
    for sent in make_feed(seed, 400, units=6, days=10).sent:
        flight = dice.randrange(DAY) if dice.random() < 0.02 else dice.randrange(GRACE)
        met.append((sent.timestamp + flight, sent))
    met.sort(key=lambda one: one[0])
    records = [
        FiledRecord(0, place, sent.timestamp, sent.key, sent.value)
        for place, (_, sent) in enumerate(met)
    ]
    arrivals = {one.offset: one.timestamp for one in records}
    live = Live(RULES)
    for (now, _), record in zip(met, records, strict=True):
        live.tick(now - GRACE)
        live.fold([record])
    entries = [read_entry(one.value or b"") for one in live.book]
    corrected = [one for one in entries if isinstance(one, FigureCorrected)]

    finding = verified(history_of(live, records), RULES).finding

    assert any(one.clock > arrivals[one.offset] for one in corrected)
    assert finding is None, finding.lines()
