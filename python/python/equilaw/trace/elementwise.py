"""Functions of each entry, by what PyTorch and JAX call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from .program import Pull, record, slope
from .simplify import function
from .tensor import Tensor

# Those that the language has, by the names of both.
KNOWN = {
    "abs": "abs",
    "cos": "cos",
    "elu": "elu",
    "exp": "exp",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "hardsigmoid": "hardsigmoid",
    "hardswish": "hardswish",
    "hardtanh": "hardtanh",
    "log": "log",
    "logistic": "sigmoid",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "rsqrt": "rsqrt",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "sin": "sin",
    "softplus": "softplus",
    "sqrt": "sqrt",
    "square": "square",
    "swish": "silu",
    "tanh": "tanh",
}

# Others: declared as arbitrary functions of each entry, with what is known of them.
ARBITRARY = {
    "asinh": "odd",
    "atan": "odd",
    "celu": "smooth",
    "cosh": "even",
    "erf": "odd",
    "erfc": "smooth",
    "expm1": "smooth",
    "gelu_tanh": "smooth",
    "hardshrink": "odd",
    "log1p": "smooth",
    "log_sigmoid": "smooth",
    "sinh": "odd",
    "softshrink": "odd",
    "softsign": "odd",
    "soft_sign": "odd",
    "tan": "odd",
}


def known(name: str) -> Callable[[Tensor], Tensor]:
    """A function of the language."""
    return lambda t: t.map(lambda x: function(name, x))


def arbitrary(name: str, t: Tensor, number: Any, of: str, pull: Pull | None, kind: str | None = None) -> Tensor:
    """An arbitrary function of each entry under a name, whose constants are `of`: with others it is another one. Its values are recorded, and its
    derivative by `pull`."""
    found = t.map(lambda x: function(f"?{kind or ARBITRARY[name]}:{name}:{of}", x))
    record(found, numpy.asarray(number, dtype=numpy.float64), slope(pull, number))
    return found
