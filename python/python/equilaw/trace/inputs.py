"""What goes into a function of the user: samples as rows, tokens, images."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy

from .images import image
from .node import current
from .program import Value, to_numpy
from .tensor import Tensor, leaf


def input_name(which: str, taken: Container[str]) -> str:
    """The name of an array that is given to the code, which no parameter has."""
    name = f"X{which}"
    while name in taken:
        name += "_"
    return name


def argument(which: str, number: Any, convolves: bool, taken: Container[str] = ()) -> Value:
    """An array that is given to the code, which is named after `which`. Integers are tokens; where there are convolutions, what has three
    axes or more is an image."""
    kind = numpy.asarray(number).dtype.kind
    if kind == "b":
        return Value(number)
    if kind in "iu":
        return Value(number, tokens=f"T{which}")
    array = to_numpy(number)
    if convolves and array.ndim > 2:
        return Value(number, image(input_name(which, taken), array))
    # An axis of one example in the middle, too.
    kept = [s for s in array.shape if s != 1] if array.ndim > 2 else list(array.shape)
    own = input_name(which, taken)
    current().arrays[own] = array.reshape(kept)
    plain = leaf("input", own, own, kept, ("n", "d") if len(kept) > 1 else ("d",))
    axes = iter(plain.axes)
    return Value(number, Tensor([[] if s == 1 and array.ndim > 2 else next(axes) for s in array.shape], plain.blocks))
