"""What stands above each other: what is computed of it is computed of each part, so that a part keeps its laws."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction

from .block import block
from .node import Node
from .recognize import normed
from .simplify import added, cat, of_units, product, transposed
from .size import number


def lengths(x: Node) -> list[int]:
    """How many rows each part has."""
    return [number(y.rows) for y in x.args]


def divisible(x: Node, axis: str, into: Sequence[int]) -> bool:
    """Whether rows (axis `r`) or columns fall into blocks of these lengths without a matrix that picks them."""
    if x.op in ("param", "data", "ones", "full"):
        return True
    if x.op == "T":
        return divisible(x.args[0], "c" if axis == "r" else "r", into)
    if x.op == "mul":
        return divisible(x.args[0 if axis == "r" else 1], axis, into)
    if of_units(x):
        return axis == "r" and lengths(x) == list(into)
    if x.op in ("add", "sub", "had", "larger", "scale", "f", "stop", "smul"):
        return all(divisible(a, axis, into) for a in x.args if not a.is_scalar)
    return False


def divided(x: Node, axis: str, into: Sequence[int]) -> list[Node]:
    """The blocks of these lengths, one after the other."""
    return [block(x, axis, sum(into[:k]), length) for k, length in enumerate(into)]


def by_parts(f: Callable[[Node, Node], Node]) -> Callable[[Node, Node], Node]:
    """A function of two expressions entry by entry, carried out on the parts of what stands above each other."""

    def carried_out(a: Node, b: Node) -> Node:
        for x, y in ((a, b), (b, a)):
            if of_units(x) and y.rows is not None and divisible(y, "r", lengths(x)):
                into = lengths(x)
                return cat([carried_out(*pair) for pair in zip(divided(a, "r", into), divided(b, "r", into))])
            if of_units(x) and y.is_scalar:
                return cat([carried_out(*((part, y) if x is a else (y, part))) for part in x.args])
            if x.op == "T" and of_units(x.args[0]) and y.cols is not None:
                return (
                    transposed(carried_out(transposed(a), transposed(b)))
                    if divisible(y, "c", lengths(x.args[0]))
                    else f(a, b)
                )
        return f(a, b)

    return carried_out


def normalized(kind: str, x: Node, axis: str, epsilon: Fraction | float | None = None) -> Node:
    """A softmax or a normalization: of each row alone, of the parts."""
    if of_units(x) and axis == "c":
        return cat([normalized(kind, part, axis, epsilon) for part in x.args])
    return normed(kind, x, axis, epsilon)


def multiplied_out(a: Node, b: Node) -> Node:
    """The matrix product, in which a block of columns of one factor meets each part of the other."""
    if a.is_scalar or b.is_scalar:
        return product(a, b)
    if of_units(a):
        return cat([multiplied_out(part, b) for part in a.args])
    if b.op == "T" and of_units(b.args[0]):
        return transposed(multiplied_out(b.args[0], transposed(a)))
    if of_units(b) and divisible(a, "c", lengths(b)):
        return functools.reduce(added, map(multiplied_out, divided(a, "c", lengths(b)), b.args))
    if a.op == "T" and of_units(a.args[0]) and divisible(b, "r", lengths(a.args[0])):
        return transposed(multiplied_out(transposed(b), a.args[0]))
    return product(a, b)
