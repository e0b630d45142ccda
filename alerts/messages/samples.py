"""Sample messages: of every kind, and of what is rare in a kind. Made up, the same every time.

The check of a province's templates and the tests use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from alerts.messages.content import Ailment, Content, Digest, Item, UnitLine
from alerts.recipients import Language
from schemas.condition import Condition
from schemas.instants import Millis
from schemas.notification import OccasionKind, Why
from schemas.outlook import (
    DossierAtRisk,
    Forecast,
    Projection,
    Recovery,
    RiskState,
    UnitOutlook,
)
from schemas.step import Cause

SAMPLE_AT: Millis = 1_795_396_200_000  # 23/11/2026 08:10 in Viet Nam, a Monday
_MINUTE: Millis = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_FRIDAY = date(2026, 11, 20)
_PAGE = "https://vungxanh.example.gov.vn"


def _dossiers(count: int) -> tuple[DossierAtRisk, ...]:
    """Two overdue, two due today, then one a working day."""
    evening = SAMPLE_AT + 9 * _HOUR - 10 * _MINUTE  # 17:00 of the Monday
    fixed: tuple[tuple[RiskState, Millis], ...] = (
        ("overdue", evening - 4 * _DAY),
        ("overdue", evening - 3 * _DAY),
        ("due_soon", evening - 5 * _HOUR - 30 * _MINUTE),
        ("due_soon", evening),
    )
    later: list[tuple[RiskState, Millis]] = [
        ("within", evening + (day + day // 5 * 2) * _DAY) for day in range(1, count - 3)
    ]
    return tuple(
        DossierAtRisk(f"000.00.18.H47-261109-{1 + number:04}", due_at, state)
        for number, (state, due_at) in enumerate([*fixed, *later][:count])
    )


def _outlook(
    forecast: Forecast | None = None, recovery: Recovery | None = None, dossiers: int = 12
) -> UnitOutlook:
    return UnitOutlook(
        unit_id="H47.502",
        as_of=SAMPLE_AT + 1,
        partition=3,
        offset=1_204,
        zone="green" if forecast else "yellow",
        definition="resolved@1",
        window="30d",
        numerator=44,
        denominator=50,
        policy="0123456789abcdef",
        calendar="vn-1",
        at_risk=_dossiers(dossiers),
        at_risk_total=dossiers,
        forecast=forecast,
        recovery=recovery,
    )


def _ids(first: int, stop: int) -> tuple[str, ...]:
    return tuple(one.dossier_id for one in _dossiers(stop)[first:])


_WAY_BACK = _outlook(recovery=Recovery(10, SAMPLE_AT + 10 * _DAY, _ids(2, 12), None))
_NO_WAY_BACK = _outlook(
    recovery=Recovery(None, None, _ids(2, 4), SAMPLE_AT + 12 * _DAY), dossiers=4
)
_LONG = _outlook(recovery=Recovery(30, SAMPLE_AT + 10 * _DAY, _ids(2, 32), None), dossiers=48)
_LEAVES = Projection(SAMPLE_AT + 2 * _DAY + _HOUR, 44, 49)
_STAYS = Projection(None, 47, 52)
_UNTIL = SAMPLE_AT + 7 * _DAY
_AHEAD = _outlook(Forecast(_UNTIL, _LEAVES, _STAYS, _ids(2, 5)))
_AHEAD_AT_PACE = _outlook(Forecast(_UNTIL, _LEAVES, _LEAVES, None))
_AHEAD_UNKNOWN = _outlook(Forecast(_UNTIL, _LEAVES, None, ()))


def _item(kind: OccasionKind, why: Why) -> Item:
    """Tam Kỳ, below green since this minute."""
    return Item(
        kind=kind,
        why=why,
        unit_id="H47.502",
        unit_name="Tam Kỳ",
        at=SAMPLE_AT,
        zone="yellow",
        numerator=44,
        denominator=50,
        definition="resolved@1",
        window="30d",
        as_of=SAMPLE_AT + 1,
        incident_id="H47.502/resolved@1/3",
        opened_at=SAMPLE_AT,
        before=(_FRIDAY, 47, 50),
        outlook=_WAY_BACK,
        page_url=f"{_PAGE}/?unit=H47.502",
        explain_url=f"{_PAGE}/api/units/H47.502/explain?as_of=2026-11-23T01:10:00.001Z",
        acknowledge_url=f"{_PAGE}/ack?token=WyJINDcuNTAyIl0.c2FtcGxl",
    )


_OPENED = _item("opened", Why.FIRST_NOTIFICATION)
_LATER: dict[str, Any] = {
    "at": SAMPLE_AT + _DAY,
    "as_of": SAMPLE_AT + _DAY + 1,
    "before": (date(2026, 11, 23), 44, 50),
}
_SETTLED: dict[str, Any] = {"acknowledge_url": None, "outlook": None}
_CORRECTED = _item("corrected", Why.CORRECTED)._replace(
    zone="green",
    numerator=45,
    **_SETTLED,
    cause=Cause("igate-2026-11-23-000917", "000.00.18.H47-261109-0031"),
)
_WARNED = _item("warned", Why.FORECAST)._replace(
    zone="green", numerator=46, incident_id=None, opened_at=None, acknowledge_url=None
)
_CLOSED = _item("closed", Why.RECOVERED)._replace(
    **_LATER, zone="green", numerator=46, denominator=51, **_SETTLED
)


def _plain(kind: OccasionKind, why: Why) -> Item:
    return Item(kind, why, "", "", at=SAMPLE_AT, page_url=_PAGE)


def _ailing(ailment: Ailment, why: Why = Why.HEALTH) -> Item:
    return _plain("health", why)._replace(ailment=ailment)


_SILENT = Ailment(
    Condition("feed", unit_id="H47.507", since=SAMPLE_AT - 2 * _DAY - 21 * _HOUR - 28 * _MINUTE),
    "Điện Bàn",
)
_GIVEN_UP = _SILENT._replace(condition=_SILENT.condition._replace(given_up=True))
_LETTERS = Ailment(Condition("dead_letters", number=1_041))
_LAG = Ailment(Condition("lag", number=6_000))
_MAIL = Ailment(Condition("delivery", channel="email"))
_UNIT = UnitLine(
    unit_id="H47.502",
    unit_name="Tam Kỳ",
    zone="yellow",
    numerator=44,
    denominator=50,
    before_zone="green",
    before=(_FRIDAY, 47, 50),
    overdue=2,
    due_today=1,
    incident_id="H47.502/resolved@1/3",
    opened_at=SAMPLE_AT - 3 * _DAY,
    definition="resolved@1",
    window="30d",
)


def _unit(unit_id: str, unit_name: str, **others: Any) -> UnitLine:  # noqa: ANN401
    quiet = {"incident_id": None, "opened_at": None, "overdue": 0, "due_today": 0}
    return _UNIT._replace(unit_id=unit_id, unit_name=unit_name, **{**quiet, **others})


_GREEN = {
    "zone": "green",
    "numerator": 1_180,
    "denominator": 1_204,
    "before": (_FRIDAY, 1_179, 1_204),
}
_HEADS_DIGEST = Digest(
    day=date(2026, 11, 23),
    units=(_UNIT,),
    at_risk=tuple(("H47.502", one) for one in _dossiers(3)),
    page_url=_PAGE,
)
_PROVINCES_DIGEST = Digest(
    day=date(2026, 11, 23),
    units=(
        _unit("H47.503", "Hội An", **_GREEN),
        _UNIT,
        _unit(
            "H47.504",
            "Tây Giang",
            zone="red",
            numerator=19,
            denominator=25,
            before_zone="red",
            before=(_FRIDAY, 18, 25),
            overdue=6,
            incident_id="H47.504/resolved@1/1",
            opened_at=SAMPLE_AT - 5 * _DAY,
            acknowledged_by="truong-phong-tay-giang",
        ),
        _unit(
            "H47.505",
            "Đông Giang",
            zone="grey",
            numerator=0,
            denominator=0,
            before_zone="grey",
            before=None,
            definition="strict@1",
        ),
        _unit("H47.506", "Đại Lộc", **_GREEN),
        _unit("H47.507", "Điện Bàn", **{**_GREEN, "stale_since": _SILENT.condition.since}),
        _unit("H47.508", "Duy Xuyên", **{**_GREEN, "before_zone": "yellow"}),
    ),
    at_risk=tuple(("H47.504", one) for one in _dossiers(24)),
    missing=(_SILENT, _LETTERS, _LAG, _MAIL),
    whole_province=True,
    page_url=_PAGE,
)

_ITEMS: Mapping[str, tuple[Item, ...]] = {
    "opened": (_OPENED,),
    "opened-red-no-way-back": (_OPENED._replace(zone="red", numerator=37, outlook=_NO_WAY_BACK),),
    "opened-many-dossiers": (_OPENED._replace(numerator=42, outlook=_LONG),),
    "opened-bare": (
        _OPENED._replace(before=None, outlook=None, unit_name="", page_url=None, explain_url=None),
    ),
    "flapping": (_OPENED._replace(why=Why.FLAPPING),),
    "worsened": (
        _item("worsened", Why.WORSENED)._replace(
            **_LATER, zone="red", numerator=39, outlook=_NO_WAY_BACK
        ),
    ),
    "improved": (
        _item("improved", Why.IMPROVED)._replace(**_LATER, numerator=41, outlook=_NO_WAY_BACK),
    ),
    "reminded": (_item("reminded", Why.REMINDER_DUE)._replace(**_LATER),),
    "escalated": (_item("escalated", Why.ESCALATION_DUE)._replace(**_LATER, level=2),),
    "acknowledged": (
        _item("acknowledged", Why.FIRST_NOTIFICATION)._replace(
            **_SETTLED, author="truong-phong-tam-ky", detail="Đã giao bộ phận một cửa xử lý."
        ),
    ),
    "closed": (_CLOSED,),
    "closed-and-on-the-way-out": (_CLOSED._replace(outlook=_AHEAD),),
    "corrected": (_CORRECTED,),
    "corrected-to-too-few": (_CORRECTED._replace(zone="grey", numerator=0, denominator=0),),
    "corrected-back": (_CORRECTED._replace(zone="yellow", numerator=44),),
    "warned": (_WARNED._replace(outlook=_AHEAD),),
    "warned-at-the-pace": (_WARNED._replace(outlook=_AHEAD_AT_PACE),),
    "warned-without-pace": (_WARNED._replace(outlook=_AHEAD_UNKNOWN),),
    "health": (_ailing(_SILENT),),
    "health-over": (_ailing(_SILENT, Why.RECOVERED),),
    "health-given-up": (_ailing(_GIVEN_UP, Why.LONG_SILENT),),
    "health-several": (_ailing(_LETTERS), _ailing(_LAG), _ailing(_MAIL)),
    "health-several-over": tuple(_ailing(one, Why.RECOVERED) for one in (_LETTERS, _LAG, _MAIL)),
    "test": (_plain("test", Why.TEST),),
    "several": (
        _OPENED,
        _OPENED._replace(
            unit_id="H47.504",
            unit_name="Tây Giang",
            zone="red",
            numerator=37,
            outlook=_NO_WAY_BACK,
            incident_id="H47.504/resolved@1/1",
        ),
        _CLOSED._replace(
            unit_id="H47.506", unit_name="Đại Lộc", incident_id="H47.506/resolved@1/2"
        ),
    ),
    "digest": (),
    "digest-province": (),
}
_DIGESTS = {"digest": _HEADS_DIGEST, "digest-province": _PROVINCES_DIGEST}
NAMES: tuple[str, ...] = tuple(_ITEMS)


def sample(name: str, language: Language = "vi") -> Content:
    """The sample of that name (`NAMES`), to the head of Tam Kỳ."""
    return Content(
        key=f"sample/{name}",
        recipient_id="truong-phong-tam-ky",
        role="head",
        language=language,
        zone="Asia/Ho_Chi_Minh",
        at=SAMPLE_AT,
        green=Fraction(9, 10),
        yellow=Fraction(8, 10),
        items=_ITEMS[name],
        digest=_DIGESTS.get(name),
    )
