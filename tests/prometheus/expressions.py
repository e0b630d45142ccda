"""Every PromQL expression of the generated dashboards, with the variables filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.prometheus.stack import DASHBOARDS

GENERATED = DASHBOARDS / "grafana" / "generated"


class Expression(NamedTuple):
    """Where it stands, and what it is."""

    dashboard: str
    place: str  # a panel's title and the query's letter, or a variable
    text: str


def dashboards() -> dict[str, dict[str, Any]]:
    """The dashboards by the names of their files."""
    return {path.name: json.loads(path.read_text()) for path in sorted(GENERATED.glob("*.json"))}


def panels(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels, those within rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())


def expressions() -> list[Expression]:
    """As they stand in the files."""
    found = []
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel.get("targets", ()):
                place = f"{panel['title']}/{target['refId']}"
                found.append(Expression(name, place, target["expr"]))
        for variable in dashboard.get("templating", {}).get("list", ()):
            if variable["type"] == "query":
                found.append(Expression(name, f"${variable['name']}", _inner(variable["query"])))
    return found


def _inner(query: str) -> str:
    """What a variable's query asks of Prometheus."""
    asked = re.fullmatch(r"label_values\((.*), \w+\)|query_result\((.*)\)", query)
    assert asked, query
    return asked[1] or asked[2]


def filled(text: str, variables: Mapping[str, str]) -> str:
    """An expression with values in place of its variables, as Grafana sends it."""
    for name, value in variables.items():
        text = re.sub(rf"\${name}\b", value, text)
    assert "$" not in text, text
    return text
