"""Whether a text is the function that was traced: both are evaluated at random arrays, values and gradients."""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from ..jobs import evaluate
from .columns import Columns
from .emit import Emission, Writer
from .families import Folded
from .node import Node, current, shape
from .program import Applied, Program, Step
from .recognize import PARTIAL
from .size import Unsupported
from .tensor import Tensor

# Relative to the largest entry, in double precision.
TOLERANCE = 1e-8


def disagreement(program: Program, name: str, seed: int = 0) -> str | None:
    """What differs first, in words; `None` where everything agrees."""
    output = Step(None, program.output, program.number)
    known = [pair for step in [*program.inputs, output] for pair in _values(step)]
    if any(x.op in CONSTANT and far(numpy.full(value.shape, entry(x)), value) for x, value in known):
        return _first(program, name) or "a constant differs"
    told = list({x.id: x for x, _ in known if x.op not in CONSTANT}.values())
    if not told:
        return None
    writer = Writer(list(program.output.blocks.flat), closed=True, shown=told, paired=True)
    found = writer.write(name, name, [])
    names, pairs = (dict(zip((x.id for x in told), some)) for some in (found.shown, found.along))
    at = {**arrays_of(found, program), **{pairs[x.id]: numpy.zeros(shape(x)) for x in told}}
    values = evaluate(found.text, at, dims=found.sizes).values
    values = {**at, **values}
    if any(x.id in names and far(values[names[x.id]], value) for x, value in known):
        return _first(program, name) or "the output differs, and no operation of the code alone"
    if program.gradient is None:
        current().note("values were compared, and gradients were not, which the file does not have")
        return None
    along = numpy.random.default_rng(seed).normal(size=program.number.shape)
    try:
        ours = _gradients(program, writer, pairs, at, along)
    except Unsupported as error:
        current().note(f"values were compared, and gradients were not: {error}")
        return None
    theirs = program.gradient(along)
    for own, (leaf, _) in found.leaves.items():
        if own in ours and far(ours[own], leaf.value(theirs[leaf.key])):
            return f"the gradient of {leaf.told()} differs, the output does not: is a gradient stopped or replaced in the code?"
    return None


def _gradients(
    program: Program, writer: Writer, pairs: Mapping[int, str], at: dict[str, numpy.ndarray], along: numpy.ndarray
) -> Mapping[str, numpy.ndarray]:
    """The gradients of ⟨along, output⟩ by the parameters. Through the text they are its own; from what comes out of an arbitrary function to what goes
    into it the derivative carries them of the operation that it is in the code, the last operation first."""
    found = writer.found
    unknown = [told for told in found.barriers.values() if told]
    if unknown:
        raise Unsupported(f"{', '.join(unknown)} has no derivative in the code")

    def give(tensor: Tensor, cotangent: numpy.ndarray) -> None:
        blocks = list(tensor.blocks.flat)
        for x, part in zip(blocks, _flat(tensor.values(cotangent, summed=True), len(blocks))):
            if x.id in pairs:
                at[pairs[x.id]] = at[pairs[x.id]] + part

    def at_place(x: Node, gradients: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
        return gradients.get(writer.named(x) or "", numpy.zeros(shape(x)))

    def arrived() -> Mapping[str, numpy.ndarray]:
        return evaluate(found.text, at, dims=found.sizes, along=[[1.0]]).gradients

    give(program.output, along)
    # What is applied twice to the same is one function at one place, the first.
    first: dict[tuple[int, ...], Applied] = {}
    for applied in program.applied:
        first.setdefault(tuple(x.id for out in applied.outputs if out for x in out.blocks.flat), applied)
    for applied in reversed(first.values()):
        if not any(writer.named(x) in found.barriers for out in applied.outputs if out for x in out.blocks.flat):
            continue
        reached = arrived()
        cotangents = [
            None if out is None else out.placed(numpy.stack([at_place(x, reached) for x in out.blocks.flat]))
            for out in applied.outputs
        ]
        for tensor, cotangent in zip(applied.inputs, applied.pull(cotangents)):
            give(tensor, cotangent)
    return arrived()


def fold_disagrees(program: Program, short: Folded, plain: Emission, seed: int = 0) -> str | None:
    """Whether the text with families computes something else than the one without, or has other gradients. Arbitrary functions are the same ones in both."""
    values = arrays_of(plain, program)
    names = dict(short.written_out())
    first = shape(program.output.blocks.flat[0])
    rows, cols = (len(program.output.blocks.flat) * first[plain.output_flipped], first[not plain.output_flipped])
    along = numpy.random.default_rng(seed).normal(size=(rows, cols))
    ours = evaluate(
        short.emission.text, {own: values[x] for own, x in names.items()}, dims=short.emission.sizes, along=along
    )
    theirs = evaluate(plain.text, values, dims=plain.sizes, along=along)
    if far(ours.values["F"], theirs.values["F"]):
        return "the text with families has other values"
    if any(far(value, theirs.gradients[names[own]]) for own, value in ours.gradients.items()):
        return "the text with families has other gradients"
    return None


def _first(program: Program, name: str) -> str | None:
    """The first operation of the code whose value differs, in the order of the code."""
    known = [(step, _values(step)) for step in program.steps]
    nodes = [x for _, pairs in known for x, _ in pairs if printable(x)]
    blocks = list(program.output.blocks.flat)
    try:
        found = Writer(blocks, closed=True, shown=nodes).write(name, name, [])
        values = evaluate(found.text, arrays_of(found, program), dims=found.sizes).values
    except (Unsupported, ValueError):
        return None
    names = dict(zip((x.id for x in nodes), found.shown))
    for step, pairs in known:
        for x, value in pairs:
            own = names.get(x.id)
            if own and own in values and far(values[own], value):
                operation, where = (step.place.operation, step.place.where) if step.place else ("the output", "")
                return f"the value of {operation}{f' ({where})' if where else ''} differs, in the text {own}"
    return None


def _values(step: Step) -> list[tuple[Node, numpy.ndarray]]:
    """Each matrix of a value with its numbers: where axes repeat it the first of them, and their mean."""
    blocks = list(step.tensor.blocks.flat)
    first = step.tensor.values(step.number)
    repeated = step.number.size // max(first.size, 1)
    sides = [first] if repeated <= 1 else [first, step.tensor.values(step.number, summed=True) / repeated]
    return [pair for values in sides for pair in zip(blocks, _flat(values, len(blocks)))]


def _flat(values: numpy.ndarray, many: int) -> numpy.ndarray:
    return values.reshape(many, *values.shape[-2:])


# What is one number everywhere.
CONSTANT = ("num", "full", "ones")


def entry(x: Node) -> float:
    return 1.0 if x.value is None else float(x.value)


def printable(x: Node) -> bool:
    """Whether an expression has a formula: steps towards a softmax have none."""
    try:
        Columns(None).go(x, False)
    except Unsupported:
        return False
    return x.op not in PARTIAL and x.op not in CONSTANT


def arrays_of(found: Emission, program: Program) -> dict[str, numpy.ndarray]:
    """What stands for the names of a text, and what was recorded of arbitrary functions."""
    arrays = program.trace.arrays
    at = {}
    for own, (leaf, transposed) in found.leaves.items():
        value = leaf.value(arrays[leaf.key])
        at[own] = value.T if transposed else value
    return {**at, **found.recorded}


def far(ours: numpy.ndarray, theirs: numpy.ndarray) -> bool:
    """Whether numbers differ by more than rounding."""
    if ours.shape != theirs.shape:
        return True
    largest = float(numpy.abs(theirs).max(initial=0.0))
    return not bool(numpy.abs(ours - theirs).max(initial=0.0) <= TOLERANCE * max(largest, 1e-3))
