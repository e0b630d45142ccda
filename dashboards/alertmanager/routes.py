"""The configuration as text: who is told of which alert, and which alert keeps back which."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

RECEIVER = "http://receiver.invalid"  # a name that is never anybody's; replaced at the start

# What stands in for what. Alertmanager keeps back the targets while a source is active.
_INHIBITIONS = """\
inhibit_rules:
  # The workers told of the incident themselves: the second path need not.
  - source_matchers: ['alertname="UnitBelowGreen"']
    target_matchers: ['alertname="UnitRatioBelowGreen"']
    equal: [unit]
  # Without any worker all else is a consequence.
  - source_matchers: ['alertname="NoWorker"']
    target_matchers:
      - 'alertname=~"WorkerDown|PartitionsWithoutWorker|ClockStands|WorkerLagging|FoldingSlow|\
FeedSilent|UnitRatioBelowGreen|BelowGreenWithoutIncident"'
  # Units that nobody folds stand still, and nothing of theirs is seen to come.
  - source_matchers: ['alertname="PartitionsWithoutWorker"']
    target_matchers: ['alertname=~"ClockStands|WorkerLagging|FeedSilent|BelowGreenWithoutIncident"']
  # A worker is gone: the others need a while to catch up.
  - source_matchers: ['alertname="WorkerDown"']
    target_matchers: ['alertname=~"WorkerLagging|FoldingSlow|FeedSilent"']
  - source_matchers: ['alertname="ClockStands"']
    target_matchers: ['alertname="FeedSilent"']
  - source_matchers: ['alertname="MessageGivenUp"']
    target_matchers: ['alertname="DeliveryFailing"']
    equal: [channel]
"""

_HEAD = """\
# Made by `python -m dashboards.alertmanager UNITS.csv`; a test compares.
# Routes: `unit` says whose alert it is, `audience="operations"` that it is of the monitor itself.
# Every receiver is a webhook: a program of yours that takes Alertmanager's JSON and passes it on.
global:
  resolve_timeout: 5m

route:
  receiver: operations
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - matchers: ['alertname="Watchdog"']
      receiver: heartbeat
      group_wait: 0s
      group_interval: 1m
      repeat_interval: 5m
    - matchers: ['audience="operations"']
      receiver: operations
    - matchers: ['unit!=""']
      receiver: other-units
      group_by: [unit]
      repeat_interval: 24h
      routes:
"""


def configuration(units: Sequence[str]) -> str:
    """Alertmanager's YAML. `units`: ids, each told at `/units/<id>` of the receiver.

    Units that are not among them are told at `/units`, the monitor's own alerts at `/operations`,
    and `/heartbeat` hears every five minutes that all of the chain is at work.
    """
    wanted = list(dict.fromkeys(units))
    routes = "".join(_route(unit) for unit in wanted) or "        []\n"
    receivers = [
        _receiver("operations", "/operations"),
        _receiver("heartbeat", "/heartbeat", resolved=False),
        _receiver("other-units", "/units"),
        *(_receiver(_name(unit), f"/units/{quote(unit, safe='')}") for unit in wanted),
    ]
    return f"{_HEAD}{routes}\n{_INHIBITIONS}\nreceivers:\n{''.join(receivers)}"


def _route(unit: str) -> str:
    matcher = f"unit={_quoted(unit)}"
    return f"        - matchers: [{_quoted(matcher)}]\n          receiver: {_quoted(_name(unit))}\n"


def _receiver(name: str, path: str, *, resolved: bool = True) -> str:
    return (
        f"  - name: {_quoted(name)}\n"
        "    webhook_configs:\n"
        f"      - url: {_quoted(RECEIVER + path)}\n"
        f"        send_resolved: {_quoted(resolved)}\n"
    )


def _name(unit: str) -> str:
    return f"unit {unit}"


def _quoted(value: object) -> str:
    """A YAML scalar, and the value of a matcher: both take JSON's quotes."""
    return json.dumps(value, ensure_ascii=False)
