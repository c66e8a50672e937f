"""Symbolic sizes. Sizes are made one only where the computation needs it, so that equal numbers stay apart."""

from __future__ import annotations

import math
from collections.abc import Sequence


class Unsupported(Exception):
    """An operation, or a use of one, that has no form in matrices; it becomes an arbitrary function."""


class Dim:
    """A size: a number in this trace, and a name later. Union-find: what was unified has one root."""

    def __init__(self, size: int, hint: str | None = None) -> None:
        self.size = int(size)
        self.hint = hint
        self._up: Dim | None = None
        self._pieces: dict[int, Dim] = {}
        # Of how many equal parts it is told to be made.
        self.parts = 1
        # The sizes that it is the sum of, where it is told as one.
        self.summands: tuple[Dim | None, ...] = ()
        # Whether it counts the positions of images, which stay together where their axes are told apart.
        self.positions = False

    def root(self) -> Dim:
        dim = self
        while dim._up is not None:
            dim = dim._up
        return dim

    def piece(self, length: int) -> Dim | None:
        """The size of pieces of this length; pieces of one length have one size. `None` is the size 1."""
        root = self.root()
        if length == 1:
            return None
        if length == root.size:
            return root
        if length not in root._pieces:
            root._pieces[length] = Dim(length, f"{root.hint}_h" if root.hint else None)
        return root._pieces[length]


def parted(dim: Dim | None, parts: int) -> None:
    """Says of a size that it is so many times another."""
    if number(dim) % parts:
        raise Unsupported(f"{number(dim)} in {parts} parts")
    if dim is not None:
        dim.root().parts = math.lcm(dim.root().parts, parts)


def together(dims: Sequence[Dim | None]) -> Dim:
    """The size of what stands one after the other."""
    whole = Dim(sum(map(number, dims)))
    whole.summands = tuple(dims)
    return whole


def counts_samples(dim: Dim | None) -> bool:
    """Whether a size counts samples, or positions, and not units."""
    if dim is None:
        return False
    root = dim.root()
    return root.positions or root.hint == "n" or any(map(counts_samples, root.summands))


def number(dim: Dim | None) -> int:
    """What a size is in this trace; `None` is the size 1."""
    return 1 if dim is None else dim.root().size


def same(a: Dim | None, b: Dim | None) -> bool:
    return (a and a.root()) is (b and b.root())


def unify(a: Dim | None, b: Dim | None) -> None:
    """Makes two sizes one."""
    if number(a) != number(b):
        raise Unsupported(f"sizes {number(a)} and {number(b)}")
    if a is None or b is None:
        return
    a, b = a.root(), b.root()
    if a is b:
        return
    if a.summands and b.summands:
        if list(map(number, a.summands)) != list(map(number, b.summands)):
            raise Unsupported("a size that is a sum in two ways")
        for one, other in zip(a.summands, b.summands):
            unify(one, other)
    if not a.hint or (b.hint and len(b.hint) < len(a.hint)):
        a, b = b, a
    b._up = a
    a.parts = math.lcm(a.parts, b.parts)
    a.summands = a.summands or b.summands
    a.positions = a.positions or b.positions
    for length, piece in b._pieces.items():
        if length in a._pieces:
            unify(a._pieces[length], piece)
        else:
            a._pieces[length] = piece
