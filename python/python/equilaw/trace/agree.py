"""Whether a text is the function that was traced: both are evaluated at random arrays, values and gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from ..jobs import evaluate
from .columns import Columns
from .emit import Emission, Writer
from .families import Folded
from .node import Node, current, shape
from .program import Program, Step
from .recognize import PARTIAL
from .size import Unsupported

# Relative to the largest entry, in double precision.
TOLERANCE = 1e-8


def disagreement(program: Program, name: str, seed: int = 0) -> str | None:
    """What differs first, in words; `None` where everything agrees."""
    blocks = list(program.output.blocks.flat)
    inputs = [(x, value) for step in program.inputs for x, value in _values(step) if printable(x)]
    found = Writer(blocks, closed=True, shown=[x for x, _ in inputs]).write(name, name, [])
    at = _arrays(found, program)
    sides = [v.T if found.output_flipped else v for v in _flat(program.output.values(program.number), len(blocks))]
    expected = numpy.vstack(sides)
    along = numpy.random.default_rng(seed).normal(size=expected.shape)
    ours = evaluate(found.text, at, dims=found.sizes, along=along)
    if _far(ours.values["F"], expected) or any(
        _far(ours.values[own], value) for own, (_, value) in zip(found.shown, inputs) if own and own in ours.values
    ):
        return _first(program, name) or "the output differs, and no operation of the code alone"
    if found.recorded:
        current().note("with arbitrary functions in it values were compared, and gradients were not")
        return None
    if program.gradient is None:
        current().note("values were compared, and gradients were not, which the file does not have")
        return None
    theirs = program.gradient(_unstacked(along, program, blocks, found.output_flipped))
    for own, (leaf, _) in found.leaves.items():
        if own in ours.gradients and _far(ours.gradients[own], leaf.value(theirs[leaf.key]), ours.gradients[own]):
            return f"the gradient of {leaf.told()} differs, the output does not: is a gradient stopped or replaced in the code?"
    return None


def fold_disagrees(program: Program, short: Folded, plain: Emission, seed: int = 0) -> str | None:
    """Whether the text with families computes something else than the one without, or has other gradients. Arbitrary functions are the same ones in both."""
    values = _arrays(plain, program)
    names = dict(short.written_out())
    first = shape(program.output.blocks.flat[0])
    rows, cols = (len(program.output.blocks.flat) * first[plain.output_flipped], first[not plain.output_flipped])
    along = numpy.random.default_rng(seed).normal(size=(rows, cols))
    ours = evaluate(
        short.emission.text, {own: values[x] for own, x in names.items()}, dims=short.emission.sizes, along=along
    )
    theirs = evaluate(plain.text, values, dims=plain.sizes, along=along)
    if _far(ours.values["F"], theirs.values["F"]):
        return "the text with families has other values"
    if any(_far(value, theirs.gradients[names[own]]) for own, value in ours.gradients.items()):
        return "the text with families has other gradients"
    return None


def _first(program: Program, name: str) -> str | None:
    """The first operation of the code whose value differs, in the order of the code."""
    known = [(step, _values(step)) for step in program.steps]
    nodes = [x for _, pairs in known for x, _ in pairs if printable(x)]
    blocks = list(program.output.blocks.flat)
    try:
        found = Writer(blocks, closed=True, shown=nodes).write(name, name, [])
        values = evaluate(found.text, _arrays(found, program), dims=found.sizes).values
    except (Unsupported, ValueError):
        return None
    names = dict(zip((x.id for x in nodes), found.shown))
    for step, pairs in known:
        for x, value in pairs:
            own = names.get(x.id)
            if own and own in values and _far(values[own], value):
                where = f" ({step.where})" if step.where else ""
                return f"the value of {step.operation}{where} differs, in the text {own}"
    return None


def _values(step: Step) -> list[tuple[Node, numpy.ndarray]]:
    blocks = list(step.tensor.blocks.flat)
    return list(zip(blocks, _flat(step.tensor.values(step.number), len(blocks))))


def _flat(values: numpy.ndarray, many: int) -> numpy.ndarray:
    return values.reshape(many, *values.shape[-2:])


def printable(x: Node) -> bool:
    """Whether an expression has a formula: steps towards a softmax have none."""
    try:
        Columns(None).go(x, False)
    except Unsupported:
        return False
    return x.op not in PARTIAL and x.op not in ("num", "full", "ones")


def _arrays(found: Emission, program: Program) -> dict[str, numpy.ndarray]:
    arrays = program.trace.arrays
    at = {}
    for own, (leaf, transposed) in found.leaves.items():
        value = leaf.value(arrays[leaf.key])
        at[own] = value.T if transposed else value
    for own, x in found.recorded.items():
        at[own] = program.trace.recorded[x.id]
    return at


def _far(ours: numpy.ndarray, theirs: numpy.ndarray, scale: numpy.ndarray | None = None) -> bool:
    if ours.shape != theirs.shape:
        return True
    largest = float(numpy.abs(theirs).max(initial=0.0))
    return not bool(numpy.abs(ours - theirs).max(initial=0.0) <= TOLERANCE * max(largest, 1e-3))


def _unstacked(along: numpy.ndarray, program: Program, blocks: Sequence[Node], flipped: bool) -> numpy.ndarray:
    """The cotangent of the output as the code has it, from that of the blocks above each other."""
    output = program.output
    rows, cols = shape(blocks[0])
    parts = (
        along.reshape(len(blocks), cols, rows).transpose(0, 2, 1) if flipped else along.reshape(len(blocks), rows, cols)
    )
    # Where each entry of the output stands among the blocks.
    places = output.values(numpy.arange(program.number.size).reshape(program.number.shape)).reshape(-1)
    if places.size != program.number.size:
        raise Unsupported("an output that repeats itself")
    whole = numpy.empty(program.number.size)
    whole[places.astype(int)] = parts.reshape(-1)
    return whole.reshape(program.number.shape)
