"""The result of a derivation."""

from __future__ import annotations

import html as _html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._core import RawReport
from .law import Action, Check, Completeness, Law, Laws, Missing, read


class Formats:
    """The formats of a report. Each is written when it is first asked for, and all of them when the report is pickled."""

    def __init__(self, raw: RawReport | None, written: dict[Any, str] | None = None) -> None:
        self._raw = raw
        self._written = written or {}

    def write(self, name: str, *options: Any) -> str:
        key = (name, *options)
        if key not in self._written:
            if self._raw is None:
                raise ValueError(f"a report that was unpickled has no {name} with the options {options}")
            self._written[key] = getattr(self._raw, name)(*options)
        return self._written[key]

    def __reduce__(self) -> Any:
        for key in _PICKLED:
            if self._raw is not None:
                self.write(*key)
        return Formats, (None, self._written)


_PICKLED: list[tuple[Any, ...]] = [
    ("json",),
    ("numpy",),
    ("torch",),
    ("html", False),
    ("latex", False, False),
    ("latex", True, False),
    ("text", False, False, 100),
    ("text", True, False, 100),
]


@dataclass(frozen=True, repr=False)
class Report:
    """What was derived from a model: a text in a terminal, the article in a notebook.

    `source` is the model in equilaw's language; of a traced module, what it was translated to. `provenance` says
    from which part of which array of the user each of its parameters is taken, `operations` where in the code its definitions stand.
    """

    name: str
    dims: Mapping[str, int]
    laws: Laws
    actions: tuple[Action, ...]
    missing: tuple[Missing, ...]
    checks: tuple[Check, ...]
    complete: Completeness | None
    clean: bool
    source: str = field(repr=False)
    assumptions: tuple[str, ...] = ()
    provenance: Any = field(default=None, repr=False, compare=False)
    formats: Formats = field(default_factory=lambda: Formats(None), repr=False, compare=False)

    @staticmethod
    def of(raw: RawReport, source: str, provenance: Any = None, assumptions: tuple[str, ...] = ()) -> Report:
        """The report as data over its JSON."""
        formats = Formats(raw)
        data = json.loads(formats.write("json"))
        counted = data.get("completeness")
        special = () if provenance is None else provenance.special
        complete = read(Completeness, counted) if counted and "laws_at_most" in counted else None
        if complete is not None and special:
            complete = complete.at_generic(special)
            has = "has a special value" if len(special) == 1 else "have special values"
            assumptions = (
                *assumptions,
                f"laws are counted at generic matrices: {', '.join(special)} {has} in the code, at which there may be more",
            )
        return Report(
            name=data["model"]["name"],
            dims=data["model"]["dims"],
            laws=Laws(Law.of(law).at_sizes({} if provenance is None else provenance.sizes) for law in data["laws"]),
            actions=tuple(read(Action, action) for action in data["actions"]),
            missing=tuple(read(Missing, missing) for missing in data["missing"]),
            checks=tuple(read(Check, check) for check in data["checks"]),
            complete=complete,
            clean=raw.clean,
            source=source,
            assumptions=assumptions,
            provenance=provenance,
            formats=formats,
        )

    def __getitem__(self, key: Any) -> Any:
        """As of `laws`."""
        return self.laws[key]

    @property
    def operations(self) -> tuple[Any, ...]:
        """Of a traced function: the operations of the code, with file and line, by the definition of `source` that computes them."""
        return () if self.provenance is None else tuple(self.provenance.operations)

    def parameters(self, of: Any) -> dict[str, Any]:
        """The parameters of the model by name, from those of the user: a module, its state dict, or a tree of arrays.

        `law.quantity(**report.parameters(module))` is the value of a law at a module's own parameters.
        """
        if self.provenance is None:
            return dict(of)
        found: dict[str, Any] = self.provenance.parameters(of)
        return found

    def text(self, *, all: bool = False, proof: bool = False, width: int = 100) -> str:
        """The report for a terminal; `all` lists every law, `proof` every step."""
        return self.formats.write("text", all, proof, width)

    def html(self, *, proof: bool = False) -> str:
        """The article as a page of HTML."""
        return self.formats.write("html", proof)

    def latex(self, *, standalone: bool = False, proof: bool = False) -> str:
        """The article in LaTeX, to be included or standing alone."""
        return self.formats.write("latex", standalone, proof)

    def numpy(self) -> str:
        """The laws as a Python module with a function of NumPy arrays for each."""
        return self.formats.write("numpy")

    def torch(self) -> str:
        """The laws as a Python module with a function of PyTorch tensors for each."""
        return self.formats.write("torch")

    def json(self) -> str:
        """The report as JSON with every derivation, which `equilaw replay` verifies."""
        return self.formats.write("json")

    def __str__(self) -> str:
        assumed = "".join(f"assumed: {line}\n" for line in self.assumptions)
        return self.text() + (f"\n{assumed}" if assumed else "")

    def __repr__(self) -> str:
        """What a terminal shows."""
        return str(self)

    def _repr_html_(self) -> str:
        # In a frame, so that the styles of the article stay there.
        page = _html.escape(self.html(), quote=True)
        assumed = "".join(f"<li>{_html.escape(line)}</li>" for line in self.assumptions)
        assumed = assumed and f"<p>The translation assumes:</p><ul>{assumed}</ul>"
        return f'{assumed}<iframe srcdoc="{page}" style="width:100%;height:36em;border:0"></iframe>'

    def _repr_latex_(self) -> None:
        """A report is shown as HTML."""
        return
