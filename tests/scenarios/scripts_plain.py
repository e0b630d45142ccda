"""With holds of ten minutes, and no timers of its own: no reminder, no escalation."""

from __future__ import annotations

from tests.scenarios.scripts_hours import (
    ACKNOWLEDGED_AT_NIGHT,
    FRIDAY_AT_1659,
    IN_ONE_MESSAGE,
    LUNCH,
    MAKE_UP_SATURDAY,
    NIGHT,
    OVERTAKEN,
    SATURDAY,
    TET,
)
from tests.scenarios.scripts_life import (
    EXACTLY_90,
    HOLDS,
    LATE_EVENT,
    LIFE,
    TOO_FEW,
    VOIDED,
)
from tests.scenarios.scripts_people import (
    ACKNOWLEDGED,
    FAILS_TWICE,
    NOBODY,
    SILENCES,
    TWO_CHANNELS,
)
from tests.scenarios.variant import Variant

PLAIN = Variant(
    "plain",
    {
        "policy__hold": "10m",
        "policy__recover_hold": "10m",
        "notify__reminders": "false",
        "notify__escalate_after": "0",
    },
    (
        LIFE,
        EXACTLY_90,
        HOLDS,
        TOO_FEW,
        VOIDED,
        LATE_EVENT,
        NIGHT,
        OVERTAKEN,
        ACKNOWLEDGED_AT_NIGHT,
        IN_ONE_MESSAGE,
        LUNCH,
        FRIDAY_AT_1659,
        SATURDAY,
        MAKE_UP_SATURDAY,
        TET,
        SILENCES,
        ACKNOWLEDGED,
        NOBODY,
        FAILS_TWICE,
        TWO_CHANNELS,
    ),
)
