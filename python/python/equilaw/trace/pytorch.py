"""A module of PyTorch: random numbers for its parameters, its graph of ATen operations, and its gradient.

The graph comes from `torch.export` (2.x) or `make_fx` (1.13); `walk` reads both.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy
import torch
from torch.utils import _pytree as pytree

from .images import filters
from .inputs import argument
from .node import current
from .program import Program, Value, lifted, to_numpy, width
from .size import Unsupported
from .tensor import leaf
from .translation import Translation, other_sizes, translate
from .walk import Walk


def trace(
    module: torch.nn.Module,
    *args: Any,
    name: str | None = None,
    frozen: Sequence[str] = (),
    seed: int = 0,
    fold: bool = True,
) -> Translation:
    """Translates `module(*args)`, in the mode it is in (`train()` or `eval()`).

    Parameters keep their names, with `_` for `.`, and their layout; those with `requires_grad=False`, or whose
    name begins with a string of
    `frozen`, are data that are fixed, as buffers are. `args` are arrays with samples, or positions, as rows,
    before them the batch; integers are tokens. Where examples of a batch do not see each other, one of them is
    traced. Only shapes matter: random arrays of these shapes are put in, and with a row more. Identical blocks are
    told once, in a `repeat`, unless `fold` is false. Raises `Disagreement` where what was translated does not give
    the values and gradients of the module,
    `Untraceable` where it cannot be translated.
    """
    own = name or type(module).__name__
    module = copy.deepcopy(module).double()
    notes = [f"The module is in {'training' if module.training else 'evaluation'} mode"]
    _refuse_noise(module)
    _vary(module, seed)
    batch = _batch_axis(module, args)
    if batch is not None:
        args = tuple(_first(x, batch) for x in args)

    def run(growth: int) -> Program:
        if batch is not None:
            current().note("one example: a loss of a batch is a sum, and what holds for each holds for it")
        return _run(module, [_drawn(x, growth, batch, seed) for x in args], tuple(frozen), growth > 0)

    # What stands before positions is written out, so that images have one size.
    growths = (0, 1) if all(x.ndim <= 3 for x in args if torch.is_tensor(x)) else (0,)
    head = [
        f"Traced from {own}, a module of PyTorch {torch.__version__}. Parameters have the layout of the code, samples are columns."
    ]
    head += [f"{note}." for note in notes]
    return translate(run, name=_identifier(own), title=own, head=head, arrays=arrays, growths=growths, fold=fold)


def arrays(of: Any) -> dict[str, Any]:
    """The parameters of a module, or of its state dict, by name."""
    if isinstance(of, torch.nn.Module):
        return {own: parameter for own, parameter in _named(of, "_parameters")}
    return dict(of)


def _named(module: torch.nn.Module, kind: str) -> Iterator[tuple[str, Any]]:
    """All names of all parameters or buffers; those that are tied have several."""
    for prefix, part in module.named_modules(remove_duplicate=False):
        for own, value in getattr(part, kind).items():
            if value is not None:
                yield (f"{prefix}.{own}" if prefix else own), value


def _identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_") or "traced"
    return f"m{found}" if found[0].isdigit() else found


def _refuse_noise(module: torch.nn.Module) -> None:
    for own, part in module.named_modules():
        if part.training and type(part).__name__.startswith(("Dropout", "AlphaDropout")) and part.p > 0:
            raise_with = f"`{own}` drops out at random in training mode: call eval(), or set p to 0"
            from .translation import Untraceable

            raise Untraceable(raise_with)
        noise = getattr(part, "dropout", 0)
        if part.training and isinstance(noise, float) and noise > 0:
            from .translation import Untraceable

            raise Untraceable(
                f"`{own or 'the module'}` drops out at random in training mode: call eval(), or set dropout to 0"
            )


def _vary(module: torch.nn.Module, seed: int) -> None:
    """Random parameters, and buffers that are not all the same by chance, so that nothing agrees at special values."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        seen = set()
        for _, parameter in _named(module, "_parameters"):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                parameter.copy_(
                    torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype) * width(parameter.shape)
                )
        for _, buffer in _named(module, "_buffers"):
            if buffer.is_floating_point() and buffer.ndim and (buffer == buffer.reshape(-1)[0]).all():
                buffer.copy_(torch.rand(buffer.shape, generator=generator, dtype=buffer.dtype) + 0.5)


def _batch_axis(module: torch.nn.Module, args: Sequence[Any]) -> int | None:
    """The axis of independent examples in the first argument, where it has one."""
    first = args[0] if args and torch.is_tensor(args[0]) else None
    if first is None or first.ndim < (3 if first.is_floating_point() else 2):
        return None
    probe = copy.deepcopy(module)
    given = [x.double() if torch.is_tensor(x) and x.is_floating_point() else x for x in args]
    for axis in (0, 1):
        try:
            several = [_several(x, axis) for x in given]
            with torch.no_grad():
                whole, one = _output(probe(*several)), _output(probe(*(_first(x, axis) for x in several)))
        except Exception:  # noqa: BLE001, S112 - an axis that the code does not take so is none
            continue
        if whole.ndim > axis and whole.shape[axis] > 1 and torch.allclose(whole.narrow(axis, 0, 1), one):
            return axis
    return None


def _several(x: Any, axis: int) -> Any:
    """An argument with two examples at least, which differ."""
    if not torch.is_tensor(x) or x.ndim <= 1 + (axis > 0):
        return x
    if not x.is_floating_point():
        return x if x.shape[axis] > 1 or x.dtype == torch.bool else torch.cat([x, x.flip(-1)], axis)
    shape = [max(s, 2) if i == axis else s for i, s in enumerate(x.shape)]
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def _first(x: Any, axis: int) -> Any:
    return x.narrow(axis, 0, 1) if torch.is_tensor(x) and x.ndim > 1 + (axis > 0) else x


def _output(found: Any) -> Any:
    """The output of a module, or the first of several."""
    while not torch.is_tensor(found) and not isinstance(found, Value):
        found = next(iter(found.values())) if isinstance(found, Mapping) else found[0]
    return found


def _drawn(x: Any, growth: int, batch: int | None, seed: int) -> Any:
    """A random array of the shape of an argument, with so many rows more."""
    if not torch.is_tensor(x):
        return x
    shape = list(x.shape)
    rows = next((i for i in range(len(shape)) if i != batch), None)
    grows = growth and rows is not None and (len(shape) - (batch is not None) > 1 or not x.is_floating_point())
    if not x.is_floating_point():
        return (
            torch.cat([x, x.narrow(rows, 0, growth)], rows)
            if grows and rows is not None and x.dtype != torch.bool
            else x
        )
    if grows and rows is not None:
        shape[rows] += growth
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + growth), dtype=torch.double)


def _run(module: torch.nn.Module, args: list[Any], frozen: tuple[str, ...], grown: bool) -> Program:
    module = copy.deepcopy(module)
    statistics = {own: buffer.clone() for own, buffer in _named(module, "_buffers")}
    with other_sizes(grown):
        # A graph may be made of shapes alone: whether the code takes numbers of these sizes is seen by numbers.
        with torch.no_grad():
            whole = to_numpy(_output(copy.deepcopy(module)(*args)))
        graph, inputs = _graph(module, args)
    trace = current()
    by_identity: dict[int, str] = {}
    values: list[Value] = []
    count, arguments = sum(torch.is_tensor(x) for x in args), 0
    nodes = [n for n in graph.nodes if n.op == "placeholder"]
    filtering = _filters(graph)
    for k, (kind, own, number) in enumerate(inputs):
        if kind == "constant" or kind == "input" and not torch.is_tensor(number):
            values.append(Value(number))
        elif kind == "input":
            arguments += 1
            which = "" if count == 1 else str(arguments)
            values.append(argument(which, number, bool(filtering)))
        elif kind == "buffer":
            trace.names.append((own, to_numpy(statistics[own])))
            values.append(Value(statistics[own]))
        else:
            # Names that are tied are one parameter.
            own = by_identity.setdefault(id(number), own)
            trace.arrays[own] = to_numpy(number)
            fixed = not number.requires_grad or own.startswith(frozen) if frozen else not number.requires_grad
            role, shape = "fixed" if fixed else "param", tuple(number.shape)
            tensor = filters(role, own, shape) if nodes[k] in filtering else leaf(role, own, own, shape)
            values.append(Value(number.detach(), tensor))
    walk = Walk()
    with torch.no_grad():
        output = walk.run(graph, values)

    def gradient(along: numpy.ndarray) -> dict[str, numpy.ndarray]:
        fresh = copy.deepcopy(module)
        for own, buffer in _named(fresh, "_buffers"):
            buffer.copy_(statistics[own])
        fresh.zero_grad()
        found = _output(fresh(*args))
        if found.requires_grad:
            found.backward(torch.as_tensor(along))
        return {
            own: to_numpy(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)
            for own, parameter in _named(fresh, "_parameters")
        }

    return walk.recorder.program(lifted(_output(output)), whole, gradient)


def _filters(graph: Any) -> list[Any]:
    """The placeholders that are filters of convolutions."""
    convolutions = [n for n in graph.nodes if n.op == "call_function" and "conv" in str(n.target)]
    return [n.args[1] for n in convolutions if len(n.args) > 1]


def _graph(module: torch.nn.Module, args: list[Any]) -> tuple[Any, list[tuple[str, str, Any]]]:
    """The nodes of the module's graph, and what its placeholders are: kind, name, value."""
    parameters, buffers = dict(_named(module, "_parameters")), dict(_named(module, "_buffers"))
    tensors = [x for x in args if torch.is_tensor(x)]
    if hasattr(torch, "export"):
        exported = torch.export.export(module, tuple(args))
        given = iter(pytree.tree_leaves(tuple(args)))
        kinds = []
        for spec in exported.graph_signature.input_specs:
            target = spec.target
            if target in parameters:
                kinds.append(("param", target, parameters[target]))
            elif target in buffers:
                kinds.append(("buffer", target, buffers[target]))
            elif target is not None:
                kinds.append(("constant", target, exported.constants[target]))
            else:
                kinds.append(("input", "", next(given)))
        return exported.graph, kinds
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.nn.utils import stateless

    names = [*parameters, *buffers]

    def flat(*values: Any) -> Any:
        inputs = iter(values[: len(tensors)])
        given = [next(inputs) if torch.is_tensor(x) else x for x in args]
        return _output(stateless.functional_call(module, dict(zip(names, values[len(tensors) :])), tuple(given)))

    with _with_frames():
        graph = make_fx(flat)(*tensors, *parameters.values(), *(b.clone() for b in buffers.values()))
    # What autograd keeps for itself is no part of the function.
    graph.graph.eliminate_dead_code()
    known = [("input", "", x) for x in tensors]
    known += [("param", own, value) for own, value in parameters.items()]
    known += [("buffer", own, value) for own, value in buffers.items()]
    _check_constants(graph, parameters)
    return graph.graph, known


def _check_constants(graph: Any, parameters: Mapping[str, Any]) -> None:
    """A parameter that the graph holds as a constant would be one that is not trained."""
    storages = {p.data_ptr() for p in parameters.values()}
    for node in graph.graph.nodes:
        if node.op == "get_attr" and getattr(graph, node.target).data_ptr() in storages:
            raise Unsupported(f"{node.target} is a parameter that is read as a constant")


@contextmanager
def _with_frames() -> Iterator[None]:
    """`make_fx` keeps where operations are called, as `torch.export` does."""
    from torch.fx.experimental.proxy_tensor import PythonKeyTracer

    before = PythonKeyTracer.record_stack_traces
    PythonKeyTracer.record_stack_traces = True
    try:
        yield
    finally:
        PythonKeyTracer.record_stack_traces = before
