"""What `vungxanh verify` finds: one difference, with all that is known of its place."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.instants import Millis, iso_millis

About = Literal["book", "records", "figures", "corrections", "steps"]
Difference = Literal[
    "missing",  # an entry of the book; a figure or step that the records yield
    "second",  # an entry with a number that was there before
    "unreadable",
    "removed",  # a record that the book knows
    "inserted",  # a record that the book does not know
    "moved",  # the same content, with another arrival or in another place
    "changed",
    "invented",  # a figure, correction or step that the records do not yield
    "cut",  # the first records, or the last entries, are gone
    "unknown",  # a definition, window or time zone that this release does not have
    "not_this_book",  # no day has the digest that was asked for
]


class Finding(NamedTuple):
    """One difference. What is not known, or has no meaning here, is None."""

    about: About
    difference: Difference
    partition: int
    text: str  # one sentence: what is different
    at: Millis | None = None  # when it was so: arrival, clock or midnight; findings go by it
    day: str | None = None  # the local day of it
    unit_id: str | None = None
    dossier_id: str | None = None
    event_id: str | None = None
    offset: int | None = None  # of the record, as the book has it
    topic_offset: int | None = None  # of the record in the topic looked at
    number: int | None = None  # of the entry in its chain
    definition: str | None = None
    window: str | None = None
    stated: str | None = None
    recomputed: str | None = None
    thereby: Finding | None = None  # the first sealed figure that differs because of it

    def to_dict(self) -> dict[str, object]:
        """The JSON form; what is not known is left out."""
        known = {name: value for name, value in self._asdict().items() if value is not None}
        if self.at is not None:
            known["at"] = iso_millis(self.at)
        if self.thereby is not None:
            known["thereby"] = self.thereby.to_dict()
        return known

    def lines(self) -> list[str]:
        """For people: the sentence, then what is known of the place, a line each."""
        told = [f"partition {self.partition}: {self.about}: {self.difference}: {self.text}"]
        named = self.to_dict()
        for name in _PLACE:
            if name in named:
                told.append(f"  {name.replace('_', ' '):13} {named[name]}")
        if self.thereby is not None:
            told.append(f"  the first sealed figure that differs thereby: {self.thereby.text}")
            told += [f"  {line}" for line in self.thereby.lines()[1:]]
        return told


_PLACE = (
    "day",
    "unit_id",
    "dossier_id",
    "event_id",
    "offset",
    "topic_offset",
    "at",
    "number",
    "definition",
    "window",
    "stated",
    "recomputed",
)


class Differs(Exception):  # noqa: N818 - a finding, not a failure of the program
    """Raised where nothing can be said of what comes after a difference."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding
