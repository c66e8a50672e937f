"""The graph of ATen operations of a module: by `torch.export` (2.x) or `make_fx` (1.13)."""

from __future__ import annotations

import functools
import inspect
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from traceback import walk_tb
from typing import Any

import torch

from .chance import kept
from .examples import Arguments, first_output
from .inplace import functionalized, writes_into_parts
from .parameters import named, vary
from .precision import DoublesByDefault, copied, outdated
from .size import Unsupported
from .transforms import transforms, unwound
from .translation import Untraceable
from .walk import place_of

# Nodes, and what the placeholders are: kind, name, value.
Graph = tuple[Any, list[tuple[str, str, Any]]]


def graph(module: torch.nn.Module, args: Arguments, again: bool) -> Graph:
    """The nodes of the module's graph, and what its placeholders are: kind, name, value. With `again` it is made at other parameters too, as a graph of
    numbers may hold some of these."""
    if not hasattr(torch, "export"):
        return _told(lambda: made(module, args, again))
    try:
        with unwound():
            return _told(lambda: exported(module, args))
    except (Untraceable, Unsupported):
        raise
    except Exception as error:  # noqa: BLE001 - what `torch.export` has no graph of has one of its numbers, or none
        try:
            with unwound():
                return _told(lambda: made(copied(module), args, again))
        except (Untraceable, Unsupported):
            raise
        except Exception:  # noqa: BLE001 - the first error says more
            raise Untraceable(
                f"PyTorch makes no graph of it, at {_user(error.__traceback__)}: {(str(error).splitlines() or [type(error).__name__])[0]}"
            ) from error


def _told(make: Callable[[], Graph]) -> Graph:
    """A graph, or in words why the code has none."""
    try:
        return make()
    except RuntimeError as error:
        where = _user(error.__traceback__)
        if ".numpy() is not supported" in str(error):
            raise Untraceable(f"it computes with the numbers of parameters outside of PyTorch, at {where}") from error
        if not any(
            x in str(error) for x in ("data-dependent", "get a value out of symbolic", "value out of a tracing")
        ):
            raise
        raise Untraceable(
            f"what the code does depends on the values of arrays: {where} branches on one, or reads a number from one"
        ) from error


class _HasTransforms(Exception):
    """A graph has operations that open levels."""


def _user(traceback: Any) -> str:
    """The innermost line of the code of the user that an error passed."""
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(traceback)]
    library = (os.path.dirname(torch.__file__), os.path.dirname(__file__), "<")
    return next((place for place in reversed(places) if not place.startswith(library)), "it")


def exported(module: torch.nn.Module, args: Arguments) -> Graph:
    parameters, buffers = dict(named(module, "_parameters")), dict(named(module, "_buffers"))
    by_place, by_name = args.unpacked
    with _in_doubles(module):
        found = torch.export.export(module, by_place, by_name)
    if transforms(found):
        raise _HasTransforms
    if writes_into_parts(found):
        found = found.run_decompositions({})
        _drop_changes(found)
    given, stale = iter(args.leaves), {x.data_ptr() for x in _computed(module)}
    kinds = []
    for spec in found.graph_signature.input_specs:
        target = spec.target
        if target in parameters:
            kinds.append(("param", target, parameters[target]))
        elif target in buffers:
            kinds.append(("buffer", target, buffers[target]))
        elif target is not None:
            if torch.is_tensor(found.constants[target]) and found.constants[target].data_ptr() in stale:
                raise Unsupported("what was computed of a parameter before is read as a constant")
            kinds.append(("constant", target, found.constants[target]))
        else:
            kinds.append(("input", "", next(given)))
    return found.graph, kinds


@contextmanager
def _in_doubles(module: torch.nn.Module) -> Iterator[None]:
    """The code of the module gives doubles, and that of PyTorch which looks at it is left as it is."""
    forward = module.forward

    @functools.wraps(forward)
    def within(*args: Any, **kwargs: Any) -> Any:
        with DoublesByDefault():
            return forward(*args, **kwargs)

    module.forward = within
    try:
        yield
    finally:
        del module.forward


def _drop_changes(found: Any) -> None:
    """Of what a graph returns that changes nothing in place, what is returned in place of buffers and inputs that were changed is no output."""
    output = next(node for node in found.graph.nodes if node.op == "output")
    told = zip(output.args[0], found.graph_signature.output_specs)
    output.args = (tuple(x for x, spec in told if spec.kind.name == "USER_OUTPUT"),)


def made(module: torch.nn.Module, args: Arguments, again: bool) -> Graph:
    parameters, buffers = dict(named(module, "_parameters")), dict(named(module, "_buffers"))
    found = _made(module, args)
    if again:
        another = copied(module)
        vary(another, 2**31)
        _check_same(found, _made(another, args, frames=False))
    # What autograd keeps for itself is no part of the function.
    found.graph.eliminate_dead_code()
    known = [("input", "", x) for x in args.tensors]
    known += [("param", own, value) for own, value in parameters.items()]
    known += [("buffer", own, value) for own, value in buffers.items()]
    _check_constants(found, [*parameters.values(), *_computed(module)])
    return found.graph, known


def _made(module: torch.nn.Module, args: Arguments, frames: bool = True) -> Any:
    """The graph that `make_fx` makes; its placeholders are the arrays that are given, parameters, and buffers. With `frames` it says where
    operations are called."""
    from torch.fx.experimental.proxy_tensor import make_fx

    # By 1.13 it is told by `_with_frames`.
    told = {"record_stack_traces": frames} if "record_stack_traces" in inspect.signature(make_fx).parameters else {}
    parameters, buffers = dict(named(module, "_parameters")), dict(named(module, "_buffers"))
    call = _functional_call()
    names, many = [*parameters, *buffers], len(args.tensors)

    def flat(*values: Any) -> Any:
        by_place, by_name = args.put(values[:many]).unpacked
        return first_output(call(module, dict(zip(names, values[many:])), by_place, by_name))

    def graph_of(f: Any) -> Any:
        with _with_frames() if frames else nullcontext(), kept():
            return make_fx(f, **told)(
                *(x.clone() for x in args.tensors), *parameters.values(), *(b.clone() for b in buffers.values())
            )

    found = graph_of(flat)
    if writes_into_parts(found):
        found = graph_of(functionalized(flat))
    return found


def _functional_call() -> Any:
    """Of parameters that are tied each name is given, with what is one array or not."""
    if hasattr(torch, "func"):
        return functools.partial(torch.func.functional_call, tie_weights=False)
    from torch.nn.utils import stateless

    return stateless.functional_call


def _check_same(found: Any, other: Any) -> None:
    """What the code computes of parameters outside of PyTorch stands in a graph as numbers, which are others at other parameters."""
    for one, two in itertools.zip_longest(found.graph.nodes, other.graph.nodes):
        same = one and two and (str(one.target), str(one.args)) == (str(two.target), str(two.args))
        if not same or one.op == "get_attr" and not torch.equal(getattr(found, one.target), getattr(other, two.target)):
            where = next(filter(None, map(place_of, [one or two, *(one or two).users])), "")
            at = f", at {where}" if where else ""
            raise Unsupported(f"it computes with the numbers of parameters outside of PyTorch{at}")


def _computed(module: torch.nn.Module) -> list[Any]:
    """Arrays that were computed of parameters before."""
    return [x for part in module.modules() for x in vars(part).values() if torch.is_tensor(x) and outdated(x)]


def _check_constants(found: Any, parameters: Sequence[Any]) -> None:
    """A parameter that the graph holds as a constant, or what was computed of one, would be one that is not trained."""
    storages = {p.data_ptr() for p in parameters}
    for node in found.graph.nodes:
        if node.op == "get_attr" and getattr(found, node.target).data_ptr() in storages:
            raise Unsupported("a parameter, or what was computed of one before, is read as a constant")


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
