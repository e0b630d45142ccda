"""With an urgent kind, three messages an hour, and flapping from the third opening on."""

from __future__ import annotations

from tests.scenarios.script import Person, script
from tests.scenarios.variant import Variant

URGENT_AT_NIGHT = script(
    "urgent",
    table="""
    Mon 20:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Tue 07:00
    Mon 21:00  commune: 3 late
               - worsened commune red 16/21
               - decided first_notification opened commune to head
               - decided grouped worsened commune to head
    Tue 07:00
    """,
)

TOO_MANY_AN_HOUR = script(
    "toomany",
    Person("head", units=("a", "b", "c", "d", "e")),
    table="""
    Mon 08:00  a: 16 on time, 2 late
               - opened a yellow 16/18
               - decided first_notification opened a to head
    Mon 08:20  b: 16 on time, 2 late
               - opened b yellow 16/18
               - decided first_notification opened b to head
    Mon 08:30  c: 16 on time, 2 late
               - opened c yellow 16/18
               - decided first_notification opened c to head
    Mon 08:40  d: 16 on time, 2 late
               - opened d yellow 16/18
               - held rate_limited opened d to head until Mon 09:00
    Mon 08:50  e: 16 on time, 2 late
               - opened e yellow 16/18
               - held rate_limited opened e to head until Mon 09:00
    Mon 09:00  - decided first_notification opened d to head
               - decided grouped opened e to head
    """,
)

FLAPPING = script(
    "flapping",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 08:30  commune: 2 on time
               - closed commune green 18/20
               - decided recovered closed commune to head
    Mon 09:00  commune: 1 late
               - opened commune yellow 18/21 number 2
               - decided first_notification opened commune to head
    Mon 09:30  commune: 9 on time
               - closed commune green 27/30 number 2
               - decided recovered closed commune to head
    Mon 10:00  commune: 1 late
               - opened commune yellow 27/31 number 3
               - decided flapping opened commune to head
    Mon 10:30  commune: 9 on time
               - closed commune green 36/40 number 3
               - dropped flapping_damped closed commune to head
    Mon 11:00  commune: 1 late
               - opened commune yellow 36/41 number 4
               - dropped flapping_damped opened commune to head
    """,
)

LIMITS = Variant(
    "limits",
    {
        "policy__hold": "0",
        "policy__recover_hold": "0",
        "notify__reminders": "false",
        "notify__escalate_after": "0",
        "notify__urgent": '["worsened"]',
        "notify__rate_limit": "3",
        "notify__flapping_openings": "2",
    },
    (URGENT_AT_NIGHT, TOO_MANY_AN_HOUR, FLAPPING),
)
