"""What constant matrices choose: entries by a mask, rows of a table by indices."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy

from .arithmetic import contracted, entrywise
from .node import Leaf, Node, current, node
from .program import HIDDEN, Constant, Value, data, lifted, to_numpy, tokens
from .shape import cut, reshaped
from .simplify import added, multiplied, product
from .size import Dim, Unsupported
from .tensor import Atom, Tensor, single, unrolled


def masked(mask: numpy.ndarray, chosen: Value, other: Value) -> Tensor:
    """`chosen` where the mask holds and `other` elsewhere. What is masked by a very negative number gets a number added."""
    for value, rest, hidden in ((chosen, other, ~mask), (other, chosen, mask)):
        number = to_numpy(rest.number)
        if rest.is_constant and (number <= -1e4).all():
            current().note("a mask is a matrix that is added, any one for what is proved")
            return entrywise(added, lifted(value), data("M", numpy.where(hidden, HIDDEN, 0.0)))
    shape = numpy.shape(chosen.number)
    mask = numpy.broadcast_to(mask, numpy.broadcast_shapes(mask.shape, shape))
    on = entrywise(multiplied, lifted(chosen), data("M", mask.astype(float)))
    if other.is_constant and (to_numpy(other.number) == 0).all():
        return on
    return entrywise(added, on, entrywise(multiplied, lifted(other), data("M", (~mask).astype(float))))


def looked_up(table: Tensor, indices: Value, rows: int, shape: Sequence[int]) -> Tensor:
    """The rows of a table that tokens, or constant indices, name."""
    flat = numpy.asarray(indices.number).reshape(-1)
    if indices.tokens is None and indices.tensor is None:
        if (flat == numpy.arange(flat[0], flat[0] + flat.size)).all():
            return reshaped(cut(table, 0, int(flat[0]), flat.size), shape)
        return by_distance(table, numpy.asarray(indices.number), shape)
    if table.blocks.ndim:
        raise Unsupported("an index that depends on values")
    return reshaped(contracted(told(indices, rows), table, ([1], [0])), shape)


# So many entries of a table are written out.
ENTRIES = 64


def by_distance(table: Tensor, indices: numpy.ndarray, shape: Sequence[int]) -> Tensor:
    """The entries of a table at an array of constant places, as the biases of an attention by distances: the sum of all entries, each times the matrix of its places."""
    if indices.ndim != 2 or table.rank != 2 or math.prod(table.shape) > ENTRIES or 1 in indices.shape:
        raise Unsupported("rows in another order")
    rows, cols = Dim(indices.shape[0]), Dim(indices.shape[1])
    where = [_places_of(k, indices, rows, cols) for k in range(table.shape[0])]
    entries = unrolled(unrolled(table, 1, ENTRIES), 0, ENTRIES)
    blocks = numpy.empty(table.shape[1:], object)
    for j in range(table.shape[1]):
        terms = [product(block, x) for block, x in zip(entries.blocks.reshape(table.shape)[:, j], where)]
        blocks[j] = functools.reduce(added, terms)
    heads: list[Atom] = [("u", table.shape[1])] if table.shape[1] > 1 else []
    return Tensor([[("r", rows)], [("c", cols)], heads], blocks.reshape([table.shape[1]] if heads else []))


def _places_of(k: int, indices: numpy.ndarray, rows: Dim, cols: Dim) -> Node:
    """The matrix that is 1 where an index stands. At few places two may be the same by chance, and stay two."""
    trace, array = current(), (indices == k).astype(float)
    key = Constant(f"D{k}")
    while key in trace.arrays and (trace.arrays[key].shape != array.shape or (trace.arrays[key] != array).any()):
        key = Constant(f"{key.name}_")
    trace.arrays[key] = array
    return node("data", (), Leaf(key.name, key, "data"), rows, cols)


def places(which: Value, others: Value, shape: Sequence[int]) -> Tensor:
    """Whether tokens are each of so many numbers from 0 on, which the last axis counts: the array that has one 1 for each."""
    many = shape[-1] if shape else 0
    if not others.is_constant or (numpy.broadcast_to(others.number, shape) != numpy.arange(many)).any():
        raise Unsupported("tokens that are compared with others")
    return reshaped(told(which, many), shape)


def told(which: Value, many: int) -> Tensor:
    """What tokens name of so many, as an array of a row for each token, with one 1 in it."""
    if which.is_constant:
        return data("Y", numpy.eye(many)[numpy.asarray(which.number).reshape(-1)])
    if which.tokens is None or which.tokens.startswith("?"):
        raise Unsupported("an index that depends on values")
    onehot = tokens(which.tokens, numpy.asarray(which.number).reshape(-1), many)
    return Tensor([[("c", onehot.cols)] if onehot.cols else [], [("r", onehot.rows)]], single(onehot))
