"""Working hours: nights, Fridays, a Saturday that is worked, Tet; what waits and what falls."""

from __future__ import annotations

from tests.scenarios.script import Person, script

NIGHT = script(
    "night",
    table="""
    Mon 20:00  commune: 16 on time, 2 late
    Mon 20:10  - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Tue 07:00
    Mon 22:00  commune: 3 late
               - worsened commune red 16/21
               - held held_outside_working_hours worsened commune to head until Tue 07:00
    Tue 07:00  - decided first_notification opened commune to head
               - decided grouped worsened commune to head
    """,
)

OVERTAKEN = script(
    "overtaken",
    table="""
    Mon 20:00  commune: 16 on time, 2 late
    Mon 20:10  - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Tue 07:00
    Mon 22:00  commune: 2 on time
    Mon 22:10  - closed commune green 18/20
               - held grouped closed commune to head until Tue 07:00
    Tue 07:00  - dropped overtaken opened commune to head
               - dropped not_told_before closed commune to head
    """,
)

ACKNOWLEDGED_AT_NIGHT = script(
    "nightwatch",
    table="""
    Mon 20:00  commune: 16 on time, 2 late
    Mon 20:10  - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Tue 07:00
    Mon 22:00  An acknowledges commune 1
               - acknowledged commune yellow 16/18 by An
               - taken taken acknowledge commune
               - held grouped acknowledged commune to head until Tue 07:00
    Tue 07:00  - dropped acknowledged opened commune to head
               - dropped not_told_before acknowledged commune to head
    """,
)

IN_ONE_MESSAGE = script(
    "onemessage",
    Person("head", units=("commune", "ward")),
    table="""
    Mon 20:00  commune: 16 on time, 2 late
    Mon 20:10  - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Tue 07:00
    Mon 22:00  ward: 16 on time, 4 late
    Mon 22:10  - opened ward yellow 16/20
               - held held_outside_working_hours opened ward to head until Tue 07:00
    Tue 07:00  - decided first_notification opened commune to head
               - decided grouped opened ward to head
    """,
)

LUNCH = script(
    "lunch",
    table="""
    Mon 11:19  commune: 16 on time, 2 late
    Mon 11:29  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 11:30  commune: 3 late
               - worsened commune red 16/21
               - held held_outside_working_hours worsened commune to head until Mon 13:30
    Mon 13:30  - decided worsened worsened commune to head
    """,
)

FRIDAY_AT_1659 = script(
    "friday",
    table="""
    Fri 16:49  commune: 16 on time, 2 late
    Fri 16:59  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Fri 17:01  commune: 3 late
               - worsened commune red 16/21
               - held held_outside_working_hours worsened commune to head until Mon+1 07:00
    Mon+1 07:00  - decided worsened worsened commune to head
    """,
)

SATURDAY = script(
    "saturday",
    table="""
    Sat 08:00  commune: 16 on time, 2 late
    Sat 08:10  - opened commune yellow 16/18
               - held held_outside_working_hours opened commune to head until Mon+1 07:00
    Mon+1 07:00  - decided first_notification opened commune to head
    """,
)

MAKE_UP_SATURDAY = script(
    "makeup",
    table="""
    2026-01-10 08:00  commune: 16 on time, 2 late
    2026-01-10 08:10  - opened commune yellow 16/18
                      - decided first_notification opened commune to head
    """,
)

TET = script(
    "tet",
    table="""
    2026-02-13 16:55  commune: 16 on time, 2 late
    2026-02-13 17:05  - opened commune yellow 16/18
      - held held_outside_working_hours opened commune to head until 2026-02-23 07:00
    2026-02-23 07:00  - decided first_notification opened commune to head
    """,
)
