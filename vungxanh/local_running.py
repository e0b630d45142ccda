"""The local Kafka for as long as a command runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from vungxanh.errors import UnreachableError
from vungxanh.local_kafka import LocalKafka
from vungxanh.progress import Meter
from vungxanh.stopping import StopAsked

F = TypeVar("F", bound=Callable[..., object])
KAFKA_PORT = 19092
DATA_DIR = Path(".data")


def local_options(command: F) -> F:
    """`--data-dir` and `--kafka-port`."""
    data_dir = click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        default=DATA_DIR,
        show_default=True,
        help="the folder in which all data is kept",
    )
    kafka_port = click.option(
        "--kafka-port",
        type=click.IntRange(1, 65_535),
        default=KAFKA_PORT,
        show_default=True,
        help="the port of the local Kafka",
    )
    return data_dir(kafka_port(command))


@contextmanager
def local_kafka(data_dir: Path, port: int, stop: StopAsked) -> Iterator[LocalKafka]:
    """A Kafka that answers; it ends last. A signal while it starts raises KeyboardInterrupt."""
    with Meter("fetching Kafka, once") as meter:

        def fetched(done: int, total: int) -> None:
            meter.show(done, total)

        kafka = LocalKafka(data_dir / "kafka", port, on_fetch=fetched)
        try:
            with stop.breaking_off():
                kafka.start()
                kafka.wait_ready()
        except BaseException:
            kafka.stop()
            raise
    try:
        yield kafka
    finally:
        kafka.stop()


def check_running(kafka: LocalKafka) -> None:
    """Raise UnreachableError if the broker has ended by itself."""
    if not kafka.running:
        raise UnreachableError(f"the local Kafka ended by itself; see {kafka.log_file}")
