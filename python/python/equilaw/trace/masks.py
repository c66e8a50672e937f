"""What constant matrices choose: entries by a mask, rows of a table by indices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from .arithmetic import contracted, entrywise
from .node import current
from .program import HIDDEN, Value, data, lifted, to_numpy, tokens
from .shape import cut, reshaped
from .simplify import added, multiplied
from .size import Unsupported
from .tensor import Tensor, single


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
        raise Unsupported("rows in another order")
    if table.blocks.ndim:
        raise Unsupported("an index that depends on values")
    return reshaped(contracted(told(indices, rows), table, ([1], [0])), shape)


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
