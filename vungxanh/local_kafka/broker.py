"""The broker: started, awaited, stopped, killed, paused."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from vungxanh.local_kafka.errors import AddressInUseError, BrokerFailedError, LocalKafkaError
from vungxanh.local_kafka.folder import DataFolder
from vungxanh.local_kafka.jars import FetchProgress, classpath, read_lock
from vungxanh.local_kafka.java import find_java
from vungxanh.local_kafka.launch import format_folder, java_command, spawn_broker, spawn_watch
from vungxanh.local_kafka.ports import free_port, is_free
from vungxanh.local_kafka.probe import address, answers, first_error, size_of
from vungxanh.local_kafka.properties import broker_properties
from vungxanh.local_kafka.quick_start import quick_start_flags

_LOOK_EVERY = 0.05  # seconds between two looks whether the broker answers


class LocalKafka:
    """One Kafka node on this machine, for `with`, or by start, wait_ready and stop.

    It listens on loopback only, unless `host` says otherwise, and asks nobody who they are:
    whoever reaches the port may read and write. Its process has a session of its own, so Ctrl-C
    on the terminal does not reach it and the caller decides in which order things stop; when the
    caller's process is gone, however it went, the broker is stopped. Not for two threads at once.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int,
        *,
        host: str = "127.0.0.1",
        overrides: Mapping[str, object] | None = None,
        heap_mb: int = 512,
        java: Path | None = None,
        java_flags: Sequence[str] = (),
        on_fetch: FetchProgress | None = None,
    ) -> None:
        """Nothing is started or written yet.

        `overrides` are broker settings under Kafka's names, over this project's own; `java` is
        the program to use in place of the one found, `java_flags` more flags for it. `on_fetch`
        is told the bytes fetched and to be fetched when the jars have to come over the network,
        which is once for a user and version.
        """
        self.host = host
        self.port = port
        self._folder = DataFolder(data_dir)
        self._overrides = dict(overrides or {})
        self._heap_mb = heap_mb
        self._java = java
        self._java_flags = java_flags
        self._on_fetch = on_fetch
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._log_start = 0  # where this start's part of the log begins

    @property
    def data_dir(self) -> Path:
        """The folder that holds the records, the settings and the logs."""
        return self._folder.path

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to: `127.0.0.1:19092`."""
        return address(self.host, self.port)

    @property
    def log_file(self) -> Path:
        """What the broker has to say."""
        return self._folder.broker_log

    @property
    def cluster_id(self) -> str | None:
        """The same for as long as the data folder lives; None before the first start."""
        return self._folder.cluster_id

    @property
    def running(self) -> bool:
        """Whether the process is there; it may be starting, or paused."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of the broker; None while it does not run."""
        return self._process.pid if self._process and self.running else None

    def start(self) -> None:
        """Start the process; `wait_ready` says when it answers. No effect while it runs.

        Raises LocalKafkaError: address, folder, jars or Java are not as needed.
        """
        if self.running:
            return
        self._release()
        self._lock = self._folder.lock()
        try:
            self._check_address()
            java = find_java(self._java)
            jars = classpath(read_lock(), progress=self._on_fetch)
            flags = [f"-Xmx{self._heap_mb}m", *quick_start_flags(java, jars)]
            self._folder.properties.write_text(self._properties(), "utf-8")
            if self._folder.cluster_id is None:
                format_folder(java_command(java.path, jars, self._folder, flags), self._folder)
            flags += self._java_flags
            self._spawn(java_command(java.path, jars, self._folder, flags), self._lock)
        except BaseException:
            self.kill()
            raise

    def wait_ready(self, timeout: float = 120.0) -> None:
        """Return when the broker takes requests; the time-out is in seconds.

        Raises BrokerFailedError if it ends or is not ready in time, AddressInUseError if another
        program was faster to take the port. The process, if there still is one, is left as it is.
        """
        if self._process is None:
            raise BrokerFailedError("the local Kafka was not started")
        deadline = time.monotonic() + timeout
        while not answers(self.host, self.port, self.cluster_id):
            try:
                self._process.wait(_LOOK_EVERY)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
                raise BrokerFailedError(
                    f"the local Kafka on {self.bootstrap_servers} was not ready within "
                    f"{timeout:g} s: see {self.log_file}"
                ) from None
            raise self._why_ended()

    def stop(self, timeout: float = 30.0) -> None:
        """End it cleanly; kill it if it has not ended after the time-out in seconds."""
        if self._process and self.running:
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)  # a paused one ends only when it goes on
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._release()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self._process and self.running:
            self._process.kill()
        self._release()

    def pause(self) -> None:
        """Let it stand still (SIGSTOP): connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on."""
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or not self.running:
            raise BrokerFailedError("the local Kafka is not running")
        self._process.send_signal(number)

    def _check_address(self) -> None:
        try:
            free = is_free(self.host, self.port)
        except OSError as error:
            raise AddressInUseError(
                f"the local Kafka cannot listen on {self.bootstrap_servers} ({error.strerror}): "
                "choose another host or port"
            ) from error
        if not free:
            raise self._address_in_use()

    def _address_in_use(self) -> AddressInUseError:
        return AddressInUseError(
            f"the address {self.bootstrap_servers} for the local Kafka is in use by another "
            "program: stop that one, or choose another port"
        )

    def _properties(self) -> str:
        return broker_properties(
            self.bootstrap_servers,
            address("127.0.0.1", free_port(but=self.port)),
            self._folder.topics,
            self._overrides,
        )

    def _spawn(self, command: list[str], lock: int) -> None:
        self._log_start = size_of(self.log_file)
        self._process = spawn_broker(command, self._folder, lock)
        self._watch = spawn_watch(self._process.pid)
        self._folder.sign(
            lock, f"the local Kafka with process id {self._process.pid} on port {self.port}"
        )

    def _release(self) -> None:
        """Gather the processes that have ended or are about to; the folder is free afterwards."""
        if self._process:
            self._process.wait()
            self._process = None
        if self._watch:
            assert self._watch.stdin is not None
            self._watch.stdin.close()
            self._watch.wait()
            self._watch = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _why_ended(self) -> LocalKafkaError:
        """The error for a process that ended by itself."""
        if not is_free(self.host, self.port):
            return self._address_in_use()
        reason = first_error(self.log_file, self._log_start) or first_error(self._folder.java_log)
        return BrokerFailedError(
            f"the local Kafka on {self.bootstrap_servers} has ended by itself "
            f"({reason or 'it gave no reason'}): see {self.log_file}"
        )
