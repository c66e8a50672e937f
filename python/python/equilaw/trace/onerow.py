"""An example of one row: it is traced at two rows and at three, where sizes of one are no special case, and what was found is compared at the one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from .._core import EquilawError
from ..jobs import evaluate
from .agree import arrays_of, far
from .emit import Emission
from .program import Program
from .tensor import extent

Found = tuple[Emission, Program]


def disagrees_at_one(two: Found, three: Found, one: Program) -> bool | None:
    """Whether what was found at two rows gives something else at the one of the example; `None` where that cannot be computed, as there are arbitrary functions in it."""
    found = two[0]
    if found.sizes.keys() != three[0].sizes.keys():
        return None
    sizes = {own: before(size, three[0].sizes[own]) for own, size in found.sizes.items()}
    try:
        expected = _laid_out(two[1], three[1], one.number, found.output_flipped)
    except ValueError:
        # It has another shape.
        return True
    if any(line.startswith(("function ", "activation ")) for line in found.text.splitlines()):
        return None
    try:
        values = evaluate(found.text, _reshaped(found, arrays_of(found, one), sizes), dims=sizes).values
    except (EquilawError, KeyError, ValueError):
        return None
    return far(values["F"], expected)


def before(second: int, third: int) -> int:
    """What a size is at one row that is so much at two and at three."""
    return 2 * second - third


def _reshaped(found: Emission, at: Mapping[str, numpy.ndarray], sizes: Mapping[str, int]) -> dict[str, numpy.ndarray]:
    """Arrays as they are declared: one row is a matrix where there are several."""
    shapes = {}
    for line in found.text.splitlines():
        # Behind the shape stand facts.
        words = line.partition("#")[0].partition(" fixed")[0].split(" : ")
        if line.startswith(("param", "data")) and len(words) == 2 and words[0].split()[1] in at:
            shapes[words[0].split()[1]] = [_size(x, sizes) for x in words[1].strip().split(" x ")]
    return {own: x.reshape(shapes[own]) if own in shapes and None not in shapes[own] else x for own, x in at.items()}


def _size(word: str, sizes: Mapping[str, int]) -> int | None:
    return sizes.get(word, int(word) if word.isdigit() else None)


def _laid_out(two: Program, three: Program, number: numpy.ndarray, flipped: bool) -> numpy.ndarray:
    """The output at one row as the text has it at two: blocks above each other, samples as columns."""
    pairs = zip(*([(kind, x) for axis in program.output.axes for kind, x in axis] for program in (two, three)))
    atoms = [(a[0], before(extent(a), extent(b))) for a, b in pairs]
    array = number.reshape([size for _, size in atoms])
    array = array[tuple(0 if kind == "b" else slice(None) for kind, _ in atoms)]
    kinds = [kind for kind, _ in atoms if kind != "b"]
    many = {kind: [size for k, size in atoms if k == kind] for kind in "urc"}
    order = [i for kind in "urc" for i, k in enumerate(kinds) if k == kind]
    blocks = array.transpose(order).reshape(-1, *(int(numpy.prod(many[kind], dtype=int)) for kind in "rc"))
    return numpy.concatenate([x.T if flipped else x for x in blocks])
