"""The command, run within the test, with nothing of the surroundings in its settings."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from vungxanh.__main__ import run


class Outcome(NamedTuple):
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Outcome]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """`command("publish", "x.jsonl")` in an empty folder; `VUNGXANH_...` as keyword arguments."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("VUNGXANH_"):
            monkeypatch.delenv(name)

    def run_command(*arguments: object, **variables: object) -> Outcome:
        for name, value in variables.items():
            monkeypatch.setenv(f"VUNGXANH_{name}", str(value))
        capsys.readouterr()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        try:
            code = run([str(argument) for argument in arguments])
        finally:  # a log set up for this command writes to what pytest closes after this test
            root.handlers[:] = handlers
            root.setLevel(level)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run_command
