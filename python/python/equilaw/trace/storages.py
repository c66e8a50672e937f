"""Parameters that are no single object and have numbers in common all the same, as where `.data` of one is that of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch


def in_common(arrays: Iterable[tuple[str, Any]]) -> tuple[str, str] | None:
    """The names of two arrays that are no single object and share numbers, of which one is a parameter."""
    by_storage: dict[int, dict[int, tuple[str, Any]]] = {}
    for own, x in arrays:
        if x.numel():
            by_storage.setdefault(_storage(x).data_ptr(), {}).setdefault(id(x), (own, x))
    for together in by_storage.values():
        found = sorted(together.values(), key=lambda pair: _bounds(pair[1])[0])
        for k, (one, x) in enumerate(found):
            for two, y in found[k + 1 :]:
                if _bounds(y)[0] >= _bounds(x)[1]:
                    break
                if any(isinstance(z, torch.nn.Parameter) for z in (x, y)) and _overlap(x, y):
                    return one, two
    return None


def _storage(x: Any) -> Any:
    return x.untyped_storage() if hasattr(x, "untyped_storage") else x.storage()


def _bounds(x: Any) -> tuple[int, int]:
    """The bytes from the first of its numbers to behind the last."""
    last = sum((size - 1) * stride for size, stride in zip(x.shape, x.stride()))
    return x.storage_offset() * x.element_size(), (x.storage_offset() + last + 1) * x.element_size()


def _overlap(x: Any, y: Any) -> bool:
    """Whether two arrays have a number in common: between those of one others may stand, which are the other's."""
    if x.dtype != y.dtype:
        return True
    low, high = (f(_bounds(z)[k] for z in (x, y)) // x.element_size() for k, f in enumerate((min, max)))
    seen = torch.zeros(high - low, dtype=torch.bool)
    seen.as_strided(x.shape, x.stride(), x.storage_offset() - low).fill_(True)
    return bool(seen.as_strided(y.shape, y.stride(), y.storage_offset() - low).any())
