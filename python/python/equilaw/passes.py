"""What the forward and the backward pass of one step show of their rounding: the precision they ran in, and the size of what is summed up to a gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Entries of a gradient that are looked at: as many random ones have lost their last bits by chance never.
ENTRIES = 64


@dataclass(frozen=True)
class Seen:
    """`eps` is that of the coarsest arithmetic that was seen; `energy` is (Σ ‖F_s‖² ‖∂L/∂F_s‖²)^½ over the rows s of the output F, 0 where no output was seen.

    The gradient of a parameter θ is a sum over s, with ⟨θ, ∂L/∂θ⟩ of the size of the sum of ⟨F_s, ∂L/∂F_s⟩. Near a minimum the terms cancel, and
    their rounding errors, which are independent, do not: those have the size of eps times the energy.
    """

    eps: float = 0.0
    energy: float = 0.0


class Passes:
    """Watches one step at a time: `arm` before its forward pass, `taken` after its backward pass. Between those there is no hook on the module."""

    def __init__(self) -> None:
        self._handles: list[Any] = []
        self._eps = 0.0
        self._rows: list[Any] = []
        self._losses: list[Any] = []
        self._raw: dict[Any, Any] = {}
        self._on_grid: list[tuple[Any, float, Any]] = []
        self._watched: Mapping[Any, Any] = {}

    def __reduce__(self) -> Any:
        # A module that is copied or saved meanwhile does not take along what was seen.
        return Passes, ()

    def arm(self, module: Any, parameters: Mapping[Any, Any]) -> None:
        """Puts hooks on the output of the module, and on the gradients of parameters."""
        self.disarm()
        self.__init__()  # type: ignore[misc]
        self._watched = parameters
        self._handles.append(module.register_forward_hook(self.forward))
        for key, parameter in parameters.items():
            if parameter.requires_grad and parameter.is_leaf:
                self._handles.append(parameter.register_hook(self._arrives(key, parameter)))

    def disarm(self) -> None:
        """Takes the hooks off."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def taken(self, gradients: Mapping[Any, Any]) -> Seen:
        """What was seen, given the gradients that are left to the optimizer; takes the hooks off."""
        self.disarm()
        sizes = [s for s in map(float, self._rows or self._losses) if math.isfinite(s)]
        energy = math.hypot(*sizes) * self._scale(gradients)
        cast = [eps for key, eps, on in self._on_grid if bool(on) and not self._cancelled(key, eps, gradients, energy)]
        return Seen(max([self._eps, *cast]), energy)

    def _cancelled(self, key: Any, eps: float, gradients: Mapping[Any, Any], energy: float) -> bool:
        """Whether a gradient is so small beside its terms that their last bits alone are left of it: as few as a coarser type has, in single precision."""
        size = float(self._watched[key].detach().norm()) * float(gradients[key].norm())
        return size * eps <= 2 * 2.0**-23 * energy

    def forward(self, _: Any, __: Any, output: Any) -> None:
        """The hook of the module."""
        if not self._handles or _compiling():
            return
        self._eps = max(self._eps, _autocast())
        for tensor in _tensors(output):
            if tensor.requires_grad and tensor.is_floating_point():
                self._eps = max(self._eps, _eps(tensor.dtype))
                tensor.register_hook(self._returns(tensor.detach()))

    def _returns(self, output: Any) -> Any:
        def hook(gradient: Any) -> None:
            if self._handles and not gradient.is_sparse:
                # A loss that the module computes is a sum already; the rows of its terms say more.
                of = self._rows if output.ndim else self._losses
                rows = [x.float().norm(dim=-1) if x.ndim else x.float().abs() for x in (output, gradient)]
                of.append((rows[0] * rows[1]).norm())

        return hook

    def _arrives(self, key: Any, parameter: Any) -> Any:
        def hook(gradient: Any) -> None:
            if gradient.is_sparse:
                return
            some = _some(gradient)
            self._on_grid += [(key, eps, on) for eps, on in _grids(some)]
            before = parameter.grad
            self._raw[key] = some if before is None or before.is_sparse else some + _some(before)

        return hook

    def _scale(self, gradients: Mapping[Any, Any]) -> float:
        """What the gradients were multiplied by since they came (by clipping, or a scaler of losses), where all were; 1 where that is not known."""
        found = []
        for key, raw in self._raw.items():
            size, now = float(raw.norm()), float(_some(gradients[key]).norm())
            if 0 < size < math.inf and math.isfinite(now):
                found.append(now / size)
        return min(found, default=1.0)


def _some(x: Any) -> Any:
    """Some entries of an array, spread over it."""
    flat = x.detach().reshape(-1)
    return flat[:: max(1, len(flat) // ENTRIES)][:ENTRIES].float()


def _grids(entries: Any) -> Iterator[tuple[float, Any]]:
    """Of a coarser type its eps, and whether all of the entries are numbers of it: then they were computed in it, and cast.

    The significand alone counts, as a scaler of losses takes halves out of the range of their exponents by a power of 2.
    """
    import torch

    entries = entries[torch.isfinite(entries)]
    bits = entries.view(torch.int32)
    there = (entries != 0).sum() >= 8
    for dtype, lost in ((torch.bfloat16, 16), (torch.float16, 13)):
        yield float(torch.finfo(dtype).eps), ((bits & ((1 << lost) - 1)) == 0).all() & there


def _tensors(output: Any) -> Iterator[Any]:
    import torch

    if torch.is_tensor(output):
        yield output
    elif isinstance(output, (Mapping, list, tuple)):
        inner: Iterable[Any] = output.values() if isinstance(output, Mapping) else output
        for part in inner:
            yield from _tensors(part)


def _eps(dtype: Any) -> float:
    import torch

    return float(torch.finfo(dtype).eps)


def _autocast() -> float:
    """The eps of the type that PyTorch casts to, 0 where it does not."""
    import torch

    if hasattr(torch, "get_autocast_dtype"):
        devices = (device for device in ("cpu", "cuda") if torch.is_autocast_enabled(device))
        return max((_eps(torch.get_autocast_dtype(device)) for device in devices), default=0.0)
    found = 0.0
    if torch.is_autocast_enabled():
        found = max(found, _eps(torch.get_autocast_gpu_dtype()))
    if torch.is_autocast_cpu_enabled():
        found = max(found, _eps(torch.get_autocast_cpu_dtype()))
    return found


def _compiling() -> bool:
    """Whether this is only being compiled: hooks are then no part of the code."""
    import torch

    check = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    return bool(check and check())


def multiplied(device: str) -> float:
    """The eps that a product of matrices in single precision has on a device, where settings let it be coarser than single; else 0."""
    import torch

    told = getattr(torch, "get_float32_matmul_precision", lambda: "highest")()
    if device == "cuda":
        # TensorFloat-32 has 10 bits.
        coarse = torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32
        return 2.0**-10 if coarse else 0.0
    return _eps(torch.bfloat16) if told == "medium" else 0.0
