"""Random numbers that the user's code draws: the same ones each time, from a generator of their own, so that those of the process stay where they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .precision import in_doubles

# What has the shape of an array, and which operation in place draws its numbers.
LIKE = {"randn_like": "normal_", "rand_like": "uniform_", "randint_like": "random_"}


class OwnChance(TorchDispatchMode):  # type: ignore[misc]
    """Operations draw from a generator that is made anew with each of these modes."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(0)
        self.calls = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded not in func.tags or kwargs.get("generator") is not None:
            return func(*args, **kwargs)
        packet, name = func.overloadpacket, func._schema.name.split("::")[-1]
        if name in LIKE:
            # Bounds of integers are counted from the first argument on.
            bounds = (0, *args[1:]) if len(args) == 2 else args[1:]
            return getattr(torch.empty_like(args[0], **kwargs), LIKE[name])(*bounds, generator=self.generator)
        own = {"default": "generator", "low": "low_generator"}.get(func._overloadname, func._overloadname)
        if _takes_generator(func):
            return func(*args, **kwargs, generator=self.generator)
        if own in packet.overloads() and _takes_generator(getattr(packet, own)):
            return getattr(packet, own)(*args, **kwargs, generator=self.generator)
        with torch.random.fork_rng(devices=[]):
            self.calls += 1
            torch.manual_seed(self.calls)
            return func(*args, **kwargs)


def _takes_generator(func: Any) -> bool:
    return any(x.name == "generator" for x in func._schema.arguments)


@contextmanager
def alike() -> Iterator[None]:
    """Numbers that are computed inside are doubles, and random ones the same each time."""
    with in_doubles(), OwnChance():
        yield


@contextmanager
def kept() -> Iterator[None]:
    """As `alike`, of a graph that is made inside, in which operations stand as the code calls them; numbers do not matter. By 2.x modes come before the graph."""
    if not hasattr(torch, "export"):
        with alike():
            yield
        return
    with in_doubles(), torch.random.fork_rng(devices=[]):
        yield
