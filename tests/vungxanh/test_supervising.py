"""A worker is started again when it ends by itself, but not when that is of no use."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from vungxanh.errors import UnreachableError
from vungxanh.supervising import SupervisedWorker

PATIENCE = 60.0  # seconds, against hanging


def wait_for_another(worker: SupervisedWorker, pid: int | None) -> int:
    """Look until it runs under another pid."""
    deadline = time.monotonic() + PATIENCE
    while worker.pid in (None, pid):
        assert time.monotonic() < deadline, "it was not started again"
        worker.look()
        time.sleep(0.05)
    assert worker.pid is not None
    return worker.pid


def test_it_is_started_again_when_it_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = SupervisedWorker(["config"], {}, tmp_path / "log")  # ends by itself, at once
    worker.start()
    first = worker.pid
    assert first is not None

    second = wait_for_another(worker, first)
    os.kill(second, signal.SIGKILL)
    third = wait_for_another(worker, second)
    worker.stop()

    assert len({first, second, third}) == 3
    assert "it starts again in 1 s" in capsys.readouterr().err
    assert worker.pid is None


def test_settings_that_are_wrong_are_not_tried_again(tmp_path: Path) -> None:
    worker = SupervisedWorker(["worker"], {"VUNGXANH_HTTP__PORT": "x"}, tmp_path / "log")
    worker.start()
    deadline = time.monotonic() + PATIENCE
    while worker.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    with pytest.raises(UnreachableError, match=r"http\.port = 'x'"):
        worker.look()

    worker.stop()
    assert worker.pid is None


def test_the_log_of_the_last_run_is_kept(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before", "utf-8")
    worker = SupervisedWorker(["config"], {}, tmp_path / "log")

    worker.start()
    worker.stop()

    assert (tmp_path / "log.1").read_text("utf-8") == "before"
