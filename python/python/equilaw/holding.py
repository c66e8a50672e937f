"""What an optimizer does with each parameter: whether it holds it, at which step size, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rate:
    """The options of a parameter's group; `linear` where a step of SGD is known from them alone: v' = momentum v + G + decay θ, θ' = θ − lr v'."""

    lr: float = 0.0
    decay: float = 0.0
    momentum: float = 0.0
    linear: bool = True
    held: bool = False


def rates(optimizer: Any, own: Mapping[Any, Any]) -> dict[Any, Rate]:
    """Of each of some parameters what its group says; of one that is in none, that it does not move."""
    of: dict[int, Rate] = {}
    is_sgd = type(optimizer).__name__ == "SGD"
    for group in optimizer.param_groups:
        plain = is_sgd and not any(group.get(option) for option in ("nesterov", "dampening", "maximize"))
        decay, momentum = (float(group.get(option, 0)) for option in ("weight_decay", "momentum"))
        rate = Rate(float(group["lr"]), decay, momentum, plain, held=True)
        of.update({id(p): rate for p in group["params"]})
    return {key: of.get(id(p), Rate(linear=is_sgd)) for key, p in own.items()}


@dataclass(frozen=True)
class Holding:
    """The rates of parameters in an optimizer, and which of them other optimizers hold."""

    rates: Mapping[Any, Rate]
    others: Set[Any]

    @staticmethod
    def of(optimizer: Any, others: Iterable[Any], own: Mapping[Any, Any]) -> Holding:
        theirs = {id(p) for one in others for group in one.param_groups for p in group["params"]}
        return Holding(rates(optimizer, own), {key for key, p in own.items() if id(p) in theirs})

    def elsewhere(self, keys: Set[Any]) -> set[Any]:
        """Those that another optimizer moves, and this one does not."""
        return {key for key in keys if not self.rates[key].held and key in self.others}

    def at_rest(self, keys: Set[Any]) -> set[Any]:
        """Those that do not move: no group has them, or their step size is 0 where that of others is not. Where all are 0, a scheduler is at its end."""
        moving = any(self.rates[key].lr for key in keys)
        return {key for key in keys if not self.rates[key].held or moving and not self.rates[key].lr}


def by_name(of: Mapping[Any, Rate], parts: Mapping[str, Any]) -> dict[str, Rate]:
    """By the names of the model. Steps of members of a family that move differently are not told apart: then gradients alone are tested."""

    def common(part: Any) -> Rate:
        first, *rest = (of[member.leaf.key] for _, member in part.each())
        return first if all(x == first for x in rest) else Rate(first.lr, first.decay, first.momentum, False)

    return {name: common(part) for name, part in parts.items()}


def moved(before: Mapping[str, Any], after: Mapping[str, Any], by: Mapping[str, Rate]) -> dict[str, Any]:
    """How parameters moved against the gradient in a step, over the step size; of those whose step size is 0 nothing is known."""
    return {n: (x - after[n]) / by[n].lr for n, x in before.items() if by[n].lr}


def followed(
    before: Mapping[str, Any], velocity: Mapping[str, Any], last: Mapping[str, Any] | None, by: Mapping[str, Rate]
) -> dict[str, Any]:
    """The gradient that a step must have followed, of the parameters of which the step tells it.

    `last` is the velocity of the step before; `None` where there was none.
    """
    found = {}
    for n, v in velocity.items():
        if not by[n].linear:
            continue
        if by[n].momentum and last is not None:
            if n not in last:
                continue
            v = v - by[n].momentum * last[n]
        found[n] = v - by[n].decay * before[n]
    return found
