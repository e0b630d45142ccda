"""The form in which a partition's state stands in its changelog, and back.

One record a dossier: its events, nothing derived. One a unit: where its judgements stand. One for
the partition: its clock. Everything else follows from these; the book stands apart
(`streams.book_state`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from alerts.correction import Opening
from alerts.incident import IncidentState
from indicators.counts import Tally
from indicators.facts import Fact, fact_from_list, fact_to_list
from schemas.instants import Millis
from streams.book_state import BOOK_KINDS, KeptBook, read_book

VERSION = 1
PARTITION_KEY = orjson.dumps(["partition"])


class UnitState(NamedTuple):
    """A unit apart from its dossiers."""

    incident: IncidentState
    judged_at: Millis | None
    offset: int  # the last record folded in the partition at that judgement
    basis: str  # what it was judged by (`MonitorRules.basis_of`)
    told_at: Millis | None  # the minute of a status since that judgement


class KeptState(NamedTuple):
    """All that a changelog holds of a partition."""

    clock: Millis | None
    offset: int
    units: dict[str, UnitState]
    dossiers: list[tuple[str, str, list[Fact]]]  # unit, dossier, its events
    book: KeptBook | None = None  # None: of a release before there was one


def dossier_key(unit_id: str, dossier_id: str) -> bytes:
    """The changelog key of a dossier."""
    return orjson.dumps(["dossier", unit_id, dossier_id])


def unit_key(unit_id: str) -> bytes:
    """The changelog key of a unit."""
    return orjson.dumps(["unit", unit_id])


def write_dossier(facts: Iterable[Fact]) -> bytes:
    """A dossier's events as JSON."""
    return orjson.dumps([fact_to_list(fact) for fact in facts])


def write_unit(state: UnitState) -> bytes:
    """A unit's judgements as JSON."""
    *incident, opening = state.incident
    noted = opening and [opening.as_of, list(opening.tally), *opening[2:]]
    return orjson.dumps([[*incident, noted], state.judged_at, *state[2:]])


def write_partition(clock: Millis | None, offset: int) -> bytes:
    """A partition's clock as JSON, with the version of this form."""
    return orjson.dumps({"version": VERSION, "clock": clock, "offset": offset})


def read_state(entries: Iterable[tuple[bytes, bytes]]) -> KeptState:
    """The state that the latest value of every changelog key gives.

    Raises ValueError for a changelog of another version or a key that is not of this form.
    """
    clock: Millis | None = None
    offset = -1
    units: dict[str, UnitState] = {}
    dossiers: list[tuple[str, str, list[Fact]]] = []
    book: list[tuple[list[Any], Any]] = []
    for key, value in entries:
        kind, *names = orjson.loads(key)
        content = orjson.loads(value)
        if kind == "dossier":
            dossiers.append((names[0], names[1], [fact_from_list(fact) for fact in content]))
        elif kind == "unit":
            units[names[0]] = UnitState(_read_incident(content[0]), *content[1:])
        elif kind == "partition" and content["version"] == VERSION:
            clock, offset = content["clock"], content["offset"]
        elif kind in BOOK_KINDS:
            book.append(([kind, *names], content))
        else:
            raise ValueError(
                f"a changelog entry {key[:80]!r} is not of version {VERSION}: it was written by "
                "another release; run that release, or start with an empty changelog and offsets"
            )
    return KeptState(clock, offset, units, dossiers, read_book(book))


def _read_incident(fields: list[Any]) -> IncidentState:
    """An incident's state; of an older release the last fields are absent."""
    incident = IncidentState(*fields)
    if incident.opening is None:
        return incident
    as_of, tally, *rest = fields[-1]
    return incident._replace(opening=Opening(as_of, Tally(*tally), *rest))
