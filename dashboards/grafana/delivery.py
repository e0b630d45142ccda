"""Telling people: what was decided, sent, held back, and what failed."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.panels import GREEN, RED, YELLOW, Query, Steps, Text, lines, number
from dashboards.grafana.promql import INCIDENT, increase, named, rate
from dashboards.grafana.variables import frame, page, page_link

UID = "vungxanh-delivery"
TEXT = Text(
    "Vùng xanh: thông báo",
    "Incidents, what was told of them, over which channel, and what failed. Each decision stands "
    "in the topic unit-notifications; `vungxanh alerts notifications` lists them.",
)
NOTIFICATIONS = "dossier_notifications_total"
DECISIONS = "dossier_notification_decisions_total"
STEPS = "dossier_alerts_total"
OPENED = 'kind="opened"'
FAILING = 'outcome=~"retrying|failed"'
NONE_IS_GOOD: Steps = ((None, GREEN), (1, YELLOW))


def delivery(address: str) -> dashboard.Dashboard:
    """The dashboard; `address`: of the page."""
    built = frame(UID, TEXT).link(page_link("Trang Vùng Xanh", "/")).with_variable(page(address))
    for panel in (*_numbers(), *_courses()):
        built = built.with_panel(panel)
    return built


def _numbers() -> list[Builder[models.Panel]]:
    return [
        number(Text("Sự cố đang mở", "Units with an open incident."), f"sum({INCIDENT})", span=4),
        number(
            Text("Sự cố mới", "Incidents opened within the time shown."),
            f"sum({increase(STEPS, 'kind', OPENED)})",
            span=4,
        ),
        number(
            Text("Tin đã gửi", "Messages delivered within the time shown."),
            _of_outcome("sent"),
            span=4,
        ),
        number(
            Text("Tin đang chờ", "Decisions to hold a message within the time shown."),
            _of_outcome("held"),
            span=4,
        ),
        number(
            Text("Lần gửi không thành", "Attempts that failed and are repeated."),
            _of_outcome("retrying"),
            steps=NONE_IS_GOOD,
            span=4,
        ),
        number(
            Text("Tin đã bỏ", "Messages given up: somebody was not told."),
            _of_outcome("failed", 'channel!="alertmanager"'),
            steps=((None, GREEN), (1, RED)),
            span=4,
        ),
    ]


def _of_outcome(outcome: str, matchers: str = "") -> str:
    """How many within the time shown; 0 where messages are counted, but none of these."""
    chosen = f'outcome="{outcome}"' + (f", {matchers}" if matchers else "")
    return f"{increase(NOTIFICATIONS, '', chosen)} or 0 * sum({NOTIFICATIONS})"


def _courses() -> list[Builder[models.Panel]]:
    return [
        lines(
            Text(
                "Diễn biến sự cố",
                "Steps of incidents a second: opened, worsened, acknowledged, closed ...",
            ),
            [Query(rate(STEPS, "kind"), "{{kind}}")],
            unit="cps",
        ),
        lines(
            Text("Đơn vị có sự cố", "Units with an open incident; 1 while it is open."),
            [Query(named(f"({INCIDENT} == 1)"), "{{name}}")],
            stacked=True,
        ),
        lines(
            Text(
                "Tin theo kênh và kết quả",
                "Messages a second by channel and outcome; `none`: decided before a channel.",
            ),
            [Query(rate(NOTIFICATIONS, "channel, outcome"), "{{channel}}: {{outcome}}")],
            unit="cps",
        ),
        lines(
            Text(
                "Gửi không thành theo kênh",
                "Attempts that failed within five minutes, by channel.",
            ),
            [
                Query(
                    f"sum by (channel) (increase({NOTIFICATIONS}{{{FAILING}}}[5m]))",
                    "{{channel}}",
                )
            ],
        ),
        lines(
            Text(
                "Quyết định theo lý do",
                "Decisions about telling somebody, a second, by reason.",
            ),
            [Query(rate(DECISIONS, "why"), "{{why}}")],
            unit="cps",
            span=24,
        ),
    ]
