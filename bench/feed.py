"""A feed to measure with: dossiers of a year, the same ones for the same size and seed.

A dossier has about eight events (`submitted`, `received`, steps of `processing`, sometimes a
supplement or a fee, `completed`, `delivered`, an apology where it was late), at office hours of a
unit drawn by size: a few large ones, many small ones. One event in a hundred comes twice. Lines are
in the order of `occurred_at`. Nothing here is a model of Viet Nam (that is the demo province): it
is meant to be made fast and to cost the reader what a real feed costs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

UNITS = 60
FIRST_DAY = date(2025, 1, 1)
DAYS = 365
YEAR_OF_PROVINCE = 4_000_000  # events
EVENTS_A_DOSSIER = 8  # the mean is within 3 % of it
DUPLICATES = 0.01
SEED = 20250101

_STEPS = (
    "Thụ lý hồ sơ",
    "Thẩm định hồ sơ",
    "Lấy ý kiến đơn vị phối hợp",
    "Trình lãnh đạo ký duyệt",
    "Đóng dấu, vào sổ",
    "Chuyển bộ phận một cửa",
)
_PROCEDURES = tuple(f"1.{number:06}.000.00.00.H47" for number in range(1200, 1240))
_CHANNELS = ("online", "direct", "direct", "post")
_LEVELS = ("2", "3", "4", "partial", "full")
_DAY = 86_400  # seconds
_OPENS, _CLOSES = 7 * 3600 + 1800, 17 * 3600  # office hours, seconds of the local day


class Sent(NamedTuple):
    """A line of the feed, and what a publisher has to know of it."""

    second: int  # of the feed's first local midnight: when it happened
    unit: int
    line: bytes


def days_of_province(events: int) -> int:
    """The days in which so many events happen where a year has four million."""
    return max(1, round(events * DAYS / YEAR_OF_PROVINCE))


def make_feed(events: int, seed: int = SEED, days_begun: int = DAYS) -> list[Sent]:
    """At least `events` lines, cut to that number, in the order of `occurred_at`.

    `days_begun`: within so many days all dossiers are received.
    """
    random = Random(seed)
    days = [(FIRST_DAY + timedelta(days=day)).isoformat() for day in range(-1, DAYS * 2)]
    weights = [1 / (rank + 4) for rank in range(UNITS)]
    feed: list[Sent] = []
    number = 0
    while len(feed) < events * 1.02 + EVENTS_A_DOSSIER:
        unit = random.choices(range(UNITS), weights)[0]
        feed.extend(_dossier(random, days, unit, number, days_begun))
        number += 1
    feed.sort(key=lambda sent: sent.second)
    del feed[events:]
    return feed


def unit_id(unit: int) -> str:
    """The id of a unit of the feed."""
    return f"H47.{unit + 1:02}.{(unit * 37) % 100:02}"


def _dossier(
    random: Random, days: list[str], unit: int, number: int, days_begun: int
) -> Iterator[Sent]:
    """The events of one dossier; a tenth to a third of a unit's are late, by the unit."""
    start = _office(random, random.randrange(days_begun) * _DAY)
    promised = random.choice((1, 3, 5, 10, 15, 20)) * _DAY
    late = random.random() < 0.05 + 0.25 * (unit * 7 % 10) / 10
    share = 1.05 + random.random() if late else 0.1 + 0.85 * random.random()
    due = start + promised
    end = start + max(3600, int(promised * share))
    day = days[start // _DAY + 1][2:].replace("-", "")
    dossier_id = f"000.{unit + 1:02}.18.H47-{day}-{number:07}"
    unit_text = unit_id(unit)
    rest = (
        f'"procedure_id":"{_PROCEDURES[number % len(_PROCEDURES)]}",'
        f'"channel":"{_CHANNELS[number % len(_CHANNELS)]}",'
        f'"service_level":"{_LEVELS[number % len(_LEVELS)]}"}}'
    )
    for place, (at, kind, more) in enumerate(_course(random, start, due, end, late, days)):
        line = (
            f'{{"event_id":"{dossier_id}/{place:02}","type":"{kind}",'
            f'"occurred_at":"{_iso(days, at)}","dossier_id":"{dossier_id}",'
            f'"unit_id":"{unit_text}",{more}{rest}'
        ).encode()
        yield Sent(at, unit, line)
        if random.random() < DUPLICATES:
            yield Sent(at, unit, line)


def _course(
    random: Random, start: int, due: int, end: int, late: bool, days: list[str]
) -> Iterator[tuple[int, str, str]]:
    """What happens to a dossier: the second, the type, and fields as JSON with a comma."""
    stated = (
        f'"due_at":"{_iso(days, due)}",' if start % 3 else f'"due_at":"{days[due // _DAY + 1]}",'
    )
    if random.random() < 0.6:
        yield start - 900, "submitted", ""
    yield start, "received", stated
    span = end - start
    steps = random.randrange(3, 6)
    for step in range(steps):
        at = start + span * (step + 1) // (steps + 2)
        yield at, "processing", f'"step":"{_STEPS[step]}",'
    if random.random() < 0.12:  # papers are asked for, and brought: the clock stands still
        asked = start + span // 3
        yield asked, "supplement_requested", ""
        yield asked + span // 4, "supplement_completed", ""
    if random.random() < 0.1:
        yield start + span // 2, "fee_requested", ""
        yield start + span // 2 + span // 5, "fee_paid", ""
    if late and random.random() < 0.5:
        yield due + 1800, "apology_issued", ""
    if random.random() < 0.03:
        yield end, "refused", ""
        return
    yield end, "completed", ""
    yield end + 7200, "delivered", ""


def _office(random: Random, midnight: int) -> int:
    return midnight + random.randrange(_OPENS, _CLOSES)


def _iso(days: list[str], second: int) -> str:
    day, rest = divmod(second, _DAY)
    hour, rest = divmod(rest, 3600)
    minute, rest = divmod(rest, 60)
    return f"{days[day + 1]}T{hour:02}:{minute:02}:{rest:02}+07:00"


def write_feed(feed: list[Sent], path: Path) -> None:
    """JSON Lines."""
    with path.open("wb") as stream:
        stream.writelines(sent.line + b"\n" for sent in feed)


if __name__ == "__main__":
    write_feed(make_feed(int(sys.argv[1])), Path(sys.argv[2]))
