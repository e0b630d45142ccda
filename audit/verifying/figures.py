"""A sealed figure beside the one that the records give: the first that differs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from audit.verifying import words
from audit.verifying.finding import Difference, Finding
from audit.verifying.recount import SealedAgain
from schemas.book import Correction, DayPage, FigureCorrected, UnitDay
from schemas.instants import iso_millis
from schemas.status import Figure


def differing_day(
    page: DayPage,
    leaves: Sequence[UnitDay],
    again: SealedAgain,
    definitions: Collection[str],
) -> Finding | None:
    """The first figure of a day that differs; of its units the first by id.

    `definitions`: those that the terms name; what was defined since is no difference.
    """
    stated = {leaf.unit_id: leaf for leaf in leaves}
    for unit_id in sorted(stated.keys() | again.leaves.keys()):
        leaf, other = stated.get(unit_id), again.leaves.get(unit_id)
        if leaf is not None and other is not None:
            finding = differing_leaf(leaf, other, definitions)
        else:
            finding = _on_one_side(leaf, other)
        if finding is not None:
            return finding._replace(number=page.place.number)
    return None


def as_recorded(page: DayPage, again: SealedAgain) -> SealedAgain:
    """What the recount says of a day, without the bursts where its page tells of none.

    The first books knew of no bursts. So it is the page, which is part of the chain, that says
    whether its leaves do; a leaf that is not of its kind differs.
    """
    if page.burst_count is not None:
        return again
    leaves = {
        unit_id: leaf._replace(bursts=None)
        for unit_id, leaf in again.leaves.items()
        if leaf.has_counts or leaf.signs
    }
    return SealedAgain(again.page._replace(units=len(leaves), burst_count=None), leaves)


def _on_one_side(stated: UnitDay | None, again: UnitDay | None) -> Finding:
    """Of a unit that has figures on one side only."""
    leaf = stated or again
    assert leaf is not None, "figures at least on one side"
    primary = leaf.figures[0]
    figure = words.figure(primary)
    which = "recomputed" if stated is None else "stated"
    return Finding(
        "figures",
        "missing" if stated is None else "invented",
        leaf.partition,
        f"unit {leaf.unit_id}, {leaf.day}: its figures are only {which}",
        leaf.as_of,
        leaf.day,
        leaf.unit_id,
        definition=primary.definition,
        window=primary.window,
        stated=words.NOTHING if stated is None else figure,
        recomputed=words.NOTHING if again is None else figure,
    )


def day_not_reached(page: DayPage) -> Finding:
    """Of a page to whose midnight the recount does not come."""
    text = f"{page.day} is sealed, and the records give no such day"
    return _of_page(page, text, "invented")


def day_not_sealed(again: SealedAgain) -> Finding:
    """Of a day that the book has no page for."""
    text = f"{again.page.day} is not sealed, and records after it are"
    return _of_page(again.page, text, "missing")._replace(number=None)


def bursts_not_told(page: DayPage, before: str) -> Finding:
    """Of a page that tells of no bursts, though that of a day before does."""
    text = f"the page of {page.day} tells of no bursts, and that of {before} before it did"
    return _of_page(page, text, "changed")


def differing_page(page: DayPage, again: SealedAgain) -> Finding | None:
    """Where a page itself is not as the recount has it, its leaves being right."""
    for name in ("as_of", "next_offset", "units", "burst_count"):
        stated, recomputed = getattr(page, name), getattr(again.page, name)
        if stated != recomputed:
            if name == "as_of":
                stated, recomputed = iso_millis(stated), iso_millis(recomputed)
            said = name.replace("_", " ")
            text = f"{page.day}: the page says {said} {stated}, recomputed {recomputed}"
            found = _of_page(page, text, "changed")
            return found._replace(stated=str(stated), recomputed=str(recomputed))
    return None


def _of_page(page: DayPage, text: str, kind: Difference) -> Finding:
    return Finding(
        "figures",
        kind,
        page.place.partition,
        text,
        page.as_of,
        page.day,
        number=page.place.number,
    )


def differing_leaf(leaf: UnitDay, again: UnitDay, definitions: Collection[str]) -> Finding | None:
    """The first difference between a unit's day as stated and as recomputed; figures first."""
    for what, stated, recomputed in _side_by_side(leaf, again, definitions):
        if stated != recomputed:
            figure = what if isinstance(what, Figure) else None
            name = what if isinstance(what, str) else f"{what.definition} over {what.window}"
            said = f"{name}: stated {stated}, recomputed {recomputed}"
            return Finding(
                "figures",
                "changed",
                leaf.partition,
                f"unit {leaf.unit_id}, {leaf.day}: {said}",
                leaf.as_of,
                leaf.day,
                leaf.unit_id,
                definition=None if figure is None else figure.definition,
                window=None if figure is None else figure.window,
                stated=stated,
                recomputed=recomputed,
            )
    return None


def _side_by_side(
    leaf: UnitDay, again: UnitDay, definitions: Collection[str]
) -> Iterator[tuple[Figure | str, str, str]]:
    """Each figure, then everything else that a leaf states."""
    stated, recomputed = _by_name(leaf.figures), _by_name(again.figures)
    for name in dict.fromkeys([*stated, *recomputed]):
        if name[0] in definitions:
            one, other = stated.get(name), recomputed.get(name)
            there = one or other
            assert there is not None
            yield there, words.figure(one), words.figure(other)
    yield "zone", leaf.zone, again.zone
    parts, others = dict(leaf.resolved), dict(again.resolved)
    for window in dict.fromkeys([*parts, *others]):
        yield (
            f"resolved over {window}",
            words.counts(parts.get(window)),
            words.counts(others.get(window)),
        )
    yield "open dossiers", words.counts(leaf.open), words.counts(again.open)
    yield "incident", leaf.incident or words.NONE, again.incident or words.NONE
    yield "policy", leaf.policy, again.policy
    if leaf.signs != again.signs:
        yield ("signs", *words.signs_apart(leaf.signs, again.signs))
    if leaf.bursts != again.bursts:
        yield ("bursts", *words.bursts_apart(leaf.bursts, again.bursts))
    shape = [one for one in leaf.figures if one.definition in definitions]
    other_shape = [one for one in again.figures if one.definition in definitions]
    yield "the figures in their order", words.names(shape), words.names(other_shape)


def _by_name(figures: Iterable[Figure]) -> dict[tuple[str, str], Figure]:
    return {(one.definition, one.window): one for one in figures}


def differing_correction(
    stated: FigureCorrected | None,
    again: FigureCorrected | None,
    definitions: Collection[str],
) -> Finding | None:
    """The difference between a stated correction and the recomputed one in its place."""
    there = stated or again
    assert there is not None, "a correction at least on one side"
    if stated is not None and again is not None:
        again = again._replace(place=stated.place, corrections=_of(again, definitions))
        if stated == again:
            return None
    one, other = _first_apart(stated, again)
    part = one or other
    cause = f"event {there.event_id} of dossier {there.dossier_id}"
    said, found = words.correction(one, other), words.correction(other, one)
    if stated is not None and again is not None and one == other:
        said = words.correction_apart(stated, again)
        found = words.correction_apart(again, stated)
    text = f"the correction by {cause}: stated {said}, recomputed {found}"
    return Finding(
        "corrections",
        "invented" if again is None else "missing" if stated is None else "changed",
        there.place.partition,
        text,
        there.clock,
        None if part is None else part.stated,
        there.unit_id,
        there.dossier_id,
        there.event_id,
        there.offset,
        number=None if stated is None else stated.place.number,
        definition=None if part is None else part.definition,
        window=None if part is None else part.window,
        stated=said,
        recomputed=found,
    )


def without_newer(
    again: Iterable[FigureCorrected], definitions: Collection[str]
) -> list[FigureCorrected]:
    """Those that say anything by the definitions that the terms name."""
    return [one for one in again if _of(one, definitions)]


def _of(again: FigureCorrected, definitions: Collection[str]) -> tuple[Correction, ...]:
    return tuple(one for one in again.corrections if one.definition in definitions)


def _first_apart(
    stated: FigureCorrected | None, again: FigureCorrected | None
) -> tuple[Correction | None, Correction | None]:
    ones = () if stated is None else stated.corrections
    others = () if again is None else again.corrections
    for place in range(max(len(ones), len(others))):
        one = ones[place] if place < len(ones) else None
        other = others[place] if place < len(others) else None
        if one != other:
            return one, other
    return (ones[0] if ones else None), (others[0] if others else None)
