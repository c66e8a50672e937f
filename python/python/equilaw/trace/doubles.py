"""A file of ONNX in double precision, in which translations are compared: files are written in single precision, and some operators of the
reference evaluator compute in it whatever they are given."""

from __future__ import annotations

import math
from typing import Any

import numpy
import onnx
from onnx import TensorProto, numpy_helper
from onnx.reference.op_run import OpRun

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE)


class Erf(OpRun):
    def _run(self, x: Any) -> Any:
        return (numpy.vectorize(math.erf, otypes=[float])(x),)


class Gelu(OpRun):
    def _run(self, x: Any, approximate: str | None = None) -> Any:
        if approximate == "tanh":
            return (x / 2 * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),)
        return (x / 2 * (1 + numpy.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))),)


class GroupNormalization(OpRun):
    def _run(
        self, x: Any, scale: Any, bias: Any, num_groups: int = 1, epsilon: float | None = None, stash_type: Any = None
    ) -> Any:
        parts = x.reshape(len(x), num_groups, -1)
        under = parts.var(-1, keepdims=True) + (
            1e-5 if epsilon is None else doubled(numpy.asarray([epsilon], numpy.float32))
        )
        normalized = ((parts - parts.mean(-1, keepdims=True)) / numpy.sqrt(under)).reshape(x.shape)
        wide = (-1, *[1] * (x.ndim - 2))
        return (normalized * scale.reshape(wide) + bias.reshape(wide),)


class HardSigmoid(OpRun):
    def _run(self, x: Any, alpha: float | None = None, beta: float | None = None) -> Any:
        slope = 0.2 if alpha is None else meant(alpha, 1 / 6, 0.2)
        return (numpy.clip(slope * x + (0.5 if beta is None else beta), 0, 1),)


class HardSwish(OpRun):
    def _run(self, x: Any) -> Any:
        return (x * numpy.clip(x / 6 + 0.5, 0, 1),)


class Selu(OpRun):
    def _run(self, x: Any, alpha: float | None = None, gamma: float | None = None) -> Any:
        negative, factor = 1.6732632423543772, 1.0507009873554805
        negative = negative if alpha is None else meant(alpha, negative)
        factor = factor if gamma is None else meant(gamma, factor)
        return (factor * numpy.where(x > 0, x, negative * numpy.expm1(numpy.minimum(x, 0))),)


# Operators in place of those of the evaluator, whose constants or values have single precision there.
PRECISE = [Erf, Gelu, GroupNormalization, HardSigmoid, HardSwish, Selu]


def meant(number: float, *candidates: float) -> float:
    """Which of these a number of single precision is the rounding of; itself where it is of none."""
    return next((x for x in candidates if numpy.float32(x) == numpy.float32(number)), number)


def is_uniform(x: numpy.ndarray) -> bool:
    flat = numpy.asarray(x, dtype=numpy.float64).reshape(-1)
    return bool((flat == flat[:1]).all())


# The largest integer whose root is looked for.
ROOTS = numpy.arange(1, 4097)


def doubled(x: numpy.ndarray) -> numpy.ndarray:
    """An array in double precision; one number of single precision is read as the number that was meant."""
    array = numpy.asarray(x, dtype=numpy.float64)
    if not array.size or not is_uniform(array) or x.dtype == numpy.float64 or not numpy.isfinite(array).all():
        return array
    value = float(array.reshape(-1)[0])
    size = numpy.abs(value)
    for roots in (ROOTS**0.5, ROOTS**-0.5):
        near = roots[roots.astype(x.dtype) == numpy.asarray(size, x.dtype)]
        if near.size:
            return numpy.full(array.shape, numpy.copysign(near[0], value))
    return numpy.full(array.shape, float(str(x.reshape(-1)[0])))


def in_doubles(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph for double precision, with its initialisers as inputs."""
    new = onnx.ModelProto()
    new.CopyFrom(model)
    initial = {x.name: x.data_type for x in new.graph.initializer}
    del new.graph.initializer[:]
    inputs = [x.name for x in new.graph.input]
    for own, kind in initial.items():
        if own not in inputs:
            new.graph.input.append(onnx.helper.make_tensor_value_info(own, kind, None))
    for node in new.graph.node:
        for attribute in node.attribute:
            if attribute.name in ("value_float", "value_floats") and node.op_type == "Constant":
                numbers = numpy.asarray(onnx.helper.get_attribute_value(attribute), numpy.float32)
                attribute.CopyFrom(onnx.helper.make_attribute("value", numpy_helper.from_array(doubled(numbers))))
            elif attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in FLOATS:
                attribute.t.CopyFrom(numpy_helper.from_array(doubled(numpy_helper.to_array(attribute.t))))
            elif node.op_type == "Cast" and attribute.name == "to" and attribute.i in FLOATS:
                attribute.i = TensorProto.DOUBLE
    return new
