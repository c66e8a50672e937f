"""Operations of ATen that are composed of others."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy

from .arithmetic import contracted, entrywise, meaned, summed
from .call import Call, handles
from .elementwise import known
from .layers import along
from .node import current
from .program import Value, exact, lifted, to_numpy
from .shape import reshaped, split
from .simplify import added, divided, function, larger, multiplied, nonnegative, scaled, subtracted
from .size import Unsupported
from .tensor import Tensor, constant


def negative(x: Tensor) -> Tensor:
    return x.map(lambda y: scaled(Fraction(-1), y))


def sum_of(*parts: Tensor) -> Tensor:
    first, *others = parts
    for x in others:
        first = entrywise(added, first, x)
    return first


def product_of(a: Tensor, b: Tensor) -> Tensor:
    return entrywise(multiplied, a, b)


def times(factor: float, x: Tensor) -> Tensor:
    return x.map(lambda y: scaled(exact(factor), y))


# What is held between bounds.


def at_least(x: Tensor, low: float) -> Tensor:
    if low == 0:
        return known("relu")(x)
    if 0 < low <= 1e-6 and all(nonnegative(y) for y in x.blocks.flat):
        current().note(f"what is held above {low:g} to be divided by is taken as it is, which it is where it is larger")
        return x
    return sum_of(known("relu")(entrywise(subtracted, x, constant(exact(low)))), constant(exact(low)))


def at_most(x: Tensor, high: float) -> Tensor:
    return negative(at_least(negative(x), -high))


def between(x: Tensor, low: float | None, high: float | None) -> Tensor:
    if (low, high) == (-1, 1):
        return known("hardtanh")(x)
    if (low, high) == (0, 6):
        return known("relu6")(x)
    if low is not None and high is not None and low < high:
        # Two kinks: the slope is 1 between them.
        parts = [known("relu")(entrywise(subtracted, x, constant(exact(bound)))) for bound in (low, high)]
        return sum_of(entrywise(subtracted, *parts), constant(exact(low)))
    if high is not None:
        x = at_most(x, high)
    return x if low is None else at_least(x, low)


@handles("clamp", "clamp_min", "clamp_max", "clip", "hardtanh")
def _clamp(call: Call) -> Tensor:
    low, high = call.get(1, "min"), call.get(2, "max")
    if call.name == "clamp_max":
        low, high = None, low
    if call.name == "hardtanh":
        low, high = call.get(1, "min_val", -1), call.get(2, "max_val", 1)
    low, high = (_single(x) for x in (low, high))
    x = call.tensor()
    if isinstance(low, Value):
        x, low = larger_of(x, lifted(low)), None
    return smaller_of(between(x, low, None), lifted(high)) if isinstance(high, Value) else between(x, low, high)


def _single(bound: Any) -> Any:
    """One number, where a bound is an array of it."""
    one = isinstance(bound, Value) and bound.is_constant and numpy.size(to_numpy(bound.number)) == 1
    return to_numpy(bound.number).item() if one else bound


def larger_of(a: Tensor, b: Tensor) -> Tensor:
    for x, other in ((a, b), (b, a)):
        if all(y.value == 0 for y in other.blocks.flat):
            return known("relu")(x)
    return entrywise(larger, a, b)


def smaller_of(a: Tensor, b: Tensor) -> Tensor:
    return negative(larger_of(negative(a), negative(b)))


@handles("maximum", "fmax", "minimum", "fmin")
def _extreme(call: Call) -> Tensor:
    return (larger_of if "max" in call.name else smaller_of)(call.tensor(0), call.tensor(1))


@handles("threshold")
def _threshold(call: Call) -> Tensor:
    if tuple(call.args[1:3]) != (0, 0):
        raise Unsupported("a threshold that is not 0")
    return known("relu")(call.tensor())


@handles("prelu", "_prelu_kernel")
def _prelu(call: Call) -> Tensor:
    x, slope = call.tensor(0), call.tensor(1)
    if call.name == "prelu" and x.rank > 1:
        slope = reshaped(slope, [1, slope.shape[0] if slope.rank else 1] + [1] * (x.rank - 2))
    return entrywise(subtracted, known("relu")(x), product_of(slope, known("relu")(negative(x))))


@handles("rrelu_with_noise")
def _rrelu(call: Call) -> Tensor:
    if call.get(4, "training", False):
        raise Unsupported("slopes at random")
    slope = (call.get(2, "lower", 1 / 8) + call.get(3, "upper", 1 / 3)) / 2
    x = call.tensor()
    return entrywise(subtracted, known("relu")(x), times(slope, known("relu")(negative(x))))


# Gates, and sums of products.


@handles("glu")
def _glu(call: Call) -> Tensor:
    axis = call.axis(1, default=-1)
    x = call.tensor()
    half = x.shape[axis] // 2
    value, gate = split(x, axis, [half, half])
    return product_of(value, known("sigmoid")(gate))


@handles("log_sigmoid_forward", "log_sigmoid")
def _log_sigmoid(call: Call) -> Tensor | list[Tensor | None]:
    found = negative(known("softplus")(negative(call.tensor())))
    return found if len(call.outputs) == 1 else [found, None]


@handles("lerp")
def _lerp(call: Call) -> Tensor:
    a, b = call.tensor(0), call.tensor(1)
    return sum_of(a, product_of(call.tensor(2), entrywise(subtracted, b, a)))


@handles("addcmul", "addcdiv")
def _addc(call: Call) -> Tensor:
    both = product_of if call.name == "addcmul" else lambda a, b: entrywise(divided, a, b)
    return sum_of(call.tensor(0), times(call.kwargs.get("value", 1), both(call.tensor(1), call.tensor(2))))


# Norms, variances.


def axes_of(call: Call, k: int, key: str = "dim") -> list[int]:
    rank, axes = call.tensor().rank, call.get(k, key)
    if axes is None or axes == []:
        return list(range(rank))
    return [d % rank for d in (axes if isinstance(axes, (list, tuple)) else [axes])]


@handles("linalg_vector_norm", "norm")
def _norm(call: Call) -> Tensor:
    order = call.get(1, "ord" if call.name.startswith("linalg") else "p", 2)
    axes = axes_of(call, 2)
    if order in (2, None):
        found = summed(known("square")(call.tensor()), axes)
        return reshaped(known("sqrt")(found), call.shape)
    if order == 1:
        return reshaped(summed(known("abs")(call.tensor()), axes), call.shape)
    raise Unsupported(f"a norm of order {order}")


@handles("cosine_similarity")
def _cosine(call: Call) -> Tensor:
    """Inner products of directions: of all pairs where one has a row for each of one axis and the other of another, or of those that belong together."""
    a, b, rank = call.tensor(0), call.tensor(1), max(call.tensor(0).rank, call.tensor(1).rank)
    axis = int(call.get(2, "dim", 1)) % rank
    if axis != rank - 1 or a.rank != rank or b.rank != rank or a.shape[axis] != b.shape[axis]:
        raise Unsupported("directions along another axis")
    current().note("directions are those of vectors that are longer than the bound below which lengths are held")
    x, y = (along("normalize", t, axis) for t in (a, b))
    of_a, of_b = ([i for i in range(axis) if t.shape[i] > 1] for t in (a, b))
    if not of_a or not of_b or max(of_a) >= min(of_b):
        return summed(product_of(x, y), [axis])
    x, y = (reshaped(t, [*(t.shape[i] for i in own), t.shape[axis]]) for t, own in ((x, of_a), (y, of_b)))
    return reshaped(contracted(x, y, ([len(of_a)], [len(of_b)])), call.shape)


@handles("_weight_norm", "_weight_norm_interface")
def _weight_norm(call: Call) -> Tensor | list[Tensor | None]:
    x, axis = call.tensor(0), call.axis(2, default=0)
    if x.rank != 2:
        raise Unsupported("directions of more than one axis")
    found = product_of(along("normalize", x, 1 - axis), call.tensor(1))
    return found if len(call.outputs) == 1 else [found, None]


@handles("var", "std")
def _variance(call: Call) -> Tensor:
    axes: Sequence[int]
    if isinstance(call.get(1), bool):
        axes, less = list(range(call.tensor().rank)), int(call.get(1))
    else:
        axes = axes_of(call, 1)
        less = call.get(2, "unbiased", call.kwargs.get("correction", 1))
        less = 1 if less is None else int(less)
    x = call.tensor()
    many = 1
    for d in axes:
        many *= x.shape[d]
    kept = [1 if d in axes else s for d, s in enumerate(x.shape)]
    mean = reshaped(meaned(x, axes), kept)
    variance = meaned(known("square")(entrywise(subtracted, x, mean)), axes)
    if less:
        variance = variance.map(lambda y: scaled(Fraction(many, many - less), y))
    return reshaped(known("sqrt")(variance) if call.name == "std" else variance, call.shape)


@handles("logsumexp")
def _logsumexp(call: Call) -> Tensor:
    found = summed(known("exp")(call.tensor()), axes_of(call, 1))
    return reshaped(found.map(lambda x: function("log", x)), call.shape)


# Derivatives that the code takes itself: what arrives, and what the function has given.


@handles("tanh_backward", "sigmoid_backward")
def _backward(call: Call) -> Tensor:
    arrived, y = call.tensor(0), call.tensor(1)
    rest = entrywise(subtracted, constant(Fraction(1)), known("square")(y) if call.name == "tanh_backward" else y)
    return product_of(arrived, rest if call.name == "tanh_backward" else product_of(y, rest))
