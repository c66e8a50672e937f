"""`torch.func` in the user's code: `vmap`, `grad`, `jvp`, and what is made of them.

They open levels, which are state of the thread. A graph of `torch.export` has the opening and the closing of a level as nodes of its own; these are never carried out. What such a module
computes is read from a graph that is made of its numbers, in which the levels are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def transforms(found: Any) -> bool:
    """Whether a graph opens levels."""
    return any(is_transform(node.target) for node in found.graph.nodes if node.op == "call_function")


def is_transform(target: Any) -> bool:
    """Whether it is an operation on levels and what is in them."""
    return "functorch" in str(getattr(target, "__module__", "")) or str(target).startswith(
        ("aten._make_dual", "aten._unpack_dual", "aten._enter_dual", "aten._exit_dual")
    )


@contextmanager
def unwound() -> Iterator[None]:
    """Closes the levels at the end that were opened inside and left open."""
    of = getattr(torch._C, "_functorch", None)
    if of is None or not hasattr(of, "maybe_current_level"):
        yield
        return
    before = of.maybe_current_level() or 0
    try:
        yield
    finally:
        while (of.maybe_current_level() or 0) > before:
            _close(of)


def _close(of: Any) -> None:
    """Closes the innermost level."""
    kind = of.peek_interpreter_stack().key().name
    getattr(of, f"_{'func' if kind == 'Functionalize' else kind.lower()}_decrement_nesting")()
