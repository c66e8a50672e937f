"""Expressions as the text of a model."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy

from .columns import Columns, Samples
from .known import is_permutation, is_special
from .members import below
from .node import Leaf, Node, Number, current
from .simplify import transposed
from .size import Dim, Unsupported

RESERVED = frozenset(
    "model dim param data let output loss action activation function potential dynamics repeat in any scalar x "
    "fixed inv det tr pi signature tril kron diag diagvec tril dot norm2 sum rows cols concat select ones zeros eye turn relu "
    "leaky_relu relu6 hardtanh hardsigmoid hardswish elu selu mish quick_gelu abs square tanh sigmoid silu gelu "
    "softplus exp log sqrt sin cos max min clip softmax logsoftmax layernorm rmsnorm normalize onehot lookup "
    "unfold taps stack vec maxpool avgpool batchnorm groupnorm grad next err hess vjp hess_loss hess_rows "
    "hess_cols deriv over last relabelled mse cross_entropy logistic exponential hinge huber infonce dpo "
    "stopgrad topk".split()
)

# Parameters and data; `flipped` are data that are declared transposed.
LEAVES = ("param", "data", "flipped")

# What is no computation, as which operation of the code it may be made by.
UNTOLD = (*LEAVES, "T", "num", "ones", "full")

# Defaults of sizes that would make the checks slow; the laws hold for all.
SMALL = (4, 5, 3, 6)

# So many samples, or positions, are enough for what they see of each other.
FEW = 4


@dataclass(frozen=True)
class Operation:
    """An operation of the code, in what of the model it stands: `value` is the name of a definition, or `F`, and `where` the file and line, of ONNX the name
    of the node, or nothing where the code does not tell."""

    value: str
    operation: str
    where: str


@dataclass
class Emission:
    """A text, and what its names stand for."""

    text: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    leaves: dict[str, tuple[Leaf, bool]] = field(default_factory=dict)
    # Values and derivatives of arbitrary functions. Behind some values are functions through which the text has no gradient: of each entry, whose
    # name stands there, or of matrices.
    recorded: dict[str, numpy.ndarray] = field(default_factory=dict)
    barriers: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    # What is multiplied with each of those that are shown.
    along: list[str] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    output_flipped: bool = False
    # The constant matrices that a count takes at generic values though they are special.
    special: list[str] = field(default_factory=list)


class Writer:
    """Writes the model of an output, in blocks that stand above each other.

    With `closed` arbitrary functions are what was recorded of them, and `shown` are made `let`s: a model that can be evaluated. A function of
    each entry that has a derivative is V + D ∘ (x − stopgrad(x)), which has its value and its derivative; others are parameters, whose gradients say what is
    passed on to them. With `paired` the output is the sum of the products ⟨P, x⟩ with data for each x that is shown.
    """

    def __init__(self, output: list[Node], *, closed: bool, shown: Sequence[Node] = (), paired: bool = False) -> None:
        everything = sorted(current().table.values(), key=lambda x: x.id)
        samples = Samples(everything)
        self.closed, self.paired = closed, paired
        self.columns = columns = Columns(samples)
        self.flipped = bool(samples.as_rows(output[0]))
        if len(output) > 1 and len({(id(x.rows and x.rows.root()), id(x.cols and x.cols.root())) for x in output}) > 1:
            raise Unsupported("an output in blocks of different shapes")
        self.output = [columns.go(x, self.flipped) for x in output]
        self.shown = [columns.go(x, False) for x in shown]
        self.names: dict[int, str] = {}
        # The output is named by the model.
        self.taken = {*RESERVED, "F"}
        self.dims: dict[int, tuple[str, Dim]] = {}
        self.functions: dict[int, tuple[str, str]] = {}
        self.activations: dict[str, str] = {}
        # The names of the values and derivatives of arbitrary functions of each entry.
        self.slopes: dict[int, tuple[str, str]] = {}
        self.found = Emission(output_flipped=self.flipped)
        self.notes: list[str] = []

    # Names and sizes.

    def free(self, wanted: str) -> str:
        base = re.sub(r"\W", "_", wanted, flags=re.ASCII).strip("_") or "v"
        base = f"p{base}" if base[0].isdigit() else base
        name, k = base, 2
        while name in self.taken:
            name, k = f"{base}_{k}", k + 1
        self.taken.add(name)
        return name

    def dim(self, dim: Dim | None) -> str:
        if dim is None:
            return "1"
        root = dim.root()
        if root.parts > 1:
            inner = root.piece(root.size // root.parts)
            return f"{root.parts}*{self.factor(inner)}" if inner else str(root.parts)
        if root.summands:
            return " + ".join(map(self.dim, root.summands))
        if id(root) not in self.dims:
            letters = [root.hint] if root.hint else []
            wanted = next((x for x in [*letters, *"hkmpqruvs"] if x not in self.taken), root.hint or "m")
            self.dims[id(root)] = (self.free(wanted), root)
        return self.dims[id(root)][0]

    def factor(self, dim: Dim | None) -> str:
        """A size in a product or a quotient."""
        own = self.dim(dim)
        return f"({own})" if re.search(r"\W", own) else own

    def shape(self, x: Node) -> str:
        if x.is_scalar:
            return "scalar"
        return f"{self.dim(x.rows)} x {self.dim(x.cols)}" if x.cols else self.dim(x.rows)

    def full_shape(self, x: Node) -> str:
        return f"{self.dim(x.rows)} x {self.dim(x.cols)}"

    def number(self, value: Number) -> str:
        fraction = Fraction(value)
        if fraction.denominator <= 1000:
            return str(fraction)
        # 1/√d of a size, of which there is one, or of a number.
        square = float(value) ** -2
        if value > 0 and abs(square - round(square)) < 1e-9 * square and round(square) < 10**6:
            of = [name for name, root in self.dims.values() if root.size == round(square)]
            return f"sqrt({of[0]})^-1" if len(of) == 1 else f"{round(square)}^(-1/2)"
        return decimal(fraction)

    # Formulas: 0 a sum, 1 a product, 2 a factor.

    def formula(self, x: Node, level: int = 0) -> str:
        if x.id in self.names:
            return self.names[x.id]
        text, own = self.operation(x)
        return f"({text})" if own < level else text

    def operation(self, x: Node) -> tuple[str, int]:
        f, args = self.formula, x.args
        if x.op == "num":
            text = self.number(x.attr)
            return text, 2 if re.fullmatch(r"\d+", text) else 0 if text.startswith("-") else 1
        if x.op == "ones":
            return f"ones({self.dim(x.rows)}, {self.dim(x.cols)})", 2
        if x.op == "full":
            ones = f"ones({self.dim(x.rows)}, {self.dim(x.cols)})"
            return (ones, 2) if x.attr == 1 else (f"{self.number(x.attr)} * {ones}", 1)
        if x.op == "T":
            return f"{f(args[0], 2)}'", 2
        if x.op in ("mul", "smul"):
            return f"{f(args[0], 1)} * {f(args[1], 2)}", 1
        if x.op == "had":
            return f"{f(args[0], 2)} .* {f(args[1], 2)}", 1
        if x.op == "scale":
            return (
                (f"-{f(args[0], 2)}", 0)
                if x.attr == -1
                else (f"{self.number(x.attr)} * {f(args[0], 2)}", 1 if x.attr > 0 else 0)
            )
        if x.op == "add":
            return f"{f(args[0])} + {f(args[1], 1)}", 0
        if x.op == "sub":
            return f"{f(args[0])} - {f(args[1], 1)}", 0
        if x.id in self.slopes:
            value, slope = self.slopes[x.id]
            return f"{value} + {slope} .* ({f(args[0])} - stopgrad({f(args[0])}))", 0
        if x.op == "f":
            powers = {"recip": "-1", "rsqrt": "(-1/2)"}
            if x.attr in powers:
                return f"{f(args[0], 2)} .^ {powers[x.attr]}", 1
            return f"{self.activation(x.attr) if x.attr.startswith('?') else x.attr}({f(args[0])})", 2
        if x.op == "norm":
            return self.norm(x)
        if x.op == "groupnorm":
            groups, epsilon = x.attr
            end = f", {decimal(Fraction(epsilon))}" if epsilon else ""
            return f"groupnorm({f(args[0])}, {groups}{end})", 2
        if x.op == "sum":
            over = self.dim(args[0].size(x.attr))
            return (f"ones(1, {over}) * {f(args[0], 2)}" if x.attr == "r" else f"{f(args[0], 1)} * ones({over}, 1)"), 1
        if x.op == "dots":
            a, b = args if x.attr == "c" else map(transposed, args)
            return f"diagvec({f(a, 1)} * {f(transposed(b), 2)}){chr(39) if x.attr == 'r' else ''}", 2
        if x.op == "mean":
            over, many = self.dim(args[0].size(x.attr)), self.factor(args[0].size(x.attr))
            return (
                f"ones(1, {over}) * {f(args[0], 2)} / {many}"
                if x.attr == "r"
                else f"{f(args[0], 1)} * ones({over}, 1) / {many}"
            ), 1
        if x.op == "larger":
            return f"max({f(args[0])}, {f(args[1])})", 2
        if x.op == "stop":
            return f"stopgrad({f(args[0])})", 2
        if x.op == "onehot":
            return f"onehot({f(args[0])})", 2
        if x.op == "cat":
            return f"concat({', '.join(f(a) for a in args)})", 2
        if x.op == "opaque":
            return f"{self.function(x)}({', '.join(f(a) for a in args)})", 2
        raise Unsupported(f"{x.op} has no form in the language")

    def norm(self, x: Node) -> tuple[str, int]:
        kind, axis, epsilon = x.attr
        end = f", {decimal(Fraction(epsilon))}" if epsilon else ""
        # Along the rows of samples, a LayerNorm is a BatchNorm.
        if axis == "c" and kind == "layernorm":
            return f"batchnorm({self.formula(x.args[0])}{end})", 2
        if axis == "c":
            return f"{kind}({self.formula(transposed(x.args[0]))}{end})'", 2
        return f"{kind}({self.formula(x.args[0])}{end})", 2

    def activation(self, name: str) -> str:
        kind, own, _ = name[1:].split(":", 2)
        if name not in self.activations:
            self.activations[name] = self.free(own)
            self.notes.append(f"{own} is an arbitrary {kind} function of each entry")
        return self.activations[name]

    def function(self, x: Node) -> str:
        if x.id not in self.functions:
            own = self.free(x.attr[0])
            arguments = ", ".join(self.full_shape(a) for a in x.args)
            self.functions[x.id] = (own, f"function {own} : ({arguments}) -> {self.full_shape(x)}")
            self.notes.append(f"{own} is an arbitrary function of its arguments")
        return self.functions[x.id][0]

    # The model.

    def write(self, name: str, title: str, head: list[str]) -> Emission:
        order, uses = self.ordered()
        leaves = [x for x in order if x.op in LEAVES]
        recorded = [x for x in order if self.closed and is_arbitrary(x)]
        for x in leaves:
            leaf: Leaf = x.attr
            self.names[x.id] = self.free(leaf.name + "".join(f"_{k}" for k in counts(leaf)))
            self.found.leaves[self.names[x.id]] = (leaf, x.op == "flipped")
        declarations = [self.declaration(x) for x in sorted(leaves, key=lambda x: (x.op != "param", x.id))]
        declarations += [line for x in recorded for line in self.known(x)]
        lets: list[str] = []
        kept = {x.id for x in self.shown}
        for x in order:
            if x.id in self.names or (len(self.output) == 1 and x is self.output[0] and x.id not in kept):
                continue
            if is_told(x, uses) or x.id in kept and x.op not in ("num",):
                own = self.free(f"Z{len(lets) + 1}")
                lets.append(self.defined("let   ", own, x))
                self.names[x.id] = own
        self.found.shown = [self.names.get(x.id, "") for x in self.shown]
        if self.paired:
            self.found.along = [self.free("P") for _ in self.shown]
            declarations += [f"data  {own} : {self.shape(x)}" for own, x in zip(self.found.along, self.shown)]
            body = " + ".join(f"dot({own}, {self.formula(x)})" for own, x in zip(self.found.along, self.shown))
            output = f"output F = {body}"
        else:
            output = self.defined("output", "F", *self.output)
        dims = [f"{own} = {self.default(k, root)}" for k, (own, root) in enumerate(self.dims.values())]
        self.found.sizes = {own: root.size for own, root in self.dims.values()}
        lines = [f"# {line}" for line in [*head, *(f"Assumed: {note}." for note in [*current().notes, *self.notes])]]
        lines += [f'model {name} "{title}"', ""]
        lines += [f"dim {', '.join(dims)}", ""] if dims else []
        lines += self.arbitrary()
        lines += [*declarations, "", *lets, output, "loss any", ""]
        self.found.text = "\n".join(lines)
        return self.found

    def defined(self, head: str, own: str, *blocks: Node, indices: str = "") -> str:
        """What a name stands for, in blocks above each other, and behind it where that is in the code."""
        parts = [self.formula(x) for x in blocks]
        body = parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"
        inner = (x for x in below(blocks, self.names) if x.op not in UNTOLD)
        places = list(dict.fromkeys(x.place for x in inner if x.place))
        self.found.operations += [Operation(own, x.operation, x.where) for x in places]
        lines = ", ".join(dict.fromkeys(os.path.basename(x.where) for x in places if x.where))
        return f"{head} {own}{indices} = {body}" + (f"   # {lines}" if lines else "")

    def arbitrary(self) -> list[str]:
        """The declarations of arbitrary functions."""
        activations = [f"activation {own} : {name[1:].partition(':')[0]}" for name, own in self.activations.items()]
        return [*activations, *(line for _, line in self.functions.values())]

    def default(self, k: int, dim: Dim) -> int:
        if self.closed:
            return dim.size
        small = dim.size if dim.size <= 8 else SMALL[k % len(SMALL)]
        return min(small, FEW) if dim.hint == "n" else small

    def declaration(self, x: Node) -> str:
        leaf: Leaf = x.attr
        own = self.names[x.id]
        kind = "param" if x.op == "param" else "data"
        fixed = self.fixed(own, [leaf], x) if kind == "data" else ""
        what = f"   # {leaf.told()}" if leaf.cuts or str(leaf.key) != own and leaf.kind == "param" else ""
        return f"{kind:5} {own} : {self.shape(x)}{fixed}{what}"

    def fixed(self, own: str, leaves: Sequence[Leaf], x: Node) -> str:
        """What is said of data that are the same for all samples."""
        if any(leaf.kind in ("input", "image", "tokens") for leaf in leaves):
            return ""
        rows, _, columns = self.shape(x).partition(" x ")
        if rows == columns and all(map(is_permutation, leaves)):
            return " fixed permutation"
        if any(map(is_special, leaves)):
            self.found.special.append(own)
        return " fixed"

    def known(self, x: Node) -> Iterator[str]:
        """Declares what was recorded of an arbitrary function."""
        trace = current()
        if x.id not in trace.recorded:
            raise Unsupported("an arbitrary function without a recorded value")
        value = self.free("V")
        self.found.recorded[value] = trace.recorded[x.id]
        if x.id in trace.slopes:
            slope = self.free("D")
            self.found.recorded[slope] = trace.slopes[x.id]
            self.slopes[x.id] = (value, slope)
            yield from (f"data  {own} : {self.shape(x)}" for own in (value, slope))
        else:
            self.names[x.id] = value
            self.found.barriers[value] = x.attr.split(":")[1] if x.op == "f" else ""
            yield f"param {value} : {self.shape(x)}"

    def named(self, x: Node) -> str | None:
        """The name that stands for an expression."""
        return self.names.get(self.columns.go(x, False).id)

    def ordered(self) -> tuple[list[Node], dict[int, int]]:
        """The nodes that are used, each after its arguments, and how often each is."""
        uses: dict[int, int] = {}
        order: list[Node] = []
        open_: list[tuple[Node, bool]] = [(x, False) for x in reversed([*self.output, *self.shown])]
        while open_:
            x, done = open_.pop()
            if done:
                order.append(x)
                continue
            uses[x.id] = uses.get(x.id, 0) + 1
            if uses[x.id] > 1:
                continue
            open_.append((x, True))
            open_ += [(a, False) for a in reversed(x.args)]
        return order, uses


def is_arbitrary(x: Node) -> bool:
    return x.op == "opaque" or x.op == "f" and x.attr.startswith("?")


def is_told(x: Node, uses: Mapping[int, int]) -> bool:
    """Whether a value gets a name of its own: proofs go from one to the next."""
    told = x.op in ("norm", "groupnorm", "opaque", "onehot", "cat", "larger", "stop") or (
        x.op == "f" and x.attr not in ("square", "recip", "rsqrt")
    )
    return told or uses[x.id] > 1 and x.op in ("mul", "add", "had", "sub", "scale", "f", "smul", "sum", "mean", "dots")


def counts(leaf: Leaf) -> list[int]:
    """Which blocks a part is: the first index, the second block; where it begins, if blocks have several sizes."""
    return [start if axis in "utv" or start % length else start // length for axis, start, length in leaf.cuts]


def decimal(value: Fraction) -> str:
    """A number as the language reads it: exact where it has few digits, otherwise as a double has it."""
    if value.numerator == 1 and value.denominator > 1000:
        digits = len(str(value.denominator)) - 1
        if value.denominator == 10**digits:
            return f"1e-{digits}"
    if value.denominator <= 10**6:
        return str(value)
    return repr(float(value)) if abs(float(value)) >= 1e-4 else f"{float(value):.17g}"
