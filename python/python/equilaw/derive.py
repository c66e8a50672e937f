"""`equilaw.derive`: of a text, of a file, of a module of PyTorch, of a function of JAX."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .jobs import derive_text
from .report import Report
from .trace import Translation
from .trace import jax as trace_jax
from .trace import onnx as trace_onnx
from .trace import torch as trace_torch


def translate(
    source: Any,
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    frozen: Sequence[str] = (),
    name: str | None = None,
    fold: bool = True,
) -> Translation:
    """A module of PyTorch at example arguments, a function of JAX at its parameters and data, or a file of ONNX, as a model."""
    options: dict[str, Any] = dict(frozen=frozen, name=name, fold=fold)
    if isinstance(source, Translation):
        if args or kwargs or frozen or name or not fold:
            raise TypeError("what is traced already has no arguments: give them to equilaw.trace")
        return source
    if is_onnx(source):
        return trace_onnx(source, *args, **options)
    if is_module(source):
        return trace_torch(source, *args, kwargs=kwargs, **options)
    if kwargs is not None:
        raise TypeError("arguments by name are those of a module of PyTorch")
    if isinstance(source, type):
        raise TypeError(f"{source.__name__} is a class: give an instance of it")
    if any(type(x).__module__.partition(".")[0] == "torch" for x in args):
        raise TypeError("a function of PyTorch has no parameters of its own: give a torch.nn.Module that calls it")
    if callable(source):
        if not args:
            raise TypeError("a function of JAX is traced at parameters and data: derive(f, params, x)")
        return trace_jax(source, *args, **options)
    raise TypeError(f"{type(source).__name__} is no module of PyTorch, no function of JAX, no text and no path")


def is_onnx(source: Any) -> bool:
    """Whether it is the path of a file of ONNX."""
    return (
        isinstance(source, (str, os.PathLike)) and "\n" not in os.fspath(source) and os.fspath(source).endswith(".onnx")
    )


def is_module(source: Any) -> bool:
    """Whether it is a `torch.nn.Module`; PyTorch is not imported to find out."""
    return any(c.__module__ == "torch.nn.modules.module" and c.__name__ == "Module" for c in type(source).__mro__)


def derive(
    source: Any,
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    frozen: Sequence[str] = (),
    fold: bool = True,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
    checks: bool = True,
    flows: bool = False,
    discover: bool = True,
    complete: bool = True,
    given: Mapping[str, Any] | None = None,
) -> Report:
    """Derives the laws of training of a model.

    `source` is one of

    - a model in equilaw's language, or the path of one (`.eqv`);
    - a `torch.nn.Module`, with example inputs as `args`, and `kwargs` by name;
    - the path of a file of ONNX (`.onnx`) that was exported without optimization, see `equilaw.trace.onnx`;
    - a function `f(params, *data)` of JAX, with parameters and data as `args`;
    - what `equilaw.trace` has made of one of these.

    Code is traced, translated, and compared with itself by numbers before anything is derived from the
    translation, which is
    `report.source`. Parameters whose name begins with a string of `frozen`, or with `requires_grad=False`, are not
    trained. Identical blocks, as those of an `nn.ModuleList`, are told once, for each of them, unless `fold` is
    false. Where a model declares no action its symmetries are discovered.

    `dims` replaces sizes of the instance that the laws are measured at, `given` its random matrices. `checks`,
    `discover` and
    `complete` turn measuring, discovery and the exact count of laws off; `flows` follows the laws along trajectories.

    Raises `EquilawError` where the model has errors, with each in its place, or the code cannot be translated.
    Ctrl-C ends a derivation.
    """
    options: dict[str, Any] = dict(
        dims=dims, seed=seed, checks=checks, flows=flows, discover=discover, complete=complete
    )
    if isinstance(source, (str, os.PathLike)) and not is_onnx(source):
        if args:
            raise TypeError("a text has no arguments; options are given by name")
        return derive_text(source, **options, given=given)
    return translate(source, *args, kwargs=kwargs, frozen=frozen, fold=fold).derive(**options, given=given)
