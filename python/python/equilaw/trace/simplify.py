"""Expressions made from expressions, as simple as they can be told."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .node import Node, Number, node
from .recognize import (
    cosine,
    difference,
    direction,
    is_length,
    is_normal_share,
    mean_of_squares,
    repeated,
    root,
    scaled_down,
    share,
    sum_of_exponentials,
)
from .size import Dim, Unsupported, counts_samples, number, parted, together, unify


def num(value: Number) -> Node:
    return node("num", (), value)


def ones(rows: Dim | None, cols: Dim | None) -> Node:
    return num(Fraction(1)) if rows is None and cols is None else node("ones", (), None, rows, cols)


def full(value: Number, rows: Dim | None, cols: Dim | None) -> Node:
    return num(value) if rows is None and cols is None else node("full", (), value, rows, cols)


def cat(parts: Sequence[Node]) -> Node:
    """Parts above each other. The sizes of those that have one are one."""
    first, *others = parts
    for x in others:
        unify(first.cols, x.cols)
    rows = together([x.rows for x in parts])
    if len({number(x.rows) for x in parts}) == 1:
        for x in others:
            unify(first.rows, x.rows)
        rows = Dim(number(rows))
        parted(rows, len(parts))
        unify(rows.piece(number(first.rows)), first.rows)
    return node(
        "cat", tuple(parts), "samples" if any(counts_samples(x.rows) for x in parts) else "units", rows, first.cols
    )


def of_units(x: Node) -> bool:
    """Whether it is units that stand above each other: what is computed of these is computed of each part."""
    return x.op == "cat" and x.attr == "units"


def transposed(x: Node) -> Node:
    if x.op == "T":
        return x.args[0]
    if x.is_scalar:
        return x
    if x.op in ("ones", "full"):
        return node(x.op, (), x.attr, x.cols, x.rows)
    return node("T", (x,), None, x.cols, x.rows)


def scaled(factor: Number, x: Node) -> Node:
    """A number times an expression; of a sum over an axis of its size, the mean."""
    if factor == 1:
        return x
    if factor == 0:
        return full(Fraction(0), x.rows, x.cols)
    if x.value is not None:
        return full(factor * x.value, x.rows, x.cols)
    if of_units(x):
        return cat([scaled(factor, part) for part in x.args])
    if x.op == "scale":
        return scaled(factor * x.attr, x.args[0])
    if x.op == "sum":
        inner = x.args[0]
        left = float(factor) * number(inner.size(x.attr))
        if abs(left - 1) < 1e-9:
            return mean(inner, x.attr)
        if inner.op == "sum" and abs(left * number(inner.args[0].size(inner.attr)) - 1) < 1e-9:
            return mean(mean(inner.args[0], inner.attr), x.attr)
    return node("scale", (x,), factor, x.rows, x.cols)


def product(a: Node, b: Node) -> Node:
    """The matrix product, or that by a scalar on either side."""
    if a.is_scalar or b.is_scalar:
        s, x = (a, b) if a.is_scalar else (b, a)
        return scaled(s.value, x) if s.value is not None else node("smul", (s, x), None, x.rows, x.cols)
    unify(a.cols, b.rows)
    # A matrix with one number everywhere sums.
    if a.value is not None:
        return scaled(a.value, spread(total(b, "r"), "r", a.rows))
    if b.value is not None:
        return scaled(b.value, spread(total(a, "c"), "c", b.cols))
    return node("mul", (a, b), None, a.rows, b.cols)


def spread(x: Node, axis: str, dim: Dim | None) -> Node:
    """A row repeated as rows (axis `r`), or a column as columns."""
    if dim is None:
        return x
    if x.value is not None:
        return full(x.value, *((dim, x.cols) if axis == "r" else (x.rows, dim)))
    if x.is_scalar:
        return node(
            "smul",
            (x, ones(*((dim, None) if axis == "r" else (None, dim)))),
            None,
            *((dim, None) if axis == "r" else (None, dim)),
        )
    if axis == "r":
        return node("mul", (ones(dim, None), x), None, dim, x.cols)
    return node("mul", (x, ones(None, dim)), None, x.rows, dim)


def function(name: str, x: Node) -> Node:
    """An elementwise function; names with `?` are arbitrary ones."""
    if of_units(x) and not name.startswith("?"):
        return cat([function(name, part) for part in x.args])
    if name == "abs" and positive(x):
        return x
    if name == "exp" and x.op == "shift":
        return node("exps", x.args, x.attr, x.rows, x.cols)
    if name in ("sqrt", "rsqrt"):
        found = root(x, name == "rsqrt")
        if found:
            return found
        if x.op == "scale" and x.attr > 0:
            return scaled(float(x.attr) ** (0.5 if name == "sqrt" else -0.5), function(name, x.args[0]))
        if not positive(x) and not (name == "sqrt" and is_length(x)):
            raise Unsupported("a root of what may not be positive")
    if name in ("log", "recip") and not positive(x):
        raise Unsupported(f"{'a logarithm' if name == 'log' else 'a reciprocal'} of what may not be positive")
    return node("f", (x,), name, x.rows, x.cols)


def stopped(x: Node) -> Node:
    """The value, through which no gradient passes. A maximum is read in softmaxes alone, which do not see it."""
    if x.op == "T":
        return transposed(stopped(x.args[0]))
    if x.op in ("stop", "max") or not moves(x):
        return x
    return node("stop", (x,), None, x.rows, x.cols)


def moves(x: Node) -> bool:
    """Whether a value depends on parameters."""
    open_, seen = [x], {x.id}
    while open_:
        y = open_.pop()
        if y.op == "param":
            return True
        open_ += [a for a in y.args if a.id not in seen]
        seen |= {a.id for a in y.args}
    return False


def positive(x: Node) -> bool:
    """Whether every entry is positive, by the form."""
    if x.value is not None:
        return bool(x.value > 0)
    if x.op == "f":
        return x.attr in ("exp", "softplus", "sigmoid") or (
            x.attr in ("sqrt", "rsqrt", "recip") and positive(x.args[0])
        )
    if x.op in ("sum", "mean", "T", "stop"):
        return positive(x.args[0])
    if x.op == "add":
        return any(positive(a) for a in x.args) and all(positive(a) or nonnegative(a) for a in x.args)
    if x.op in ("mul", "had", "smul", "dots"):
        return all(positive(a) or a.op == "ones" for a in x.args)
    if x.op == "scale":
        return x.attr > 0 and positive(x.args[0])
    return x.op in ("exps", "ones") or (x.op == "norm" and x.attr[0] == "softmax")


def nonnegative(x: Node) -> bool:
    """Whether no entry is negative, by the form."""
    if x.op == "f" and x.attr in ("square", "relu", "abs", "sqrt") or x.op in ("var", "msq", "std", "rms"):
        return True
    if x.op in ("sum", "mean", "T", "stop", "mul", "had", "smul", "dots", "add", "cat"):
        return all(nonnegative(a) or positive(a) for a in x.args)
    return x.op == "scale" and x.attr > 0 and nonnegative(x.args[0])


def mean(x: Node, axis: str) -> Node:
    rows, cols = (None, x.cols) if axis == "r" else (x.rows, None)
    if x.size(axis) is None:
        return x
    if of_units(x) and axis == "c":
        return cat([mean(part, axis) for part in x.args])
    return mean_of_squares(x, axis, rows, cols) or node("mean", (x,), axis, rows, cols)


def total(x: Node, axis: str) -> Node:
    """The sum of the rows (axis `r`), or of the columns."""
    if x.size(axis) is None:
        return x
    rows, cols = (None, x.cols) if axis == "r" else (x.rows, None)
    if x.value is not None:
        return full(x.value * number(x.size(axis)), rows, cols)
    if of_units(x) and axis == "c":
        return cat([total(part, axis) for part in x.args])
    if x.op == "had" and all(moves(a) and repeated(a) is None for a in x.args):
        a, b = x.args
        return dots(a, b, axis)
    return node("sum", (x,), axis, rows, cols)


def dots(a: Node, b: Node, axis: str) -> Node:
    """The inner products of columns with columns (axis `r`), or of rows with rows: that they are does not depend on a basis."""
    rows, cols = (None, a.cols) if axis == "r" else (a.rows, None)
    if rows is None and cols is None:
        return product(transposed(a), b) if axis == "r" else product(a, transposed(b))
    return node("dots", (a, b), axis, rows, cols)


def largest(x: Node, axis: str) -> Node:
    if x.size(axis) is None:
        return x
    rows, cols = (None, x.cols) if axis == "r" else (x.rows, None)
    return node("max", (x,), axis, rows, cols)


def larger(a: Node, b: Node) -> Node:
    """The larger of two entries."""
    unify(a.rows, b.rows)
    unify(a.cols, b.cols)
    return a if a is b else node("larger", (a, b), None, a.rows, a.cols)


def added(a: Node, b: Node) -> Node:
    unify(a.rows, b.rows)
    unify(a.cols, b.cols)
    if b.value == 0:
        return a
    if a.value == 0:
        return b
    if a.value is not None and b.value is not None:
        return full(a.value + b.value, a.rows, a.cols)
    for x, y in ((a, b), (b, a)):
        whole = sum_of_exponentials(x, y)
        if whole:
            return function("log", total(function("exp", whole), y.attr))
    return node("add", (a, b), None, a.rows or b.rows, a.cols or b.cols)


def subtracted(a: Node, b: Node) -> Node:
    unify(a.rows, b.rows)
    unify(a.cols, b.cols)
    if b.value == 0:
        return a
    if a.value is not None and b.value is not None:
        return full(a.value - b.value, a.rows, a.cols)
    found = difference(a, b)
    return found or node("sub", (a, b), None, a.rows or b.rows, a.cols or b.cols)


# What a product with a function of the other factor is.
GATED = {"sigmoid": "silu", "?homogeneous(0):gt:": "relu", "?homogeneous(0):ge:": "relu"}


def multiplied(a: Node, b: Node) -> Node:
    """The product entry by entry."""
    unify(a.rows, b.rows)
    unify(a.cols, b.cols)
    for x, y in ((a, b), (b, a)):
        if x.value is not None:
            return scaled(x.value, y)
        found = scaled_down(x, y, ("rstd", "rrms"))
        if found:
            return found
        if y.op == "f" and y.args[0] is x and y.attr in GATED:
            return function(GATED[y.attr], x)
        if is_normal_share(y, x):
            return scaled(Fraction(2), function("gelu", x))
        if x.op == "scale":
            return scaled(x.attr, multiplied(x.args[0], y))
    if a is b:
        return function("square", a)
    if a.is_scalar:
        return product(a, b)
    return node("had", (a, b), None, a.rows, a.cols)


def divided(a: Node, b: Node) -> Node:
    unify(a.rows, b.rows)
    unify(a.cols, b.cols)
    if b.value is not None:
        return scaled(1 / b.value, a)
    directions = cosine(a, b)
    if directions:
        return dots(*directions)
    if b.op == "mul" and b.args[1].op == "scale":
        b = scaled(b.args[1].attr, product(b.args[0], b.args[1].args[0]))
    elif b.op == "mul" and b.args[0].op == "scale":
        b = scaled(b.args[0].attr, product(b.args[0].args[0], b.args[1]))
    if b.op == "scale" and b.attr:
        return scaled(1 / b.attr, divided(a, b.args[0]))
    found = share(a, b) or direction(a, b) or scaled_down(a, b, ("std", "rms"))
    return found or multiplied(a, function("recip", b))
