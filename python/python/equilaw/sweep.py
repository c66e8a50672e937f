"""The same question of many models, as independent tasks."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from .frame import frame
from .jobs import complete
from .source import text_of

Row = dict[str, Any]

# The name of a model, its text, sizes, a seed.
Task = tuple[str, str, Mapping[str, int], int]


def count(text: str, dims: Mapping[str, int], seed: int) -> Row:
    """How many laws of gradient flow there are at most, and whether those derived are all: what `sweep` asks by default."""
    found = complete(text, dims=dims, seed=seed)
    return dict(laws_at_most=found.laws_at_most, complete=found.complete)


@dataclass(frozen=True)
class Sweep:
    """The rows of a sweep, in the order of the models, their sizes and the seeds."""

    rows: tuple[Row, ...] = field(repr=False)

    def to_frame(self) -> Any:
        """A table; needs pandas."""
        return frame(self.rows, list(dict.fromkeys(key for row in self.rows for key in row)))

    def __len__(self) -> int:
        return len(self.rows)


def sweep(
    models: Mapping[str, str | os.PathLike[str]],
    *,
    dims: Mapping[str, Iterable[int]] | None = None,
    seeds: Iterable[int] = (0,),
    ask: Callable[[str, Mapping[str, int], int], Row] = count,
    client: Any = None,
    store: str | os.PathLike[str] | None = None,
    processes: int | None = None,
) -> Sweep:
    """Asks models × sizes × seeds, each on its own.

    `models` are texts or paths by name, `dims` the values of each size, `ask(text, dims, seed)` the question,
    whose answer is a row of JSON. Tasks run on processes, or on `client`: anything with `submit(function, *args)`
    that returns futures, as an executor or Dask's `Client`, or the module `ray` itself. With `store`, a file of lines of JSON, each answer is kept when it is
    there, and a sweep that was interrupted goes on from it. A task that fails is a row with `error`, which is not
    kept.
    """
    sizes = [dict(zip(dims or {}, values)) for values in itertools.product(*(list(v) for v in (dims or {}).values()))]
    tasks: list[Task] = [
        (name, text_of(source)[1], size, seed) for name, source in models.items() for size in sizes for seed in seeds
    ]
    known = _kept(store)
    open_tasks = [task for task in tasks if _key(task) not in known]
    if client is not None:
        _run(client if hasattr(client, "submit") else Remote(client), open_tasks, ask, known, store)
    elif open_tasks:
        # Started anew: threads of the library do not survive a fork.
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            _run(pool, open_tasks, ask, known, store)
    rows = [
        dict(model=name, **size, seed=seed, **known[_key((name, text, size, seed))]) for name, text, size, seed in tasks
    ]
    return Sweep(tuple(rows))


class Remote:
    """Ray, or what is called as it is: tasks are remote functions, which are called and whose answers are gotten."""

    def __init__(self, ray: Any) -> None:
        if not (callable(getattr(ray, "remote", None)) and callable(getattr(ray, "get", None))):
            raise TypeError(f"{ray!r} has neither submit, as executors have, nor remote and get, as Ray has")
        self.ray = ray
        self.known: dict[Any, Any] = {}

    def submit(self, function: Any, *args: Any) -> Answer:
        if function not in self.known:
            self.known[function] = self.ray.remote(function)
        return Answer(self.ray, self.known[function].remote(*args))


@dataclass(frozen=True)
class Answer:
    """What a remote function will return."""

    ray: Any
    reference: Any

    def result(self) -> Any:
        return self.ray.get(self.reference)


def _run(client: Any, tasks: list[Task], ask: Any, known: dict[str, Row], store: Any) -> None:
    futures = [(task, client.submit(ask, *task[1:])) for task in tasks]
    for task, future in futures:
        try:
            known[_key(task)] = future.result()
        except Exception as error:  # noqa: BLE001 - what one task raises is its answer
            known[_key(task)] = dict(error=f"{type(error).__name__}: {error}")
            continue
        if store is not None:
            with Path(store).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps([_key(task), known[_key(task)]]) + "\n")


def _key(task: Task) -> str:
    """A task by what it asks: another text is another task."""
    name, text, size, seed = task
    return json.dumps([name, text, sorted(size.items()), seed])


def _kept(store: str | os.PathLike[str] | None) -> dict[str, Row]:
    if store is None or not Path(store).exists():
        return {}
    found = {}
    for line in Path(store).read_text(encoding="utf-8").splitlines():
        try:
            key, row = json.loads(line)
        except ValueError:
            # The end of a file that was being written when it was interrupted.
            continue
        found[key] = row
    return found
