"""The user's module in double precision, whatever precision its code asks for.

The default type of PyTorch is one of the whole process, which other threads use meanwhile, and is left as it is: what would be made of it is made double
by modes, which belong to the thread that traces.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_DOUBLE = {
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.float32: torch.float64,
    torch.complex64: torch.complex128,
}

# What makes numbers of the default type where it is told no other. Random ones are not to be drawn twice.
FACTORIES = (
    torch.empty,
    torch.eye,
    torch.linspace,
    torch.logspace,
    torch.normal,
    torch.ones,
    torch.rand,
    torch.randn,
    torch.zeros,
)

# What makes arrays of numbers of Python, which `InDoubles` reads only when they are rounded.
READERS = (torch.tensor, torch.as_tensor)

# What asks for a lower precision by its name.
LOWERING = (torch.Tensor.float, torch.Tensor.half, torch.Tensor.bfloat16)


class DoublesByDefault(TorchFunctionMode):  # type: ignore[misc]
    """Functions of PyTorch that would give a lower precision, as they are asked for it or by default, give doubles."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        args, kwargs = [_types(x) for x in args], {key: _types(x) for key, x in (kwargs or {}).items()}
        if func in LOWERING:
            return args[0].double()
        # With a mean or a width that are arrays, `normal` has their type.
        if func in FACTORIES and not any(map(torch.is_tensor, args)) and kwargs.get("out") is None:
            kwargs["dtype"] = kwargs.get("dtype") or torch.double
        found = func(*args, **kwargs)
        lower = _is_lower(found) or func in READERS and (found.is_floating_point() or found.is_complex())
        if lower and not any(map(_is_lower, [*args, *kwargs.values()])):
            return _again(func, args, kwargs, found)
        return found


def _again(func: Any, args: list[Any], kwargs: dict[str, Any], found: Any) -> Any:
    """What a function gives where it says that it is double, or of numbers that are, in place of what it has made of the default type."""
    numbers = [_numbers(x) for x in args], {key: _numbers(x) for key, x in kwargs.items()}
    wider = _DOUBLE.get(found.dtype, found.dtype)
    for by_place, by_name in ((args, {**kwargs, "dtype": wider}), numbers):
        try:
            wide = func(*by_place, **by_name)
        except (TypeError, RuntimeError, IndexError):
            continue
        if torch.is_tensor(wide) and wide.shape == found.shape and not _is_lower(wide):
            return wide
    return found.to(wider)


def _numbers(x: Any) -> Any:
    """Integers in an array, and a number of Python, as doubles."""
    if isinstance(x, (float, complex)):
        return torch.tensor(x, dtype=torch.double if isinstance(x, float) else torch.complex128)
    if torch.is_tensor(x) and not x.is_floating_point() and not x.is_complex() and x.dtype != torch.bool:
        return x.double()
    return x


def _is_lower(x: Any) -> bool:
    return torch.is_tensor(x) and x.dtype in _DOUBLE


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
def in_doubles() -> Iterator[None]:
    """Numbers that are computed inside are doubles."""
    with DoublesByDefault(), InDoubles():
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
