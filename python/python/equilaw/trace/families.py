"""A model with repeated blocks as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .emit import Emission, Writer, is_told
from .node import Node, current
from .repeats import Repeats, found, inside

# The value that is carried from block to block, the index, and how many blocks there are.
CARRIED, INDEX, RANGE = "Y", "l", "L"


@dataclass
class Folded:
    """A text with `repeat`. `members` are the names in the plain text of the matrices of a family."""

    emission: Emission
    members: Mapping[str, list[str]]


def folded(output: list[Node], name: str, title: str, head: list[str], plain: Emission) -> Folded | None:
    """The model with its identical blocks told once, where it has some. Values of arbitrary functions cannot be compared there."""
    writer = Folding(output, plain)
    chain = found(writer.order) if len(writer.output) == 1 and not current().recorded else None
    return None if chain is None else writer.fold(chain, name, title, head)


class Folding(Writer):
    def __init__(self, output: list[Node], plain: Emission) -> None:
        super().__init__(output, closed=False)
        self.plain = {(leaf.key, leaf.cuts): own for own, (leaf, _) in plain.leaves.items()}
        self.taken |= {CARRIED, INDEX, RANGE, *self.plain.values()}
        self.order, self.uses = self.ordered()
        self.count = 0

    def fold(self, chain: Repeats, name: str, title: str, head: list[str]) -> Folded:
        members = self.name_leaves(chain)
        inner = [f"{self.declaration(x).split('   #')[0]}" for x in chain.leaves[0].values()]
        outer = [
            x for x in self.order if x.op in ("param", "data", "flipped") and self.names.get(x.id) in self.found.leaves
        ]
        outer = [x for x in outer if x not in chain.leaves[0].values()]
        declared = [self.declaration(x) for x in sorted(outer, key=lambda x: (x.op != "param", x.id))]
        front = _below(chain.before)
        ahead = self.lets([x for x in self.order if x.id in front and x is not chain.before])
        start = f"let    {CARRIED} = {self.formula(chain.before)}"
        outside = dict(self.names)
        self.names[chain.before.id] = CARRIED
        first = chain.after[0]
        body = self.lets([x for x in inside(first, chain.before) if x is not first])
        step = self.formula(first)
        blocks = {
            x.id for before, after in zip([chain.before, *chain.after], chain.after) for x in inside(after, before)
        }
        behind = [x for x in self.order if x.id not in blocks and x.id not in front]

        repeated = [
            f"repeat {INDEX} in 1..{RANGE} {{",
            *(f"  {x}" for x in [*inner, *body, f"let    {CARRIED} = {step}"]),
            "}",
        ]
        self.names = {**outside, chain.after[-1].id: CARRIED}
        rest = [
            *self.lets([x for x in behind if x is not self.output[0]]),
            f"output F = {self.formula(self.output[0])}",
            "loss any",
            "",
        ]
        many = len(chain.after)
        sizes = [f"{own} = {self.default(k, root.size)}" for k, (own, root) in enumerate(self.dims.values())]
        notes = [f"# {line}" for line in [*head, *(f"Assumed: {note}." for note in [*current().notes, *self.notes])]]
        top = [*notes, f'model {name} "{title}"', ""]
        self.found.sizes = {RANGE: many, **{own: root.size for own, root in self.dims.values()}}
        whole = [
            *top,
            f"dim {', '.join([f'{RANGE} = {min(many, 3)}', *sizes])}",
            "",
            *declared,
            "",
            *ahead,
            start,
            *repeated,
            *rest,
        ]
        self.found.text = "\n".join(whole)
        return Folded(self.found, members)

    def name_leaves(self, chain: Repeats) -> dict[str, list[str]]:
        """Names for the families, and those of the plain text for the others."""
        members = {}
        of_blocks = {x.id for block in chain.leaves for x in block.values()}
        for (rest, cuts), x in chain.leaves[0].items():
            family = self.free(
                f"{chain.name}_{rest.strip('._')}" + "".join(f"_{s if a in 'ut' else s // n}" for a, s, n in cuts)
            )
            self.names[x.id] = family
            self.found.leaves[family] = (x.attr, False)
            members[family] = [self.plain[block[rest, cuts].attr.key, cuts] for block in chain.leaves]
        for x in self.order:
            if x.op in ("param", "data", "flipped") and x.id not in of_blocks:
                self.names[x.id] = self.plain[x.attr.key, x.attr.cuts]
                self.found.leaves[self.names[x.id]] = (x.attr, x.op == "flipped")
        return members

    def lets(self, nodes: list[Node]) -> list[str]:
        """Definitions of those that are worth a name."""
        lines = []
        for x in nodes:
            if x.id not in self.names and is_told(x, self.uses):
                text = self.formula(x)
                self.count += 1
                self.names[x.id] = self.free(f"Z{self.count}")
                lines.append(f"let    {self.names[x.id]} = {text}")
        return lines


def _below(x: Node) -> set[int]:
    """A node and what it is computed from."""
    seen: set[int] = set()
    open_ = [x]
    while open_:
        y = open_.pop()
        if y.id not in seen:
            seen.add(y.id)
            open_ += y.args
    return seen
