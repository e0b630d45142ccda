"""An item of a message as templates see it. Pure.

Every text is cleaned, so that a unit's name or a dossier's id can neither add a line nor hide one.
"""

from __future__ import annotations

import unicodedata

from alerts.messages.content import Ailment, Content, Item, Limits
from alerts.messages.shapes import (
    BeforeView,
    ConditionView,
    DossierList,
    DossierView,
    ForecastView,
    ItemView,
    MessageView,
    ProjectionView,
    RecoveryView,
)
from alerts.messages.speech import Speech
from schemas.notification import Why
from schemas.outlook import DossierAtRisk, Forecast, Projection, Recovery, UnitOutlook

DOSSIERS = 20  # named in a message; with several items each has its share
_LEAST_DOSSIERS = 5  # of an item
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, direction, lone surrogates, line ends
# What to do is told of these kinds: the way back, or what may come. An outlook can be older than
# what happened, so each kind takes of it only what fits.
_BELOW = frozenset({"opened", "worsened", "improved", "reminded", "escalated"})
_GREEN = frozenset({"warned", "closed"})


def clean(text: str | None) -> str:
    """One line: control characters and line ends become spaces, and runs of spaces one."""
    if text is None:
        return ""
    shown = (" " if unicodedata.category(sign) in _HIDDEN else sign for sign in text)
    return " ".join("".join(shown).split())


def limits_of(content: Content, own: Limits | None) -> Limits:
    """The limits of a unit."""
    return own or Limits(content.green, content.yellow)


def message_view(content: Content, speech: Speech) -> MessageView:
    """What is true of the whole message."""
    return MessageView(
        recipient_id=clean(content.recipient_id),
        role=content.role,
        language=content.language,
        at=speech.instant(content.at),
        time_zone=content.zone,
        green=speech.limit(content.green),
        yellow=speech.limit(content.yellow),
        total=len(content.items),
    )


def item_view(content: Content, item: Item, speech: Speech) -> ItemView:
    """One item, in words."""
    limits = limits_of(content, item.limits)
    outlook = _fitting(item)
    most = max(_LEAST_DOSSIERS, DOSSIERS // max(1, len(content.items)))
    plan, others = _dossiers(speech, outlook, most)
    figure, percent = figure_of(speech, limits, item.numerator, item.denominator)
    return ItemView(
        kind=item.kind,
        why=item.why.value,
        unit=clean(item.unit_name) or clean(item.unit_id),
        unit_id=clean(item.unit_id),
        at=speech.instant(item.at),
        zone=item.zone or "",
        zone_name=speech.zone(item.zone) if item.zone else "",
        figure=figure,
        percent=percent,
        numerator=item.numerator,
        denominator=item.denominator,
        definition=clean(item.definition),
        definition_name=speech.definition(clean(item.definition)),
        window=clean(item.window),
        window_name=speech.window(clean(item.window)),
        green=speech.limit(limits.green),
        yellow=speech.limit(limits.yellow),
        as_of=_instant(speech, item.as_of),
        incident_id=clean(item.incident_id),
        opened_at=_instant(speech, item.opened_at),
        before=_before(speech, limits, item),
        forecast=_forecast(speech, limits, outlook.forecast if outlook else None),
        recovery=_recovery(speech, outlook.recovery if outlook else None),
        plan=plan,
        others=others,
        event_id=clean(item.cause.event_id) if item.cause else "",
        event_dossier=clean(item.cause.dossier_id) if item.cause else "",
        author=clean(item.author),
        level="" if item.level is None else speech.count(item.level),
        condition=_condition(speech, item),
        detail=clean(item.detail),
        page_url=clean(item.page_url),
        explain_url=clean(item.explain_url),
        acknowledge_url=clean(item.acknowledge_url),
    )


def condition_view(speech: Speech, ailment: Ailment, over: bool = False) -> ConditionView:
    """A condition of the monitor itself, as it stands or now that it is over."""
    condition = ailment.condition
    return ConditionView(
        kind=condition.kind,
        state="over" if over else "given_up" if condition.given_up else "stands",
        unit=clean(ailment.unit_name) or clean(condition.unit_id),
        unit_id=clean(condition.unit_id),
        since=_instant(speech, condition.since),
        channel=clean(condition.channel),
        number="" if condition.number is None else speech.count(condition.number),
    )


def figure_of(
    speech: Speech, limits: Limits, numerator: int | None, denominator: int | None
) -> tuple[str, str]:
    """`44/50` and `88,0 %`; no percentage where the denominator is 0, neither where unknown."""
    if numerator is None or denominator is None:
        return "", ""
    return speech.ratio(numerator, denominator), speech.percent(numerator, denominator, limits)


def trend(then: tuple[int, int], now: tuple[int | None, int | None]) -> str:
    """`up`, `down` or `same`, compared as whole numbers; empty where one of them has no share."""
    numerator, denominator = now
    if numerator is None or not denominator or not then[1]:
        return ""
    left, right = numerator * then[1], then[0] * denominator
    return "same" if left == right else "up" if left > right else "down"


def dossier_view(speech: Speech, dossier: DossierAtRisk, unit: str = "") -> DossierView:
    """One open dossier."""
    return DossierView(
        id=clean(dossier.dossier_id),
        unit=unit,
        due=speech.due(dossier.state, dossier.due_at),
        due_at=speech.instant(dossier.due_at),
        state=dossier.state,
    )


def _condition(speech: Speech, item: Item) -> ConditionView | None:
    if item.ailment is None:
        return None
    return condition_view(speech, item.ailment, over=item.why is Why.RECOVERED)


def _instant(speech: Speech, at: int | None) -> str:
    return "" if at is None else speech.instant(at)


def _before(speech: Speech, limits: Limits, item: Item) -> BeforeView | None:
    if item.before is None:
        return None
    day, numerator, denominator = item.before
    figure, percent = figure_of(speech, limits, numerator, denominator)
    since = trend((numerator, denominator), (item.numerator, item.denominator))
    return BeforeView(speech.day(day), figure, percent, since)


def _forecast(speech: Speech, limits: Limits, forecast: Forecast | None) -> ForecastView | None:
    if forecast is None:
        return None
    keep, pace = forecast.keep_green, forecast.at_the_pace
    return ForecastView(
        until=speech.instant(forecast.until),
        nothing_closed=_projection(speech, limits, forecast.if_nothing_is_closed),
        pace=None if pace is None else _projection(speech, limits, pace),
        keep="impossible" if keep is None else "some" if keep else "none",
        keep_count=speech.count(len(keep or ()) + forecast.keep_green_more),
    )


def _projection(speech: Speech, limits: Limits, projection: Projection) -> ProjectionView:
    figure, percent = figure_of(speech, limits, projection.numerator, projection.denominator)
    return ProjectionView(_instant(speech, projection.leaves_green_at), figure, percent)


def _recovery(speech: Speech, recovery: Recovery | None) -> RecoveryView | None:
    if recovery is None:
        return None
    return RecoveryView(
        ends="" if recovery.on_time_ends is None else speech.count(recovery.on_time_ends),
        by=_instant(speech, recovery.by),
        impossible_before=_instant(speech, recovery.impossible_before),
    )


def _fitting(item: Item) -> UnitOutlook | None:
    """What of the outlook fits the kind; a unit that is back is told no more than what may come."""
    if item.outlook is None:
        return None
    if item.kind in _BELOW:
        return item.outlook._replace(forecast=None)
    forecast = item.outlook.forecast
    if item.kind not in _GREEN or forecast is None:
        return None
    if item.kind == "closed" and forecast.if_nothing_is_closed.leaves_green_at is None:
        return None
    return item.outlook._replace(recovery=None)


def _dossiers(
    speech: Speech, outlook: UnitOutlook | None, most: int
) -> tuple[DossierList, DossierList]:
    """The dossiers of the plan, and the other open ones: together at most `most`."""
    if outlook is None:
        return DossierList((), ""), DossierList((), "")
    known = {dossier.dossier_id: dossier for dossier in outlook.at_risk}
    planned: tuple[str, ...] = ()
    more = 0  # that belong to the plan, and are not named
    if outlook.recovery:
        planned, more = outlook.recovery.dossiers, outlook.recovery.dossiers_more
    elif outlook.forecast:
        planned, more = outlook.forecast.keep_green or (), outlook.forecast.keep_green_more
    plan = [
        dossier_view(speech, known[one])
        if one in known
        else DossierView(clean(one), "", "", "", "")
        for one in planned[:most]
    ]
    wanted = set(planned)
    rest = [one for one in outlook.at_risk if one.dossier_id not in wanted]
    others = [dossier_view(speech, one) for one in rest[: most - len(plan)]]
    unnamed = outlook.at_risk_total - len(wanted) - more - len(others)
    return (
        listed(speech, plan, len(planned) - len(plan) + more),
        listed(speech, others, unnamed),
    )


def listed(speech: Speech, shown: list[DossierView], more: int) -> DossierList:
    """So many named, and so many more."""
    return DossierList(tuple(shown), speech.count(more) if more > 0 else "")
