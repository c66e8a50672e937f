"""Laws, and what else a report lists, as plain data over the documented JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar, overload

from .formula import Formula
from .frame import frame

T = TypeVar("T")


def read(kind: type[T], data: Mapping[str, Any], **replaced: Any) -> T:
    """A dataclass from an object of the JSON: lists become tuples, keys that are not known yet are ignored."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    return kind(**{**values, **replaced})


@dataclass(frozen=True)
class Step:
    """A claim of a derivation; `premises` are positions of earlier ones."""

    claim: str
    reason: str
    premises: tuple[int, ...] = ()
    theorem: str | None = None


@dataclass(frozen=True)
class Law:
    """A law that was derived."""

    id: str
    theorem: str
    order: int
    kind: str
    statement: Formula
    components: str
    action: str | None = None
    dynamics: str | None = None
    quantity: Formula | None = None
    independent: int | None = None
    hypotheses: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    index: tuple[Mapping[str, str], ...] = ()
    bound: str | None = None
    structure: Mapping[str, Any] | None = field(default=None, repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)

    def at_sizes(self, sizes: Mapping[str, int]) -> Law:
        """The law with the sizes of a traced module, which its quantity may name."""
        if self.quantity is None or not sizes:
            return self
        return replace(self, quantity=replace(self.quantity, sizes=tuple(sizes.items())))

    @staticmethod
    def of(data: Mapping[str, Any]) -> Law:
        """The law of an object of `laws`."""
        quantity = data.get("quantity")
        return read(
            Law,
            data,
            statement=read(Formula, data["statement"]),
            quantity=None if quantity is None else read(Formula, quantity),
            steps=tuple(read(Step, step) for step in data.get("steps", ())),
        )

    def __str__(self) -> str:
        return f"{self.id}: {self.statement.text}"

    def _repr_latex_(self) -> str:
        return self.statement._repr_latex_()


class Laws(tuple[Law, ...]):
    """The laws of a report in order; `laws[0]`, `laws["rescale/gradient"]`, and `laws["conserved"]`, those of a kind."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> Law: ...
    @overload
    def __getitem__(self, key: slice) -> Laws: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            found = tuple.__getitem__(self, key)
            return Laws(found) if isinstance(key, slice) else found
        for law in self:
            if law.id == key:
                return law
        found = Laws(law for law in self if key in (law.kind, law.action, law.dynamics))
        if not found and key not in KINDS:
            raise KeyError(key)
        return found

    def to_frame(self) -> Any:
        """A table with a row for each law; needs pandas."""
        columns = "id kind theorem order action dynamics statement quantity components independent hypotheses".split()
        return frame(({name: _cell(getattr(law, name)) for name in columns} for law in self), columns)


def _cell(value: Any) -> Any:
    """A value as the cell of a table."""
    if isinstance(value, Formula):
        return value.text
    return "; ".join(value) if isinstance(value, tuple) else value


KINDS = ("identity", "conserved", "rate", "constraint", "kernel", "subspace", "multiplicity", "bound", "equilibrium")


@dataclass(frozen=True)
class Action:
    """A group action on the parameters, and whether it is proved."""

    name: str
    group: str
    kind: str
    status: str
    source: str
    algebra_dim: str
    hypotheses: tuple[str, ...] = ()
    counterexample: Mapping[str, Any] | None = None
    unproved: Mapping[str, Any] | None = None

    @property
    def proved(self) -> bool:
        return self.status == "proved"


@dataclass(frozen=True)
class Check:
    """A law measured at random numbers, or at given ones."""

    law: str
    residual: float | None
    tolerance: float
    passed: bool
    measured: bool = True
    remark: str | None = None


@dataclass(frozen=True)
class Missing:
    """A law that an action suggests but that is not stated, with the reason."""

    id: str
    obstacle: str
    reason: str


@dataclass(frozen=True)
class Completeness:
    """How many independent laws of gradient flow there are at most, and how many are known.

    The bound holds under `assumptions`. It is neither complete nor certified of code that has special matrices, as masks and selections,
    `generic`: counted is at generic values of these, and at those of the code there may be more laws.
    """

    laws_at_most: int
    laws_known: int
    complete: bool
    certified: bool
    parameters: int | None = None
    assumptions: tuple[Any, ...] = ()
    certificate: Mapping[str, Any] | None = field(default=None, repr=False)
    generic: tuple[str, ...] = ()

    def at_generic(self, special: tuple[str, ...]) -> Completeness:
        """The same count, of code that has special matrices."""
        return replace(self, complete=False, certified=False, generic=special) if special else self
