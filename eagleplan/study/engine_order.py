"""Results in the order of the tasks from workers that finish in any order, or die."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eagleplan.study.engine import ResultT, TaskT, Work

DIED = "its worker process died each time, the last times with nothing else running: out of memory?"
"""The error of a task that cannot be run; the same words whatever the engine, as it goes into results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Task `number` has its result."""

    number: int
    result: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """The worker of task `number` died."""

    number: int


class Pool(Protocol):
    """Workers, seen from the one who hands out tasks by number."""

    n_deaths_allowed: int
    """A task whose workers died more often is not tried again."""

    def n_ahead(self) -> int:
        """Tasks that may be drawn and not yet given out."""

    def has_room(self) -> bool:
        """Whether another task may be handed over now."""

    def give(self, number: int, task: Any) -> None:
        """Hand over a task."""

    def wait(self) -> Sequence[Finished | Died]:
        """What has become of tasks; at least one, and blocks until there is."""


def in_order(pool: Pool, work: Work[TaskT, ResultT], tasks: Iterable[TaskT]) -> Generator[ResultT]:
    """The results of `tasks`, in their order.

    A task whose worker died may have killed it (by its memory, or a fault in a library), or have been in the wrong
    place: it is tried again **alone**, while nothing else runs, so that no other task can be blamed or harmed.
    """
    numbered = enumerate(tasks)
    drawn: dict[int, TaskT] = {}
    finished: dict[int, ResultT] = {}
    suspects: deque[int] = deque()
    deaths: Counter[int] = Counter()
    running: set[int] = set()
    n_drawn = n_given = 0
    is_exhausted = is_alone = False

    while True:
        while True:
            if suspects or is_alone:
                if running:
                    break
                is_alone = bool(suspects)
                if not is_alone:
                    continue
                number = suspects.popleft()
            elif not is_exhausted and n_drawn - n_given < pool.n_ahead() and pool.has_room():
                pair = next(numbered, None)
                if pair is None:
                    is_exhausted = True
                    break
                number, drawn[number] = pair[0], pair[1]
                n_drawn += 1
            else:
                break
            pool.give(number, drawn[number])
            running.add(number)
        if n_given in finished:
            n_given += 1
            yield finished.pop(n_given - 1)
            continue
        if not running:
            return
        for event in pool.wait():
            number = event.number
            running.remove(number)
            if isinstance(event, Finished):
                del drawn[number]
                finished[number] = event.result
                continue
            deaths[number] += 1
            if deaths[number] <= pool.n_deaths_allowed:
                suspects.append(number)
            else:
                finished[number] = work.failed(drawn.pop(number), DIED)
