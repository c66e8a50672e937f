"""A block of the rows or of the columns of an expression, pushed down to its leaves: of a packed parameter the part that is meant."""

from __future__ import annotations

import numpy

from .node import Leaf, Node, current, node
from .recognize import PARTIAL, normed
from .simplify import (
    added,
    cat,
    full,
    function,
    larger,
    multiplied,
    num,
    ones,
    product,
    scaled,
    stopped,
    subtracted,
    transposed,
)
from .size import Dim, Unsupported, number, unify


def block(x: Node, axis: str, start: int, length: int) -> Node:
    """`length` rows (axis `r`) or columns from `start` on, counted from 0."""
    dim = x.size(axis)
    if number(dim) == length:
        return x
    with current().like(x):
        if x.op not in ("data", "T") and _of_samples(x, axis):
            # What sees some of the samples is picked where it is, and not computed anew for these.
            assert dim is not None
            return picked(x, axis, start, length, dim.piece(length))
        return _block(x, axis, start, length)


def _of_samples(x: Node, axis: str) -> bool:
    """Whether a block of rows (axis `r`) or columns is one of what the user gives, behind something that is not linear."""
    open_, seen = [(x, axis, False)], set()
    while open_:
        y, along, far = open_.pop()
        if far and (y.op == "onehot" or y.op == "data" and y.attr.kind in ("input", "image", "positions")):
            return True
        if (y.id, along, far) in seen or y.op in PARTIAL:
            continue
        seen.add((y.id, along, far))
        far = far or y.op in ("f", "norm", "larger")
        if y.op == "T":
            open_.append((y.args[0], "c" if along == "r" else "r", far))
        elif y.op == "mul":
            open_.append((y.args[0 if along == "r" else 1], along, far))
        elif y.op in ("smul", "f", "add", "sub", "had", "scale", "larger", "stop", "cat"):
            open_ += [(a, along, far) for a in y.args if a.size(along) is not None]
        elif y.op in ("norm", "sum", "mean", "dots") and (y.attr[1] if y.op == "norm" else y.attr) != along:
            open_ += [(a, along, far) for a in y.args]
    return False


def _block(x: Node, axis: str, start: int, length: int) -> Node:
    dim = x.size(axis)
    assert dim is not None
    piece = dim.piece(length)
    rows, cols = (piece, x.cols) if axis == "r" else (x.rows, piece)

    def of(y: Node) -> Node:
        return block(y, axis, start, length)

    if x.op in ("param", "data"):
        leaf: Leaf = x.attr
        cut = Leaf(leaf.name, leaf.key, leaf.kind, (*leaf.cuts, (axis, start, length)))
        return node(x.op, (), cut, rows, cols)
    if x.op == "ones":
        return ones(rows, cols)
    if x.op in ("num", "full"):
        return full(x.attr, rows, cols) if rows or cols else num(x.attr)
    if x.op == "T":
        return transposed(block(x.args[0], "c" if axis == "r" else "r", start, length))
    if x.op == "mul":
        a, b = x.args
        return product(of(a), b) if axis == "r" else product(a, of(b))
    if x.op == "add":
        return added(of(x.args[0]), of(x.args[1]))
    if x.op == "sub":
        return subtracted(of(x.args[0]), of(x.args[1]))
    if x.op == "larger":
        return larger(of(x.args[0]), of(x.args[1]))
    if x.op == "had":
        return multiplied(of(x.args[0]), of(x.args[1]))
    if x.op == "scale":
        return scaled(x.attr, of(x.args[0]))
    if x.op == "stop":
        return stopped(of(x.args[0]))
    if x.op == "smul":
        return product(x.args[0], of(x.args[1]))
    if x.op == "f":
        part = slice(start, start + length)
        found = function(x.attr, of(x.args[0]))
        return current().keep(x, found, lambda values: values[part] if axis == "r" else values[:, part])
    if x.op == "norm" and x.attr[1] != axis:
        return normed(x.attr[0], of(x.args[0]), x.attr[1], x.attr[2])
    if x.op in ("sum", "mean", "dots") and x.attr != axis:
        return node(x.op, tuple(map(of, x.args)), x.attr, rows, cols)
    if x.op == "cat" and axis == "c":
        return cat([of(y) for y in x.args])
    if x.op == "cat":
        parts, low = [], 0
        for y in x.args:
            first, last = max(start, low), min(start + length, low + number(y.rows))
            if first < last:
                parts.append(block(y, axis, first - low, last - first))
            low += number(y.rows)
        whole = parts[0] if len(parts) == 1 else cat(parts)
        unify(piece, whole.rows)
        return whole
    return picked(x, axis, start, length, piece)


def picked(x: Node, axis: str, start: int, length: int, piece: Dim | None) -> Node:
    """A block by a constant matrix that picks it."""
    from .program import data

    if x.op in PARTIAL:
        raise Unsupported(f"a block of {x.op}")
    whole = x.size(axis)
    picks = numpy.eye(number(whole))[start : start + length]
    leaf: Node = data("S", picks).blocks.item()
    chosen = node("data", (), leaf.attr, piece, whole)
    return product(chosen, x) if axis == "r" else product(x, transposed(chosen))
