"""The one table of ATen operations: what each does to tensors. Both versions of the reader of PyTorch use it, and it needs no PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy

from .arithmetic import contracted, entrywise, meaned, summed
from .elementwise import ARBITRARY, KNOWN, arbitrary, known
from .handlers import registering
from .images import Windows, averaged, convolved, largest_of, plain, wide
from .layers import affine, along, attended, grouped, standardized
from .masks import looked_up
from .node import current
from .parts import normalized
from .program import Pull, Value, constants, exact, lifted, to_numpy
from .shape import broadcast, concatenated, cut, permuted, reshaped, selected, split, stacked
from .simplify import added, divided, function, multiplied, scaled, stopped, subtracted
from .size import Unsupported
from .steps import COMPARISONS, ROUNDINGS, chosen, compared, complement, conjunction, disjunction, rounded, truth
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
    ) -> None:
        self.name, self.args, self.kwargs, self.outputs, self.pull = name, args, kwargs, outputs, pull

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
        rank = self.tensor().rank
        return int(self.get(k, key, default)) % rank


handles = registering(HANDLERS)


def _elementwise(name: str) -> Handler:
    return lambda call: known(KNOWN[name])(call.tensor())


for _name in KNOWN:
    if _name not in ("elu", "softplus"):
        HANDLERS[_name] = _elementwise(_name)


@handles("elu", "softplus")
def _with_constants(call: Call) -> Tensor:
    numbers = [x for x in call.args[1:] if x is not None]
    usual = {"elu": (1, 1, 1), "softplus": (1, 20)}[call.name]
    if tuple(numbers) != usual[: len(numbers)]:
        return call.arbitrary(call.name, "smooth")
    if call.name == "softplus":
        current().note("softplus is taken as it is, where PyTorch has x beyond 20")
    return known(call.name)(call.tensor())


@handles("hardtanh")
def _hardtanh(call: Call) -> Tensor:
    bounds = (call.get(1, "min_val", -1), call.get(2, "max_val", 1))
    if bounds == (0, 6):
        return known("relu6")(call.tensor())
    if bounds != (-1, 1):
        raise Unsupported("bounds of hardtanh")
    return known("hardtanh")(call.tensor())


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
        raise Unsupported("a slice with steps")
    high = size if high is None else min(high if high >= 0 else high + size, size)
    low = low if low >= 0 else low + size
    return cut(call.tensor(), axis, low, high - low)


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
def _mul(call: Call) -> Tensor:
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
    if isinstance(exponent, Value) or exponent not in names and exponent != 3:
        raise Unsupported("a power")
    if exponent == 3:
        return entrywise(multiplied, tensor, known("square")(tensor))
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
        return reshaped(
            averaged(tensor, [*tensor.shape[:2], *[1] * len(window)], window, window, [0] * len(window)), call.shape
        )
    return reshaped((meaned if call.name == "mean" else summed)(tensor, axes), call.shape)


# Softmaxes and normalizations.


@handles("softmax", "_softmax", "_safe_softmax")
def _softmax(call: Call) -> Tensor:
    return along("softmax", call.tensor(), call.axis(1))


@handles("log_softmax", "_log_softmax")
def _log_softmax(call: Call) -> Tensor:
    return along("logsoftmax", call.tensor(), call.axis(1))


def _norm_of(call: Call, kind: str, epsilon: float, bias: int | None) -> Any:
    if len(call.args[1]) != 1:
        raise Unsupported("a norm over several axes")
    tensor = call.tensor()
    found = affine(
        along(kind, tensor, tensor.rank - 1, epsilon), call.maybe(2, "weight"), call.maybe(3, "bias") if bias else None
    )
    return found if len(call.outputs) == 1 else [found, *[None] * (len(call.outputs) - 1)]


@handles("layer_norm", "native_layer_norm")
def _layer_norm(call: Call) -> Any:
    return _norm_of(call, "layernorm", call.get(4, "eps", 1e-5), 3)


@handles("rms_norm", "_fused_rms_norm")
def _rms_norm(call: Call) -> Any:
    epsilon = call.get(3, "eps")
    # Where none is given it is that of the type, here of doubles.
    return _norm_of(call, "rmsnorm", float(numpy.finfo(float).eps) if epsilon is None else epsilon, None)


@handles(
    "batch_norm",
    "native_batch_norm",
    "cudnn_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_functional",
    "_native_batch_norm_legit_no_training",
)
def _batch_norm(call: Call) -> Any:
    tensor = call.tensor()
    wide = [1, tensor.shape[1]] + [1] * (tensor.rank - 2)
    if "no_training" in call.name or not call.args[5]:
        epsilon = call.args[6] if "no_training" in call.name else call.args[7]
        found = standardized(tensor, call.args[3], call.args[4], epsilon)
    elif tensor.rank == 2:
        found = along("layernorm", tensor, 0, call.args[7])
    else:
        over_positions = normalized("layernorm", plain(tensor), "c", exact(call.args[7]))
        found = tensor.map(lambda _: over_positions)
    gain, bias = (None if x is None else reshaped(x, wide) for x in (call.maybe(1, "weight"), call.maybe(2, "bias")))
    found = affine(found, gain, bias)
    return found if len(call.outputs) == 1 else [found, *[None] * (len(call.outputs) - 1)]


@handles("group_norm", "native_group_norm")
def _group_norm(call: Call) -> Any:
    tensor, native = call.tensor(), call.name.startswith("native")
    groups, epsilon = (call.args[6], call.args[7]) if native else (call.args[1], call.get(4, "eps", 1e-5))
    wide = [1, tensor.shape[1]] + [1] * (tensor.rank - 2)
    weights = (call.maybe(1 if native else 2, "weight"), call.maybe(2 if native else 3, "bias"))
    found = affine(grouped(tensor, groups, epsilon), *(None if x is None else reshaped(x, wide) for x in weights))
    return found if len(call.outputs) == 1 else [found, *[None] * (len(call.outputs) - 1)]


@handles("convolution", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _convolution(call: Call) -> Tensor:
    general, spread = call.name == "convolution", call.name.startswith("conv_transpose")
    x, weight, rank = call.tensor(0), call.tensor(1), len(call.shape) - 2
    dilation = wide(call.get(7 if spread else 5, "dilation"), rank, 1)
    padding = call.get(4, "padding")
    if isinstance(padding, str):
        # What is padded in front.
        padding = [d * (n - 1) // 2 if padding == "same" else 0 for d, n in zip(dilation, weight.shape[2:])]
    windows = Windows(
        wide(call.get(3, "stride"), rank, 1),
        wide(padding, rank, 0),
        dilation,
        transposed=spread or bool(general and call.get(6)),
    )
    found = convolved(x, weight, call.shape, windows, call.get(8 if general else 6, "groups", 1))
    bias = call.maybe(2, "bias")
    return found if bias is None else entrywise(added, found, reshaped(bias, [1, found.shape[1]] + [1] * rank))


@handles("max_pool1d", "max_pool2d", "max_pool2d_with_indices", "max_pool3d_with_indices")
def _max_pool(call: Call) -> Any:
    rank = len(call.shape) - 2
    window = wide(call.args[1], rank)
    stride, padding = wide(call.get(2, "stride"), rank, window), wide(call.get(3, "padding"), rank, 0)
    found = largest_of(call.tensor(), call.shape, window, stride, padding, wide(call.get(4, "dilation"), rank, 1))
    return found if len(call.outputs) == 1 else [found, None]


@handles("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _average_pool(call: Call) -> Tensor:
    rank = len(call.shape) - 2
    window = wide(call.args[1], rank)
    stride, padding = wide(call.get(2, "stride"), rank, window), wide(call.get(3, "padding"), rank, 0)
    return averaged(call.tensor(), call.shape, window, stride, padding)


@handles("adaptive_avg_pool2d", "_adaptive_avg_pool2d", "adaptive_avg_pool1d")
def _adaptive(call: Call) -> Tensor:
    x, out = call.tensor(), call.shape
    if any(n % m for n, m in zip(x.shape[2:], out[2:])):
        raise Unsupported("windows of different sizes")
    window = [n // m for n, m in zip(x.shape[2:], out[2:])]
    return averaged(x, out, window, window, [0] * len(window))


@handles(
    "scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_attention_math"
)
def _attention(call: Call) -> Any:
    found = attended(
        *(call.tensor(k) for k in range(3)),
        factor=call.kwargs.get("scale"),
        mask=call.get(3, "attn_mask"),
        causal=call.get(5, "is_causal", False),
    )
    return found if len(call.outputs) == 1 else [found, *[None] * (len(call.outputs) - 1)]


@handles("bernoulli", "native_dropout")
def _chance(call: Call) -> Tensor:
    if call.name == "native_dropout" and not call.get(2, "train", True):
        return call.tensor()
    raise Unsupported("it drops out at random in training mode: call eval(), or set its probability to 0")


@handles("zeros_like", "ones_like", "new_zeros", "new_ones")
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


@handles("logical_and", "bitwise_and", "__and__")
def _and(call: Call) -> Any:
    return truth(conjunction, [call.value(0), call.value(1)], call.outputs[0])


@handles("logical_or", "bitwise_or", "__or__")
def _or(call: Call) -> Any:
    return truth(disjunction, [call.value(0), call.value(1)], call.outputs[0])


@handles("logical_not", "bitwise_not")
def _not(call: Call) -> Any:
    return truth(lambda values, _: complement(lifted(values[0])), [call.value(0)], call.outputs[0])


@handles("index_select")
def _index_select(call: Call) -> Tensor:
    tensor, axis, which = call.tensor(), call.axis(1), call.args[2]
    if not which.is_constant or any(kind in "rc" for kind, _ in tensor.axes[axis]):
        raise Unsupported("some of the rows of a matrix")
    return stacked([selected(tensor, axis, int(k)) for k in numpy.asarray(which.number)], axis)


@handles("embedding")
def _embedding(call: Call) -> Tensor:
    table, indices = call.args[0], call.args[1]
    return looked_up(lifted(table), indices, numpy.shape(table.number)[0], call.shape)


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

__all__ = ["ARBITRARY", "FINAL", "HANDLERS", "Call"]
