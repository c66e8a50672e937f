"""The table of primitives of JAX: what each does to tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy

from .arithmetic import contracted, entrywise, maximum, of_two, summed
from .compositions import at_least, at_most, between, larger_of, smaller_of
from .elementwise import KNOWN, known
from .handlers import registering
from .images import positions_summed
from .layouts import convolution, pooled
from .losses import entries
from .masks import looked_up
from .program import Value, lifted, to_numpy
from .selections import moved, moved_as
from .shape import broadcast, concatenated, cut, permuted, reshaped, stacked
from .simplify import added, divided, function, multiplied, scaled, stopped, subtracted
from .size import Unsupported
from .steps import COMPARISONS, ROUNDINGS, chosen, compared, complement, conjunction, disjunction, rounded, truth
from .tensor import Tensor

Handler = Callable[["Call"], Any]
HANDLERS: dict[str, Handler] = {}


# Registers how primitives are translated.
handles = registering(HANDLERS)


class Call:
    """A primitive with its inputs, and the numbers that it gives."""

    def __init__(
        self,
        name: str,
        params: Mapping[str, Any],
        inputs: Sequence[Value],
        outputs: Sequence[Any],
        again: Callable[[numpy.ndarray], numpy.ndarray],
    ) -> None:
        self.name, self.params, self.inputs, self.outputs = name, params, inputs, outputs
        # What the primitive gives of another array in place of the first input.
        self.again = again

    def __getitem__(self, key: str) -> Any:
        return self.params[key]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(numpy.shape(self.outputs[0]))

    def tensor(self, k: int = 0) -> Tensor:
        return lifted(self.inputs[k])


# What computes with keys.
RANDOM = ("random_bits", "random_fold_in", "random_split", "random_unwrap", "random_wrap", "threefry2x32")

# What cannot be an arbitrary function.
FINAL = ("stop_gradient", "custom_vjp_call", *RANDOM)


def _elementwise(name: str) -> Handler:
    return lambda call: known(KNOWN[name])(call.tensor())


for _name in ("exp", "log", "tanh", "logistic", "sin", "cos", "abs", "rsqrt", "sqrt", "square"):
    HANDLERS[_name] = _elementwise(_name)


@handles("convert_element_type", "copy", "copy_p", "reduce_precision", "optimization_barrier")
def _same(call: Call) -> Tensor:
    return call.tensor()


@handles("stop_gradient")
def _held(call: Call) -> Tensor:
    return call.tensor().map(stopped)


for _names, _combine in (
    (("add", "add_any"), added),
    (("sub",), subtracted),
    (("mul",), multiplied),
    (("div",), divided),
):
    handles(*_names)(of_two(_combine))


@handles("neg")
def _negative(call: Call) -> Tensor:
    return call.tensor().map(lambda x: scaled(Fraction(-1), x))


@handles("max", "min")
def _bound(call: Call) -> Tensor:
    for k, other in ((0, 1), (1, 0)):
        if call.inputs[other].is_constant:
            number = to_numpy(call.inputs[other].number)
            if (number == (-numpy.inf if call.name == "max" else numpy.inf)).all():
                return call.tensor(k)
            if numpy.unique(number).size == 1 and numpy.isfinite(number).all():
                return (at_least if call.name == "max" else at_most)(call.tensor(k), float(number.flat[0]))
    return (larger_of if call.name == "max" else smaller_of)(call.tensor(0), call.tensor(1))


@handles("clamp")
def _clamp(call: Call) -> Tensor:
    low, x, high = call.inputs
    if not low.is_constant or not high.is_constant or numpy.size(low.number) > 1 or numpy.size(high.number) > 1:
        raise Unsupported("bounds that are arrays")
    return between(lifted(x), float(low.number), float(high.number))


@handles("integer_pow")
def _power(call: Call) -> Tensor:
    exponent = call["y"]
    tensor = call.tensor()
    if exponent == -1:
        return tensor.map(lambda x: function("recip", x))
    if exponent == 3:
        return entrywise(multiplied, tensor, known("square")(tensor))
    if exponent == 4:
        return known("square")(known("square")(tensor))
    if exponent != 2:
        raise Unsupported(f"the power {exponent}")
    return known("square")(tensor)


@handles("transpose")
def _transpose(call: Call) -> Tensor:
    return permuted(call.tensor(), call["permutation"])


@handles("broadcast_in_dim")
def _broadcast(call: Call) -> Tensor:
    return broadcast(call.tensor(), call["shape"], call["broadcast_dimensions"])


@handles("reshape", "squeeze", "expand_dims")
def _reshape(call: Call) -> Tensor:
    return reshaped(call.tensor(), call.shape)


@handles("reduce_sum")
def _sum(call: Call) -> Tensor:
    return summed(positions_summed(call.tensor(), call["axes"]), call["axes"])


@handles("reduce_max")
def _reduce_max(call: Call) -> Tensor:
    return maximum(call.tensor(), call["axes"])


@handles("conv_general_dilated")
def _convolution(call: Call) -> Tensor:
    return convolution(call.tensor(0), call.tensor(1), call.params, call.shape)


@handles("reduce_window_max", "reduce_window_sum")
def _pool(call: Call) -> Tensor:
    return pooled(call.tensor(), call.params, call.shape, call.name == "reduce_window_max")


@handles("dot_general")
def _dot(call: Call) -> Tensor:
    over, batch = call["dimension_numbers"]
    return contracted(call.tensor(0), call.tensor(1), over, batch)


@handles("split")
def _split(call: Call) -> list[Tensor]:
    sizes = call["sizes"]
    return [cut(call.tensor(), call["axis"], sum(sizes[:k]), size) for k, size in enumerate(sizes)]


@handles("slice")
def _slice(call: Call) -> Tensor:
    bounds = zip(call["start_indices"], call["limit_indices"], call["strides"] or [1] * call.tensor().rank)
    return moved(call.tensor(), [list(range(*bound)) for bound in bounds])


@handles("rev")
def _reversed(call: Call) -> Tensor:
    shape = call.tensor().shape
    return moved(call.tensor(), [list(range(s))[:: -1 if k in call["dimensions"] else 1] for k, s in enumerate(shape)])


@handles("pad")
def _pad(call: Call) -> Tensor:
    if not call.inputs[1].is_constant or numpy.any(call.inputs[1].number):
        raise Unsupported("padding that is not 0")
    places = []
    for size, (low, high, gap) in zip(call.tensor().shape, call["padding_config"]):
        if low < 0 or high < 0:
            raise Unsupported("padding that takes away")
        spread = [k // (gap + 1) if k % (gap + 1) == 0 else -1 for k in range((size - 1) * (gap + 1) + 1)]
        places.append([-1] * low + spread + [-1] * high)
    return moved(call.tensor(), places)


@handles("stack")
def _stack(call: Call) -> Tensor:
    return stacked([call.tensor(k) for k in range(len(call.inputs))], call["axis"])


@handles("concatenate")
def _concatenate(call: Call) -> Tensor:
    return concatenated([call.tensor(k) for k in range(len(call.inputs))], call["dimension"])


@handles("select_n")
def _select(call: Call) -> Tensor:
    which, *cases = call.inputs
    if len(cases) != 2:
        raise Unsupported("a choice of several")
    mask = numpy.asarray(which.number).astype(bool)
    if which.is_constant and (mask.all() or not mask.any()):
        return lifted(cases[int(mask.all())])
    return chosen(which, cases[1], cases[0])


@handles(*COMPARISONS)
def _comparison(call: Call) -> Tensor | Value:
    return compared(call.name, call.inputs[0], call.inputs[1], call.outputs[0])


@handles(*ROUNDINGS)
def _rounding(call: Call) -> Tensor | Value:
    return rounded(call.name, call.inputs[0], call.outputs[0])


@handles("is_finite")
def _finite(call: Call) -> Value:
    """At the points that are looked at numbers are finite."""
    return Value(call.outputs[0])


@handles("and")
def _and(call: Call) -> Any:
    return truth(conjunction, call.inputs, call.outputs[0])


@handles("or")
def _or(call: Call) -> Any:
    return truth(disjunction, call.inputs, call.outputs[0])


@handles("not")
def _not(call: Call) -> Any:
    return truth(lambda values, _: complement(lifted(values[0])), call.inputs, call.outputs[0])


@handles("gather")
def _gather(call: Call) -> Tensor:
    """Rows of a table: an embedding of tokens, or an array at indices that are constant; or of each row the entry that tokens name."""
    table, indices = call.inputs
    numbers = call["dimension_numbers"]
    if getattr(numbers, "operand_batching_dims", ()) == (0,) and numbers.start_index_map == (1,):
        return reshaped(entries(lifted(table), indices, 1), call.shape)
    rows = numpy.shape(table.number)[0]
    plain = numbers.collapsed_slice_dims == (0,) and numbers.start_index_map == (0,) and numpy.ndim(table.number) == 2
    if indices.is_constant:
        return moved_as(call.tensor(), call.name, call.again)
    if not plain or tuple(call["slice_sizes"]) != (1, numpy.shape(table.number)[1]):
        raise Unsupported("an index that is not one of rows")
    return looked_up(lifted(table), indices, rows, call.shape)
