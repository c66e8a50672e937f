"""One set of functions for the arrays of NumPy, JAX and PyTorch: what the expressions of laws call `np`."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy


def namespace(arrays: list[Any]) -> Any:
    """The module, or what stands for it, of the library that some array belongs to; NumPy for numbers and lists."""
    for array in arrays:
        library = type(array).__module__.partition(".")[0]
        if library == "torch":
            return _torch(array.dtype, array.device)
        if library in ("jax", "jaxlib"):
            import jax.numpy

            return jax.numpy
    return numpy


def matrix(array: Any) -> Any:
    """A vector as the column that the laws speak of; everything else as it is."""
    return array.reshape(-1, 1) if getattr(array, "ndim", None) == 1 else array


@lru_cache
def _torch(dtype: Any, device: Any) -> Any:
    """NumPy's names for PyTorch's functions; constants have this type and this device."""
    import torch

    like = {"dtype": dtype, "device": device}

    def total(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        return torch.sum(x) if axis is None else torch.sum(x, dim=axis, keepdim=keepdims)

    def array(values: Any) -> Any:
        # Lists in lists have arrays in them where a law has several indices.
        values = [array(x) if isinstance(x, list) else x for x in values]
        return torch.stack(values) if values and torch.is_tensor(values[0]) else torch.tensor(values, **like)

    def tensor(x: Any) -> Any:
        return x if torch.is_tensor(x) else torch.tensor(x, **like)

    def binary(function: Any) -> Any:
        return lambda x, y: function(tensor(x), tensor(y))

    def constant(function: Any) -> Any:
        return lambda *shape: function(*shape, **like)

    same = "abs exp log tanh sin cos sqrt einsum trace where square sign tril".split()
    return SimpleNamespace(
        **{name: getattr(torch, name) for name in same},
        array=array,
        diag=torch.diag,
        eye=constant(torch.eye),
        full=lambda shape, value: torch.full(shape, value, **like),
        linalg=SimpleNamespace(inv=torch.linalg.inv),
        logaddexp=binary(torch.logaddexp),
        maximum=binary(torch.maximum),
        minimum=binary(torch.minimum),
        ones=constant(torch.ones),
        sum=total,
        vstack=torch.vstack,
        zeros=constant(torch.zeros),
    )
