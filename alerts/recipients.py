"""Who is told what: the recipients of a province. Pure; the file is read by the command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from schemas.action import AND_BELOW, EVERY_UNIT

Role = Literal["head", "superior", "operations"]
Language = Literal["vi", "en"]
Topic = Literal["incidents", "forecasts", "digest", "health"]
ChannelKind = Literal["email", "webhook", "apprise"]

# What a role is told of where its recipient does not say.
ABOUT: Mapping[Role, frozenset[Topic]] = {
    "head": frozenset({"incidents", "forecasts", "digest"}),
    "superior": frozenset({"incidents", "digest"}),
    "operations": frozenset({"digest", "health"}),
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to one recipient."""

    kind: ChannelKind
    target: str = field(repr=False)  # an address or a URL, with its secrets: never logged or stored
    name: str = ""  # what metrics and records say: `email`, `webhook`, `apprise:tgram`


@dataclass(frozen=True, slots=True)
class Recipient:
    """A function such as "head of Tam Kỳ", not a person."""

    recipient_id: str
    role: Role
    units: tuple[str, ...]  # ids; with `/*` after it also all units below; `*`: every unit
    channels: tuple[Channel, ...]
    level: int = 1  # 1 is told first; each next one when nobody has acknowledged
    language: Language = "vi"
    about: frozenset[Topic] = frozenset()

    def answers_for(self, unit_id: str, parents: Mapping[str, str]) -> bool:
        """Whether a unit is among this recipient's; `parents` says who is above whom."""
        return any(covers(scope, unit_id, parents) for scope in self.units)


def covers(scope: str, unit_id: str, parents: Mapping[str, str]) -> bool:
    """Whether a scope (a unit, a unit with `/*`, or `*`) holds a unit."""
    if scope in (EVERY_UNIT, unit_id):
        return True
    if not scope.endswith(AND_BELOW):
        return False
    top = scope.removesuffix(AND_BELOW)
    above: str | None = unit_id
    while above and above != top:
        above = parents.get(above)
    return above == top


@dataclass(frozen=True, slots=True)
class Recipients:
    """All recipients, and the tree of units."""

    everyone: tuple[Recipient, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)  # unit -> the unit above it

    def of(
        self, topic: Topic, unit_id: str | None = None, level: int | None = None
    ) -> list[Recipient]:
        """Those to be told of a topic; of a unit, of a level (None: any)."""
        return [
            one
            for one in self.everyone
            if topic in one.about
            and level in (None, one.level)
            and (unit_id is None or one.answers_for(unit_id, self.parents))
        ]

    def by_id(self, recipient_id: str) -> Recipient | None:
        """The recipient of that id."""
        return next((one for one in self.everyone if one.recipient_id == recipient_id), None)

    def ancestors(self, unit_id: str) -> Iterable[str]:
        """The units above a unit, nearest first."""
        above = self.parents.get(unit_id)
        while above:
            yield above
            above = self.parents.get(above)
