"""What the figures go by, as the book states it: from the rules of a monitor, and back. Pure."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from indicators.calendar import WorkingCalendar
from indicators.definitions import DEFINITIONS, definition
from indicators.policy import Policy
from indicators.windows import read_window
from schemas.book import Place, Terms
from schemas.instants import Millis
from streams.figures import figure_names
from streams.routing import partition_of
from streams.rules import MonitorRules


def terms_of(
    rules: MonitorRules,
    place: Place,
    partitions: int,
    next_offset: int = 0,
    clock: Millis | None = None,
) -> Terms:
    """The terms of a partition: of the units with a policy of their own, those that it holds."""
    return Terms(
        place,
        next_offset,
        clock,
        str(rules.zone),
        tuple(window.text for window in rules.windows),
        tuple(DEFINITIONS),
        rules.due_soon,
        policy_to_dict(rules.policy),
        {
            unit_id: policy_to_dict(rules.unit_policies[unit_id])
            for unit_id in sorted(rules.unit_policies)
            if partition_of(unit_id, partitions) == place.partition
        },
        None if rules.calendar is None else rules.calendar.version,
    )


def basis_of(terms: Terms) -> str:
    """A hash of what they say, wherever they stand: of equal terms the same."""
    return hashlib.sha256(orjson.dumps(terms[3:], option=orjson.OPT_SORT_KEYS)).hexdigest()


def stated_basis(rules: MonitorRules, partition: int, partitions: int) -> str:
    """A hash of the time zone, and the definitions and windows, of all that a partition states."""
    shown = [window.text for window in rules.windows]
    usual = sorted(figure_names(rules.policy, shown))
    own = {
        unit_id: names
        for unit_id, policy in rules.unit_policies.items()
        if (names := sorted(figure_names(policy, shown))) != usual
        and partition_of(unit_id, partitions) == partition
    }
    content = [str(rules.zone), shown, usual, sorted(own.items())]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]


def rules_of(terms: Terms, calendar: WorkingCalendar | None = None) -> MonitorRules:
    """The rules of a monitor that go by these terms.

    `calendar`: to look ahead by; no figure goes by it. ValueError, naming it, for a time zone,
    window or definition that this release does not know.
    """
    try:
        zone = ZoneInfo(terms.timezone)
    except (LookupError, OSError, ValueError):
        raise ValueError(f"terms of the book: {terms.timezone!r} is no time zone here") from None
    for name in terms.definitions:
        definition(name)
    return MonitorRules(
        zone,
        tuple(read_window(text, zone) for text in terms.windows),
        terms.due_soon,
        policy_of(terms.policy, zone),
        {unit_id: policy_of(fields, zone) for unit_id, fields in terms.unit_policies.items()},
        calendar,
    )


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """A policy as the book has it: shares as fractions, holds in milliseconds, and its hash."""
    return {
        "definition": policy.definition,
        "window": policy.window.text,
        "green": str(policy.green),
        "yellow": str(policy.yellow),
        "min_sample": policy.min_sample,
        "hold": policy.hold,
        "recover_hold": policy.recover_hold,
        "recover_margin": str(policy.recover_margin),
        "digest": policy.digest,
    }


def policy_of(fields: dict[str, Any], zone: ZoneInfo) -> Policy:
    """The policy that `policy_to_dict` wrote.

    Raises ValueError: a field is missing or wrong, the definition or window is not known here, or
    the policy has another hash than the one stated.
    """
    try:
        definition(fields["definition"])
        policy = Policy(
            fields["definition"],
            read_window(fields["window"], zone),
            Fraction(fields["green"]),
            Fraction(fields["yellow"]),
            int(fields["min_sample"]),
            int(fields["hold"]),
            int(fields["recover_hold"]),
            Fraction(fields["recover_margin"]),
        )
        stated = fields["digest"]
    except KeyError as error:
        raise ValueError(f"a policy of the book: {error} is missing") from None
    except TypeError as error:
        raise ValueError(f"a policy of the book: {error}") from None
    if policy.digest != stated:
        raise ValueError(f"a policy of the book says its hash is {stated}, and is {policy.digest}")
    return policy
