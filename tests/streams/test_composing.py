"""From what was decided to what is told: health, the digest, the link to acknowledge by."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import orjson
import pytest

from alerts.delivery.dispatch import Dispatcher
from alerts.messages.composer import Composer
from alerts.messages.content import Ailment, UnitLine
from alerts.messages.links import AckClaim, AckLinks
from alerts.notifying import Notice, Notifier, NotifyRules, Occasion, Outgoing
from alerts.recipients import Channel, Recipient, Recipients, Role
from indicators.calendar import vietnam
from schemas.condition import Condition
from schemas.instants import Millis, read_instant
from schemas.notification import Why
from schemas.outlook import UnitOutlook
from schemas.step import Evidence, IncidentStep
from streams.composing import Desk
from streams.settings import Unit
from streams.telling import Telling
from tests.streams.telling import rules

CALENDAR = vietnam(ZoneInfo("Asia/Ho_Chi_Minh"))
LINKS = AckLinks(b"s" * 32, "https://page")
CHANNELS = (Channel("email", "x@example.vn", "email"),)


def at(text: str) -> Millis:
    return read_instant(f"{text}+07:00") // 1_000


NOW = at("2027-01-15T15:00")  # a Friday
LAST = at("2027-01-15T09:00")
SILENT = Condition("feed", unit_id="U", since=LAST)
OUTLOOK = UnitOutlook(
    "U",
    LAST + 1,
    0,
    5,
    "green",
    "resolved@1",
    "30d",
    9,
    9,
    "p",
    "c",
    (),
    0,
    last_arrival=LAST,
    usual_gap=60_000,
)


def recipient(role: Role) -> Recipient:
    return Recipient(role, role, ("*",), CHANNELS)


@pytest.fixture
def telling() -> Telling:
    return Telling(
        rules=NotifyRules(),
        monitor_rules=rules(),
        calendar=CALENDAR,
        recipients=Recipients((recipient("operations"), recipient("head"))),
        composer=Composer(None),
        dispatcher=Dispatcher({}),
        base_url="https://page",
        links=LINKS,
        units={"U": Unit("U", "Điện Bàn"), "V": Unit("V", "Hội An")},
    )


@pytest.fixture
def desk(telling: Telling) -> Desk:
    made = Desk(telling)
    made.note_outlook(OUTLOOK)
    return made


@pytest.fixture
def notifier(telling: Telling) -> Notifier:
    return Notifier(telling.rules, telling.recipients, telling.calendar)


def outgoing(occasion: Occasion, role: Role = "operations", why: Why = Why.HEALTH) -> Outgoing:
    notice = Notice(f"{occasion.subject}|0|{role}", occasion, role, why)
    return Outgoing(f"{notice.notice_id}|email", role, "email", (notice,))


def ailing(**more: object) -> Outgoing:
    occasion = Occasion("health", "health/feed/U", 0, NOW)
    return outgoing(occasion._replace(**more))  # type: ignore[arg-type]


def test_a_condition_is_told_with_its_unit_s_name(desk: Desk, notifier: Notifier) -> None:
    message = ailing(condition=SILENT)
    content = desk.content(message, recipient("operations"), notifier)
    assert content.items[0].ailment == Ailment(SILENT, "Điện Bàn")
    composed = desk.telling.composer.compose(content)
    assert "đơn vị Điện Bàn không có dữ liệu mới từ 15/01/2027 09:00" in composed.text


def test_what_waits_since_there_were_words_is_told_in_both_languages(
    desk: Desk, notifier: Notifier
) -> None:
    """Its condition is known by its subject; the words that were kept are passed over."""
    message = ailing(detail="nothing has come from Dien Ban since 2027-01-15")
    content = desk.content(message, recipient("operations"), notifier)
    text = desk.telling.composer.compose(content).text
    assert text.startswith("Hệ thống giám sát cần được kiểm tra: đơn vị Điện Bàn không có dữ liệu")
    assert "nothing has come" not in text


def test_a_machine_is_told_the_condition_as_data(desk: Desk, notifier: Notifier) -> None:
    message = ailing(condition=SILENT)
    content = desk.content(message, recipient("operations"), notifier)
    made = desk.message(message, desk.telling.composer.compose(content))
    [notice] = orjson.loads(orjson.dumps(made.event))["items"]
    assert notice["condition"] == {
        "kind": "feed",
        "unit_id": "U",
        "since": "2027-01-15T02:00:00.000+00:00",
        "given_up": False,
    }


def digest_lines(desk: Desk, notifier: Notifier, now: Millis) -> dict[str, UnitLine]:
    message = outgoing(Occasion("digest", "digest/x", 0, now), why=Why.DIGEST)
    digest = desk.content(message, recipient("operations"), notifier).digest
    assert digest is not None
    return {line.unit_id: line for line in digest.units}


@pytest.mark.parametrize(
    ("now", "stale", "given_up"),
    [
        ("2027-01-15T10:00", False, False),
        ("2027-01-18T07:15", True, False),
        ("2027-01-29T07:15", True, False),
        ("2027-02-01T07:15", True, True),
    ],
)
def test_a_unit_long_silent_is_given_up_in_the_digest(
    desk: Desk, notifier: Notifier, now: str, stale: bool, given_up: bool
) -> None:
    line = digest_lines(desk, notifier, at(now))["U"]
    assert (line.stale_since is not None, line.given_up) == (stale, given_up)
    assert not digest_lines(desk, notifier, at(now))["V"].given_up


@pytest.mark.parametrize(("role", "told"), [("operations", 1), ("head", 0)])
def test_what_the_monitor_lacks_is_for_operations(
    desk: Desk, notifier: Notifier, role: Role, told: int
) -> None:
    desk.conditions = {SILENT.name: SILENT}
    message = outgoing(Occasion("digest", "digest/x", 0, NOW), role, Why.DIGEST)
    digest = desk.content(message, recipient(role), notifier).digest
    assert digest is not None
    assert digest.missing == (Ailment(SILENT, "Điện Bàn"),) * told


def test_a_link_says_when_the_incident_opened(desk: Desk, notifier: Notifier) -> None:
    evidence = Evidence("resolved@1", "30d", NOW + 1, 1, 2, 0, 5, "p")
    step = IncidentStep("U/resolved@1/1", "U", "opened", NOW - 5, "red", evidence)
    notifier.take_step(step, NOW)
    message = outgoing(Occasion("opened", step.incident_id, 0, NOW, "U", "red", step), "head")
    [item] = desk.content(message, recipient("head"), notifier).items
    assert item.acknowledge_url is not None
    token = item.acknowledge_url.partition("?token=")[2]
    assert LINKS.read(token, NOW) == AckClaim(
        step.incident_id, "head", NOW + desk.telling.links_last, NOW - 5
    )
