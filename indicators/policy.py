"""The policy of a unit: by which figure, thresholds and holds it is judged. Data, not code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import orjson

from indicators.windows import Window
from schemas.instants import Millis


@dataclass(frozen=True)
class Policy:
    """How a unit is judged; set per province, overridable per unit."""

    definition: str  # of the primary indicator, such as resolved@1
    window: Window
    green: Fraction  # at least this share is green
    yellow: Fraction  # at least this share is yellow; below is red
    min_sample: int  # fewer in the denominator: grey, too few to judge
    hold: Millis  # below green for so long opens an incident; 0: at once
    recover_hold: Millis  # green for so long closes it
    recover_margin: Fraction = Fraction(0)  # and by this share above `green`

    @cached_property
    def green_parts(self) -> tuple[int, int]:
        """Numerator and denominator of `green`: a unit is judged by them at every event."""
        return self.green.as_integer_ratio()

    @cached_property
    def yellow_parts(self) -> tuple[int, int]:
        """Numerator and denominator of `yellow`."""
        return self.yellow.as_integer_ratio()

    @cached_property
    def recover_parts(self) -> tuple[int, int]:
        """Numerator and denominator of the share that an open incident closes at."""
        return (self.green + self.recover_margin).as_integer_ratio()

    @cached_property
    def digest(self) -> str:
        """A short hash of all that decides, written into every piece of evidence."""
        content: list[object] = [
            self.definition,
            self.window.text,
            str(self.green),
            str(self.yellow),
            self.min_sample,
            self.hold,
            self.recover_hold,
        ]
        if self.recover_margin:  # without one the hash is that of the releases that knew none
            content.append(str(self.recover_margin))
        return hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]
