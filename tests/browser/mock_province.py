"""What the stand-in for a worker knows: the demo province with made-up figures."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from vungxanh.demo import units_file

PROVINCE = "H47"
TOO_FEW = "H47.518"  # Phú Ninh: 14 dossiers
WITHOUT_DATA = "H47.516"  # Nam Trà My
SHARES = (0.97, 0.98, 0.87, 0.95, 0.96, 0.985, 0.97, 0.905, 0.945, 0.72)
DEFINITIONS = ["resolved@1", "strict@1"]
WINDOWS = ["30d", "7d", "90d", "365d", "half"]
FACTORS = {"7d": 0.25, "30d": 1.0, "90d": 2.8, "half": 5.0, "365d": 9.0}
PERIODS = {"day": 0.004, "month": -0.012, "half": 0.03}  # how far shares were off, at most

Row = dict[str, Any]


def iso(instant: datetime) -> str:
    """As the API writes instants: UTC, milliseconds, Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone_of(numerator: int, denominator: int) -> str:
    """By the usual policy."""
    if denominator < 20:
        return "grey"
    if 10 * numerator >= 9 * denominator:
        return "green"
    return "yellow" if 10 * numerator >= 8 * denominator else "red"


def directory_units() -> list[dict[str, Any]]:
    """The province and its districts, as in the directory; all districts have a shape."""
    with units_file().open(encoding="utf-8", newline="") as lines:
        return [
            {
                "unit_id": row["unit_id"],
                "name": row["name_vi"],
                "name_ascii": row["name_ascii"],
                "kind": row["kind"],
                "parent_id": row["parent_id"] or None,
                "shape": bool(row["parent_id"]),
            }
            for row in csv.DictReader(lines)
        ]


def many_units(count: int) -> list[dict[str, Any]]:
    """A province of communes, none of which has a shape."""
    head, *_ = directory_units()
    return [head] + [
        {
            "unit_id": f"H47.{place:05}",
            "name": f"Xã Thử {place}",
            "name_ascii": f"Xa Thu {place}",
            "kind": "commune",
            "parent_id": PROVINCE,
            "shape": False,
        }
        for place in range(1, count + 1)
    ]


def directory(units: list[dict[str, Any]]) -> dict[str, Any]:
    """An answer of /api/directory."""
    return {
        "province": {"unit_id": PROVINCE, "name": "Quảng Nam"},
        "timezone": "Asia/Ho_Chi_Minh",
        "policy": {
            "definition": "resolved@1",
            "window": "30d",
            "green": 0.9,
            "yellow": 0.8,
            "min_sample": 20,
        },
        "definitions": list(DEFINITIONS),
        "windows": list(WINDOWS),
        "has_map": any(unit["shape"] for unit in units),
        "units": units,
        "access": {"reading": "open", "may_act": False, "who": None},
    }


def province_map() -> dict[str, Any]:
    """An answer of /api/map: the boundaries of the demo province."""
    found: dict[str, Any] = json.loads(
        units_file().with_name("districts.geojson").read_text(encoding="utf-8")
    )
    return found


def rows_of(units: list[dict[str, Any]]) -> dict[str, Row]:
    """A row of the primary figure for each unit below the province, by chance but always alike."""
    chance = Random(3)
    rows = {}
    for place, unit in enumerate(unit for unit in units if unit["parent_id"]):
        share = SHARES[place % len(SHARES)] if place < 40 else chance.uniform(0.75, 1.0)
        size = chance.randrange(120, 1300)
        if unit["unit_id"] == TOO_FEW:
            share, size = 0.93, 14
        rows[unit["unit_id"]] = _row(unit["unit_id"], share, size, chance)
    rows.pop(WITHOUT_DATA, None)
    return rows


def _row(unit_id: str, share: float, size: int, chance: Random) -> Row:
    late = round(size * (1 - share))
    early = int((size - late) * 0.7)
    zone = zone_of(size - late, size)
    before = {}
    for period, off in PERIODS.items():
        then = max(1, size + chance.randrange(-size // 20, size // 20 + 1))
        on_time = round(then * min(1.0, max(0.0, share + off * chance.uniform(-1.0, 1.0))))
        before[period] = {
            "numerator": on_time,
            "denominator": then,
            "zone": zone_of(on_time, then),
            "place": None,
        }
    return {
        "unit_id": unit_id,
        "zone": zone,
        "numerator": size - late,
        "denominator": size,
        "place": None,
        "tied": 1,
        "early": early,
        "on_time": size - late - early,
        "late": late,
        "open": {
            "overdue": size // 60,
            "paused": chance.randrange(size // 30 + 1),
            "due_soon": chance.randrange(size // 20 + 1),
            "within": size // 6,
            "no_due": 0,
        },
        "incident": f"{unit_id}/resolved@1/2" if zone in ("yellow", "red") else None,
        "stale_since": None,
        "previous": before,
    }


def places(figures: list[dict[str, Any]]) -> None:
    """Gives each figure its place, 1, 2, 2, 4; grey ones have none."""
    judged = [figure for figure in figures if figure["zone"] != "grey"]
    judged.sort(key=lambda figure: -figure["numerator"] / figure["denominator"])
    shares = [figure["numerator"] / figure["denominator"] for figure in judged]
    first: dict[float, int] = {}
    for place, share in enumerate(shares, 1):
        first.setdefault(share, place)
    sharing = Counter(shares)
    for figure, share in zip(judged, shares, strict=True):
        figure["place"] = first[share]
        if "tied" in figure:
            figure["tied"] = sharing[share]


def ranking(rows: dict[str, Row], query: dict[str, str], now: datetime) -> dict[str, Any]:
    """An answer of /api/ranking: other windows and past instants are the primary row, altered."""
    definition = query.get("definition", "resolved@1")
    window = query.get("window", "30d")
    as_of = datetime.fromisoformat(query["as_of"]) if "as_of" in query else now
    factor = FACTORS.get(window, 1.0) * (0.9 if "as_of" in query else 1.0)
    late = 2 if query.get("known") == "then" else 0
    asked = [_altered(row, definition, factor, late) for row in rows.values()]
    places(asked)
    for period in PERIODS:
        places([row["previous"][period] for row in asked])
    local = as_of + timedelta(hours=7)
    day = datetime(local.year, local.month, local.day, tzinfo=UTC)
    starts = {
        "day": day,
        "month": day.replace(day=1),
        "half": day.replace(month=1 if day.month < 7 else 7, day=1),
    }
    return {
        "as_of": iso(as_of),
        "known": query.get("known", "now"),
        "definition": definition,
        "window": window,
        "data_to": iso(now),
        "previous": {name: iso(start - timedelta(hours=7)) for name, start in starts.items()},
        "rows": asked,
        "missing": [],
    }


def _altered(row: Row, definition: str, factor: float, late: int) -> Row:
    new: Row = json.loads(json.dumps(row))
    if factor == 1.0 and definition == "resolved@1" and not late:
        return new
    whole = max(1, int(row["denominator"] * factor))
    on_time = whole - int(row["late"] * factor) - late
    new |= {"numerator": on_time, "denominator": whole, "zone": zone_of(on_time, whole)}
    new |= {"early": int(on_time * 0.7), "late": whole - on_time}
    new["on_time"] = on_time - new["early"]
    if definition == "strict@1":
        new["denominator"] += row["open"]["overdue"]
    return new
