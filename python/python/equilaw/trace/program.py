"""What a reader hands over: the operations of the code, carried out on symbols and on numbers side by side."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy

from .node import Leaf, Node, Place, Trace, current, node
from .simplify import moves
from .size import Dim, Unsupported
from .tensor import Tensor, constant, leaf


@dataclass
class Value:
    """A value of the code: what it is in symbols, and in numbers. Without a tensor it does not depend on parameters or data."""

    number: Any
    tensor: Tensor | None = None
    # Integers that count tokens: the name of the input.
    tokens: str | None = None
    # Of complex numbers the real and the imaginary part.
    parts: tuple[Tensor, Tensor] | None = None

    @property
    def is_constant(self) -> bool:
        return self.tensor is None and self.tokens is None and self.parts is None

    @property
    def depends(self) -> bool:
        """Whether it depends on parameters."""
        return self.tensor is not None and any(moves(x) for x in self.tensor.blocks.flat)


@dataclass
class Step:
    """What an operation of the code gives, or takes."""

    place: Place | None
    tensor: Tensor
    number: numpy.ndarray


# From cotangents of the outputs of an operation of the code to those of its inputs that are no constants, by the framework. Raises `Unsupported`
# where it has no derivative.
Pull = Callable[[list[numpy.ndarray | None]], list[numpy.ndarray]]


@dataclass
class Applied:
    """An operation of the code that is an arbitrary function: what goes in, what comes out, and its own derivative."""

    inputs: list[Tensor]
    outputs: list[Tensor | None]
    pull: Pull


@dataclass
class Program:
    """A function of the user, traced at concrete arrays."""

    trace: Trace
    output: Tensor
    number: numpy.ndarray
    steps: list[Step]
    # Inputs of arbitrary functions, which have to agree as well.
    inputs: list[Step]
    # Arbitrary functions of whole matrices, in the order of the code.
    applied: list[Applied]
    # From a cotangent of the output to the gradient of each parameter, by the framework, of the user's own function; a file has none.
    gradient: Callable[[numpy.ndarray], Mapping[Any, numpy.ndarray]] | None


@dataclass
class Recorder:
    """Collects the steps of a program while it is walked."""

    steps: list[Step] = field(default_factory=list)
    inputs: list[Step] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)

    def program(
        self,
        output: Tensor,
        number: numpy.ndarray,
        gradient: Callable[[numpy.ndarray], Mapping[Any, numpy.ndarray]] | None,
    ) -> Program:
        return Program(current(), output, number, self.steps, self.inputs, self.applied, gradient)

    def add(self, other: Recorder) -> None:
        self.steps += other.steps
        self.inputs += other.inputs
        self.applied += other.applied

    def keep(self, value: Value) -> None:
        if value.tensor is not None:
            self.steps.append(Step(current().place, value.tensor, to_numpy(value.number)))

    def arbitrary(
        self, operation: str, inputs: Sequence[Value], outputs: Sequence[Any], of: str, pull: Pull | None
    ) -> list[Tensor | None]:
        """An operation that is not known, as arbitrary functions of the matrices of its inputs, one for each output that is there. Those with other
        constants are other functions: `of` tells them apart."""
        values = [v for v in inputs if v.tensor is not None]
        if any(v.tokens for v in inputs):
            raise Unsupported(f"{operation} of tokens")
        for value in values:
            self.keep_input(value)
        arguments = tuple(x for v in values if v.tensor is not None for x in v.tensor.blocks.flat if x.op != "num")

        def function(k: int, number: numpy.ndarray) -> Tensor:
            shaped = leaf("data", operation, ("arbitrary", len(current().table)), number.shape)

            def part(x: Node) -> Node:
                name = operation + "".join(f"_{start}" for _, start, _ in x.attr.cuts)
                return node("opaque", arguments, (name, f"{k}: {of}"), x.rows, x.cols)

            found = shaped.map(part)
            record(found, number)
            return found

        found = [None if output is None else function(k, to_numpy(output)) for k, output in enumerate(outputs)]
        if pull is not None:
            self.applied.append(Applied([v.tensor for v in values if v.tensor is not None], found, pull))
        return found

    def keep_input(self, value: Value) -> None:
        if value.tensor is not None:
            self.inputs.append(Step(current().place, value.tensor, to_numpy(value.number)))


def constants(*parts: Any) -> str:
    """The arguments of an operation that are constant, as a text: the same one for the same function of the others."""
    told = []
    for x in parts:
        if isinstance(x, Value) and x.is_constant:
            x = x.number
        if isinstance(x, Value):
            told.append("·")
        elif isinstance(x, Mapping):
            told.append(constants(*x, *x.values()))
        elif isinstance(x, (list, tuple)):
            told.append(f"({constants(*x)})")
        elif hasattr(x, "shape"):
            array = numpy.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
            told.append(f"{array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}")
        else:
            told.append(repr(x))
    return ", ".join(told)


def values_in(x: Any) -> list[Value]:
    """The values in lists and dictionaries."""
    if isinstance(x, Value):
        return [x]
    if isinstance(x, dict):
        x = tuple(x.values())
    return [v for y in x for v in values_in(y)] if isinstance(x, (list, tuple)) else []


def record(tensor: Tensor, number: numpy.ndarray, slope: numpy.ndarray | None = None) -> None:
    """Keeps the values of arbitrary functions, and the derivatives of those of each entry."""
    for table, array in ((current().recorded, number), (current().slopes, slope)):
        if array is not None:
            values = tensor.values(array)
            for at in numpy.ndindex(tensor.blocks.shape):
                table[tensor.blocks[at].id] = values[at]


def slope(pull: Pull | None, number: Any) -> numpy.ndarray | None:
    """The derivative at each entry of an operation that is a function of each, where the code has one."""
    try:
        return None if pull is None else pull([numpy.ones(numpy.shape(number))])[0]
    except Unsupported:
        return None


def width(shape: Sequence[int]) -> float:
    """How far random parameters are spread: wide layers must not saturate what comes behind them, where gradients would be rounding alone."""
    return min(0.7, 1.4 / math.sqrt(min(shape[:2]) * math.prod(shape[2:]))) if len(shape) > 1 else 0.7


def to_numpy(x: Any) -> numpy.ndarray:
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    if numpy.iscomplexobj(x):
        raise Unsupported("complex numbers")
    return numpy.asarray(x, dtype=numpy.float64)


def lifted(value: Value) -> Tensor:
    """A value as a tensor: a number of the code as that number, an array of the code as data that are fixed."""
    if value.tensor is not None:
        return value.tensor
    if value.tokens is not None:
        raise Unsupported("arithmetic of tokens")
    if value.parts is not None:
        raise Unsupported("complex numbers")
    array = to_numpy(value.number)
    flat = array.reshape(-1)
    if flat.size and (flat == flat[0]).all():
        if not numpy.isfinite(flat[0]):
            raise Unsupported("an infinite constant")
        return constant(exact(flat[0]), array.shape)
    if numpy.isneginf(array).any():
        current().note("a mask is a matrix that is added, any one for what is proved")
        array = numpy.where(numpy.isneginf(array), HIDDEN, array)
    if not numpy.isfinite(array).all():
        raise Unsupported("an infinite constant")
    return data("M" if (array == HIDDEN).any() else "C", array)


# What is added where a mask hides: the exponential of it is 0.
HIDDEN = -1e30


def data(name: str, array: numpy.ndarray, kind: str = "data") -> Tensor:
    """An array of the code as data that are fixed. Of more than two axes those of one index are left out."""
    full = array.shape
    array = array.reshape([s for s in full if s != 1]) if array.ndim > 2 else array
    plain = _kept(name, array, kind)
    axes = iter(plain.axes)
    return Tensor([[] if s == 1 and len(full) > 2 else next(axes) for s in full], plain.blocks)


def _kept(name: str, array: numpy.ndarray, kind: str) -> Tensor:
    arrays = current().arrays
    own = [own for own, known in current().names if known.shape == array.shape and (known == array).all()]
    name = own[0] if own else name
    for key, known in arrays.items():
        if isinstance(key, Constant) and known.shape == array.shape and (known == array).all():
            return leaf(kind, key.name, key, array.shape)
    count = sum(isinstance(key, Constant) and key.name.startswith(name) for key in arrays)
    key = Constant(name if count == 0 else f"{name}{count + 1}")
    arrays[key] = array
    return leaf(kind, key.name, key, array.shape)


@dataclass(frozen=True)
class Constant:
    """The key of an array that stands in the code."""

    name: str

    def __str__(self) -> str:
        return self.name


def exact(value: float) -> Fraction:
    """The number that was meant by a float: one with a small denominator, or else its shortest decimal."""
    near = Fraction(float(value)).limit_denominator(1000)
    return near if abs(float(near) - float(value)) <= 1e-15 * abs(float(value)) else Fraction(repr(float(value)))


def tokens(name: str, indices: numpy.ndarray, many: int) -> Node:
    """The one-hot matrix of tokens, as data: a column for each token."""
    key = (name, many)
    trace = current()
    if key not in trace.arrays:
        # The largest entry of a column says which token it is; no two are the same.
        noise = numpy.random.default_rng(indices.size).uniform(0.0, 0.5, (many, indices.size))
        trace.arrays[key] = numpy.eye(many)[:, indices.reshape(-1)] + noise
        trace.tokens[key] = (Dim(many), Dim(indices.size, "n"))
    rows, cols = trace.tokens[key]
    return node("onehot", (node("data", (), Leaf(name, key, "tokens"), rows, cols),), None, rows, cols)
