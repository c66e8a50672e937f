"""Names of parameters through what wraps a module: `torch.compile` puts `_orig_mod` into them, `DataParallel` and its kin `module` before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def unwrapped(arrays: Mapping[Any, Any], wanted: Iterable[Any]) -> Mapping[Any, Any]:
    """Arrays under the names that are wanted, where they differ from those given by what a wrapper adds; else as they are."""
    wanted = list(wanted)
    if all(name in arrays for name in wanted):
        return arrays
    named = {plain(name): name for name in wanted}
    if len({plain(name) for name in arrays}) < len(arrays) or len(named) < len(set(wanted)):
        # Two that only a wrapper's part tells apart are not the same.
        return arrays
    return {named.get(plain(name), name): array for name, array in arrays.items()}


def plain(name: Any) -> Any:
    """A name without the parts of wrappers."""
    if not isinstance(name, str):
        return name
    parts = [part for part in name.split(".") if part != "_orig_mod"]
    while len(parts) > 1 and parts[0] == "module":
        parts = parts[1:]
    return ".".join(parts)
