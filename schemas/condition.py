"""Something that ails the monitor itself: data, worded by the templates of each language."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.instants import Millis, iso_millis

ConditionKind = Literal[
    "feed",  # nothing has come from a unit for longer than is usual
    "dead_letters",  # many within an hour
    "lag",  # records wait, and become no fewer
    "delivery",  # messages over a channel fail
]


class Condition(NamedTuple):
    """One condition. What is not of its kind, or not known, is None."""

    kind: ConditionKind
    unit_id: str | None = None  # of feed
    channel: str | None = None  # of delivery: its name, such as `email`
    since: Millis | None = None  # of feed: the last arrival
    number: int | None = None  # of dead_letters: at most so many; of lag: records
    given_up: bool = False  # of feed: silent for so long that it is not waited for any more

    @property
    def name(self) -> str:
        """What it is known by as long as it lasts: `feed/<unit>`, `lag`, `delivery/email`."""
        return "/".join((self.kind, *filter(None, (self.unit_id, self.channel))))

    def to_dict(self) -> dict[str, object]:
        """The JSON form, for those who are told by machine; what is absent is left out."""
        fields = {name: value for name, value in self._asdict().items() if value is not None}
        if self.since is not None:
            fields["since"] = iso_millis(self.since)
        return fields


def condition_of(name: str) -> Condition:
    """What a name alone says of a condition; ValueError where it is no such name."""
    match name.split("/", 1):
        case ["feed", str(unit_id)] if unit_id:
            return Condition("feed", unit_id=unit_id)
        case ["delivery", str(channel)] if channel:
            return Condition("delivery", channel=channel)
        case ["dead_letters"]:
            return Condition("dead_letters")
        case ["lag"]:
            return Condition("lag")
    raise ValueError(f"{name!r} is the name of no condition of the monitor")
