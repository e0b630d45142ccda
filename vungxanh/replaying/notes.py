"""What is noted beside the output of a replay, so that an interrupted one can be gone on with.

`FILE.progress` holds JSON Lines: first the question, with where the history ended, then for each
instant whose rows are all in FILE how long FILE was. It is gone when the replay is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self

import orjson

from schemas.instants import Micros
from vungxanh.errors import WrongUseError


class Place(NamedTuple):
    """How far a replay had come."""

    at: Micros  # the last instant whose rows are all written
    size: int  # of the output then


class Notes:
    """The notes beside one output."""

    def __init__(self, output: Path) -> None:
        self.file = output.with_name(f"{output.name}.progress")
        self._output = output
        self._open: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open is not None:
            self._open.close()

    def question(self) -> dict[str, Any] | None:
        """What the interrupted replay was asked; None where there was none.

        Raises WrongUseError where the notes cannot be read, or the output is there without any.
        """
        try:
            lines = self.file.read_bytes().splitlines()
            question = orjson.loads(lines[0]) if lines else None
        except FileNotFoundError:
            if self._output.exists():
                raise WrongUseError(
                    f"--resume: there is no {self.file} that says how far {self._output} is: it "
                    "is complete, or of another command; without --resume it is written anew"
                ) from None
            return None
        except (OSError, ValueError) as error:
            raise WrongUseError(f"--resume: {self.file} cannot be read: {error}") from None
        return question if isinstance(question, dict) else None

    def place(self) -> Place | None:
        """The last instant that was completed; a note cut off in the middle does not count."""
        place = None
        for line in self.file.read_bytes().splitlines(keepends=True)[1:]:
            if line.endswith(b"\n"):
                place = Place(*orjson.loads(line))
        return place

    def demand_same(self, noted: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        """Raise WrongUseError naming what is asked otherwise than it was."""
        for name in sorted(noted.keys() | asked.keys()):
            if noted.get(name) != asked.get(name):
                raise WrongUseError(
                    f"--resume: {name} was {_told(noted.get(name))} when {self._output} was begun "
                    f"and is {_told(asked.get(name))} now; ask the same, or leave out --resume"
                )

    def begin(self, question: Mapping[str, Any]) -> None:
        """Note the question. Raises WrongUseError where nothing can be written there."""
        try:
            self._open = self.file.open("wb")
        except OSError as error:
            raise WrongUseError(f"--output {self._output}: {error.strerror or error}") from None
        self._write(question)

    def go_on(self) -> None:
        """Note what follows behind what is noted."""
        kept = self.file.read_bytes()
        whole = kept.rfind(b"\n") + 1
        self._open = self.file.open("r+b")
        self._open.truncate(whole)
        self._open.seek(whole)

    def note(self, place: Place) -> None:
        """An instant is complete."""
        self._write(tuple(place))

    def _write(self, value: object) -> None:
        assert self._open is not None
        self._open.write(orjson.dumps(value) + b"\n")
        self._open.flush()

    def finish(self) -> None:
        """All is written: nothing is left to be gone on with."""
        self.file.unlink()


def _told(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 100 else f"{text[:100]}…"
