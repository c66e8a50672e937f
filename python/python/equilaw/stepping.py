"""Two functions around each step of an optimizer, which can be taken off again in any order."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

Closure = Callable[[], Any]
Before = Callable[[Closure | None], Closure | None]
After = Callable[[], None]


def around(optimizer: Any, before: Before, after: After) -> Callable[[], None]:
    """Calls `before(closure)` and `after()` around each `optimizer.step(closure)`; what is returned takes both off.

    `before` returns the closure that the optimizer is given. After a step that raises, `after` is not called.
    """
    return _by_hooks(optimizer, before, after) if _has_hooks(optimizer) else _by_method(optimizer, before, after)


def _has_hooks(optimizer: Any) -> bool:
    """Whether the hooks of PyTorch (from 2.0 on) run exactly once for each step, and around all of it."""
    own = type(optimizer).step
    if not (hasattr(optimizer, "register_step_pre_hook") and getattr(own, "hooked", False)):
        return False
    # A class that calls the `step` of its base has the hooks run inside of its own as well.
    if sum("step" in vars(base) for base in type(optimizer).__mro__ if base.__module__ != "torch.optim.optimizer") > 1:
        return False
    # A `step` that was put on the instance does more than the class; that of a learning-rate scheduler only counts.
    return inspect.unwrap(getattr(optimizer.step, "__func__", optimizer.step)) is inspect.unwrap(own)


def _by_hooks(optimizer: Any, before: Before, after: After) -> Callable[[], None]:
    def started(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        # The first argument is the optimizer.
        given, kwargs = _with_closure(args[1:], kwargs, before)
        return (*args[:1], *given), kwargs

    def ended(*_: Any) -> None:
        after()

    handles = optimizer.register_step_pre_hook(started), optimizer.register_step_post_hook(ended)

    def remove() -> None:
        for handle in handles:
            handle.remove()

    return remove


def _by_method(optimizer: Any, before: Before, after: After) -> Callable[[], None]:
    """As a method of the instance, which schedulers of PyTorch can wrap. Where somebody has, it stays, and only passes on."""
    inner, had, on = optimizer.step, "step" in vars(optimizer), True

    # With the marks of a scheduler that was there before, as it looks for them.
    @functools.wraps(getattr(inner, "__func__", inner))
    def step(_: Any, *args: Any, **kwargs: Any) -> Any:
        if not on:
            return inner(*args, **kwargs)
        args, kwargs = _with_closure(args, kwargs, before)
        found = inner(*args, **kwargs)
        after()
        return found

    optimizer.step = method = types.MethodType(step, optimizer)

    def remove() -> None:
        nonlocal on
        on = False
        if vars(optimizer).get("step") is method:
            del optimizer.step
            if had:
                optimizer.step = inner

    return remove


def _with_closure(args: tuple[Any, ...], kwargs: dict[str, Any], before: Before) -> tuple[Any, Any]:
    """The arguments of `step` with the closure that is to be given in place of theirs."""
    closure = args[0] if args else kwargs.get("closure")
    instead = before(closure)
    if instead is closure:
        return args, kwargs
    return ((instead, *args[1:]), kwargs) if args else (args, {**kwargs, "closure": instead})
