"""The questions that can be asked of a model's text."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy

from . import _core
from .report import Report
from .source import text_of

Source = str | os.PathLike[str]


def derive_text(
    source: Source,
    *,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
    checks: bool = True,
    flows: bool = False,
    discover: bool = True,
    complete: bool = True,
    given: Mapping[str, Any] | None = None,
    provenance: Any = None,
    assumptions: tuple[str, ...] = (),
) -> Report:
    """`equilaw.derive` of a text or of a file."""
    name, text = text_of(source)
    raw = _core.derive(
        name,
        text,
        dims=dict(dims or {}),
        seed=seed,
        checks=checks,
        flows=flows,
        discovery=discover,
        count=complete,
        given=matrices(given or {}),
    )
    return Report.of(raw, text, provenance, assumptions)


@dataclass(frozen=True)
class Counted:
    """How many independent laws a dynamics has at most; in `data` the whole JSON."""

    laws_at_most: int
    complete: bool
    data: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


def complete(
    source: Source,
    *,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
    dynamics: str | None = None,
    degree: int = 2,
) -> Counted:
    """Counts the conservation laws of a dynamics exactly, and says whether those derived are all there are."""
    told, data, whole, most = _core.complete(
        *text_of(source), dims=dict(dims or {}), seed=seed, dynamics=dynamics, degree=degree
    )
    return Counted(laws_at_most=most[0], complete=whole, data=json.loads(data), text=told)


@dataclass(frozen=True)
class Discovered:
    """The symmetries of a model: the dimension of their Lie algebra, and the model with the proved actions."""

    dimension: int
    proved: bool
    source: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


def discover(
    source: Source, *, dims: Mapping[str, int] | None = None, seed: int = 0, equivariant: bool = False
) -> Discovered:
    """Finds the symmetries of a model exactly, whatever actions it declares, and proves them."""
    told, data, proved, dimension, annotated = _core.discover(
        *text_of(source), dims=dict(dims or {}), seed=seed, equivariant=equivariant
    )
    return Discovered(dimension, proved, annotated, json.loads(data), told)


@dataclass(frozen=True)
class Evaluation:
    """The values of the `let`s and of the output, and the derivatives of ⟨along, F⟩ by the parameters."""

    values: Mapping[str, numpy.ndarray]
    gradients: Mapping[str, numpy.ndarray]


def evaluate(
    source: Source, at: Mapping[str, Any], *, dims: Mapping[str, int] | None = None, along: Any = None
) -> Evaluation:
    """What a model computes at matrices for all its parameters and data, in double precision."""
    direction = None if along is None else _matrix(along)
    values, gradients = _core.evaluate(*text_of(source), dims=dict(dims or {}), at=matrices(at), along=direction)
    return Evaluation(_arrays(values), _arrays(gradients))


def matrices(arrays: Mapping[str, Any]) -> dict[str, tuple[int, int, bytes]]:
    return {name: _matrix(array) for name, array in arrays.items()}


def _matrix(array: Any) -> tuple[int, int, bytes]:
    array = numpy.asarray(array, dtype=numpy.float64)
    array = array.reshape(array.shape[0] if array.ndim else 1, -1)
    return (*array.shape, array.tobytes())


def _arrays(returned: list[tuple[str, int, int, bytes]]) -> dict[str, numpy.ndarray]:
    return {name: numpy.frombuffer(data).reshape(rows, cols).copy() for name, rows, cols, data in returned}
