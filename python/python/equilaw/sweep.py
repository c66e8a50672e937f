"""The same question of many models, as independent tasks."""

from __future__ import annotations

import functools
import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import _core
from .engine import answers
from .frame import frame
from .jobs import complete
from .source import text_of

Row = dict[str, Any]

# A question of the text of a model, sizes and a seed.
Question = Callable[[str, Mapping[str, int], int], Row]


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
    models: Mapping[str, Any],
    *,
    dims: Mapping[str, Iterable[int]] | None = None,
    seeds: Iterable[int] = (0,),
    ask: Question = count,
    client: Any = None,
    store: str | os.PathLike[str] | None = None,
    processes: int | None = None,
) -> Sweep:
    """Asks models × sizes × seeds, each on its own.

    `models` are texts, paths, or what `equilaw.trace` returns, by name, `dims` the values of each size, `ask(text, dims, seed)` the question,
    whose answer is a row of JSON. Tasks run on processes, or on `client`: anything with `submit(function, *args)`
    that returns futures, as an executor or Dask's `Client`, or the module `ray` itself. With `store`, a file of lines of JSON, each answer is kept as
    soon as it is there, and a sweep that was interrupted goes on from it; the same question of the same version of equilaw is asked once. A task that
    fails, or whose process ends, is a row with `error`, which is not kept. Ctrl-C ends the tasks that run.

    # Raises
    `TypeError` where a client is none, or where processes cannot be sent `ask`; `RuntimeError` where no process starts.
    """
    values = {name: list(of) for name, of in (dims or {}).items()}
    sizes = [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
    seeds = list(seeds)
    rows: list[tuple[Row, str]] = []
    known = {} if store is None else _kept(Path(store))
    tasks: dict[str, tuple[Any, ...]] = {}
    for name, source in models.items():
        text, unread = _read(source)
        for size, seed in itertools.product(sizes, seeds):
            key = json.dumps([_name(ask), _core.__version__, text, sorted(size.items()), seed])
            rows.append(({"model": name, **size, "seed": seed}, key))
            if unread is not None:
                known[key] = unread
            elif key not in known:
                tasks[key] = (ask, text, size, seed)
    keys = list(tasks)
    with closing(answers(_answer, list(tasks.values()), client, processes)) as found:
        for number, answer in found:
            row = _failed(answer) if isinstance(answer, Exception) else answer
            known[keys[number]] = row
            if store is not None and "error" not in row:
                _keep(Path(store), keys[number], row)
    return Sweep(tuple({**row, **known[key]} for row, key in rows))


def _answer(ask: Question, text: str, size: Mapping[str, int], seed: int) -> Row:
    """What is asked, as JSON; an error is told where it happens, as not every one can be sent."""
    try:
        row = json.loads(json.dumps(ask(text, size, seed)))
        if not isinstance(row, dict):
            raise TypeError(f"the answer is no row: {row!r}")
        return row
    except Exception as error:  # noqa: BLE001 - what one task raises is its answer
        return _failed(error)


def _failed(error: Exception) -> Row:
    return dict(error=f"{type(error).__name__}: {error}")


def _read(source: Any) -> tuple[str, Row | None]:
    """The text of a model, or why there is none."""
    try:
        return text_of(getattr(source, "text", source))[1], None
    except (OSError, UnicodeDecodeError) as error:
        return str(source), _failed(error)


def _name(ask: Any) -> str:
    """A question by name, by which its answers are known again."""
    if isinstance(ask, functools.partial):
        return f"{_name(ask.func)}{ask.args!r}{ask.keywords!r}"
    of = ask if hasattr(ask, "__qualname__") else type(ask)
    return f"{of.__module__}.{of.__qualname__}"


def _keep(store: Path, key: str, row: Row) -> None:
    with store.open("ab+") as lines:
        if lines.tell():
            lines.seek(-1, os.SEEK_END)
            if lines.read(1) != b"\n":
                # The last line was being written when the sweep was interrupted.
                lines.write(b"\n")
        lines.write((json.dumps([key, row]) + "\n").encode())


def _kept(store: Path) -> dict[str, Row]:
    found: dict[str, Row] = {}
    if not store.exists():
        return found
    for line in store.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            key, row = json.loads(line)
        except (ValueError, TypeError):
            continue
        if isinstance(key, str) and isinstance(row, dict):
            found[key] = row
    return found
