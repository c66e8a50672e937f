"""Convolutions and windows of JAX: which arrays are images and filters, and in which order their axes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from .images import Windows, convolved, filters, image, largest_of, summed_up
from .shape import permuted
from .size import Unsupported
from .tensor import Tensor, flip, leaf

# An order of axes: batch and channels, or outgoing and incoming channels, and then the positions.
Order = tuple[int, ...]


@dataclass
class Layouts:
    """The order of the axes of images, where there are some, and of the filters among the inputs, by their place."""

    images: Order | None = None
    filters: dict[int, Order] = field(default_factory=dict)


def layouts(jaxpr: Any, called: Callable[[Any], Any]) -> Layouts:
    """What the convolutions of a jaxpr, and of the functions that it calls, are given."""
    found = Layouts()
    places = {id(v): k for k, v in enumerate(jaxpr.invars)}
    for eqn in jaxpr.eqns:
        inner = called(eqn)
        if eqn.primitive.name == "conv_general_dilated":
            numbers = eqn.params["dimension_numbers"]
            given: Mapping[int, Order] = {1: tuple(numbers.rhs_spec)}
            order: Order | None = tuple(numbers.lhs_spec)
        elif inner is not None:
            below = layouts(inner[0], called)
            given, order = below.filters, below.images
        else:
            continue
        found.images = found.images or order
        for k, own in given.items():
            if id(eqn.invars[k]) in places:
                found.filters[places[id(eqn.invars[k])]] = own
    return found


def filtering(kind: str, name: str, shape: Sequence[int], order: Order) -> Tensor:
    """A parameter that filters: outgoing by incoming channels for each tap, which come first or last in the code."""
    if order == tuple(range(len(shape))):
        return filters(kind, name, shape)
    return leaf(kind, name, name, shape)


def seen_as(name: str, array: numpy.ndarray, order: Order) -> Tensor:
    """Data that are an image, with axes in some order."""
    return permuted(image(name, array.transpose(order)), numpy.argsort(order).tolist())


def convolution(x: Tensor, weight: Tensor, params: Mapping[str, Any], shape: Sequence[int]) -> Tensor:
    """`conv_general_dilated`."""
    numbers = params["dimension_numbers"]
    if params["batch_group_count"] != 1:
        raise Unsupported("groups of a batch")
    x, weight = permuted(x, numbers.lhs_spec), permuted(weight, numbers.rhs_spec)
    if any(kind == "c" for kind, _ in weight.axes[0]) or any(kind == "r" for kind, _ in weight.axes[1]):
        weight = flip(weight)
    if [[kind for kind, _ in axis] for axis in weight.axes[2:]] != [["u"] * (s > 1) for s in weight.shape[2:]]:
        raise Unsupported("filters that are laid out otherwise")
    windows = Windows(
        params["window_strides"],
        [low for low, _ in params["padding"]],
        params["rhs_dilation"],
        spread=params["lhs_dilation"],
    )
    found = convolved(x, weight, [shape[k] for k in numbers.out_spec], windows, params["feature_group_count"])
    return permuted(found, numpy.argsort(numbers.out_spec).tolist())


def pooled(x: Tensor, params: Mapping[str, Any], shape: Sequence[int], largest: bool) -> Tensor:
    """`reduce_window_max` and `reduce_window_sum` of an image, whose channels are rows."""
    windows = list(
        zip(params["window_dimensions"], params["window_strides"], params["padding"], params["window_dilation"])
    )
    if any(d != 1 for d in params["base_dilation"]):
        raise Unsupported("windows of what is spread out")
    # Windows lie along positions alone.
    still = [i for i, (n, s, p, _) in enumerate(windows) if (n, s, tuple(p)) == (1, 1, (0, 0))]
    channels = next((i for i, _ in x.places("r")), still[-1] if still else -1)
    batch = next((i for i in still if i != channels), -1)
    if channels not in still or batch < 0:
        raise Unsupported("windows over channels or examples")
    order = [batch, channels, *(i for i in range(x.rank) if i not in (batch, channels))]
    size, stride, padding, dilation = zip(*(windows[i] for i in order[2:]))
    lying, out = Windows(stride, [low for low, _ in padding], dilation), [shape[i] for i in order]
    found = (largest_of if largest else summed_up)(permuted(x, order), out, size, lying)
    return permuted(found, numpy.argsort(order).tolist())
