"""Matrix expressions, hash-consed, and the trace that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy

from .size import Dim, number, unify

Number = Fraction | float


@dataclass(frozen=True)
class Place:
    """An operation of the code, and where it stands there: file and line, or what a file calls it; empty where that is not known."""

    operation: str
    where: str


@dataclass
class Trace:
    """What belongs to one translation: its expressions, the arrays that its leaves are parts of, and recorded values."""

    table: dict[Any, Node] = field(default_factory=dict)
    arrays: dict[Any, numpy.ndarray] = field(default_factory=dict)
    # The values of arbitrary functions, by the node, and the derivatives of those of each entry where the code has them.
    recorded: dict[int, numpy.ndarray] = field(default_factory=dict)
    slopes: dict[int, numpy.ndarray] = field(default_factory=dict)
    # The sizes of one-hot matrices.
    tokens: dict[Any, tuple[Dim, Dim]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    # What arrays of the code are called there.
    names: list[tuple[str, numpy.ndarray]] = field(default_factory=list)
    # Which of them are one number, in place of which the trace has others.
    uniform: frozenset[str] = frozenset()
    # The operation that is translated.
    place: Place | None = None

    @contextmanager
    def at(self, operation: str, where: str) -> Iterator[None]:
        """What is made inside is made by an operation of the code; without a place of its own it stands where that does which it is a part of."""
        before = self.place
        self.place = Place(operation, where or (before.where if before else ""))
        try:
            yield
        finally:
            self.place = before

    @contextmanager
    def like(self, x: Node) -> Iterator[None]:
        """What is made inside stands for an expression, and has its place."""
        before, self.place = self.place, x.place
        try:
            yield
        finally:
            self.place = before

    def keep(self, of: Node, new: Node, part: Callable[[numpy.ndarray], numpy.ndarray]) -> Node:
        """What was recorded of a node is known of what stands for a part of it."""
        for table in (self.recorded, self.slopes):
            if of.id in table and new.id not in table:
                table[new.id] = part(table[of.id])
        return new

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


_CURRENT: ContextVar[Trace] = ContextVar("equilaw_trace")


def current() -> Trace:
    return _CURRENT.get()


@contextmanager
def tracing() -> Iterator[Trace]:
    """A trace of its own for what is made inside."""
    trace = Trace()
    token = _CURRENT.set(trace)
    try:
        yield trace
    finally:
        _CURRENT.reset(token)


class Node:
    """An operation on expressions; of `rows` and `cols` `None` is 1. Two nodes that are equal are one, which has the place of the first."""

    __slots__ = ("op", "args", "attr", "rows", "cols", "id", "place")
    op: str
    args: tuple[Node, ...]
    attr: Any
    rows: Dim | None
    cols: Dim | None
    id: int
    place: Place | None

    def size(self, axis: str) -> Dim | None:
        return self.rows if axis == "r" else self.cols

    @property
    def is_scalar(self) -> bool:
        return self.rows is None and self.cols is None

    @property
    def value(self) -> Number | None:
        """The number that every entry is, where it is one."""
        return self.attr if self.op in ("num", "full") else None


# What has its shape not from its arguments, nor from what it is a part of.
SHAPED = ("ones", "full")


def node(
    op: str, args: tuple[Node, ...] = (), attr: Any = None, rows: Dim | None = None, cols: Dim | None = None
) -> Node:
    trace = current()
    shape = (id(rows and rows.root()), id(cols and cols.root())) if op in SHAPED else ()
    key = (op, tuple(a.id for a in args), attr, shape)
    found = trace.table.get(key)
    if found is not None:
        # What computes the same has the same sizes.
        unify(found.rows, rows)
        unify(found.cols, cols)
    else:
        found = Node()
        found.op, found.args, found.attr, found.rows, found.cols = op, args, attr, rows, cols
        found.id, found.place = len(trace.table), trace.place
        trace.table[key] = found
    return found


@dataclass(frozen=True)
class Leaf:
    """A part of an array of the user: which (`key`), and what of it: cuts `(axis, start, length)`, one after the
    other, where the axis `u` is the first and is taken away, the axis `t` the last, and `v` the second."""

    name: str
    key: Any
    kind: str
    cuts: tuple[tuple[str, int, int], ...] = ()

    def value(self, array: numpy.ndarray) -> numpy.ndarray:
        """This part of the array, as a matrix."""
        for axis, start, length in self.cuts:
            if axis in "utv":
                array = array[start] if axis == "u" else array[..., start] if axis == "t" else array[:, start]
                continue
            array = array.reshape(-1, 1) if array.ndim < 2 else array
            array = array[start : start + length] if axis == "r" else array[:, start : start + length]
        return array.reshape(array.shape[0] if array.ndim else 1, -1)

    def told(self) -> str:
        """Which part it is, as Python writes it."""
        leading = "".join(f"[{start}]" for axis, start, _ in self.cuts if axis == "u")
        ranges = {"r": [0, None], "c": [0, None]}
        for axis, start, length in self.cuts:
            if axis in "rc":
                low = ranges[axis][0]
                assert low is not None
                ranges[axis] = [low + start, low + start + length]
        (r0, r1), (c0, c1) = ranges["r"], ranges["c"]
        rows = "" if r1 is None else f"{r0}:{r1}"
        cols = "" if c1 is None else f"{c0}:{c1}"
        taps = ", ".join(str(start) for axis, start, _ in reversed(self.cuts) if axis == "t")
        second = [start for axis, start, _ in self.cuts if axis == "v"]
        if second:
            return f"{self.key}[{rows or ':'}, {second[0]}{f', {cols}' if cols else ''}]"
        if taps:
            return f"{self.key}[{rows or ':'}, {cols or ':'}, {taps}]"
        inner = f"[{rows or ':'}, {cols}]" if cols else f"[{rows}]" if rows else ""
        return f"{self.key}{leading}{inner}"


def shape(x: Node) -> tuple[int, int]:
    return number(x.rows), number(x.cols)
