"""What rounding explains of a law's residual."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .bilinear import Tangent, largest_term, names_of, residual, rounded
from .holding import Rate
from .law import Law
from .passes import Seen, multiplied
from .report import Report

# In single precision there is room for 1000 rounding errors that all add up. In coarse ones there is none: what is left of the terms of a law, which
# cancel in exact arithmetic, is measured (`benches/rounding.py`). In right training of 16 networks, up to 8 transformer blocks, in bfloat16, float16 and
# autocast it was at most 2.7 eps of them, 8 where gradients of float16 underflow, for which there is a term of its own.
SINGLE, COARSE = 1e3, 16.0


@dataclass(frozen=True)
class Rounding:
    """The precision of one step, and the sizes that rounding errors are relative to.

    `own` is the eps of the parameters by name, `least` their least positive number, `coarse` the eps of the arithmetic where it is coarser than
    single precision, else 0.
    """

    own: Mapping[str, float]
    least: Mapping[str, float]
    coarse: float
    energy: float
    largest: Mapping[str, float]
    rates: Mapping[str, Rate]
    speeds: Mapping[str, float]

    @staticmethod
    def of(
        parameters: Mapping[Any, Any],
        report: Report,
        seen: Seen,
        largest: Mapping[str, float],
        by: Mapping[str, Rate],
        speeds: Mapping[str, float],
    ) -> Rounding:
        import torch

        kinds = {
            name: [torch.finfo(parameters[part.leaf.key].dtype) for _, part in whole.each()]
            for name, whole in report.provenance.provenance.items()
        }
        own = {name: max(float(x.eps) for x in each) for name, each in kinds.items()}
        least = {name: max(float(x.tiny * x.eps) for x in each) for name, each in kinds.items()}
        found = max([seen.eps, *own.values(), *(multiplied(d) for d in {p.device.type for p in parameters.values()})])
        single = float(torch.finfo(torch.float32).eps)
        return Rounding(own, least, found if found > single else 0.0, seen.energy, largest, by, speeds)

    def tolerance(self, law: Law, test: str, along: Tangent) -> float:
        """The largest residual of a law that rounding explains, relative to `along.parts` as the residual is."""
        names = names_of(law)
        parts = max(along.parts(names), 1e-300)
        found = self._summed(along, names) * SINGLE * self._fine(names)
        if self.coarse:
            # Terms that are 0 by chance leave the errors of their entries.
            terms = largest_term(law, along) + rounded(law, along)
            found += COARSE * self.coarse * terms * self._summed(along, names) + self._underflow(along, names)
        if test == "step":
            found += self._stepped(along, names)
        return found / parts

    def _fine(self, names: Iterable[str]) -> float:
        """The eps of parameters, of coarse ones that of the single precision in which sums over them are taken."""
        return min(max(self.own[n] for n in names), 2.0**-23)

    def _summed(self, along: Tangent, names: tuple[str, ...]) -> float:
        """The size of what a gradient times its parameter is a sum of: the energy, or what it was when the gradient was largest."""
        known = self.energy or max(along.sizes[n] * self.largest[n] for n in names)
        return max(along.parts(names), known)

    def _underflow(self, along: Tangent, names: Iterable[str]) -> float:
        """What entries of a gradient lose that are too small for the type of their parameter (of float16, below 6e-8)."""
        return COARSE * max(self.least[n] * along.sizes[n] * math.sqrt(along.tangent[n].numel()) for n in names)

    def _stepped(self, along: Tangent, names: Iterable[str]) -> float:
        """What is lost where a gradient is recovered from how parameters moved: the rounding of both points over the step size, and of the velocity."""

        def lost(n: str) -> float:
            rate = self.rates[n]
            each = along.sizes[n] * (1 + rate.momentum) / rate.lr + self.speeds[n]
            return 8 * self.own[n] * along.sizes[n] * each

        return max(map(lost, names))

    def blind(self, laws: Iterable[Law], gradient: Tangent) -> str | None:
        """Says of which laws the rounding explains even that one parameter has no gradient at all."""
        found = [law.id for law in laws if self.coarse and self._is_blind(law, gradient)]
        if not found:
            return None
        return (
            f"in arithmetic of eps {self.coarse:.1g} rounding explains as much as a frozen parameter would make of {', '.join(found)}: "
            "nothing can be seen there. Train some steps in single precision to test the code"
        )

    def _is_blind(self, law: Law, gradient: Tangent) -> bool:
        """By whether any single parameter could lose its gradient unnoticed, of those whose gradient is not 0."""
        names = names_of(law)
        tolerance = self.tolerance(law, "gradient", gradient) * gradient.parts(names)
        moving = [n for n in names if gradient.speeds[n]]
        without = (gradient.restricted(m for m in moving if m != n) for n in moving)
        return bool(moving[1:]) and all(residual(law, left) * left.parts(names) <= tolerance for left in without)
