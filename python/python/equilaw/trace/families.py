"""A model with families as text: sums over members, and repeated blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .emit import Emission, Writer, counts, is_told
from .members import Index, Members, all_of, below, gathered, is_leaf, told_name
from .node import Leaf, Node, current
from .repeats import Repeats, found, inside

# The value that is carried from block to block, the index of blocks, and how many there are.
CARRIED, BLOCK, BLOCKS = "Y", "l", "L"

# The indices of sums, and how many members they have.
INDICES, RANGES = ("i", "j", "o", "r", "s"), ("H", "G", "E", "R", "S")

# How many members, and blocks, there are by default: the laws hold for all numbers of them.
USUAL, USUAL_BLOCKS = 2, 3

# The names in the plain text of the members of a family, with an index of its own for each level.
Names = str | list["Names"]


@dataclass
class Folded:
    """A text with families. `members` are the names in the plain text of what a family has."""

    emission: Emission
    members: Mapping[str, list[Names]]

    def written_out(self) -> Iterator[tuple[str, str]]:
        """Each matrix of the text by its name there, as `W[1,2]`, and by that in the plain one."""
        for own in self.emission.leaves:
            if own in self.members:
                for at, plain in numbered(self.members[own]):
                    yield f"{own}[{','.join(map(str, at))}]", plain
            else:
                yield own, own


def numbered(members: Names, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], str]]:
    """The members of a family with their indices, which begin with 1."""
    if isinstance(members, str):
        yield at, members
        return
    for k, inner in enumerate(members):
        yield from numbered(inner, (*at, k + 1))


def folded(output: list[Node], name: str, title: str, head: list[str], plain: Emission) -> Folded | None:
    """The model with alike terms and identical blocks told once, where it has some."""
    writer = Folding(output, plain)
    chain = found(writer.order) if len(writer.output) == 1 else None
    if chain is None and not any(x.op == "over" for x in writer.order):
        return None
    return writer.fold(chain, name, title, head)


class Folding(Writer):
    def __init__(self, output: list[Node], plain: Emission) -> None:
        super().__init__(output, closed=False)
        self.plain = {leaf: own for own, (leaf, _) in plain.leaves.items()}
        self.taken |= {CARRIED, BLOCK, BLOCKS, *self.plain.values()}
        self.output = gathered(self.output)
        self.order, self.uses = self.ordered()
        # The indices on which a value depends, outer ones first.
        self.depends: dict[int, tuple[Index, ...]] = {}
        for x in self.order:
            self.depends[x.id] = self.dependence(x)
        self.indices: dict[Index, tuple[str, str]] = {}
        self.count = 0

    def dependence(self, x: Node) -> tuple[Index, ...]:
        if is_leaf(x):
            return x.attr.indices if isinstance(x.attr, Members) else ()
        every = sorted((self.depends[a.id] for a in x.args), key=len, reverse=True)
        union = tuple(dict.fromkeys(index for all_ in every for index in all_))
        return tuple(index for index in union if x.op != "over" or index != x.attr)

    def index(self, index: Index) -> tuple[str, str]:
        """The name of an index, and of how many members there are."""
        if index not in self.indices:
            name, many = ([x for x in xs if x not in self.taken] for xs in (INDICES, RANGES))
            self.indices[index] = (self.free((name or INDICES)[0]), self.free((many or RANGES)[0]))
        return self.indices[index]

    def declared(self, indices: Sequence[Index]) -> str:
        names = [self.index(index) for index in indices]
        return f"[{', '.join(f'{name} in 1..{many}' for name, many in names)}]" if names else ""

    def told(self, own: str, x: Node) -> str:
        """A name as it stands in formulas: of a family its generic member."""
        indices = self.depends[x.id]
        return f"{own}[{', '.join(self.index(index)[0] for index in indices)}]" if indices else own

    def operation(self, x: Node) -> tuple[str, int]:
        if x.op == "over":
            name, many = self.index(x.attr)
            return f"sum({name} in 1..{many}) {self.formula(x.args[0], 1)}", 0
        return super().operation(x)

    def declaration(self, x: Node) -> str:
        leaf: Leaf | Members = x.attr
        own = self.families[x.id]
        kind = "param" if x.op == "param" else "data"
        leaves = all_of(leaf)
        fixed = self.fixed(own, leaves, x) if kind == "data" else ""
        what = ""
        if isinstance(leaf, Members):
            what = f"   # {leaves[0].told()} to {leaves[-1].told()}"
        elif leaf.cuts or str(leaf.key) != own and leaf.kind == "param":
            what = f"   # {leaf.told()}"
        return f"{kind:5} {own}{self.declared(self.depends[x.id])} : {self.shape(x)}{fixed}{what}"

    def fold(self, chain: Repeats | None, name: str, title: str, head: list[str]) -> Folded:
        members = self.name_leaves(chain)
        of_first = list(chain.leaves[0].values()) if chain else []
        inner = [self.declaration(x).split("   #")[0] for x in of_first]
        of_blocks = {x.id for block in chain.leaves for x in block.values()} if chain else set()
        outer = [x for x in self.order if is_leaf(x) and x.id not in of_blocks]
        declared = [self.declaration(x) for x in sorted(outer, key=lambda x: (x.op != "param", x.id))]
        body = [*self.chained(chain, inner), *self.behind(chain)] if chain else self.lets(self.order[:])
        body += [self.defined("output", "F", *self.output), "loss any", ""]

        ranges = {many: index.count for index, (_, many) in self.indices.items()}
        sizes = [f"{many} = {min(count, USUAL)}" for many, count in ranges.items()]
        if chain:
            ranges = {BLOCKS: len(chain.after), **ranges}
            sizes = [f"{BLOCKS} = {min(len(chain.after), USUAL_BLOCKS)}", *sizes]
        sizes += [f"{own} = {self.default(k, root)}" for k, (own, root) in enumerate(self.dims.values())]
        self.found.sizes = {**ranges, **{own: root.size for own, root in self.dims.values()}}
        notes = [f"# {line}" for line in [*head, *(f"Assumed: {note}." for note in [*current().notes, *self.notes])]]
        whole = [
            *[*notes, f'model {name} "{title}"', "", f"dim {', '.join(sizes)}", ""],
            *self.arbitrary(),
            *[*declared, "", *body],
        ]
        self.found.text = "\n".join(whole)
        return Folded(self.found, members)

    def chained(self, chain: Repeats, inner: list[str]) -> list[str]:
        """What stands in front of the blocks, and the blocks."""
        front = {x.id for x in below([chain.before])}
        ahead = self.lets([x for x in self.order if x.id in front and x is not chain.before])
        start = self.defined("let   ", CARRIED, chain.before)
        outside = dict(self.names)
        self.names[chain.before.id] = CARRIED
        first = chain.after[0]
        body = self.lets([x for x in inside(first, chain.before) if x is not first])
        told = [f"  {x}" for x in [*inner, *body, self.defined("let   ", CARRIED, first)]]
        self.names = {**outside, chain.after[-1].id: CARRIED}
        return [*ahead, start, f"repeat {BLOCK} in 1..{BLOCKS} {{", *told, "}"]

    def behind(self, chain: Repeats) -> list[str]:
        """What stands behind the blocks."""
        front = {x.id for x in below([chain.before])}
        blocks = {
            x.id for before, after in zip([chain.before, *chain.after], chain.after) for x in inside(after, before)
        }
        return self.lets([x for x in self.order if x.id not in blocks and x.id not in front])

    def name_leaves(self, chain: Repeats | None) -> dict[str, list[Names]]:
        """Names for the families, and those of the plain text for the others."""
        members: dict[str, list[Names]] = {}
        # The bare names of leaves.
        self.families: dict[int, str] = {}
        of_blocks = {x.id: block for block in chain.leaves for x in block.values()} if chain else {}
        first = {x.id: key for key, x in chain.leaves[0].items()} if chain else {}
        for x in self.order:
            if not is_leaf(x) or x.id in of_blocks and x.id not in first:
                continue
            alike = [block[first[x.id]] for block in chain.leaves] if chain and x.id in first else [x]
            leaves = [leaf for y in alike for leaf in all_of(y.attr)]
            if len(leaves) == 1:
                own = self.plain[leaves[0]]
            else:
                wanted = told_name(leaves, counts)
                prefix = chain.name if chain and x.id in first else ""
                own = self.free(wanted if wanted.startswith(prefix.replace(".", "_")) else f"{prefix}_{wanted}")
                named = [self.plain_names(y.attr) for y in alike]
                (only, *_) = named
                members[own] = named if x.id in first else only if isinstance(only, list) else [only]
            self.families[x.id] = own
            self.names[x.id] = self.told(own, x)
            self.found.leaves[own] = (leaves[0], x.op == "flipped")
        return members

    def plain_names(self, leaf: Leaf | Members) -> Names:
        return [self.plain_names(x) for x in leaf.leaves] if isinstance(leaf, Members) else self.plain[leaf]

    def lets(self, nodes: list[Node]) -> list[str]:
        """Definitions of those that are worth a name."""
        lines = []
        single = self.output[0] if len(self.output) == 1 else None
        for x in nodes:
            if x.id not in self.names and x is not single and is_told(x, self.uses):
                self.count += 1
                own = self.free(f"Z{self.count}")
                lines.append(self.defined("let   ", own, x, indices=self.declared(self.depends[x.id])))
                self.names[x.id] = self.told(own, x)
        return lines
