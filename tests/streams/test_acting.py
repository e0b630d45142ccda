"""The acknowledge page: asks on GET, writes on POST, and has a clear answer to everything else."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st

from alerts.messages.links import AckLinks
from alerts.recipients import Recipient, Recipients
from schemas.action import Action, read_action
from schemas.instants import Millis, iso_millis
from streams.acting import Acting, TokenReader, incident_on
from streams.acting_page import AckPage, Said
from streams.action_log import ActionLog, key_of_scope
from streams.http import WebServer
from streams.incident_now import IncidentNow, incident_now, unit_of_incident
from streams.metrics import WorkerMetrics
from streams.ownership import Ownership
from streams.settings import KafkaAccess, Unit, WebContent, WorkerSettings
from streams.status_board import Boards
from streams.topic_plans import ensure_topics
from streams.topics import ACTIONS, Topics
from tests.browser.chromium import chromium_tab, find_chromium, run_apart
from tests.profiles import steady
from tests.streams.worker_process import rules
from vungxanh.local_kafka import LocalKafka
from vungxanh.settings import Settings
from vungxanh.topic_reading import read_topic

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW: Millis = 1_741_000_000_000  # 2025-03-03 18:06:40 local
INCIDENT = "U1/resolved@1/3"
UNIT = Unit("U1", "Sở Y tế <Quảng Nam>")


class Claimed(NamedTuple):
    incident_id: str
    recipient_id: str
    opened_at: Millis | None = None


TOKENS: dict[str, Claimed | str] = {
    "good": Claimed(INCIDENT, "head-u1"),
    "old": "expired",
    "stranger": Claimed("nobody/resolved@1/1", "head-u1"),
    "odd": Claimed("no id", "head-u1"),
    "gone": Claimed(INCIDENT, "head-of-before"),
    "moved": Claimed(INCIDENT, "head-u2"),
    "earlier": Claimed(INCIDENT, "head-u1", NOW - 600_001),
    "same": Claimed(INCIDENT, "head-u1", NOW - 600_000),
    "learnt late": Claimed(INCIDENT, "head-u1", NOW - 1),
}
RECIPIENTS = Recipients(
    (
        Recipient("head-u1", "head", ("U1",), ()),
        Recipient("head-u2", "head", ("U2",), ()),
        Recipient("province", "superior", ("P/*",), ()),
    ),
    {"U1": "P"},
)


class Written:
    """What the page wrote, in place of Kafka."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, Action]] = []
        self.broken = False
        self.stopped = False

    async def write(self, key: str, action: Action) -> None:
        if self.broken:
            raise KafkaConnectionError("no broker")
        self.actions.append((key, action))

    async def stop(self) -> None:
        self.stopped = True


def step(kind: str, at: Millis, numerator: int = 44, **more: object) -> dict[str, Any]:
    evidence = {"numerator": numerator, "denominator": 50, "definition": "resolved@1"}
    return {
        "incident_id": INCIDENT,
        "unit_id": "U1",
        "kind": kind,
        "at": iso_millis(at),
        "zone": "yellow",
        "evidence": evidence,
        **more,
    }


OPENED = step("opened", NOW - 600_000)
ACKNOWLEDGED = step("acknowledged", NOW - 300_000, author="Lê <b>An</b>", reason="xem")
CLOSED = step("closed", NOW - 60_000, 50)

Scenario = Callable[[Any, Boards, Written], Awaitable[None]]


def read_token(token: str, now: Millis) -> Claimed | str:
    return TOKENS.get(token, "forged")


def serve(
    *steps: dict[str, Any],
    scenario: Scenario,
    read_token: TokenReader = read_token,
) -> Written:
    """Run a scenario against a server whose boards hold these steps."""
    written = Written()

    async def run() -> None:
        boards = Boards(WorkerSettings())
        boards.read_to_end = True
        fill(boards, *steps)
        acting = Acting(
            read_token=read_token,
            log=written,
            boards=boards,
            directory={"U1": UNIT},
            zone=ZONE,
            recipients=RECIPIENTS,
            now=lambda: NOW,
        )
        server = WebServer(
            settings=WorkerSettings(),
            rules=rules(),
            content=WebContent(units=(UNIT,)),
            ownership=Ownership(),
            boards=boards,
            metrics=WorkerMetrics(),
            acting=acting,
        )
        async with TestClient(TestServer(server.application())) as client:
            await scenario(client, boards, written)
        await server.on_stop()

    run_apart(run())
    assert written.stopped
    return written


def fill(boards: Boards, *steps: dict[str, Any]) -> None:
    for offset, one in enumerate(steps):
        boards.steps[NOW + offset, 0, offset] = (one["unit_id"], json.dumps(one).encode())


def post(client: Any, **fields: str) -> Any:
    return client.post("/ack", data=fields)


async def said(answer: Any) -> str:
    """The document without its tags."""
    return unescape(re.sub(r"<[^>]*>", " ", await answer.text()))


# -- GET -------------------------------------------------------------------------------------------


def test_it_asks_in_vietnamese_and_changes_nothing() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        for _ in range(3):  # scanners follow links as often as they like
            answer = await client.get("/ack?token=good")
            assert answer.status == 200
        assert (await client.head("/ack?token=good")).status == 200
        body, text = await answer.text(), await said(answer)
        assert '<html lang="vi">' in body
        assert "Sở Y tế <Quảng Nam> đang ở ngoài vùng xanh, từ 17:56 03/03/2025" in text
        assert "44/50 hồ sơ đúng hạn (88,00 %)" in text
        assert "head-u1" in text
        assert INCIDENT in text
        assert '<button type="submit">' in body

    assert serve(OPENED, scenario=scenario).actions == []


def test_in_english_on_choice() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        body = await (await client.get("/ack?token=good&lang=en")).text()
        assert '<html lang="en">' in body
        assert "44 of 50 dossiers on time (88.00 %)" in body
        assert 'href="?token=good&amp;lang=vi"' in body
        fields = {"token": "good", "lang": "en"}
        assert "Recorded: acknowledged by head-u1" in await (await post(client, **fields)).text()

    serve(OPENED, scenario=scenario)


def test_headers_keep_it_out_of_caches_frames_and_referrers() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        for answer in (
            await client.get("/ack?token=good"),
            await client.get("/ack?token=bad"),
            await post(client, token="bad"),
            await post(client, token="good"),
        ):
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
        assert (await client.get("/healthz")).headers["Cache-Control"] == "no-cache"

    serve(OPENED, scenario=scenario)


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        body = await (await client.get("/ack?token=good")).text()
        for word in ("http:", "https:", "//", "<script", "<img", "<link", "style=", "onclick"):
            assert word not in body, word

    serve(OPENED, scenario=scenario)


# -- POST ------------------------------------------------------------------------------------------


def test_the_button_writes_the_action() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        answer = await post(client, token="good", name=" Trần \n Bình ", reason="đã\x07 họp")
        assert answer.status == 200
        assert "Đã ghi nhận: Trần Bình (head-u1) tiếp nhận lúc 18:06 03/03/2025" in await said(
            answer
        )

    [(key, action)] = serve(OPENED, scenario=scenario).actions
    assert key == "U1"
    assert action == Action(
        action_id=action.action_id,
        kind="acknowledge",
        author="Trần Bình (head-u1)",
        at=NOW,
        reason="đã họp",
        incident_id=INCIDENT,
        recipient_id="head-u1",
    )
    assert read_action(action.to_json()) == action


def test_without_a_name_the_recipient_is_the_author() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        await post(client, token="good")
        await post(client, token="good")

    first, second = serve(OPENED, scenario=scenario).actions
    assert first[1].author == "head-u1"
    assert first[1].action_id != second[1].action_id  # an action has an id of its own


@pytest.mark.parametrize("fields", [{"name": "n" * 101}, {"reason": "r" * 501}])
def test_what_is_too_long_is_refused(fields: dict[str, str]) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        answer = await post(client, token="good", **fields)
        assert answer.status == 400
        assert "tối đa" in await answer.text()

    assert serve(OPENED, scenario=scenario).actions == []


def test_a_broker_that_is_away_is_told_and_not_swallowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        written.broken = True
        answer = await post(client, token="good")
        assert answer.status == 503
        assert "Chưa ghi nhận được" in await answer.text()

    serve(OPENED, scenario=scenario)
    assert INCIDENT in caplog.text
    assert "token" not in caplog.text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"token": "good"}', "application/json"),
        (b"token=%ff", "application/x-www-form-urlencoded"),
        (b"token=\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(50)), "application/x-www-form-urlencoded"),
        (b"token=good", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_of_ours_is_no_defect(body: bytes, content_type: str) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        answer = await client.post("/ack", data=body, headers={"Content-Type": content_type})
        # UTF-8 is what our page sends, whatever the header says of it.
        assert answer.status == (200 if body == b"token=good" else 403)

    serve(OPENED, scenario=scenario)


# -- what needs no acknowledgement, or cannot have it ----------------------------------------------


@pytest.mark.parametrize(
    ("token", "steps", "status", "words"),
    [
        ("forged", (OPENED,), 403, "không hợp lệ"),
        ("", (OPENED,), 403, "không hợp lệ"),
        ("old", (OPENED,), 410, "đã hết hạn"),
        ("old", (OPENED, CLOSED), 410, "đã hết hạn"),
        ("stranger", (OPENED,), 404, "Không tìm thấy"),
        ("odd", (OPENED,), 404, "Không tìm thấy"),
        ("good", (OPENED, CLOSED), 200, "đã kết thúc lúc 18:05 03/03/2025"),
        ("good", (OPENED, ACKNOWLEDGED, CLOSED), 200, "đã kết thúc lúc 18:05"),
        ("good", (OPENED, ACKNOWLEDGED), 200, "được Lê <b>An</b> tiếp nhận lúc 18:01 03/03/2025"),
    ],
)
def test_the_answer_is_the_same_for_get_and_post(
    token: str, steps: tuple[dict[str, Any], ...], status: int, words: str
) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        for answer in (
            await client.get("/ack", params={"token": token}),
            await post(client, token=token, name="X"),
        ):
            assert answer.status == status
            assert words in await said(answer)
            assert "<form" not in await answer.text()

    assert serve(*steps, scenario=scenario).actions == []


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("gone", 403, "gửi cho head-of-before. Theo danh sách nhận tin hiện nay"),
        ("moved", 403, "gửi cho head-u2. Theo danh sách nhận tin hiện nay"),
        ("earlier", 410, "thuộc về một sự việc trước đây"),
    ],
)
def test_a_link_whose_recipient_or_incident_is_another_now(
    token: str, status: int, words: str
) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        for answer in (
            await client.get("/ack", params={"token": token}),
            await post(client, token=token, name="X"),
        ):
            assert answer.status == status
            assert words in await said(answer)
            assert "<form" not in await answer.text()
        english = await said(await client.get("/ack", params={"token": token, "lang": "en"}))
        assert {403: "no longer answers for", 410: "is of an earlier incident"}[status] in english

    assert serve(OPENED, scenario=scenario).actions == []


@pytest.mark.parametrize("token", ["same", "learnt late"])
def test_a_link_of_this_incident_is_taken_though_the_notifier_learnt_of_it_late(
    token: str,
) -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        assert (await post(client, token=token)).status == 200

    [(_, action)] = serve(OPENED, scenario=scenario).actions
    assert action.recipient_id == "head-u1"


def test_where_the_opening_is_not_at_hand_a_good_link_is_taken() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        assert (await client.get("/ack?token=earlier")).status == 200

    serve(step("reminded", NOW), scenario=scenario)


def test_who_answers_for_the_units_above_may_acknowledge() -> None:
    def province(token: str, now: Millis) -> Claimed:
        return Claimed(INCIDENT, "province")

    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        assert (await post(client, token="x")).status == 200

    [(_, action)] = serve(OPENED, scenario=scenario, read_token=province).actions
    assert (action.author, action.recipient_id) == ("province", "province")


def test_the_links_of_messages_are_taken() -> None:
    links = AckLinks(b"s" * 32, "https://vungxanh.example.gov.vn/")

    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        for expires_at, secret, status in (
            (NOW + 1, links, 200),
            (NOW, links, 410),
            (NOW + 1, AckLinks(b"x" * 32, "https://x"), 403),
        ):
            link = secret.link(INCIDENT, "head-u1", expires_at)
            token = link.partition("/ack?token=")[2]
            assert (await client.get(f"/ack?token={token}")).status == status
            assert (await post(client, token=token)).status == status

    [(_, action)] = serve(OPENED, scenario=scenario, read_token=links.read).actions
    assert (action.author, action.incident_id) == ("head-u1", INCIDENT)


def test_before_the_boards_are_read_nothing_is_claimed() -> None:
    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        boards.read_to_end = False
        assert (await client.get("/ack?token=good")).status == 503
        assert (await post(client, token="good")).status == 503
        assert (await client.get("/ack?token=old")).status == 410

    assert serve(OPENED, scenario=scenario).actions == []


def test_without_links_there_is_no_such_page() -> None:
    async def run() -> None:
        server = WebServer(
            settings=WorkerSettings(),
            rules=rules(),
            content=WebContent(),
            ownership=Ownership(),
            boards=Boards(WorkerSettings()),
            metrics=WorkerMetrics(),
        )
        async with TestClient(TestServer(server.application())) as client:
            assert (await client.get("/ack?token=good")).status == 404
            assert (await post(client, token="good")).status == 404

    asyncio.run(run())


# -- the state of an incident ----------------------------------------------------------------------


def test_steps_that_are_gone_leave_the_status_to_say_it() -> None:
    boards = Boards(WorkerSettings())
    assert incident_on(boards, INCIDENT) is None
    boards.statuses["U1"] = json.dumps({"incident": INCIDENT}).encode()
    assert incident_on(boards, INCIDENT) == IncidentNow(INCIDENT, "U1")
    boards.statuses["U1"] = json.dumps({"incident": "U1/resolved@1/4"}).encode()
    assert incident_on(boards, INCIDENT) == IncidentNow(INCIDENT, "U1", is_open=False)
    fill(boards, step("worsened", NOW), step("opened", NOW, incident_id="U1/resolved@1/4"))
    known = incident_on(boards, INCIDENT)
    assert known is not None
    assert (known.is_open, known.opened_at) == (True, None)


def test_a_closing_without_a_time_is_said_without_one() -> None:
    page = AckPage("vi", ZONE, {})
    status, body = page.say(Said.CLOSED, IncidentNow(INCIDENT, "U1", is_open=False))
    assert (status, "Việc này đã kết thúc;" in body) == (200, True)


@pytest.mark.parametrize(
    ("steps", "is_open", "by", "numerator"),
    [
        ([OPENED], True, None, 44),
        ([OPENED, step("worsened", NOW, 30)], True, None, 30),
        ([OPENED, step("corrected", NOW, 49)], True, None, 44),
        ([OPENED, ACKNOWLEDGED], True, "Lê <b>An</b>", 44),
        ([OPENED, ACKNOWLEDGED, step("acknowledged", NOW, author="Z")], True, "Lê <b>An</b>", 44),
        ([OPENED, step("reminded", NOW, 43), CLOSED], False, None, 50),
        ([OPENED, step("opened", NOW, 1, incident_id="U1/resolved@1/4")], True, None, 44),
    ],
)
def test_an_incident_by_its_steps(
    steps: list[dict[str, Any]], is_open: bool, by: str | None, numerator: int
) -> None:
    now = incident_now(INCIDENT, steps)
    assert now is not None
    assert now.latest is not None
    assert (now.is_open, now.acknowledged_by) == (is_open, by)
    assert (now.opened_at, now.latest["evidence"]["numerator"]) == (NOW - 600_000, numerator)


def test_no_step_of_its_own_is_no_incident() -> None:
    assert incident_now("U1/resolved@1/9", [OPENED]) is None


@pytest.mark.parametrize(
    ("incident_id", "unit_id"),
    [
        (INCIDENT, "U1"),
        ("a/b/resolved@1/2", "a/b"),  # an id of a unit may hold a stroke
        ("", None),
        ("U1", None),
        ("/resolved@1/2", None),
        ("U1//2", None),
    ],
)
def test_the_unit_is_in_the_id(incident_id: str, unit_id: str | None) -> None:
    assert unit_of_incident(incident_id) == unit_id


class Tags(HTMLParser):
    """Which tags and values a document has."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: dict[str, str | None] = {}
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        if tag == "input":
            self.values[named["name"] or ""] = named.get("value")


WILD = st.one_of(
    st.text(max_size=30), st.sampled_from(['"><script>x</script>', "'$unit{}%s", "${a}", "&amp;"])
)


@given(token=WILD, recipient=WILD, unit=WILD, author=WILD, english=st.booleans())
@steady(200)
def test_whatever_is_put_in_adds_no_tag(
    token: str, recipient: str, unit: str, author: str, english: bool
) -> None:
    def documents(*told: str) -> list[Tags]:
        token, recipient, unit, author = told
        page = AckPage("en" if english else "vi", ZONE, {"U1": Unit("U1", unit)})
        incident = IncidentNow(f"U1/{author}/1", "U1", opened_at=NOW, latest=OPENED)
        bodies = (
            page.ask(token, recipient, incident)[1],
            page.say(Said.ALREADY, incident, author=author, at=NOW)[1],
        )
        return [Tags(body) for body in bodies]

    plain, wild = documents("t", "r", "u", "a"), documents(token, recipient, unit, author)
    assert [one.tags for one in wild] == [one.tags for one in plain]
    # A document holds no NUL and one kind of line end; a token has neither.
    if not set(token) & set("\0\r"):
        assert wild[0].values["token"] == token


# -- in a real browser -----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_a_person_with_a_phone_presses_the_button(dark: bool) -> None:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine")

    async def scenario(client: Any, boards: Boards, written: Written) -> None:
        async with chromium_tab(executable) as tab:
            await tab.open(str(client.make_url("/ack?token=good")), 390, 844, dark)
            white = "getComputedStyle(document.body).color === 'rgb(255, 255, 255)'"
            assert await tab.evaluate(white) == dark
            green = "getComputedStyle(document.querySelector('button')).backgroundColor"
            assert await tab.evaluate(green) == "rgb(26, 127, 55)"  # the style is let in
            narrow = "document.documentElement.scrollWidth <= innerWidth"
            assert await tab.evaluate(narrow)
            await tab.evaluate("document.querySelector('#name').value = 'Trần Bình'")
            await tab.evaluate("document.querySelector('button').click()")
            await tab.until("document.body?.innerText.includes('Đã ghi nhận')")
            assert await tab.evaluate("location.pathname + location.search") == "/ack"
            own = str(client.make_url("/"))
            assert [one for one in tab.requests if not one.startswith(own)] == []
            assert [one for one in tab.complaints if "favicon" not in one] == []

    [(_, action)] = serve(OPENED, scenario=scenario).actions
    assert action.author == "Trần Bình (head-u1)"


# -- Kafka -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scope", "key"), [("U1", "U1"), ("U1/*", "U1"), ("*", "*")])
def test_a_silence_lies_under_its_unit(scope: str, key: str) -> None:
    assert key_of_scope(scope) == key


def test_actions_are_in_the_topic_when_write_returns(kafka: LocalKafka, topic_prefix: str) -> None:
    access = KafkaAccess(kafka.bootstrap_servers)
    ensure_topics(WorkerSettings(kafka=access, prefix=topic_prefix, partitions=3))
    action = Action("a1", "acknowledge", "An", NOW, incident_id=INCIDENT)

    async def write() -> None:
        log = ActionLog(access, Topics.of(topic_prefix).actions)
        await log.write("U1", action)
        await log.stop()
        await log.stop()

    asyncio.run(write())

    found: list[Any] = []
    settings = Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": kafka.bootstrap_servers},
            "topics": {"prefix": topic_prefix},
        }
    )
    read_topic(settings, ACTIONS, found.append)
    [record] = found
    assert (record.key, record.timestamp) == (b"U1", NOW)
    assert read_action(record.value) == action
