"""A formula of a report: as text, as LaTeX, and as a function of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._core import EquilawError
from .arrays import matrix, namespace


@dataclass(frozen=True)
class Formula:
    """A formula.

    `text` is in the language of models and parses back; `numpy` is an expression in `np` and the names of the model,
    or `None` where there is none.
    """

    text: str
    latex: str
    numpy: str | None = None

    def __call__(self, **arrays: Any) -> Any:
        """The value at arrays of NumPy, JAX or PyTorch, one for each name of the formula.

        Matrices are 2-d arrays and vectors 1-d arrays or columns, each in the shape that the model declares. Names
        that the formula does not have are ignored, so that all parameters may be given. The value is an array of
        the same library, so the formula may stand in `jax.jit` and be differentiated.
        """
        if self.numpy is None:
            raise EquilawError("this formula has no expression in NumPy")
        code = compile(self.numpy, "<law>", "eval")
        missing = [name for name in _free(code) if name not in arrays]
        if missing:
            raise EquilawError(f"the formula needs a value for {', '.join(missing)}")
        known = {name: matrix(arrays[name]) for name in _free(code)}
        # Names are looked up in the globals, also inside of a comprehension.
        return eval(code, {"np": namespace(list(known.values())), **known})  # noqa: S307

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have to be given for a value."""
        return () if self.numpy is None else _free(compile(self.numpy, "<law>", "eval"))

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


_BUILTIN = ("np", "range", "max", "min", "len", "sum", "abs")


def _free(code: Any) -> tuple[str, ...]:
    """The names that an expression reads, without attributes: those that are loaded as globals."""
    import dis

    found: list[str] = []
    for instruction in dis.get_instructions(code):
        loaded = instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL")
        if loaded and instruction.argval not in (*_BUILTIN, *found):
            found.append(instruction.argval)
        if hasattr(instruction.argval, "co_code"):
            found += [name for name in _free(instruction.argval) if name not in found]
    return tuple(found)
