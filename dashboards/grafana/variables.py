"""The variables at the top of a dashboard, and its frame."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.panels import SOURCE, Text
from dashboards.grafana.promql import INFO, RATIO

TAG = "vungxanh"
# Grafana writes a series for `query_result` with its labels in order and without escapes:
# {name="...",unit="..."} 1 1700000000000
UNIT_AND_NAME = r'/name="(?<text>.*)",unit="(?<value>.*)"\} \S+ \S+$/'


class UnitVariable(Builder[models.VariableModel]):
    """`$unit`: the id, chosen by the unit's name."""

    def build(self) -> models.VariableModel:
        """The variable."""
        query = f"query_result(max by (name, unit) ({INFO}))"
        variable = _queried("unit", "Đơn vị", query).build()
        variable.regex = UNIT_AND_NAME
        return variable


def definition() -> dashboard.QueryVariable:
    """`$definition`."""
    return _with_default(
        _queried("definition", "Định nghĩa", f"label_values({RATIO}, definition)"), "resolved@1"
    )


def window() -> dashboard.QueryVariable:
    """`$window`."""
    return _with_default(_queried("window", "Kỳ tính", f"label_values({RATIO}, window)"), "30d")


def page(address: str) -> dashboard.TextBoxVariable:
    """`$page`: where the monitor's own page is; links lead there."""
    return (
        dashboard.TextBoxVariable("page")
        .label("Trang Vùng Xanh")
        .description("The address of the monitor's own page")
        .default_value(address)
        .current(models.VariableOption(True, address, address))
    )


def frame(uid: str, text: Text) -> dashboard.Dashboard:
    """A dashboard without panels, with links to the others and to the page."""
    others = (
        dashboard.DashboardLink("Bảng khác")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .keep_time(True)
        .include_vars(True)
    )
    return (
        dashboard.Dashboard(text.title)
        .uid(uid)
        .description(text.description)
        .tags([TAG])
        .timezone("browser")
        .time("now-24h", "now")
        .refresh("30s")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(others)
    )


def page_link(title: str, path: str) -> dashboard.DashboardLink:
    """A link to the page, at the top of a dashboard; `path` may name variables."""
    return (
        dashboard.DashboardLink(title)
        .type(models.DashboardLinkType.LINK)
        .url("$page" + path)
        .icon("external link")
        .target_blank(True)
    )


def _queried(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.NATURAL_ASC)
    )


def _with_default(variable: dashboard.QueryVariable, value: str) -> dashboard.QueryVariable:
    return variable.current(models.VariableOption(True, value, value))
