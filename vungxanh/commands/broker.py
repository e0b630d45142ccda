"""`vungxanh broker`: the local Kafka and the topics, until Ctrl-C or SIGTERM."""

from __future__ import annotations

from pathlib import Path

import click

from vungxanh.cli import Run, VungxanhCommand, pass_run
from vungxanh.errors import DONE
from vungxanh.kafka_access import topics_as_planned
from vungxanh.local_running import check_running, local_kafka, local_options
from vungxanh.printing import print_line
from vungxanh.stopping import StopAsked

_LOOK_EVERY = 0.5  # seconds


@click.command(cls=VungxanhCommand)
@local_options
@pass_run
def command(run: Run, *, data_dir: Path, kafka_port: int) -> int:
    """Run a real Apache Kafka on this machine, and make the topics.

    Other commands find it by the settings: kafka.bootstrap_servers is 127.0.0.1:19092 by default.
    """
    settings = run.settings(kafka__bootstrap_servers=f"127.0.0.1:{kafka_port}")
    with StopAsked() as stop:
        try:
            with local_kafka(data_dir, kafka_port, stop) as kafka:
                topics_as_planned(settings, create=True)
                print_line(f"Kafka   {kafka.bootstrap_servers}")
                print_line(f"data    {kafka.data_dir}")
                print_line("Ctrl-C ends it; the data stays.")
                while not stop.wait(_LOOK_EVERY):
                    check_running(kafka)
        except KeyboardInterrupt:  # while Kafka was starting
            print_line("stopped")
    return DONE
