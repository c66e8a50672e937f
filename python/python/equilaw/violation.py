"""What a monitor finds."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_SAID = {"gradient": "the gradients violate", "step": "the step of the optimizer violates"}


@dataclass(frozen=True)
class Violation:
    """A law that does not hold: at which step, and of what.

    `test` is `gradient` or `step`, and `residual` how far off it is relative to its parts; or `held`, where `parameters` have a gradient and
    no optimizer that is monitored moves them, and `residual` is their share of the gradient, by norms.
    """

    step: int
    law: str
    test: str
    residual: float
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        of = ", ".join(self.parameters)
        if self.test == "held":
            return (
                f"step {self.step}: the optimizer does not move {of} (in none of its groups, or in one with lr = 0), with {self.residual:.1e} of the gradient: "
                f"{self.law} is violated. If another optimizer does, monitor it as well"
            )
        return f"step {self.step}: {_SAID[self.test]} {self.law} by {self.residual:.1e}, on {of}"


class LawViolated(RuntimeError):
    """Training violates a law exactly: `violations` says which and where."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


def outside() -> int:
    """The `stacklevel` at which a warning of the caller shows the user's code, not PyTorch's or this package's."""
    frame, level = sys._getframe(1), 1
    inside = (__package__, "torch", "contextlib", "functools")
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in inside:
        frame, level = frame.f_back, level + 1
    return level
