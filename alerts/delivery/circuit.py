"""The circuit of an endpoint: a dead one is left alone, whoever wants to write to it. Pure.

closed: everything is tried. After `FAILURES` failures in a row it opens: nothing is tried until
the pause ends. Then it is half open: one attempt is let through, and the pause begins anew for all
others at that moment, so that an attempt which never reports back blocks nothing. A success closes
it.

The pause does not grow: once a minute is no load on the endpoint, and what waits leaves within a
minute of its mending. The pauses of each message do grow (`retrying`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.instants import Millis

FAILURES = 5  # in a row
PAUSE: Millis = 60_000

CircuitState = Literal["closed", "open", "half_open"]


class Circuit(NamedTuple):
    """What is remembered of an endpoint. Not kept over a restart: five attempts tell it anew."""

    failures: int = 0  # in a row
    open_until: Millis | None = None  # None: closed

    def state(self, now: Millis) -> CircuitState:
        """Where it stands at an instant."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half_open"


CLOSED = Circuit()


def let_through(circuit: Circuit, now: Millis) -> Circuit | None:
    """The circuit once an attempt has been let through; None: it must not be made now."""
    state = circuit.state(now)
    if state == "open":
        return None
    return circuit if state == "closed" else circuit._replace(open_until=now + PAUSE)


def after_failure(circuit: Circuit, now: Millis) -> Circuit:
    """The circuit after an attempt, begun at `now`, that the endpoint is to blame for.

    After one that it is not to blame for, it is `CLOSED`.
    """
    failures = circuit.failures + 1
    if failures < FAILURES:
        return Circuit(failures)
    # An attempt from before the opening must not shorten the pause.
    return Circuit(failures, max(now + PAUSE, circuit.open_until or now))
