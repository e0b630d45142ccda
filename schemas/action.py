"""What a person did about an incident: a record of `unit-actions`.

It holds who said what, and no address. Key: the incident's or the silence's unit (`*`: all).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import orjson

from schemas.instants import Micros, Millis, iso_millis, read_instant

ActionKind = Literal["acknowledge", "silence", "unsilence"]
ACTION_KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
EVERY_UNIT = "*"  # the scope of a silence of the whole province
AND_BELOW = "/*"  # after a unit's id: the unit and all units below it


class Action(NamedTuple):
    """One deed of one person."""

    action_id: str  # unique; of a silence also its name
    kind: ActionKind
    author: str
    at: Millis  # the wall clock
    reason: str = ""
    incident_id: str | None = None  # of acknowledge
    scope: str | None = None  # of silence: a unit, a unit with `/*`, or `*`
    until: Millis | None = None  # of silence: its end
    silence_id: str | None = None  # of unsilence: the action_id of the silence it ends
    recipient_id: str | None = None  # of acknowledge by a message's link: to whom it was sent

    def to_json(self) -> bytes:
        """The value of a `unit-actions` record."""
        fields = {name: value for name, value in self._asdict().items() if value is not None}
        fields["at"] = iso_millis(self.at)
        if self.until is not None:
            fields["until"] = iso_millis(self.until)
        return orjson.dumps(fields)


def read_action(value: bytes) -> Action:
    """The action that a record's value states; ValueError saying what is wrong with it.

    Fields of a later release are passed over.
    """
    try:
        fields: dict[str, Any] = orjson.loads(value)
        kind = fields["kind"]
        if kind not in ACTION_KINDS:
            raise ValueError(f"kind: {kind!r} is none of {', '.join(ACTION_KINDS)}")
        known = {name: fields[name] for name in Action._fields if fields.get(name) is not None}
        for name, said in known.items():
            # What is kept of it has to be read again: another type would stop whoever keeps it.
            if not isinstance(said, str):
                raise ValueError(f"{name}: {said!r} is no text")
        for name in ("at", "until"):
            if name in known:
                known[name] = _millis(read_instant(known[name]))
        return Action(**known)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no action: {error}") from None


def _millis(instant: Micros) -> Millis:
    return instant // 1_000
