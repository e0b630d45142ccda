"""`vungxanh up`: Kafka, topics, one worker, page and metrics, on this machine, in one process tree.

Things start in the order in which they need each other and end in the opposite one.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from streams.topics import EVENTS
from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.demo import units_file
from vungxanh.demo_feed import DemoFeed
from vungxanh.errors import DONE, UnreachableError
from vungxanh.kafka_access import reaching, topics_as_planned
from vungxanh.local_kafka import LocalKafka
from vungxanh.local_kafka.ports import free_port, is_free
from vungxanh.local_running import check_running, local_kafka, local_options
from vungxanh.printing import print_line
from vungxanh.progress import Meter
from vungxanh.settings import Settings
from vungxanh.settings_use import kafka_access
from vungxanh.stopping import StopAsked
from vungxanh.supervising import SupervisedWorker
from vungxanh.web_content import web_content

_LOOK_EVERY = 0.5  # seconds
_PATIENCE = 2.0  # seconds for an answer of the worker


@click.command(cls=VungxanhCommand)
@local_options
@click.option("--http-port", type=click.IntRange(1, 65_535), help="in place of http.port (8080)")
@click.option(
    "--demo/--no-demo", default=False, show_default=True, help="feed it with a made-up province"
)
@click.option("--clock", type=click.Choice(["wall", "records"]), help="in place of clock (wall)")
@pass_run
def command(
    run: Run,
    *,
    data_dir: Path,
    kafka_port: int,
    http_port: int | None,
    demo: bool,
    clock: str | None,
) -> int:
    """Run all of it on this machine: Kafka, the topics, one worker, page and metrics.

    Ctrl-C ends all of it; started again, it goes on where it was.
    """
    address = f"127.0.0.1:{kafka_port}"
    settings = run.settings(kafka__bootstrap_servers=address, http__port=http_port, clock=clock)
    if settings.http.port == 0:  # any: chosen here, to say where to look
        port = free_port(settings.http.host)
        settings = run.settings(kafka__bootstrap_servers=address, http__port=port, clock=clock)
    web_content(settings)  # said now, if its files cannot be read
    _check_port(settings)
    with StopAsked() as stop:
        try:
            with local_kafka(data_dir, kafka_port, stop) as kafka:
                _run(run, settings, data_dir, kafka, stop, demo=demo)
        except KeyboardInterrupt:  # while Kafka was starting
            pass
    print_line("stopped; started again, it goes on where it was")
    return DONE


def _run(
    run: Run, settings: Settings, data_dir: Path, kafka: LocalKafka, stop: StopAsked, *, demo: bool
) -> None:
    print_line(f"Kafka     {kafka.bootstrap_servers}")
    topics_as_planned(settings, create=True)
    with ExitStack() as running:
        feed = _filled(settings, kafka, data_dir, stop) if demo else None
        if stop.asked:
            return
        worker = running.enter_context(_worker(run, settings, data_dir, demo))
        _show_where(settings, kafka, worker)
        if _wait_ready(settings, kafka, worker, stop) and feed is not None:
            feed.start()
            running.callback(feed.stop)
        while not stop.wait(_LOOK_EVERY):
            check_running(kafka)
            worker.look()
            if feed is not None and feed.error is not None:
                with reaching(settings):
                    raise feed.error
        print_line("stopping")


def _check_port(settings: Settings) -> None:
    host, port = settings.http.host, settings.http.port
    try:
        free = is_free(host, port)
    except OSError as error:
        raise UnreachableError(
            f"cannot listen on {host}:{port} ({error.strerror}); set http.host and http.port"
        ) from error
    if not free:
        raise UnreachableError(
            f"another program listens on {host}:{port}; choose a port with --http-port"
        )


def _filled(settings: Settings, kafka: LocalKafka, data_dir: Path, stop: StopAsked) -> DemoFeed:
    """The demo with its past published."""
    topic = settings.topic(EVENTS)
    cluster = kafka.cluster_id or ""
    feed = DemoFeed(kafka_access(settings), topic, cluster, data_dir / "demo.json")
    what = "the last 60 days" if feed.is_new else "what happened since the last run"
    print_line(f"demo      publishing {what}")
    with Meter("demo") as meter, reaching(settings):
        sent = feed.fill(meter.show, lambda: stop.asked)
    print_line(f"demo      {sent} events of {what}; born {feed.state.born}")
    return feed


@contextmanager
def _worker(run: Run, settings: Settings, data_dir: Path, demo: bool) -> Iterator[SupervisedWorker]:
    variables = {
        "VUNGXANH_KAFKA__BOOTSTRAP_SERVERS": ",".join(settings.kafka.bootstrap_servers),
        "VUNGXANH_HTTP__PORT": str(settings.http.port),
        "VUNGXANH_CLOCK": settings.clock,
    }
    if demo and settings.units is None:
        variables["VUNGXANH_UNITS"] = str(units_file())
        if settings.map is None:
            variables["VUNGXANH_MAP"] = str(units_file().with_name("districts.geojson"))
    config = [] if run.config is None else ["--config", str(run.config)]
    debug = ["--debug"] if run.debug else []
    worker = SupervisedWorker(["worker", *config, *debug], variables, data_dir / "worker.log")
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def _show_where(settings: Settings, kafka: LocalKafka, worker: SupervisedWorker) -> None:
    address = _address(settings)
    print_line(f"page      {address}/")
    print_line(f"metrics   {address}/metrics")
    print_line(f"data      {kafka.data_dir.parent}{os.sep}")
    print_line(f"log       {worker.log_file}")


def _address(settings: Settings) -> str:
    host = settings.http.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{settings.http.port}"


def _wait_ready(
    settings: Settings, kafka: LocalKafka, worker: SupervisedWorker, stop: StopAsked
) -> bool:
    """Wait until the worker has caught up; False: a stop was asked for before."""
    while not _ready(f"{_address(settings)}/readyz"):
        if stop.wait(_LOOK_EVERY):
            return False
        check_running(kafka)
        worker.look()
    print_line("ready     Ctrl-C ends all of it; the data stays")
    return True


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
