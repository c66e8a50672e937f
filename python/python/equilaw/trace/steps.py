"""What is constant wherever it is differentiable: comparisons, signs, roundings, and choices by them.

A comparison is a step function of a difference, 1 where it holds and 0 elsewhere, of which it is known that it is homogeneous of degree 0. What depends on
data alone is data that are fixed, any for what is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy

from .arithmetic import entrywise
from .masks import masked, places
from .program import HIDDEN, Value, lifted, record, to_numpy
from .simplify import added, function, multiplied, scaled, subtracted
from .size import Unsupported
from .tensor import Tensor, constant

# What is known of each as a function of each entry.
ROUNDINGS = {
    "ceil": "smooth",
    "floor": "smooth",
    "round": "odd",
    "sgn": "homogeneous(0)",
    "sign": "homogeneous(0)",
    "trunc": "odd",
}
COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")


def rounded(name: str, x: Value, number: Any) -> Tensor | Value:
    """A sign, or a number that is rounded."""
    return _step(ROUNDINGS[name], name, lifted(x), number) if x.depends else Value(number)


def compared(name: str, a: Value, b: Value, number: Any) -> Tensor | Value:
    """1 where a comparison holds, and 0 elsewhere."""
    for which, others in ((a, b), (b, a)):
        if which.tokens and name == "eq" and numpy.asarray(others.number).size > 1:
            return places(which, others, numpy.shape(number))
    if not (a.depends or b.depends):
        return Value(number)
    return _step("homogeneous(0)", name, entrywise(subtracted, lifted(a), lifted(b)), number)


def _step(kind: str, name: str, x: Tensor, number: Any) -> Tensor:
    values = numpy.asarray(number, dtype=numpy.float64)
    found = x.map(lambda y: function(f"?{kind}:{name}:", y))
    record(found, values, numpy.zeros(values.shape))
    return found


def conjunction(values: Sequence[Value], number: Any) -> Tensor | Value:
    """Whether all of two conditions hold."""
    return entrywise(multiplied, *map(lifted, values)) if any(v.depends for v in values) else Value(number)


def disjunction(values: Sequence[Value], number: Any) -> Tensor | Value:
    """Whether one of two conditions holds."""
    if not any(v.depends for v in values):
        return Value(number)
    return complement(entrywise(multiplied, *(complement(lifted(v)) for v in values)))


def complement(x: Tensor) -> Tensor:
    """1 where a condition does not hold."""
    return entrywise(subtracted, constant(Fraction(1)), x)


def chosen(which: Value, one: Value, other: Value) -> Tensor:
    """`one` where a condition holds and `other` elsewhere."""
    if which.is_constant:
        return masked(numpy.asarray(which.number).astype(bool), one, other)
    on = lifted(which)
    off = complement(on)
    parts = []
    for part, value, rest in ((on, one, other), (off, other, one)):
        if value.is_constant and numpy.isneginf(to_numpy(value.number)).all():
            hidden = part.map(lambda x: scaled(Fraction(HIDDEN), x))
            return entrywise(added, lifted(rest), hidden)
        if not (value.is_constant and (to_numpy(value.number) == 0).all()):
            parts.append(entrywise(multiplied, lifted(value), part))
    if not parts:
        raise Unsupported("a choice of two zeros")
    return parts[0] if len(parts) == 1 else entrywise(added, *parts)


def truth(f: Callable[[Sequence[Value], Any], Any], values: Sequence[Value], number: Any) -> Any:
    """An operation on conditions, where they are conditions."""
    if any(numpy.asarray(v.number).dtype.kind != "b" for v in values):
        raise Unsupported("an operation on bits")
    return f(values, number)
