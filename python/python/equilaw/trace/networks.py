"""Layers as one operation of ATen: softmaxes, norms, convolutions, poolings, attention."""

from __future__ import annotations

import math
from typing import Any

import numpy

from . import selections
from .arithmetic import entrywise
from .call import Call, handles
from .images import Windows, averaged, convolved, largest_of, plain, wide
from .layers import affine, along, attended, grouped, standardized
from .parts import normalized
from .program import exact
from .shape import reshaped
from .simplify import added
from .size import Unsupported
from .tensor import Tensor


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
    windows = Windows(stride, padding, wide(call.get(4, "dilation"), rank, 1))
    found = largest_of(call.tensor(), call.shape, window, windows)
    return found if len(call.outputs) == 1 else [found, None]


@handles("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _average_pool(call: Call) -> Tensor:
    rank = len(call.shape) - 2
    window = wide(call.args[1], rank)
    stride, padding = wide(call.get(2, "stride"), rank, window), wide(call.get(3, "padding"), rank, 0)
    ceiling, border = call.get(4, "ceil_mode", False), call.get(5, "count_include_pad", True)
    if ceiling and border or call.get(6, "divisor_override") is not None:
        raise Unsupported("means that are divided by other numbers")
    return averaged(call.tensor(), call.shape, window, Windows(stride, padding), border)


@handles("adaptive_avg_pool2d", "_adaptive_avg_pool2d", "adaptive_avg_pool1d")
def _adaptive(call: Call) -> Tensor:
    x, out = call.tensor(), call.shape
    if any(n % m for n, m in zip(x.shape[2:], out[2:])):
        found: Tensor = selections.linear_in_positions(call)
        return found
    window = [n // m for n, m in zip(x.shape[2:], out[2:])]
    return averaged(x, out, window)


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


@handles("adaptive_max_pool1d", "adaptive_max_pool2d")
def _adaptive_max(call: Call) -> Any:
    x, out = call.tensor(), call.shape
    if any(n % m for n, m in zip(x.shape[2:], out[2:])):
        raise Unsupported("windows of different sizes")
    window = [n // m for n, m in zip(x.shape[2:], out[2:])]
    return _largest(call, x, out, window)


@handles("amax", "max")
def _max(call: Call) -> Any:
    """The largest of all positions of an image."""
    x, axes = call.tensor(), call.get(1, "dim")
    axes = sorted(
        d % x.rank for d in (axes if isinstance(axes, (list, tuple)) else [axes] if isinstance(axes, int) else [])
    )
    if x.rank < 3 or axes != list(range(2, x.rank)):
        raise Unsupported("the largest along an axis")
    return _largest(call, x, [*x.shape[:2], *[1] * (x.rank - 2)], list(x.shape[2:]))


def _largest(call: Call, x: Tensor, out: Any, window: list[int]) -> Any:
    if math.prod(window) > MOST:
        raise Unsupported("the largest of many")
    found = reshaped(largest_of(x, out, window), call.shape)
    return found if len(call.outputs) == 1 else [found, None]


# So many positions are written out.
MOST = 64
