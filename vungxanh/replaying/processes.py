"""The replay of a topic on all cores: a process for each group of partitions.

Each process reads its partitions by offsets, keeps its own units' events, and answers instant by
instant; the answers are merged in the order of instant and unit. No process runs further ahead of
the one that writes than a pipe holds, so memory does not grow with the number of instants.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from multiprocessing.connection import Connection

from audit.replay import FigureReplay, UnitTally
from audit.replay_parts import order
from audit.replay_question import FigureQuestion, Instants
from schemas.instants import Micros
from vungxanh.processes.crew import Crew, saying_how_far
from vungxanh.processes.work import Told
from vungxanh.replaying.answers import Alone, Answer, Folded
from vungxanh.topic_history import TopicSource


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to do."""

    source: TopicSource
    partitions: Collection[int]  # its own
    question: FigureQuestion

    def __call__(self, pipe: Connection) -> None:
        """Read, say what there is, be asked, and answer."""
        question = self.question
        figures = FigureReplay(question.zone, question.by, question.units)
        fold = self.source.fold(figures, self.partitions, saying_how_far(pipe))
        alone = Alone(figures, fold.last, fold.unusable, question)
        pipe.send(self.source.total(self.partitions))
        pipe.send(alone.folded)
        instants, after = pipe.recv()
        for _, _, tallies in alone.answers(instants, after):
            pipe.send(list(tallies))


class Processes(Crew):
    """The processes of one replay: for `with`, then `read`, then `answers`."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__(tasks)
        self._folded: Folded | None = None

    @property
    def folded(self) -> Folded:
        """What the history turned out to be, once it has been read."""
        assert self._folded is not None
        return self._folded

    def read(self, told: Told) -> None:
        """Wait until all is read; `told` hears how many records have been.

        Raises WrongUseError and UnreachableError as the reading does, in whatever process.
        """
        done = [0] * len(self)
        folded: dict[int, Folded] = {}
        while len(folded) < len(self):
            for place, said in self.heard(range(len(self)) - folded.keys()):
                if isinstance(said, Folded):
                    folded[place] = said
                else:
                    done[place] = said
            told(sum(done))
        self._folded = reduce(Folded.joined, folded.values())

    def answers(self, instants: Instants, after: Micros | None) -> Iterator[Answer]:
        """The counts at each instant later than `after`, in order of unit, window and part."""
        for place in range(len(self)):
            self.say(place, (instants, after))
        for at, text in instants.in_order(after):
            tallies: list[UnitTally] = []
            for place in range(len(self)):
                tallies.extend(self.hear(place))
            tallies.sort(key=lambda one: (one.unit_id, one.window, order(one.part)))
            yield at, text, tallies
