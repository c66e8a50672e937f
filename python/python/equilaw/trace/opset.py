"""The table of ONNX operators: what each does to tensors. It needs no ONNX; what ATen has too is done by its table."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy

from . import aten
from .arithmetic import contracted, entrywise, maximum, of_two, summed, summed_over
from .aten import Call
from .elementwise import KNOWN, known
from .handlers import registering
from .images import Windows, averaged, largest_of, wide
from .layers import affine, along, attended
from .masks import looked_up
from .program import Value, exact, lifted
from .shape import broadcast, concatenated, cut, permuted, reshaped, selected, split
from .simplify import added, divided, function, multiplied, scaled, subtracted
from .size import Unsupported
from .tensor import Tensor

Handler = Callable[[Call], Any]
HANDLERS: dict[str, Handler] = {}


# Registers how operators are translated: inputs are arguments by place, attributes arguments by name.
handles = registering(HANDLERS)


def by_aten(call: Call, name: str, *args: Any, **kwargs: Any) -> Any:
    """The operation of ATen that computes the same."""
    return aten.HANDLERS[name](Call(name, args, kwargs, call.outputs[:1]))


def constant_at(call: Call, k: int, default: Any = None) -> Any:
    """The numbers of an input that has to be constant."""
    value = call.get(k)
    if value is None:
        return default
    if not value.is_constant:
        raise Unsupported(f"{call.name} with an input that depends on values")
    return numpy.asarray(value.number)


# Functions of each entry.

ELEMENTWISE = {
    "Abs": "abs",
    "Cos": "cos",
    "Exp": "exp",
    "HardSwish": "hardswish",
    "Log": "log",
    "Mish": "mish",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Sin": "sin",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Tanh": "tanh",
}

# Of these it is known what they are to a change of sign.
ODD = {
    "Asinh": "asinh",
    "Atan": "atan",
    "Cosh": "cosh",
    "Erf": "erf",
    "Sinh": "sinh",
    "Softsign": "softsign",
    "Tan": "tan",
}


def _elementwise(name: str) -> Handler:
    return lambda call: known(KNOWN[name])(call.tensor())


def _arbitrary(name: str) -> Handler:
    return lambda call: call.arbitrary(name)


HANDLERS.update({own: _elementwise(name) for own, name in ELEMENTWISE.items()})
HANDLERS.update({own: _arbitrary(name) for own, name in ODD.items()})


@handles("Elu", "Selu", "HardSigmoid", "Swish", "Celu")
def _with_constants(call: Call) -> Tensor:
    """Functions with constants: with the usual ones those of the language."""
    usual = {
        "Elu": {"alpha": 1.0},
        "Selu": {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875},
        "HardSigmoid": {"alpha": 1 / 6, "beta": 0.5},
        "Swish": {"alpha": 1.0},
        "Celu": {"alpha": 1.0},
    }[call.name]
    defaults = {**usual, "alpha": 0.2} if call.name == "HardSigmoid" else usual
    if any(abs(call.kwargs.get(key, defaults[key]) - number) > 1e-6 for key, number in usual.items()):
        return call.arbitrary(call.name.lower(), "smooth")
    name = {"Elu": "elu", "Selu": "selu", "HardSigmoid": "hardsigmoid", "Swish": "silu", "Celu": "elu"}[call.name]
    return known(name)(call.tensor())


@handles("Gelu")
def _gelu(call: Call) -> Any:
    return by_aten(call, "gelu", call.args[0], call.kwargs.get("approximate", "none"))


@handles("LeakyRelu")
def _leaky(call: Call) -> Any:
    return by_aten(call, "leaky_relu", call.args[0], call.kwargs.get("alpha", 0.01))


@handles("Clip")
def _clip(call: Call) -> Tensor:
    low, high = constant_at(call, 1, -math.inf), constant_at(call, 2, math.inf)
    names: dict[tuple[float, float], str] = {(0, 6): "relu6", (-1, 1): "hardtanh", (0, math.inf): "relu"}
    name = names.get((float(low), float(high)))
    if name is None:
        raise Unsupported("bounds of a clip")
    return known(name)(call.tensor())


# What only moves entries, or nothing.


@handles("Identity", "Cast", "CastLike")
def _same(call: Call) -> Value:
    value = call.args[0]
    kind = numpy.asarray(call.outputs[0]).dtype.kind
    if kind != ("f" if value.tokens is None else "i"):
        raise Unsupported("values as numbers of another kind")
    return Value(call.outputs[0], value.tensor, value.tokens)


@handles("Dropout")
def _dropout(call: Call) -> Any:
    if constant_at(call, 2, False):
        raise Unsupported("dropout in training mode")
    return [Value(call.outputs[0], call.args[0].tensor, call.args[0].tokens), *[None] * (len(call.outputs) - 1)]


@handles("Transpose")
def _transpose(call: Call) -> Tensor:
    tensor = call.tensor()
    return permuted(tensor, call.kwargs.get("perm", list(reversed(range(tensor.rank)))))


@handles("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def _reshape(call: Call) -> Any:
    if call.args[0].tokens:
        return Value(call.outputs[0], None, call.args[0].tokens)
    return reshaped(call.tensor(), call.shape)


@handles("Expand", "Tile")
def _expand(call: Call) -> Tensor:
    tensor, shape = call.tensor(), call.shape
    missing = len(shape) - tensor.rank
    if any(s not in (1, n) for s, n in zip(tensor.shape, shape[missing:])):
        raise Unsupported("entries repeated one after the other")
    return broadcast(tensor, shape, list(range(missing, len(shape))))


@handles("Concat")
def _concat(call: Call) -> Tensor:
    parts = [lifted(x) for x in call.args]
    return concatenated(parts, call.kwargs["axis"] % parts[0].rank)


@handles("Split", "SplitToSequence")
def _split(call: Call) -> list[Tensor]:
    if not call.kwargs.get("keepdims", 1) and len(call.args) == 1:
        raise Unsupported("a sequence of arrays of fewer axes")
    axis = call.kwargs.get("axis", 0) % call.tensor().rank
    return split(call.tensor(), axis, [numpy.shape(o)[axis] for o in call.outputs])


@handles("Slice")
def _slice(call: Call) -> Any:
    if call.args[0].tokens:
        return by_aten(call, "slice", call.args[0])
    tensor = call.tensor()
    starts, ends = constant_at(call, 1), constant_at(call, 2)
    axes = constant_at(call, 3, numpy.arange(len(starts)))
    if (constant_at(call, 4, numpy.ones(1)) != 1).any():
        raise Unsupported("a slice with steps")
    for axis, low, high in zip(axes % tensor.rank, starts, ends):
        low, high, _ = slice(int(low), int(high)).indices(tensor.shape[axis])
        tensor = cut(tensor, int(axis), low, high - low)
    return tensor


@handles("Gather")
def _gather(call: Call) -> Tensor:
    """One index of an axis, consecutive ones, or rows of a table at tokens."""
    table, indices = lifted(call.args[0]), call.args[1]
    axis = call.kwargs.get("axis", 0) % table.rank
    if not indices.is_constant:
        if axis:
            raise Unsupported("an index that is not one of rows")
        return looked_up(table, indices, table.shape[0], call.shape)
    numbers = numpy.asarray(indices.number) % table.shape[axis]
    if numbers.ndim == 0:
        return selected(table, axis, int(numbers))
    flat = numbers.reshape(-1)
    if (flat != numpy.arange(flat[0], flat[0] + flat.size)).any():
        raise Unsupported("entries in another order")
    return reshaped(cut(table, axis, int(flat[0]), flat.size), call.shape)


@handles("Pad")
def _pad(call: Call) -> Value:
    if numpy.any(constant_at(call, 1)):
        raise Unsupported("padding")
    return Value(call.outputs[0], call.args[0].tensor, call.args[0].tokens)


# Arithmetic.


@handles("Add", "Sum")
def _add(call: Call) -> Tensor:
    found = call.tensor()
    for k in range(1, len(call.args)):
        found = entrywise(added, found, call.tensor(k))
    return found


for _name, _combine in ("Sub", subtracted), ("Mul", multiplied), ("Div", divided):
    handles(_name)(of_two(_combine))


@handles("Neg")
def _negative(call: Call) -> Tensor:
    return call.tensor().map(lambda x: scaled(Fraction(-1), x))


@handles("Reciprocal")
def _reciprocal(call: Call) -> Tensor:
    return call.tensor().map(lambda x: function("recip", x))


@handles("Pow")
def _power(call: Call) -> Any:
    exponent = constant_at(call, 1)
    if exponent.size != 1:
        raise Unsupported("powers")
    return by_aten(call, "pow", call.args[0], float(exponent.reshape(-1)[0]))


@handles("Max")
def _max(call: Call) -> Tensor:
    if len(call.args) == 2:
        for k, other in ((0, 1), (1, 0)):
            if call.args[other].is_constant and not numpy.any(call.args[other].number):
                return known("relu")(call.tensor(k))
    raise Unsupported("the larger of two values")


@handles("MatMul")
def _product(call: Call) -> Any:
    return by_aten(call, "matmul", *call.args)


@handles("Gemm")
def _gemm(call: Call) -> Tensor:
    inner = [int(not call.kwargs.get("transA", 0)), int(call.kwargs.get("transB", 0))]
    found = contracted(call.tensor(0), call.tensor(1), ([inner[0]], [inner[1]]))
    found = _times(call.kwargs.get("alpha", 1.0), found)
    bias = call.maybe(2)
    return found if bias is None else entrywise(added, found, _times(call.kwargs.get("beta", 1.0), bias))


def _times(factor: float, tensor: Tensor) -> Tensor:
    return tensor if factor == 1 else tensor.map(lambda x: scaled(exact(factor), x))


@handles("ReduceSum", "ReduceMean", "ReduceMax")
def _reduce(call: Call) -> Any:
    """Axes are an input, or an attribute before opset 18; none are all."""
    tensor = call.tensor()
    axes = numpy.asarray(constant_at(call, 1, call.kwargs.get("axes", []))).tolist()
    if not axes and call.kwargs.get("noop_with_empty_axes", 0):
        return tensor
    axes = [axis % tensor.rank for axis in axes] or list(range(tensor.rank))
    if call.name == "ReduceMax":
        return reshaped(maximum(tensor, axes), call.shape)
    if call.name == "ReduceSum":
        return reshaped(summed(tensor, axes), call.shape)
    return by_aten(call, "mean", call.args[0], axes)


# By what ATen calls it.
SAME = {
    "And": "logical_and",
    "Ceil": "ceil",
    "Equal": "eq",
    "Floor": "floor",
    "Greater": "gt",
    "GreaterOrEqual": "ge",
    "Less": "lt",
    "LessOrEqual": "le",
    "Not": "logical_not",
    "Or": "logical_or",
    "Round": "round",
    "Sign": "sign",
    "Where": "where",
}


@handles(*SAME)
def _same_in_aten(call: Call) -> Any:
    return by_aten(call, SAME[call.name], *call.args)


# Softmaxes, normalizations, attention.


@handles("Softmax", "LogSoftmax")
def _softmax(call: Call) -> Tensor:
    tensor = call.tensor()
    return along(call.name.lower(), tensor, call.kwargs.get("axis", -1) % tensor.rank)


@handles("LayerNormalization", "RMSNormalization")
def _norm(call: Call) -> Any:
    tensor = call.tensor()
    axis = call.kwargs.get("axis", -1) % tensor.rank
    if axis != tensor.rank - 1:
        raise Unsupported("a norm over several axes")
    kind = "layernorm" if call.name == "LayerNormalization" else "rmsnorm"
    normalized = along(kind, tensor, axis, call.kwargs.get("epsilon", 1e-5))
    found = affine(normalized, call.maybe(1), call.maybe(2))
    return [found, *[None] * (len(call.outputs) - 1)]


@handles("BatchNormalization")
def _batch_norm(call: Call) -> Any:
    training, epsilon = bool(call.kwargs.get("training_mode", 0)), call.kwargs.get("epsilon", 1e-5)
    found = by_aten(call, "batch_norm", *call.args[:5], training, 0.0, epsilon)
    return [found, *[None] * (len(call.outputs) - 1)]


@handles("GroupNormalization")
def _group_norm(call: Call) -> Any:
    groups, epsilon = call.kwargs["num_groups"], call.kwargs.get("epsilon", 1e-5)
    return by_aten(call, "group_norm", call.args[0], groups, call.get(1), call.get(2), epsilon)


@handles("Attention")
def _attention(call: Call) -> Any:
    if call.get(4) is not None or call.get(5) is not None or call.kwargs.get("softcap"):
        raise Unsupported("attention with a cache or a soft cap")
    options = dict(factor=call.kwargs.get("scale"), mask=call.get(3), causal=bool(call.kwargs.get("is_causal", 0)))
    heads = [call.kwargs.get(key) for key in ("q_num_heads", "kv_num_heads", "kv_num_heads")]
    found = attended(*(_headed(call.tensor(k), many) for k, many in enumerate(heads)), **options)
    if call.tensor().rank == 3:
        found = reshaped(permuted(found, [0, 2, 1, 3]), call.shape)
    return [found, *[None] * (len(call.outputs) - 1)]


def _headed(tensor: Tensor, heads: int | None) -> Tensor:
    """Packed heads one by one."""
    if tensor.rank == 4 or heads is None:
        return tensor
    batch, length, width = tensor.shape
    return permuted(reshaped(tensor, [batch, length, heads, width // heads]), [0, 2, 1, 3])


@handles("Einsum")
def _einsum(call: Call) -> Tensor:
    return summed_over(call.kwargs["equation"], [call.tensor(k) for k in range(len(call.args))])


# Images.


def _window(call: Call, rank: int) -> tuple[list[int], list[int], list[int]]:
    """Stride, padding and dilation; how much is padded behind is told by the shape of what is computed."""
    if call.kwargs.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise Unsupported("padding by name")
    pads = list(call.kwargs.get("pads", [0] * 2 * rank))
    return wide(call.kwargs.get("strides"), rank, 1), pads[:rank], wide(call.kwargs.get("dilations"), rank, 1)


@handles("Conv")
def _convolution(call: Call) -> Any:
    stride, padding, dilation = _window(call, len(call.shape) - 2)
    groups = call.kwargs.get("group", 1)
    return by_aten(call, "convolution", *call.args[:2], call.get(2), stride, padding, dilation, False, [], groups)


@handles("ConvTranspose")
def _transposed_convolution(call: Call) -> Any:
    rank = len(call.shape) - 2
    stride, padding, dilation = _window(call, rank)
    beyond, groups = wide(call.kwargs.get("output_padding"), rank, 0), call.kwargs.get("group", 1)
    return by_aten(call, "convolution", *call.args[:2], call.get(2), stride, padding, dilation, True, beyond, groups)


@handles("MaxPool")
def _max_pool(call: Call) -> Any:
    stride, padding, dilation = _window(call, len(call.shape) - 2)
    window = list(call.kwargs["kernel_shape"])
    found = largest_of(call.tensor(), call.shape, window, Windows(stride, padding, dilation))
    return [found, *[None] * (len(call.outputs) - 1)]


@handles("AveragePool")
def _average_pool(call: Call) -> Tensor:
    stride, padding, dilation = _window(call, len(call.shape) - 2)
    border = bool(call.kwargs.get("count_include_pad", 0))
    if border and call.kwargs.get("ceil_mode", 0):
        raise Unsupported("means that are divided by other numbers")
    windows = Windows(stride, padding, dilation)
    return averaged(call.tensor(), call.shape, list(call.kwargs["kernel_shape"]), windows, border)


@handles("GlobalAveragePool")
def _global_average(call: Call) -> Tensor:
    tensor = call.tensor()
    return averaged(tensor, call.shape, list(tensor.shape[2:]))


# What depends on sizes alone.
SIZES = ("Shape", "Size")

# What cannot be an arbitrary function: what is random, and what may read more than its inputs.
FINAL = (
    "Bernoulli",
    "Dropout",
    "If",
    "Loop",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Scan",
    "SequenceMap",
)
