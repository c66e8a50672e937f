"""Operations of ATen that only move entries, or are linear in the positions of images: products with constant matrices, which are read from what the
operation makes of the numbers of the places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy

from .arithmetic import entrywise
from .call import Call, handles
from .images import laid_out, mapped, of_shape, plain
from .node import Node, node
from .program import data, values_in
from .shape import cut, unroll_first
from .simplify import multiplied, product, transposed
from .size import Dim, Unsupported
from .tensor import Tensor, each, extent

# Which entry of an axis stands at each place, counted from 0; -1 where there is 0.
Places = list[int]

# What no number of the code is.
FIRST = 10**6 + 3


@handles(
    "constant_pad_nd",
    "flip",
    "index",
    "index_select",
    "pad",
    "reflection_pad1d",
    "reflection_pad2d",
    "repeat",
    "replication_pad1d",
    "replication_pad2d",
    "roll",
    "tril",
    "triu",
    "upsample_nearest1d",
    "upsample_nearest2d",
)
def selection(call: Call) -> Tensor:
    if not all(v.is_constant for v in values_in((call.args[1:], call.kwargs))):
        raise Unsupported(f"{call.name}, by an index that depends on values")
    return moved_as(call.tensor(), call.name, call.again)


def moved_as(tensor: Tensor, name: str, again: Callable[[numpy.ndarray], numpy.ndarray]) -> Tensor:
    """What an operation makes of an array, of which it moves entries alone."""
    count = math.prod(tensor.shape)
    seen = again(numpy.arange(count, dtype=float).reshape(tensor.shape) + FIRST)
    own = numpy.where(seen == 0, -1, seen - FIRST)
    if not numpy.isin(own, numpy.arange(-1, count)).all() or own.ndim < tensor.rank:
        raise Unsupported(f"{name}, which does not move single entries of an axis")
    own = own.astype(int)
    # What is repeated may have axes in front.
    front: list[list[tuple[str, int]]] = [[] for _ in range(own.ndim - tensor.rank)]
    tensor = Tensor([*front, *tensor.axes], tensor.blocks)
    if own.shape == tensor.shape:
        stays = own == numpy.arange(count).reshape(own.shape)
        if (stays | (own < 0)).all():
            return entrywise(multiplied, tensor, data("M", stays.astype(float)))
    return moved(tensor, by_axes(own, tensor.shape))


def by_axes(own: numpy.ndarray, shape: Sequence[int]) -> list[Places]:
    """The places along each axis, where an array of places is a product of them."""
    indices = numpy.unravel_index(numpy.maximum(own, 0), shape)
    found: list[Places] = []
    expected, there = numpy.zeros((), int), numpy.ones((), bool)
    for axis, size in enumerate(shape):
        places = []
        for k in range(own.shape[axis]):
            some = indices[axis].take(k, axis)[own.take(k, axis) >= 0]
            places.append(int(some.flat[0]) if some.size else -1)
        found.append(places)
        expected = expected[..., None] * size + numpy.maximum(places, 0)
        there = there[..., None] & (numpy.array(places) >= 0)
    if (numpy.where(there, expected, -1) != own).any():
        raise Unsupported("entries that are moved along several axes at once")
    return found


def moved(t: Tensor, places: Sequence[Places]) -> Tensor:
    """The entries at these places of each axis."""
    at = [i for i, _ in t.places("c")]
    if len(at) > 1 and any(places[i] != list(range(t.shape[i])) for i in at):
        # The positions of an image are moved together.
        if any(len(t.axes[i]) > 1 for i in at):
            raise Unsupported("a part of the positions of an image")
        matrix = numpy.ones((1, 1))
        for i in at:
            matrix = numpy.kron(matrix, picks(places[i], t.shape[i]))
        sees = data("S", matrix, "positions").blocks.item()
        axes = [[("c", Dim(len(places[i])))] if i in at else axis for i, axis in enumerate(t.axes)]
        places = [list(range(len(p))) if i in at else p for i, p in enumerate(places)]
        t = laid_out(axes, t.map(lambda x: product(x, sees)).blocks)
    for axis, some in enumerate(places):
        t = moved_along(t, axis, some)
    return t


def picks(places: Places, size: int) -> numpy.ndarray:
    """The matrix that takes an axis to its entries at these places: a column for each."""
    found = numpy.zeros((size, len(places)))
    for k, place in enumerate(places):
        if place >= 0:
            found[place, k] = 1
    return found


def moved_along(t: Tensor, axis: int, places: Places) -> Tensor:
    many, atoms = len(places), t.axes[axis]
    if min(places) >= 0 and places == list(range(places[0], places[0] + many)):
        return cut(t, axis, places[0], many)
    if min(places) >= 0 and [kind for kind, _ in atoms] in ([], ["b"]):
        return Tensor([*t.axes[:axis], [("b", many)], *t.axes[axis + 1 :]], t.blocks)
    if len(atoms) == 1 and atoms[0][0] in "rc":
        kind, dim = atoms[0]
        # What is only put into another order has the same size.
        to = dim if sorted(places) == list(range(extent(atoms[0]))) else Dim(many)
        one: Node = data("S", picks(places, extent(atoms[0]))).blocks.item()
        chosen = node("data", (), one.attr, dim, to if many > 1 else None)
        axes = [*t.axes[:axis], [(kind, to)] if many > 1 else [], *t.axes[axis + 1 :]]
        return Tensor(
            axes, each(lambda x: product(*((x, chosen) if kind == "c" else (transposed(chosen), x))), t.blocks)
        )
    if min(places) < 0:
        raise Unsupported("zeros beside what is repeated or in parts")
    t = unroll_first(t, axis)
    blocks = t.blocks.take(places, t.position(axis, 0))
    return Tensor([*t.axes[:axis], [("u", many)], *t.axes[axis + 1 :]], blocks)


@handles("upsample_bicubic2d", "upsample_bilinear2d", "upsample_linear1d")
def linear_in_positions(call: Call) -> Tensor:
    """What is the same linear map of the positions of every channel."""
    x = call.tensor()
    many = math.prod(x.shape[2:])
    sees = call.again(numpy.eye(many).reshape(1, many, *x.shape[2:])).reshape(many, -1)
    return of_shape(mapped(plain(x), sees, x.shape[0]), call.shape)
