"""A parameter that is used in parts which have entries in common is told whole, and each part is what a constant matrix picks of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .block import picked
from .node import Leaf, Node, current, node
from .program import Applied, Program, Step
from .size import Dim
from .tensor import Tensor

Box = tuple[range, range]


def separated(program: Program) -> Program:
    """The same function, in which no two parts of a parameter have an entry in common."""
    mixed = overlapping(x for x in below(program.output.blocks.flat) if x.op == "param")
    if not mixed:
        return program
    known: dict[int, Node] = {}

    def put(t: Tensor) -> Tensor:
        return t.map(lambda x: replaced(x, mixed, known))

    def step(s: Step) -> Step:
        return Step(s.place, put(s.tensor), s.number)

    return replace(
        program,
        output=put(program.output),
        steps=list(map(step, program.steps)),
        inputs=list(map(step, program.inputs)),
        applied=[
            Applied([put(t) for t in a.inputs], [None if t is None else put(t) for t in a.outputs], a.pull)
            for a in program.applied
        ],
    )


def below(roots: Iterable[Node]) -> list[Node]:
    """All expressions of which some are made, each after its arguments."""
    found: dict[int, Node] = {}
    open_ = [(x, False) for x in roots]
    while open_:
        x, done = open_.pop()
        if done:
            found[x.id] = x
        elif x.id not in found:
            open_ += [(x, True), *((a, False) for a in x.args)]
    return list(found.values())


def lead(leaf: Leaf) -> tuple[tuple[str, int, int], ...]:
    return tuple(cut for cut in leaf.cuts if cut[0] in "utv")


def box(leaf: Leaf, shape: Sequence[int]) -> Box:
    """The rows and the columns that a part has of its matrix."""
    found = {"r": range(shape[0]), "c": range(shape[1])}
    for axis, start, length in leaf.cuts:
        if axis in "rc":
            found[axis] = found[axis][start : start + length]
    return found["r"], found["c"]


def overlapping(leaves: Iterable[Node]) -> set[Any]:
    """The matrices of parameters that are used in parts which have entries in common."""
    parts: dict[Any, list[Box]] = {}
    mixed = set()
    for x in leaves:
        key = (x.attr.key, lead(x.attr))
        rows, cols = box(x.attr, whole(x.attr).shape)
        for other_rows, other_cols in parts.setdefault(key, []):
            if set(rows) & set(other_rows) and set(cols) & set(other_cols):
                mixed.add(key)
        parts[key].append((rows, cols))
    return mixed


def whole(leaf: Leaf) -> Any:
    """The numbers of the matrix that a part is of."""
    return Leaf(leaf.name, leaf.key, leaf.kind, lead(leaf)).value(current().arrays[leaf.key])


def replaced(root: Node, mixed: set[Any], known: dict[int, Node]) -> Node:
    for x in below([root]):
        if x.id in known:
            continue
        if x.op == "param" and (x.attr.key, lead(x.attr)) in mixed:
            known[x.id] = part(x)
        else:
            args = tuple(known[a.id] for a in x.args)
            new = x if args == x.args else node(x.op, args, x.attr, x.rows, x.cols)
            known[x.id] = current().keep(x, new, lambda values: values)
    return known[root.id]


def part(x: Node) -> Node:
    leaf: Leaf = x.attr
    shape = whole(leaf).shape
    rows, cols = box(leaf, shape)
    full = [x.rows if len(rows) == shape[0] else Dim(shape[0]), x.cols if len(cols) == shape[1] else Dim(shape[1])]
    found = node(
        "param", (), Leaf(leaf.name, leaf.key, leaf.kind, lead(leaf)), *(d if d and d.size > 1 else None for d in full)
    )
    if len(rows) < shape[0]:
        found = picked(found, "r", rows.start, len(rows), x.rows)
    if len(cols) < shape[1]:
        found = picked(found, "c", cols.start, len(cols), x.cols)
    return found
