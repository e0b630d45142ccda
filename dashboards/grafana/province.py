"""The province: every unit at a glance."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.panels import (
    SHARE_STEPS,
    Column,
    Query,
    Text,
    lines,
    number,
    rows,
    share_cell,
    zone_cell,
    zones,
)
from dashboards.grafana.promql import (
    CHOSEN,
    INCIDENT,
    OPEN,
    RATIO,
    ZONE,
    dossiers,
    in_zone,
    named,
    share,
)
from dashboards.grafana.variables import definition, frame, page, page_link, window

UID = "vungxanh-province"
TEXT = Text(
    "Vùng xanh: toàn tỉnh",
    "Every unit's zone, share on time and open dossiers; exact figures of the workers.",
)
TO_UNIT = {
    "title": "Mở trang của đơn vị",
    "url": "$page/?unit=${__data.fields.unit:percentencode}",
    "targetBlank": True,
}
TO_DASHBOARD = {
    "title": "Mở bảng của đơn vị",
    "url": "/d/vungxanh-unit?var-unit=${__data.fields.unit:percentencode}&${page:queryparam}",
}


def province(address: str) -> dashboard.Dashboard:
    """The dashboard; `address`: of the page."""
    built = frame(UID, TEXT).link(page_link("Trang Vùng Xanh", "/"))
    for variable in (definition(), window(), page(address)):
        built = built.with_variable(variable)
    for panel in (*_numbers(), _units(), _shares(), _open(), _zones()):
        built = built.with_panel(panel)
    return built


def _numbers() -> list[Builder[models.Panel]]:
    counted = [
        number(Text(f"Đơn vị vùng {word}", f"Units in the {zone} zone now."), in_zone(code))
        for code, word, zone in (
            (1, "xanh", "green"),
            (2, "vàng", "yellow"),
            (3, "đỏ", "red"),
            (0, "xám (quá ít hồ sơ)", "grey (too few dossiers to judge)"),
        )
    ]
    return [
        *counted,
        number(
            Text(
                "Tỷ lệ đúng hạn toàn tỉnh",
                "On time of all units' dossiers, by the definition and window chosen; cut, "
                "not rounded.",
            ),
            share(""),
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        number(
            Text("Hồ sơ được tính", "The denominator of the province's share."),
            dossiers("", "denominator"),
        ),
        number(
            Text("Sự cố đang mở", "Units with an open incident."),
            f"sum({INCIDENT})",
        ),
        number(
            Text("Hồ sơ quá hạn", "Open dossiers past their due date."),
            f'sum({OPEN}{{state="overdue"}})',
        ),
    ]


def _units() -> Builder[models.Panel]:
    ratio = share("unit")
    links = {"links": [TO_UNIT, TO_DASHBOARD]}
    return rows(
        Text(
            "Các đơn vị",
            "One row a unit. The zone is by the primary indicator of the unit's policy; the share "
            "by the definition and window chosen. A name leads to the unit's page.",
        ),
        "unit",
        [
            Column("Đơn vị", label="name", properties=links),
            Column("Mã", label="unit"),
            Column("Vùng", named(ZONE), properties=zone_cell()),
            Column("Tỷ lệ đúng hạn", ratio, properties=share_cell()),
            Column("Đúng hạn", dossiers("unit", "numerator")),
            Column("Được tính", dossiers("unit", "denominator")),
            Column("Quá hạn", f'sum by (unit) ({OPEN}{{state="overdue"}})'),
            Column("Sắp đến hạn", f'sum by (unit) ({OPEN}{{state="due_soon"}})'),
            Column("Sự cố", f"sum by (unit) ({INCIDENT})"),
        ],
        sort="Tỷ lệ đúng hạn",
    )


def _shares() -> Builder[models.Panel]:
    return lines(
        Text(
            "Tỷ lệ đúng hạn theo thời gian",
            "Share on time of each unit, by the definition and window chosen.",
        ),
        [Query(named(f"{RATIO}{{{CHOSEN}}}"), "{{name}}")],
        unit="percentunit",
        steps=SHARE_STEPS,
    )


def _open() -> Builder[models.Panel]:
    return lines(
        Text(
            "Hồ sơ đang giải quyết",
            "Open dossiers of the province, each once, by the first state that fits.",
        ),
        [Query(f"sum by (state) ({OPEN})", "{{state}}")],
        stacked=True,
    )


def _zones() -> Builder[models.Panel]:
    return zones(
        Text("Vùng của từng đơn vị theo thời gian", "Each unit's zone over time."),
        named(ZONE),
        "{{name}}",
    )
