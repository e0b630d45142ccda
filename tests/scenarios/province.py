"""A real province for a variant: topics, files, ways out, and a worker that may be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.commands import Command, get, partitions
from tests.scenarios.script import Person, Script
from tests.scenarios.variant import Variant
from tests.webhook_server import WebhookServer
from vungxanh.local_kafka import LocalKafka, free_port

FAILS = 500  # an answer that says: try again


class Mailbox:
    """Takes all mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 OK"


class Province:
    """What people of a variant are reached by, and the worker that tells them."""

    def __init__(self, kafka: LocalKafka, prefix: str, folder: Path, variant: Variant) -> None:
        self._variant = variant
        self._folder = folder
        self._command = Command(kafka, prefix, folder)
        self._hook = WebhookServer()
        self._failing = {who: WebhookServer() for who in self._fails()}
        for who, times in self._fails().items():
            self._failing[who].statuses = [FAILS] * times
        self.mailbox = Mailbox()
        self._mail = Controller(self.mailbox, hostname="127.0.0.1", port=free_port())
        self._worker: subprocess.Popen[bytes] | None = None

    def _fails(self) -> dict[str, int]:
        return {who: times for one in self._variant.scripts for who, times in one.fails().items()}

    @property
    def hooks(self) -> list[WebhookServer]:
        """All webhooks."""
        return [self._hook, *self._failing.values()]

    @property
    def log(self) -> str:
        """What the workers said."""
        return (self._folder / "worker.log").read_text()

    @contextmanager
    def standing(self) -> Iterator[Province]:
        """The topics are there, the ways out answer, and a worker is ready."""
        (self._folder / "recipients.toml").write_text(self._recipients())
        (self._folder / "units.csv").write_text(self._units())
        settings = {
            **self._variant.environment,
            "units": self._folder / "units.csv",
            "notify__recipients": self._folder / "recipients.toml",
            "notify__smtp_host": "127.0.0.1",
            "notify__smtp_port": self._mail.port,
            "notify__smtp_security": "none",
            "notify__smtp_sender": "vungxanh@example.vn",
        }
        for name, value in settings.items():
            self._command.environment[f"VUNGXANH_{name.upper()}"] = str(value)
        self._command.run("topics")
        self._mail.start()
        try:
            self.start()
            yield self
        finally:
            self._end()

    def start(self) -> None:
        """Start the worker, and wait until it is ready."""
        port = free_port()
        with (self._folder / "worker.log").open("ab") as log:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "vungxanh", "worker"],
                env={**self._command.environment, "VUNGXANH_HTTP__PORT": str(port)},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        while get(port, "/readyz")[0] != 200 or not partitions(port):
            self.check_running()
            time.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._worker is not None
        self._worker.kill()
        self._worker.wait()

    def stop(self) -> None:
        """SIGTERM: what is under way comes to its end."""
        assert self._worker is not None
        self._worker.send_signal(signal.SIGTERM)
        assert self._worker.wait() == 0, self.log

    def check_running(self) -> None:
        """Nobody waits for a worker that has ended."""
        assert self._worker is not None
        assert self._worker.poll() is None, self.log

    def _end(self) -> None:
        if self._worker is not None and self._worker.poll() is None:
            self.kill()
        self._mail.stop()
        for hook in self.hooks:
            hook.stop()

    def _recipients(self) -> str:
        return "\n".join(
            self._recipient(script, person)
            for script in self._variant.scripts
            for person in script.people
        )

    def _recipient(self, script: Script, person: Person) -> str:
        who = script.own(person.name)
        ways = {
            "webhook": f"webhook:{self._failing.get(who, self._hook).url}",
            "email": f"email:{who}@example.vn",
        }
        return f"""
            [[recipients]]
            id = "{who}"
            role = "{person.role}"
            units = {[script.own(unit) for unit in person.units]}
            level = {person.level}
            about = {sorted(person.about)}
            channels = {[ways[channel] for channel in person.channels]}
            """

    def _units(self) -> str:
        lines = ["unit_id,name_vi,name_ascii,kind,parent_id"]
        for script in self._variant.scripts:
            for unit in sorted({*script.parents, *script.parents.values()}):
                above = script.parents.get(unit)
                parent = "" if above is None else script.own(above)
                lines.append(f"{script.own(unit)},{unit},{unit},,{parent}")
        return "\n".join(lines)
