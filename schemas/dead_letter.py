"""Why a record could not be used, and the headers that its dead letter carries."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Every reason for which a record becomes a dead letter."""

    NOT_JSON = "not_json"  # the value is not JSON in UTF-8
    NULL_VALUE = "null_value"  # the record has no value (a tombstone)
    INVALID_EVENT = "invalid_event"  # JSON, but not an event of the contract
    TOO_LARGE = "too_large"  # a text, or the dossier it belongs to, beyond what can be kept
    CONFLICTING_EVENT = "conflicting_event"  # an event_id seen before, with other content (R1)
    MISROUTED = "misrouted"  # sent on once and still in the wrong place
    NOT_FOLDABLE = "not_foldable"  # the fold itself failed: a defect of the monitor, to be reported


HEADER_REASON = "reason"
HEADER_DETAIL = "detail"
HEADER_TOPIC = "origin-topic"
HEADER_PARTITION = "origin-partition"
HEADER_OFFSET = "origin-offset"
HEADER_TIMESTAMP = "origin-timestamp"
HEADER_LEFT_OUT = "left-out"  # a record too large even for a dead letter: why key and value lack
HEADER_FORWARDED = "forwarded-from"  # on a record sent on: "partition-offset" of where it came
HEADER_REDRIVEN = "redriven-from"  # on a record sent again: "partition-offset" of its dead letter

DETAIL_LIMIT = 500  # characters
