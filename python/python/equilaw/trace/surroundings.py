"""What a module is traced in: not in what the caller has switched on or off, and not beside another trace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

# What makes graphs has state that is that of the process.
_ONE = threading.RLock()


@contextmanager
def alone() -> Iterator[None]:
    """One trace at a time, with gradients, and in the precision that the code asks for."""
    with _ONE, torch.inference_mode(False), torch.enable_grad(), torch.autocast("cpu", enabled=False):
        yield
