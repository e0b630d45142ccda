"""What is rare: a clock that leaps, more than can be kept, and what only the wall clock knows."""

from __future__ import annotations

from itertools import count, islice

from streams.routing import partition_of
from tests.scenarios.script import Person, Script, script
from tests.scenarios.variant import PARTITIONS, Variant

_BY_THE_WALL = "the worker watches itself, and gives a message up, by the wall clock"
_BY_A_COMMAND = "asked for by a command, outside the records"

# Nobody plays between 07:15 and the mark after it. Until 12:00 it is made up for.
DIGEST_TOO_LATE = script(
    "toolate",
    Person("desk", units=("commune",), role="operations", about=frozenset({"digest"})),
    table="""
    Mon 06:00
    (Mon 07:15)  - decided digest digest to desk
    Mon 08:00
    Tue 07:00
    (Tue 07:15)  - dropped too_late digest to desk
    Wed 07:00
    (Wed 07:15)  - decided digest digest to desk
    Wed 12:00  commune: 12 on time
    Thu 07:00
    (Thu 07:15)  - dropped too_late digest to desk
    Thu 12:01
    Fri 07:14
    (Fri 07:15)  - decided digest digest to desk
    Fri 08:00
    Mon+1 07:15  - decided digest digest to desk
    """,
)

HEALTH = script(
    "health",
    Person("duty", role="operations", about=frozenset({"health"})),
    pure_only=_BY_THE_WALL,
    table="""
    Mon 06:00  feed/commune ails
               - decided health health feed/commune to duty
    Mon 06:30  lag ails
               - decided health health lag to duty
    Mon 06:40  lag is well
               - decided recovered health lag to duty
    Mon 08:00  feed/commune is given up
               - decided long_silent health feed/commune to duty
    Mon 08:10  feed/commune is well
    Mon 08:20  feed/commune ails
               - decided health health feed/commune to duty
    Mon 08:30  feed/commune is well
               - decided recovered health feed/commune to duty
    """,
)

TEST_MESSAGE = script(
    "testmessage",
    pure_only=_BY_A_COMMAND,
    table="""
    Mon 06:00  a test message goes to head
               - decided test test to head
    Mon 06:05  a test message goes to head
               - decided test test to head
    """,
)

GIVEN_UP = script(
    "givenup",
    pure_only=_BY_THE_WALL,
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               the webhook of head fails for a day
               - opened commune yellow 16/18
               - decided first_notification opened commune to head
    """,
)

LEFT_ALONE = script(
    "leftalone",
    pure_only=_BY_THE_WALL,
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               the circuit of head is open 2 times
               the webhook of head fails 1 times
               - opened commune yellow 16/18
               - decided first_notification opened commune to head
    """,
)


def _crowded(name: str, marks: int, each: int, fit: int, messages: tuple[int, ...]) -> Script:
    """At each mark so many units leave green; so many notices fit, the oldest of the others fall.

    All have the longest names, and lie in one partition: so their order is known.
    """
    named = (f"u{number}{'ệ' * 165}" for number in count())
    ours = (unit for unit in named if partition_of(f"{name}.{unit}", PARTITIONS) == 0)
    units = list(islice(ours, marks * each))
    lines: list[str] = []
    for start in range(0, len(units), each):
        happens, steps, told = [], [], []
        for number in range(start, start + each):
            happens.append(f"{units[number]}: 1 late")
            steps.append(f"- opened {units[number]} red 0/1")
            of = f"opened {units[number]} to head"
            told.append(f"- held held_outside_working_hours {of} until Tue 07:00")
            if number >= fit:
                told.append(f"- dropped crowded_out opened {units[number - fit]} to head")
        lines += [f"Mon 20:{start // each:02}", *happens, *steps, *told]
    lines.append("Tue 07:00")
    left = iter(units[-fit:])
    decided: list[str] = []
    for size in messages:
        for place, unit in enumerate(islice(left, size)):
            why = "grouped" if place else "first_notification"
            decided.append(f"- decided {why} opened {unit} to head")
    return script(
        name,
        Person("head", units=("district/*",)),
        parents=dict.fromkeys(units, "district"),
        table="\n".join(lines + decided),
    )


CROWDED_OUT = _crowded("crowded", marks=5, each=30, fit=141, messages=(72, 69))

RARE = Variant(
    "rare",
    {
        "policy__hold": "0",
        "policy__recover_hold": "0",
        "policy__min_sample": "1",  # many units, and few records
        "notify__reminders": "false",
        "notify__escalate_after": "0",
    },
    (DIGEST_TOO_LATE, HEALTH, TEST_MESSAGE, GIVEN_UP, LEFT_ALONE, CROWDED_OUT),
)
