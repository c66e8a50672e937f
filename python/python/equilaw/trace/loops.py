"""Loops of JAX that are written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# The longest loop that is written out.
LONGEST = 64


class Loop:
    """A `scan`: what is fixed, what is carried on, and what is walked over."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.length, self.consts, self.carried = params["length"], params["num_consts"], params["num_carry"]
        self.reverse = params["reverse"]

    def run(
        self,
        inputs: Sequence[Any],
        at: Callable[[Any, int], Any],
        stack: Callable[[list[Any]], Any],
        body: Callable[[list[Any], int], list[Any]],
    ) -> list[Any]:
        fixed, over = list(inputs[: self.consts]), inputs[self.consts + self.carried :]
        carry = list(inputs[self.consts : self.consts + self.carried])
        rows = []
        order = range(self.length)
        for k in reversed(order) if self.reverse else order:
            outputs = body([*fixed, *carry, *(at(x, k) for x in over)], k)
            carry = outputs[: self.carried]
            rows.append(outputs[self.carried :])
        if self.reverse:
            rows.reverse()
        return [*carry, *(stack(list(column)) for column in zip(*rows))]
