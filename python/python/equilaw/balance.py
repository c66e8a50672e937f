"""The balanced point of an orbit: where the norm of the parameters is least, and the function is the same.

Along a rescaling, or a change of basis, what comes in is A under the element 1 and what goes out is B, and the
conserved quantity is A − B. Under a positive element g they become g A gᵀ and g⁻ᵀ B g⁻¹, so that they are equal at
the geometric mean S = gᵀ g of A⁻¹ and B. For a diagonal group this is so entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from ._core import EquilawError
from .act import Moved, act, actions
from .derive import derive, is_module
from .law import Law
from .report import Report


@dataclass(frozen=True)
class Balanced:
    """What `balance` did: the size of each conserved quantity before and after, the actions that were left out
    with the reason, and the parameters by their names in the model."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    left_out: Mapping[str, str]
    parameters: Mapping[str, numpy.ndarray]


def balance(of: Any, *example: Any, report: Report | None = None) -> Balanced:
    """Moves along the proved rescalings and changes of basis to the point of least norm, where their conserved
    quantities vanish.

    `of` is a module of PyTorch, which is changed in place, with example inputs on which its output is compared
    before and after; or, with a report, the parameters by name, which are returned. Only actions whose quantity is
    that of A and B above are followed; the others are left out, with the reason. Raises `EquilawError`, and leaves
    the module as it was, where the output changes.
    """
    if report is None:
        report = derive(of, *example, checks=False, complete=False)
    found = balanced(report, {n: array_of(x) for n, x in report.parameters(of).items()})
    if is_module(of):
        _write(of, example, report, found.parameters)
    return found


def sizes_of(report: Report) -> Mapping[str, int]:
    """The sizes of the user's arrays."""
    sizes: Mapping[str, int] = report.provenance.sizes if report.provenance is not None else report.dims
    return sizes


def balanced(report: Report, parameters: dict[str, numpy.ndarray]) -> Balanced:
    """`balance` of parameters by their names in the model."""
    sizes = sizes_of(report)
    before, after, left_out = {}, {}, {}
    for name, moved in actions(report).items():
        law = next((x for x in report.laws if x.id == f"{name}/gradient-flow/conserved"), None)
        if moved.group not in ("Diag+", "GL") or law is None or law.quantity is None or law.quantity.numpy is None:
            continue
        before[name] = _size(law, parameters)
        found = _followed(report, moved, law, parameters, sizes)
        if isinstance(found, str):
            left_out[name] = found
        else:
            parameters = found
        after[name] = _size(law, parameters)
    return Balanced(before, after, left_out, parameters)


def _followed(
    report: Report, moved: Moved, law: Law, parameters: dict[str, numpy.ndarray], sizes: Mapping[str, int]
) -> dict[str, numpy.ndarray] | str:
    """The parameters moved to where the quantity vanishes, or why they are not."""
    assert law.quantity is not None
    size, members = sizes[moved.size], moved.members(sizes)
    incoming, outgoing = halves(report, moved, law, parameters, sizes)
    element = numpy.zeros((*members, size, size))
    for k in numpy.ndindex(members):
        balancing = (_scales if moved.group == "Diag+" else _basis)(incoming[k], outgoing[k], size)
        if isinstance(balancing, str):
            return balancing
        element[k] = balancing
    found = act(report, moved.name, element, parameters, sizes)
    scale = float(numpy.abs(incoming).max() + numpy.abs(outgoing).max())
    if float(numpy.abs(law.quantity(**found)).max()) > 1e-6 * scale:
        return "its quantity is not the difference of what comes in and what goes out"
    return found


def _scales(incoming: numpy.ndarray, outgoing: numpy.ndarray, size: int) -> numpy.ndarray | str:
    """The positive diagonal element that makes what comes in and what goes out equal."""
    a, b = incoming.ravel(), outgoing.ravel()
    if a.size != size or (a <= 0).any() or (b <= 0).any():
        return "some unit has no incoming or no outgoing weights"
    found: numpy.ndarray = numpy.diag((b / a) ** 0.25)
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
    report: Report, moved: Moved, law: Law, parameters: Mapping[str, numpy.ndarray], sizes: Mapping[str, int]
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A and B of a quantity A − B: the element 2 makes 4 A − B / 4 of it."""
    assert law.quantity is not None
    one = law.quantity(**parameters)
    size = sizes[moved.size]
    twice = numpy.broadcast_to(2 * numpy.eye(size), (*moved.members(sizes), size, size))
    two = law.quantity(**act(report, moved.name, twice, parameters, sizes))
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


def _write(module: Any, example: tuple[Any, ...], report: Report, parameters: Mapping[str, numpy.ndarray]) -> None:
    """Puts parameters into a module, if its output stays what it is."""
    import torch

    if not example:
        raise EquilawError(
            "example inputs are needed, on which the output is compared: balance(module, x, report=report)"
        )
    arrays = report.provenance._arrays(module)
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
            found = module(*example)
        return found if torch.is_tensor(found) else found[0]

    mode = module.training
    expected = output()
    put(parameters[name][at] for name, at, _ in targets)
    found = output()
    module.train(mode)
    tolerance = 1e-4 if expected.dtype == torch.float32 else 1e-8 if expected.dtype == torch.float64 else 1e-1
    if not float((found - expected).abs().max()) <= tolerance * max(float(expected.abs().max()), 1.0):
        put(kept)
        raise EquilawError("the output changes: the module is no longer what the report is of")
