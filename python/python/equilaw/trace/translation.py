"""A translated function: its text, and where its parameters are from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .._core import EquilawError
from ..report import Report
from .agree import disagreement
from .emit import Emission, Writer
from .node import Leaf, tracing
from .program import Program
from .size import Unsupported


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


@dataclass(frozen=True)
class Part:
    """What a parameter of the model is in the user's arrays: `key`, and the cuts of it, one after the other."""

    leaf: Leaf

    def of(self, arrays: Mapping[Any, Any]) -> Any:
        value: Any = self.leaf.value(arrays[self.leaf.key])
        return value

    def __str__(self) -> str:
        return self.leaf.told()


@dataclass(frozen=True)
class Translation:
    """A function of PyTorch or JAX as a model; `text` is readable and can be edited."""

    name: str
    text: str
    assumptions: tuple[str, ...]
    provenance: Mapping[str, Part]
    sizes: Mapping[str, int]
    _arrays: Callable[[Any], Mapping[Any, Any]] = field(repr=False, compare=False)

    def parameters(self, of: Any) -> dict[str, Any]:
        """The parameters of the model by name, from a module, its state dict, or a tree of arrays like that which was traced."""
        arrays = self._arrays(of)
        return {own: part.of(arrays) for own, part in self.provenance.items()}

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
) -> Translation:
    """Traces at several sets of sizes, compares each with the user's function, and the texts with each other.

    `run(k)` traces at k samples more than in the example.
    """
    texts: list[tuple[str, Emission, list[str]]] = []
    alone = False
    for growth in growths:
        with tracing() as trace:
            try:
                program = run(growth)
                differs = disagreement(program, name)
                notes = trace.notes
                writer = Writer(list(program.output.blocks.flat), closed=False)
                found = writer.write(name, title, head)
            except OtherSizes:
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
        texts.append((found.text, found, [*notes, *writer.notes]))
    first = _without_sizes(texts[0][0])
    if any(_without_sizes(text) != first for text, *_ in texts):
        raise Untraceable(f"{name} computes something else at other sizes than those of the example")
    _, found, notes = texts[0]
    if alone:
        notes = [*notes, "the code takes no other number of rows than that of the example, at which alone it was compared"]
    parts = {own: Part(leaf) for own, (leaf, _) in found.leaves.items() if leaf.kind == "param"}
    return Translation(name, texts[0][0], tuple(notes), parts, found.sizes, arrays)


def _without_sizes(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("dim ")]
