"""An array of any rank as an array of matrix expressions.

Each axis is a list of atoms, in order: `u` is unrolled, one expression for each index; `r` and `c` are the rows
and the columns of every expression; `b` is not there yet, all its indices have the same value. Where several axes
are columns, as the positions of an image, the columns count their indices in the order of the axes. So the axis of
the heads of an attention is `u` once the fused projection was reshaped, and what was an axis of size 12 is the
atoms `u` of 4 and `c` of 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .block import block
from .node import Leaf, Node, node
from .simplify import full, num, transposed
from .size import Dim, Unsupported, number

Atom = tuple[str, Any]


class Tensor:
    """`blocks` is an object array with an axis for each atom `u`, in order."""

    def __init__(self, axes: Sequence[Sequence[Atom]], blocks: numpy.ndarray) -> None:
        self.axes = [list(axis) for axis in axes]
        self.blocks = blocks

    @property
    def rank(self) -> int:
        return len(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(math.prod(extent(a) for a in axis) for axis in self.axes)

    def unrolled(self) -> list[tuple[int, int]]:
        """Where the atoms `u` are: axis and place in it."""
        return [(i, j) for i, axis in enumerate(self.axes) for j, atom in enumerate(axis) if atom[0] == "u"]

    def position(self, i: int, j: int) -> int:
        """The axis of `blocks` of the first atom `u` at or after a place."""
        return sum(1 for place in self.unrolled() if place < (i, j))

    def map(self, f: Callable[[Node], Node]) -> Tensor:
        return Tensor(self.axes, each(f, self.blocks))

    def values(self, array: numpy.ndarray, summed: bool = False) -> numpy.ndarray:
        """An array of this shape, laid out as the expressions: unrolled axes first, then rows and columns. Of an axis whose indices have all the
        same value that value, or, of a cotangent, the sum."""
        atoms = [atom for axis in self.axes for atom in axis]
        array = numpy.asarray(array).reshape([extent(a) for a in atoms])
        repeated = tuple(i for i, a in enumerate(atoms) if a[0] == "b")
        array = array.sum(repeated) if summed else array[tuple(0 if a[0] == "b" else slice(None) for a in atoms)]
        kinds = [a[0] for a in atoms if a[0] != "b"]
        order = [i for kind in "urc" for i, k in enumerate(kinds) if k == kind]
        sizes = {kind: [array.shape[i] for i, k in enumerate(kinds) if k == kind] for kind in "urc"}
        found: numpy.ndarray = array.transpose(order).reshape(*sizes["u"], math.prod(sizes["r"]), math.prod(sizes["c"]))
        return found

    def placed(self, values: numpy.ndarray) -> numpy.ndarray:
        """An array of this shape from what is laid out as the expressions, with 0 where an index repeats a value."""
        size = math.prod(self.shape)
        found = numpy.zeros(size)
        found[self.values(numpy.arange(size).reshape(self.shape)).reshape(-1)] = values.reshape(-1)
        return found.reshape(self.shape)

    def places(self, kind: str) -> list[tuple[int, int]]:
        """Where the atoms of a kind are: axis and place in it."""
        return [(i, j) for i, axis in enumerate(self.axes) for j, atom in enumerate(axis) if atom[0] == kind]


def extent(atom: Atom) -> int:
    return int(atom[1]) if atom[0] in "ub" else number(atom[1])


def each(f: Callable[..., Node], *arrays: numpy.ndarray) -> numpy.ndarray:
    """An elementwise function of arrays of expressions of one shape."""
    out = numpy.empty(arrays[0].shape, object)
    for at in numpy.ndindex(out.shape):
        out[at] = f(*(a[at] for a in arrays))
    return out


def single(x: Node) -> numpy.ndarray:
    out = numpy.empty((), object)
    out[()] = x
    return out


def as_blocks(x: Any) -> numpy.ndarray:
    """An element or a part of `blocks` as an array."""
    return x if isinstance(x, numpy.ndarray) else single(x)


def constant(value: Any, shape: Sequence[int] = ()) -> Tensor:
    """A number, at all places of a shape."""
    return Tensor([[("b", s)] if s > 1 else [] for s in shape], single(num(value)))


def leaf(kind: str, name: str, key: Any, shape: Sequence[int], hints: Sequence[str] = ()) -> Tensor:
    """A parameter or data of the user. The last two axes are rows and columns, those before are unrolled."""
    lead, rest = tuple(shape[:-2]), tuple(shape[-2:])
    hints = [*hints, None, None]  # type: ignore[list-item]
    dims = [Dim(s, hint) if s != 1 else None for s, hint in zip(rest, hints)]
    rows, cols = (*dims, None, None)[:2]

    def atoms(kind: str, dim: Dim | None) -> list[Atom]:
        return [] if dim is None else [(kind, dim)]

    axes: list[list[Atom]] = [[("u", s)] if s > 1 else [] for s in lead]
    axes += [atoms(k, d) for k, d in zip("rc", dims)]
    blocks = numpy.empty(lead, object)
    for at in numpy.ndindex(lead):
        cuts = tuple(("u", k, 1) for k in at)
        blocks[at] = node(kind if kind == "param" else "data", (), Leaf(name, key, kind, cuts), rows, cols)
    return Tensor(axes, blocks.reshape([s for s in lead if s > 1]))


def flip(t: Tensor) -> Tensor:
    """The same tensor with rows and columns of the expressions exchanged."""
    other = {"r": "c", "c": "r"}
    axes = [[(other.get(kind, kind), what) for kind, what in axis] for axis in t.axes]
    return Tensor(axes, each(transposed, t.blocks))


def refine(t: Tensor, i: int, j: int, pieces: int) -> Tensor:
    """Splits atom j of axis i into `pieces`, unrolled, and the rest."""
    kind, what = t.axes[i][j]
    size = extent((kind, what))
    if size % pieces:
        raise Unsupported(f"{size} in {pieces} parts")
    if kind in "rc" and len(t.places(kind)) > 1:
        raise Unsupported("a part of the positions of an image")
    rest = size // pieces
    axes = [list(axis) for axis in t.axes]
    if kind == "b":
        axes[i][j : j + 1] = [("b", pieces), ("b", rest)]
        return Tensor(axes, t.blocks)
    at = t.position(i, j)
    shape = t.blocks.shape
    if kind == "u":
        axes[i][j : j + 1] = [("u", pieces), ("u", rest)]
        return Tensor(axes, t.blocks.reshape(shape[:at] + (pieces, rest) + shape[at + 1 :]))
    piece = what.root().piece(rest)
    axes[i][j : j + 1] = [("u", pieces)] + ([] if piece is None else [(kind, piece)])
    out = numpy.empty(shape[:at] + (pieces,) + shape[at:], object)
    for k in numpy.ndindex(shape):
        for n in range(pieces):
            out[k[:at] + (n,) + k[at:]] = block(t.blocks[k], kind, n * rest, rest)
    return Tensor(axes, out)


def unrolled(t: Tensor, i: int, limit: int = 64) -> Tensor:
    """The tensor with axis i unrolled whole."""
    j = 0
    while j < len(t.axes[i]):
        kind, what = t.axes[i][j]
        if kind in "rc":
            if extent((kind, what)) > limit:
                raise Unsupported("a long axis that would have to be written out")
            t = refine(t, i, j, extent((kind, what)))
        j += 1
    return t


def filled(t: Tensor, value: Any) -> Tensor:
    """A constant of the shape of a tensor."""
    return t.map(lambda x: full(value, x.rows, x.cols))
