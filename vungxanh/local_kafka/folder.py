"""The broker's data folder: one broker at a time, whether or not its parent still lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from vungxanh.local_kafka.errors import DataFolderError


class DataFolder:
    """The files of one local Kafka.

    `topics/` is Kafka's, with the records; `broker.log` what the broker has to say; `java.log`
    what Java has to say when the broker does not come that far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.topics = self.path / "topics"
        self.properties = self.path / "server.properties"
        self.broker_log = self.path / "broker.log"
        self.java_log = self.path / "java.log"
        self._lock_file = self.path / "lock"

    def lock(self) -> int:
        """Take the folder; the descriptor returned holds it for whoever has it open.

        The broker's process inherits it, so the folder is free only when that has ended too.
        Raises DataFolderError.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DataFolderError(
                f"cannot write in the data folder {self.path} ({error.strerror}): "
                "make it writable or name another"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode() or "another process"
            os.close(descriptor)
            raise DataFolderError(
                f"the data folder {self.path} is in use by {holder}: "
                "stop that one, or name another folder"
            ) from None
        return descriptor

    @staticmethod
    def sign(descriptor: int, holder: str) -> None:
        """Say who holds the folder, for the message to the next who wants it."""
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)

    @property
    def cluster_id(self) -> str | None:
        """The cluster's id, given when the folder was formatted; None before that."""
        # Kafka writes this file last, so without it the folder is not formatted, or not fully.
        meta = self.topics / "meta.properties"
        if not meta.exists():
            return None
        pairs = (line.partition("=") for line in meta.read_text("utf-8").splitlines())
        return next((value for key, _, value in pairs if key == "cluster.id"), None)
