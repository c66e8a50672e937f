"""The balanced point of an orbit, where the norm of the parameters is least, or its flattest; the function is the same.

Along a rescaling, or a change of basis, what comes in is A under the element 1 and what goes out is B, and the
conserved quantity is A − B. Under a positive element g they become g A gᵀ and g⁻ᵀ B g⁻¹, so that they are equal, and tr A + tr B least, at
the geometric mean S = gᵀ g of A⁻¹ and B. For a diagonal group this is so entry by entry. Where weights are shared by several actions, each is
followed in turn until none moves: in logarithms of the elements the norm is convex, and its least point one.

Gradients of the function turn against its parameters, by g⁻ᵀ where these turn by g. So ‖J‖², the sum of the squares of the gradients of all entries of the output, is least
where the gradients, followed in place of the parameters, are balanced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from ._core import EquilawError
from .act import Moved, act, actions
from .derive import derive, is_module
from .law import Law
from .report import Report

Arrays = Mapping[str, numpy.ndarray]

# How often every action is followed at most, and how far from equal A and B may be at the end, relative to their sizes.
ROUNDS, CLOSE = 200, 1e-11

# Of so many entries of the output each has a gradient; of more so many sums of all entries with random signs.
ENTRIES = 32


@dataclass(frozen=True)
class Balanced:
    """What `balance` did: the size of each conserved quantity before and after, the actions that were left out
    with the reason, the parameters by their names in the model, the sum of the squares of the parameters before and after, and, where that was
    followed, the trace of JᵀJ."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    left_out: Mapping[str, str]
    parameters: Arrays = field(repr=False)
    norm: tuple[float, float]
    trace: tuple[float, float] | None = None


def balance(
    of: Any,
    *example: Any,
    kwargs: Mapping[str, Any] | None = None,
    report: Report | None = None,
    flattest: bool = False,
) -> Balanced:
    """Moves along the proved rescalings and changes of basis to the point of least norm, where their conserved
    quantities vanish.

    `of` is a module of PyTorch, which is changed in place, with example inputs, and `kwargs` by name, on which its output is compared
    before and after; or, with a report, the parameters by name, which are returned. Only actions whose quantity is
    that of A and B above are followed; the others are left out, with the reason.

    With `flattest` a module is moved to the point where the trace of JᵀJ is least instead, J the Jacobian of its output on the example inputs by the
    parameters. That is the trace of the Hessian of the squared error at a point that fits, and of the Gauss–Newton matrix of it everywhere. Of
    an output of more than 32 entries it is estimated by 32 sums of them with random signs, the same ones before and after.

    Raises `EquilawError`, and leaves the module as it was, where the output changes, or the trace is not what was computed.
    """
    if flattest and not is_module(of):
        raise TypeError("the flattest point is that of a module of PyTorch: its output is differentiated")
    if report is None:
        report = derive(of, *example, kwargs=kwargs, checks=False, complete=False)
    if is_module(of) and not example and not kwargs:
        raise EquilawError(
            "example inputs are needed, on which the output is compared: balance(module, x, report=report)"
        )
    parameters = {n: array_of(x) for n, x in report.parameters(of).items()}
    if not flattest:
        found = balanced(report, parameters)
        if is_module(of):
            _write(of, (example, kwargs or {}), report, found)
        return found
    gradients = gradients_of(of, (example, kwargs or {}), report)
    found = balanced(report, parameters, gradients)
    _write(of, (example, kwargs or {}), report, found)
    return found


def sizes_of(report: Report) -> Mapping[str, int]:
    """The sizes of the user's arrays."""
    sizes: Mapping[str, int] = report.provenance.sizes if report.provenance is not None else report.dims
    return sizes


def balanced(report: Report, parameters: Arrays, gradients: Sequence[Arrays] | None = None) -> Balanced:
    """`balance` of parameters by their names in the model; with gradients of the entries of the output, those are made small."""
    sizes = sizes_of(report)
    followed: dict[str, tuple[Moved, Law]] = {}
    for name, moved in actions(report).items():
        law = next((x for x in report.laws if x.id == f"{name}/gradient-flow/conserved"), None)
        if moved.group in ("Diag+", "GL") and law is not None and law.quantity is not None and law.quantity.numpy:
            followed[name] = (moved, law)
    before = {name: _size(law, parameters) for name, (_, law) in followed.items()}
    norm, trace = squares([parameters]), None if gradients is None else squares(gradients)
    left_out: dict[str, str] = {}
    for _ in range(ROUNDS):
        far = 0.0
        for name, (moved, law) in followed.items():
            if name in left_out:
                continue
            found = _step(report, moved, law, [parameters] if gradients is None else gradients, sizes)
            if isinstance(found, str):
                left_out[name] = found
                continue
            far = max(far, found.distance)
            if found.distance <= CLOSE:
                continue
            if gradients is None:
                (parameters,) = found.vectors
            else:
                gradients = found.vectors
                parameters = act(report, name, numpy.linalg.inv(found.element), parameters, sizes)
        if far <= CLOSE:
            break
    return Balanced(
        before,
        {name: _size(law, parameters) for name, (_, law) in followed.items()},
        left_out,
        parameters,
        (norm, squares([parameters])),
        None if gradients is None or trace is None else (trace, squares(gradients)),
    )


def squares(vectors: Sequence[Arrays]) -> float:
    """The sum of the squares of all entries."""
    return float(sum((x**2).sum() for v in vectors for x in v.values()))


@dataclass(frozen=True)
class _Step:
    """The element that makes A and B, summed over vectors, equal; how far they were from that, and the vectors that it moves."""

    element: numpy.ndarray
    distance: float
    vectors: Sequence[Arrays]


def _step(report: Report, moved: Moved, law: Law, vectors: Sequence[Arrays], sizes: Mapping[str, int]) -> _Step | str:
    """A step along an action, or why there is none."""
    assert law.quantity is not None
    size, members = sizes[moved.size], moved.members(sizes)
    incoming, outgoing = halves(report, moved, law, vectors, sizes)
    element = numpy.zeros((*members, size, size))
    for k in numpy.ndindex(members):
        balancing = (_scales if moved.group == "Diag+" else _basis)(incoming[k], outgoing[k], size)
        if isinstance(balancing, str):
            return balancing
        element[k] = balancing
    found = carried(report, moved, element, vectors, sizes)
    scale = float(numpy.abs(incoming).max() + numpy.abs(outgoing).max())
    if float(numpy.abs(_summed(law, found)).max()) > 1e-6 * scale:
        return "its quantity is not the difference of what comes in and what goes out"
    return _Step(element, float(numpy.abs(incoming - outgoing).max()) / scale, found)


def carried(
    report: Report, moved: Moved, element: numpy.ndarray, vectors: Sequence[Arrays], sizes: Mapping[str, int]
) -> list[Arrays]:
    """Vectors moved by an element. A diagonal one multiplies entries, those of many vectors by the same numbers."""
    if len(vectors) == 1 or moved.group != "Diag+":
        return [act(report, moved.name, element, v, sizes) for v in vectors]
    factors = act(report, moved.name, element, {own: numpy.ones_like(x) for own, x in vectors[0].items()}, sizes)
    return [{own: factors[own] * x for own, x in v.items()} for v in vectors]


def _summed(law: Law, vectors: Sequence[Arrays]) -> numpy.ndarray:
    assert law.quantity is not None
    return numpy.asarray(sum(law.quantity(**v) for v in vectors))


def _scales(incoming: numpy.ndarray, outgoing: numpy.ndarray, size: int) -> numpy.ndarray | str:
    """The positive diagonal element that makes what comes in and what goes out equal; a unit of which nothing comes in nor goes out, as one that no
    example switches on, stays where it is."""
    a, b = incoming.ravel(), outgoing.ravel()
    if a.size != size:
        return "its quantity is not one number for each unit"
    # What should be 0 is so up to rounding.
    idle = numpy.maximum(a, b) <= 1e-14 * max(a.max(), b.max(), 0.0)
    if (numpy.minimum(a, b) <= 1e-12 * numpy.maximum(a, b))[~idle].any():
        return "of some unit nothing comes in or nothing goes out"
    found: numpy.ndarray = numpy.diag(numpy.where(idle, 1.0, b / numpy.where(idle, 1.0, a)) ** 0.25)
    return found


def _basis(incoming: numpy.ndarray, outgoing: numpy.ndarray, size: int) -> numpy.ndarray | str:
    """The change of basis that does."""
    if (
        incoming.shape != (size, size)
        or min(numpy.linalg.eigvalsh(incoming).min(), numpy.linalg.eigvalsh(outgoing).min()) <= 1e-12
    ):
        return "what comes in or goes out has not full rank"
    half, inverse = _power(incoming, 0.5), _power(incoming, -0.5)
    return _power(inverse @ _power(half @ outgoing @ half, 0.5) @ inverse, 0.5)


def halves(
    report: Report, moved: Moved, law: Law, vectors: Sequence[Arrays], sizes: Mapping[str, int]
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A and B of a quantity A − B, summed over vectors: the element 2 makes 4 A − B / 4 of it."""
    one, size = _summed(law, vectors), sizes[moved.size]
    twice = numpy.broadcast_to(2 * numpy.eye(size), (*moved.members(sizes), size, size))
    two = _summed(law, carried(report, moved, twice, vectors, sizes))
    return (4 * two - one) / 15, (4 * two - one) / 15 - one


def _power(x: numpy.ndarray, exponent: float) -> numpy.ndarray:
    """A power of a symmetric positive definite matrix."""
    values, vectors = numpy.linalg.eigh(x)
    found: numpy.ndarray = (vectors * values**exponent) @ vectors.T
    return found


def _size(law: Law, parameters: Mapping[str, Any]) -> float:
    assert law.quantity is not None
    return float(numpy.abs(law.quantity(**parameters)).max())


def array_of(x: Any) -> numpy.ndarray:
    """An array of any library in double precision."""
    return numpy.asarray(x.detach().cpu().double().numpy() if hasattr(x, "detach") else x, dtype=float)


# What a module is called with, by place and by name.
Example = tuple[tuple[Any, ...], Mapping[str, Any]]


def gradients_of(module: Any, example: Example, report: Report) -> list[Arrays]:
    """The gradients of the entries of a module's output by its parameters, by their names in the model; of many entries those of sums with random signs."""
    from .trace.surroundings import alone

    with alone():
        return _gradients_of(module, example, report)


def _run(module: Any, example: Example) -> tuple[Any, Any]:
    """The output in double precision of a copy of a module, and the copy."""
    from .trace.chance import alike
    from .trace.examples import Arguments, first_output
    from .trace.precision import copied

    probe = copied(module)
    inputs = Arguments.of(*example).each(lambda x: x.double() if x.is_floating_point() else x)
    with alike():
        return first_output(inputs.given_to(probe)), probe


def _gradients_of(module: Any, example: Example, report: Report) -> list[Arrays]:
    import torch

    output, probe = _run(module, example)
    output = output.reshape(-1)
    along = torch.eye(len(output), dtype=output.dtype)
    if len(output) > ENTRIES:
        signs = torch.randint(0, 2, (ENTRIES, len(output)), generator=torch.Generator().manual_seed(0))
        along = (2 * signs - 1).to(output.dtype) / ENTRIES**0.5
    of: Mapping[Any, Any] = report.provenance.arrays(probe)
    moving = {own: x for own, x in of.items() if x.requires_grad}
    found: list[Arrays] = []
    for z in along:
        pulled = torch.autograd.grad(output, list(moving.values()), z, retain_graph=True, allow_unused=True)
        by_name = {own: torch.zeros_like(x) for own, x in of.items()}
        by_name.update((own, g) for own, g in zip(moving, pulled) if g is not None)
        found.append({own: array_of(part.of(by_name)) for own, part in report.provenance.provenance.items()})
    return found


def output_of(module: Any, example: tuple[Any, ...]) -> numpy.ndarray:
    """What a module gives, in double precision; the module stays as it is."""
    from .trace.surroundings import alone

    with alone():
        output, _ = _run(module, (example, {}))
    return array_of(output)


def _write(module: Any, example: Example, report: Report, found: Balanced) -> None:
    """Puts parameters into a module, if its output stays what it is, and its gradients are as small as was computed."""
    import torch

    from .trace.examples import Arguments, first_output

    arrays, inputs = report.provenance.arrays(module), Arguments.of(*example)
    targets = [
        (name, at, part.of(arrays)) for name, whole in report.provenance.provenance.items() for at, part in whole.each()
    ]
    kept = [x.detach().clone() for *_, x in targets]

    def put(values: Iterable[Any]) -> None:
        with torch.no_grad():
            for (*_, target), value in zip(targets, values):
                target.detach().copy_(torch.as_tensor(value).reshape(target.shape))

    def output() -> Any:
        with torch.no_grad():
            return first_output(inputs.given_to(module))

    mode = module.training
    expected = output()
    put(found.parameters[name][at] for name, at, _ in targets)
    reached = output()
    module.train(mode)
    tolerance = 1e-4 if expected.dtype == torch.float32 else 1e-8 if expected.dtype == torch.float64 else 1e-1
    if not float((reached - expected).abs().max()) <= tolerance * max(float(expected.abs().max()), 1.0):
        put(kept)
        raise EquilawError("the output changes: the module is no longer what the report is of")
    if found.trace is not None:
        trace = squares(gradients_of(module, example, report))
        if not abs(trace - found.trace[1]) <= 10 * tolerance * found.trace[0]:
            put(kept)
            raise EquilawError("the gradients are not what was computed: the module is no longer what the report is of")
