"""The monitor's own health: workers, partitions, clocks, dead letters, speed."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.panels import GREEN, RED, YELLOW, Query, Steps, Text, lines, number
from dashboards.grafana.promql import CLOCK, INFO, LAG, increase, rate
from dashboards.grafana.variables import frame, page, page_link

UID = "vungxanh-pipeline"
TEXT = Text("Vùng xanh: hệ thống giám sát", "Whether the figures are up to date, and if not, why.")

UP = 'up{job="vungxanh"}'
AGE = f"time() - {CLOCK}"  # seconds
NONE_IS_GOOD: Steps = ((None, GREEN), (1, YELLOW))
LATENCY = "sum by (le) (rate(dossier_fold_latency_seconds_bucket[$__rate_interval]))"


def pipeline(address: str) -> dashboard.Dashboard:
    """The dashboard; `address`: of the page."""
    built = frame(UID, TEXT).link(page_link("Trang Vùng Xanh", "/")).with_variable(page(address))
    for panel in (*_numbers(), *_courses()):
        built = built.with_panel(panel)
    return built


def _numbers() -> list[Builder[models.Panel]]:
    return [
        number(
            Text("Tiến trình hoạt động", "Workers that answer."),
            f"sum({UP})",
            steps=((None, RED), (1, YELLOW), (2, GREEN)),
        ),
        number(
            Text("Phân vùng có người xử lý", "Partitions that a worker has."),
            f"count({LAG})",
        ),
        number(Text("Đơn vị được theo dõi", "Units with figures."), f"count({INFO})"),
        number(
            Text(
                "Số liệu chậm nhất",
                "How far the slowest partition's clock is behind the time of day.",
            ),
            f"max({AGE})",
            unit="s",
            steps=((None, GREEN), (30, YELLOW), (120, RED)),
        ),
        number(
            Text("Bản ghi đang chờ", "Records not folded yet, of all partitions."),
            f"sum({LAG})",
            steps=((None, GREEN), (1_000, YELLOW), (5_000, RED)),
        ),
        number(
            Text(
                "Bản ghi không dùng được",
                "Dead letters within the time shown; `vungxanh dead-letters list` shows them.",
            ),
            f"sum({increase('dossier_dead_letters_total', 'reason')})",
            steps=NONE_IS_GOOD,
        ),
        number(
            Text(
                "Bản ghi có trường lạ",
                "Records with fields outside the contract within the time shown: the feed sends "
                "what it should not.",
            ),
            increase("dossier_unknown_fields_total", ""),
            steps=NONE_IS_GOOD,
        ),
        number(
            Text("Độ trễ xử lý (99 %)", "From a record's arrival to its figure, 99th percentile."),
            f"histogram_quantile(0.99, {LATENCY.replace('$__rate_interval', '$__range')})",
            unit="s",
        ),
    ]


def _courses() -> list[Builder[models.Panel]]:
    return [
        lines(
            Text("Tiến trình", "1 for each worker that answers."),
            [Query(UP, "{{instance}}")],
        ),
        lines(
            Text("Phân vùng của mỗi tiến trình", "How many partitions each worker has."),
            # The owners themselves are wanted here, so not the recorded series.
            [Query("count by (instance) (dossier_partition_lag_records)", "{{instance}}")],
            stacked=True,
        ),
        lines(
            Text("Sự kiện mỗi giây", "Records a second, of all workers, by what became of them."),
            [Query(rate("dossier_events_total", "result"), "{{result}}")],
            unit="cps",
        ),
        lines(
            Text("Bản ghi đang chờ", "Records not folded yet, by partition."),
            [Query(LAG, "{{partition}}")],
        ),
        lines(
            Text(
                "Đồng hồ các phân vùng chậm bao lâu",
                "How far each partition's clock is behind the time of day.",
            ),
            [Query(AGE, "{{partition}}")],
            unit="s",
        ),
        lines(
            Text(
                "Độ trễ xử lý",
                "From a record's arrival to its figure: live records of all workers.",
            ),
            [Query(f"histogram_quantile({of}, {LATENCY})", f"{of:.0%}") for of in (0.5, 0.9, 0.99)],
            unit="s",
        ),
        lines(
            Text("Bản ghi không dùng được, theo lý do", "Dead letters a second, by reason."),
            [Query(rate("dossier_dead_letters_total", "reason"), "{{reason}}")],
            unit="cps",
        ),
        lines(
            Text("Cảnh báo của Prometheus", "Alerts of Prometheus that fire, by name."),
            [
                Query(
                    'sum by (alertname) (ALERTS{alertstate="firing", alertname!="Watchdog"})',
                    "{{alertname}}",
                )
            ],
        ),
    ]
