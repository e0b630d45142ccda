"""What came of a play, in the words of the tables; the same for both players.

Steps and records are as in `unit-alerts` and `unit-notifications`, read from their JSON.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.instants import Millis, read_instant
from tests.scenarios.marks import MINUTE, mark
from tests.scenarios.script import Script
from tests.scenarios.variant import Variant

Fields = Mapping[str, Any]
OF_SENDING = frozenset({"sent", "retrying", "failed"})  # stamped by the wall clock


class Sent(NamedTuple):
    """One attempt to hand a message over."""

    key: str
    kinds: tuple[str, ...]  # of all that travels in it, sorted


@dataclass
class Outcome:
    """All that was written and handed over; of one incident or other subject in its order."""

    steps: list[Fields] = field(default_factory=list)
    records: list[Fields] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def of(self, variant: Variant, script: Script) -> Outcome:
        """What of it belongs to a script."""
        owner = variant.owner
        return Outcome(
            [one for one in self.steps if owner(one["unit_id"]) is script],
            [one for one in self.records if owner(*_names(one)) is script],
            [one for one in self.sent if owner(*_parts(one)) is script],
        )

    def decisions(self) -> list[Fields]:
        """Without what came of sending."""
        return [one for one in self.records if one["outcome"] not in OF_SENDING]

    def table(self, script: Script) -> list[str]:
        """Steps and decisions as in the tables: minute by minute, and in each the steps first."""
        steps = [(_minute(one), 0, _step_line(script, one)) for one in self.steps]
        told = [(_minute(one), 1, _line(script, one)) for one in self.decisions()]
        lines = sorted([*steps, *told], key=lambda one: one[:2])
        return [f"{mark(at)} {words}" for at, _, words in lines]

    def expected(self) -> dict[str, tuple[str, ...]]:
        """Every message decided: its key, and the kinds of all that travels in it."""
        travels: dict[str, list[str]] = defaultdict(list)
        for one in self.records:
            if "message" in one:
                travels[one["message"]].append(one["kind"])
        found: dict[str, tuple[str, ...]] = {}
        for one in self.decisions():
            if one["outcome"] == "decided" and "channel" in one:
                key = one["notification_id"]
                assert key not in found, f"decided twice: {key}"
                lead = key.removesuffix(f"|{one['channel']}")
                found[key] = tuple(sorted([one["kind"], *travels[lead]]))
        return found

    def results(self) -> dict[str, Counter[str]]:
        """What came of sending each message: outcomes of its attempts."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.records:
            if one["outcome"] in OF_SENDING:
                found[one["notification_id"]][f"{one['outcome']} {one['why']}"] += 1
        return found

    def comparable(self) -> dict[str, list[Fields]]:
        """By subject, in order: what must be the same however it was played.

        In minutes: a notifier may hear of a step a second after the clock has moved on. Without the
        place of the last record: it depends on who else plays.
        """
        found: dict[str, list[Fields]] = defaultdict(list)
        for one in self.decisions():
            instants = {name: _minute(one, name) for name in ("at", "until") if name in one}
            found[one["subject"]].append({**one, **instants})
        for one in self.steps:
            evidence = {**one["evidence"], "as_of": _minute(one["evidence"], "as_of")}
            del evidence["partition"], evidence["offset"]
            step = {**one, "at": _minute(one), "evidence": evidence}
            found[f"steps of {one['incident_id']}"].append(step)
        return found


def of_nobody(variant: Variant, outcome: Outcome) -> list[object]:
    """Steps, records and messages that belong to no script: no table would miss them."""
    steps = [one for one in outcome.steps if variant.owner(one["unit_id"]) is None]
    records = [one for one in outcome.records if variant.owner(*_names(one)) is None]
    sent = [one for one in outcome.sent if variant.owner(*_parts(one)) is None]
    return [*steps, *records, *sent]


def _names(record: Fields) -> tuple[str | None, ...]:
    return record["subject"], record.get("recipient")


def _parts(sent: Sent) -> list[str]:
    return sent.key.split("|")


def _minute(fields: Fields, name: str = "at") -> Millis:
    return read_instant(fields[name]) // 1_000 // MINUTE * MINUTE


def _step_line(script: Script, step: Fields) -> str:
    figure = f"{step['evidence']['numerator']}/{step['evidence']['denominator']}"
    words = [step["kind"], step["unit_id"], step["zone"], figure]
    words += ["by", step["author"]] if "author" in step else []
    words += ["to level", str(step["level"])] if "level" in step else []
    words += ["because of", step["cause"]["event_id"]] if "cause" in step else []
    number = step["incident_id"].rpartition("/")[2]
    words += ["number", number] if number != "1" else []
    return script.plain(" ".join(words))


def _line(script: Script, record: Fields) -> str:
    words = [record["outcome"], record["why"], record["kind"]]
    if "unit_id" in record:
        words.append(record["unit_id"])
    if record["kind"] == "health":
        words.append(record["subject"].removeprefix("health/"))
    if "recipient" in record:
        channel = record.get("channel", "webhook")
        words += ["to", record["recipient"] + ("" if channel == "webhook" else f"/{channel}")]
    if "until" in record:
        words += ["until", mark(_minute(record, "until"))]
    return script.plain(" ".join(words))
