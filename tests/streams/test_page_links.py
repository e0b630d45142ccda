"""The addresses in messages lead to the unit, and to the figure as it was known."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.instants import read_instant
from schemas.step import Evidence, IncidentStep, StepKind
from streams.page_links import explanation_link, unit_link

AT = read_instant("2026-10-05T08:10:00+07:00") // 1_000
EVIDENCE = Evidence("strict@1", "30d", AT + 1, 44, 50, 0, 7, "p")


def asked(kind: StepKind, base: str = "https://page/") -> dict[str, list[str]]:
    step = IncidentStep("A&B/strict@1/1", "A&B", kind, AT, "yellow", EVIDENCE)
    address = urlsplit(explanation_link(base, step))
    assert (address.netloc, address.path) == ("page", "/")
    return parse_qs(address.query)


def test_a_unit_of_any_id() -> None:
    assert unit_link("https://page", "A&B/1 ệ") == "https://page/?unit=A%26B%2F1%20%E1%BB%87"


@pytest.mark.parametrize("kind", ["opened", "worsened", "reminded", "escalated", "closed"])
def test_a_figure_is_explained_as_it_was_known_then(kind: StepKind) -> None:
    assert asked(kind) == {
        "view": ["explain"],
        "unit": ["A&B"],
        "definition": ["strict@1"],
        "window": ["30d"],
        "as_of": ["2026-10-05T01:10:00.001+00:00"],
        "known": ["then"],
    }


def test_a_corrected_figure_as_it_is_known_now() -> None:
    assert asked("corrected")["known"] == ["now"]
