"""Images and signals: channels are rows, the positions of all axes, and the examples of a batch, are columns.

A convolution is the sum over its taps of W * X * T with a constant matrix T for each, which says what that tap
sees at every position, whatever stride, padding and dilation are. A transposed one has Wᵀ, and the transpose of what the taps of its adjoint see; groups of channels
stand above each other, and one channel for each filter is multiplied by a number. A pooling is a product with a constant matrix,
or the largest of what its taps see.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy

from .block import block
from .node import Leaf, Node, current, node
from .parts import by_parts, multiplied_out
from .program import data
from .shape import joined
from .simplify import added, cat, larger, multiplied, product, spread, transposed
from .size import Dim, Unsupported, number
from .tensor import Atom, Tensor, each, extent, flip, single


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
    if whole.cols:
        whole.cols.root().positions = True
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


@dataclass(frozen=True)
class Windows:
    """How windows lie, for each axis. The entries of an image may be spread out, so many places apart, with 0 between them; `transposed` windows lie in
    the result, and what they see is spread there."""

    stride: Sequence[int]
    padding: Sequence[int]
    dilation: Sequence[int] = ()
    transposed: bool = False
    spread: Sequence[int] = ()

    def seen(self, positions: Sequence[int], out: Sequence[int], tap: Sequence[int]) -> numpy.ndarray:
        """What a tap sees: a matrix from the positions of an image to those of the result, with 0 beyond the border."""
        if self.transposed:
            return numpy.transpose(replace(self, transposed=False).seen(out, positions, tap))
        one = [1] * len(tap)
        found: numpy.ndarray = numpy.ones((1, 1))
        for n, m, t, s, p, d, w in zip(
            positions, out, tap, self.stride, self.padding, self.dilation or one, self.spread or one
        ):
            along = numpy.zeros((n, m))
            for j in range(m):
                at, between = divmod(s * j + d * t - p, w)
                if between == 0 and 0 <= at < n:
                    along[at, j] = 1
            found = numpy.kron(found, along)
        return found


def convolved(x: Tensor, weight: Tensor, out: Sequence[int], windows: Windows, groups: int = 1) -> Tensor:
    """The convolution of an image of shape batch × channels × positions by `filters`: of each group of channels by its own."""
    if any(len(axis) > 1 for axis in weight.axes) or [i for i, _ in weight.unrolled()] != [
        i for i, s in enumerate(weight.shape) if i > 1 and s > 1
    ]:
        raise Unsupported("filters that are computed")
    taps = list(itertools.product(*(range(s) for s in weight.shape[2:])))
    source, blocks = plain(x), weight.blocks.reshape(weight.shape[2:])
    channels, rows = x.shape[1] // groups, weight.shape[0] // groups
    depthwise = groups > 1 and channels == 1 and not windows.transposed
    found: list[Node] = []
    for group in range(1 if depthwise else groups):
        terms = []
        for tap in taps:
            sees = windows.seen(x.shape[2:], out[2:], tap)
            if not sees.any():
                continue
            part = source if depthwise else block(source, "r", group * channels, channels)
            filtered = blocks[tap] if depthwise else block(blocks[tap], "r", group * rows, rows)
            # The tap that sees everything where it is stands beside the others.
            seen_by = mapped(part, sees, x.shape[0], keep=len(taps) > 1)
            if depthwise:
                terms.append(by_parts(multiplied)(spread(filtered, "c", seen_by.cols), _repeated(seen_by, rows)))
            else:
                terms.append(multiplied_out(transposed(filtered) if windows.transposed else filtered, seen_by))
        if not terms:
            raise Unsupported("a convolution that sees nothing")
        found.append(functools.reduce(added, terms))
    if len(found) == 1:
        return of_shape(found[0], out)
    batch, channels, *positions = out
    return joined([of_shape(y, [batch, channels // groups, *positions]) for y in found], 1)


def _repeated(x: Node, times: int) -> Node:
    """Each row so many times, one behind the other."""
    if times == 1:
        return x
    return product(data("E", numpy.kron(numpy.eye(number(x.rows)), numpy.ones((times, 1)))).blocks.item(), x)


def plain(x: Tensor) -> Node:
    """The one matrix of an image."""
    if x.rank > 1 and [i for i, _ in x.unrolled()] == [1] and x.axes[1][0][0] == "u":
        # Channels that stand above each other.
        rest = [axis[1:] if i == 1 else axis for i, axis in enumerate(x.axes)]
        return cat([plain(Tensor(rest, single(y))) for y in x.blocks])
    if [i for i, _ in x.places("c")] == [1]:
        x = flip(x)
    kinds = [a[0] for axis in x.axes for a in axis]
    if x.blocks.ndim or set(kinds) - {"r", "c"} or [i for i, _ in x.places("r")] not in ([], [1]):
        raise Unsupported("an image that is laid out otherwise")
    found: Node = x.blocks.item()
    return found


def mapped(x: Node, matrix: numpy.ndarray, batch: int, keep: bool = False) -> Node:
    """The columns of each example mapped by a constant matrix, which one that does nothing is not, unless it is to be kept."""
    if not keep and matrix.shape[0] == matrix.shape[1] and (matrix == numpy.eye(len(matrix))).all():
        return x
    return multiplied_out(x, data("S", numpy.kron(numpy.eye(batch), matrix), "positions").blocks.item())


def of_shape(x: Node, shape: Sequence[int]) -> Tensor:
    """A matrix as an image of a shape."""
    axes = [columns(shape[0]), [("r", x.rows)] if x.rows else [], *map(columns, shape[2:])]
    return laid_out(axes, each(lambda _: x, numpy.empty((), object)))


def positions_summed(t: Tensor, axes: Sequence[int]) -> Tensor:
    """The sum over some of the axes of positions, as those of each example of a batch: these are of size 1 then. Where it is all of them, or none, nothing is done."""
    places = t.places("c")
    some = [i for i, _ in places if i in axes]
    if not some or len(some) == len(places) or t.blocks.ndim:
        return t
    sizes = [extent(t.axes[i][j]) for i, j in places]
    parts = [numpy.ones((n, 1)) if i in axes else numpy.eye(n) for n, (i, _) in zip(sizes, places)]
    sums = data("S", functools.reduce(numpy.kron, parts), "positions").blocks.item()
    kept = [[a for a in axis if a[0] != "c" or i not in axes] for i, axis in enumerate(t.axes)]
    return laid_out(kept, t.map(lambda x: product(x, sums)).blocks)


def _seen_by_all(x: Tensor, out: Sequence[int], window: Sequence[int], windows: Windows) -> numpy.ndarray:
    """How often each position of an image is seen by the taps of each window."""
    taps = itertools.product(*map(range, window))
    found: numpy.ndarray = numpy.sum([windows.seen(x.shape[2:], out[2:], tap) for tap in taps], axis=0)
    return found


def summed_up(x: Tensor, out: Sequence[int], window: Sequence[int], windows: Windows) -> Tensor:
    """The sum of a window, zeros beyond the border."""
    return of_shape(mapped(plain(x), _seen_by_all(x, out, window, windows), x.shape[0]), out)


def averaged(
    x: Tensor, out: Sequence[int], window: Sequence[int], windows: Windows | None = None, border: bool = True
) -> Tensor:
    """The mean of a window, whose zeros beyond the border are counted or not; windows that are not told lie side by side."""
    total = _seen_by_all(x, out, window, windows or Windows(window, [0] * len(window)))
    counted = math.prod(window) if border else total.sum(axis=0)
    return of_shape(mapped(plain(x), total / counted, x.shape[0]), out)


def largest_of(x: Tensor, out: Sequence[int], window: Sequence[int], windows: Windows | None = None) -> Tensor:
    """The largest entry of a window, which lie side by side where nothing is told; beyond the border there is nothing, which 0 stands for where no entry is negative."""
    source = plain(x)
    nonnegative = source.op == "f" and source.attr in ("relu", "square", "sigmoid", "exp", "abs")
    lying = windows or Windows(window, [0] * len(window))
    taps = [lying.seen(x.shape[2:], out[2:], tap) for tap in itertools.product(*map(range, window))]
    if not nonnegative and not all(sees.any(axis=0).all() for sees in taps):
        raise Unsupported("padding of what may be negative")
    terms = [mapped(source, sees, x.shape[0]) for sees in taps]
    return of_shape(functools.reduce(by_parts(larger), terms), out)


def wide(value: Any, rank: int, default: Any = None) -> list[int]:
    """A number, or one for each axis, as a list."""
    value = default if value is None or value == [] or value == () else value
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return values * rank if len(values) == 1 else values
