"""Where a page of a list ended: an opaque text, given out as `next` and taken as `after`."""

from __future__ import annotations

import base64
import binascii

import orjson

from schemas.api.parameters import ParameterError

WRONG = "after: this is no cursor of this list; take `next` of the page before"


def write_cursor(*parts: str | int | None) -> str:
    """The cursor of these parts."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[object]:
    """The parts, which are of these kinds. Raises ParameterError."""
    try:
        padded = text + "=" * (-len(text) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise ParameterError(WRONG) from None
    if (
        not isinstance(parts, list)
        or len(parts) != len(kinds)
        or not all(type(part) is kind for part, kind in zip(parts, kinds, strict=True))
    ):
        raise ParameterError(WRONG)
    return parts
