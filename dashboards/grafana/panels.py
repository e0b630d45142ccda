"""Panels in the house style: every one has a Vietnamese title and an English description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = models.DataSourceRef("prometheus", "vungxanh-prometheus")  # as provisioned

GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "#808080"
ZONE_WORDS = {0: ("Xám", GREY), 1: ("Xanh", GREEN), 2: ("Vàng", YELLOW), 3: ("Đỏ", RED)}

Panel = TypeVar("Panel", stat.Panel, timeseries.Panel, table.Panel, statetimeline.Panel)
Steps = Sequence[tuple[float | None, str]]  # from a value on (None: from below) a colour

# By policy.green and policy.yellow. A unit with a policy of its own is told by its zone.
SHARE_STEPS: Steps = ((None, RED), (0.8, YELLOW), (0.9, GREEN))


class Query(NamedTuple):
    """An expression, and what its series are called."""

    expr: str
    legend: str = ""


class Text(NamedTuple):
    """What a panel is about: shown, and explained."""

    title: str  # Vietnamese
    description: str  # English


def number(
    text: Text, expr: str, *, unit: str = "short", steps: Steps = (), span: int = 3
) -> stat.Panel:
    """One number, as it is now."""
    panel = _with_text(stat.Panel(), text, span, height=4)
    return (
        panel.with_target(_query(Query(expr), 0).instant())
        .unit(unit)
        .no_value("–")
        .thresholds(_thresholds(steps or ((None, "text"),)))
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def zone_word(text: Text, expr: str, *, span: int = 3) -> stat.Panel:
    """A zone by its word and colour; `expr` gives its code."""
    return (
        number(text, expr, span=span)
        .mappings([_zone_mapping()])
        .color_mode(common_models.BigValueColorMode.BACKGROUND)
    )


def lines(
    text: Text,
    queries: Sequence[Query],
    *,
    unit: str = "short",
    steps: Steps = (),
    stacked: bool = False,
    span: int = 12,
) -> timeseries.Panel:
    """Values over time. `steps` are drawn as dashed lines; stacked ones are filled."""
    panel = (
        _with_text(timeseries.Panel(), text, span, height=8)
        .targets([_query(one, place).range() for place, one in enumerate(queries)])
        .unit(unit)
        .line_width(1)
        .show_points(common_models.VisibilityMode.NEVER)
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_models.TooltipDisplayMode.MULTI)
            .sort(common_models.SortOrder.DESCENDING)
        )
        .legend(
            common.VizLegendOptions()
            .display_mode(common_models.LegendDisplayMode.LIST)
            .placement(common_models.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    if stacked:
        normal = common.StackingConfig().mode(common_models.StackingMode.NORMAL)
        panel = panel.stacking(normal).fill_opacity(40)
    if steps:
        dashed = common.GraphThresholdsStyleConfig().mode(
            common_models.GraphThresholdsStyleMode.DASHED
        )
        panel = panel.thresholds(_thresholds(steps)).thresholds_style(dashed)
    return panel


def zones(
    text: Text, expr: str, legend: str, *, span: int = 24, height: int = 14
) -> statetimeline.Panel:
    """Zones over time, a row a series, in words and colours; `expr` gives their codes."""
    return (
        _with_text(statetimeline.Panel(), text, span, height)
        .with_target(_query(Query(expr, legend), 0).range())
        .mappings([_zone_mapping()])
        .show_value(common_models.VisibilityMode.NEVER)
        .merge_values(True)
    )


class Column(NamedTuple):
    """A column of a table: a query with one series a row, or a label of the first one."""

    name: str
    expr: str = ""
    label: str = ""
    properties: Mapping[str, object] = {}  # of the field, by their ids


def rows(
    text: Text, key: str, columns: Sequence[Column], *, sort: str, height: int = 14
) -> table.Panel:
    """A table with a row for each value of the label `key`, joined from the columns' queries."""
    queried = [column for column in columns if column.expr]
    fields = {f"Value #{_letter(place)}": column.name for place, column in enumerate(queried)}
    fields |= {column.label: column.name for column in columns if column.label}
    panel = (
        _with_text(table.Panel(), text, span=24, height=height)
        .targets([_table_query(column, place) for place, column in enumerate(queried)])
        .transformations(_joined(key, fields, [column.name for column in columns]))
        .sort_by([common.TableSortByFieldState().display_name(sort).desc(False)])
        .no_value("–")
    )
    for column in columns:
        if column.properties:
            values = [models.DynamicConfigValue(*one) for one in column.properties.items()]
            panel = panel.override_by_name(column.name, values)
    return panel


def share_cell() -> dict[str, object]:
    """A share with the colour of its step."""
    steps = [{"value": value, "color": color} for value, color in SHARE_STEPS]
    return {
        "unit": "percentunit",
        "decimals": 1,
        "thresholds": {"mode": "absolute", "steps": steps},
        "custom.cellOptions": {"type": "color-text"},
    }


def zone_cell() -> dict[str, object]:
    """A zone by its word on its colour."""
    return {
        "mappings": [_zone_mapping()],
        "custom.cellOptions": {"type": "color-background", "mode": "basic"},
    }


def _joined(
    key: str, fields: Mapping[str, str], order: Sequence[str]
) -> list[models.DataTransformerConfig]:
    names = list(dict.fromkeys([key, *fields]))
    wanted = "|".join(names)
    by_column = {column: name for name, column in fields.items()}
    places = {by_column[column]: place for place, column in enumerate(order)}
    return [
        models.DataTransformerConfig(
            "filterFieldsByName", options={"include": {"pattern": f"^({wanted})$"}}
        ),
        models.DataTransformerConfig("joinByField", options={"byField": key, "mode": "outer"}),
        models.DataTransformerConfig(
            "organize",
            options={
                "renameByName": dict(fields),
                "indexByName": {name: places.get(name, len(places)) for name in names},
            },
        ),
    ]


def _table_query(column: Column, place: int) -> prometheus.Dataquery:
    return _query(Query(column.expr), place).instant().format(PromQueryFormat.TABLE)


def _query(query: Query, place: int) -> prometheus.Dataquery:
    built = prometheus.Dataquery().expr(query.expr).ref_id(_letter(place))
    return built.legend_format(query.legend) if query.legend else built


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _with_text(panel: Panel, text: Text, span: int, height: int) -> Panel:
    return (
        panel.title(text.title)
        .description(text.description)
        .datasource(SOURCE)
        .span(span)
        .height(height)
    )


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value, color) for value, color in steps])
    )


def _zone_mapping() -> models.ValueMap:
    return models.ValueMap(
        {
            str(code): models.ValueMappingResult(text=word, color=color, index=code)
            for code, (word, color) in ZONE_WORDS.items()
        }
    )
