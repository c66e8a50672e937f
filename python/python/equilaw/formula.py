"""A formula of a report: as text, as LaTeX, and as a function of arrays."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
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
    # The sizes of a traced module, which a formula may have beside its arrays.
    sizes: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    def __call__(self, **arrays: Any) -> Any:
        """The value at arrays of NumPy, JAX or PyTorch, one for each name of the formula.

        Matrices are 2-d arrays and vectors 1-d arrays or columns, each in the shape that the model declares. Names
        that the formula does not have are ignored, so that all parameters may be given. The value is an array of
        the same library, so the formula may stand in `jax.jit` and be differentiated.
        """
        if self.numpy is None:
            raise EquilawError("this formula has no expression in NumPy")
        code, names = _compiled(self.numpy)
        sizes = dict(self.sizes)
        missing = [name for name in names if name not in arrays and name not in sizes]
        if missing:
            raise EquilawError(f"the formula needs a value for {', '.join(missing)}")
        known = {name: matrix(arrays[name]) for name in names if name in arrays}
        library = namespace(list(known.values()))
        known.update((name, sizes[name]) for name in names if name not in arrays)
        # Names are looked up in the globals, also inside of a comprehension.
        return eval(code, {"np": library, DIAGONAL: diagonal_of(library), **known})  # noqa: S307

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have to be given for a value."""
        names = () if self.numpy is None else _compiled(self.numpy)[1]
        return tuple(name for name in names if name not in dict(self.sizes))

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[Any, tuple[str, ...]]:
    """An expression as code, with the names that it reads."""
    tree = Diagonals().visit(ast.parse(text, mode="eval"))
    return compile(ast.fix_missing_locations(tree), "<law>", "eval"), _free(compile(text, "<law>", "eval"))


# What the diagonal of a product is called in the code of a formula; no model can have this name.
DIAGONAL = "diagonal of"


class Diagonals(ast.NodeTransformer):
    """Replaces the diagonal of a sum of products, which would be formed only to be thrown away, by the sum of diagonals of products."""

    def visit_Call(self, call: ast.Call) -> ast.AST:
        self.generic_visit(call)
        is_diagonal = isinstance(call.func, ast.Attribute) and call.func.attr == "diag" and len(call.args) == 1
        found = _diagonal(call.args[0]) if is_diagonal else None
        return call if found is None else found


def _diagonal(x: ast.expr) -> ast.expr | None:
    """The diagonal of a sum of products; `None` of anything else."""
    if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub):
        inner = _diagonal(x.operand)
        return None if inner is None else ast.UnaryOp(x.op, inner)
    if not isinstance(x, ast.BinOp):
        return None
    if isinstance(x.op, ast.MatMult):
        return ast.Call(ast.Name(DIAGONAL, ast.Load()), [x.left, x.right], [])
    if isinstance(x.op, (ast.Add, ast.Sub)):
        left, right = _diagonal(x.left), _diagonal(x.right)
        return None if left is None or right is None else ast.BinOp(left, x.op, right)
    return None


def diagonal_of(library: Any) -> Any:
    """The diagonal of a product of two matrices, in a library of arrays."""

    def diagonal(a: Any, b: Any) -> Any:
        return (a * b.T).sum(1) if a.ndim == b.ndim == 2 and len(a) == b.shape[1] else library.diag(a @ b)

    return diagonal


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
