"""What was stated and what is recomputed, in words: of things alike, only what differs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from schemas.book import BurstOfDay, BurstsOfDay, Correction, FigureCorrected, SignOfDay
from schemas.instants import iso_millis
from schemas.status import Figure, OpenDossiers, Outcomes

NOTHING = "nothing"
NONE = "none"
_MOST_SIGNS = 3  # named of those that differ


def share(numerator: int, denominator: int) -> str:
    """Numerator and denominator."""
    return f"{numerator} of {denominator}"


def figure(one: Figure | None) -> str:
    """A figure, if there is one."""
    return NOTHING if one is None else share(one.numerator, one.denominator)


def counts(one: OpenDossiers | Outcomes | None) -> str:
    """Each count with its name."""
    return NOTHING if one is None else fields(one._asdict())


def names(figures: Iterable[Figure]) -> str:
    """Which figures there are, in their order."""
    return ", ".join(f"{one.definition} over {one.window}" for one in figures) or NONE


def fields(named: Mapping[str, object]) -> str:
    """Names and values."""
    return ", ".join(
        f"{name.replace('_', ' ')} {NONE if value is None else value}"
        for name, value in named.items()
    )


def signs_apart(ones: Sequence[SignOfDay], others: Sequence[SignOfDay]) -> tuple[str, str]:
    """The signs that stand on one side only; where all stand on both, the first out of place."""
    only = [*(Counter(ones) - Counter(others)).elements()]
    only_other = [*(Counter(others) - Counter(ones)).elements()]
    if not only and not only_other:
        pairs = zip(ones, others, strict=True)
        only, only_other = next(([one], [other]) for one, other in pairs if one != other)
    return _signs(only), _signs(only_other)


def _signs(signs: Sequence[SignOfDay]) -> str:
    said = [
        f"{one.sign} of dossier {one.dossier_id}, event {one.event_id}"
        for one in signs[:_MOST_SIGNS]
    ]
    more = len(signs) - len(said)
    return "; ".join([*said, *([f"{more} more"] if more else [])]) or NONE


def bursts_apart(one: BurstsOfDay | None, other: BurstsOfDay | None) -> tuple[str, str]:
    """The first burst that differs, or how many are not listed."""
    if one is None or other is None:
        return _number_of(one), _number_of(other)
    for place in range(max(len(one.listed), len(other.listed))):
        stated, recomputed = one.listed[place : place + 1], other.listed[place : place + 1]
        if stated != recomputed:
            return _burst_apart(stated, recomputed), _burst_apart(recomputed, stated)
    return f"{one.more} more", f"{other.more} more"


def _number_of(bursts: BurstsOfDay | None) -> str:
    return "not told of" if bursts is None else f"{len(bursts.listed) + bursts.more}"


def _burst_apart(ones: Sequence[BurstOfDay], others: Sequence[BurstOfDay]) -> str:
    """A burst beside another one in its place, if there is one."""
    if not ones:
        return NOTHING
    [one] = ones
    words = (
        f"{one.corrections} corrections from {iso_millis(one.first)} to {iso_millis(one.last)}, "
        f"{len(one.named)} of them named and {one.more} more"
    )
    for other in others:
        for place, named in enumerate(one.named):
            if other.named[place : place + 1] != (named,):
                return f"{words}; event {named.event_id} of dossier {named.dossier_id}"
    return words


def correction(one: Correction | None, other: Correction | None) -> str:
    """A corrected figure beside another one in its place, if there is one."""
    if one is None:
        return NOTHING
    words = f"{one.stated} {share(*one.old)} to {share(*one.new)}"
    if other is None:
        return words
    mine, its = (part._asdict() | {"as_of": iso_millis(part.as_of)} for part in (one, other))
    apart = [name for name in ("definition", "window", "as_of") if mine[name] != its[name]]
    return ", ".join([words, *(f"{name.replace('_', ' ')} {mine[name]}" for name in apart)])


def correction_apart(one: FigureCorrected, other: FigureCorrected) -> str:
    """What an entry says besides its figures, where another one says something else."""
    mine, its = (entry._asdict() | {"clock": iso_millis(entry.clock)} for entry in (one, other))
    said = {
        name: mine[name]
        for name in ("unit_id", "clock", "dossier_id", "event_id", "event_type", "offset")
        if mine[name] != its[name]
    }
    return fields(said)
