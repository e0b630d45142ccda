"""The life of an incident: its steps, its holds, and what is known of it later."""

from __future__ import annotations

from tests.scenarios.script import script

LIFE = script(
    "life",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 08:20  commune: 3 late
               - worsened commune red 16/21
               - decided worsened worsened commune to head
    Mon 09:00  commune: 4 on time
               - improved commune yellow 20/25
               - decided improved improved commune to head
    Mon 09:20  commune: 25 on time
    Mon 09:30  - closed commune green 45/50
               - decided recovered closed commune to head
    """,
)

EXACTLY_90 = script(
    "exactly90",
    table="""
    Mon 08:00  commune: 18 on time, 2 late
    Mon 08:10
    Mon 08:20  commune: 1 late
    Mon 08:30  - opened commune yellow 18/21
               - decided first_notification opened commune to head
    """,
)

HOLDS = script(
    "holds",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:05  commune: 2 on time
    Mon 08:10
    Mon 08:20  commune: 1 late
    Mon 08:30  - opened commune yellow 18/21
               - decided first_notification opened commune to head
    Mon 08:40  commune: 9 on time
    Mon 08:45  commune: 1 late
    Mon 08:50
    Mon 09:00  commune: 9 on time
    Mon 09:10  - closed commune green 36/40
               - decided recovered closed commune to head
    """,
)

TOO_FEW = script(
    "toofew",
    table="""
    Mon 08:00  commune: 6 on time, 2 late
    Mon 08:10
    Mon 08:30  commune: 2 on time
    Mon 08:35  commune: void on-8
    Mon 08:40
    Mon 08:50  commune: 1 on time
    Mon 09:00  - opened commune yellow 8/10
               - decided first_notification opened commune to head
    Mon 09:10  commune: void on-9
               - corrected commune grey 7/9 because of commune.on-9-void
               - decided corrected corrected commune to head
    Mon 09:20
    Mon 09:30
    """,
)

VOIDED = script(
    "voided",
    table="""
    Mon 08:00  commune: 18 on time, 3 late
    Mon 08:10  - opened commune yellow 18/21
               - decided first_notification opened commune to head
    Mon 08:20  commune: void late-3
               - corrected commune green 18/20 because of commune.late-3-void
               - decided corrected corrected commune to head
    Mon 08:30  - closed commune green 18/20
               - decided recovered closed commune to head
    Mon 08:50  commune: 1 late, dated Mon 07:50
               - corrected commune yellow 18/21 because of commune.late-4-end
               - decided corrected corrected commune to head
    Mon 09:00  - opened commune yellow 18/21 number 2
               - decided first_notification opened commune to head
    """,
)

LATE_EVENT = script(
    "lateevent",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 08:30  commune: 2 on time, dated Mon 07:30
               - corrected commune green 18/20 because of commune.on-18-end
               - decided corrected corrected commune to head
    Mon 08:40  - closed commune green 18/20
               - decided recovered closed commune to head
    """,
)
