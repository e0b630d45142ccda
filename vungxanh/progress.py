"""How far long work is, at what rate, and how long it still takes; on standard error."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Meter:
    """For `with`; silent where standard error is no terminal, or where rows go to the same."""

    def __init__(self, work: str, total: int | None = None, *, beside_rows: bool = False) -> None:
        """`beside_rows`: rows are printed to standard output meanwhile."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty() or (beside_rows and sys.stdout.isatty()),
        )
        self._task = self._progress.add_task(work, total=total)

    def show(self, done: int, total: int | None = None) -> None:
        """So many are done, of so many if that is known only now."""
        self._progress.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()


class _Rate(ProgressColumn):
    """So many a second, of late."""

    def render(self, task: Task) -> Text:
        return Text(per_second(task.finished_speed or task.speed))


def per_second(rate: float | None) -> str:
    """`104,200/s`; nothing while it is not known."""
    return "" if rate is None else f"{rate:,.0f}/s"
