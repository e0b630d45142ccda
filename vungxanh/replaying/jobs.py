"""A topic read for a replay, by as many processes as there are cores, or by this one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from heapq import heapify, heapreplace

from audit.replay import FigureReplay
from audit.replay_question import FigureQuestion
from vungxanh.replaying.answers import Alone, Answering
from vungxanh.replaying.progress import Pace
from vungxanh.topic_history import TopicSource
from vungxanh.topic_reading import Span


def cores() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


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
def replaying(source: TopicSource, question: FigureQuestion, jobs: int) -> Iterator[Answering]:
    """The topic read in at most so many processes, which are gone afterwards.

    Raises WrongUseError and UnreachableError as the reading does.
    """
    parted = groups(source.spans, jobs)
    if len(parted) == 1:
        yield _read_alone(source, question)
        return
    # Several processes cost more to start than a small topic to replay.
    from vungxanh.replaying.processes import Processes, Task  # noqa: PLC0415

    tasks = [Task(source, tuple(spans), question) for spans in parted]
    with Processes(tasks) as processes:
        with Pace("reading the topic", source.total()) as pace:
            processes.read(pace.show)
        yield processes


def _read_alone(source: TopicSource, question: FigureQuestion) -> Answering:
    figures = FigureReplay(question.zone, question.by, question.units)
    with Pace("reading the topic", source.total()) as pace:
        fold = source.fold(figures, source.spans, pace.show)
    return Alone(figures, fold.last, fold.unusable, question)
