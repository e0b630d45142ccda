"""`vungxanh worker`: one worker against the Kafka of the settings."""

from __future__ import annotations

import logging
import os
import sys

import click

from streams.app import run_worker
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.kafka_access import topics_as_planned
from vungxanh.notify_use import telling_of
from vungxanh.settings_use import worker_settings
from vungxanh.web_content import web_content


@click.command(cls=VungxanhCommand)
@click.option("--http-port", type=click.IntRange(0, 65_535), help="in place of http.port")
@click.option("--clock", type=click.Choice(["wall", "records"]), help="in place of clock")
@pass_run
def command(run: Run, http_port: int | None, clock: str | None) -> int:
    """Run one worker until SIGTERM or Ctrl-C; workers of one group share the partitions."""
    settings = run.settings(http__port=http_port, clock=clock)
    topics_as_planned(settings, create=False)  # one line if they are not, before the log begins
    web = web_content(settings)
    log_to_stderr(logging.DEBUG if run.debug else logging.INFO)
    telling = telling_of(settings, os.environ)
    return run_worker(worker_settings(settings), telling.monitor_rules, web, telling=telling)


def log_to_stderr(level: int) -> None:
    """The worker's log: a line a message, on standard error."""
    root = logging.getLogger()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(level)
    if level > logging.DEBUG:
        for library in ("aiokafka", "kafka", "aiohttp.access", "faust", "mode"):
            logging.getLogger(library).setLevel(logging.WARNING)
