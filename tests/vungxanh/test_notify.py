"""`vungxanh config check` and `vungxanh notify test`: all that the settings name, tried."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import pytest
from aiosmtpd.controller import Controller

from tests.vungxanh.conftest import Command
from vungxanh.local_kafka import free_port

THIS_YEAR = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).year
UNITS = "unit_id,name_vi,name_ascii,kind,parent_id\nA,Sở A,So A,department,\nB,Sở B,So B,,A\n"


def recipients(*channels: str, units: str = '"*"', language: str = "vi") -> str:
    listed = ", ".join(f'"{one}"' for one in channels)
    return (
        f'[[recipients]]\nid = "head"\nrole = "head"\nunits = [{units}]\n'
        f'language = "{language}"\nchannels = [{listed}]\n'
    )


# -- config check ----------------------------------------------------------------------------------


def test_out_of_the_box_all_is_right(command: Command) -> None:
    outcome = command("config", "check")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.lines[0] == "all right"
    assert "recipients none: nobody is told" in outcome.lines
    assert any(line.startswith("calendar   VN, 07:00-11:30, 13:30-17:00") for line in outcome.lines)


def test_a_whole_set_up_is_summed_up_with_remarks(command: Command, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(recipients("webhook:http://h/", units='"B", "C"'), "utf-8")
    (tmp_path / "u.csv").write_text(UNITS, "utf-8")
    (tmp_path / f"days-{THIS_YEAR}.toml").write_text("off = []\n", "utf-8")

    outcome = command(
        *("config", "check"),
        UNITS="u.csv",
        NOTIFY__RECIPIENTS="r.toml",
        CALENDAR__FILES=f"days-{THIS_YEAR}.toml",
    )

    assert (outcome.code, outcome.err) == (0, "")
    for line in (
        "all right",
        "units      2 listed",
        "recipients 1: 1 head; told by: 1 webhook",
        "templates  built-in",
        "remark     recipient head: unit C is not in the units file",
        "remark     units without a head to be told: A",
        "remark     notify.secret is not set: messages carry no link to acknowledge by",
        "remark     notify.base_url is http://127.0.0.1:8080: links in messages lead nowhere from "
        "elsewhere",
    ):
        assert line in outcome.lines
    mended = command(
        *("config", "check"),
        NOTIFY__SECRET="s" * 32,
        NOTIFY__BASE_URL="https://vungxanh.example.gov.vn",
    )
    assert not [line for line in mended.lines if "secret" in line or "base_url" in line]


def test_all_that_is_wrong_is_told_at_once(command: Command, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        recipients("email:nobody") + recipients("webhook:${HOOK_URL}").replace("head", "boss")
    )
    (tmp_path / "u.csv").write_text(UNITS, "utf-8")

    outcome = command(
        *("config", "check"),
        UNITS="u.csv",
        NOTIFY__RECIPIENTS="r.toml",
        NOTIFY__TEMPLATES="none",
        CALENDAR__FILES="none-2027.toml",
    )

    assert (outcome.code, outcome.err) == (1, "")
    assert [line for line in outcome.lines if line.startswith("wrong ")] == [
        "wrong      r.toml: recipient head: channels, number 1 (email:...): not an e-mail address",
        "wrong      r.toml: recipient boss: role = 'boss' is wrong; allowed: head, superior, "
        "operations",
        "wrong      r.toml: recipient boss: channels, number 1 (webhook:...): the variable "
        "HOOK_URL is not set",
        "wrong      calendar.files: there is no file none-2027.toml",
        "wrong      notify.templates: there is no folder none",
    ]
    assert "all right" not in outcome.lines


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"POLICY__GREEN": "2"}, "policy.green = '2'"),
        ({"UNITS": "none.csv"}, "units: there is no file none.csv"),
        ({"NOTIFY__RECIPIENTS": "none.toml"}, "notify.recipients: there is no file none.toml"),
        ({"NOTIFY__SMTP_HOST": "h"}, "notify.smtp_sender is missing"),
    ],
)
def test_what_is_wrong_is_a_finding(command: Command, variables: dict[str, str], said: str) -> None:
    outcome = command("config", "check", **variables)

    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.lines[0].startswith(f"wrong      {said}")


def test_e_mail_without_a_server_names_key_and_recipient(command: Command, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(recipients("email:a@example.gov.vn"), "utf-8")

    outcome = command("config", "check", NOTIFY__RECIPIENTS="r.toml")

    assert outcome.code == 1
    assert outcome.lines[0] == (
        "wrong      notify.smtp_host is missing; recipient head in r.toml has an e-mail channel"
    )


def test_templates_are_tried(command: Command, tmp_path: Path) -> None:
    (tmp_path / "t" / "vi").mkdir(parents=True)
    (tmp_path / "t" / "vi" / "subject.txt").write_text("{{ nothing.of_the_kind }}", "utf-8")

    outcome = command("config", "check", NOTIFY__TEMPLATES="t")

    assert outcome.code == 1
    assert "vi/subject.txt" in outcome.lines[0]


def test_config_itself_is_as_it_was(command: Command) -> None:
    assert command("config", "--format", "csv").lines[0] == "key,value,origin,unit"
    assert "notify.quiet_hours,true,default,–" in command("config", "--format", "csv").lines
    shown = command("config", "--format", "csv", NOTIFY__SECRET="s" * 16).lines
    assert "notify.secret,***,variable VUNGXANH_NOTIFY__SECRET,–" in shown
    assert command("config", "frobnicate").code == 2


# -- notify test -----------------------------------------------------------------------------------


class Hook(NamedTuple):
    url: str
    bodies: list[dict[str, Any]]
    statuses: list[int]  # to be answered; 200 when there is none left


@pytest.fixture
def hook() -> Iterator[Hook]:
    bodies: list[dict[str, Any]] = []
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            bodies.append(orjson.loads(self.rfile.read(length)))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Nothing on standard error."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Hook(f"http://127.0.0.1:{server.server_port}/hook", bodies, statuses)
    server.shutdown()
    thread.join()
    server.server_close()


class Mails:
    """An SMTP server's handler that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def test_each_channel_takes_a_message(command: Command, tmp_path: Path, hook: Hook) -> None:
    text = recipients("email:head@example.gov.vn", f"webhook:{hook.url}", "webhook:${HOOK}")
    (tmp_path / "r.toml").write_text(text, "utf-8")
    handler = Mails()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        outcome = command(
            *("notify", "test", "head", "--format", "csv"),
            NOTIFY__RECIPIENTS="r.toml",
            NOTIFY__SMTP_HOST="127.0.0.1",
            NOTIFY__SMTP_PORT=server.port,
            NOTIFY__SMTP_SECURITY="none",
            NOTIFY__SMTP_SENDER="Vùng xanh <no-reply@example.gov.vn>",
        )
        assert outcome.code == 2  # ${HOOK} is not set
        assert "HOOK" in outcome.err
        text = text.replace(', "webhook:${HOOK}"', "")
        (tmp_path / "r.toml").write_text(text, "utf-8")
        outcome = command("notify", "test", "head", "--format", "csv")
    finally:
        server.stop()

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.lines == [
        "recipient,channel,outcome,why,detail",
        "head,email,sent,delivered,",
        "head,webhook,sent,delivered,",
    ]
    [mail], [event] = handler.mails, hook.bodies
    assert mail["To"] == "head@example.gov.vn"
    assert mail["Subject"] == event["data"]["subject"]
    assert event["type"] == "vn.vungxanh.test.test"
    assert event["data"]["recipient"] == "head"
    assert "head@" not in outcome.out


def test_one_that_fails_is_named_and_the_others_go(
    command: Command, tmp_path: Path, hook: Hook
) -> None:
    gone = f"webhook:http://127.0.0.1:{free_port()}/secret-path"
    (tmp_path / "r.toml").write_text(recipients(gone, f"webhook:{hook.url}"), "utf-8")

    outcome = command("notify", "test", "head", "--format", "json", NOTIFY__RECIPIENTS="r.toml")

    first, second = map(orjson.loads, outcome.lines)
    assert outcome.code == 1
    assert (first["channel"], first["outcome"], first["why"]) == (
        "webhook",
        "failed",
        "channel_failed",
    )
    assert first["detail"]
    assert (second["channel"], second["outcome"]) == ("webhook#2", "sent")
    assert "secret-path" not in outcome.out + outcome.err


def test_a_refusal_is_a_failure(command: Command, tmp_path: Path, hook: Hook) -> None:
    (tmp_path / "r.toml").write_text(recipients(f"webhook:{hook.url}", language="en"), "utf-8")
    hook.statuses.append(500)

    outcome = command("notify", "test", "head", NOTIFY__RECIPIENTS="r.toml")

    assert outcome.code == 1
    assert "failed" in outcome.out
    assert len(hook.bodies) == 1  # once, not again and again


def test_a_broken_template_is_told_and_the_built_in_one_sent(
    command: Command, tmp_path: Path, hook: Hook
) -> None:
    (tmp_path / "r.toml").write_text(recipients(f"webhook:{hook.url}"), "utf-8")
    (tmp_path / "t" / "vi").mkdir(parents=True)
    (tmp_path / "t" / "vi" / "subject.txt").write_text("{{ nothing.of_the_kind }}", "utf-8")

    outcome = command(
        *("notify", "test", "head"), NOTIFY__RECIPIENTS="r.toml", NOTIFY__TEMPLATES="t"
    )

    assert outcome.code == 1
    assert "vi/subject.txt" in outcome.err
    assert len(hook.bodies) == 1


def test_nobody_of_that_name(command: Command, tmp_path: Path) -> None:
    nobody = command("notify", "test", "head")
    assert (nobody.code, nobody.err.count("\n")) == (2, 1)
    assert "notify.recipients names no file" in nobody.err

    (tmp_path / "r.toml").write_text(recipients("webhook:http://h/"), "utf-8")
    other = command("notify", "test", "boss", NOTIFY__RECIPIENTS="r.toml")
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "there is no recipient boss in r.toml; known: head" in other.err
