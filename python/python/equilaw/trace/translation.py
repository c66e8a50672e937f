"""A translated function: its text, and where its parameters are from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy

from .._core import EquilawError
from ..report import Report
from .agree import disagreement, fold_disagrees
from .emit import Emission, Operation, Writer
from .families import Folded, Names, folded
from .node import Leaf, tracing
from .onerow import disagrees_at_one
from .overlaps import separated
from .program import Constant, Program
from .simplify import moves
from .size import Unsupported
from .wrappers import unwrapped


class Untraceable(EquilawError):
    """The code does something that has no faithful form in the language."""


class Disagreement(EquilawError):
    """The translation is not the function that was traced: the first part that differs is named."""


class OtherSizes(Exception):
    """The code runs at the sizes of the example, and not at others."""


@contextmanager
def other_sizes(grown: bool) -> Iterator[None]:
    """Around the user's code: what it raises where there are more samples is no error of the code."""
    try:
        yield
    except Exception as error:
        if grown:
            raise OtherSizes from error
        raise


def frozen_names(frozen: str | Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The names that begin with one of some strings, of which each has to begin one."""
    starts = (frozen,) if isinstance(frozen, str) else tuple(frozen)
    for start in starts:
        if not any(own.startswith(start) for own in names):
            raise Untraceable(
                f"`{start}` is to be frozen, and no parameter has a name that begins so: there are {', '.join(names)}"
            )
    return tuple(own for own in names if own.startswith(starts)) if starts else ()


@dataclass(frozen=True)
class Part:
    """What a parameter of the model is in the user's arrays: `key`, and the cuts of it, one after the other."""

    leaf: Leaf

    def of(self, arrays: Mapping[Any, Any]) -> Any:
        value: Any = self.leaf.value(arrays[self.leaf.key])
        return value

    @property
    def indices(self) -> tuple[int, ...]:
        return ()

    def each(self) -> Iterator[tuple[tuple[int, ...], Part]]:
        yield (), self

    def __str__(self) -> str:
        return self.leaf.told()


@dataclass(frozen=True)
class Family:
    """The matrices of a family as one array with its indices first: one for each block, or for each member of a sum, or for each of both."""

    parts: tuple[Part | Family, ...]

    @property
    def leaf(self) -> Leaf:
        return self.parts[0].leaf

    @property
    def indices(self) -> tuple[int, ...]:
        """How many members each index has."""
        return (len(self.parts), *self.parts[0].indices)

    def of(self, arrays: Mapping[Any, Any]) -> Any:
        return stacked([part.of(arrays) for part in self.parts])

    def each(self) -> Iterator[tuple[tuple[int, ...], Part]]:
        """The members with their indices, counted from 0."""
        for k, part in enumerate(self.parts):
            for at, member in part.each():
                yield (k, *at), member

    def __str__(self) -> str:
        first, *_, last = (part for _, part in self.each())
        return f"{first} to {last}"


def stacked(arrays: list[Any]) -> Any:
    """Arrays of one library along a new axis."""
    library = type(arrays[0]).__module__.partition(".")[0]
    if library == "torch":
        import torch

        return torch.stack(arrays)
    if library in ("jax", "jaxlib"):
        import jax.numpy

        return jax.numpy.stack(arrays)
    return numpy.stack(arrays)


@dataclass(frozen=True)
class Translation:
    """A function of PyTorch or JAX as a model; `text` is readable and can be edited.

    Where there are identical blocks, `text` has them once, in a `repeat`, where there are alike terms of a sum, as heads, in a `sum` over a family;
    `unrolled` has all of them one by one. `provenance` says of each parameter what it is of the user's arrays, `operations` of each definition the
    operations of the code that it computes, with file and line, which stand behind it in `text` as well; of blocks and terms that are told once, those of the first.
    """

    name: str
    text: str
    assumptions: tuple[str, ...]
    provenance: Mapping[str, Part | Family]
    operations: tuple[Operation, ...] = field(repr=False)
    sizes: Mapping[str, int]
    unrolled: str = field(repr=False)
    # The matrices of the code that a count of laws takes at generic values though they are special, as masks and selections.
    special: tuple[str, ...]
    _arrays: Callable[[Any], Mapping[Any, Any]] = field(repr=False, compare=False)

    def parameters(self, of: Any) -> dict[str, Any]:
        """The parameters of the model by name, from a module, its state dict, or a tree of arrays like that which was traced."""
        arrays = self.arrays(of)
        for key in self.keys():
            if key not in arrays:
                raise EquilawError(
                    f"what is given has no parameter `{key}`: there are {', '.join(map(str, arrays)) or 'none'}"
                )
        return {own: part.of(arrays) for own, part in self.provenance.items()}

    def arrays(self, of: Any) -> Mapping[Any, Any]:
        """The user's arrays by the names that `provenance` has, also of a module that was wrapped (compiled, made parallel) since, or of its state dict."""
        return unwrapped(self._arrays(of), self.keys())

    def keys(self) -> Iterator[Any]:
        """The names of the user's arrays that parameters are parts of."""
        return (part.leaf.key for family in self.provenance.values() for _, part in family.each())

    def by_member(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The matrices of families one by one, as `W[1]` or `W[1,2]`."""
        found = {}
        for own, value in parameters.items():
            for at in numpy.ndindex(self.provenance[own].indices):
                found[f"{own}[{','.join(str(k + 1) for k in at)}]" if at else own] = value[at] if at else value
        return found

    def statements(self) -> list[str]:
        """The lines of the text, without its name and what is said of the code."""
        lines = (line.partition("#")[0].rstrip() for line in self.text.splitlines())
        return [line for line in lines if line and not line.startswith("model ")]

    def derive(self, **options: Any) -> Report:
        """The laws: as `equilaw.derive` of the text."""
        from ..jobs import derive_text

        return derive_text(self.text, provenance=self, assumptions=self.assumptions, **options)

    def __str__(self) -> str:
        return self.text


def translate(
    run: Callable[[int], Program],
    *,
    name: str,
    title: str,
    head: list[str],
    arrays: Callable[[Any], Mapping[Any, Any]],
    growths: tuple[int, ...] = (0, 1),
    fold: bool = True,
    alone: bool = False,
) -> Translation:
    """Traces at several sets of sizes, compares each with the user's function, and the texts with each other.

    `run(k)` traces at k samples more than in the example. Where it has one, and the code takes more, `growths` begins with 1. `alone` says that it
    takes no other number, or gives something else of it.
    """
    texts: list[tuple[Emission, Folded | None, list[str]]] = []
    programs: list[Program] = []
    for growth in growths:
        with tracing() as trace:
            try:
                program = run(growth)
                if not any(moves(x) for x in program.output.blocks.flat):
                    raise Untraceable(f"the output of {name} depends on no parameter that is trained")
                program = separated(program)
                differs = disagreement(program, name)
                notes = trace.notes
                writer = Writer(list(program.output.blocks.flat), closed=False)
                found = writer.write(name, title, head)
                short = (
                    folded(list(program.output.blocks.flat), name, title, head, found) if fold and not differs else None
                )
                wrong = fold_disagrees(program, short, found) if short else None
                if wrong and "\nfunction " in found.text:
                    # Functions of several arguments have names of their own in each block: then the blocks are not compared, and not told once.
                    short = wrong = None
                differs = differs or wrong
            except OtherSizes as error:
                if growth == growths[0] and error.__cause__:
                    raise error.__cause__ from None
                alone = True
                continue
            except Unsupported as error:
                raise Untraceable(f"{name} cannot be translated: {error}") from error
            except Untraceable:
                raise
            except EquilawError as error:
                raise Untraceable(f"what {name} was translated to cannot be evaluated: {error}") from error
        if differs:
            raise Disagreement(f"the translation of {name} is not its function: {differs}")
        texts.append((found, short, [*notes, *writer.notes]))
        programs.append(program)
    found, short, notes = texts[0]
    first = _without_sizes(found)
    if growths[0] > 0:
        same = all(_without_sizes(other) == first for other, *_ in texts)
        assumed = _at_one(run, texts, programs) if same and len(texts) > 1 else None
        if assumed is None:
            # At one row it is another function.
            return translate(run, name=name, title=title, head=head, arrays=arrays, growths=(0,), fold=fold, alone=True)
        notes = [*notes, *assumed]
    if any(_without_sizes(other) != first for other, *_ in texts):
        if not _one_by_one(found):
            raise Untraceable(f"{name} computes something else at other sizes than those of the example")
        notes = [*notes, "the code takes rows one by one, and the model has as many of them as the example"]
    if alone:
        notes = [
            *notes,
            "the code takes no other number of rows than that of the example, at which alone it was compared",
        ]
    parts = {own: Part(leaf) for own, (leaf, _) in found.leaves.items() if leaf.kind == "param"}
    told, provenance = (found, parts) if short is None else (short.emission, _told(short, parts))
    return Translation(
        name,
        told.text,
        tuple(notes),
        provenance,
        tuple(told.operations),
        told.sizes,
        found.text,
        tuple(told.special),
        arrays,
    )


def _told(short: Folded, parts: Mapping[str, Part]) -> Mapping[str, Part | Family]:
    """What the parameters of a text with families are, which has some that are no members."""
    outer = {
        own: Part(leaf)
        for own, (leaf, _) in short.emission.leaves.items()
        if leaf.kind == "param" and own not in short.members
    }
    return {**outer, **{own: family for own, members in short.members.items() if (family := _family(members, parts))}}


def _at_one(
    run: Callable[[int], Program], texts: Sequence[tuple[Emission, Any, Any]], programs: Sequence[Program]
) -> list[str] | None:
    """What was traced at two rows and three is compared at the one of the example: what is assumed where it cannot be, and `None` where it differs."""
    two, three = ((text[0], program) for text, program in zip(texts, programs))
    try:
        with tracing():
            differs = disagrees_at_one(two, three, run(0))
    except (Unsupported, Untraceable):
        differs = None
    if differs:
        return None
    return ["the example has one row, and what was compared with the code has two and three"] if differs is None else []


def _family(members: Names, parts: Mapping[str, Part]) -> Any:
    """The parts that members of a family are; `None` of data."""
    if isinstance(members, str):
        return parts.get(members)
    inner = [_family(x, parts) for x in members]
    return None if None in inner else Family(tuple(inner))


def _one_by_one(found: Emission) -> bool:
    """Whether the rows of the data stand in the text by themselves, as the steps of a loop over time, so that their number is none of its sizes."""
    rows = [leaf for leaf, _ in found.leaves.values() if leaf.kind == "input"]
    return bool(rows) and all(any(axis in "ru" and length == 1 for axis, _, length in leaf.cuts) for leaf in rows)


def _without_sizes(found: Emission) -> list[str]:
    """What is computed: other lines of the code may compute the same, of parts of other sizes, and arrays of the code are counted otherwise."""
    lines = [line.partition("   #")[0] for line in found.text.splitlines() if not line.startswith(("#", "dim "))]
    constants = {own for own, (leaf, _) in found.leaves.items() if isinstance(leaf.key, Constant)}
    order: dict[str, str] = {}

    def counted(name: re.Match[str]) -> str:
        return order.setdefault(name[0], f"constant {len(order)}") if name[0] in constants else name[0]

    return [re.sub(r"\w+", counted, line) for line in lines]
