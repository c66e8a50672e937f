"""One parameter for each orbit of the proved symmetries, and whether two parameters have the same one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from .act import Moved, act, actions
from .balance import array_of, balanced, halves, sizes_of
from .derive import derive
from .report import Report


def canonicalise(of: Any, *example: Any, report: Report | None = None) -> dict[str, numpy.ndarray]:
    """The parameters of a module, or given by name, at a point of their orbit that all points of the orbit lead
    to, generically.

    Rescalings and changes of basis are balanced, bases turned to the axes of what comes in, units put in the order
    of their norms, and signs chosen so that the sums of their weights are positive. Followed are the proved
    actions of Diag⁺, GL, Perm and Sign; exchanges of whole blocks are not. Nothing is changed in place.
    """
    if report is None:
        report = derive(of, *example, checks=False, complete=False, fold=False)
    parameters = {n: array_of(x) for n, x in report.parameters(of).items()}
    sizes = sizes_of(report)
    parameters = dict(balanced(report, parameters).parameters)
    known = actions(report)
    for group in ("GL", "Perm", "Sign"):
        for moved in known.values():
            if moved.group != group:
                continue
            turned = _axes(report, moved, parameters, sizes) if group == "GL" else None
            if turned is not None:
                parameters = act(report, moved.name, turned, parameters, sizes)
            element = _order(moved, parameters) if group == "Perm" else _signs(moved, parameters)
            if element is not None:
                parameters = act(report, moved.name, element, parameters, sizes)
    return parameters


def same_function(a: Any, b: Any, *example: Any, report: Report | None = None, tolerance: float = 1e-4) -> bool:
    """Whether two modules, or parameters by name, are the same up to the proved symmetries that `canonicalise`
    follows.

    `True` says that the functions are the same. `False` says that the parameters are not in one orbit of these;
    the functions may still agree, by another symmetry or by chance.
    """
    if report is None:
        report = derive(a, *example, checks=False, complete=False, fold=False)
    first, second = canonicalise(a, report=report), canonicalise(b, report=report)
    size = max(float(numpy.abs(x).max(initial=0.0)) for x in first.values())
    return all(float(numpy.abs(x - second[n]).max(initial=0.0)) <= tolerance * size for n, x in first.items())


def _rows(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> numpy.ndarray | None:
    """A matrix whose rows the element multiplies from the left."""
    for name, image in moved.images.items():
        if image == f"{moved.element} * {name}":
            return parameters[name].reshape(len(parameters[name]), -1)
    return None


def _axes(
    report: Report, moved: Moved, parameters: Mapping[str, numpy.ndarray], sizes: Mapping[str, int]
) -> numpy.ndarray | None:
    law = next((x for x in report.laws if x.id == f"{moved.name}/gradient-flow/conserved"), None)
    if law is None or law.quantity is None or law.quantity.numpy is None:
        return None
    incoming, _ = halves(report, moved, law, parameters, sizes)
    if incoming.shape != (sizes[moved.size],) * 2:
        return None
    _, vectors = numpy.linalg.eigh(incoming)
    found: numpy.ndarray = vectors.T[::-1]
    return found


def _order(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> numpy.ndarray | None:
    rows = _rows(moved, parameters)
    if rows is None:
        return None
    found: numpy.ndarray = numpy.eye(len(rows))[numpy.argsort(-(rows**2).sum(1), kind="stable")]
    return found


def _signs(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> numpy.ndarray | None:
    rows = _rows(moved, parameters)
    return None if rows is None else numpy.diag(numpy.where(rows.sum(1) < 0, -1.0, 1.0))
