"""Laws on live parameters, while a module of PyTorch is trained.

A conserved quantity Q of gradient flow that is quadratic in the parameters has a bilinear form B, and the law is
B(θ, G) = 0 for the gradient G of every loss, at every point and for every batch. That is exact where the quantity
itself drifts with the size of the steps. So two things are tested: the gradients that `backward` leaves
(`gradient`), and the gradient that the steps of the optimizer must have followed, which is recovered from how the
parameters moved (`step`). What breaks one of them is an error of the code, not of the step size.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .derive import derive
from .law import Law
from .report import Report


@dataclass(frozen=True)
class Violation:
    """A law that does not hold: at which step, of what (`gradient`, `step`), and how far off relative to its parts."""

    step: int
    law: str
    test: str
    residual: float
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        what = "the gradients violate" if self.test == "gradient" else "the step of the optimizer violates"
        return f"step {self.step}: {what} {self.law} by {self.residual:.1e}, on {', '.join(self.parameters)}"


class LawViolated(RuntimeError):
    """Training violates a law exactly: `violations` says which and where."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


@dataclass(frozen=True)
class Tangent:
    """A direction at parameters, with the norms of both on each parameter."""

    theta: Mapping[str, Any]
    tangent: Mapping[str, Any]
    sizes: Mapping[str, float]
    speeds: Mapping[str, float]

    @staticmethod
    def at(theta: Mapping[str, Any], tangent: Mapping[str, Any]) -> Tangent:
        return Tangent(theta, tangent, *({n: float(x.norm()) for n, x in of.items()} for of in (theta, tangent)))

    def parts(self, names: tuple[str, ...]) -> float:
        """The largest product of the two norms."""
        return max(self.sizes[n] * self.speeds[n] for n in names)


@dataclass
class Monitor:
    """Watches a module; made by `equilaw.monitor`. `history` are the logged dictionaries, `violations` what was found."""

    module: Any
    optimizer: Any
    report: Report
    laws: tuple[Law, ...]
    every: int
    action: str
    callback: Callable[[int, Mapping[str, float]], None] | None
    count: int = 0
    violations: list[Violation] = field(default_factory=list)
    history: list[dict[str, float]] = field(default_factory=list)
    _start: dict[str, Any] = field(default_factory=dict)
    # Parameters before the last steps, and their change in the last one over its step size.
    _last: dict[str, Any] | None = None
    _step: Any = None

    def attach(self) -> None:
        """Puts itself around `optimizer.step`."""
        self._step = self.optimizer.step
        self._start = {law.id: self._value(law, self._parameters()) for law in self.laws}

        def step(*args: Any, **kwargs: Any) -> Any:
            looks = self.count % self.every == 0
            # With momentum, the step before says what of this one is not the gradient.
            before = self._parameters() if looks or (self.count + 1) % self.every == 0 else None
            closure: Any = args[0] if args else kwargs.get("closure")
            gradients = self._gradients() if looks and closure is None else None

            def evaluated() -> Any:
                """The loss that the optimizer asks for, and the gradients at the first point where it does."""
                nonlocal gradients
                loss = closure()
                gradients = self._gradients() if gradients is None else gradients
                return loss

            if looks and closure is not None:
                args, kwargs = (evaluated, *args[1:]), {k: v for k, v in kwargs.items() if k != "closure"}
            found = self._step(*args, **kwargs)
            if looks and before is not None and gradients is not None:
                self._look(before, gradients)
            self._last = before and self._moved(before)
            self.count += 1
            return found

        self.optimizer.step = step

    def detach(self) -> None:
        """Takes itself off again."""
        if self._step is not None:
            self.optimizer.step = self._step
            self._step = None

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *_: Any) -> None:
        self.detach()

    # What is measured.

    def _look(self, before: dict[str, Any], gradients: dict[str, Any]) -> None:
        found = []
        logged = {}
        applied = self._applied(before)
        now = {name: x.detach() for name, x in self.report.parameters(self.module).items()}
        tests = {"gradient": Tangent.at(before, gradients), "step": Tangent.at(before, applied) if applied else None}
        for law in self.laws:
            logged[f"equilaw/{law.id}/drift"] = float((self._value(law, now) - self._start[law.id]).abs().max())
            for test, tangent in tests.items():
                if tangent is None:
                    continue
                residual = self._residual(law, tangent)
                logged[f"equilaw/{law.id}/{test}"] = residual
                if residual > self._tolerance(law, test, tangent):
                    names = law.quantity.names if law.quantity else ()
                    parts = tuple(str(self.report.provenance.provenance[n]) for n in names)
                    found.append(Violation(self.count, law.id, test, residual, parts))
        self.history.append(logged)
        if self.callback is not None:
            self.callback(self.count, logged)
        self.violations += found
        if found and self.action == "raise":
            raise LawViolated(found)
        if found and self.action == "warn":
            warnings.warn(str(LawViolated(found)), stacklevel=4)

    def _residual(self, law: Law, along: Tangent) -> float:
        """B(θ, V), over the product of the norms of θ and V on each parameter."""
        assert law.quantity is not None
        names = law.quantity.names
        size = max(math.hypot(*(along.sizes[n] for n in names)), 1e-300)
        other = math.hypot(*(along.speeds[n] for n in names))
        if other == 0:
            return 0.0
        # The two are brought to one size, so that nothing is lost in the sum.
        scale = size / other
        plus = {n: along.theta[n] + scale * along.tangent[n] for n in names}
        minus = {n: along.theta[n] - scale * along.tangent[n] for n in names}
        twice = (self._value(law, plus) - self._value(law, minus)).abs().max()
        return float(twice) / 4 / max(along.parts(names) * scale, 1e-300)

    def _value(self, law: Law, at: Mapping[str, Any]) -> Any:
        assert law.quantity is not None
        return law.quantity(**at)

    def _tolerance(self, law: Law, test: str, along: Tangent) -> float:
        """What rounding explains. A gradient that is recovered from how parameters moved has their rounding, over the step size."""
        import torch

        assert law.quantity is not None
        names = law.quantity.names
        precision = max(float(torch.finfo(along.theta[n].dtype).eps) for n in names)
        if test == "gradient":
            return 1e3 * precision
        rates = self._rates()
        moving = [n for n in names if rates[n]["lr"]]
        noise = max((along.sizes[n] ** 2 * (1 + rates[n]["momentum"]) / rates[n]["lr"] for n in moving), default=0.0)
        return precision * (1e3 + 8 * noise / max(along.parts(names), 1e-300))

    # Parameters, gradients, and what the optimizer did.

    def _parameters(self) -> dict[str, Any]:
        return {name: x.detach().clone() for name, x in self.report.parameters(self.module).items()}

    def _gradients(self) -> dict[str, Any]:
        """The gradients by name; of a parameter that has none they are 0, as it does not move."""
        import torch

        own = self.report.provenance._arrays(self.module)
        grads = {k: torch.zeros_like(p) if p.grad is None else p.grad for k, p in own.items()}
        return {name: part.of(grads).detach().clone() for name, part in self.report.provenance.provenance.items()}

    def _moved(self, before: dict[str, Any]) -> dict[str, Any]:
        """How the parameters moved against the gradient in a step, over the step size."""
        rates = self._rates()
        after = self.report.parameters(self.module)
        return {n: (x - after[n].detach()) / rates[n]["lr"] if rates[n]["lr"] else x * 0 for n, x in before.items()}

    def _applied(self, before: dict[str, Any]) -> dict[str, Any] | None:
        """The gradient that the step must have followed; `None` where the optimizer does not tell."""
        rates = self._rates()
        if not all(rate["linear"] for rate in rates.values()):
            return None
        moved = self._moved(before)
        if any(rate["momentum"] for rate in rates.values()) and self.count > 0:
            if self._last is None:
                return None
            moved = {n: x - rates[n]["momentum"] * self._last[n] for n, x in moved.items()}
        return {n: x - rates[n]["decay"] * before[n] for n, x in moved.items()}

    def _rates(self) -> dict[str, dict[str, Any]]:
        """Of each parameter of the model what its group says; of one that is in none, that it does not move."""
        of: dict[int, dict[str, Any]] = {}
        linear = type(self.optimizer).__name__ == "SGD"
        for group in self.optimizer.param_groups:
            plain = linear and not group.get("nesterov") and not group.get("dampening") and not group.get("maximize")
            rate = dict(
                lr=float(group["lr"]),
                decay=group.get("weight_decay", 0),
                momentum=group.get("momentum", 0),
                linear=plain,
            )
            of.update({id(p): rate for p in group["params"]})
        own = self.report.provenance._arrays(self.module)
        still = dict(lr=0.0, decay=0.0, momentum=0.0, linear=linear)
        parts = self.report.provenance.provenance

        def rate_of(part: Any) -> dict[str, Any]:
            first, *rest = (of.get(id(own[member.leaf.key]), still) for _, member in part.each())
            # Steps of members of a family that move differently are not told apart: then gradients alone are tested.
            return first if all(x == first for x in rest) else {**first, "linear": False}

        return {name: rate_of(part) for name, part in parts.items()}


def monitor(
    module: Any,
    optimizer: Any,
    *example: Any,
    report: Report | None = None,
    every: int = 50,
    action: str = "warn",
    callback: Callable[[int, Mapping[str, float]], None] | None = None,
) -> Monitor:
    """Watches the laws of a module while an optimizer trains it.

    Give example inputs, or the report of the module. Every `every` steps (of a transformer block, by default, for less than 1 % of the time of the
    steps: `benches/monitor.py`) the conserved quantities are evaluated,
    and what holds exactly is tested. `action` is what happens where it does not: `"warn"`, `"raise"` (a
    `LawViolated`) or `"collect"`. `callback(step, values)` gets what is logged, as a dictionary of numbers for
    TensorBoard or the like. For SGD with momentum and decay the steps are tested, for others the gradients. The
    loss has to be a function of the module's output: a penalty on the parameters belongs to `weight_decay`.

    >>> optimizer = torch.optim.SGD(module.parameters(), lr=0.1)       # doctest: +SKIP
    >>> equilaw.monitor(module, optimizer, torch.randn(6, 4))          # doctest: +SKIP
    """
    if action not in ("warn", "raise", "collect"):
        raise ValueError(f"the action is warn, raise or collect, not {action}")
    if report is None:
        report = derive(module, *example, checks=False, complete=False)
    if report.provenance is None:
        raise ValueError("the report is that of a text: derive it from the module")
    flow = (law for law in report.laws if law.kind == "conserved" and law.dynamics == "gradient_flow")
    parameters = {name: x.detach() for name, x in report.parameters(module).items()}
    laws = tuple(law for law in flow if law.quantity and law.quantity.numpy and _is_quadratic(law, parameters))
    found = Monitor(module, optimizer, report, laws, every, action, callback)
    found.attach()
    return found


def _is_quadratic(law: Law, at: Mapping[str, Any]) -> bool:
    """Whether a quantity is a quadratic form, by numbers at random points."""
    import torch

    assert law.quantity is not None
    generator = torch.Generator().manual_seed(0)

    def drawn() -> dict[str, Any]:
        return {n: torch.randn(at[n].shape, generator=generator, dtype=torch.double) for n in law.quantity.names}  # type: ignore[union-attr]

    def q(x: Mapping[str, Any]) -> Any:
        return law.quantity(**x)  # type: ignore[misc]

    try:
        x, y = drawn(), drawn()
        both = q({n: x[n] + y[n] for n in x}) + q({n: x[n] - y[n] for n in x})
        return bool(torch.allclose(both, 2 * q(x) + 2 * q(y)))
    except (ValueError, RuntimeError, TypeError):
        return False
