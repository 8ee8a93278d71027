"""Which engine an option names, and results in the order of the tasks whatever the workers do."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_work import Square

from eagleplan.errors import InputError
from eagleplan.study.engine_dask import DaskEngine
from eagleplan.study.engine_order import DIED, Died, Finished, in_order
from eagleplan.study.engines import InProcess, LocalProcesses, parse_engine


def test_options_name_engines() -> None:
    assert parse_engine(None, None) == InProcess() == parse_engine(1, None)
    assert parse_engine(3, None) == LocalProcesses(n_workers=3)
    assert parse_engine(None, "local:4") == DaskEngine(n_workers=4)
    assert parse_engine(None, "tcp://node-7.example:8786") == DaskEngine(address="tcp://node-7.example:8786")
    assert parse_engine(None, "tls://[::1]:8786") == DaskEngine(address="tls://[::1]:8786")


@pytest.mark.parametrize(
    ("jobs", "dask", "said"),
    [
        (0, None, ["--jobs: must be from 1 to 1024 (got 0)"]),
        (-2, None, ["--jobs: must be from 1 to 1024 (got -2)"]),
        (5000, None, ["--jobs: must be from 1 to 1024 (got 5000)"]),
        (2, "local:2", ["--dask: cannot be combined with --jobs (got 'local:2')"]),
        (0, "local:0", [
            "--jobs: must be from 1 to 1024 (got 0)",
            "--dask: cannot be combined with --jobs (got 'local:0')",
            "--dask: must have from 1 to 1024 workers (got 'local:0')",
        ]),
        (None, "tcp://host:70000", ["--dask: must have a port from 1 to 65535 (got 'tcp://host:70000')"]),
    ],
)  # fmt: skip
def test_impossible_options_are_all_named(jobs: int | None, dask: str | None, said: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        parse_engine(jobs, dask)
    assert [f"{p.path}: {p.message} (got {p.got})" for p in raised.value.problems] == said


@pytest.mark.parametrize(
    "text",
    ["", "local", "local:", "local:-1", "local:two", "tcp://host", "tcp://:8786", "host:8786", "http://host:8786"],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be local:N"):
        parse_engine(None, text)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="distributed is not installed") as raised:
        parse_engine(None, "local:2")
    assert raised.value.problems[0].hint == "install it with: pip install 'eagleplan[distributed]'"


def test_in_this_process_a_task_is_drawn_when_its_turn_comes() -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(5):
            drawn.append(task)
            yield task

    results = InProcess().results(Square(), tasks())
    assert [next(results), next(results)] == [(0, 0), (1, 0)]
    assert drawn == [0, 1]


@dataclass
class Script:
    """A pool that ends its tasks in any order, and whose workers die as told; it checks how it is used."""

    random: Random
    n_workers: int
    deaths: dict[int, int]
    n_deaths_allowed: int = 2
    running: list[int] = field(default_factory=list)
    suspects: set[int] = field(default_factory=set)
    n_runs: dict[int, int] = field(default_factory=dict)

    def n_ahead(self) -> int:
        return 2 * self.n_workers

    def has_room(self) -> bool:
        return len(self.running) < self.n_workers

    def give(self, number: int, task: str) -> None:
        assert task == f"task {number}"
        assert not self.suspects & set(self.running), "a suspect runs alone"
        assert number not in self.suspects or not self.running, "a suspect runs alone"
        self.running.append(number)
        self.n_runs[number] = self.n_runs.get(number, 0) + 1

    def wait(self) -> list[Finished | Died]:
        events: list[Finished | Died] = []
        for number in self.random.sample(self.running, self.random.randint(1, len(self.running))):
            self.running.remove(number)
            if self.n_runs[number] <= self.deaths.get(number, 0):
                self.suspects.add(number)
                events.append(Died(number=number))
            else:
                events.append(Finished(number=number, result=f"result {number}"))
        return events


class Words:
    def __call__(self, task: str) -> str:
        raise AssertionError("the pool does the work")

    def failed(self, task: str, error: str) -> str:
        return f"{task} failed: {error}"


@given(
    seed=st.integers(0, 2**32),
    n_workers=st.integers(1, 5),
    n_tasks=st.integers(0, 30),
    deaths=st.dictionaries(st.integers(0, 29), st.integers(1, 4), max_size=4),
)
def test_results_come_in_order_whoever_dies(seed: int, n_workers: int, n_tasks: int, deaths: dict[int, int]) -> None:
    pool = Script(Random(seed), n_workers, deaths)
    n_drawn = n_given = 0

    def tasks() -> Iterator[str]:
        nonlocal n_drawn
        for number in range(n_tasks):
            n_drawn += 1
            assert n_drawn - n_given <= pool.n_ahead()
            yield f"task {number}"

    found = []
    for result in in_order(pool, Words(), tasks()):
        n_given += 1
        found.append(result)
    expected = [f"task {i} failed: {DIED}" if deaths.get(i, 0) > 2 else f"result {i}" for i in range(n_tasks)]
    assert found == expected
    assert pool.n_runs == {i: min(deaths.get(i, 0), 2) + 1 for i in range(n_tasks)}
