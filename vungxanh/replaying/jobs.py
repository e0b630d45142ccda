"""A topic read for a replay, by as many processes as there are cores, or by this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from heapq import heapify, heapreplace

from audit.replay import FigureReplay
from audit.replay_question import FigureQuestion
from vungxanh.processes.partitions import jobs_for
from vungxanh.progress import Meter
from vungxanh.replaying.answers import Alone, Answering
from vungxanh.topic_history import TopicSource
from vungxanh.topic_reading import Span


def groups(spans: Mapping[int, Span], jobs: int) -> list[dict[int, Span]]:
    """The partitions in at most `jobs` groups with about as many records each; none is empty."""
    by_size = sorted(spans, key=lambda number: (spans[number].first - spans[number].end, number))
    made: list[dict[int, Span]] = [{} for _ in range(max(1, min(jobs, len(by_size))))]
    sizes = [(0, place) for place in range(len(made))]
    heapify(sizes)
    for number in by_size:
        size, place = sizes[0]
        made[place][number] = spans[number]
        heapreplace(sizes, (size + spans[number].end - spans[number].first, place))
    return made


@contextmanager
def replaying(
    source: TopicSource, question: FigureQuestion, jobs: int | None
) -> Iterator[Answering]:
    """The topic read in at most so many processes, which are gone afterwards.

    `jobs`: None for as many as are worth starting. Raises WrongUseError and UnreachableError as the
    reading does.
    """
    parted = groups(source.spans, jobs_for(source.total(), jobs))
    if len(parted) == 1:
        yield _read_alone(source, question)
        return
    from vungxanh.replaying.processes import Processes, Task  # noqa: PLC0415 - slow to load

    tasks = [Task(source, tuple(spans), question) for spans in parted]
    with Processes(tasks) as processes:
        with Meter("reading the topic", source.total()) as meter:
            processes.read(meter.show)
        yield processes


def _read_alone(source: TopicSource, question: FigureQuestion) -> Answering:
    figures = FigureReplay(question.zone, question.by, question.units)
    with Meter("reading the topic", source.total()) as meter:
        fold = source.fold(figures, source.spans, meter.show)
    return Alone(figures, fold.last, fold.unusable, question)
