"""With no quiet hours, messages gathered for ten minutes, and parents that stand for children."""

from __future__ import annotations

from tests.scenarios.script import HEAD, Person, script
from tests.scenarios.variant import Variant

_DISTRICT = Person("above", units=("district",))
_PARENTS = {"commune": "district"}

INHIBITED = script(
    "inhibited",
    HEAD,
    _DISTRICT,
    parents=_PARENTS,
    table="""
    Sat 03:00  district: 16 on time, 2 late
               - opened district yellow 16/18
               - held grouped opened district to above until Sat 03:10
    Sat 03:10  - decided first_notification opened district to above
    Sat 03:20  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - dropped inhibited_by_parent opened commune to head
    Sat 04:00  district: 2 on time
               - closed district green 18/20
               - held grouped closed district to above until Sat 04:10
    Sat 04:10  - decided recovered closed district to above
    Sat 04:20  commune: 3 late
               - worsened commune red 16/21
               - held grouped worsened commune to head until Sat 04:30
    Sat 04:30  - decided first_notification worsened commune to head
    """,
)

GATHERED = script(
    "gathered",
    Person("head", units=("a", "b", "c")),
    table="""
    Sat 03:00  a: 16 on time, 2 late
               - opened a yellow 16/18
               - held grouped opened a to head until Sat 03:10
    Sat 03:05  b: 8 on time, 2 late
               - opened b yellow 8/10
               - held grouped opened b to head until Sat 03:10
    Sat 03:10  - decided first_notification opened a to head
               - decided grouped opened b to head
    Sat 03:20  c: 16 on time, 2 late
               - opened c yellow 16/18
               - held grouped opened c to head until Sat 03:30
    Sat 03:30  - decided first_notification opened c to head
    """,
)

SILENCE_OF_A_TREE = script(
    "silenttree",
    HEAD,
    _DISTRICT,
    parents=_PARENTS,
    table="""
    Sat 03:00  An silences district/* until Sat 04:00 as s1
               - taken taken silence
    Sat 03:20  commune: 16 on time, 2 late
               - opened commune yellow 16/18
               - dropped silenced opened commune to head
    Sat 04:20  commune: 3 late
               - worsened commune red 16/21
               - held grouped worsened commune to head until Sat 04:30
    Sat 04:30  - decided first_notification worsened commune to head
    """,
)

TREE = Variant(
    "tree",
    {
        "policy__hold": "0",
        "policy__recover_hold": "0",
        "notify__reminders": "false",
        "notify__escalate_after": "0",
        "notify__quiet_hours": "false",
        "notify__group_wait": "10m",
        "notify__inhibit_children": "true",
    },
    (INHIBITED, GATHERED, SILENCE_OF_A_TREE),
)
