"""Code that writes into parts of arrays, so that others change with them: its graph is made one that changes nothing in place."""

from __future__ import annotations

from typing import Any

import torch

# What gives a part of an array, or another view of it.
VIEWS = (
    "alias",
    "diagonal",
    "expand",
    "getitem",
    "permute",
    "select",
    "slice",
    "squeeze",
    "t",
    "transpose",
    "unbind",
    "unsqueeze",
    "view",
)


def writes_into_parts(found: Any) -> bool:
    """Whether something is changed in place that is a part of an array, or of which there are parts, so that others change with it."""

    def name(node: Any) -> str:
        return str(getattr(node.target, "__name__", node.target)).split(".")[0]

    for node in found.graph.nodes:
        if node.op == "call_function" and name(node).endswith("_") and not name(node).endswith("__"):
            changed = node.args[0]
            if changed.op == "placeholder" or any(name(x) in VIEWS for x in (changed, *changed.users)):
                return True
    return False


def functionalized(f: Any) -> Any:
    """A function that changes nothing in place."""
    if hasattr(torch, "func"):
        return torch.func.functionalize(f)
    from functorch.experimental import functionalize

    return functionalize(f)
