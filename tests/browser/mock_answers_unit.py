"""Made-up answers about one unit: status, profile, explanation, one dossier. Always alike.

The figures are those of the stand-in's ranking, so that the page agrees with itself.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from schemas.sign import SIGN_NAMES
from tests.browser import mock_province
from tests.browser.mock_province import iso

DAYS = 60
WEEKS = 26
Json = dict[str, Any]
_LOCAL = timedelta(hours=7)
_PATH = re.compile(r"/api/units/([^/]+)(?:/(profile|explain|integrity|versus))?")
_DOSSIER = re.compile(r"/api/dossiers/([^/]+)/(.+)")


def answer(path: str, query: dict[str, str]) -> object | None:
    """The JSON of `/api/units/{id}`, its profile and explanation, and `/api/dossiers/...`."""
    if found := _DOSSIER.fullmatch(path):
        return dossier(found[1], found[2], query)
    found = _PATH.fullmatch(path)
    if "after" in query:  # of the same figure as the page before
        row_query = {name: text for name, text in query.items() if name != "as_of"}
    else:
        row_query = query
    if found is None or (row := row_of(found[1], row_query)) is None:
        return None
    as_of = as_of_of(query)
    if found[2] == "profile":
        return profile(row, query, as_of)
    if found[2] == "versus":
        return versus(row, query, as_of)
    if found[2] == "integrity":
        return integrity(row, query, as_of)
    if found[2] == "explain":
        return explain(row, query, as_of)
    return {"unit_id": found[1], "status": None, "outlook": outlook(row, as_of)}


def as_of_of(query: dict[str, str]) -> datetime:
    """The instant asked for; now if none."""
    return datetime.fromisoformat(query["as_of"]) if "as_of" in query else datetime.now(UTC)


@cache
def _rows() -> dict[str, Json]:
    return mock_province.rows_of(mock_province.directory_units())


def row_of(unit_id: str, query: dict[str, str]) -> Json | None:
    """The unit's row of the ranking that the same query gives; None for an unknown unit."""
    names = ("definition", "window", "as_of", "known")
    asked = {name: text for name, text in query.items() if name in names}
    rows = mock_province.ranking(_rows(), asked, datetime.now(UTC))["rows"]
    return next((row for row in rows if row["unit_id"] == unit_id), None)


def dossier_id(unit_id: str, number: int) -> str:
    """An id as the field writes them."""
    return f"000.00.{unit_id.removeprefix('H47.')}.H47-2606{number % 30 + 1:02}-{number:04}"


# -- signs -----------------------------------------------------------------------------------------


def integrity(row: Json, query: dict[str, str], as_of: datetime) -> Json:
    """Signs of every third late dossier, and of one that is in no count."""
    unit_id, late = row["unit_id"], row["late"]
    signed: list[Json] = [
        {
            "dossier_id": dossier_id(unit_id, number),
            "counted": True,
            "signs": [{"sign": SIGN_NAMES[number % len(SIGN_NAMES)], "event_id": f"e{number}"}],
        }
        for number in range(0, late, 3)
    ]
    names = [one["signs"][0]["sign"] for one in signed]
    resolved = row["early"] + row["on_time"] + late
    return {
        "unit_id": unit_id,
        "window": query.get("window", "30d"),
        "as_of": iso(as_of),
        "known": query.get("known", "now"),
        "numerator": resolved - len(signed),
        "denominator": resolved,
        "signs": {name: names.count(name) for name in sorted(set(names))},
        "dossiers": signed,
        "dossiers_total": len(signed),
        "bursts": [],
    }


# -- profile ---------------------------------------------------------------------------------------


def profile(row: Json, query: dict[str, str], as_of: datetime) -> Json:
    """A year's life of a unit."""
    chance = Random(row["unit_id"])
    open_ = row["open"]
    return {
        "unit_id": row["unit_id"],
        "as_of": iso(as_of),
        "known": query.get("known", "now"),
        "definition": query.get("definition", "resolved@1"),
        "window": query.get("window", "30d"),
        "figure": {"numerator": row["numerator"], "denominator": row["denominator"]},
        "zone": row["zone"],
        "outcomes": {name: row[name] for name in ("early", "on_time", "late")},
        "open": open_,
        "series": _series(row, as_of, chance),
        "weeks": _weeks(row, as_of, chance),
        "backlog": _backlog(open_),
        "channels": _parts(row, {"online": 0.62, "direct": 0.33, "post": 0.05}),
        "service_levels": _parts(row, {"full": 0.41, "partial": 0.35, "2": 0.18, None: 0.06}),
        "procedures": _procedures(row),
        "at_risk": at_risk(row, as_of),
        "at_risk_total": open_["overdue"] + open_["due_soon"] + open_["within"],
    }


def _series(row: Json, as_of: datetime, chance: Random) -> list[Json]:
    midnight = (as_of + _LOCAL).replace(hour=0, minute=0, second=0, microsecond=0) - _LOCAL
    ends = [midnight - timedelta(days=back) for back in range(DAYS - 2, -1, -1)] + [as_of]
    share = row["numerator"] / row["denominator"]
    points: list[Json] = []
    for place, at in enumerate(reversed(ends)):
        whole = max(1, row["denominator"] + (chance.randrange(-8, 9) if place else 0))
        points.append(
            {"at": iso(at), "numerator": min(whole, round(whole * share)), "denominator": whole}
        )
        share = min(0.995, max(0.66, share + chance.uniform(-0.012, 0.013)))
    points[0]["numerator"] = row["numerator"]
    return points[::-1]


def _weeks(row: Json, as_of: datetime, chance: Random) -> list[Json]:
    today = (as_of + _LOCAL).date()
    monday = today - timedelta(days=today.weekday())
    weeks: list[Json] = []
    for back in range(WEEKS - 1, -1, -1):
        size = round(row["denominator"] / 4 * chance.uniform(0.6, 1.25) * (0.4 if not back else 1))
        late = round(size * row["late"] / row["denominator"] * chance.uniform(0.3, 1.7))
        early = round((size - late) * 0.7)
        from_: date = monday - timedelta(weeks=back)
        weeks.append(
            {
                "from": from_.isoformat(),
                "early": early,
                "on_time": size - late - early,
                "late": late,
            }
        )
    return weeks


def _backlog(open_: Json) -> list[Json]:
    overdue, within = open_["overdue"], open_["within"]
    counts = {
        "overdue_30d": overdue // 8,
        "overdue_7d": overdue // 4,
        "overdue_1d": overdue // 3,
        "overdue": overdue - overdue // 8 - overdue // 4 - overdue // 3,
        "due_1d": open_["due_soon"],
        "due_7d": within // 2,
        "due_30d": within // 3,
        "due_later": within - within // 2 - within // 3,
        "paused": open_["paused"],
        "no_due": open_["no_due"],
    }
    return [{"bucket": bucket, "dossiers": count} for bucket, count in counts.items()]


def _parts(row: Json, shares: dict[str, float] | dict[str | None, float]) -> list[Json]:
    parts: list[Json] = []
    for key, share in shares.items():
        resolved = round(row["denominator"] * share)
        late = round(row["late"] * share)
        parts.append(
            {
                "key": key,
                "resolved": resolved,
                "on_time": resolved - late,
                "late": late,
                "share": share,
            }
        )
    return parts


def _procedures(row: Json) -> list[Json]:
    left_late, left_overdue, rows = row["late"], row["open"]["overdue"], []
    for place in range(10):
        late, overdue = (left_late + 2) // 3, (left_overdue + 1) // 2
        left_late, left_overdue = left_late - late, left_overdue - overdue
        resolved = late + max(3, row["denominator"] // (8 + 3 * place))
        rows.append(
            {
                "key": f"1.00{4193 + 37 * place}.000.00.00.H47" if place != 4 else None,
                "resolved": resolved,
                "on_time": resolved - late,
                "late": late,
                "overdue": overdue,
            }
        )
    return rows


def at_risk(row: Json, as_of: datetime) -> list[Json]:
    """Overdue ones first."""
    rows: list[Json] = []
    overdue, soon = row["open"]["overdue"], row["open"]["due_soon"]
    total = min(100, overdue + soon + row["open"]["within"])
    for place in range(total):
        hours = 31 * (place - overdue) if place < overdue else (place - overdue) * 3 + 1
        state = "overdue" if place < overdue else "due_soon" if hours <= 24 else "within"
        rows.append(
            {
                "dossier_id": dossier_id(row["unit_id"], 5000 + place),
                "due_at": iso(as_of + timedelta(hours=hours)),
                "state": state,
            }
        )
    return rows


def outlook(row: Json, as_of: datetime) -> Json | None:
    """What lies ahead: a forecast of a green unit, a way back of one below green."""
    if row["zone"] == "grey":
        return None
    ids = [one["dossier_id"] for one in at_risk(row, as_of)]
    whole, part = row["denominator"], row["numerator"]
    forecast = recovery = None
    if row["zone"] == "green":
        forecast = {
            "until": iso(as_of + timedelta(days=5)),
            "if_nothing_is_closed": {
                "leaves_green_at": iso(as_of + timedelta(days=2, hours=3)),
                "numerator": part - 12,
                "denominator": whole - 9,
            },
            "at_the_pace": {
                "leaves_green_at": None,
                "numerator": part + 4,
                "denominator": whole + 6,
            },
            "keep_green": ids[2:14],
            "keep_green_more": 0,
        }
    else:
        recovery = {
            "on_time_ends": max(1, 9 * whole - 10 * part),
            "by": iso(as_of + timedelta(days=4)),
            "dossiers": ids[4:20],
            "dossiers_more": 3,
            "impossible_before": None,
        }
    return {
        "unit_id": row["unit_id"],
        "as_of": iso(as_of),
        "partition": 3,
        "offset": 7012,
        "zone": row["zone"],
        "definition": "resolved@1",
        "window": "30d",
        "numerator": part,
        "denominator": whole,
        "policy": "5f0c2a9be1d47a33",
        "calendar": "vn-2026",
        "at_risk": at_risk(row, as_of)[:50],
        "at_risk_total": len(ids),
        "forecast": forecast,
        "recovery": recovery,
        "last_arrival": iso(as_of),
        "usual_gap": None,
    }


# -- versus ----------------------------------------------------------------------------------------


def versus(row: Json, query: dict[str, str], as_of: datetime) -> Json:
    """The last late dossier was overdue before, and one has entered."""
    unit_id, late = row["unit_id"], row["late"]
    nothing = {"rule": None, "reason": None, "due_at": None, "ended_at": None, "ended_by": None}

    def stand(counted: str | None, reason: str | None = None) -> Json:
        return {**nothing, "counted": counted, "reason": reason}

    def figure(numerator: int, denominator: int) -> Json:
        names = ("definition", "window", "known_at")
        said = {name: query.get(name) for name in names}
        return {**said, "as_of": iso(as_of), "numerator": numerator, "denominator": denominator}

    event = {"type": "completed", "partition": 3, "offset": 7000}
    changes: list[Json] = [
        {"by": "events", "events": [event], "a": stand("overdue"), "b": stand("late")},
        {"by": "time", "events": [], "a": stand(None, "open_not_overdue"), "b": stand("overdue")},
    ]
    places = (late - 1, late)
    return {
        "unit_id": unit_id,
        "a": figure(row["numerator"], row["denominator"] - 1),
        "b": figure(row["numerator"], row["denominator"]),
        "numerator": 0,
        "denominator": 1,
        "changes": [
            {"dossier_id": dossier_id(unit_id, place), **change}
            for place, change in zip(places, changes, strict=True)
        ],
        "unchanged": row["denominator"] - 2,
    }


# -- explanation -----------------------------------------------------------------------------------

_SPANS = {"early": -3.4, "on_time": -0.1, "late": 2.6}  # days from the due date to the end


def explain(row: Json, query: dict[str, str], as_of: datetime) -> Json:
    """All dossiers behind the figure, or a piece of them where `limit` is given."""
    counted = ["late"] * row["late"]
    counted += ["overdue"] * (row["denominator"] - row["numerator"] - row["late"])
    counted += ["on_time"] * row["on_time"] + ["early"] * row["early"]
    unit_id = row["unit_id"]
    dossiers = [explained(unit_id, place, kind, as_of) for place, kind in enumerate(counted)]
    reasons = ("open_not_overdue", "open_paused", "ended_before_window", "ended_withdrawn")
    left_out = [
        {"dossier_id": dossier_id(unit_id, 5000 + place), "reason": reasons[place % len(reasons)]}
        for place in range(row["open"]["within"] + row["open"]["overdue"])
    ]
    limit, after = int(query.get("limit", "1000000")), int(query.get("after", "0"))
    mixed = [("dossiers", one) for one in dossiers] + [("left_out", one) for one in left_out]
    piece = mixed[after : after + limit]
    return {
        "unit_id": unit_id,
        "definition": query.get("definition", "resolved@1"),
        "window": query.get("window", "30d"),
        "as_of": iso(as_of),
        "known_at": query.get("known_at"),
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "dossiers": [one for part, one in piece if part == "dossiers"],
        "left_out": [one for part, one in piece if part == "left_out"],
        "next": str(after + limit) if after + limit < len(mixed) else None,
    }


def explained(unit_id: str, number: int, counted: str, as_of: datetime) -> Json:
    """A dossier with its dates and events; every seventh was paused, every thirteenth flagged."""
    chance = Random(f"{unit_id} {number}")
    due = as_of - timedelta(days=chance.uniform(3.5, 26))
    received = due - timedelta(days=chance.uniform(4, 15))
    ended = None if counted == "overdue" else due + timedelta(days=_SPANS[counted])
    id_ = dossier_id(unit_id, number)
    told: list[tuple[str, datetime, Json]] = [("received", received, {"due_at": iso(due)})]
    pauses: list[Json] = []
    if number % 7 == 0:
        begun = received + timedelta(hours=20)
        over = begun + timedelta(hours=30)
        told += [("supplement_requested", begun, {}), ("supplement_completed", over, {})]
        pauses = [{"from": iso(begun), "to": iso(over), "ended_by": f"{id_}-2"}]
    flags = ["due_moved_after_breach"] if number % 13 == 5 and counted == "late" else []
    if flags:
        told.append(("due_changed", due + timedelta(days=1), {"due_at": "2026-12-31"}))
    told.append(("processing", received + timedelta(hours=2), {}))
    if ended:
        told += [("completed", ended, {}), ("delivered", ended + timedelta(days=1), {})]
    told.sort(key=lambda one: one[1])
    events = [
        {
            "event_id": f"{id_}-{place}",
            "type": kind,
            "occurred_at": iso(at),
            "arrived_at": iso(at + timedelta(minutes=3)),
            "partition": 3,
            "offset": 7000 + 6 * number + place,
            "role": "counts",
            "due_at": None,
            "voids": None,
        }
        | more
        for place, (kind, at, more) in enumerate(told)
        if at < as_of
    ]
    return {
        "dossier_id": id_,
        "counted": counted,
        "rule": "R4" if pauses and counted != "late" else "R3" if flags else "R6",
        "received_at": iso(received),
        "due_at": iso(due),
        "ended_at": iso(ended) if ended else None,
        "ended_by": "completed" if ended else None,
        "pauses": pauses,
        "flags": flags,
        "events": events,
    }


def dossier(unit_id: str, id_: str, query: dict[str, str]) -> Json | None:
    """One that is left out: open, with the events it has."""
    if not id_.startswith(dossier_id(unit_id, 1)[:14]):
        return None
    number = int(id_.rsplit("-", 1)[1])
    found = explained(unit_id, number, "overdue", as_of_of(query))
    return found | {"counted": None, "rule": None, "reason": "open_overdue_not_counted"}
