"""Complex numbers as pairs of real ones: rotations by positions are written with them."""

from __future__ import annotations

import numpy

from .arithmetic import entrywise
from .call import Call, handles
from .program import Value, lifted
from .shape import selected, stacked
from .simplify import added, multiplied, subtracted
from .tensor import Tensor


def is_complex(value: Value) -> bool:
    return value.parts is not None or numpy.asarray(value.number).dtype.kind == "c"


def parts(value: Value) -> tuple[Tensor, Tensor]:
    """The real and the imaginary part."""
    if value.parts is not None:
        return value.parts
    if value.tensor is not None:
        return value.tensor, lifted(Value(numpy.zeros(value.tensor.shape)))
    number = numpy.asarray(value.number)
    return lifted(Value(number.real)), lifted(Value(number.imag))


def multiplied_complex(a: Value, b: Value, number: object) -> Value:
    (ar, ai), (br, bi) = parts(a), parts(b)
    real = entrywise(subtracted, entrywise(multiplied, ar, br), entrywise(multiplied, ai, bi))
    imaginary = entrywise(added, entrywise(multiplied, ar, bi), entrywise(multiplied, ai, br))
    return Value(number, parts=(real, imaginary))


@handles("view_as_complex")
def _paired(call: Call) -> Value:
    x = call.tensor()
    return Value(call.outputs[0], parts=(selected(x, x.rank - 1, 0), selected(x, x.rank - 1, 1)))


@handles("view_as_real")
def _unpaired(call: Call) -> Tensor:
    real, imaginary = parts(call.args[0])
    return stacked([real, imaginary], real.rank)
