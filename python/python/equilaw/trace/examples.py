"""What a module is called with: arrays, and trees of them, by place and by name, of which only shapes matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

from .parameters import vary
from .program import Value
from .translation import Untraceable

# So many examples are looked at together.
SOME = 4


@dataclass(frozen=True)
class Arguments:
    """The arrays among the arguments of a call, and what else there is, in order."""

    leaves: tuple[Any, ...]
    tree: Any

    @classmethod
    def of(cls, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
        leaves, tree = pytree.tree_flatten((tuple(args), dict(kwargs)))
        if any(torch.is_tensor(x) and x.numel() == 0 for x in leaves):
            raise Untraceable("an array of the example has no entries")
        # Copies, which are none of inference where the caller is in it.
        return cls(tuple(x.detach().clone() if torch.is_tensor(x) else x for x in leaves), tree)

    @property
    def tensors(self) -> list[Any]:
        return [x for x in self.leaves if torch.is_tensor(x)]

    def each(self, f: Any) -> Arguments:
        return Arguments(tuple(f(x) if torch.is_tensor(x) else x for x in self.leaves), self.tree)

    def put(self, tensors: Sequence[Any]) -> Arguments:
        """The same with other arrays."""
        given = iter(tensors)
        return self.each(lambda _: next(given))

    @property
    def unpacked(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args, kwargs = pytree.tree_unflatten(list(self.leaves), self.tree)
        return args, kwargs

    def given_to(self, module: Any) -> Any:
        """What a module gives of copies of them, which it may change."""
        args, kwargs = self.each(lambda x: x.clone()).unpacked
        return module(*args, **kwargs)

    def independent(self, module: torch.nn.Module) -> int | None:
        """The axis of independent examples in the first argument, where it has one: each has its output, or its term of a sum or a mean."""
        first = self.leaves[0] if self.leaves and torch.is_tensor(self.leaves[0]) else None
        if first is None or first.ndim < (3 if first.is_floating_point() else 2):
            return None
        given = self.each(lambda x: x.double() if x.is_floating_point() else x)
        for axis in (0, 1):
            try:
                several = given.each(lambda x, axis=axis: _several(x, axis))
                many = several.tensors[0].shape[axis]
                with torch.no_grad():
                    whole = first_output(several.given_to(module))
                    each = [
                        first_output(several.one(axis, k).given_to(module))
                        for k in range(many if whole.ndim == 0 else 1)
                    ]
            except Exception:  # noqa: BLE001, S112 - an axis that the code does not take so is none
                continue
            if whole.ndim > axis and whole.shape[axis] > 1 and torch.allclose(whole.narrow(axis, 0, 1), each[0]):
                return axis
            if whole.ndim == 0 and many > 1 and any(torch.allclose(whole, sum(each) / k) for k in (1, many)):
                return axis
            if whole.ndim == 0 and many > 1 and several.weighted(axis, module):
                return axis
        return None

    def weighted(self, axis: int, module: torch.nn.Module) -> bool:
        """Whether the loss of some examples is a sum of those of each, with the same factors at all parameters, as a mean over the entries that count."""
        many = min(self.tensors[0].shape[axis], SOME)
        several = self.each(lambda x: x.narrow(axis, 0, many) if x.ndim > 1 + (axis > 0) else x)
        found = []
        for seed in range(many + 2):
            vary(module, seed)
            with torch.no_grad():
                each = [first_output(several.one(axis, k).given_to(module)) for k in range(many)]
                found.append([*each, first_output(several.given_to(module))])
        numbers = torch.tensor(found, dtype=torch.double)
        if not numbers.isfinite().all():
            return False
        each, whole = numbers[:, :many], numbers[:, many:]
        return bool(torch.allclose(each @ torch.linalg.lstsq(each, whole).solution, whole, rtol=1e-9, atol=0))

    def one(self, axis: int, k: int = 0) -> Arguments:
        """One example of a batch."""
        return self.each(lambda x: x.narrow(axis, k, 1) if x.ndim > 1 + (axis > 0) else x)

    def drawn(self, growth: int, batch: int | None, seed: int, positive: bool = False) -> Arguments:
        """Random arrays of these shapes, with so many rows more, of positive numbers or of any."""
        found = self.each(lambda x: _drawn(x, growth, batch, seed))
        return found.each(lambda x: x.abs() if x.is_floating_point() else x) if positive else found

    def growths(self, module: torch.nn.Module, batch: int | None, seed: int) -> tuple[int, ...]:
        """How many rows more there are where it is traced: of one row, which would be no size, one at least, if the module takes it."""
        if any(x.ndim > 3 for x in self.tensors):
            # What stands before positions is written out, so that images have one size.
            return (0,)
        one, more = self.drawn(0, batch, seed), self.drawn(1, batch, seed)
        if not any(
            a.shape != b.shape and 1 in (m for m, n in zip(a.shape, b.shape) if m != n)
            for a, b in zip(one.tensors, more.tensors)
        ):
            return (0, 1)
        try:
            return (1, 2) if more.finite(module) else (0, 1)
        except Exception:  # noqa: BLE001 - the code takes no other number of rows
            return (0, 1)

    def finite(self, module: Any) -> bool:
        """Whether what a module gives of them is finite."""
        with torch.no_grad():
            return bool(first_output(self.given_to(module)).isfinite().all())


def _several(x: Any, axis: int) -> Any:
    """An argument with two examples at least, which differ."""
    if x.ndim <= 1 + (axis > 0):
        return x
    if not x.is_floating_point():
        return x if x.shape[axis] > 1 or x.dtype == torch.bool else torch.cat([x, x.flip(-1)], axis)
    shape = [max(s, 2) if i == axis else s for i, s in enumerate(x.shape)]
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def _drawn(x: Any, growth: int, batch: int | None, seed: int) -> Any:
    shape = list(x.shape)
    rows = next((i for i in range(len(shape)) if i != batch), None)
    grows = growth and rows is not None and (len(shape) - (batch is not None) > 1 or not x.is_floating_point())
    if not x.is_floating_point():
        return (
            x.index_select(rows, torch.arange(shape[rows] + growth) % shape[rows])
            if grows and rows is not None and x.dtype != torch.bool
            else x
        )
    if grows and rows is not None:
        shape[rows] += growth
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + growth), dtype=torch.double)


def outputs(found: Any) -> list[Any]:
    """The arrays of numbers that a module gives, in order; integers have no gradient."""
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, (list, tuple)):
        return [y for x in found for y in outputs(x)]
    number = found.number if isinstance(found, Value) else found
    return [found] if torch.is_tensor(number) and number.is_floating_point() else []


def first_output(found: Any) -> Any:
    """The output of a module, or the first of several."""
    some = outputs(found)
    if not some:
        raise Untraceable(f"what the module returns holds no array of floating numbers: {type(found).__name__}")
    return some[0]
