"""A function of JAX: its jaxpr, walked on symbols and on numbers side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy

from .elementwise import ARBITRARY, KNOWN, arbitrary, known
from .inputs import input_name
from .layouts import filtering, layouts, seen_as
from .loops import LONGEST, Loop
from .node import current
from .primitives import FINAL, HANDLERS, RANDOM, Call
from .program import Program, Pull, Recorder, Value, constants, lifted, width
from .shape import selected, stacked
from .size import Unsupported
from .tensor import leaf
from .translation import Translation, Untraceable, frozen_names, other_sizes, translate


def trace(
    f: Callable[..., Any],
    params: Any,
    *data: Any,
    name: str | None = None,
    frozen: Sequence[str] = (),
    seed: int = 0,
    fold: bool = True,
) -> Translation:
    """Translates `f(params, *data)`.

    `params` is a tree of arrays, each of which becomes a parameter, named by its place: `layers_0_w`. Those whose
    name begins with a string of `frozen` are not trained, and become data that are fixed. `data` are arrays with
    samples, or positions, as rows; integers are tokens. Only shapes matter: random arrays of these shapes are put
    in, and with a row more in each array of data. Identical blocks are told once, in a `repeat`, unless `fold` is
    false. Raises
    `Disagreement` where what was translated does not give the values and gradients of `f`, `Untraceable` where it
    cannot be translated.
    """
    own = name or getattr(f, "__name__", "traced").strip("<>")
    fixed = frozen_names(frozen, list(named(params)))

    with _readable():
        several = len(jax.tree.leaves(jax.eval_shape(f, params, *data)))
    f = _first_of(f)

    def run(growth: int) -> Program:
        if several > 1:
            current().note(f"of {several} arrays that are returned the first is what a loss is a function of")
        with jax.enable_x64(True):
            return _run(f, params, _grown(data, growth), fixed, seed + growth, growth > 0)

    # The positions of images are written out, so that these have one size.
    order = layouts(jax.make_jaxpr(f)(params, *data).jaxpr, called).images
    pictured = order is not None and any(numpy.ndim(x) == len(order) for x in jax.tree.leaves(data))
    growths = (0,) if pictured else (0, 1)
    head = [f"Traced from {own}, a function of JAX. Parameters have the shapes of the code, samples are columns."]
    return translate(run, name=_identifier(own), title=own, head=head, arrays=named, growths=growths, fold=fold)


def _first_of(f: Callable[..., Any]) -> Callable[..., Any]:
    """The first array of floating numbers that a function returns."""

    def first(*args: Any) -> Any:
        found = [x for x in jax.tree.leaves(f(*args)) if jnp.issubdtype(jnp.asarray(x).dtype, jnp.floating)]
        if not found:
            raise Untraceable("what the function returns holds no array of floating numbers")
        return found[0]

    return first


@contextmanager
def _readable() -> Iterator[None]:
    """What JAX refuses to trace is said in words."""
    try:
        yield
    except jax.errors.ConcretizationTypeError as error:
        where = re.search(r"tracing the function .*? at (\S+:\d+)", str(error))
        at = f", in the function at {where[1]}" if where else ""
        raise Untraceable(f"what the code does depends on the values of arrays, as a branch does{at}") from error


def named(tree: Any) -> dict[str, Any]:
    """The arrays of a tree by their places."""
    return {_place(path): array for path, array in jax.tree_util.tree_flatten_with_path(tree)[0]}


def _place(path: Sequence[Any]) -> str:
    keys = (getattr(k, "key", getattr(k, "idx", getattr(k, "name", k))) for k in path)
    return "_".join(re.sub(r"\W+", "_", str(k)) for k in keys) or "theta"


def _identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_") or "traced"
    return f"m{found}" if found[0].isdigit() else found


def _grown(data: Sequence[Any], growth: int) -> Any:
    def longer(x: Any) -> Any:
        x = numpy.asarray(x)
        return numpy.concatenate([x, x[:growth]]) if x.ndim else x

    return jax.tree.map(longer, tuple(data))


def _run(f: Callable[..., Any], params: Any, data: Any, frozen: tuple[str, ...], seed: int, grown: bool) -> Program:
    rng = numpy.random.default_rng(seed)

    def drawn(x: Any, spread: Callable[[Sequence[int]], float] = width) -> Any:
        x = numpy.asarray(x)
        return jnp.asarray(x if x.dtype.kind in "iub" else rng.normal(size=x.shape) * spread(x.shape))

    params, data = jax.tree.map(drawn, params), jax.tree.map(lambda x: drawn(x, lambda _: 1.0), data)
    with other_sizes(grown):
        closed = jax.make_jaxpr(f)(params, *data)
    arrays, laid = current().arrays, layouts(closed.jaxpr, called)
    inputs = []
    for k, (own, array) in enumerate(named(params).items()):
        if array.dtype.kind in "iub":
            inputs.append(Value(numpy.asarray(array)))
            continue
        arrays[own] = numpy.asarray(array)
        kind = "fixed" if own in frozen else "param"
        filtered = filtering(kind, own, array.shape, laid.filters[k]) if k in laid.filters else None
        inputs.append(Value(array, filtered or leaf(kind, own, own, array.shape)))
    leaves = jax.tree.leaves(data)
    for k, array in enumerate(leaves):
        own = input_name("" if len(leaves) == 1 else str(k + 1), arrays)
        if array.dtype.kind in "iub":
            inputs.append(Value(array, tokens="T" if len(leaves) == 1 else f"T{k + 1}"))
            continue
        if laid.images is not None and array.ndim == len(laid.images):
            inputs.append(Value(array, seen_as(own, numpy.asarray(array), laid.images)))
            continue
        arrays[own] = numpy.asarray(array)
        inputs.append(Value(array, leaf("input", own, own, array.shape, ("n", "d") if array.ndim > 1 else ("d",))))
    numbers = jax.jit(lambda values: carried_out(closed.jaxpr, closed.consts, values))([v.number for v in inputs])
    walk = Walk(numbers)
    outputs = walk.run(closed.jaxpr, closed.consts, inputs)

    def gradient(along: numpy.ndarray) -> dict[str, numpy.ndarray]:
        with jax.enable_x64(True):
            pulled = jax.jit(lambda p, z: jax.vjp(lambda p: f(p, *data), p)[1](z)[0])(params, jnp.asarray(along))
            return {own: numpy.asarray(g) for own, g in named(pulled).items() if g.dtype != jax.dtypes.float0}

    number = numpy.asarray(jax.jit(f)(params, *data))
    return walk.recorder.program(lifted(outputs[0]), number, gradient)


Path = tuple[int, ...]


def carried_out(jaxpr: Any, consts: Sequence[Any], inputs: Sequence[Any]) -> dict[str, list[Any]]:
    """The values of all equations by their place, those of functions that are called and of loops included."""
    found: dict[str, list[Any]] = {}

    def run(jaxpr: Any, consts: Sequence[Any], inputs: Sequence[Any], path: Path) -> list[Any]:
        env: dict[Any, Any] = {**dict(zip(jaxpr.constvars, consts)), **dict(zip(jaxpr.invars, inputs))}

        def read(v: Any) -> Any:
            return v.val if isinstance(v, jax.extend.core.Literal) else env[v]

        for k, eqn in enumerate(jaxpr.eqns):
            outputs = equation(eqn, [read(v) for v in eqn.invars], (*path, k))
            found[str((*path, k))] = outputs
            env.update(zip(eqn.outvars, outputs))
        return [read(v) for v in jaxpr.outvars]

    def equation(eqn: Any, inputs: list[Any], path: Path) -> list[Any]:
        name, inner = eqn.primitive.name, called(eqn)
        if name == "scan" and eqn.params["length"] <= LONGEST:
            loop = Loop(eqn.params)
            body, constants = inner or (None, ())
            return loop.run(
                inputs, lambda x, k: x[k], jnp.stack, lambda here, k: run(body, constants, here, (*path, k))
            )
        if inner is not None and name != "scan":
            return run(*inner, inputs, path)
        return bound(eqn, inputs)

    run(jaxpr, consts, inputs, ())
    return found


def bound(eqn: Any, inputs: Sequence[Any]) -> list[Any]:
    """The primitive of an equation at numbers."""
    params = eqn.primitive.get_bind_params(eqn.params)
    # Versions differ in what they return.
    subfuns, params = params if isinstance(params, tuple) else ((), params)
    outputs = eqn.primitive.bind(*subfuns, *inputs, **params)
    return list(outputs) if eqn.primitive.multiple_results else [outputs]


def pulled(f: Callable[[list[Any]], list[Any]], inputs: Sequence[Value]) -> Pull:
    """The derivative of a function of numbers by those that are no constants."""
    several = [k for k, v in enumerate(inputs) if v.tensor is not None]
    # Of integers and truth values nothing is a derivative.
    moving = [k for k in several if numpy.asarray(inputs[k].number).dtype.kind == "f"]

    def at(some: list[Any]) -> list[Any]:
        known = dict(zip(moving, some))
        return f([known.get(k, v.number) for k, v in enumerate(inputs)])

    def pull(cotangents: list[numpy.ndarray | None]) -> list[numpy.ndarray]:
        with jax.enable_x64(True):
            try:
                outputs, back = jax.vjp(at, [jnp.asarray(inputs[k].number) for k in moving])
                given = [
                    jnp.asarray(numpy.zeros(y.shape) if z is None else z, y.dtype)
                    if jnp.issubdtype(y.dtype, jnp.floating)
                    else numpy.zeros(y.shape, jax.dtypes.float0)
                    for y, z in zip(outputs, cotangents)
                ]
                found = dict(zip(moving, map(numpy.asarray, back(given)[0])))
                return [found.get(k, numpy.zeros(numpy.shape(inputs[k].number))) for k in several]
            except (NotImplementedError, ValueError) as error:
                raise Unsupported(f"an operation of the code has no derivative: {error}") from error

    return pull


def called(eqn: Any) -> tuple[Any, Sequence[Any]] | None:
    """The function that an equation calls: its jaxpr and constants."""
    params = eqn.params
    inner = params.get("jaxpr") or params.get("call_jaxpr") or params.get("fun_jaxpr")
    if inner is None or eqn.primitive.name in ("while", "cond"):
        return None
    return (inner.jaxpr, inner.consts) if hasattr(inner, "jaxpr") else (inner, ())


class Walk:
    """Translates equations one after the other; their numbers are known by their place."""

    def __init__(self, numbers: Mapping[str, list[Any]]) -> None:
        self.recorder = Recorder()
        self.numbers = numbers

    def run(self, jaxpr: Any, consts: Sequence[Any], inputs: Sequence[Value], path: Path = ()) -> list[Value]:
        env: dict[Any, Value] = {}

        def read(v: Any) -> Value:
            return Value(v.val) if isinstance(v, jax.extend.core.Literal) else env[v]

        env.update(zip(jaxpr.constvars, (c if isinstance(c, Value) else Value(c) for c in consts)))
        env.update(zip(jaxpr.invars, inputs))
        for k, eqn in enumerate(jaxpr.eqns):
            outputs = self.equation(eqn, [read(v) for v in eqn.invars], (*path, k))
            env.update(zip(eqn.outvars, outputs))
        return [read(v) for v in jaxpr.outvars]

    def equation(self, eqn: Any, inputs: list[Value], path: Path) -> list[Value]:
        name, inner = eqn.primitive.name, called(eqn)
        if name == "custom_vjp_call":
            raise Unsupported("a gradient that the code replaces")
        if all(v.is_constant for v in inputs):
            return [Value(_plain(o)) for o in self.numbers[str(path)]]
        if name == "scan":
            if inner is None or eqn.params["length"] > LONGEST:
                raise Unsupported("a long loop")
            return Loop(eqn.params).run(inputs, _at, _stack, lambda here, k: self.run(*inner, here, (*path, k)))
        if inner is not None:
            with current().at(eqn.params.get("name", name), _line(eqn)):
                return self.inlined(eqn.params.get("name", ""), inner, inputs, path)
        outputs = [_plain(o) for o in self.numbers[str(path)]]
        if name in RANDOM and not any(v.depends for v in inputs):
            current().note("random numbers of the code are data, any for what is proved")
            return [Value(o) for o in outputs]
        with current().at(name, _line(eqn)):
            return self.translated(name, eqn, inputs, outputs)

    def translated(self, name: str, eqn: Any, inputs: list[Value], outputs: list[Any]) -> list[Value]:
        try:
            if name not in ("gather", "eq") and any(v.tokens for v in inputs):
                return [_indexed(inputs, o) for o in outputs]
            handler = HANDLERS.get(name)
            if handler is None:
                raise Unsupported(f"{name} is not known")
            again = lambda array: numpy.asarray(bound(eqn, [jnp.asarray(array), *(v.number for v in inputs[1:])])[0])
            found = handler(Call(name, eqn.params, inputs, outputs, again))
        except Unsupported as error:
            if name in FINAL:
                raise
            if any(v.tokens for v in inputs):
                return [_indexed(inputs, o) for o in outputs]
            pull = pulled(lambda numbers: bound(eqn, numbers), inputs)
            if name in ARBITRARY and len(inputs) == 1:
                found = arbitrary(name, lifted(inputs[0]), outputs[0], constants(eqn.params), pull)
            else:
                current().note(f"{name} is an arbitrary function here: {error}")
                of = constants(inputs, eqn.params)
                found = self.recorder.arbitrary(name, inputs, outputs, of, pull)
        if isinstance(found, Value):
            return [found]
        tensors = list(found) if isinstance(found, (list, tuple)) else [found]
        values = []
        for tensor, number in zip(tensors, outputs):
            assert tensor.shape == numpy.shape(number), (name, tensor.shape, numpy.shape(number))
            values.append(Value(number, tensor))
            self.recorder.keep(values[-1])
        return values

    def inlined(self, name: str, inner: tuple[Any, Any], inputs: list[Value], path: Path) -> list[Value]:
        """A function that the code calls; one of `jax.nn` that the language has is that."""
        before = self.recorder
        self.recorder = Recorder()
        jaxpr, consts = inner
        outputs: list[Value] | None
        moving = [v for v in inputs if v.tensor is not None]
        own = name
        if name == "gelu":
            own = "gelu" if "erf" in str(jaxpr) else "gelu_tanh"
        is_function = own in KNOWN or own in ARBITRARY or own in ("gelu", "leaky_relu")
        steps = self.recorder
        try:
            outputs = self.run(jaxpr, consts, inputs, path)
        except Unsupported:
            if not is_function:
                raise
            outputs = None
        self.recorder = before
        if not is_function or len(moving) != 1 or outputs is None or len(outputs) != 1:
            before.add(steps)
            if outputs is None:
                raise Unsupported(name)
            return outputs
        number, tensor = outputs[0].number, lifted(moving[0])
        if own in KNOWN or own == "gelu":
            found = known(KNOWN.get(own, own))(tensor)
        else:
            of = constants(*(v for v in inputs if v.is_constant))
            inside = jax.extend.core.jaxpr_as_fun(jax.extend.core.ClosedJaxpr(jaxpr, list(consts)))
            pull = pulled(lambda numbers: inside(*numbers), inputs)
            found = arbitrary(own, tensor, number, of, pull, "homogeneous(1)" if own == "leaky_relu" else None)
        self.recorder.keep(Value(number, found))
        if own not in KNOWN and own != "gelu":
            self.recorder.keep_input(moving[0])
        return [Value(number, found)]


def _plain(x: Any) -> numpy.ndarray:
    """An array as numbers, keys as what they are made of."""
    return numpy.asarray(jax.random.key_data(x) if jnp.issubdtype(x.dtype, jax.dtypes.prng_key) else x)


def _line(eqn: Any) -> str:
    """File and line of an equation in the user's code, where this version of JAX tells them."""
    try:
        from jax._src.source_info_util import summarize

        found = re.match(r"(.*?:\d+)", str(summarize(eqn.source_info)))
        return found[1] if found else ""
    except (ImportError, AttributeError, TypeError):
        return ""


def _indexed(inputs: list[Value], number: Any) -> Value:
    """What is computed of tokens: the tokens again, as after negative indices were mapped to others, or no table can be read with it."""
    if any(v.tensor is not None for v in inputs):
        raise Unsupported("arithmetic of tokens")
    for value in inputs:
        same = numpy.array_equal(numpy.ravel(value.number), numpy.ravel(number))
        if value.tokens and not value.tokens.startswith(COMPUTED) and same and numpy.asarray(number).dtype.kind in "iu":
            return Value(number, tokens=value.tokens)
    return Value(number, tokens=COMPUTED)


# The name of what was computed from tokens.
COMPUTED = "?"


def _at(value: Value, k: int) -> Value:
    if value.tokens is not None:
        raise Unsupported("a loop over tokens")
    return Value(value.number[k], None if value.tensor is None else selected(value.tensor, 0, k))


def _stack(values: list[Value]) -> Value:
    number = numpy.stack([v.number for v in values])
    return (
        Value(number) if all(v.is_constant for v in values) else Value(number, stacked([lifted(v) for v in values], 0))
    )
