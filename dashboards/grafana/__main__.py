"""Writes the dashboards as JSON, for Grafana's provisioning.

python -m dashboards.grafana [--to FOLDER] [--page https://vungxanh.example.gov.vn]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana.delivery import delivery
from dashboards.grafana.pipeline import pipeline
from dashboards.grafana.province import province
from dashboards.grafana.unit import unit

PAGE = "http://127.0.0.1:8080"
GENERATED = Path(__file__).parent / "generated"
DASHBOARDS: Mapping[str, Callable[[str], dashboard.Dashboard]] = {
    "province.json": province,
    "unit.json": unit,
    "pipeline.json": pipeline,
    "delivery.json": delivery,
}


def files(page: str = PAGE) -> dict[str, str]:
    """The text of each file by its name. `page`: the address of the monitor's page."""
    return {name: _text(build(page)) for name, build in DASHBOARDS.items()}


def main(arguments: Sequence[str]) -> int:
    """Write them; 0."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.grafana", description=__doc__)
    parser.add_argument("--to", type=Path, default=GENERATED, help="a folder (default: generated/)")
    parser.add_argument("--page", default=PAGE, help="the address of the monitor's page")
    asked = parser.parse_args(arguments)
    asked.to.mkdir(parents=True, exist_ok=True)
    for name, text in files(asked.page.rstrip("/")).items():
        (asked.to / name).write_text(text, encoding="utf-8")
    return 0


def _text(built: dashboard.Dashboard) -> str:
    content = json.loads(json.dumps(built.build(), cls=JSONEncoder))
    for number, panel in enumerate(content["panels"], start=1):
        panel["id"] = number  # links and images of a panel name it
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
