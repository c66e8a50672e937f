"""The parameters and buffers of a module: their names, and random numbers for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from .program import width
from .storages import in_common
from .translation import Untraceable


def named(module: torch.nn.Module, kind: str) -> Iterator[tuple[str, Any]]:
    """All names of all parameters or buffers; those that are tied have several."""
    for prefix, part in module.named_modules(remove_duplicate=False):
        for own, value in getattr(part, kind).items():
            if value is not None:
                yield (f"{prefix}.{own}" if prefix else own), value


def refuse(module: torch.nn.Module) -> None:
    """Raises `Untraceable` where a module cannot be traced as it is."""
    if isinstance(module, torch.jit.ScriptModule):
        raise Untraceable("a module of TorchScript has no operations of Python: give the one that it was made of")
    for own, value in [*named(module, "_parameters"), *named(module, "_buffers")]:
        if isinstance(value, torch.nn.parameter.UninitializedTensorMixin):
            raise Untraceable(f"`{own}` has no shape before the module is called for the first time")
        if value.is_meta:
            raise Untraceable(
                f"`{own}` is on the meta device and has no numbers: give a module that has, as `module.to_empty(device='cpu')` with its parameters initialised"
            )
        if value.is_complex():
            raise Untraceable(f"`{own}` is complex: parameters are real")
        if value._backward_hooks:
            raise Untraceable(
                f"`{own}` has a hook on its gradient, which may change it and is no part of the code: remove it while laws are derived, or compute what it does in the forward"
            )
    shared = in_common([*named(module, "_parameters"), *named(module, "_buffers")])
    if shared:
        raise Untraceable(
            f"`{shared[0]}` and `{shared[1]}` are two arrays with numbers in common, each of which changes with the other: make them one parameter, as by `a.weight = b.weight`, or copy one"
        )
    for own, part in module.named_modules():
        if part.training and type(part).__name__.startswith(("Dropout", "AlphaDropout")) and part.p > 0:
            raise Untraceable(f"`{own}` drops out at random in training mode: call eval(), or set p to 0")
        normalizers = [part, *part._forward_pre_hooks.values()]
        if part.training and any(type(x).__name__ in ("SpectralNorm", "_SpectralNorm") for x in normalizers):
            raise Untraceable(
                f"`{own}` has a spectral norm, whose power iteration goes on at each call in training mode: call eval(), which holds its vectors"
            )
        noise = getattr(part, "dropout", 0)
        if part.training and isinstance(noise, float) and noise > 0:
            raise Untraceable(
                f"`{own or 'the module'}` drops out at random in training mode: call eval(), or set dropout to 0"
            )


# What leaves out, or takes away, at random in training mode alone.
DROPPING = ("Dropout", "AlphaDropout", "FeatureAlphaDropout", "DropPath", "DropBlock", "StochasticDepth")


def left_out(module: torch.nn.Module) -> list[str]:
    """What of a module is left out, as it is in evaluation mode or no part of the function, in words."""
    by_share: dict[float, list[str]] = {}
    for own, part in module.named_modules():
        share = _share(part)
        if not part.training and share > 0:
            by_share.setdefault(share, []).append(f"`{own}`" if own else "the module")
    dropped = [f"dropout p={p:g} of {_listed(names)} is left out: {EVALUATION}" for p, names in by_share.items()]
    behind = [f"`{own}`" for own, x in named(module, "_parameters") if getattr(x, "_post_accumulate_grad_hooks", None)]
    return dropped + ([f"what hooks do when the gradient of {_listed(behind)} is there is left out"] if behind else [])


EVALUATION = "the module is in evaluation mode"

# So many names are listed.
NAMES = 6


def _listed(names: list[str]) -> str:
    rest = len(names) - NAMES
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:NAMES])} and {rest} more"


def _share(part: torch.nn.Module) -> float:
    """With which probability a part drops out in training mode."""
    keys = ("p", "drop_prob") if type(part).__name__.startswith(DROPPING) else ("dropout",)
    shares = [getattr(part, key, 0) for key in keys]
    return max((float(x) for x in shares if isinstance(x, (int, float))), default=0.0)


def vary(module: torch.nn.Module, seed: int) -> None:
    """Random parameters."""
    generator, seen = torch.Generator().manual_seed(seed), set()
    with torch.no_grad():
        for _, parameter in named(module, "_parameters"):
            if id(parameter) not in seen and parameter.is_floating_point():
                seen.add(id(parameter))
                parameter.copy_(
                    torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype) * width(parameter.shape)
                )


def vary_buffers(module: torch.nn.Module, seed: int) -> frozenset[str]:
    """Buffers that are not all the same by chance, so that nothing agrees at special values; the names of those that were."""
    generator, uniform = torch.Generator().manual_seed(seed), set()
    with torch.no_grad():
        for own, buffer in named(module, "_buffers"):
            if buffer.is_floating_point() and buffer.ndim and (buffer == buffer.reshape(-1)[0]).all():
                uniform.add(own)
                buffer.copy_(torch.rand(buffer.shape, generator=generator, dtype=buffer.dtype) + 0.5)
    return frozenset(uniform)
