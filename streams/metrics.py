"""What `/metrics` says: counted as it happens, or computed at the scrape.

Figures of units are computed at the scrape by a collector, for the partitions that this worker
owns and has recovered, at the partition's clock: no stale series stay behind a rebalance, and
windows move though no event comes. Counters are moved only after a transaction has committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.dead_letter import Reason
from schemas.instants import Millis
from schemas.notification import Notification
from schemas.status import ZONES, UnitStatus
from schemas.step import IncidentStep, StepKind
from streams.effects import Effects
from streams.ownership import Ownership
from streams.record import Record
from streams.settings import Unit

# Where the notifier failed: taking up the office, in a round (both end its term), at one record.
FailureStage = Literal["restore", "round", "record"]
_LATENCIES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds


class WorkerMetrics:
    """The counters of one worker, and the registry that `/metrics` shows."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # no `..._created` beside each counter
        self.registry = CollectorRegistry()
        self._events = Counter(
            "dossier_events", "Records folded, by result", ["result"], registry=self.registry
        )
        self._letters = Counter(
            "dossier_dead_letters",
            "Records that could not be used",
            ["reason"],
            registry=self.registry,
        )
        self._unknown = Counter(
            "dossier_unknown_fields",
            "Records with fields outside the contract, folded without",
            registry=self.registry,
        )
        self._alerts = Counter(
            "dossier_alerts", "Steps of incidents", ["kind"], registry=self.registry
        )
        self._sealed = Counter(
            "dossier_book_pages",
            "Local days sealed in the book, one a partition and day",
            registry=self.registry,
        )
        self._notifications = Counter(
            "dossier_notifications",
            "Messages decided, sent, held back or failed",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self._decisions = Counter(
            "dossier_notification_decisions",
            "Decisions about telling somebody, by reason",
            ["why"],
            registry=self.registry,
        )
        self._failures = Counter(
            "dossier_notifier_failures",
            "What went wrong in the notifier, by where",
            ["stage"],
            registry=self.registry,
        )
        self._latency = Histogram(
            "dossier_fold_latency_seconds",
            "From a record's arrival to its figure, live records",
            buckets=_LATENCIES,
            registry=self.registry,
        )
        for result in ("folded", "duplicate", "dead_letter", "forwarded"):
            self._events.labels(result)
        for reason in Reason:
            self._letters.labels(reason.value)
        for kind in get_args(StepKind):
            self._alerts.labels(kind)
        for stage in get_args(FailureStage):
            self._failures.labels(stage)

    def count(self, effects: Effects, forwarded: int) -> None:
        """Count what a committed transaction did."""
        for result, count in (
            ("folded", effects.folded),
            ("duplicate", effects.duplicates),
            ("dead_letter", len(effects.dead_letters)),
            ("forwarded", forwarded),
        ):
            if count:
                self._events.labels(result).inc(count)
        if effects.unknown_fields:
            self._unknown.inc(effects.unknown_fields)
        for letter in effects.dead_letters:
            self._letters.labels(letter.reason.value).inc()
        for step in effects.steps:
            self._alerts.labels(step.kind).inc()
        self._sealed.inc(sum(entry.kind == "day" for entry in effects.book))

    def count_notifications(
        self, notifications: Iterable[Notification], steps: Iterable[IncidentStep]
    ) -> None:
        """Count what the notifier has decided and sent, and the steps that it made."""
        for one in notifications:
            self._notifications.labels(one.channel or "none", one.outcome).inc()
            self._decisions.labels(one.why.value).inc()
        for step in steps:
            self._alerts.labels(step.kind).inc()

    def count_synced(self, well: bool) -> None:
        """Count what an Alertmanager was told of open incidents."""
        self._notifications.labels("alertmanager", "sent" if well else "failed").inc()

    def count_notifier_failure(self, stage: FailureStage) -> None:
        """Count something that went wrong in the notifier."""
        self._failures.labels(stage).inc()

    def observe_latency(self, records: Iterable[Record], now: Millis) -> None:
        """Note how long after their arrival live records were folded and committed."""
        for record in records:
            self._latency.observe(max(0, now - record.timestamp) / 1000)


class UnitCollector(Collector):
    """The figures of the units that this worker owns now."""

    def __init__(self, ownership: Ownership, directory: Mapping[str, Unit]) -> None:
        self._ownership = ownership
        self._directory = directory

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is computed at registration."""
        return []

    def collect(self) -> list[GaugeMetricFamily]:
        """All gauges, at the clocks of their partitions."""
        readings = [
            partition.monitor.reading(unit)
            for partition in self._ownership.partitions.values()
            for unit in partition.monitor.units()
        ]
        return [
            *_figures(readings),
            _resolved(readings),
            _open(readings),
            _zones(readings),
            self._info(readings),
            _incidents(readings),
            *self._partitions(),
        ]

    def _info(self, readings: Sequence[UnitStatus]) -> GaugeMetricFamily:
        info = GaugeMetricFamily(
            "dossier_unit_info",
            "The unit's names and place",
            labels=["unit", "name", "kind", "parent"],
        )
        for reading in readings:
            unit = self._directory.get(reading.unit_id) or Unit(reading.unit_id, reading.unit_id)
            info.add_metric([unit.unit_id, unit.name, unit.kind, unit.parent_id], 1)
        return info

    def _partitions(self) -> list[GaugeMetricFamily]:
        lag = GaugeMetricFamily(
            "dossier_partition_lag_records",
            "Not folded yet, to the last stable offset",
            labels=["partition"],
        )
        clock = GaugeMetricFamily(
            "dossier_partition_clock_seconds", "The clock, since 1970", labels=["partition"]
        )
        for partition in self._ownership.partitions.values():
            labels = [str(partition.number)]
            if partition.lag is not None:
                lag.add_metric(labels, partition.lag)
            if partition.monitor.clock is not None:
                clock.add_metric(labels, partition.monitor.clock / 1000)
        return [lag, clock]


def _figures(readings: Sequence[UnitStatus]) -> list[GaugeMetricFamily]:
    names = ["unit", "definition", "window"]
    ratio = GaugeMetricFamily(
        "dossier_on_time_ratio", "Share on time, 0-1; absent where nothing counts", labels=names
    )
    counts = GaugeMetricFamily(
        "dossier_window_dossiers", "What a ratio is made of", labels=[*names, "count"]
    )
    for reading in readings:
        for figure in dict.fromkeys(reading.figures):
            labels = [reading.unit_id, figure.definition, figure.window]
            if figure.ratio is not None:
                ratio.add_metric(labels, figure.ratio)
            counts.add_metric([*labels, "numerator"], figure.numerator)
            counts.add_metric([*labels, "denominator"], figure.denominator)
    return [ratio, counts]


def _resolved(readings: Sequence[UnitStatus]) -> GaugeMetricFamily:
    resolved = GaugeMetricFamily(
        "dossier_resolved",
        "Resolved in the window, each dossier once",
        labels=["unit", "window", "outcome"],
    )
    for reading in readings:
        for window, outcomes in reading.resolved:
            for outcome, count in outcomes._asdict().items():
                resolved.add_metric([reading.unit_id, window, outcome], count)
    return resolved


def _open(readings: Sequence[UnitStatus]) -> GaugeMetricFamily:
    dossiers = GaugeMetricFamily(
        "dossier_open",
        "Open dossiers, each once, by the first state that fits",
        labels=["unit", "state"],
    )
    for reading in readings:
        for state, count in reading.open._asdict().items():
            dossiers.add_metric([reading.unit_id, state], count)
    return dossiers


def _zones(readings: Sequence[UnitStatus]) -> GaugeMetricFamily:
    zones = GaugeMetricFamily(
        "dossier_unit_zone",
        "1 for the zone the unit is in, 0 for the others",
        labels=["unit", "zone"],
    )
    for reading in readings:
        for zone in ZONES:
            zones.add_metric([reading.unit_id, zone], zone == reading.zone)
    return zones


def _incidents(readings: Sequence[UnitStatus]) -> GaugeMetricFamily:
    incidents = GaugeMetricFamily(
        "dossier_unit_incident", "1 while an incident is open", labels=["unit"]
    )
    for reading in readings:
        incidents.add_metric([reading.unit_id], reading.incident is not None)
    return incidents
