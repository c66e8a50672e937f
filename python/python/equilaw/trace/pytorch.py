"""A module of PyTorch: random numbers for its parameters, its graph of ATen operations, and its gradient."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import torch

from .chance import alike
from .examples import Arguments, first_output, outputs
from .graphs import graph
from .images import filters
from .inputs import argument
from .node import current
from .parameters import left_out, named, refuse, vary, vary_buffers
from .precision import copied
from .program import Program, Value, lifted, to_numpy
from .surroundings import alone
from .tensor import leaf
from .translation import Translation, Untraceable, frozen_names, other_sizes, translate
from .walk import Walk


def trace(
    module: torch.nn.Module,
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    name: str | None = None,
    frozen: Sequence[str] = (),
    seed: int = 0,
    fold: bool = True,
) -> Translation:
    """Translates `module(*args, **kwargs)`, in the mode it is in (`train()` or `eval()`).

    Parameters keep their names, with `_` for `.`, and their layout; those with `requires_grad=False`, or whose
    name begins with a string of
    `frozen`, are data that are fixed, as buffers are. Arguments are arrays, or lists and dictionaries of them, with samples, or positions, as rows,
    before them the batch; integers are tokens. Where examples of a batch do not see each other, one of them is
    traced. Only shapes matter: random arrays of these shapes are put in, and with a row more. Of several arrays that the module returns the
    first is the output. Identical blocks are
    told once, in a `repeat`, unless `fold` is false. Raises `Disagreement` where what was translated does not give
    the values and gradients of the module,
    `Untraceable` where it cannot be translated.
    """
    with alone():
        return _trace(module, Arguments.of(args, kwargs or {}), name or type(module).__name__, frozen, seed, fold)


def _trace(
    module: torch.nn.Module, given: Arguments, own: str, frozen: Sequence[str], seed: int, fold: bool
) -> Translation:
    refuse(module)
    omitted = left_out(module)
    module = copied(module)
    notes = [f"The module is in {'training' if module.training else 'evaluation'} mode"]
    vary(module, seed)
    uniform = vary_buffers(module, seed)
    fixed = frozen_names(frozen, [own for own, _ in named(module, "_parameters")])
    probe = copied(module)
    with alike():
        batch = given.independent(probe)
    given = given if batch is None else given.one(batch)
    probe = copied(module)
    with alike():
        positive = not given.drawn(0, batch, seed).finite(probe)

    def run(growth: int) -> Program:
        current().uniform = uniform
        for note in omitted:
            current().note(note)
        if positive:
            current().note("data are positive numbers, of others the code gives none that are finite")
        if batch is not None:
            current().note("one example: a loss of a batch is a sum, and what holds for each holds for it")
        return _run(module, given.drawn(growth, batch, seed, positive), fixed, growth > growths[0])

    probe = copied(module)
    with alike():
        growths = given.growths(probe, batch, seed)
    head = [
        f"Traced from {own}, a module of PyTorch {torch.__version__}. Parameters have the layout of the code, samples are columns."
    ]
    head += [f"{note}." for note in notes]
    return translate(run, name=_identifier(own), title=own, head=head, arrays=arrays, growths=growths, fold=fold)


def arrays(of: Any) -> dict[str, Any]:
    """The parameters of a module, or of its state dict, by name."""
    if isinstance(of, torch.nn.Module):
        return {own: parameter for own, parameter in named(of, "_parameters")}
    return dict(of)


def _identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_") or "traced"
    return f"m{found}" if found[0].isdigit() else found


def _run(module: torch.nn.Module, args: Arguments, frozen: tuple[str, ...], grown: bool) -> Program:
    module = copied(module)
    statistics = {own: buffer.clone() for own, buffer in named(module, "_buffers")}
    with other_sizes(grown):
        # A graph may be made of shapes alone: whether the code takes numbers of these sizes is seen by numbers.
        once = copied(module)
        with torch.no_grad(), alike():
            found = args.given_to(once)
        whole = to_numpy(first_output(found))
        if not numpy.isfinite(whole).all():
            raise Untraceable(
                "at random arrays the code gives what is no finite number, as a root of negative numbers is: an argument that is to be positive can be the exponential of one"
            )
        if len(outputs(found)) > 1:
            current().note(
                f"of {len(outputs(found))} arrays that are returned the first is what a loss is a function of"
            )
        nodes, inputs = graph(module, args, again=not grown)
    trace = current()
    by_identity: dict[int, str] = {}
    values: list[Value] = []
    count, arguments = len(args.tensors), 0
    places, taken = [n for n in nodes.nodes if n.op == "placeholder"], {own for own, _ in named(module, "_parameters")}
    filtering = _filters(nodes)
    for k, (kind, own, number) in enumerate(inputs):
        if kind == "constant" or kind == "input" and not torch.is_tensor(number):
            values.append(Value(number))
        elif kind == "input":
            arguments += 1
            which = "" if count == 1 else str(arguments)
            values.append(argument(which, number, bool(filtering), taken))
        elif kind == "buffer":
            trace.names.append((own, to_numpy(statistics[own])))
            values.append(Value(statistics[own]))
        elif not number.is_floating_point():
            values.append(Value(number.detach()))
        else:
            # Names that are tied are one parameter.
            own = by_identity.setdefault(id(number), own)
            trace.arrays[own] = to_numpy(number)
            fixed = not number.requires_grad or own in frozen
            role, shape = "fixed" if fixed else "param", tuple(number.shape)
            tensor = filters(role, own, shape) if places[k] in filtering else leaf(role, own, own, shape)
            values.append(Value(number.detach(), tensor))
    walk = Walk()
    with torch.no_grad(), alike():
        output = walk.run(nodes, values)

    def gradient(along: numpy.ndarray) -> dict[str, numpy.ndarray]:
        fresh = copied(module)
        for own, buffer in named(fresh, "_buffers"):
            buffer.copy_(statistics[own])
        fresh.zero_grad()
        with alike():
            found = first_output(args.given_to(fresh))
            if found.requires_grad:
                found.backward(torch.as_tensor(along))
        return {
            own: to_numpy(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.to_dense())
            for own, parameter in named(fresh, "_parameters")
        }

    return walk.recorder.program(lifted(first_output(output)), whole, gradient)


def _filters(nodes: Any) -> list[Any]:
    """The placeholders that are filters of convolutions."""
    convolutions = [n for n in nodes.nodes if n.op == "call_function" and "conv" in str(n.target)]
    return [n.args[1] for n in convolutions if len(n.args) > 1]
