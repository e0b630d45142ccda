"""Grafana's dashboards: as in the repository, complete, and blind to which worker has a unit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.grafana.__main__ import GENERATED, files, main
from dashboards.grafana.panels import SOURCE
from dashboards.grafana.variables import UNIT_AND_NAME
from tests.prometheus.expressions import dashboards, expressions, panels

FILES = files()
RULES = Path(__file__).parents[2] / "dashboards" / "prometheus" / "rules"
BUILT_IN = {"__rate_interval", "__range", "__data"}

# Who owns what is what this panel is about.
OF_WORKERS = {"Phân vùng của mỗi tiến trình/A"}


def test_the_files_are_those_that_the_code_makes() -> None:
    assert {path.name for path in GENERATED.glob("*.json")} == set(FILES)
    for name, text in FILES.items():
        assert (GENERATED / name).read_text(encoding="utf-8") == text, (
            f"{name} is out of date: run python -m dashboards.grafana"
        )


def test_another_address_of_the_page_goes_into_every_file(tmp_path: Path) -> None:
    assert main(["--to", str(tmp_path / "new"), "--page", "https://map.example/"]) == 0
    for name in FILES:
        text = (tmp_path / "new" / name).read_text(encoding="utf-8")
        assert '"https://map.example"' in text
        assert "127.0.0.1" not in text


@pytest.mark.parametrize("name", FILES)
def test_panels_say_what_they_are_about(name: str) -> None:
    dashboard: dict[str, Any] = json.loads(FILES[name])
    assert dashboard["title"].startswith("Vùng xanh: ")
    assert dashboard["description"]
    shown = list(panels(dashboard))
    assert len({panel["id"] for panel in shown}) == len(shown) >= 8
    for panel in shown:
        assert panel["title"]
        assert panel["description"]
        assert panel["datasource"] == {"type": SOURCE.type_val, "uid": SOURCE.uid}
        assert panel["targets"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("name", FILES)
def test_panels_lie_beside_each_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(json.loads(FILES[name])):
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells


def test_every_dashboard_has_an_address_of_its_own() -> None:
    uids = [json.loads(text)["uid"] for text in FILES.values()]
    assert len(set(uids)) == len(FILES)
    named = set(re.findall(r"/d/([\w-]+)", "".join(FILES.values())))
    assert named <= set(uids)


@pytest.mark.parametrize("name", FILES)
def test_variables_that_are_used_are_there(name: str) -> None:
    used = set(re.findall(r"\$\{?(\w+)", FILES[name]))
    declared = {variable["name"] for variable in json.loads(FILES[name])["templating"]["list"]}
    assert used - BUILT_IN <= declared


@pytest.mark.parametrize("name", FILES)
def test_the_page_is_a_link_away(name: str) -> None:
    links = [link["url"] for link in json.loads(FILES[name])["links"] if link["type"] == "link"]
    assert len(links) == 1
    assert links[0].startswith("$page/")


def test_gauges_are_read_without_the_worker_that_computed_them() -> None:
    """A gauge beside its worker would count a unit twice at a rebalance, or not at all."""
    for one in expressions():
        raw = re.findall(r"(?<![\w:])dossier_\w+", one.text)
        gauges = [name for name in raw if not name.endswith(("_total", "_bucket"))]
        assert not gauges or one.place in OF_WORKERS, one


def test_counters_are_summed_over_the_workers() -> None:
    for one in expressions():
        for counter in re.findall(r"dossier_\w+(?:_total|_bucket)", one.text):
            before = one.text[: one.text.index(counter)]
            assert "sum by (" in before or before.endswith("sum("), one


def test_recorded_series_are_recorded() -> None:
    recorded = set(
        re.findall(r"record: (\S+)", "".join(path.read_text() for path in RULES.glob("*.yml")))
    )
    used = {name for one in expressions() for name in re.findall(r"\w+:\w+:\w+", one.text)}
    assert used
    assert used <= recorded


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Tam Kỳ", "H47.502"),
        ('Sở "Nội vụ"', "H47.1"),
        ('<script>alert(1)</script>",unit="', 'a"b'),
        ("\u202egnot", "H47.2"),
    ],
)
def test_a_unit_is_chosen_by_its_name_whatever_is_in_it(name: str, unit: str) -> None:
    """As Grafana writes a series: no escapes, then value and instant."""
    series = f'{{name="{name}",unit="{unit}"}} 1 1700000000000'
    found = re.search(UNIT_AND_NAME.strip("/").replace("(?<", "(?P<"), series)
    assert found
    assert (found["text"], found["value"]) == (name, unit)


def test_dashboards_and_provisioning_agree() -> None:
    folder = GENERATED.parent / "provisioning"
    assert f"uid: {SOURCE.uid}\n" in (folder / "datasources" / "prometheus.yml").read_text()
    assert len(dashboards()) == len(FILES)
