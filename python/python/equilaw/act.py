"""Proved actions, carried out on numbers: the images of the parameters under an element of the group, by the formulas that were proved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy

from ._core import EquilawError
from .jobs import evaluate
from .report import Report

# What is known of an element, so that its images can be written.
_FACTS = {
    "Diag+": "positive_diagonal",
    "GL": "invertible",
    "O": "orthogonal",
    "SO": "orthogonal",
    "Perm": "permutation",
    "Sign": "diagonal orthogonal",
    "SignedPerm": "orthogonal",
}


@dataclass(frozen=True)
class Moved:
    """An action of a model's text: its group, the symbol and size of its element, and the image of each parameter it moves."""

    name: str
    group: str
    size: str
    element: str
    images: Mapping[str, str]


def actions(report: Report) -> dict[str, Moved]:
    """The proved actions of a report whose element is a matrix of a size."""
    text = json.loads(report.json())["certificate"]["model"]
    if "\nrepeat " in text:
        raise EquilawError(
            "the report tells repeated blocks once; derive it with fold=False, where each parameter has a name"
        )
    proved = {action.name for action in report.actions if action.proved}
    found = {}
    for name, element, group, size, body in re.findall(
        r"^action (\w+) : (\w+) in ([\w+]+)\((\w+)\) \{\n(.*?)^\}", text, re.M | re.S
    ):
        images = dict(re.findall(r"^  (\w+) -> (.*)$", body, re.M))
        if name in proved and group in _FACTS:
            found[name] = Moved(name, group, size, element, images)
    return found


def act(
    report: Report,
    action: str,
    element: numpy.ndarray,
    parameters: Mapping[str, numpy.ndarray],
    sizes: Mapping[str, int],
) -> dict[str, numpy.ndarray]:
    """The parameters by name, moved by an element of the group of a proved action."""
    moved = actions(report).get(action)
    if moved is None:
        raise EquilawError(f"there is no proved action {action} whose element is a matrix")
    text = json.loads(report.json())["certificate"]["model"]
    head = text[: text.index("\nlet ") if "\nlet " in text else text.index("\noutput ")]
    declared = [line for line in head.splitlines() if re.match(r"(model|dim|param|data|activation|function)\b", line)]
    declared = [line for line in declared if not line.startswith(("function", "activation"))]
    images = [f"let {own}_image = {image}" for own, image in moved.images.items()]
    # Of data only those are given that an image speaks of: none.
    declared = [line for line in declared if not line.startswith("data")]
    lines = [*declared, f"data {moved.element} : {moved.size} x {moved.size} {_FACTS[moved.group]}", *images]
    first = next(iter(moved.images))
    at = {**{k: numpy.asarray(v, dtype=float) for k, v in parameters.items()}, moved.element: element}
    values = evaluate("\n".join([*lines, f"output F_image = {first}_image", "loss any", ""]), at, dims=sizes).values
    return {own: values.get(f"{own}_image", numpy.asarray(value)) for own, value in parameters.items()}
