"""A file of ONNX: its nodes, walked on symbols and on numbers side by side. The numbers are those of ONNX's reference evaluator."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import onnx
import onnx.inliner
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from .aten import Call
from .doubles import FLOATS, PRECISE, doubled, in_doubles, is_uniform
from .images import filters
from .inputs import argument
from .node import current
from .opset import FINAL, HANDLERS, ODD, SIZES
from .program import Program, Recorder, Value, constants, lifted, width
from .size import Unsupported
from .tensor import leaf
from .translation import Translation, Untraceable, frozen_names, other_sizes, translate

# Before this opset a softmax meant something else.
OLDEST = 13

# What exporters and optimizers call an array that they made.
MADE = re.compile(r"^(\d+|val_\d+|onnx::.*|.*Constant(_\d+)?_output_\d+|.*_(folded|fused|transposed)\d*)$")

# The arrays of a node that are collected statistics.
STATISTICS = {"BatchNormalization": (3, 4)}


def trace(
    file: Any,
    *args: Any,
    parameters: Any = None,
    name: str | None = None,
    frozen: Sequence[str] = (),
    seed: int = 0,
    fold: bool = True,
) -> Translation:
    """Translates the file of a path, or an `onnx.ModelProto`, that was exported without optimization.

    The floating initialisers are the parameters, under their names; those whose name begins with a string of `frozen` are data that are
    fixed. `parameters` are the names of those that are trained: a list, a state dict, or the module that was exported.
    Then every one of them has to be an initialiser, and other initialisers are fixed. Without them a file is refused where an
    optimizer has merged initialisers as far as that can be seen, and it is assumed that none was.

    `args` are arrays, of which only shapes matter, and integers, which are tokens; without them the shapes of the file are taken. Raises
    `Disagreement` where what was translated does not give the values of ONNX's reference evaluator, at two sets of
    sizes; `Untraceable` where the file cannot be translated. A file has no gradients to compare.
    """
    model = onnx.load(os.fspath(file)) if isinstance(file, (str, os.PathLike)) else file
    own = name or (Path(file).stem if isinstance(file, (str, os.PathLike)) else model.graph.name) or "traced"
    graph = Graph(model, own, parameters, frozen, seed)
    examples = graph.examples(args)
    batch = graph.batch_axis(examples)
    if batch is not None:
        examples = [_first(x, batch) for x in examples]

    def run(growth: int) -> Program:
        if batch is not None:
            current().note("one example: a loss of a batch is a sum, and what holds for each holds for it")
        for note in graph.notes:
            current().note(note)
        return graph.run(graph.drawn(examples, growth, batch), growth > 0)

    writer = " ".join(x for x in (model.producer_name, model.producer_version) if x)
    head = [f"Traced from {own}, a file of ONNX{f' written by {writer}' if writer else ''}. Samples are columns."]
    growths = (0, 1) if all(x.ndim <= 3 for x in examples) else (0,)
    return translate(run, name=_identifier(own), title=own, head=head, arrays=arrays, growths=growths, fold=fold)


def arrays(of: Any) -> dict[str, Any]:
    """Parameters by name: of a file, of the module that was exported, or of its state dict."""
    if isinstance(of, (str, os.PathLike)):
        of = onnx.load(os.fspath(of))
    if isinstance(of, onnx.ModelProto):
        return {x.name: numpy_helper.to_array(x) for x in of.graph.initializer}
    return dict(of.state_dict() if hasattr(of, "state_dict") else of)


def _identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_") or "traced"
    return f"m{found}" if found[0].isdigit() else found


class Graph:
    """The graph of a file in double precision, with its initialisers as inputs."""

    def __init__(self, model: onnx.ModelProto, own: str, parameters: Any, frozen: Sequence[str], seed: int) -> None:
        model = onnx.inliner.inline_local_functions(model) if model.functions else model
        _refuse_old(model)
        self.seed = seed
        self.graph = model.graph
        initial = {x.name: numpy_helper.to_array(x) for x in self.graph.initializer}
        floating = {x.name for x in self.graph.initializer if x.data_type in FLOATS}
        statistics = {n.input[k] for n in self.graph.node for k in STATISTICS.get(n.op_type, ()) if k < len(n.input)}
        constants = {x for x in floating if MADE.match(x) and is_uniform(initial[x])}
        candidates = [x for x in initial if x in floating and x not in statistics and x not in constants]
        self.trained = _trained(candidates, parameters, self.graph.node, own)
        self.frozen = frozen_names(frozen, list(self.trained))
        self.inputs = [x for x in self.graph.input if x.name not in initial]
        if not self.inputs or not self.graph.output:
            raise Untraceable(f"{own} has no inputs or no outputs")
        self.fixed = {x: doubled(v) if x in floating else v for x, v in initial.items() if x not in self.trained}
        self.shapes = {x: initial[x].shape for x in self.trained}
        self.buffers = [x for x in self.fixed if x in floating and x not in constants]
        self.notes = [
            "numbers of single precision are read as the roots of integers, or the shortest decimals, that they are roundings of",
            "no gradient was stopped or replaced in the code that was exported, which a file does not tell",
        ]
        if parameters is None:
            self.notes.insert(
                0,
                "every floating initialiser is a parameter of the code that is trained, and no other is: none was merged or left out",
            )
        self.evaluator = ReferenceEvaluator(in_doubles(model), new_ops=PRECISE)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all nodes at arrays for all inputs and initialisers."""
        names = list(dict.fromkeys(x for n in self.graph.node for x in n.output if x))
        with numpy.errstate(all="ignore"):
            return dict(zip(names, self.evaluator.run(names, dict(given))))

    def output(self, given: Mapping[str, Any]) -> numpy.ndarray:
        found: numpy.ndarray = {**given, **self.values(given)}[self.graph.output[0].name]
        return found

    # Inputs.

    def examples(self, args: Sequence[Any]) -> list[numpy.ndarray]:
        """Arrays of the shapes of the inputs: those that are given, or of the file, with small numbers for what it leaves open."""
        if args and len(args) != len(self.inputs):
            raise TypeError(
                f"{len(args)} arrays are given for {len(self.inputs)} inputs: {', '.join(x.name for x in self.inputs)}"
            )
        if args:
            return [numpy.asarray(x.detach().cpu() if hasattr(x, "detach") else x) for x in args]
        found: list[numpy.ndarray] = []
        known: dict[str, int] = {}
        for own in self.inputs:
            of = own.type.tensor_type
            shape = []
            dims = of.shape.dim
            batched = len(dims) > (2 if of.elem_type in FLOATS else 1)
            for k, dim in enumerate(dims):
                size = 1 if batched and k == 0 else 5 + len(known)
                symbol = dim.dim_param or f"{own.name}.{k}"
                shape.append(dim.dim_value if dim.dim_value > 0 else known.setdefault(symbol, size))
            kind = onnx.helper.tensor_dtype_to_np_dtype(of.elem_type)
            count = math.prod(shape)
            integers = numpy.arange(count) % self._rows()
            plain = numpy.zeros(shape) if of.elem_type in FLOATS else integers.reshape(shape).astype(kind)
            found.append(plain)
        return found

    def _rows(self) -> int:
        """How many tokens there are for every table."""
        tables = [n.input[0] for n in self.graph.node if n.op_type == "Gather" and n.input[0] in self.trained]
        return min((self.shapes[x][0] for x in tables), default=2)

    def drawn(self, examples: Sequence[numpy.ndarray], growth: int, batch: int | None) -> list[numpy.ndarray]:
        """Random arrays of the shapes of the examples, with so many rows more: along the axes that the file leaves open, or the first."""
        rng = numpy.random.default_rng(self.seed + growth)
        found = []
        for own, x in zip(self.inputs, examples):
            axes = [k for k in range(x.ndim) if k != batch]
            dims = own.type.tensor_type.shape.dim
            left_open = [k for k in axes if k < len(dims) and dims[k].dim_value <= 0]
            numbers = x.dtype.kind == "f"
            for k in left_open or (axes[:1] if len(axes) > 1 or not numbers else []):
                x = numpy.concatenate([x, x.take(range(growth), k)], k)
            found.append(rng.normal(size=x.shape) if numbers else x)
        return found

    def batch_axis(self, examples: Sequence[numpy.ndarray]) -> int | None:
        """The axis of independent examples in the first input, where it has one."""
        first = examples[0]
        if first.ndim < (3 if first.dtype.kind == "f" else 2):
            return None
        rng = numpy.random.default_rng(self.seed)
        names = [x.name for x in self.inputs]
        for axis in (0, 1):
            several = [_several(x, axis, rng) for x in examples]
            weights = self._weights()
            try:
                whole = self.output({**weights, **dict(zip(names, several))})
                one = self.output({**weights, **dict(zip(names, (_first(x, axis) for x in several)))})
            except Exception:  # noqa: BLE001, S112 - an axis that the graph does not take so is none
                continue
            if whole.ndim > axis and whole.shape[axis] > 1 and numpy.allclose(whole.take([0], axis), one):
                return axis
        return None

    def _weights(self) -> dict[str, numpy.ndarray]:
        """Random parameters, and buffers that are not all the same by chance, so that nothing agrees at special values."""
        rng = numpy.random.default_rng(self.seed)
        drawn = {own: rng.normal(size=shape) * width(shape) for own, shape in self.shapes.items()}
        varied = {
            own: rng.uniform(0.5, 1.5, x.shape)
            for own, x in self.fixed.items()
            if own in self.buffers and x.ndim and is_uniform(x)
        }
        return {**drawn, **self.fixed, **varied}

    # The walk.

    def run(self, args: list[numpy.ndarray], grown: bool) -> Program:
        weights = self._weights()
        given = {**weights, **dict(zip((x.name for x in self.inputs), args))}
        with other_sizes(grown):
            numbers = self.values(given)
        trace = current()
        filtering = {n.input[1] for n in self.graph.node if n.op_type in ("Conv", "ConvTranspose")}
        env: dict[str, Value] = {}
        for own, number in weights.items():
            if own not in self.trained:
                if own in self.buffers:
                    trace.names.append((own, number))
                env[own] = Value(number)
                continue
            trace.arrays[own] = number
            role = "fixed" if own in self.frozen else "param"
            tensor = filters(role, own, number.shape) if own in filtering else leaf(role, own, own, number.shape)
            env[own] = Value(number, tensor)
        for k, (own_input, number) in enumerate(zip(self.inputs, args)):
            which = "" if len(args) == 1 else str(k + 1)
            env[own_input.name] = argument(which, number, bool(filtering))
        recorder = Recorder()
        # Of sequences the arrays in them.
        sequences: dict[str, list[Value | None]] = {}
        for node in self.graph.node:
            if node.op_type == "SequenceAt" and node.input[0] in sequences:
                at = env[node.input[1]]
                if not at.is_constant:
                    raise Untraceable(f"{node.name} reads a place in a sequence that depends on arrays")
                part = sequences[node.input[0]][int(at.number)]
                env.update({node.output[0]: part} if part is not None else {})
                continue
            values = [env[x] if x else None for x in node.input]
            outputs: list[Any] = [numbers[x] if x else None for x in node.output]
            with trace.at(node.op_type, node.name):
                if node.op_type == "SplitToSequence":
                    sequences[node.output[0]] = _translated(node, values, list(outputs[0]), recorder)
                    continue
                found = _translated(node, values, outputs, recorder)
            env.update({x: value for x, value in zip(node.output, found) if x and value is not None})
        output = self.graph.output[0].name
        if len(self.graph.output) > 1:
            trace.note(f"of {len(self.graph.output)} outputs the first, {output}, is what a loss is a function of")
        number = numpy.asarray({**given, **numbers}[output])
        return recorder.program(lifted(env[output]), number, None)


def _translated(node: Any, values: list[Value | None], outputs: list[Any], recorder: Recorder) -> list[Value | None]:
    name = node.op_type
    attributes = {a.name: _attribute(a) for a in node.attribute}
    inner = any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute)
    if inner or name in FINAL and name != "Dropout":
        raise Unsupported(f"{name} ({node.name}), which is random or has a graph of its own")
    present = [v for v in values if v is not None]
    if name in SIZES or all(v.is_constant for v in present):
        return [Value(o) for o in outputs]
    try:
        handler = HANDLERS.get(name) if node.domain in ("", "ai.onnx") else None
        if handler is None:
            raise Unsupported(f"{name} is not known")
        found = handler(Call(name, values, attributes, outputs))
    except Unsupported as error:
        if name in FINAL:
            raise
        current().note(f"{name} is an arbitrary function here: {error}")
        of = constants(values, attributes)
        found = recorder.arbitrary(name, present, outputs, of, None)
    results: list[Value | None] = []
    for tensor, number in zip(found if isinstance(found, list) else [found], outputs):
        if tensor is None or number is None:
            results.append(None)
        elif isinstance(tensor, Value):
            results.append(Value(number, tensor.tensor, tensor.tokens))
        else:
            assert tensor.shape == numpy.shape(number), (name, tensor.shape, numpy.shape(number))
            results.append(Value(number, tensor))
            recorder.keep(Value(number, tensor))
    if name in ODD or name in FREE:
        recorder.keep_input(present[0])
    return results


# Functions of each entry that are arbitrary with some constants.
FREE = ("Celu", "Elu", "Gelu", "HardSigmoid", "LeakyRelu", "Selu", "Swish")


def _attribute(attribute: Any) -> Any:
    found = onnx.helper.get_attribute_value(attribute)
    if isinstance(found, bytes):
        return found.decode()
    # An ε is the decimal that was meant.
    return float(str(numpy.float32(found))) if attribute.name == "epsilon" else found


# What is refused.


def _refuse_old(model: onnx.ModelProto) -> None:
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version < OLDEST:
            raise Untraceable(f"opset {opset.version} is too old: export with opset {OLDEST} or newer")
    for node in model.graph.node:
        if node.domain not in ("", "ai.onnx"):
            raise Untraceable(
                f"{node.op_type} of {node.domain} is what an optimizer writes, or an extension: export without optimization"
            )


def _trained(candidates: list[str], parameters: Any, nodes: Iterable[Any], own: str) -> list[str]:
    """The initialisers that are trained; refuses those that are not the parameters of the code one by one."""
    if parameters is not None:
        wanted = _groups(parameters)
        missing = [names[0] for names in wanted if not set(names) & set(candidates)]
        if missing:
            raise Untraceable(
                f"{own} has no initialiser for {', '.join(missing)}, which was merged or left out: {ADVICE}"
            )
        named = {name for names in wanted for name in names}
        return [x for x in candidates if x in named]
    made = [x for x in candidates if MADE.match(x)]
    if made:
        raise Untraceable(
            f"the initialiser {made[0]} of {own} is no parameter of the code but computed from some: {ADVICE}"
        )
    uses: dict[str, int] = {}
    for node in nodes:
        for x in node.input:
            uses[x] = uses.get(x, 0) + 1
    several = [x for x in candidates if uses.get(x, 0) > 1]
    if several:
        raise Untraceable(
            f"the initialiser {several[0]} of {own} is used {uses[several[0]]} times: give the names of the parameters, parameters=module, "
            "where it is one in the code; otherwise equal arrays were merged: " + ADVICE
        )
    return candidates


ADVICE = "export without optimization, torch.onnx.export(…, dynamo=True, optimize=False) or (…, dynamo=False, do_constant_folding=False)"


def _groups(parameters: Any) -> list[list[str]]:
    """The names of each parameter: several where it is tied."""
    if not hasattr(parameters, "named_parameters"):
        return [[str(x)] for x in parameters]
    groups: dict[int, list[str]] = {}
    for own, parameter in parameters.named_parameters(remove_duplicate=False):
        groups.setdefault(id(parameter), []).append(own)
    return list(groups.values())


def _several(x: numpy.ndarray, axis: int, rng: numpy.random.Generator) -> numpy.ndarray:
    """An argument with two examples at least, which differ."""
    if x.ndim <= 1 + (axis > 0):
        return x
    if x.dtype.kind != "f":
        return x if x.shape[axis] > 1 or x.dtype.kind == "b" else numpy.concatenate([x, numpy.flip(x, -1)], axis)
    return rng.normal(size=[max(s, 2) if i == axis else s for i, s in enumerate(x.shape)])


def _first(x: numpy.ndarray, axis: int) -> numpy.ndarray:
    return x.take([0], axis) if x.ndim > 1 + (axis > 0) else x
