"""Sums of alike terms, told once: the heads of an attention, experts, the taps of a convolution.

Terms of a sum are alike where they are one expression of what all of them share, and of parts of packed arrays, or of
parameters whose names differ by a number, in which they differ. Such parts are the members of a family, and the sum is
one over its index. Sums of such sums are alike in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .node import Leaf, Node, current, node, shape
from .program import Constant
from .size import unify

# Fewer are told one by one.
FEWEST = 2


@dataclass(frozen=True)
class Index:
    """The index of a sum. It is told from others by the first of its terms, or by constant matrices that differ from term to term, as the taps of
    convolutions do: sums over the same ones have one index."""

    term: int
    count: int


@dataclass(frozen=True)
class Members:
    """What the leaves of a family are, in the order of its index."""

    index: Index
    leaves: tuple[Leaf | Members, ...]

    @property
    def first(self) -> Leaf:
        first = self.leaves[0]
        return first.first if isinstance(first, Members) else first

    @property
    def kind(self) -> str:
        return self.first.kind

    @property
    def indices(self) -> tuple[Index, ...]:
        inner = self.leaves[0]
        return (self.index, *(inner.indices if isinstance(inner, Members) else ()))

    def all(self) -> Iterator[Leaf]:
        for leaf in self.leaves:
            yield from leaf.all() if isinstance(leaf, Members) else [leaf]


def all_of(leaf: Leaf | Members) -> list[Leaf]:
    return list(leaf.all()) if isinstance(leaf, Members) else [leaf]


def is_leaf(x: Node) -> bool:
    return x.op in ("param", "data", "flipped")


def gathered(outputs: Sequence[Node]) -> list[Node]:
    """The expressions with their sums of alike terms as sums over families. No part is then a member of a family and told by itself as well."""
    apart: set[Leaf] = set()
    while True:
        found = _Gathering(outputs, apart).all()
        clashing = _clashing(found)
        if not clashing:
            return found
        apart |= clashing


def _clashing(outputs: Sequence[Node]) -> set[Leaf]:
    """Leaves that stand in several places: in two families, or in one and by themselves."""
    places: dict[Leaf, set[int]] = {}
    for x in below(outputs):
        if is_leaf(x):
            for leaf in all_of(x.attr):
                places.setdefault(leaf, set()).add(x.id)
    return {leaf for leaf, all_ in places.items() if len(all_) > 1}


def below(outputs: Sequence[Node], known: Iterable[int] = ()) -> list[Node]:
    """The nodes of expressions, each after its arguments, down to some that are known."""
    order: list[Node] = []
    seen = set(known)
    open_: list[tuple[Node, bool]] = [(x, False) for x in reversed(outputs)]
    while open_:
        x, done = open_.pop()
        if done:
            order.append(x)
        elif x.id not in seen:
            seen.add(x.id)
            open_.append((x, True))
            open_ += [(a, False) for a in reversed(x.args)]
    return order


class _Gathering:
    def __init__(self, outputs: Sequence[Node], apart: set[Leaf]) -> None:
        self.outputs, self.apart = outputs, apart
        self.order = below(outputs)
        self.uses: dict[int, int] = {}
        for used in [*outputs, *(a for x in self.order for a in x.args)]:
            self.uses[used.id] = self.uses.get(used.id, 0) + 1
        self.parents_add = {a.id for x in self.order if x.op == "add" for a in x.args}
        self.new: dict[int, Node] = {}

    def all(self) -> list[Node]:
        for x in self.order:
            # A sum inside of a sum is gathered with it.
            if x.op == "add" and self.is_inner(x):
                continue
            with current().like(x):
                self.new[x.id] = self.sum(x) if x.op == "add" else self.kept(x)
        return [self.new[x.id] for x in self.outputs]

    def is_inner(self, x: Node) -> bool:
        return x.op == "add" and self.uses[x.id] == 1 and x.id in self.parents_add

    def kept(self, x: Node) -> Node:
        args = tuple(self.new[a.id] for a in x.args)
        return x if args == x.args else node(x.op, args, x.attr, x.rows, x.cols)

    def sum(self, x: Node) -> Node:
        terms = self.terms(x)
        # What is added twice is no member.
        once = [t for t in terms if terms.count(t) == 1]
        told: dict[int, Node | None] = {t.id: self.new[t.id] for t in terms}
        told.update(zip((t.id for t in once), self.told([self.new[t.id] for t in once])))
        return self.put(x, told, x) or x

    def terms(self, x: Node) -> list[Node]:
        out: list[Node] = []
        open_ = [x]
        while open_:
            y = open_.pop()
            if y is x or self.is_inner(y):
                open_ += reversed(y.args)
            else:
                out.append(y)
        return out

    def put(self, x: Node, told: dict[int, Node | None], top: Node) -> Node | None:
        """The sum with its terms replaced; `None` are those that stand in the sum over a family."""
        if x is not top and not self.is_inner(x):
            return told[x.id]
        a, b = (self.put(y, told, top) for y in x.args)
        if a is None or b is None:
            return b if a is None else a
        return node("add", (a, b), None, x.rows, x.cols)

    def told(self, terms: list[Node]) -> list[Node | None]:
        """In the place of the first of alike terms their sum, and nothing in those of the others."""
        out: list[Node | None] = list(terms)
        open_ = list(range(len(terms)))
        while open_:
            first, *rest = open_
            alike = [first, *(k for k in rest if terms[k] is not terms[first] and self.match([terms[first], terms[k]]))]
            found = self.over([terms[k] for k in alike]) if len(alike) >= FEWEST else None
            if found is not None:
                for k in alike:
                    out[k] = None
                out[first] = found
            open_ = [k for k in rest if found is None or k not in alike]
        return out

    def over(self, terms: list[Node]) -> Node | None:
        """The sum of alike terms, where there is one."""
        found = self.match(terms)
        if found is None:
            return None
        if found.split:
            # Some share what others do not, as heads that have keys in common: first the sum of these, then that of such sums.
            inner = [self.over([terms[k] for k in group]) for group in found.split]
            sums = [x for x in inner if x is not None]
            return self.over(sums) if len(sums) == len(inner) else None
        constants = [row[0] for row in found.rows.values() if is_leaf(row[0]) and isinstance(row[0].attr, Leaf)]
        constants = [x for x in constants if isinstance(x.attr.key, Constant)]
        index = Index((constants or terms)[0].id, len(terms))
        return node("over", (found.built(index),), index, terms[0].rows, terms[0].cols)

    def match(self, terms: list[Node]) -> _Match | None:
        found = _Match(terms, self.apart)
        return found if found.holds() else None


class _Match:
    """Terms beside each other, read as one expression."""

    def __init__(self, terms: list[Node], apart: set[Leaf]) -> None:
        self.terms, self.apart = tuple(terms), apart
        # What stands at one place of all of them, arguments first.
        self.rows: dict[tuple[int, ...], tuple[Node, ...]] = {}
        self.split: list[list[int]] | None = None

    def holds(self) -> bool:
        varies, open_ = False, [(self.terms, False)]
        while open_:
            row, done = open_.pop()
            key = tuple(x.id for x in row)
            if done:
                self.rows[key] = row
                continue
            if len(set(key)) == 1 or key in self.rows:
                continue
            first = row[0]
            if any(x.op != first.op or shape(x) != shape(first) or len(x.args) != len(first.args) for x in row):
                return False
            if is_leaf(first):
                if _one_family(row):
                    self.rows[key] = row
                    continue
                if not self.is_family(row):
                    return False
                varies = varies or first.op == "param"
                if len(set(key)) < len(key):
                    self.split = self.split or _groups(key)
                self.rows[key] = row
                continue
            if not _same_attributes(row) or not first.args:
                return False
            open_.append((row, True))
            open_ += reversed([(args, False) for args in zip(*(x.args for x in row))])
        if self.split and (len({len(g) for g in self.split}) > 1 or len(self.split[0]) < FEWEST):
            return False
        return varies

    def is_family(self, row: tuple[Node, ...]) -> bool:
        leaves = [all_of(x.attr) for x in row]
        if any(leaf in self.apart for group in leaves for leaf in group):
            return False
        if any(len(group) > 1 for group in leaves) and len({x for group in leaves for x in group}) < sum(
            map(len, leaves)
        ):
            # A parameter is one member of one family.
            return False
        return all(alike(leaves[0][0], leaf) for group in leaves for leaf in group)

    def built(self, index: Index) -> Node:
        """The generic term."""
        new: dict[tuple[int, ...], Node] = {}

        def of(row: tuple[Node, ...]) -> Node:
            key = tuple(x.id for x in row)
            return row[0] if len(set(key)) == 1 else new[key]

        for key, row in self.rows.items():
            first = row[0]
            for x in row[1:]:
                unify(first.rows, x.rows)
                unify(first.cols, x.cols)
            if is_leaf(first) and _one_family(row):
                new[key] = first
            elif is_leaf(first):
                new[key] = node(first.op, (), Members(index, tuple(x.attr for x in row)), first.rows, first.cols)
            else:
                args = tuple(of(column) for column in zip(*(x.args for x in row)))
                with current().like(first):
                    new[key] = node(first.op, args, first.attr, first.rows, first.cols)
        return of(self.terms)


def _one_family(row: tuple[Node, ...]) -> bool:
    """Whether what stands beside each other is one family, under several indices: heads that several terms have in common."""
    first = row[0].attr
    return isinstance(first, Members) and all(
        isinstance(x.attr, Members) and x.attr.leaves == first.leaves for x in row
    )


def _same_attributes(row: tuple[Node, ...]) -> bool:
    def told(x: Node) -> object:
        return x.attr.count if isinstance(x.attr, Index) else x.attr

    return all(told(x) == told(row[0]) for x in row)


def _groups(key: tuple[int, ...]) -> list[list[int]]:
    """The places at which the same stands."""
    return [[k for k, y in enumerate(key) if y == x] for x in dict.fromkeys(key)]


def alike(a: Leaf, b: Leaf) -> bool:
    """Whether two leaves may be members of one family: parts of one array, or arrays whose names differ by a number."""
    if a.kind != b.kind or a.kind in ("input", "image", "tokens") or len(a.cuts) != len(b.cuts):
        return False
    if any(s[0] != t[0] or s[2] != t[2] for s, t in zip(a.cuts, b.cuts)):
        return False
    if a.key == b.key:
        return True
    if isinstance(a.key, Constant) and isinstance(b.key, Constant):
        return not a.cuts
    return (
        a.cuts == b.cuts
        and isinstance(a.key, str)
        and isinstance(b.key, str)
        and _unnumbered(a.key) == _unnumbered(b.key)
    )


def parts_of(key: str) -> list[str]:
    """The parts of a name, with what stands between them."""
    return re.split(r"([._])", key)


def _unnumbered(key: str) -> list[str]:
    return ["#" if part.isdigit() else part for part in parts_of(key)]


def told_name(leaves: Sequence[Leaf], counts: Callable[[Leaf], list[int]]) -> str:
    """What leaves are called together: their name and which part they are, without what tells them apart."""
    if isinstance(leaves[0].key, Constant):
        return leaves[0].name.rstrip("0123456789")
    columns = list(zip(*(parts_of(leaf.name) for leaf in leaves)))
    kept = [x[0] for x in columns if len(set(x)) == 1 and x[0] not in "._"]
    parts = [str(x[0]) for x in zip(*(counts(leaf) for leaf in leaves)) if len(set(x)) == 1]
    return "_".join([*kept, *parts])
