"""Addresses of the page, as messages and Alertmanager are given them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from schemas.instants import iso_millis
from schemas.step import IncidentStep


def unit_link(base_url: str, unit_id: str) -> str:
    """Where a unit is shown."""
    return f"{base_url.rstrip('/')}/?unit={quote(unit_id, safe='')}"


def explanation_link(base_url: str, step: IncidentStep) -> str:
    """Where the dossiers behind a step's figure are shown, by what was known then.

    A correction tells its opening's figure by what has become known since.
    """
    evidence = step.evidence
    query = {
        "view": "explain",
        "unit": step.unit_id,
        "definition": evidence.definition,
        "window": evidence.window,
        "as_of": iso_millis(evidence.as_of),
        "known": "now" if step.kind == "corrected" else "then",
    }
    return f"{base_url.rstrip('/')}/?{urlencode(query)}"
