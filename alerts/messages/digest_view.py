"""What templates see of the morning digest. Pure."""

from __future__ import annotations

from collections import Counter

from alerts.messages.content import Content, Digest, UnitLine
from alerts.messages.item_view import (
    DOSSIERS,
    clean,
    condition_view,
    dossier_view,
    figure_of,
    limits_of,
    listed,
    trend,
)
from alerts.messages.shapes import CountView, DigestView, DossierList, LineView
from alerts.messages.speech import Speech
from schemas.status import ZONES, Zone

# Those who must act first stand first.
_ORDER: tuple[Zone | None, ...] = ("red", "yellow", "green", "grey", None)


def digest_view(content: Content, digest: Digest, speech: Speech) -> DigestView:
    """The digest, in words."""
    measures = {(line.definition, line.window) for line in digest.units}
    one_measure = len(measures) == 1
    definition, window = next(iter(measures)) if one_measure else (None, None)
    told = [line for line in digest.units if not (digest.whole_province and _is_calm(line))]
    told.sort(key=lambda line: (_ORDER.index(_zone(line)), clean(line.unit_name)))
    zones = Counter(_zone(line) for line in digest.units)
    return DigestView(
        day=speech.day(digest.day),
        whole_province=digest.whole_province,
        total=len(digest.units),
        below=zones["yellow"] + zones["red"],
        incidents=sum(line.incident_id is not None for line in digest.units),
        stale=sum(line.stale_since is not None for line in digest.units),
        counts=tuple(
            CountView(zone, speech.zone(zone), zones[zone]) for zone in ZONES if zones[zone]
        ),
        lines=tuple(_line(speech, content, line, not one_measure) for line in told),
        calm=len(digest.units) - len(told),
        definition=clean(definition),
        definition_name=speech.definition(clean(definition)),
        window=clean(window),
        window_name=speech.window(clean(window)),
        at_risk=_at_risk(speech, digest),
        conditions=tuple(condition_view(speech, one) for one in digest.missing),
        page_url=clean(digest.page_url),
    )


def _zone(line: UnitLine) -> Zone | None:
    """Its zone; None where a silent feed has made the colour untrue."""
    return None if line.stale_since is not None else line.zone


def _is_calm(line: UnitLine) -> bool:
    """Whether there is nothing to tell of a unit; one that has long been silent is one of these."""
    if line.given_up:
        return line.incident_id is None
    return (
        line.zone in ("green", "grey")
        and line.before_zone in (line.zone, None)
        and line.incident_id is None
        and line.stale_since is None
        and not line.overdue
    )


def _line(speech: Speech, content: Content, line: UnitLine, with_measure: bool) -> LineView:
    limits = limits_of(content, line.limits)
    zone = _zone(line)
    figure, percent = figure_of(speech, limits, line.numerator, line.denominator)
    day, *then = line.before if line.before else (None, None, None)
    before_figure, before_percent = figure_of(speech, limits, then[0], then[1])
    since = (
        trend((line.before[1], line.before[2]), (line.numerator, line.denominator))
        if line.before
        else ""
    )
    measure = (clean(part) for part in (line.definition, line.window) if part)
    return LineView(
        unit=clean(line.unit_name) or clean(line.unit_id),
        unit_id=clean(line.unit_id),
        zone=zone or "",
        zone_name=speech.zone(zone) if zone else "",
        before_zone=line.before_zone or "",
        before_zone_name=speech.zone(line.before_zone) if line.before_zone else "",
        figure=figure,
        percent=percent,
        before_day="" if day is None else speech.day(day),
        before_figure=before_figure,
        before_percent=before_percent,
        trend=since,
        overdue=speech.count(line.overdue) if line.overdue else "",
        due_today=speech.count(line.due_today) if line.due_today else "",
        incident_id=clean(line.incident_id),
        opened_at="" if line.opened_at is None else speech.instant(line.opened_at),
        acknowledged_by=clean(line.acknowledged_by),
        stale_since="" if line.stale_since is None else speech.instant(line.stale_since),
        measure=" · ".join(measure) if with_measure else "",
    )


def _at_risk(speech: Speech, digest: Digest) -> DossierList:
    names = {line.unit_id: clean(line.unit_name) or clean(line.unit_id) for line in digest.units}
    shown = [
        dossier_view(speech, dossier, names.get(unit_id, clean(unit_id)))
        for unit_id, dossier in digest.at_risk[:DOSSIERS]
    ]
    total = len(digest.at_risk) if digest.at_risk_total is None else digest.at_risk_total
    return listed(speech, shown, total - len(shown))
