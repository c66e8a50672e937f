"""The user's module in double precision, whatever precision its code asks for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_DOUBLE = {
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.float32: torch.float64,
    torch.complex64: torch.complex128,
}


class InDoubles(TorchDispatchMode):  # type: ignore[misc]
    """Operations that would give a lower precision give doubles, and arrays of a lower precision are read as doubles."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        in_place = func._schema.name.endswith("_")
        read = _types if in_place else _doubled
        return func(*(read(x) for x in args), **{key: read(x) for key, x in (kwargs or {}).items()})


def _types(x: Any) -> Any:
    return _DOUBLE.get(x, x) if isinstance(x, torch.dtype) else x


def _doubled(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(_doubled, x))
    return x.to(_DOUBLE[x.dtype]) if torch.is_tensor(x) and x.dtype in _DOUBLE else _types(x)


@contextmanager
def doubles_by_default() -> Iterator[None]:
    """Arrays that are made inside, and do not say of what, are of doubles."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.double)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def in_doubles() -> Iterator[None]:
    """Numbers that are computed inside are doubles."""
    with doubles_by_default(), InDoubles():
        yield


def copied(module: torch.nn.Module) -> torch.nn.Module:
    """A copy of a module in doubles. Arrays that it keeps beside its buffers are numbers in it; those that it has computed of parameters, as
    `weight_norm` does before each call, are marked as `outdated`."""
    kept = {}
    for part in module.modules():
        for x in vars(part).values():
            if torch.is_tensor(x):
                kept[id(x)] = _doubled(x.detach().clone())
                kept[id(x)].outdated = outdated(x) or x.grad_fn is not None
    return copy.deepcopy(module, kept).double()


def outdated(x: Any) -> bool:
    """Whether an array is a number that was computed of parameters, and is to be computed anew."""
    return bool(getattr(x, "outdated", False))
