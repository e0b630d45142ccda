"""As the settings are without a word: what is months old is history, and nobody is told."""

from __future__ import annotations

from tests.scenarios.script import HEAD, Person, script
from tests.scenarios.variant import Variant

HISTORY = script(
    "history",
    Person("head", about=frozenset({"incidents", "forecasts", "digest"})),
    Person("desk", units=("commune",), role="operations", about=frozenset({"digest"})),
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - dropped history opened commune
    Mon 08:20  commune: 3 late
               - worsened commune red 16/21
               - dropped history worsened commune
    Mon 14:00
    Tue 07:00
    Tue 07:15
    Tue 08:00  commune: 29 on time
               - improved commune yellow 20/25
               - closed commune green 45/50
               - dropped history improved commune
               - dropped history closed commune
    """,
)

# What a person does is no history: it is answered. But who was not told is told nothing of it.
ACKNOWLEDGED = script(
    "historyheld",
    HEAD,
    table="""
    Mon 08:00  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - dropped history opened commune
    Mon 08:20  An acknowledges commune 1
               - acknowledged commune yellow 16/18 by An
               - taken taken acknowledge commune
               - dropped not_told_before acknowledged commune to head
    """,
)

LONG_AGO = Variant(
    "history",
    {"policy__hold": "0", "policy__recover_hold": "0", "policy__stale_after": "24h"},
    (HISTORY, ACKNOWLEDGED),
)
