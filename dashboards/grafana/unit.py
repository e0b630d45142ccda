"""One unit."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.panels import SHARE_STEPS, Query, Text, lines, number, zone_word, zones
from dashboards.grafana.promql import (
    CHOSEN,
    INCIDENT,
    OPEN,
    RATIO,
    RESOLVED,
    ZONE,
    dossiers,
    named,
    share,
)
from dashboards.grafana.variables import (
    UnitVariable,
    definition,
    frame,
    page,
    page_link,
    window,
)

UID = "vungxanh-unit"
TEXT = Text("Vùng xanh: một đơn vị", "One unit: its zone, figures and open dossiers over time.")
UNIT = 'unit="$unit"'


def unit(address: str) -> dashboard.Dashboard:
    """The dashboard; `address`: of the page."""
    link = page_link("Trang của đơn vị", "/?unit=${unit:percentencode}")
    built = frame(UID, TEXT).link(link)
    for variable in (UnitVariable(), definition(), window(), page(address)):
        built = built.with_variable(variable)
    for panel in (*_numbers(), *_courses()):
        built = built.with_panel(panel)
    return built


def _numbers() -> list[Builder[models.Panel]]:
    return [
        zone_word(
            Text("Vùng", "The zone now, by the primary indicator of the unit's policy."),
            f"{ZONE}{{{UNIT}}}",
        ),
        number(
            Text(
                "Tỷ lệ đúng hạn",
                "Share on time by the definition and window chosen; cut, not rounded.",
            ),
            share("unit", UNIT),
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        number(
            Text("Đúng hạn", "The numerator: dossiers on time."),
            dossiers("unit", "numerator", UNIT),
        ),
        number(
            Text("Được tính", "The denominator: dossiers that count."),
            dossiers("unit", "denominator", UNIT),
        ),
        *(
            number(
                Text(title, f"Open dossiers: {state}."),
                f'sum({OPEN}{{{UNIT}, state="{state}"}})',
            )
            for title, state in (("Quá hạn", "overdue"), ("Sắp đến hạn", "due_soon"))
        ),
        number(
            Text("Đang tạm dừng", "Open dossiers whose clock stands still."),
            f'sum({OPEN}{{{UNIT}, state="paused"}})',
        ),
        number(
            Text("Sự cố đang mở", "1 while an incident of the unit is open."),
            f"sum({INCIDENT}{{{UNIT}}})",
        ),
    ]


def _courses() -> list[Builder[models.Panel]]:
    return [
        lines(
            Text(
                "Tỷ lệ đúng hạn theo định nghĩa và kỳ tính",
                "Share on time by every definition and window.",
            ),
            [Query(f"{RATIO}{{{UNIT}}}", "{{definition}}, {{window}}")],
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        lines(
            Text(
                "Tử số và mẫu số",
                "What the share is made of, by the definition and window chosen.",
            ),
            [
                Query(f"{dossiers('unit', 'numerator', UNIT)}", "đúng hạn"),
                Query(f"{dossiers('unit', 'denominator', UNIT)}", "được tính"),
            ],
        ),
        lines(
            Text(
                "Trước hạn, đúng hạn, trễ hạn",
                "Resolved in the window chosen, each dossier once: early, on time, late.",
            ),
            [Query(f'sum by (outcome) ({RESOLVED}{{{UNIT}, window="$window"}})', "{{outcome}}")],
            stacked=True,
        ),
        lines(
            Text(
                "Hồ sơ đang giải quyết",
                "Open dossiers of the unit, each once, by the first state that fits.",
            ),
            [Query(f"sum by (state) ({OPEN}{{{UNIT}}})", "{{state}}")],
            stacked=True,
        ),
        lines(
            Text(
                "So với toàn tỉnh",
                "The unit's share beside the province's, by the definition and window chosen.",
            ),
            [
                Query(named(f"{RATIO}{{{UNIT}, {CHOSEN}}}"), "{{name}}"),
                Query(share(""), "toàn tỉnh"),
            ],
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        zones(
            Text("Vùng theo thời gian", "The unit's zone over time."),
            named(f"{ZONE}{{{UNIT}}}"),
            "{{name}}",
            span=12,
            height=8,
        ),
    ]
