"""Layers that the code of several libraries has as one operation: norms along an axis, scale and shift, attention."""

from __future__ import annotations

import numpy

from .arithmetic import contracted, entrywise
from .images import plain
from .masks import masked
from .node import Node, current, node
from .parts import normalized
from .program import HIDDEN, Value, data, exact, lifted, to_numpy
from .shape import broadcast, reshaped
from .simplify import added, multiplied, scaled, subtracted
from .size import Unsupported, parted
from .tensor import Tensor


def along(kind: str, tensor: Tensor, axis: int, epsilon: float | None = None) -> Tensor:
    """A softmax or a normalization along an axis."""
    atoms = [a for a in tensor.axes[axis] if a[0] != "b"]
    if len(atoms) != 1 or atoms[0][0] not in "rc":
        raise Unsupported(f"{kind} over an axis in parts")
    of = None if not epsilon else exact(epsilon)

    def norm(x: Node) -> Node:
        return normalized(kind, x, atoms[0][0], of)

    return tensor.map(norm)


def affine(tensor: Tensor, gain: Tensor | None, bias: Tensor | None) -> Tensor:
    """A gain and a bias, where there are any."""
    tensor = tensor if gain is None else entrywise(multiplied, tensor, gain)
    return tensor if bias is None else entrywise(added, tensor, bias)


def standardized(tensor: Tensor, mean: Value, variance: Value, epsilon: float) -> Tensor:
    """A BatchNorm in evaluation mode, with the statistics of each channel that were collected."""
    current().note("BatchNorm is in evaluation mode: its statistics are fixed")
    shape = [1, tensor.shape[1]] + [1] * (tensor.rank - 2)
    center, width = to_numpy(mean.number), (to_numpy(variance.number) + epsilon) ** -0.5
    centered = entrywise(subtracted, tensor, reshaped(lifted(Value(center)), shape))
    return entrywise(multiplied, centered, reshaped(lifted(Value(width)), shape))


def grouped(tensor: Tensor, groups: int, epsilon: float) -> Tensor:
    """A GroupNorm: the channels of one example in groups, over all positions; where there are none, those of each sample."""
    channels = tensor.shape[1]
    if tensor.rank == 2:
        parts = reshaped(tensor, [tensor.shape[0], groups, channels // groups])
        return reshaped(along("layernorm", parts, 2, epsilon), tensor.shape)
    if tensor.shape[0] != 1:
        raise Unsupported("GroupNorm of several examples that are not independent")
    x = plain(tensor)
    if groups == channels:
        return tensor.map(lambda _: normalized("layernorm", x, "c", exact(epsilon) if epsilon else None))
    parted(x.rows, groups)
    found = node("groupnorm", (x,), (groups, exact(epsilon) if epsilon else None), x.rows, x.cols)
    return tensor.map(lambda _: found)


def shared(tensor: Tensor, heads: int) -> Tensor:
    """Keys or values that several queries have in common, for each of these."""
    batch, groups, *rest = tensor.shape
    if groups == heads:
        return tensor
    wide = broadcast(tensor, [batch, groups, heads // groups, *rest], [0, 1, *range(3, 3 + len(rest))])
    return reshaped(wide, [batch, heads, *rest])


def attended(
    query: Tensor, key: Tensor, value: Tensor, *, factor: float | None, mask: Value | None, causal: bool
) -> Tensor:
    """The softmax of products of queries and keys, times the values; 1/√d where no factor is given."""
    rank = query.rank
    if rank == 4:
        key, value = shared(key, query.shape[1]), shared(value, query.shape[1])
    batch = list(range(rank - 2))
    scores = contracted(query, key, ([rank - 1], [rank - 1]), (batch, batch))
    times = exact(factor or query.shape[-1] ** -0.5)
    scores = scores.map(lambda x: scaled(times, x))
    if mask is not None:
        number = numpy.asarray(mask.number)
        if number.dtype == bool and mask.is_constant:
            scores = masked(number, Value(numpy.zeros(scores.shape), scores), Value(-numpy.inf))
        else:
            scores = entrywise(added, scores, _additive(mask))
    if causal:
        keep = numpy.tril(numpy.ones(scores.shape[-2:], bool))
        scores = masked(keep, Value(numpy.zeros(scores.shape), scores), Value(-numpy.inf))
    return contracted(along("softmax", scores, rank - 1), value, ([rank - 1], [rank - 2]), (batch, batch))


def _additive(mask: Value) -> Tensor:
    if mask.is_constant:
        return data("M", numpy.maximum(to_numpy(mask.number), HIDDEN))
    return lifted(mask)
