"""Laws on live parameters, while a module of PyTorch is trained.

A conserved quantity Q of gradient flow that is quadratic in the parameters has a bilinear form B, and the law is
B(θ, G) = 0 for the gradient G of every loss, at every point and for every batch. That is exact where the quantity
itself drifts with the size of the steps. So two things are tested: the gradients that `backward` leaves
(`gradient`), and the gradient that the steps of the optimizer must have followed, which is recovered from how the
parameters moved (`step`). What breaks one of them is an error of the code, not of the step size. A third is a fact
without a tolerance: that the optimizer moves all of the parameters that have a gradient (`held`).
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .bilinear import Tangent, is_quadratic, names_of, residual, value
from .derive import derive
from .holding import Holding, Rate, by_name, followed, moved, rates
from .law import Law
from .passes import Passes, Seen
from .report import Report
from .stepping import Closure, around
from .tolerance import Rounding
from .violation import LawViolated, Violation, outside

# Of a module with several optimizers each monitor knows the others.
_ATTACHED: weakref.WeakSet[Monitor] = weakref.WeakSet()


@dataclass(eq=False)
class Monitor:
    """Watches a module; made by `equilaw.monitor`. `history` are the logged dictionaries, `violations` what was found, `notes` what cannot be seen."""

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
    notes: list[str] = field(default_factory=list)
    _start: dict[str, Any] = field(default_factory=dict)
    # Of a step that is going on: the parameters before it, and its gradients by the user's names with what was seen of their rounding.
    _before: dict[str, Any] | None = None
    _found: tuple[Mapping[Any, Any], Seen] | None = None
    # The velocity of the last step, `None` before the first of an optimizer.
    _last: dict[str, Any] | None = None
    _largest: dict[str, float] = field(default_factory=dict)
    _passes: Passes = field(default_factory=Passes)
    _remove: Callable[[], None] | None = None

    def attach(self) -> None:
        """Puts itself around `optimizer.step`."""
        if self._remove is None:
            self._start = {law.id: value(law, self._parameters()) for law in self.laws}
            self._remove = around(self.optimizer, self._begin, self._end)
            _ATTACHED.add(self)
            self._arm()

    def detach(self) -> None:
        """Takes itself off again, from the module as well."""
        if self._remove is not None:
            self._remove()
            self._remove = None
            self._passes.disarm()
            _ATTACHED.discard(self)

    def __getstate__(self) -> dict[str, Any]:
        """What was found: a copy is attached to nothing."""
        return {**vars(self), "_remove": None}

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *_: Any) -> None:
        self.detach()

    # Around a step.

    def _looks(self, count: int) -> bool:
        return count % self.every == 0

    def _arm(self) -> None:
        """Watches the passes of the next step, if it is one that is looked at."""
        if self.laws and self._looks(self.count):
            self._passes.arm(self.module, self._own())

    def _begin(self, closure: Closure | None) -> Closure | None:
        if not self.laws:
            return closure
        looks = self._looks(self.count)
        # With momentum, the step before says what of this one is not the gradient.
        self._before = self._parameters() if looks or self._looks(self.count + 1) else None
        if self.count == 0:
            # A velocity that is there already is not known.
            self._last = {} if self.optimizer.state else None
        self._found = None
        if not looks:
            return closure
        if closure is None:
            self._found = self._measured()
            return None

        def evaluated() -> Any:
            """The loss that the optimizer asks for, and the gradients at the first point where it does."""
            loss = closure()
            self._found = self._found or self._measured()
            return loss

        return evaluated

    def _end(self) -> None:
        velocity: dict[str, Any] = {}
        found = []
        if self._before is not None:
            by = by_name(rates(self.optimizer, self._own()), self.report.provenance.provenance)
            # Not copied: they are read before anything else moves them.
            now = self._named({key: p.detach() for key, p in self._own().items()}, copy=False)
            velocity = moved(self._before, now, by)
            if self._found is not None:
                found = self._look(self._before, now, velocity, by, *self._found)
        self._last, self._before, self._found = velocity, None, None
        self.count += 1
        self._arm()
        self._told(found)

    # What is measured.

    def _look(
        self,
        before: dict[str, Any],
        now: dict[str, Any],
        velocity: dict[str, Any],
        by: dict[str, Rate],
        grads: Mapping[Any, Any],
        seen: Seen,
    ) -> list[Violation]:
        gradient = Tangent.at(before, self._named(grads, copy=False))
        self._largest.update({n: max(g, self._largest.get(n, 0.0)) for n, g in gradient.speeds.items()})
        applied = Tangent.at(before, followed(before, velocity, self._last, by))
        speeds = {n: float(x.norm()) for n, x in velocity.items()}
        rounding = Rounding.of(self._own(), self.report, seen, self._largest, by, speeds)
        others = [other.optimizer for other in _ATTACHED if other.optimizer is not self.optimizer]
        holding = Holding.of(self.optimizer, others, self._own())
        found = []
        logged = {}
        for law in self.laws:
            logged[f"equilaw/{law.id}/drift"] = float((value(law, now) - self._start[law.id]).abs().max())
            ours, still = self._held(law, holding, grads)
            if still:
                share = _share(grads, still)
                found.append(Violation(self.count, law.id, "held", share, tuple(map(str, still))))
            if not ours:
                continue
            for test, tangent in (("gradient", gradient), ("step", applied)):
                if any(n not in tangent.tangent for n in names_of(law)):
                    continue
                size = residual(law, tangent)
                logged[f"equilaw/{law.id}/{test}"] = size
                if size > rounding.tolerance(law, test, tangent):
                    parts = tuple(str(self.report.provenance.provenance[n]) for n in names_of(law))
                    found.append(Violation(self.count, law.id, test, size, parts))
        if not self.history:
            self._note(rounding.blind(self.laws, gradient))
        self.history.append(logged)
        if self.callback is not None:
            self.callback(self.count, logged)
        return found

    def _held(self, law: Law, holding: Holding, grads: Mapping[Any, Any]) -> tuple[bool, list[Any]]:
        """Whether the law is this optimizer's to test, and the parameters of it that have a gradient and that nobody moves."""
        keys = {part.leaf.key for n in names_of(law) for _, part in self.report.provenance.provenance[n].each()}
        elsewhere = holding.elsewhere(keys)
        if elsewhere:
            # The gradient is that of parameters that another optimizer has moved since, or is to move, for a loss of its own, perhaps.
            if len(elsewhere) < len(keys):
                self._note(
                    f"{law.id} is of parameters of several optimizers, whose steps are not taken at one point: it is not tested"
                )
            return False, []
        at_rest = holding.at_rest(keys)
        still = [key for key in grads if key in at_rest and bool((grads[key] != 0).any())]
        return not still, still

    def _told(self, found: list[Violation]) -> None:
        self.violations += found
        if found and self.action == "raise":
            raise LawViolated(found)
        if found and self.action == "warn":
            warnings.warn(str(LawViolated(found)), stacklevel=outside())

    def _note(self, text: str | None) -> None:
        """Says once what cannot be seen."""
        if text and text not in self.notes:
            self.notes.append(text)
            warnings.warn(text, stacklevel=outside())

    # Parameters and gradients.

    def _own(self) -> Mapping[Any, Any]:
        """The parameters of the module that the report is of, by their names in the module."""
        arrays = self.report.provenance.arrays(self.module)
        return {key: arrays[key] for key in dict.fromkeys(self.report.provenance.keys())}

    def _parameters(self) -> dict[str, Any]:
        return self._named({key: p.detach() for key, p in self._own().items()})

    def _measured(self) -> tuple[dict[Any, Any], Seen]:
        """The gradients by the names of the module, and what was seen of the passes. Of a parameter that has no gradient it is 0, as it does not move."""
        import torch

        grads = {
            key: torch.zeros_like(p) if p.grad is None else p.grad.detach().clone() for key, p in self._own().items()
        }
        return grads, self._passes.taken(grads)

    def _named(self, arrays: Mapping[Any, Any], copy: bool = True) -> dict[str, Any]:
        """By the names of the model, in single precision at least: the sums of a law are not to be rounded as the model's own."""
        import torch

        parts = self.report.provenance.provenance
        found = {name: part.of(arrays) for name, part in parts.items()}
        return {n: x.to(torch.promote_types(x.dtype, torch.float32), copy=copy) for n, x in found.items()}


def _share(grads: Mapping[Any, Any], still: Iterable[Any]) -> float:
    """How much of the gradient belongs to some parameters, by norms."""
    of = {key: float(x.double().norm()) for key, x in grads.items()}
    total = sum(x * x for x in of.values())
    return float((sum(of[key] ** 2 for key in still) / total) ** 0.5)


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

    Where a module has several optimizers, each has a monitor, made before training begins; laws of parameters of
    several of them are not tested. What cannot be seen, as no law is there or the precision explains
    everything, is said once in a warning, and stands in `notes`.

    Raises `ValueError` where `every` is no positive number of steps, or the report is that of a text.

    >>> optimizer = torch.optim.SGD(module.parameters(), lr=0.1)       # doctest: +SKIP
    >>> equilaw.monitor(module, optimizer, torch.randn(6, 4))          # doctest: +SKIP
    """
    if action not in ("warn", "raise", "collect"):
        raise ValueError(f"the action is warn, raise or collect, not {action}")
    if not isinstance(every, int) or every < 1:
        raise ValueError(f"every is a number of steps, 1 or more, not {every}")
    if report is None:
        report = derive(module, *example, checks=False, complete=False)
    if report.provenance is None:
        raise ValueError("the report is that of a text: derive it from the module")
    flow = [law for law in report.laws if law.kind == "conserved" and law.dynamics == "gradient_flow"]
    parameters = {name: x.detach() for name, x in report.parameters(module).items()}
    laws = tuple(law for law in flow if law.quantity and law.quantity.numpy and is_quadratic(law, parameters))
    found = Monitor(module, optimizer, report, laws, every, action, callback)
    if not laws:
        what = "none of which is quadratic" if flow else "and no other kind is watched"
        found._note(
            f"nothing is watched: the report has {len(flow)} conserved quantities of gradient flow, {what}. `report.missing` says what keeps laws from being stated"
        )
    found.attach()
    return found
