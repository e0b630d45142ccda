"""With reminders, escalation after four working hours, the digest, and forecasts; without holds."""

from __future__ import annotations

from tests.scenarios.script import HEAD, Person, script
from tests.scenarios.variant import Variant

REMINDED = script(
    "reminded",
    table="""
    Mon 16:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Tue 07:00  - reminded commune yellow 16/18
               - decided reminder_due reminded commune to head
    Tue 10:00  - dropped no_next_level escalated commune
    Wed 07:00  - reminded commune yellow 16/18
               - decided reminder_due reminded commune to head
    Wed 08:00  An acknowledges commune 1
               - acknowledged commune yellow 16/18 by An
               - taken taken acknowledge commune
               - decided acknowledged acknowledged commune to head
    Thu 07:00
    """,
)

ESCALATED = script(
    "escalated",
    HEAD,
    Person("chief", units=("district/*",), role="superior", level=2),
    parents={"commune": "district"},
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - decided first_notification opened commune to head
    Mon 14:00  - escalated commune yellow 16/18 to level 2
               - decided escalation_due escalated commune to chief
    Tue 07:00  - reminded commune yellow 16/18
               - decided reminder_due reminded commune to chief
               - decided reminder_due reminded commune to head
    Tue 07:30  chief acknowledges commune 1
               - acknowledged commune yellow 16/18 by chief
               - taken taken acknowledge commune
               - dropped acknowledged acknowledged commune to chief
               - decided acknowledged acknowledged commune to head
    Tue 08:00
    """,
)

NOT_TOLD_AT_FIRST = script(
    "nottold",
    table="""
    Mon 08:00  An silences commune until Mon 12:00 as s1
               - taken taken silence
    Mon 08:30  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - dropped silenced opened commune to head
    Tue 07:00  - reminded commune yellow 16/18
               - decided first_notification reminded commune to head
    Tue 07:30  An acknowledges commune 1
               - acknowledged commune yellow 16/18 by An
               - taken taken acknowledge commune
               - decided acknowledged acknowledged commune to head
    """,
)

DIGEST = script(
    "digest",
    Person("desk", units=("commune",), role="operations", about=frozenset({"digest"})),
    table="""
    Mon 07:00  commune: 12 on time
    Mon 07:15  - decided digest digest to desk
    Tue 07:15  - decided digest digest to desk
    Wed 07:15  - decided digest digest to desk
    Thu 07:15  - decided digest digest to desk
    """,
)

# Forty that ended on time leave the window of 30 days on Wednesday at 08:20.
WARNED = script(
    "warned",
    Person("head", about=frozenset({"incidents", "forecasts"})),
    table="""
    Mon 07:40  commune: 40 on time, dated 2026-02-02 08:20
               commune: 10 on time, 2 late
               - decided forecast warned commune to head
    Wed 08:20  - opened commune yellow 10/12
               - decided first_notification opened commune to head
    Wed 08:30  An acknowledges commune 1
               - acknowledged commune yellow 10/12 by An
               - taken taken acknowledge commune
               - decided acknowledged acknowledged commune to head
    """,
)

# Thirty that ended on time make up for the forty that will leave the window.
LIFTED = script(
    "lifted",
    Person("head", about=frozenset({"incidents", "forecasts"})),
    table="""
    Mon 20:00  commune: 40 on time, dated 2026-02-02 08:20
               commune: 10 on time, 2 late
               - held held_outside_working_hours warned commune to head until Tue 07:00
    Mon 22:00  commune: 30 on time
    Tue 07:00  - dropped overtaken warned commune to head
    """,
)

CARE = Variant(
    "care",
    {"policy__hold": "0", "policy__recover_hold": "0"},
    (REMINDED, ESCALATED, NOT_TOLD_AT_FIRST, DIGEST, WARNED, LIFTED),
)
