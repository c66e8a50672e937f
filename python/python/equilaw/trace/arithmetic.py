"""What computes: entry by entry, products, and sums over axes."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy

from .node import Leaf, Node, node
from .parts import by_parts, multiplied_out
from .shape import permuted
from .simplify import added, largest, mean, multiplied, scaled, spread, total
from .size import Dim, Unsupported, unify
from .tensor import Atom, Tensor, as_blocks, each, extent, flip, refine, unrolled


def align(a: Tensor, b: Tensor, pairs: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """Splits the atoms of paired axes until they correspond to each other."""
    for i, k in pairs:
        j = 0
        while j < len(a.axes[i]) and j < len(b.axes[k]):
            x, y = a.axes[i][j], b.axes[k][j]
            p, q = extent(x), extent(y)
            if p == q:
                mixed = (x[0] == "u") != (y[0] == "u") and "b" not in (x[0], y[0])
                if mixed and x[0] == "u":
                    b = refine(b, k, j, p)
                elif mixed:
                    a = refine(a, i, j, p)
                j += 1
            elif p > q:
                a = refine(a, i, j, q)
            else:
                b = refine(b, k, j, p)
    return a, b


def entrywise(f: Callable[[Node, Node], Node], a: Tensor, b: Tensor) -> Tensor:
    """f of two tensors entry by entry, with axes repeated where one has size 1 or does not have them."""
    rank = max(a.rank, b.rank)
    a, b = _padded(a, rank), _padded(b, rank)
    for i in range(rank):
        if not a.axes[i] and b.axes[i]:
            a.axes[i] = [("b", extent(x)) for x in b.axes[i]]
        if not b.axes[i] and a.axes[i]:
            b.axes[i] = [("b", extent(x)) for x in a.axes[i]]
    a, b = align(a, b, [(i, i) for i in range(rank)])
    if _clash(a, b):
        # The one that is not laid out as an image is.
        fewer = len(a.places("r") + a.places("c")) < len(b.places("r") + b.places("c"))
        a, b = (flip(a), b) if fewer else (a, flip(b))
    if _clash(a, b):
        raise Unsupported("an operation on three axes at once")
    whole = {kind: _whole(kind, a, b) for kind in "rc"}
    axes: list[list[Atom]] = []
    for x, y in zip(a.axes, b.axes):
        axis = []
        for p, q in zip(x, y):
            if p[0] in "rc" and q[0] in "rc":
                unify(p[1], q[1])
            axis.append(q if p[0] == "b" else p)
        axes.append(axis)
    return Tensor(axes, each(by_parts(f), _grown(a, axes, whole), _grown(b, axes, whole)))


def of_two(f: Callable[[Node, Node], Node]) -> Callable[[Any], Tensor]:
    """What a call of a table makes of its two arguments, entry by entry."""
    return lambda call: entrywise(f, call.tensor(0), call.tensor(1))


def _padded(t: Tensor, rank: int) -> Tensor:
    missing: list[list[Atom]] = [[] for _ in range(rank - t.rank)]
    return Tensor(missing + t.axes, t.blocks)


def _clash(a: Tensor, b: Tensor) -> bool:
    """Whether rows or columns of the two stand at different places."""
    for kind, other in ("rc", "cr"):
        mine, theirs = a.places(kind), b.places(kind)
        if mine and theirs and mine != theirs or set(mine) & set(b.places(other)):
            return True
    return False


def _whole(kind: str, a: Tensor, b: Tensor) -> Dim | None:
    """The rows or columns of the result."""
    of = a if a.places(kind) else b
    first: Node = of.blocks.flat[0]
    return first.size(kind) if of.places(kind) else None


def _grown(t: Tensor, axes: list[list[Atom]], whole: dict[str, Dim | None]) -> numpy.ndarray:
    """The expressions of t at all the axes, with these rows and columns."""
    spreads: set[str] = set()
    shape, own = [], []
    for i, axis in enumerate(axes):
        for j, atom in enumerate(axis):
            mine = t.axes[i][j][0]
            if atom[0] == "u":
                shape.append(atom[1])
                own.append(atom[1] if mine == "u" else 1)
            elif atom[0] in "rc" and mine == "b":
                spreads.add(atom[0])
    blocks = numpy.broadcast_to(t.blocks.reshape(own), shape)

    def grow(x: Node) -> Node:
        for axis in sorted(spreads):
            if x.size(axis) is None:
                x = spread(x, axis, whole[axis])
        return x

    return each(grow, blocks)


def contracted(
    a: Tensor,
    b: Tensor,
    over: tuple[Sequence[int], Sequence[int]],
    batch: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> Tensor:
    """The product summed over paired axes, for each index of other pairs; the axes are the batch, those of a, those of b."""
    (ca, cb), (ba, bb) = over, batch
    if _in_matrices(a, ba) or _in_matrices(b, bb):
        # For each sample its own product is one entry by entry, that is summed.
        try:
            return _entry_by_entry(a, b, over, batch)
        except Unsupported:
            pass
    a, b = _turned(a, ca), _turned(b, cb)
    for i in ba:
        a = unrolled(a, i)
    for i in bb:
        b = unrolled(b, i)
    a, b = align(a, b, [*zip(ca, cb), *zip(ba, bb)])
    for i, k in zip(ba, bb):
        for j in range(len(a.axes[i])):
            a, b = _present(a, i, j, b.axes[k][j]), _present(b, k, j, a.axes[i][j])
    a, b = _repetitions_summed(a, b, [*zip(ca, cb)])
    fa = [i for i in range(a.rank) if i not in ca and i not in ba]
    fb = [i for i in range(b.rank) if i not in cb and i not in bb]
    inner = []
    for i, k in zip(ca, cb):
        for x, y in zip(a.axes[i], b.axes[k]):
            if x[0] in "rc" and y[0] in "rc":
                inner.append((x[0], y[0]))
                unify(x[1], y[1])
    if len(inner) > 1 or any(
        len(t.places(kind)) > 1 and not {i for i, _ in t.places(kind)} <= set(free)
        for t, free in ((a, fa), (b, fb))
        for kind in "rc"
    ):
        raise Unsupported("a product over several axes")
    if inner:
        a = flip(a) if inner[0][0] == "r" else a
        b = flip(b) if inner[0][1] == "c" else b
    else:
        a = flip(a) if _free(a, fa) == {"c"} else a
        b = flip(b) if _free(b, fb) == {"r"} else b
    if len(_free(a, fa)) > 1 or len(_free(b, fb)) > 1:
        raise Unsupported("a product of arrays with three axes")
    left, right = permuted(a, [*ba, *fa, *ca]), permuted(b, [*bb, *fb, *cb])
    blocks = _products(left.blocks, right.blocks, _count(a, ba), _count(a, fa), _count(b, fb), _count(a, ca))
    return Tensor([a.axes[i] for i in [*ba, *fa]] + [b.axes[i] for i in fb], blocks)


def _in_matrices(t: Tensor, axes: Sequence[int]) -> bool:
    """Whether one of some axes is the rows or the columns of every expression."""
    return any([kind in "rc" for kind, _ in t.axes[i]] == [True] for i in axes)


def _entry_by_entry(
    a: Tensor, b: Tensor, over: tuple[Sequence[int], Sequence[int]], batch: tuple[Sequence[int], Sequence[int]]
) -> Tensor:
    (ca, cb), (ba, bb) = over, batch
    fa = [i for i in range(a.rank) if i not in ca and i not in ba]
    fb = [i for i in range(b.rank) if i not in cb and i not in bb]
    left, right = permuted(a, [*ba, *fa, *ca]), permuted(b, [*bb, *fb, *cb])
    n, k, m = len(ba), len(fa), len(fb)
    left = Tensor([*left.axes[: n + k], *([] for _ in fb), *left.axes[n + k :]], left.blocks)
    right = Tensor([*right.axes[:n], *([] for _ in fa), *right.axes[n:]], right.blocks)
    return summed(entrywise(multiplied, left, right), range(n + k + m, left.rank))


def _turned(t: Tensor, contracted_axes: Sequence[int]) -> Tensor:
    """A parameter with three axes of which the first alone is contracted: the second is written out, and not the first, so that it is a matrix for each
    of these, as of each head."""
    leaves = [x for x in t.blocks.flat]
    if list(contracted_axes) != [0] or [[kind for kind, _ in axis] for axis in t.axes] != [["u"], ["r"], ["c"]]:
        return t
    if any(x.op not in ("param", "data") or [c[0] for c in x.attr.cuts] != ["u"] for x in leaves):
        return t
    first: Leaf = leaves[0].attr
    rows, cols = Dim(t.shape[0]), leaves[0].cols
    blocks = numpy.empty(t.shape[1], object)
    for k in range(t.shape[1]):
        blocks[k] = node(leaves[0].op, (), Leaf(first.name, first.key, first.kind, (("v", k, 1),)), rows, cols)
    return Tensor([[("r", rows)], [("u", t.shape[1])], [("c", cols)]], blocks)


def summed_over(equation: str, operands: Sequence[Tensor]) -> Tensor:
    """An Einstein sum, factor by factor: what stands in no factor behind, nor in the result, is summed as soon as it can be."""
    terms, right = _spelled(equation.replace(" ", ""), [t.rank for t in operands])
    if any(len(set(term)) < len(term) for term in terms):
        raise Unsupported("a diagonal of an Einstein sum")

    def only(term: str, t: Tensor, kept: set[str]) -> tuple[str, Tensor]:
        gone = [i for i, x in enumerate(term) if x not in kept]
        return "".join(x for x in term if x in kept), summed(t, gone) if gone else t

    behind = [set(right).union(*terms[k + 1 :]) for k in range(len(terms))]
    term, found = only(terms[0], operands[0], behind[0])
    for k in range(1, len(terms)):
        other, factor = only(terms[k], operands[k], behind[k] | set(term))
        term, found = only(term, found, behind[k] | set(other))
        both = [x for x in term if x in other]
        batch, over = [x for x in both if x in behind[k]], [x for x in both if x not in behind[k]]
        places = [([term.index(x) for x in xs], [other.index(x) for x in xs]) for xs in (over, batch)]
        found = contracted(found, factor, *places)
        term = "".join([*batch, *(x for x in term if x not in both), *(x for x in other if x not in both)])
    return permuted(found, [term.index(x) for x in right])


def _spelled(equation: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The axes of each factor and of the result of an Einstein sum, those of an ellipsis named too."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    free = [x for x in string.ascii_letters if x not in equation]
    many = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks) if "..." in term]
    # The last axes of all ellipses are one.
    unnamed = ["".join(free[:n][::-1]) for n in many]
    if not arrow:
        single = sorted(x for x in set(left) - {",", "."} if left.count(x) == 1)
        right = "".join([*("..." for _ in many[:1]), *single])
    of = iter(unnamed)
    terms = [term.replace("...", next(of)) if "..." in term else term for term in terms]
    return terms, right.replace("...", max(unnamed, key=len, default=""))


def _present(t: Tensor, i: int, j: int, other: Atom) -> Tensor:
    """An axis that is repeated in t and unrolled in the other, unrolled."""
    if t.axes[i][j][0] != "b" or other[0] != "u":
        return t
    at = t.position(i, j)
    axes = [list(axis) for axis in t.axes]
    axes[i][j] = other
    return Tensor(axes, numpy.repeat(numpy.expand_dims(t.blocks, at), other[1], at))


def _repetitions_summed(a: Tensor, b: Tensor, pairs: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """What one factor repeats along a contracted axis is multiplied by the sum of the other."""
    for i, k in pairs:
        for j in reversed(range(len(a.axes[i]))):
            if "b" in (a.axes[i][j][0], b.axes[k][j][0]):
                if a.axes[i][j][0] == "b":
                    b, a = _atom_summed(b, k, j), _dropped(a, i, j)
                else:
                    a, b = _atom_summed(a, i, j), _dropped(b, k, j)
    return a, b


def _dropped(t: Tensor, i: int, j: int) -> Tensor:
    return Tensor([axis[:j] + axis[j + 1 :] if k == i else axis for k, axis in enumerate(t.axes)], t.blocks)


def _free(t: Tensor, axes: Sequence[int]) -> set[str]:
    return {a[0] for i in axes for a in t.axes[i] if a[0] in "rc"}


def _count(t: Tensor, axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(a[1] for i in axes for a in t.axes[i] if a[0] == "u")


def _products(
    left: numpy.ndarray,
    right: numpy.ndarray,
    batch: tuple[int, ...],
    rows: tuple[int, ...],
    cols: tuple[int, ...],
    inner: tuple[int, ...],
) -> numpy.ndarray:
    out = numpy.empty(batch + rows + cols, object)
    for u in numpy.ndindex(*batch):
        for v in numpy.ndindex(*rows):
            for w in numpy.ndindex(*cols):
                found: Node | None = None
                for k in numpy.ndindex(*inner):
                    term = multiplied_out(left[u + v + k], right[u + w + k])
                    found = term if found is None else added(found, term)
                out[u + v + w] = found
    return out


def summed(t: Tensor, axes: Sequence[int]) -> Tensor:
    """The sum over axes, which are gone then."""
    return _reduced(t, axes, total, added, lambda k, x: scaled(Fraction(k), x))


def meaned(t: Tensor, axes: Sequence[int]) -> Tensor:
    """The mean over axes, which are gone then."""
    many = math.prod(extent(a) for i in axes for a in t.axes[i] if a[0] == "u")
    found = _reduced(t, axes, mean, added, lambda _, x: x)
    return found.map(lambda x: scaled(Fraction(1, many), x))


def maximum(t: Tensor, axes: Sequence[int]) -> Tensor:
    def refuse(a: Node, b: Node) -> Node:
        raise Unsupported("the largest of several blocks")

    return _reduced(t, axes, largest, refuse, lambda _, x: x)


def _reduced(
    t: Tensor,
    axes: Sequence[int],
    along: Callable[[Node, str], Node],
    both: Callable[[Node, Node], Node],
    repeated: Callable[[int, Node], Node],
) -> Tensor:
    t = _joined(t, axes)
    for i in sorted(axes, reverse=True):
        for j in reversed(range(len(t.axes[i]))):
            t = _atom_reduced(t, i, j, along, both, repeated)
        t = Tensor([axis for k, axis in enumerate(t.axes) if k != i], t.blocks)
    return t


def _joined(t: Tensor, axes: Sequence[int]) -> Tensor:
    """All positions of an image are one atom where they are reduced together."""
    for kind in "rc":
        places = t.places(kind)
        if len(places) < 2 or not {i for i, _ in places} & set(axes):
            continue
        if not {i for i, _ in places} <= set(axes):
            raise Unsupported("some of the positions of an image")
        whole: Node = t.blocks.flat[0]
        (i, j), *others = places
        kept = [[a for k, a in enumerate(axis) if (n, k) not in others] for n, axis in enumerate(t.axes)]
        kept[i][j] = (kind, whole.size(kind))
        t = Tensor(kept, t.blocks)
    return t


def _atom_summed(t: Tensor, i: int, j: int) -> Tensor:
    return _atom_reduced(t, i, j, total, added, lambda k, x: scaled(Fraction(k), x))


def _atom_reduced(
    t: Tensor,
    i: int,
    j: int,
    along: Callable[[Node, str], Node],
    both: Callable[[Node, Node], Node],
    repeated: Callable[[int, Node], Node],
) -> Tensor:
    kind, what = t.axes[i][j]
    if kind == "b":
        t = t.map(lambda x: repeated(what, x))
    elif kind == "u":
        parts = numpy.moveaxis(t.blocks, t.position(i, j), 0)
        found = as_blocks(parts[0])
        for part in parts[1:]:
            found = each(both, found, as_blocks(part))
        t = Tensor(t.axes, found)
    else:
        t = t.map(lambda x: along(x, kind))
    return _dropped(t, i, j)
