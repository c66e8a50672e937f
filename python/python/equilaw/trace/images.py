"""Images and signals: channels are rows, the positions of all axes, and the examples of a batch, are columns.

A convolution is the sum over its taps of W * X * T with a constant matrix T for each, which says what that tap
sees at every position, whatever stride, padding and dilation are. A pooling is a product with a constant matrix,
or the largest of what its taps see.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy

from .node import Leaf, Node, current, node
from .program import data
from .simplify import added, larger, product
from .size import Dim, Unsupported
from .tensor import Atom, Tensor, each


def image(name: str, array: numpy.ndarray) -> Tensor:
    """Data of shape batch × channels × positions."""
    batch, channels, *positions = array.shape
    current().arrays[name] = numpy.moveaxis(array, 1, 0).reshape(channels, -1)
    many = batch * math.prod(positions)
    rows, cols = Dim(channels, "c") if channels > 1 else None, Dim(many, "n") if many > 1 else None
    whole = node("data", (), Leaf(name, name, "image"), rows, cols)
    axes: list[list[Atom]] = [columns(batch), [("r", rows)] if rows else [], *map(columns, positions)]
    return laid_out(axes, each(lambda _: whole, numpy.empty((), object)))


def columns(size: int) -> list[Atom]:
    return [("c", Dim(size))] if size > 1 else []


def laid_out(axes: list[list[Atom]], blocks: numpy.ndarray) -> Tensor:
    """A tensor whose only atom of columns is all the columns."""
    whole: Node = blocks.flat[0]
    atoms = [a for axis in axes for a in axis if a[0] == "c"]
    if len(atoms) == 1:
        axes = [[(k, whole.cols) if k == "c" else (k, d) for k, d in axis] for axis in axes]
    return Tensor(axes, blocks)


def filters(kind: str, name: str, shape: Sequence[int]) -> Tensor:
    """The filters of a convolution: a matrix, channels by channels, for each tap."""
    out, channels, *window = shape
    rows, cols = (Dim(s) if s > 1 else None for s in (out, channels))
    blocks = numpy.empty(window, object)
    for at in numpy.ndindex(*window):
        # The last axis is taken away first.
        cuts = tuple(("t", k, 1) for k in reversed(at))
        blocks[at] = node("param" if kind == "param" else "data", (), Leaf(name, name, kind, cuts), rows, cols)
    axes: list[list[Atom]] = [[("r", rows)] if rows else [], [("c", cols)] if cols else []]
    axes += [[("u", s)] if s > 1 else [] for s in window]
    return Tensor(axes, blocks.reshape([s for s in window if s > 1]))


def seen(
    positions: Sequence[int],
    out: Sequence[int],
    tap: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: Sequence[int],
) -> numpy.ndarray:
    """What a tap sees: a matrix from the positions of an image to those of the result, with 0 beyond the border."""
    found: numpy.ndarray = numpy.ones((1, 1))
    for n, m, t, s, d, p in zip(positions, out, tap, stride, dilation, padding):
        along = numpy.zeros((n, m))
        for j in range(m):
            at = s * j + d * t - p
            if 0 <= at < n:
                along[at, j] = 1
        found = numpy.kron(found, along)
    return found


def convolved(
    x: Tensor,
    weight: Tensor,
    out: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> Tensor:
    """The convolution of an image of shape batch × channels × positions by `filters`."""
    taps = list(itertools.product(*(range(s) for s in weight.shape[2:])))
    wide = [
        dict(stride=stride[k % len(stride)], dilation=dilation[k % len(dilation)], padding=padding[k % len(padding)])
        for k in range(len(out) - 2)
    ]
    found: Node | None = None
    blocks = weight.blocks.reshape(weight.shape[2:])
    for tap in taps:
        sees = seen(x.shape[2:], out[2:], tap, *([w[key] for w in wide] for key in ("stride", "dilation", "padding")))
        if not sees.any():
            continue
        # The tap that sees everything where it is stands beside the others.
        seen_by = mapped(plain(x), sees, x.shape[0], keep=len(taps) > 1)
        term = product(blocks[tap], seen_by)
        found = term if found is None else added(found, term)
    if found is None:
        raise Unsupported("a convolution that sees nothing")
    return of_shape(found, out)


def plain(x: Tensor) -> Node:
    """The one matrix of an image."""
    kinds = [a[0] for axis in x.axes for a in axis]
    if x.blocks.ndim or set(kinds) - {"r", "c"} or [i for i, _ in x.places("r")] not in ([], [1]):
        raise Unsupported("an image that is laid out otherwise")
    found: Node = x.blocks.item()
    return found


def mapped(x: Node, matrix: numpy.ndarray, batch: int, keep: bool = False) -> Node:
    """The columns of each example mapped by a constant matrix, which one that does nothing is not, unless it is to be kept."""
    if not keep and matrix.shape[0] == matrix.shape[1] and (matrix == numpy.eye(len(matrix))).all():
        return x
    return product(x, data("S", numpy.kron(numpy.eye(batch), matrix), "positions").blocks.item())


def of_shape(x: Node, shape: Sequence[int]) -> Tensor:
    """A matrix as an image of a shape."""
    axes = [columns(shape[0]), [("r", x.rows)] if x.rows else [], *map(columns, shape[2:])]
    return laid_out(axes, each(lambda _: x, numpy.empty((), object)))


def averaged(
    x: Tensor, out: Sequence[int], window: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> Tensor:
    """The mean of a window, zeros beyond the border counted."""
    taps = [
        seen(x.shape[2:], out[2:], tap, stride, [1] * len(window), padding)
        for tap in itertools.product(*map(range, window))
    ]
    total = numpy.sum(taps, axis=0)
    return of_shape(mapped(plain(x), total / math.prod(window), x.shape[0]), out)


def largest_of(
    x: Tensor,
    out: Sequence[int],
    window: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> Tensor:
    """The largest entry of a window; beyond the border there is nothing, which 0 stands for where no entry is negative."""
    source = plain(x)
    if any(padding) and not (source.op == "f" and source.attr in ("relu", "square", "sigmoid", "exp", "abs")):
        raise Unsupported("padding of what may be negative")
    terms = [
        mapped(source, seen(x.shape[2:], out[2:], tap, stride, dilation, padding), x.shape[0])
        for tap in itertools.product(*map(range, window))
    ]
    found = terms[0]
    for term in terms[1:]:
        found = larger(found, term)
    return of_shape(found, out)


def wide(value: Any, rank: int, default: Any = None) -> list[int]:
    """A number, or one for each axis, as a list."""
    value = default if value is None or value == [] or value == () else value
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return values * rank if len(values) == 1 else values
