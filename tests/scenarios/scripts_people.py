"""What people do, who there is to be told, and how they are reached."""

from __future__ import annotations

from tests.scenarios.script import HEAD, Person, script

SILENCES = script(
    "silences",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               An silences commune until Mon 09:00 as s1
               An silences commune until Mon 07:00 as s0
               An unsilences nothing
               - taken taken silence
               - refused too_late silence
               - refused no_such_silence unsilence
    Mon 08:10  - opened commune yellow 16/18
               - dropped silenced opened commune to head
    Mon 08:30  commune: 3 late
               - worsened commune red 16/21
               - dropped silenced worsened commune to head
    Mon 09:10  commune: 4 on time
               - improved commune yellow 20/25
               - dropped not_told_before improved commune to head
    Mon 09:20  commune: 1 late
               - worsened commune red 20/26
               - decided first_notification worsened commune to head
    Mon 09:30  Binh silences commune until Mon 12:00 as s2
               - taken taken silence
    Mon 09:40  commune: 4 on time
               - improved commune yellow 24/30
               - dropped silenced improved commune to head
    Mon 09:50  Binh unsilences s2
               - taken taken unsilence
    Mon 10:00  commune: 1 late
               - worsened commune red 24/31
               - decided worsened worsened commune to head
    """,
)

ACKNOWLEDGED = script(
    "acknowledged",
    HEAD,
    Person("deputy"),
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to deputy
               - decided first_notification opened commune to head
    Mon 08:20  deputy acknowledges commune 1
               - acknowledged commune yellow 16/18 by deputy
               - taken taken acknowledge commune
               - dropped acknowledged acknowledged commune to deputy
               - decided acknowledged acknowledged commune to head
    Mon 08:30  An acknowledges commune 1
               - refused already_acknowledged acknowledge commune
    Mon 08:45  commune: 3 late
               - worsened commune red 16/21
               - decided worsened worsened commune to deputy
               - decided worsened worsened commune to head
    Mon 09:00  commune: 29 on time
               - improved commune yellow 20/25
               - decided improved improved commune to deputy
               - decided improved improved commune to head
    Mon 09:10  - closed commune green 45/50
               - decided recovered closed commune to deputy
               - decided recovered closed commune to head
    Mon 09:20  An acknowledges commune 1
               An acknowledges commune 7
               - refused incident_closed acknowledge commune
               - refused no_such_incident acknowledge
    """,
)

NOBODY = script(
    "nobody",
    Person("stranger", units=("ward",)),
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - dropped no_recipient opened commune
    """,
)

FAILS_TWICE = script(
    "failstwice",
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               the webhook of head fails 2 times
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to head
    """,
)

TWO_CHANNELS = script(
    "twochannels",
    Person("head", channels=("email", "webhook")),
    table="""
    Mon 08:00  commune: 16 on time, 2 late
    Mon 08:10  - opened commune yellow 16/18
               - decided first_notification opened commune to head/email
               - decided first_notification opened commune to head
    Mon 08:20  commune: 3 late
               - worsened commune red 16/21
               - decided worsened worsened commune to head/email
               - decided worsened worsened commune to head
    """,
)
