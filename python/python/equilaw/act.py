"""Proved actions, carried out on numbers: the images of the parameters under an element of the group, by the formulas that were proved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
    """An action of a model's text: its group, the symbol and size of its element, and the image of each parameter it moves. One with indices, of
    members of families, has an element for each of their values: `ranges` are the names of how many there are."""

    name: str
    group: str
    size: str
    element: str
    images: Mapping[str, str]
    indices: str = ""
    ranges: tuple[str, ...] = ()

    def members(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """How many values each index has."""
        return tuple(sizes[many] for many in self.ranges)


def actions(report: Report) -> Mapping[str, Moved]:
    """The proved actions of a report whose element is a matrix of a size, or one for each member of families."""
    return _read(report.json())[1]


@lru_cache(maxsize=8)
def _read(document: str) -> tuple[str, Mapping[str, Moved]]:
    """The model of a document with its actions, and those of `actions`."""
    data = json.loads(document)
    text: str = data["certificate"]["model"]
    proved = {action["name"] for action in data["actions"] if action["status"] == "proved"}
    families = dict(re.findall(r"^param (\w+)(?: \"[^\"]*\")?(?:\[([^\]]*)\])? : ", text, re.M))
    found = {}
    for name, indices, element, group, size, body in re.findall(
        r"^action (\w+)(?:\[([^\]]*)\])? : (\w+) in ([\w+]+)\((\w+)\) \{\n(.*?)^\}", text, re.M | re.S
    ):
        lines = [line.strip().partition(" -> ") for line in body.splitlines()]
        images = {own: image for own, _, image in lines}
        ranges = re.findall(r"(\w+) in 1\.\.(\w+)(?=,|$)", indices)
        # Neighbours, as `W[l+1]`, have no formula of a generic member.
        own = set(indices.split(", ")) - {""}
        plain = len(ranges) == len(own) and all(own <= set(families.get(x, "").split(", ")) for x in images)
        if name in proved and group in _FACTS and plain:
            found[name] = Moved(name, group, size, element, images, indices, tuple(many for _, many in ranges))
    return text, found


def act(
    report: Report,
    action: str,
    element: numpy.ndarray,
    parameters: Mapping[str, numpy.ndarray],
    sizes: Mapping[str, int],
) -> dict[str, numpy.ndarray]:
    """The parameters by name, moved by an element of the group of a proved action; where it has indices, by one for each of their values, which
    come first."""
    text, known = _read(report.json())
    moved = known.get(action)
    if moved is None:
        raise EquilawError(f"there is no proved action {action} whose element is a matrix")
    # Of data only those are given that an image speaks of: none.
    declared = [line for line in text.splitlines() if re.match(r"(model|dim|param)\b", line)]
    families = dict(re.findall(r"^param (\w+)(?: \"[^\"]*\")?(\[[^\]]*\])? : ", text, re.M))
    images = [f"let {own}_image{families[own]} = {image}" for own, image in moved.images.items()]
    indices = f"[{moved.indices}]" if moved.indices else ""
    lines = [*declared, f"data {moved.element}{indices} : {moved.size} x {moved.size} {_FACTS[moved.group]}", *images]
    rank = {own: x.count(" in ") for own, x in families.items()}
    at = dict(_members(moved.element, element, len(moved.ranges)))
    for own, value in parameters.items():
        at.update(_members(own, value, rank[own]))
    values = evaluate("\n".join([*lines, "output F_image = ones(1, 1)", "loss any", ""]), at, dims=sizes).values
    found = {own: numpy.array(value, dtype=float) for own, value in parameters.items()}
    for own in moved.images:
        image = found[own]
        for k in numpy.ndindex(image.shape[: rank[own]]):
            image[k] = values[_named(f"{own}_image", k, "()")].reshape(image[k].shape)
    return found


def _members(own: str, value: Any, rank: int) -> Iterator[tuple[str, numpy.ndarray]]:
    """The matrices of a family one by one, by their names."""
    array = numpy.asarray(value, dtype=float)
    for k in numpy.ndindex(array.shape[:rank]):
        yield _named(own, k), array[k]


def _named(own: str, at: tuple[int, ...], brackets: str = "[]") -> str:
    """A member by the name under which it is given, or, with parentheses, under which it is computed."""
    return f"{own}{brackets[0]}{','.join(str(k + 1) for k in at)}{brackets[1]}" if at else own
