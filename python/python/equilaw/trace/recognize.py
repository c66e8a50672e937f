"""Softmaxes and normalizations, recognized by what is computed, not by what it is called.

On the way to them stand nodes that are read only here: `shift` is x − max x along an axis, `exps` exp of that,
`centered` x − mean x, `var` and
`msq` the mean of the square of x − mean x and of x, `std`, `rms` and `rstd`, `rrms` their roots and reciprocal
roots with an ε.
"""

from __future__ import annotations

from fractions import Fraction

from .node import Node, node

# Those that are no formula of the language.
PARTIAL = ("shift", "exps", "max", "std", "rms", "rstd", "rrms", "centered", "var", "msq")


def repeated(x: Node) -> tuple[Node, str] | None:
    """The row or column that x repeats, and the axis along which."""
    if x.op == "mul" and x.args[0].op == "ones" and x.args[0].cols is None:
        return x.args[1], "r"
    if x.op == "mul" and x.args[1].op == "ones" and x.args[1].rows is None:
        return x.args[0], "c"
    if x.op == "smul" and x.args[1].op == "ones":
        return x.args[0], "r" if x.args[1].cols is None else "c"
    return None


def normed(kind: str, x: Node, axis: str, epsilon: Fraction | float | None = None) -> Node:
    """A softmax or a normalization of each column (axis `r`) or each row (axis `c`)."""
    return node("norm", (x,), (kind, axis, epsilon), x.rows, x.cols)


def root(x: Node, reciprocal: bool) -> Node | None:
    """The root of a variance or of a mean square, with or without ε."""
    epsilon: Fraction | float | None = None
    inner = x
    if x.op == "add":
        numbers = [a for a in x.args if a.value is not None]
        others = [a for a in x.args if a.value is None]
        if len(numbers) == 1:
            epsilon, inner = numbers[0].value, others[0]
    if inner.op not in ("var", "msq") or (epsilon is not None and epsilon < 0):
        return None
    kind = ("r" if reciprocal else "") + ("std" if inner.op == "var" else "rms")
    return node(kind, inner.args, (inner.attr, epsilon or None), x.rows, x.cols)


def mean_of_squares(x: Node, axis: str, rows: object, cols: object) -> Node | None:
    """The mean along an axis of a square."""
    if x.op != "f" or x.attr != "square":
        return None
    y = x.args[0]
    centered = y.op == "centered" and y.attr == axis
    return node("var" if centered else "msq", y.args if centered else (y,), axis, rows, cols)  # type: ignore[arg-type]


def difference(a: Node, b: Node) -> Node | None:
    """a − b, where it is a step towards a softmax or a norm."""
    found = repeated(b)
    if found:
        y, axis = found
        if y.op == "max" and y.args[0] is a and y.attr == axis:
            return node("shift", (a,), axis, a.rows, a.cols)
        if y.op == "mean" and y.args[0] is a and y.attr == axis:
            return node("centered", (a,), axis, a.rows, a.cols)
        if a.op == "shift" and y.op == "f" and y.attr == "log" and y.args[0].op == "sum":
            exps = y.args[0].args[0]
            if exps.op == "exps" and exps.args == a.args:
                return normed("logsoftmax", a.args[0], axis)
        if y.op == "f" and y.attr == "log" and y.args[0].op == "sum" and y.args[0].attr == axis:
            summed = y.args[0].args[0]
            if summed.op == "f" and summed.attr == "exp" and summed.args[0] is a:
                return normed("logsoftmax", a, axis)
        if y.op == "sum" and y.args[0].op == "exps":
            return None
    square_of_mean = b.op == "f" and b.attr == "square" and b.args[0].op == "mean"
    if a.op == "msq" and square_of_mean and b.args[0].args == a.args:
        return node("var", a.args, a.attr, a.rows, a.cols)
    return None


def sum_of_exponentials(x: Node, y: Node) -> Node | None:
    """Of what x + y is the logarithm of the sum of exponentials, where it is that, computed around a maximum."""
    if y.op != "max" or x.op != "f" or x.attr != "log" or x.args[0].op != "sum" or x.args[0].attr != y.attr:
        return None
    exponentials = x.args[0].args[0]
    return y.args[0] if exponentials.op == "exps" and exponentials.args == y.args else None


def scaled_down(a: Node, b: Node, by: tuple[str, str]) -> Node | None:
    """a times (`rstd`, `rrms`) or divided by (`std`, `rms`) b, where that is a norm."""
    found = repeated(b)
    if not found:
        return None
    y, along = found
    if y.op not in by:
        return None
    axis, epsilon = y.attr
    if axis != along:
        return None
    if y.op == by[0] and a.op == "centered" and a.args == y.args and a.attr == axis:
        return normed("layernorm", a.args[0], axis, epsilon)
    if y.op == by[1] and y.args[0] is a:
        return normed("rmsnorm", a, axis, epsilon)
    # The norm of what is centered already is a LayerNorm too.
    if y.op == by[1] and a.op == "centered" and y.args[0] is a:
        return normed("layernorm", a.args[0], axis, epsilon)
    return None


def is_length(x: Node) -> bool:
    """Whether it is the sum of the squares of a vector, or a product of such."""
    if x.op == "had":
        return all(map(is_length, x.args))
    return x.op == "sum" and x.args[0].op == "f" and x.args[0].attr == "square"


def direction(a: Node, b: Node) -> Node | None:
    """a divided by its length, along an axis."""
    found = repeated(b)
    if not found:
        return None
    y, axis = found
    if y.op == "f" and y.attr == "sqrt" and is_length(y.args[0]) and y.args[0].op == "sum":
        squares = y.args[0]
        if squares.attr == axis and squares.args[0].args[0] is a:
            return normed("normalize", a, axis)
    return None


def cosine(a: Node, b: Node) -> tuple[Node, Node, str] | None:
    """Inner products divided by both lengths, as those of directions."""
    if a.op != "dots" or b.op != "f" or b.attr != "sqrt" or b.args[0].op != "had":
        return None
    lengths = b.args[0].args
    if not all(is_length(x) and x.op == "sum" and x.attr == a.attr for x in lengths):
        return None
    vectors = {x.args[0].args[0].id for x in lengths}
    if vectors != {x.id for x in a.args}:
        return None
    first, second = (normed("normalize", x, a.attr) for x in a.args)
    return first, second, a.attr


def share(a: Node, b: Node) -> Node | None:
    """a divided by its sum, where a is an exponential: a softmax."""
    found = repeated(b)
    if not found:
        return None
    y, axis = found
    is_exponential = a.op == "exps" or (a.op == "f" and a.attr == "exp")
    if is_exponential and y.op == "sum" and y.args[0] is a and y.attr == axis:
        return normed("softmax", a.args[0], axis)
    return None


def is_normal_share(y: Node, x: Node) -> bool:
    """Whether y is 1 + erf(x/√2), or erfc(−x/√2), twice the share of the normal distribution below x."""
    if y.op == "f" and y.attr.startswith("?smooth:erfc:"):
        inner = y.args[0]
        return (
            inner.op == "scale" and inner.args[0] is x and inner.attr < 0 and abs(float(inner.attr) ** 2 - 0.5) < 1e-14
        )
    if y.op != "add":
        return False
    ones, errors = (
        [a for a in y.args if a.value == 1],
        [a for a in y.args if a.op == "f" and a.attr.startswith("?odd:erf:")],
    )
    if not ones or not errors:
        return False
    inner = errors[0].args[0]
    return inner.op == "scale" and inner.args[0] is x and abs(float(inner.attr) ** 2 - 0.5) < 1e-14
