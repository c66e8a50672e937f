"""The bilinear form of a conserved quantity that is quadratic, B(θ, V), at parameters θ and directions V of PyTorch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .law import Law


@dataclass(frozen=True)
class Tangent:
    """A direction at parameters, with the norms of both on each parameter that has one."""

    theta: Mapping[str, Any]
    tangent: Mapping[str, Any]
    sizes: Mapping[str, float]
    speeds: Mapping[str, float]

    @staticmethod
    def at(theta: Mapping[str, Any], tangent: Mapping[str, Any]) -> Tangent:
        return Tangent(theta, tangent, *({n: float(x.norm()) for n, x in of.items()} for of in (theta, tangent)))

    def parts(self, names: Iterable[str]) -> float:
        """The largest product of the two norms, to which residuals are relative."""
        return max(self.sizes[n] * self.speeds[n] for n in names)

    def restricted(self, to: Iterable[str]) -> Tangent:
        """The same direction on some parameters, and 0 on the others."""
        on = set(to)
        tangent = {n: x if n in on else x * 0 for n, x in self.tangent.items()}
        return Tangent(self.theta, tangent, self.sizes, {n: v if n in on else 0.0 for n, v in self.speeds.items()})


def names_of(law: Law) -> tuple[str, ...]:
    """The parameters that a law is of."""
    return law.quantity.names if law.quantity else ()


def value(law: Law, at: Mapping[str, Any]) -> Any:
    """Q(θ)."""
    assert law.quantity is not None
    return law.quantity(**at)


def residual(law: Law, along: Tangent) -> float:
    """B(θ, V), over the product of the norms of θ and V on each parameter."""
    names = names_of(law)
    size = max(math.hypot(*(along.sizes[n] for n in names)), 1e-300)
    other = math.hypot(*(along.speeds[n] for n in names))
    if other == 0:
        return 0.0
    # The two are brought to one size, so that nothing is lost in the sum.
    scale = size / other
    plus = {n: along.theta[n] + scale * along.tangent[n] for n in names}
    minus = {n: along.theta[n] - scale * along.tangent[n] for n in names}
    twice = (value(law, plus) - value(law, minus)).abs().max()
    return float(twice) / 4 / max(along.parts(names) * scale, 1e-300)


def rounded(law: Law, along: Tangent, draws: int = 4) -> float:
    """What `residual` becomes, in the mean square, by errors of every entry of V that are as large as the entry, of independent random signs."""
    names, found = names_of(law), []
    parts = max(along.parts(names), 1e-300)
    for seed in range(draws):
        noise = Tangent.at(along.theta, {n: _signed(along.tangent[n], seed) for n in names})
        found.append(residual(law, noise) * noise.parts(names) / parts)
    return math.sqrt(sum(x * x for x in found) / draws)


def largest_term(law: Law, along: Tangent) -> float:
    """The largest B(θ, V_n), of V on one parameter alone: what `residual` is a sum of, relative to the same."""
    names = names_of(law)
    parts = max(along.parts(names), 1e-300)
    alone = [along.restricted([n]) for n in names]
    return max(residual(law, one) * one.parts(names) for one in alone) / parts


def _signed(x: Any, seed: int) -> Any:
    import torch

    # The numbers of the user's own generator stay as they are.
    generator = torch.Generator().manual_seed(seed)
    return x * (2 * torch.randint(0, 2, x.shape, generator=generator) - 1).to(x)


def is_quadratic(law: Law, at: Mapping[str, Any]) -> bool:
    """Whether a quantity is a quadratic form, by numbers at random points."""
    import torch

    generator = torch.Generator().manual_seed(0)

    def drawn() -> dict[str, Any]:
        return {n: torch.randn(at[n].shape, generator=generator, dtype=torch.double) for n in names_of(law)}

    try:
        x, y = drawn(), drawn()
        both = value(law, {n: x[n] + y[n] for n in x}) + value(law, {n: x[n] - y[n] for n in x})
        return bool(torch.allclose(both, 2 * value(law, x) + 2 * value(law, y)))
    except (ValueError, RuntimeError, TypeError):
        return False
