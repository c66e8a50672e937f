"""The one table of ATen operations: what each does to tensors. Both versions of the reader of PyTorch use it, and it needs no PyTorch."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy

from . import compositions, losses, networks, selections  # noqa: F401 - which enter their own translations
from .arithmetic import contracted, entrywise, meaned, summed
from .call import HANDLERS, Call, Handler, handles
from .complexes import is_complex, multiplied_complex
from .elementwise import ARBITRARY, KNOWN, known
from .images import averaged
from .masks import looked_up
from .node import current
from .program import Value, data, exact, lifted
from .shape import broadcast, concatenated, cut, joined, permuted, reshaped, same_layout, selected, split, stacked
from .simplify import added, divided, function, multiplied, scaled, stopped, subtracted
from .size import Unsupported
from .steps import COMPARISONS, ROUNDINGS, chosen, compared, complement, conjunction, disjunction, rounded, truth
from .tensor import Tensor


def _elementwise(name: str) -> Handler:
    return lambda call: known(KNOWN[name])(call.tensor())


for _name in KNOWN:
    if _name not in ("elu", "softplus"):
        HANDLERS.setdefault(_name, _elementwise(_name))


@handles("elu", "softplus")
def _with_constants(call: Call) -> Tensor:
    numbers = [x for x in call.args[1:] if x is not None]
    usual = {"elu": (1, 1, 1), "softplus": (1, 20)}[call.name]
    if tuple(numbers) != usual[: len(numbers)]:
        return call.arbitrary(call.name, "smooth")
    if call.name == "softplus":
        current().note("softplus is taken as it is, where PyTorch has x beyond 20")
    return known(call.name)(call.tensor())


@handles("gelu")
def _gelu(call: Call) -> Tensor:
    if call.get(1, "approximate", "none") == "tanh":
        return call.arbitrary("gelu_tanh")
    return known("gelu")(call.tensor())


@handles("leaky_relu")
def _leaky(call: Call) -> Tensor:
    return call.arbitrary("leaky", "homogeneous(1)")


# What only moves entries, or nothing.


@handles(
    "dropout",
    "feature_dropout",
    "contiguous",
    "clone",
    "_to_copy",
    "alias",
    "lift_fresh_copy",
    "lift_fresh",
    "to",
    "positive",
)
def _same(call: Call) -> Any:
    value = call.args[0]
    kind = numpy.asarray(call.outputs[0]).dtype.kind
    if value.tensor is not None and kind in "biu" and numpy.asarray(call.value(0).number).dtype.kind == "f":
        # Of numbers integers or truth values are made.
        if kind == "b":
            return compared("ne", value, Value(numpy.zeros(())), call.outputs[0])
        return rounded("trunc", value, call.outputs[0])
    return Value(call.outputs[0], value.tensor, value.tokens)


@handles("detach")
def _detached(call: Call) -> Any:
    value = call.args[0]
    return call.tensor().map(stopped) if value.tokens is None else Value(call.outputs[0], tokens=value.tokens)


@handles("t")
def _t(call: Call) -> Tensor:
    return permuted(call.tensor(), list(reversed(range(call.tensor().rank))))


@handles("transpose")
def _transpose(call: Call) -> Tensor:
    order = list(range(call.tensor().rank))
    i, j = call.axis(1), call.axis(2)
    order[i], order[j] = order[j], order[i]
    return permuted(call.tensor(), order)


@handles("permute")
def _permute(call: Call) -> Tensor:
    return permuted(call.tensor(), [d % call.tensor().rank for d in call.args[1]])


@handles("view", "reshape", "_unsafe_view", "flatten", "unflatten", "unsqueeze", "squeeze", "_reshape_alias")
def _reshape(call: Call) -> Any:
    if call.args[0].tokens:
        return Value(call.outputs[0], None, call.args[0].tokens)
    return reshaped(call.tensor(), call.shape)


@handles("expand", "broadcast_to")
def _expand(call: Call) -> Tensor:
    tensor, shape = call.tensor(), call.shape
    missing = len(shape) - tensor.rank
    return broadcast(tensor, shape, list(range(missing, len(shape))))


@handles("copy")
def _copy(call: Call) -> Tensor:
    """What is written over an array, as often as it goes into it."""
    written, shape = call.tensor(1), call.shape
    return broadcast(written, shape, list(range(len(shape) - written.rank, len(shape))))


@handles("select")
def _select(call: Call) -> Any:
    axis = call.axis(1)
    size = call.tensor().shape[axis]
    return selected(call.tensor(), axis, call.args[2] % size)


@handles("slice")
def _slice(call: Call) -> Any:
    if call.args[0].tokens:
        if numpy.shape(call.outputs[0]) == numpy.shape(call.args[0].number):
            return Value(call.outputs[0], None, call.args[0].tokens)
        raise Unsupported("some of the tokens")
    axis = call.axis(1)
    size = call.tensor().shape[axis]
    low, high, step = call.get(2, "start") or 0, call.get(3, "end"), call.get(4, "step", 1)
    if step != 1:
        return selections.selection(call)
    high = size if high is None else min(high if high >= 0 else high + size, size)
    low = low if low >= 0 else low + size
    try:
        return cut(call.tensor(), axis, low, high - low)
    except Unsupported:
        return selections.selection(call)


@handles("split", "split_with_sizes", "chunk", "unsafe_split", "unsafe_chunk")
def _split(call: Call) -> list[Tensor]:
    axis = call.axis(2)
    return split(call.tensor(), axis, [numpy.shape(o)[axis] for o in call.outputs])


@handles("unbind")
def _unbind(call: Call) -> list[Tensor]:
    axis = call.axis(1)
    return [selected(call.tensor(), axis, k) for k in range(call.tensor().shape[axis])]


@handles("cat", "concat", "concatenate")
def _cat(call: Call) -> Tensor:
    parts = [lifted(x) for x in call.args[0]]
    return concatenated(parts, int(call.get(1, "dim", 0)) % parts[0].rank)


@handles("slice_scatter", "select_scatter")
def _scatter(call: Call) -> Tensor:
    """An array with others in place of some of its entries along an axis."""
    whole, part, axis = call.tensor(0), call.tensor(1), call.axis(2)
    size = whole.shape[axis]
    if call.name == "select_scatter":
        low = call.args[3] % size
        shape = [*part.shape[:axis], 1, *part.shape[axis:]]
        part, high, step = reshaped(part, shape), low + 1, 1
    else:
        low, high, step = call.get(3, "start") or 0, call.get(4, "end"), call.get(5, "step", 1)
        low, high, _ = slice(low, high).indices(size)
    if step != 1:
        return _between(whole, part, axis, range(low, high, step))
    if high - low == size:
        return part
    rest = [cut(whole, axis, start, length) for start, length in ((0, low), (high, size - high)) if length]
    rest = [same_layout(x, part, axis) for x in rest]
    return joined([*rest[: low > 0], part, *rest[low > 0 :]], axis)


def _between(whole: Tensor, part: Tensor, axis: int, places: range) -> Tensor:
    """An array with others at places along an axis that have others between them: the sum of what stays and of what is put there."""
    size = whole.shape[axis]
    shape = [len(places) if i == axis else s for i, s in enumerate(whole.shape)]
    part = broadcast(part, shape, range(len(shape) - part.rank, len(shape)))
    put = selections.moved_along(part, axis, [places.index(k) if k in places else -1 for k in range(size)])
    if all(x.value == 0 for x in whole.blocks.flat):
        return put
    stays = selections.moved_along(whole, axis, [-1 if k in places else k for k in range(size)])
    return entrywise(added, stays, put)


@handles("stack")
def _stack(call: Call) -> Tensor:
    parts = [lifted(x) for x in call.args[0]]
    return stacked(parts, int(call.get(1, "dim", 0)) % (parts[0].rank + 1))


# Arithmetic.


def _times(call: Call, key: str, tensor: Tensor) -> Tensor:
    factor = call.kwargs.get(key, 1)
    return tensor if factor == 1 else tensor.map(lambda x: scaled(exact(factor), x))


@handles("add")
def _add(call: Call) -> Tensor:
    return entrywise(added, call.tensor(0), _times(call, "alpha", call.tensor(1)))


@handles("sub")
def _sub(call: Call) -> Tensor:
    return entrywise(subtracted, call.tensor(0), _times(call, "alpha", call.tensor(1)))


@handles("rsub")
def _rsub(call: Call) -> Tensor:
    return entrywise(subtracted, call.tensor(1), _times(call, "alpha", call.tensor(0)))


@handles("mul")
def _mul(call: Call) -> Any:
    if is_complex(call.value(0)) or is_complex(call.value(1)):
        return multiplied_complex(call.value(0), call.value(1), call.outputs[0])
    return entrywise(multiplied, call.tensor(0), call.tensor(1))


@handles("div")
def _div(call: Call) -> Tensor:
    if call.kwargs.get("rounding_mode"):
        raise Unsupported("a quotient that is rounded")
    return entrywise(divided, call.tensor(0), call.tensor(1))


@handles("neg")
def _neg(call: Call) -> Tensor:
    return call.tensor().map(lambda x: scaled(Fraction(-1), x))


@handles("reciprocal")
def _reciprocal(call: Call) -> Tensor:
    return call.tensor().map(lambda x: function("recip", x))


@handles("pow")
def _pow(call: Call) -> Tensor:
    exponent, tensor = call.args[1], call.tensor()
    names = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "recip"}
    if isinstance(exponent, Value) or exponent not in names and exponent not in (1, 3, 4):
        raise Unsupported("a power")
    if exponent == 1:
        return tensor
    if exponent == 3:
        return entrywise(multiplied, tensor, known("square")(tensor))
    if exponent == 4:
        return known("square")(known("square")(tensor))
    return known(names[exponent])(tensor)


@handles("addmm", "baddbmm", "addbmm")
def _addmm(call: Call) -> Tensor:
    if call.name == "addbmm":
        raise Unsupported("addbmm")
    batch = [0] if call.name == "baddbmm" else []
    found = contracted(call.tensor(1), call.tensor(2), ([len(batch) + 1], [len(batch)]), (batch, batch))
    if call.kwargs.get("beta", 1) == 0:
        return _times(call, "alpha", found)
    return entrywise(added, _times(call, "alpha", found), _times(call, "beta", call.tensor(0)))


@handles("mm", "bmm", "matmul", "mv", "dot")
def _matmul(call: Call) -> Tensor:
    a, b = call.tensor(0), call.tensor(1)
    batch = list(range(min(a.rank, b.rank) - 2))
    if batch and a.rank != b.rank:
        raise Unsupported("a product of arrays of different ranks")
    return contracted(a, b, ([a.rank - 1], [max(b.rank - 2, 0)]), (batch, batch))


@handles("linear")
def _linear(call: Call) -> Tensor:
    found = contracted(call.tensor(0), call.tensor(1), ([call.tensor(0).rank - 1], [1]))
    bias = call.maybe(2, "bias")
    return found if bias is None else entrywise(added, found, bias)


@handles("sum", "mean")
def _sum(call: Call) -> Tensor:
    tensor = call.tensor()
    axes = call.get(1, "dim")
    axes = (
        list(range(tensor.rank)) if axes is None or axes == [] else axes if isinstance(axes, (list, tuple)) else [axes]
    )
    axes = [d % tensor.rank for d in axes]
    if (
        call.name == "mean"
        and tensor.rank > 2
        and sorted(axes) == list(range(2, tensor.rank))
        and len(tensor.places("c")) > 1
    ):
        window = list(tensor.shape[2:])
        return reshaped(averaged(tensor, [*tensor.shape[:2], *[1] * len(window)], window), call.shape)
    return reshaped((meaned if call.name == "mean" else summed)(tensor, axes), call.shape)


# Choices, and what is random.


AT_RANDOM = "it drops out at random in training mode: call eval(), or set its probability to 0"


@handles("bernoulli", "dropout", "feature_dropout", "native_dropout")
def _chance(call: Call) -> Tensor:
    if "dropout" in call.name and (not call.get(2, "train", True) or call.get(1, "p") == 0):
        return call.tensor()
    raise Unsupported(AT_RANDOM)


@handles("zeros_like", "ones_like", "new_zeros", "new_ones", "empty_like", "new_empty", "full_like", "new_full")
def _filled(call: Call) -> Any:
    """What has the shape of an array, and nothing of its entries."""
    return Value(call.outputs[0])


@handles("rand_like", "randn_like")
def _noise(call: Call) -> Value:
    current().note("random numbers of the code are data, any for what is proved")
    return Value(call.outputs[0])


@handles("masked_fill")
def _masked_fill(call: Call) -> Tensor:
    return chosen(call.value(1), call.value(2), call.value(0))


@handles("where")
def _where(call: Call) -> Tensor:
    return chosen(call.value(0), call.value(1), call.value(2))


@handles(*COMPARISONS)
def _comparison(call: Call) -> Tensor | Value:
    return compared(call.name, call.value(0), call.value(1), call.outputs[0])


@handles(*ROUNDINGS)
def _rounding(call: Call) -> Tensor | Value:
    if call.kwargs.get("decimals"):
        raise Unsupported("rounded decimals")
    return rounded(call.name, call.value(0), call.outputs[0])


@handles("isfinite", "isinf", "isnan")
def _finite(call: Call) -> Value:
    """At the points that are looked at numbers are finite."""
    return Value(call.outputs[0])


@handles("logical_and", "bitwise_and", "__and__")
def _and(call: Call) -> Any:
    return truth(conjunction, [call.value(0), call.value(1)], call.outputs[0])


@handles("logical_or", "bitwise_or", "__or__")
def _or(call: Call) -> Any:
    return truth(disjunction, [call.value(0), call.value(1)], call.outputs[0])


@handles("logical_not", "bitwise_not")
def _not(call: Call) -> Any:
    return truth(lambda values, _: complement(lifted(values[0])), [call.value(0)], call.outputs[0])


@handles("embedding")
def _embedding(call: Call) -> Tensor:
    """Rows of a table; no gradient passes to the one that stands for padding."""
    table, indices, padding = call.args[0], call.args[1], call.get(2, "padding_idx", -1)
    if call.get(3, "scale_grad_by_freq", False):
        raise Unsupported("gradients that are divided by how often a token occurs")
    rows, whole = numpy.shape(table.number)[0], lifted(table)
    if padding >= 0:
        held = numpy.arange(rows) == padding
        moving, still = (contracted(data("D", numpy.diag(m.astype(float))), whole, ([1], [0])) for m in (~held, held))
        whole = entrywise(added, moving, still.map(stopped))
        current().note(f"row {padding} of an embedding stands for padding, and is not trained")
    return looked_up(whole, indices, rows, call.shape)


@handles("embedding_bag", "_embedding_bag", "_embedding_bag_forward_only")
def _embedding_bag(call: Call) -> list[Tensor | None]:
    """Sums, or means, of the rows of a table that stand in one bag, as a product with a matrix that is fixed."""
    table, indices, offsets = call.args[:3]
    mode, weights, padding = call.get(4, "mode", 0), call.get(6, "per_sample_weights"), call.get(8, "padding_idx", -1)
    if mode not in (0, 1) or weights is not None or (padding is not None and padding >= 0) or not offsets.is_constant:
        raise Unsupported("bags with weights, or with the largest of each entry")
    if call.get(3, "scale_grad_by_freq", False):
        raise Unsupported("gradients that are divided by how often a token occurs")
    many, bags = math.prod(numpy.shape(indices.number)), call.shape[0]
    rows, dim = numpy.shape(table.number)
    starts = numpy.asarray(offsets.number)[:bags]
    own = numpy.searchsorted(starts, numpy.arange(many), side="right") - 1
    within = (own == numpy.arange(bags)[:, None]).astype(float)
    if mode == 1:
        within /= numpy.maximum(within.sum(1, keepdims=True), 1)
    found = contracted(data("B", within), looked_up(lifted(table), indices, rows, (many, dim)), ([1], [0]))
    return [found, *[None] * (len(call.outputs) - 1)]


# What cannot be an arbitrary function.
FINAL = (
    "detach",
    "dropout",
    "native_dropout",
    "bernoulli",
    "rand",
    "randn",
    "randint",
    "multinomial",
)

__all__ = ["ARBITRARY", "AT_RANDOM", "FINAL", "HANDLERS", "Call"]
