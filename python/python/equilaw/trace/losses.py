"""Losses that the code computes itself, as operations of ATen; integers that say which entry is meant are tokens."""

from __future__ import annotations

from fractions import Fraction

import numpy

from .arithmetic import entrywise, meaned, summed
from .call import Call, handles
from .elementwise import known
from .masks import told
from .node import current
from .program import Value, data, exact, lifted, to_numpy
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
    values, which, weight, how = call.tensor(), call.args[1], call.get(2, "weight"), call.get(3, "reduction", 1)
    ignored = numpy.asarray(which.number).reshape(-1) == call.get(4, "ignore_index", -100)
    if values.rank != 2 or weight is not None and not weight.is_constant:
        raise Unsupported("classes with weights that are trained, or an entry of another axis")
    if ignored.any():
        current().note("which examples are ignored is data that are fixed, any for what is proved")
        number = numpy.where(ignored, 0, numpy.asarray(which.number).reshape(-1))
        which = Value(number, tokens=which.tokens)
    each = told(which, values.shape[1])
    if weight is not None:
        each = entrywise(multiplied, each, lifted(weight))
    if ignored.any():
        each = entrywise(multiplied, each, data("M", (~ignored).astype(float)[:, None]))
    found = summed(entrywise(multiplied, each, values), [1]).map(lambda x: scaled(Fraction(-1), x))
    if how == 1 and (weight is not None or ignored.any()):
        # A mean counts each example by its weight, of which the total is a number of the data.
        total = numpy.asarray(call.outputs[1]) if len(call.outputs) > 1 else _total(which, weight, ignored)
        found = entrywise(multiplied, summed(found, [0]), reshaped(data("N", numpy.asarray([1 / float(total)])), []))
    else:
        found = reduced(found, how)
    return found if len(call.outputs) == 1 else [found, None]


def _total(which: Value, weight: Value | None, ignored: numpy.ndarray) -> float:
    """The sum of the weights of the examples that count."""
    indices = numpy.asarray(which.number).reshape(-1)
    own = numpy.ones(indices.shape) if weight is None else to_numpy(weight.number)[indices]
    return float(own[~ignored].sum())


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
