"""Losses that the code computes itself, as operations of ATen; integers that say which entry is meant are tokens."""

from __future__ import annotations

from fractions import Fraction

import numpy

from .arithmetic import entrywise, meaned, summed
from .call import Call, handles
from .elementwise import known
from .masks import told
from .program import Value, exact, to_numpy
from .shape import reshaped
from .simplify import multiplied, scaled, subtracted
from .size import Unsupported
from .tensor import Tensor


def reduced(x: Tensor, how: int) -> Tensor:
    """All entries, their mean, or their sum, as PyTorch numbers these."""
    axes = list(range(x.rank))
    return x if how == 0 else meaned(x, axes) if how == 1 else summed(x, axes)


def entries(values: Tensor, which: Value, axis: int) -> Tensor:
    """Of each row the entry that tokens name."""
    if values.rank != 2 or axis != 1:
        raise Unsupported("an entry of another axis")
    return summed(entrywise(multiplied, told(which, values.shape[1]), values), [1])


@handles("nll_loss_forward", "nll_loss", "nll_loss_nd")
def _likelihood(call: Call) -> Tensor | list[Tensor | None]:
    which = call.args[1]
    if call.get(2, "weight") is not None or (numpy.asarray(which.number) == call.get(4, "ignore_index", -100)).any():
        raise Unsupported("classes with weights, or examples that are ignored")
    found = entries(call.tensor(), which, call.tensor().rank - 1).map(lambda x: scaled(Fraction(-1), x))
    found = reduced(found, call.get(3, "reduction", 1))
    return found if len(call.outputs) == 1 else [found, None]


@handles("gather")
def _gather(call: Call) -> Tensor:
    which = call.args[2]
    if which.tokens is None or call.shape[-1] != 1:
        raise Unsupported("several entries of each row")
    return reshaped(entries(call.tensor(), which, call.axis(1)), call.shape)


@handles("one_hot")
def _one_hot(call: Call) -> Tensor:
    return reshaped(told(call.args[0], call.shape[-1]), call.shape)


@handles("scatter")
def _scatter(call: Call) -> Tensor:
    """Zeros with one number where tokens say."""
    whole, which, number = call.value(0), call.args[2], call.args[3]
    if not whole.is_constant or numpy.any(to_numpy(whole.number)) or isinstance(number, Value) or which.tokens is None:
        raise Unsupported("entries that are put in other places")
    if call.axis(1) != len(call.shape) - 1 or numpy.shape(which.number) != (*call.shape[:-1], 1):
        raise Unsupported("entries that are put in other places")
    return reshaped(told(which, call.shape[-1]), call.shape).map(lambda x: scaled(exact(number), x))


@handles("mse_loss")
def _squares(call: Call) -> Tensor:
    return reduced(known("square")(entrywise(subtracted, call.tensor(0), call.tensor(1))), call.get(2, "reduction", 1))


@handles("l1_loss")
def _distances(call: Call) -> Tensor:
    return reduced(known("abs")(entrywise(subtracted, call.tensor(0), call.tensor(1))), call.get(2, "reduction", 1))


@handles("binary_cross_entropy_with_logits")
def _logistic(call: Call) -> Tensor:
    if call.get(2, "weight") is not None or call.get(3, "pos_weight") is not None:
        raise Unsupported("classes with weights")
    x, y = call.tensor(0), call.tensor(1)
    found = entrywise(subtracted, known("softplus")(x), entrywise(multiplied, x, y))
    return reduced(found, call.get(4, "reduction", 1))
