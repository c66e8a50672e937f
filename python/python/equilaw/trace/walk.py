"""A graph of ATen operations, walked on symbols and on numbers side by side, by the one table of these, `aten`."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy
import torch

from .aten import ARBITRARY, AT_RANDOM, FINAL, HANDLERS, Call
from .elementwise import arbitrary
from .inplace import functionalized, writes_into_parts
from .node import current
from .parameters import EVALUATION
from .program import Pull, Recorder, Value, constants, lifted, to_numpy, values_in
from .simplify import stopped
from .size import Unsupported
from .transforms import is_transform
from .translation import Untraceable


class Walk:
    """Carries out the nodes of a graph one after the other."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        # Whether the code is where it has turned gradients off.
        self.stopped = False

    def run(self, graph: Any, inputs: list[Value]) -> Any:
        """The output of a graph: a value, or several."""
        env: dict[Any, Any] = {}
        given = iter(inputs)
        for node in graph.nodes:
            if node.op == "placeholder":
                env[node] = next(given)
            elif node.op == "get_attr":
                env[node] = Value(_attribute(graph.owning_module, node.target))
            elif node.op == "call_function":
                env[node] = self.node(node, _mapped(node.args, env), _mapped(dict(node.kwargs), env))
            elif node.op == "output":
                return _mapped(node.args[0], env)
        raise Unsupported("a graph without an output")

    def node(self, node: Any, args: Any, kwargs: Any) -> Any:
        if node.target is operator.getitem:
            return args[0][args[1]]
        if node.target is torch._C._set_grad_enabled:
            self.stopped = not args[0]
            return None
        if is_transform(node.target):
            raise Untraceable(f"torch.func opens a level that is not resolved: {place_of(node) or node.name}")
        schema = getattr(node.target, "_schema", None)
        full = str(schema.name if schema is not None else node.target)
        name = full.split("::")[-1].split(".")[0]
        if name.startswith("_assert"):
            # What the code is sure of is no part of the function.
            return None
        if name == "wrap_with_set_grad_enabled":
            return self.within(args[0], args[1].number.graph, list(args[2:]))
        in_place = name.endswith("_") and not name.endswith("__")
        numbers = _mapped_values(args, lambda v: v.number)
        if in_place:
            numbers = (numbers[0].clone(), *numbers[1:])
        found = node.target(*numbers, **_mapped_values(kwargs, lambda v: v.number))
        if name in UNWRITTEN and found.is_floating_point():
            # Any number may stand there.
            found = torch.zeros_like(found)
        several = isinstance(found, (list, tuple))
        outputs = list(found) if several else [found]
        values = values_in((args, kwargs))
        if name == "bernoulli_":
            with current().at("dropout", place_of(node)):
                raise Untraceable(_refused("dropout", Unsupported(AT_RANDOM)))
        if all(v.is_constant for v in values):
            results = [Value(o) for o in outputs]
            return results if several else results[0]
        if _counts(name, node.target, args):
            raise Untraceable(
                f"what the code does depends on the values of arrays: {name} gives as many entries as these say, {place_of(node) or 'in it'}"
            )
        if name in READ:
            where = place_of(node) or "it"
            raise Untraceable(
                f"what the code does depends on the values of arrays: {where} branches on one, or reads a number from one"
            )
        own = name.rstrip("_") if in_place else name
        if name.endswith("dropout") and not re.search(r"nn/modules/\w+\.py", node.stack_trace or ""):
            _note_omitted(args, place_of(node))
        with current().at(own, place_of(node)):
            try:
                results = self.translated(own, node.target, args, kwargs, outputs)
            except Unsupported as error:
                if own in FINAL:
                    raise Untraceable(_refused(own, error)) from error
                parts = _composed(node.target, args, kwargs)
                if parts is not None:
                    return self.run(parts, [v for v in values if torch.is_tensor(v.number)])
                try:
                    results = self.opaque(own, node.target, args, kwargs, outputs, error)
                except Unsupported as why:
                    raise Untraceable(_refused(own, error if own in HANDLERS else why)) from error
            if self.stopped:
                results = [_held(x) for x in results]
        return results if several else results[0]

    def within(self, enabled: bool, graph: Any, inputs: list[Value]) -> Any:
        """A part of the code with gradients on or off."""
        before, self.stopped = self.stopped, False
        found = self.run(graph, inputs)
        self.stopped = before
        return found if enabled else _mapped_values(found, _held)

    def translated(self, name: str, target: Any, args: Any, kwargs: Any, outputs: list[Any]) -> list[Any]:
        """What the table says."""
        handler = HANDLERS.get(name)
        if handler is None:
            raise Unsupported(f"{name} is not known")
        call = Call(name, args, kwargs, _plain(outputs), _pull(target, args, kwargs), _again(target, args, kwargs))
        found = self.kept(name, handler(call), outputs)
        if name in FREE:
            self.recorder.keep_input(args[0])
        return found

    def opaque(
        self, name: str, target: Any, args: Any, kwargs: Any, outputs: list[Any], error: Unsupported
    ) -> list[Any]:
        """What the table has no form for: an arbitrary function of each entry, or one of all inputs."""
        values, numbers, pull = values_in((args, kwargs)), _plain(outputs), _pull(target, args, kwargs)
        found: list[Any]
        if name in ARBITRARY and len(values) == 1:
            self.recorder.keep_input(values[0])
            found = [arbitrary(name, lifted(values[0]), numbers[0], constants(args[1:], kwargs), pull)]
        else:
            current().note(f"{name} is an arbitrary function here: {error}")
            of = constants(args, kwargs)
            found = self.recorder.arbitrary(name, values, numbers, of, pull)
        return self.kept(name, found, outputs)

    def kept(self, name: str, found: Any, outputs: list[Any]) -> list[Any]:
        """The values of an operation, as steps of the program."""
        results: list[Any] = []
        for tensor, number in zip(found if isinstance(found, list) else [found], outputs):
            if tensor is None:
                results.append(None)
            elif isinstance(tensor, Value):
                results.append(Value(number, tensor.tensor, tensor.tokens, tensor.parts))
            else:
                assert tensor.shape == tuple(number.shape), (name, tensor.shape, tuple(number.shape))
                results.append(Value(number, tensor))
                self.recorder.keep(results[-1])
        return results


def _refused(name: str, why: Unsupported) -> str:
    """What cannot be translated, and where it stands."""
    place = current().place
    where = place.where if place else ""
    return f"{name} cannot be translated: {why}{f', at {where}' if where else ''}"


def _note_omitted(args: Any, where: str) -> None:
    """A dropout that the code calls by itself, and that does nothing in the mode that is traced."""
    if len(args) > 2 and not args[2] and args[1] > 0:
        current().note(f"dropout p={args[1]:g}{f' at {where}' if where else ''} is left out: {EVALUATION}")


def _counts(name: str, target: Any, args: Any) -> bool:
    """Whether the number of entries that an operation gives depends on values that are not constant."""
    if name == "index":
        indices = [x for x in args[1] if isinstance(x, Value) and not x.is_constant]
        return any(x.number.dtype in (torch.bool, torch.uint8) for x in indices)
    return name == "where" and len(args) == 1 or torch.Tag.dynamic_output_shape in getattr(target, "tags", ())


# What makes numbers of Python of arrays.
READ = ("item", "_local_scalar_dense")

# What the code has not written yet.
UNWRITTEN = ("empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided")

# What becomes arbitrary with some constants.
FREE = ("gelu", "leaky_relu", "elu", "softplus")


def _held(x: Any) -> Any:
    """A value through which no gradient passes."""
    return Value(x.number, x.tensor.map(stopped), x.tokens) if isinstance(x, Value) and x.tensor is not None else x


def _pull(target: Any, args: Any, kwargs: Any) -> Pull:
    """The derivative of an operation by its arguments that are no constants, by autograd."""

    def pull(cotangents: list[numpy.ndarray | None]) -> list[numpy.ndarray]:
        moving: list[Any] = []

        def given(v: Value) -> Any:
            if v.tensor is None:
                return v.number
            moving.append(v.number.detach().clone())
            # Of integers and truth values nothing is a derivative.
            if not moving[-1].is_floating_point():
                return moving[-1]
            moving[-1].requires_grad_()
            # A clone, which an operation may change in place.
            return moving[-1].clone()

        with torch.enable_grad():
            try:
                found = target(*_mapped_values(args, given), **_mapped_values(kwargs, given))
                outputs = list(found) if isinstance(found, (list, tuple)) else [found]
                pairs = [
                    (y, torch.as_tensor(z).to(y.dtype).reshape(y.shape))
                    for y, z in zip(outputs, cotangents)
                    if z is not None and torch.is_tensor(y) and y.requires_grad
                ]
                gradients = [None] * len(moving)
                if pairs:
                    along = [z for _, z in pairs]
                    smooth = [k for k, x in enumerate(moving) if x.requires_grad]
                    found = torch.autograd.grad(
                        [y for y, _ in pairs], [moving[k] for k in smooth], along, allow_unused=True
                    )
                    gradients = [dict(zip(smooth, found)).get(k) for k in range(len(moving))]
            except (RuntimeError, NotImplementedError) as error:
                raise Unsupported(f"an operation of the code has no derivative: {error}") from error
        return [to_numpy(torch.zeros_like(x) if g is None else g) for x, g in zip(moving, gradients)]

    return pull


def _again(target: Any, args: Any, kwargs: Any) -> Any:
    """An operation with another array in place of its first argument."""

    def again(array: numpy.ndarray) -> numpy.ndarray:
        others = _mapped_values(args[1:], lambda v: v.number), _mapped_values(kwargs, lambda v: v.number)
        return to_numpy(target(torch.as_tensor(array), *others[0], **others[1]))

    return again


def _plain(outputs: list[Any]) -> list[Any]:
    return [o.detach().cpu().numpy() if torch.is_tensor(o) else o for o in outputs]


def _composed(target: Any, args: Any, kwargs: Any) -> Any:
    """The graph of an operation that is composed of others, which `torch.export` leaves as it is; `None` of one that is not."""
    key = torch._C.DispatchKey.CompositeImplicitAutograd if hasattr(torch, "export") else None
    if key is None or not isinstance(target, torch._ops.OpOverload) or not target.has_kernel_for_dispatch_key(key):
        return None
    from torch.fx.experimental.proxy_tensor import make_fx

    def flat(*tensors: Any) -> Any:
        given = iter(tensors)
        inner = lambda v: next(given) if torch.is_tensor(v.number) else v.number
        return target(*_mapped_values(args, inner), **_mapped_values(kwargs, inner))

    numbers = [v.number for v in values_in((args, kwargs)) if torch.is_tensor(v.number)]
    found = make_fx(flat)(*numbers)
    if writes_into_parts(found):
        found = make_fx(functionalized(flat))(*numbers)
    graph = found.graph
    return None if any(node.target is target for node in graph.nodes) else graph


MODES = ("precision.py", "chance.py")


def _is_own(file: str) -> bool:
    """Whether a file is one of the tracer."""
    return os.path.dirname(file) == os.path.dirname(__file__)


def place_of(node: Any) -> str:
    """File and line of an operation: the innermost of the user's code, or, where PyTorch's layers are all there is, of these."""
    frames = re.findall(r'File "([^"]+)", line (\d+)', node.stack_trace or "")
    # Modes of the tracer stand between the code and what it calls.
    frames = [frame for frame in frames if os.path.basename(frame[0]) not in MODES or not _is_own(frame[0])]
    if not hasattr(torch, "export"):
        # The innermost is the first.
        frames.reverse()
    # What called the tracer is no part of the code.
    outer = [k for k, frame in enumerate(frames) if _is_own(frame[0])]
    frames = frames[outer[-1] + 1 :] if outer else frames
    library = os.path.dirname(torch.__file__)
    layers = os.path.join(library, "nn", "modules")
    users = [frame for frame in frames if not frame[0].startswith(library)]
    inner = [f for f in frames if f[0].startswith(layers) and os.path.basename(f[0]) != "module.py"]
    return next((f"{file}:{line}" for file, line in reversed(users or inner)), "")


def _attribute(module: Any, target: str) -> Any:
    for part in target.split("."):
        module = getattr(module, part)
    return module


def _mapped(x: Any, env: Mapping[Any, Any]) -> Any:
    if isinstance(x, torch.fx.Node):
        return env[x]
    if isinstance(x, (list, tuple)):
        return tuple(_mapped(y, env) for y in x)
    return {k: _mapped(v, env) for k, v in x.items()} if isinstance(x, dict) else x


def _mapped_values(x: Any, f: Any) -> Any:
    if isinstance(x, Value):
        return f(x)
    if isinstance(x, (list, tuple)):
        return tuple(_mapped_values(y, f) for y in x)
    return {k: _mapped_values(v, f) for k, v in x.items()} if isinstance(x, dict) else x
