"""What moves entries and computes nothing: axes exchanged, split, joined, repeated, cut and put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from .block import block
from .node import Node
from .simplify import cat, full
from .size import Dim, Unsupported, unify
from .tensor import Atom, Tensor, as_blocks, each, extent, flip, refine, single, unrolled


def permuted(t: Tensor, order: Sequence[int]) -> Tensor:
    if any([i for p in order for i, _ in t.places(k) if i == p] != [i for i, _ in t.places(k)] for k in "rc"):
        raise Unsupported("the positions of an image in another order")
    places = t.unrolled()
    moved = [n for p in order for n, (i, _) in enumerate(places) if i == p]
    return Tensor([t.axes[p] for p in order], t.blocks.transpose(moved))


def reshaped(t: Tensor, shape: Sequence[int]) -> Tensor:
    flat = Tensor([[atom for axis in t.axes for atom in axis]], t.blocks)
    new: list[list[int]] = []
    at = 0
    for size in shape:
        got, taken = 1, []
        while got < size:
            k = extent(flat.axes[0][at])
            if got * k > size:
                if size % got or k % (size // got):
                    raise Unsupported("a reshape that is no split of axes")
                flat = told_apart(flat, at, size // got)
                k = extent(flat.axes[0][at])
            taken.append(at)
            got *= k
            at += 1
        new.append(taken)
    return merged(Tensor([[flat.axes[0][i] for i in taken] for taken in new], flat.blocks))


def told_apart(t: Tensor, at: int, pieces: int) -> Tensor:
    """Splits an atom of the first axis: the positions of an image are several axes, and what else is split is unrolled."""
    kind, what = t.axes[0][at]
    if kind not in "rc" or not what.root().positions or extent((kind, what)) % pieces:
        return refine(t, 0, at, pieces)
    rest = extent((kind, what)) // pieces
    parts: list[Atom] = [(kind, Dim(pieces)), *([(kind, Dim(rest))] if rest > 1 else [])]
    return Tensor([t.axes[0][:at] + parts + t.axes[0][at + 1 :], *t.axes[1:]], t.blocks)


def merged(t: Tensor) -> Tensor:
    """Where all positions of an image are one axis, they are the columns."""
    for kind in "rc":
        places = t.places(kind)
        in_one = len(places) > 1 and len({i for i, _ in places}) == 1
        i, j = places[0] if places else (0, 0)
        if in_one and [k for _, k in places] == list(range(j, j + len(places))):
            whole: Node = t.blocks.flat[0]
            axis = t.axes[i][:j] + [(kind, whole.size(kind))] + t.axes[i][j + len(places) :]
            t = Tensor(t.axes[:i] + [axis] + t.axes[i + 1 :], t.blocks)
    return t


def broadcast(t: Tensor, shape: Sequence[int], places: Sequence[int]) -> Tensor:
    """The axes of t stand at these places of the shape; the others are repeated."""
    axes: list[list[Atom]] = [[("b", s)] if s != 1 else [] for s in shape]
    for i, d in enumerate(places):
        if t.axes[i] or shape[d] == 1:
            axes[d] = list(t.axes[i])
    return Tensor(axes, t.blocks)


def selected(t: Tensor, axis: int, index: int) -> Tensor:
    """One index of an axis, which is gone then."""
    t = unroll_first(t, axis)
    if not t.axes[axis] or t.axes[axis][0][0] == "b":
        return Tensor(t.axes[:axis] + t.axes[axis + 1 :], t.blocks)
    at = t.position(axis, 0)
    return Tensor(t.axes[:axis] + t.axes[axis + 1 :], as_blocks(numpy.moveaxis(t.blocks, at, 0)[index]))


def unroll_first(t: Tensor, axis: int) -> Tensor:
    """The axis as one unrolled atom, if it is not one that is repeated."""
    atoms = t.axes[axis]
    if not atoms or [kind for kind, _ in atoms] in (["b"], ["u"]):
        return t
    size = t.shape[axis]
    t = unrolled(t, axis)
    if any(kind == "b" for kind, _ in t.axes[axis]):
        raise Unsupported("an index of an axis that is repeated in part")
    at, shape, many = t.position(axis, 0), t.blocks.shape, len(t.axes[axis])
    blocks = t.blocks.reshape(shape[:at] + (size,) + shape[at + many :])
    return Tensor(t.axes[:axis] + [[("u", size)]] + t.axes[axis + 1 :], blocks)


def cut(t: Tensor, axis: int, start: int, length: int) -> Tensor:
    """`length` indices of an axis from `start` on."""
    size = t.shape[axis]
    if length == size:
        return t
    atoms = t.axes[axis]
    if length == 1:
        one = selected(t, axis, start)
        return Tensor(one.axes[:axis] + [[]] + one.axes[axis:], one.blocks)
    if len(atoms) == 1 and atoms[0][0] == "b":
        return Tensor(t.axes[:axis] + [[("b", length)]] + t.axes[axis + 1 :], t.blocks)
    if len(atoms) == 1 and atoms[0][0] in "rc":
        kind, dim = atoms[0]
        if len(t.places(kind)) > 1:
            raise Unsupported("a part of the positions of an image")
        piece = dim.root().piece(length)
        axes = t.axes[:axis] + [[(kind, piece)]] + t.axes[axis + 1 :]
        return Tensor(axes, each(lambda x: block(x, kind, start, length), t.blocks))
    # The first atom counts in steps of the rest.
    step = size // extent(atoms[0])
    if atoms[0][0] == "u" and start % step == 0 and length % step == 0:
        at = t.position(axis, 0)
        keep = slice(start // step, (start + length) // step)
        blocks = numpy.moveaxis(numpy.moveaxis(t.blocks, at, 0)[keep], 0, at)
        axes = [list(a) for a in t.axes]
        axes[axis][0] = ("u", length // step)
        return Tensor(axes, blocks)
    if atoms[0][0] in "ub" and len(atoms) > 1 and start // step == (start + length - 1) // step:
        inner = selected_first(t, axis, start // step)
        return cut(inner, axis, start % step, length)
    raise Unsupported("a slice across blocks")


def selected_first(t: Tensor, axis: int, index: int) -> Tensor:
    """One index of the first atom of an axis, the others stay."""
    kind, _ = t.axes[axis][0]
    axes = [list(a) for a in t.axes]
    at = t.position(axis, 0)
    axes[axis] = axes[axis][1:]
    if kind == "b":
        return Tensor(axes, t.blocks)
    return Tensor(axes, as_blocks(numpy.moveaxis(t.blocks, at, 0)[index]))


def split(t: Tensor, axis: int, lengths: Sequence[int]) -> list[Tensor]:
    """Consecutive cuts of an axis."""
    starts = [sum(lengths[:k]) for k in range(len(lengths))]
    return [cut(t, axis, start, length) for start, length in zip(starts, lengths)]


def stacked(parts: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors of one shape along a new axis."""
    parts = alike(parts)
    at = sum(1 for i, _ in parts[0].unrolled() if i < axis)
    axes = parts[0].axes[:axis] + [[("u", len(parts))]] + parts[0].axes[axis:]
    return Tensor(axes, _stack([p.blocks for p in parts], at))


def concatenated(parts: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors one after the other along an axis."""
    parts = [p for p in parts if p.shape[axis]]
    if len(parts) == 1:
        return parts[0]
    if len({p.shape for p in parts}) == 1:
        parts = alike(parts)
        at = parts[0].position(axis, 0)
        axes = [list(a) for a in parts[0].axes]
        axes[axis] = [("u", len(parts))] + axes[axis]
        return Tensor(axes, _stack([p.blocks for p in parts], at))
    return joined(parts, axis)


def same_layout(t: Tensor, like: Tensor, axis: int) -> Tensor:
    """One number everywhere, laid out as another tensor is, which has another size along an axis."""
    values = {x.value for x in t.blocks.flat}
    if None in values or len(values) > 1 or any(kind != "b" for a in t.axes for kind, _ in a):
        return t
    if like.blocks.ndim or [kind for kind, _ in like.axes[axis]] not in (["r"], ["c"]):
        raise Unsupported("a number beside what is laid out otherwise")
    x: Node = like.blocks.item()
    kind, size = like.axes[axis][0][0], t.shape[axis]
    dim = Dim(size) if size > 1 else None
    rows, cols = (dim, x.cols) if kind == "r" else (x.rows, dim)
    axes = [*like.axes[:axis], [(kind, dim)] if dim else [], *like.axes[axis + 1 :]]
    (value,) = values
    assert value is not None
    return Tensor(axes, single(full(value, rows, cols)))


def alike(parts: Sequence[Tensor]) -> list[Tensor]:
    """The tensors with their atoms of the same kinds, and their sizes made one."""
    from .arithmetic import align

    first, out = parts[0], [parts[0]]
    for part in parts[1:]:
        first, part = align(first, part, [(i, i) for i in range(first.rank)])
        if _kinds(first) != _kinds(part):
            part = flip(part)
        if _kinds(first) != _kinds(part):
            raise Unsupported("parts that are laid out differently")
        for x, y in zip(first.axes, part.axes):
            for (kind, a), (_, b) in zip(x, y):
                if kind in "rc":
                    unify(a, b)
        out.append(part)
    if any(_kinds(p) != _kinds(first) for p in out):
        raise Unsupported("parts that are laid out differently")
    return out


def _kinds(t: Tensor) -> list[list[tuple[str, int]]]:
    return [[(a[0], extent(a)) for a in axis] for axis in t.axes]


def _stack(blocks: list[numpy.ndarray], at: int) -> numpy.ndarray:
    if blocks[0].ndim:
        return numpy.stack(blocks, at)
    out = numpy.empty(len(blocks), object)
    for k, b in enumerate(blocks):
        out[k] = b[()]
    return out


def joined(parts: Sequence[Tensor], axis: int) -> Tensor:
    """Parts as rows above each other."""
    kinds = {a[0] for p in parts for a in p.axes[axis]}
    if kinds - {"r", "c"} or any(len(p.axes[axis]) > 1 or p.blocks.ndim for p in parts):
        raise Unsupported("parts of different lengths that are unrolled")
    if any(p.axes[axis] and p.axes[axis][0][0] == "c" for p in parts):
        parts = [flip(p) if p.axes[axis] and p.axes[axis][0][0] == "c" else p for p in parts]
    axes = [list(a) for a in max(parts, key=lambda p: len(p.axes[axis])).axes]
    nodes: list[Node] = [p.blocks.item() for p in parts]
    flat = [y for x in nodes for y in (x.args if x.op == "cat" else (x,))]
    found = cat(flat)
    axes[axis] = [("r", found.rows)]
    return Tensor(axes, single(found))
