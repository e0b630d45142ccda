"""The signs that dates were rewritten: what happened, no accusation."""

from __future__ import annotations

from typing import Literal, get_args

SignName = Literal[
    "end_at_due_told_late",
    "due_moved_after_breach",
    "supplement_on_last_day",
    "second_supplement",
    "late_end_voided",
]
SIGN_NAMES: tuple[SignName, ...] = get_args(SignName)
