"""The online counter of the demo: open day and night, answers within minutes.

It makes the province move at any hour at which somebody watches. Invented: a real province has
few such procedures. Dossiers are planned by slots of ten minutes, each a function of the seed, the
unit and the slot alone, so any span can be asked for at any time and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from random import Random

from schemas.instants import Millis
from vungxanh.demo.dossiers import Dossier, Happening, iso
from vungxanh.demo.profiles import AT_ONCE, Profile
from vungxanh.demo.working_time import HOUR, MINUTE, SECOND, local

SLOT = 10 * MINUTE
LONGEST = 60 * MINUTE  # from submission to the last event, at most
_PER_HOUR = 1200  # dossiers an hour in the province by day
_NIGHT = 0.6  # the share of that between 22:00 and 06:00
_FIRST_NUMBER = 1000  # desks number from 1, scripted units from 7000
_MOST = 40  # dossiers of a unit in a slot


class OnlineCounter:
    """The round-the-clock dossiers of all units that are not steered by a script."""

    def __init__(self, seed: int, profiles: Iterable[Profile], opened: Millis) -> None:
        self._seed = seed
        self._opened = opened
        self._profiles = [profile for profile in profiles if profile.script is None]
        size = sum(profile.dossiers**0.5 for profile in self._profiles)
        self._share = {p.unit_id: p.dossiers**0.5 / size for p in self._profiles}
        self._slot = lru_cache(maxsize=12)(self._plan_slot)

    def between(self, start: Millis, end: Millis) -> Iterator[Happening]:
        """What happens in [start, end), unsorted."""
        first = max(start - LONGEST, self._opened) // SLOT
        for slot in range(first, -(-end // SLOT)):
            for happening in self._slot(slot):
                if start <= happening.at < end:
                    yield happening

    def _plan_slot(self, slot: int) -> list[Happening]:
        return [
            happening
            for profile in self._profiles
            for dossier in self._dossiers(profile, slot)
            for happening in dossier.happenings
        ]

    def _dossiers(self, profile: Profile, slot: int) -> Iterator[Dossier]:
        chance = Random(f"{self._seed}/online/{profile.unit_id}/{slot}")  # noqa: S311
        begins = local(slot * SLOT)
        busy = _NIGHT if begins.hour >= 22 or begins.hour < 6 else 1.0
        usual = _PER_HOUR * SLOT / HOUR * busy * self._share[profile.unit_id]
        count = min(_MOST, max(0, round(chance.gauss(usual, usual**0.5))))
        slot_of_day = (begins.hour * HOUR + begins.minute * MINUTE) // SLOT
        moments = sorted(chance.randrange(SLOT) for _ in range(count))
        for number, moment in enumerate(moments, _FIRST_NUMBER + slot_of_day * _MOST):
            submitted = slot * SLOT + moment
            dossier_id = f"000.00.{profile.code}.H47-{begins:%y%m%d}-{number:04}"
            dossier = Dossier(self._seed, profile.unit_id, dossier_id)
            if submitted >= self._opened:
                yield _answered(dossier, submitted, profile.on_time, chance)


def _answered(dossier: Dossier, submitted: Millis, on_time: float, chance: Random) -> Dossier:
    """Submitted, received, worked on, answered: all within `LONGEST`."""
    told = {"procedure_id": AT_ONCE.procedure_id, "channel": "online", "service_level": "full"}
    dossier.add("submitted", submitted, **told)
    received = submitted + chance.randrange(2 * SECOND, 50 * SECOND)
    promised = chance.choice((10, 15, 20)) * MINUTE
    due = received + promised
    if chance.random() < 0.01:
        dossier.add("not_accepted", received)
        return dossier
    dossier.add("received", received, due_at=iso(due), **told)
    begun = received + chance.randrange(5 * SECOND, 90 * SECOND)
    dossier.add("processing", begun, step="Thụ lý")
    if chance.random() < 0.04:
        asked = begun + chance.randrange(10 * SECOND, 60 * SECOND)
        paid = asked + chance.randrange(30 * SECOND, 8 * MINUTE)
        dossier.add("fee_requested", asked)
        dossier.add("fee_paid", paid)
        due += paid - asked  # R4
        begun = paid
    if chance.random() < 0.01:
        dossier.add("withdrawn", begun + chance.randrange(10 * SECOND, 2 * MINUTE))
        return dossier
    if chance.random() < on_time:
        ended = begun + int((due - begun) * chance.uniform(0.1, 0.9))
    else:
        ended = due + chance.randrange(20 * SECOND, 15 * MINUTE)
    dossier.resolve("refused" if chance.random() < 0.02 else "completed", ended, due)
    if dossier.happenings[-1].type == "completed" and chance.random() < 0.4:
        dossier.add("delivered", ended + chance.randrange(5 * SECOND, 2 * MINUTE))
    return dossier
