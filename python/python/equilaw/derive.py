"""`equilaw.derive`: of a text, of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .jobs import derive_text
from .report import Report


def derive(
    source: Any,
    *,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
    checks: bool = True,
    flows: bool = False,
    discover: bool = True,
    complete: bool = True,
    given: Mapping[str, Any] | None = None,
) -> Report:
    """Derives the laws of training of a model.

    `source` is a model in equilaw's language, or the path of one (`.eqv`). Where it declares no action its symmetries are
    discovered.

    `dims` replaces sizes of the instance that the laws are measured at, `given` its random matrices. `checks`, `discover` and
    `complete` turn measuring, discovery and the exact count of laws off; `flows` follows the laws along trajectories.

    Raises `EquilawError` where the model has errors, with each in its place. Ctrl-C ends a derivation.
    """
    options: dict[str, Any] = dict(dims=dims, seed=seed, checks=checks, flows=flows, discover=discover, complete=complete)
    return derive_text(source, **options, given=given)
