"""PromQL that the dashboards share.

Gauges are read from the recorded series of `dashboards/prometheus/rules/figures.yml`, which know no
worker. Counters live in the workers: `sum by` over `rate` or `increase` of each, so that a restart
is no negative and a rebalance no jump.
"""

from __future__ import annotations

RATIO = "unit:dossier_on_time_ratio:latest"
DOSSIERS = "unit:dossier_window_dossiers:latest"
RESOLVED = "unit:dossier_resolved:latest"
OPEN = "unit:dossier_open:latest"
ZONE = "unit:dossier_zone:code"
INCIDENT = "unit:dossier_unit_incident:latest"
INFO = "unit:dossier_unit_info:latest"
LAG = "partition:dossier_partition_lag_records:latest"
CLOCK = "partition:dossier_partition_clock_seconds:latest"

CHOSEN = 'definition="$definition", window="$window"'  # the variables of a dashboard


def named(expression: str) -> str:
    """A vector with one series a unit, with the unit's name beside its id."""
    return f"{expression} * on (unit) group_left (name) {INFO}"


def share(by: str, matchers: str = "") -> str:
    """On time of all, by labels (empty: of the province), cut to a tenth of a percent.

    Not rounded: 89.99 % must not read 90 %. Absent where nothing counts.
    """
    chosen = f"{matchers}, {CHOSEN}" if matchers else CHOSEN
    top = f'sum by ({by}) ({DOSSIERS}{{{chosen}, count="numerator"}})'
    bottom = f'sum by ({by}) ({DOSSIERS}{{{chosen}, count="denominator"}})'
    return f"floor(1000 * {top} / ({bottom} > 0)) / 1000"


def dossiers(by: str, count: str, matchers: str = "") -> str:
    """`numerator` or `denominator`, by labels."""
    chosen = f"{matchers}, {CHOSEN}" if matchers else CHOSEN
    return f'sum by ({by}) ({DOSSIERS}{{{chosen}, count="{count}"}})'


def in_zone(code: int) -> str:
    """How many units are in a zone; 0 where none is."""
    return f"count({ZONE} == {code}) or 0 * count({ZONE})"


def rate(counter: str, by: str, matchers: str = "") -> str:
    """A counter's rate a second, over all workers."""
    return f"sum by ({by}) (rate({counter}{{{matchers}}}[$__rate_interval]))"


def increase(counter: str, by: str, matchers: str = "") -> str:
    """By how much a counter grew within the time shown, over all workers.

    A series that was born within that time counts whole: `increase` does not see a first value.
    """
    series = f"{counter}{{{matchers}}}"
    return (
        f"sum by ({by}) (({series} unless {series} offset $__range)"
        f" or increase({series}[$__range]))"
    )
