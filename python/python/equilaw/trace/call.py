"""A call of an operation of ATen, and the table of what each does to tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

from .elementwise import arbitrary
from .handlers import registering
from .program import Pull, Value, constants, exact, lifted, to_numpy
from .size import Unsupported
from .tensor import Tensor, constant

Handler = Callable[["Call"], Any]
HANDLERS: dict[str, Handler] = {}


class Call:
    """An operation: `args` are `Value`s, numbers, shapes; `outputs` the numbers that it gives, `pull` its derivative in the code."""

    def __init__(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        outputs: Sequence[Any],
        pull: Pull | None = None,
        again: Callable[[numpy.ndarray], numpy.ndarray] | None = None,
    ) -> None:
        self.name, self.args, self.kwargs, self.outputs, self.pull = name, args, kwargs, outputs, pull
        self._again = again

    def again(self, array: numpy.ndarray) -> numpy.ndarray:
        """What the operation gives of another array in place of the first argument."""
        if self._again is None:
            raise Unsupported(f"{self.name}, of which one call alone is known")
        return self._again(array)

    def get(self, k: int, key: str = "", default: Any = None) -> Any:
        """An argument by place or by name."""
        return self.args[k] if k < len(self.args) else self.kwargs.get(key, default)

    def tensor(self, k: int = 0) -> Tensor:
        x = self.args[k]
        return lifted(x) if isinstance(x, Value) else constant(exact(x))

    def value(self, k: int) -> Value:
        """An argument with its numbers."""
        x = self.args[k]
        return x if isinstance(x, Value) else Value(numpy.asarray(x, dtype=float))

    def maybe(self, k: int, key: str = "") -> Tensor | None:
        x = self.get(k, key)
        return None if x is None else lifted(x)

    def arbitrary(self, name: str, kind: str | None = None) -> Tensor:
        """An arbitrary function of each entry, whose constants are the arguments behind the first."""
        of = constants(*self.args[1:], *sorted(self.kwargs.items()))
        return arbitrary(name, self.tensor(), to_numpy(self.outputs[0]), of, self.pull, kind)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(numpy.shape(self.outputs[0]))

    def axis(self, k: int, key: str = "dim", default: int = 0) -> int:
        rank = numpy.ndim(self.value(0).number)
        return int(self.get(k, key, default)) % rank


handles = registering(HANDLERS)
