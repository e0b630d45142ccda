"""The words of a scenario: what happens at marks of time, and all that is wanted of it.

    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 08:20  An acknowledges commune 1

A line with a dash is wanted: a step of an incident, or a record of who is told; its minute is the
mark above it. All that comes of a scenario is in its table. Any other line happens:

    commune: 4 on time, 1 late            so many dossiers end; they are late-1, on-1, on-2, ...
    commune: 2 on time, dated Mon 07:50   they ended then, and are known only now
    commune: void late-1                  the end of that dossier is taken back
    An acknowledges commune 1             the first incident of the unit
    An silences commune until Mon 12:00 as s1
    An unsilences s1
    the webhook of head fails 2 times
    the webhook of head fails for a day   every attempt, until the message is given up
    the circuit of head is open 2 times   so often it is not tried at all
    a test message goes to head
    feed/commune ails                     the monitor finds this in itself: `lag`, `delivery/email`
    feed/commune is given up              the feed is not waited for any more
    feed/commune is well

A mark where something happens is the very minute, at :00. A mark where nothing happens comes a
second later, so that the whole minute before it is judged (a hold that ends, an end that leaves the
window). The same mark may stand twice, first with what happens.

A mark in brackets is not played: the clock leaps over it. What is wanted there bears its minute,
and is known at the next mark that is played.

What the wall clock decides, or a command asks for, is played by the pure player alone; such a
script says why (`pure_only`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from alerts.recipients import ChannelKind, Role, Topic
from schemas.instants import Millis
from tests.scenarios.marks import MARK, SECOND, instant, mark


class Ends(NamedTuple):
    """Dossiers of a unit that have ended."""

    unit: str
    on_time: int
    late: int
    at: Millis | None  # None: as they become known


class Void(NamedTuple):
    """An end that is taken back."""

    unit: str
    dossier: str


class Acknowledge(NamedTuple):
    """Somebody takes an incident on; a recipient, by the link of a message."""

    author: str
    unit: str
    number: int


class Silence(NamedTuple):
    """Somebody wants nobody to be told."""

    author: str
    scope: str
    until: Millis
    name: str


class Unsilence(NamedTuple):
    """Somebody ends a silence."""

    author: str
    name: str


class Fails(NamedTuple):
    """The next attempts to reach a recipient's webhook fail."""

    recipient: str
    times: int


class FailsForADay(NamedTuple):
    """All attempts to reach a recipient's webhook fail."""

    recipient: str


class CircuitOpen(NamedTuple):
    """The next times a recipient's webhook is left alone."""

    recipient: str
    times: int


class TryOut(NamedTuple):
    """Somebody wants to see whether messages arrive."""

    recipient: str


Turning = Literal["ails", "is given up", "is well"]


class Condition(NamedTuple):
    """The monitor's own health: a condition begins, changes or ends."""

    name: str  # `lag`, `feed/<unit>`, ...
    turning: Turning


Event = Ends | Void
Deed = Acknowledge | Silence | Unsilence
Own = TryOut | Condition  # of the monitor itself
Sending = Fails | FailsForADay | CircuitOpen  # holds from the first mark on
Doing = Event | Deed | Own | Sending


@dataclass(frozen=True, slots=True)
class Block:
    """A mark, what happens at it, and what is wanted in its minute."""

    at: Millis
    doings: tuple[Doing, ...]
    wants: tuple[str, ...]
    leapt: bool = False  # the clock leaps over it

    @property
    def moment(self) -> Millis | None:
        """When it is played; None: not at all."""
        if self.leapt:
            return None
        return self.at if self.doings else self.at + SECOND


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient, by names that are the script's own."""

    name: str
    units: tuple[str, ...] = ("commune",)
    role: Role = "head"
    level: int = 1
    about: frozenset[Topic] = frozenset({"incidents"})
    channels: tuple[ChannelKind, ...] = ("webhook",)


HEAD = Person("head")


@dataclass(frozen=True, slots=True)
class Script:
    """One scenario. Its units and recipients bear its name, so that many can be played at once."""

    name: str
    blocks: tuple[Block, ...]
    people: tuple[Person, ...] = (HEAD,)
    parents: dict[str, str] = field(default_factory=dict)  # unit -> the unit above it
    pure_only: str = ""  # why it cannot be played through a worker

    def own(self, name: str) -> str:
        """A unit, recipient, dossier, ... as it is called where others play too."""
        return f"{self.name}.{name}"

    def owns(self, name: str) -> bool:
        """Whether a name in a record is one of this script's."""
        return name.startswith(f"{self.name}.")

    def plain(self, text: str) -> str:
        """A text of a record in the script's own names."""
        return text.replace(f"{self.name}.", "")

    def wanted(self) -> list[str]:
        """The table: each line with its minute."""
        return [f"{mark(block.at)} {want}" for block in self.blocks for want in block.wants]

    def fails(self) -> dict[str, int]:
        """How often the webhook of a recipient fails."""
        return {self.own(one.recipient): one.times for one in self.doings if isinstance(one, Fails)}

    def dead(self) -> set[str]:
        """Those whose webhook fails for a day."""
        return {self.own(one.recipient) for one in self.doings if isinstance(one, FailsForADay)}

    def shut(self) -> dict[str, int]:
        """How often a recipient is left alone."""
        return {
            self.own(one.recipient): one.times
            for one in self.doings
            if isinstance(one, CircuitOpen)
        }

    @property
    def doings(self) -> list[Doing]:
        """All that happens."""
        return [doing for block in self.blocks for doing in block.doings]


def script(
    name: str,
    *people: Person,
    parents: dict[str, str] | None = None,
    pure_only: str = "",
    table: str,
) -> Script:
    """A scenario from its table. Raises ValueError naming a line that is none."""
    blocks = tuple(_blocks(name, table))
    if any(block.leapt and block.doings for block in blocks):
        raise ValueError(f"{name}: something happens at a mark that is not played")
    return Script(name, blocks, people or (HEAD,), parents or {}, pure_only)


_LINE = re.compile(rf"(?:(?P<mark>{MARK})|\((?P<leapt>{MARK})\))?\s*(?P<dash>- )?(?P<words>.*)")


def _blocks(name: str, table: str) -> Iterable[Block]:
    at: Millis | None = None
    leapt = False
    doings: list[Doing] = []
    wants: list[str] = []
    for line in filter(None, map(str.strip, table.splitlines())):
        found = _LINE.fullmatch(line)
        assert found is not None, line
        if when := found["mark"] or found["leapt"]:
            if at is not None:
                yield Block(at, tuple(doings), tuple(wants), leapt)
            before, at, doings, wants = at, instant(when), [], []
            leapt = found["leapt"] is not None
            if before is not None and at < before:
                raise ValueError(f"{name}: {line}: goes back in time")
        if found["dash"]:
            wants.append(" ".join(found["words"].split()))
        elif found["words"]:
            doings.append(_doing(name, found["words"]))
    assert at is not None, f"{name}: an empty table"
    yield Block(at, tuple(doings), tuple(wants), leapt)


_UNIT, _WORD = r"(?P<unit>\w+)", r"[A-Za-z0-9/*_-]+"
_DATED = rf"(?:, dated (?P<dated>{MARK}))?"
_ENDS = re.compile(rf"{_UNIT}: (?:(?P<on>\d+) on time)?(?:, )?(?:(?P<late>\d+) late)?{_DATED}")
_VOID = re.compile(rf"{_UNIT}: void (?P<dossier>{_WORD})")
_ACKNOWLEDGE = re.compile(rf"(?P<author>{_WORD}) acknowledges {_UNIT} (?P<number>\d+)")
_SILENCE = re.compile(
    rf"(?P<author>{_WORD}) silences (?P<scope>{_WORD}) until (?P<until>{MARK}) as (?P<name>{_WORD})"
)
_UNSILENCE = re.compile(rf"(?P<author>{_WORD}) unsilences (?P<name>{_WORD})")
_FAILS = re.compile(rf"the webhook of (?P<recipient>{_WORD}) fails (?P<times>\d+) times")
_FAILS_FOR_A_DAY = re.compile(rf"the webhook of (?P<recipient>{_WORD}) fails for a day")
_CIRCUIT = re.compile(rf"the circuit of (?P<recipient>{_WORD}) is open (?P<times>\d+) times")
_TEST = re.compile(rf"a test message goes to (?P<recipient>{_WORD})")
_CONDITION = re.compile(rf"(?P<name>{_WORD}) (?P<turning>{'|'.join(get_args(Turning))})")


def _doing(name: str, words: str) -> Doing:
    if found := _VOID.fullmatch(words):
        return Void(found["unit"], found["dossier"])
    if found := _ENDS.fullmatch(words):
        dated = found["dated"]
        on_time, late = int(found["on"] or 0), int(found["late"] or 0)
        if on_time + late:
            return Ends(found["unit"], on_time, late, None if dated is None else instant(dated))
    if found := _ACKNOWLEDGE.fullmatch(words):
        return Acknowledge(found["author"], found["unit"], int(found["number"]))
    if found := _SILENCE.fullmatch(words):
        return Silence(found["author"], found["scope"], instant(found["until"]), found["name"])
    if found := _UNSILENCE.fullmatch(words):
        return Unsilence(found["author"], found["name"])
    if found := _FAILS.fullmatch(words):
        return Fails(found["recipient"], int(found["times"]))
    return _rarer(name, words)


def _rarer(name: str, words: str) -> Doing:
    if found := _FAILS_FOR_A_DAY.fullmatch(words):
        return FailsForADay(found["recipient"])
    if found := _CIRCUIT.fullmatch(words):
        return CircuitOpen(found["recipient"], int(found["times"]))
    if found := _TEST.fullmatch(words):
        return TryOut(found["recipient"])
    if found := _CONDITION.fullmatch(words):
        turning = next(one for one in get_args(Turning) if one == found["turning"])
        return Condition(found["name"], turning)
    raise ValueError(f"{name}: nothing that can happen: {words!r}")
