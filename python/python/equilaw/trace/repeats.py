"""Identical blocks, one after the other: found in the expression of an output.

The parameters of blocks are told by their names, `layers.0.w`, `layers.1.w`, …. They are blocks of a model where
each takes one value from the one before, and computes the same from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .members import Index, Members, all_of, below, parts_of
from .node import Node, shape
from .size import unify

# Fewer are told one by one.
FEWEST = 3

# What stands in no block and depends on nothing.
CONSTANT = ("param", "data", "ones", "full", "num")

# Leaves.
LEAVES = ("param", "data", "flipped")


@dataclass
class Repeats:
    """Blocks of an expression: what goes into the first, what each gives, and the leaves of each, by what they are in their block."""

    name: str
    before: Node
    after: list[Node]
    leaves: list[dict[Any, Node]]


def found(order: list[Node]) -> Repeats | None:
    """The longest chain of identical blocks in the nodes of an expression, each node after its arguments."""
    for name, groups in _families(order):
        chain = _chain(order, name, groups)
        if chain is not None:
            return chain
    return None


def _families(order: list[Node]) -> Iterator[tuple[str, list[dict[Any, Node]]]]:
    """Leaves whose names differ by a number, for each number in order; those with the most numbers first."""
    groups: dict[tuple[str, ...], dict[int, dict[Any, Node]]] = {}
    for x in order:
        if x.op not in ("param", "data"):
            continue
        leaves = all_of(x.attr)
        if not all(isinstance(leaf.key, str) for leaf in leaves):
            continue
        names = [parts_of(leaf.key) for leaf in leaves]
        parts = names[0]
        for k, part in enumerate(parts):
            # What are members of one family stand in one block.
            if part.isdigit() and all(other[: k + 1] == parts[: k + 1] for other in names):
                place = (*parts[:k], "#")
                inner = (len(leaves), *(("".join(other[k + 1 :]), leaf.cuts) for other, leaf in zip(names, leaves)))
                groups.setdefault(place, {}).setdefault(int(part), {})[inner] = x
    for place, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        blocks = [members[k] for k in sorted(members)]
        if len(blocks) >= FEWEST and all(block.keys() == blocks[0].keys() for block in blocks):
            yield "".join(place[:-1]).strip("._") or "blocks", blocks


def bare(x: Node) -> Node:
    return x.args[0] if x.op == "T" else x


def _chain(order: list[Node], name: str, leaves: list[dict[Any, Node]]) -> Repeats | None:
    block_of = {x.id: k for k, block in enumerate(leaves) for x in block.values()}
    latest: dict[int, int] = {}
    for x in order:
        latest[x.id] = max([block_of.get(x.id, -1), *(latest[a.id] for a in x.args)])
    still = _still(order, block_of, set())
    crossings = [
        {
            bare(a).id: bare(a)
            for x in order
            if latest[x.id] > k
            for a in x.args
            if latest[a.id] <= k and a.id not in still and bare(a).op not in CONSTANT
        }
        for k in range(-1, len(leaves) - 1)
    ]
    # Data that every block reads, as the memory of a decoder, are carried by none.
    told = (*LEAVES, "onehot")
    read = {i for i, x in crossings[0].items() if x.op in told and all(i in crossing for crossing in crossings)}
    still = _still(order, block_of, read)
    cuts: list[Node] = []
    for k, crossing in enumerate(crossings, -1):
        source = _source([x for x in crossing.values() if x.id not in still], still)
        if source is None or latest[source.id] != k:
            return None
        cuts.append(source)
    shared = _signature(cuts[1], cuts[0], leaves[0], still)
    steps = zip(cuts[2:], cuts[1:], leaves[1:])
    if any(_signature(after, before, own, still) != shared for after, before, own in steps):
        return None
    last = [
        x for x in order if latest[x.id] == len(leaves) - 1 and _signature(x, cuts[-1], leaves[-1], still) == shared
    ]
    if len(last) != 1 or _leaks(order, last[0], cuts[-1], still):
        return None
    after = [*cuts[1:], last[0]]
    pairs = [(x, leaves[0][inner]) for block in leaves[1:] for inner, x in block.items()] + [
        (x, cuts[0]) for x in after
    ]
    if any(shape(x) != shape(y) for x, y in pairs):
        return None
    # The members of a family have one shape.
    for x, y in pairs:
        unify(x.rows, y.rows)
        unify(x.cols, y.cols)
    return Repeats(name, cuts[0], after, leaves)


def _still(order: list[Node], block_of: Mapping[int, int], read: set[int]) -> set[int]:
    """What is computed without samples, or from those that are read everywhere, and from what belongs to no block: it may be read in every block, and
    behind them."""
    still = set(read)
    for x in order:
        fixed = x.op in ("param", "data") and x.attr.kind not in ("input", "image", "tokens") and x.id not in block_of
        if fixed or x.op in ("ones", "full", "num") or x.args and all(a.id in still for a in x.args):
            still.add(x.id)
    return still


def _source(crossing: list[Node], still: set[int]) -> Node | None:
    """The value that a block takes: the one of those it reads from which the others are computed, as the norm in front of it."""
    for x in crossing:
        rest = [y for other in crossing if other is not x for y in inside(other, x)]
        if not any(y.op in LEAVES and y.id not in still for y in rest):
            return x
    return None


def inside(after: Node, before: Node) -> list[Node]:
    """The nodes of a block, each after its arguments."""
    return below([after], (before.id,))


def _leaks(order: list[Node], after: Node, before: Node, still: set[int]) -> bool:
    """Whether something behind the last block reads what is inside of it."""
    own = {x.id for x in inside(after, before) if x.id not in still and x.op not in CONSTANT}
    return any(a.id in own and bare(a) is not after for x in order if x.id not in own for a in x.args)


def _signature(after: Node, before: Node, leaves: dict[Any, Node], still: set[int]) -> Any:
    """What a block computes from what goes into it and its own leaves, as a list of operations."""
    known: dict[int, Any] = {before.id: "in"}
    order = inside(after, before)
    # Indices are told by the order of their sums.
    numbers = {index: k for k, index in enumerate(x.attr for x in order if x.op == "over")}

    def indices(x: Node) -> list[Any]:
        return [numbers.get(index) for index in x.attr.indices] if isinstance(x.attr, Members) else []

    known.update({x.id: (inner, *indices(x)) for inner, x in leaves.items()})
    lines: list[Any] = []
    for x in order:
        if x.id in known:
            continue
        if x.id in still or x.op in ("param", "data"):
            known[x.id] = ("outer", x.id)
            continue
        attribute = (numbers[x.attr], x.attr.count) if isinstance(x.attr, Index) else x.attr
        line = (x.op, attribute, tuple(known[a.id] for a in x.args))
        known[x.id] = len(lines)
        lines.append(line)
    return lines if after.id != before.id else None
