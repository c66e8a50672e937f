"""One parameter for each orbit of the proved symmetries, and whether two parameters have the same one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from .act import Moved, act, actions
from .balance import array_of, balanced, halves, output_of, sizes_of
from .derive import derive, is_module, translate
from .report import Report


def canonicalise(of: Any, *example: Any, report: Report | None = None) -> dict[str, numpy.ndarray]:
    """The parameters of a module, or given by name, at a point of their orbit that all points of the orbit lead
    to, generically.

    Rescalings and changes of basis are balanced, bases turned to the axes of what comes in, units put in the order
    of their norms, and signs chosen so that the sums of their weights are positive. Followed are the proved
    actions of Diag⁺, GL, Perm and Sign, of each member of a family by itself; exchanges of whole members or blocks are not. Nothing is changed in place.
    """
    if report is None:
        report = derive(of, *example, checks=False, complete=False)
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

    `True` says that the functions are the same: beside the parameters modules have the same translation and give the same at the example, or,
    without one, are of one class with the same buffers and frozen parameters. `False` says that something of this is not so;
    the functions may still agree, by another symmetry or by chance.
    """
    traced = translate(a, *example) if is_module(a) and example else None
    if report is None:
        source = (a, *example) if traced is None else (traced,)
        report = derive(*source, checks=False, complete=False)
    if is_module(a) != is_module(b) or is_module(a) and not _same_beside(a, b, example, traced, tolerance):
        return False
    first, second = canonicalise(a, report=report), canonicalise(b, report=report)
    if any(x.shape != second[n].shape for n, x in first.items()):
        return False
    size = max(float(numpy.abs(x).max(initial=0.0)) for x in first.values())
    return all(float(numpy.abs(x - second[n]).max(initial=0.0)) <= tolerance * size for n, x in first.items())


def _same_beside(a: Any, b: Any, example: tuple[Any, ...], traced: Any, tolerance: float) -> bool:
    """Whether two modules are the same but for parameters that are trained, as far as the example tells; `traced` is the translation of the first at it."""
    if traced is None:
        kept = [
            {**dict(m.named_buffers()), **{n: p for n, p in m.named_parameters() if not p.requires_grad}}
            for m in (a, b)
        ]
        same = kept[0].keys() == kept[1].keys() and all(
            numpy.array_equal(array_of(x), array_of(kept[1][n])) for n, x in kept[0].items()
        )
        return type(a) is type(b) and same
    if translate(b, *example).statements() != traced.statements():
        return False
    first, second = output_of(a, example), output_of(b, example)
    if first.shape != second.shape:
        return False
    return bool(numpy.abs(first - second).max(initial=0.0) <= tolerance * numpy.abs(first).max(initial=0.0))


def _rows(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> tuple[numpy.ndarray, bool] | None:
    """A matrix, or one for each member of a family, whose rows the element multiplies from the left, or, as is said then, its transpose does."""
    rank = len(moved.ranges)
    for flipped in (False, True):
        for name, image in moved.images.items():
            found = parameters[name]
            if image == (f"{name} * {moved.element}" if flipped else f"{moved.element} * {name}"):
                rows = numpy.swapaxes(found, rank, rank + 1) if flipped else found
                return rows.reshape(*rows.shape[: rank + 1], -1), flipped
    return None


def _turned(element: numpy.ndarray, flipped: bool) -> numpy.ndarray:
    """An element that multiplies rows as the one that multiplies columns."""
    return numpy.swapaxes(element, -1, -2) if flipped else element


def _axes(
    report: Report, moved: Moved, parameters: Mapping[str, numpy.ndarray], sizes: Mapping[str, int]
) -> numpy.ndarray | None:
    law = next((x for x in report.laws if x.id == f"{moved.name}/gradient-flow/conserved"), None)
    found = _rows(moved, parameters)
    if law is None or law.quantity is None or law.quantity.numpy is None or found is None:
        return None
    rows, flipped = found
    incoming, _ = halves(report, moved, law, [parameters], sizes)
    if incoming.shape != (*moved.members(sizes), *(sizes[moved.size],) * 2):
        return None
    _, vectors = numpy.linalg.eigh(incoming)
    axes = numpy.swapaxes(vectors, -1, -2)[..., ::-1, :]
    # Of an axis the direction is chosen as that of a unit.
    return _turned(_positive(axes @ rows) @ axes, flipped)


def _order(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> numpy.ndarray | None:
    found = _rows(moved, parameters)
    if found is None:
        return None
    rows, flipped = found
    return _turned(numpy.eye(rows.shape[-2])[numpy.argsort(-(rows**2).sum(-1), axis=-1, kind="stable")], flipped)


def _signs(moved: Moved, parameters: Mapping[str, numpy.ndarray]) -> numpy.ndarray | None:
    found = _rows(moved, parameters)
    return None if found is None else _positive(found[0])


def _positive(rows: numpy.ndarray) -> numpy.ndarray:
    """The signs, on the diagonal, that make the sums of rows positive."""
    found: numpy.ndarray = numpy.where(rows.sum(-1) < 0, -1.0, 1.0)[..., None] * numpy.eye(rows.shape[-2])
    return found
