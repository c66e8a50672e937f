"""A model with samples as columns: the code has them as rows, the language, and the literature, as columns.

Parameters keep the layout of the code. Data are declared transposed, and every transpose is pushed to a leaf, so
that `X @ W.T + b` is
`W * X + b * ones(1, n)`.
"""

from __future__ import annotations

from .node import Leaf, Node, current, node
from .recognize import PARTIAL
from .simplify import full, spread, transposed
from .size import Dim, Unsupported, same

_OTHER = {"r": "c", "c": "r"}


class Samples:
    """The sizes that count samples: the rows of the first data that are a matrix, the columns of tokens and of an
    image, and those of what maps the positions of an image."""

    def __init__(self, nodes: list[Node]) -> None:
        self.dims: list[Dim] = []
        leaves = [x for x in nodes if x.op == "data" and isinstance(x.attr, Leaf)]
        if any(x.attr.kind == "image" for x in leaves):
            for x in leaves:
                self.dims += [
                    d
                    for d in (x.cols if x.attr.kind == "image" else x.rows, x.cols)
                    if d and x.attr.kind in ("image", "positions")
                ]
            return
        for x in leaves:
            dim = {"input": x.rows if x.cols else None, "tokens": x.cols}.get(x.attr.kind)
            if dim:
                self.dims = [dim]
                return

    def __contains__(self, dim: Dim | None) -> bool:
        parts = [dim, *(dim.root().summands if dim else ())]
        return any(same(part, d) for part in parts if part for d in self.dims)

    def as_rows(self, x: Node) -> bool | None:
        """Whether the samples of a value are its rows, or it is one row; `None` where there is nothing to tell by."""
        rows, cols = x.rows in self, x.cols in self
        if rows != cols:
            return rows
        if not rows and (x.rows is None) != (x.cols is None):
            return x.rows is None
        return None


class Columns:
    """Turns expressions so that samples are columns, with every transpose at a leaf."""

    def __init__(self, samples: Samples | None) -> None:
        self.samples = samples
        self.memo: dict[tuple[int, bool], Node] = {}

    def go(self, x: Node, flip: bool) -> Node:
        key = (x.id, flip)
        if key not in self.memo:
            with current().like(x):
                self.memo[key] = self._go(x, flip)
        return self.memo[key]

    def _go(self, x: Node, flip: bool) -> Node:
        if x.op in PARTIAL:
            return self.go(expanded(x), flip)
        if x.op in ("f", "norm", "add", "sub", "had", "scale", "larger", "stop"):
            # One orientation for each value, so that it is told once.
            turned = self.samples.as_rows(x) if self.samples else None
            if turned is not None and flip != turned:
                return transposed(self.go(x, turned))
        rows, cols = (x.cols, x.rows) if flip else (x.rows, x.cols)
        args = x.args
        if x.op == "T":
            return self.go(args[0], not flip)
        if x.op == "data" and x.attr.kind == "input" and x.rows and x.cols:
            declared = node("flipped", (), x.attr, x.cols, x.rows)
            return declared if flip else transposed(declared)
        if x.op == "mul":
            left, right = (args[1], args[0]) if flip else args
            return node("mul", (self.go(left, flip), self.go(right, flip)), None, rows, cols)
        if x.op == "smul":
            return node("smul", (self.go(args[0], False), self.go(args[1], flip)), None, rows, cols)
        if x.op in ("add", "sub", "had", "scale", "f", "larger", "stop"):
            new = node(x.op, tuple(self.go(a, flip) for a in args), x.attr, rows, cols)
            return current().keep(x, new, lambda values: values.T if flip else values)
        if x.op == "norm":
            kind, axis, epsilon = x.attr
            attr = (kind, _OTHER[axis] if flip else axis, epsilon)
            return node("norm", (self.go(args[0], flip),), attr, rows, cols)
        if x.op in ("sum", "mean", "dots"):
            return node(x.op, tuple(self.go(a, flip) for a in args), _OTHER[x.attr] if flip else x.attr, rows, cols)
        if x.op in ("ones", "full"):
            return node(x.op, (), x.attr, rows, cols)
        if x.op in ("opaque", "cat", "onehot", "groupnorm"):
            inner = node(x.op, tuple(self.go(a, False) for a in args), x.attr, x.rows, x.cols)
            current().keep(x, inner, lambda values: values)
            return transposed(inner) if flip else inner
        return transposed(x) if flip else x


def expanded(x: Node) -> Node:
    """A step towards a norm that led to none, as a formula."""
    if x.op in ("shift", "exps", "max"):
        raise Unsupported("a maximum along an axis that is no softmax")
    inner = x.args[0]
    if x.op == "centered":
        axis = x.attr
        rows, cols = (None, inner.cols) if axis == "r" else (inner.rows, None)
        repeated = spread(node("mean", (inner,), axis, rows, cols), axis, inner.size(axis))
        return node("sub", (inner, repeated), None, x.rows, x.cols)
    if x.op in ("var", "msq"):
        y = node("centered", (inner,), x.attr, inner.rows, inner.cols) if x.op == "var" else inner
        square = node("f", (y,), "square", y.rows, y.cols)
        return node("mean", (square,), x.attr, x.rows, x.cols)
    axis, epsilon = x.attr
    under = node("var" if x.op.endswith("std") else "msq", x.args, axis, x.rows, x.cols)
    if epsilon is not None:
        under = node("add", (under, full(epsilon, x.rows, x.cols)), None, x.rows, x.cols)
    return node("f", (under,), "rsqrt" if x.op.startswith("r") and x.op != "rms" else "sqrt", x.rows, x.cols)
