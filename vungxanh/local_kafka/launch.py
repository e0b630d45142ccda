"""The Java programs that make up a local Kafka, as command lines and processes."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from vungxanh.local_kafka import watch
from vungxanh.local_kafka.errors import BrokerFailedError
from vungxanh.local_kafka.folder import DataFolder

_PATIENCE_OF_WATCH = 30  # seconds that an orphaned broker has to close its files

FLAGS = (
    # Starting is most of what a local broker's processor time goes into: the quick compiler and
    # the small collector start in 3.3 s where the defaults take 4.7 (measured on two cores).
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    # A broker short of memory would limp on without some of its threads; ended, it is noticed.
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


def java_command(
    java: Path, jars: Sequence[Path], folder: DataFolder, flags: Sequence[str]
) -> list[str]:
    """The command line up to the name of the program to run."""
    return [
        str(java),
        *FLAGS,
        *flags,
        f"-Dvungxanh.kafka.log={folder.broker_log}",
        f"-Dlog4j2.configurationFile={files(__package__).joinpath('log4j2.properties')}",
        "-cp",
        os.pathsep.join(map(str, jars)),
    ]


def format_folder(command: Sequence[str], folder: DataFolder) -> None:
    """Give the folder a cluster id and Kafka's first records, also where a try broke off before.

    Raises BrokerFailedError with Kafka's reason.
    """
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    answer = subprocess.run(
        [
            *command,
            "kafka.tools.StorageTool",
            "format",
            "--ignore-formatted",
            f"--cluster-id={cluster_id}",
            f"--config={folder.properties}",
        ],
        cwd=folder.path,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        said = (answer.stderr + answer.stdout).strip().splitlines()
        raise BrokerFailedError(
            f"Kafka cannot prepare {folder.path}: {said[0] if said else 'it gave no reason'}"
        )


def spawn_broker(
    command: Sequence[str], folder: DataFolder, inherited: int
) -> subprocess.Popen[bytes]:
    """The broker's process, in a session of its own; it holds the `inherited` descriptor too."""
    with folder.java_log.open("wb") as output:
        return subprocess.Popen(
            [*command, "kafka.Kafka", str(folder.properties)],
            cwd=folder.path,  # where Java leaves its report if it crashes
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[inherited],
        )


def spawn_watch(pid: int) -> subprocess.Popen[bytes]:
    """The process that ends the broker when this one is gone, or closes its end of the pipe."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", watch.__file__, str(pid), str(_PATIENCE_OF_WATCH)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
