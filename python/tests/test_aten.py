"""The table of ATen operations on recorded graphs, as `torch.export` of PyTorch 2 gives them; PyTorch is not needed."""

import equilaw
import numpy
import pytest
from equilaw.trace import agree, aten
from equilaw.trace.emit import Writer
from equilaw.trace.node import tracing
from equilaw.trace.program import Recorder, Value, lifted
from equilaw.trace.tensor import leaf

rng = numpy.random.default_rng(0)


def softmax(x):
    x = numpy.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def attention(q, k, v, mask=None, dropout=0.0, is_causal=False, scale=None):
    scores = q @ k.swapaxes(-1, -2) * (scale or q.shape[-1] ** -0.5)
    if is_causal:
        scores = numpy.where(numpy.tril(numpy.ones(scores.shape[-2:], bool)), scores, -numpy.inf)
    return softmax(scores) @ v


def layer_norm(x, shape, weight, bias, eps):
    x = x - x.mean(-1, keepdims=True)
    return x / numpy.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight + bias


def rms_norm(x, shape, weight, eps):
    return x / numpy.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight


# What the operations compute, in NumPy.
MEANING = {
    "linear": lambda x, w, b=None: x @ w.T + (0 if b is None else b),
    "relu": lambda x: numpy.maximum(x, 0),
    "silu": lambda x: x / (1 + numpy.exp(-x)),
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "view": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, i, j: x.swapaxes(i, j),
    "chunk": lambda x, n, dim: numpy.split(x, n, dim),
    "scaled_dot_product_attention": attention,
    "slice": lambda x, dim, low, high: x.take(range(low, min(high, x.shape[dim])), dim),
    "split_with_sizes": lambda x, sizes, dim: numpy.split(x, numpy.cumsum(sizes)[:-1], dim),
}


def walked(inputs, graph):
    """A recorded graph: lines `(name, operation, arguments, keywords)`, the last of which is the output."""
    env = {}
    with tracing() as trace:
        for name, (kind, shape) in inputs.items():
            trace.arrays[name] = rng.normal(size=shape)
            env[name] = Value(trace.arrays[name], leaf(kind, name, name, shape, ("n", "d") if kind == "input" else ()))
        recorder = Recorder()
        for name, operation, arguments, keywords in graph:
            values = [env[a] if isinstance(a, str) else a for a in arguments]
            numbers = [v.number if isinstance(v, Value) else v for v in values]
            found = MEANING[operation](*numbers, **keywords)
            outputs = list(found) if isinstance(found, list) else [found]
            with trace.at(operation, ""):
                tensors = aten.HANDLERS[operation](aten.Call(operation, values, keywords, outputs))
                results = [Value(o, t) for o, t in zip(outputs, tensors if isinstance(tensors, list) else [tensors])]
                for k, value in enumerate(results):
                    recorder.keep(value)
                    env[f"{name}.{k}"] = value
            env[name] = results[0]
        number = numpy.asarray(results[0].number)

        class Skipped(Exception):
            pass

        def gradient(along):
            raise Skipped

        program = recorder.program(lifted(results[0]), number, gradient)
        # NumPy has no gradients: values are compared, and then this one is asked for.
        with pytest.raises(Skipped):
            pytest.fail(agree.disagreement(program, "recorded"))
        return Writer(list(program.output.blocks.flat), closed=False).write("recorded", "recorded", []).text


def test_an_attention_block_with_grouped_queries():
    inputs = dict(
        qkv=("param", (16, 8)), out=("param", (8, 8)), gain=("param", (8,)), bias=("param", (8,)), X=("input", (5, 8))
    )
    text = walked(
        inputs,
        [
            ("norm", "layer_norm", ["X", [8], "gain", "bias", 1e-5], {}),
            ("packed", "linear", ["norm", "qkv"], {}),
            ("parts", "split_with_sizes", ["packed", [8, 4, 4], -1], {}),
            ("q", "view", ["parts.0", (5, 2, 4)], {}),
            ("qh", "transpose", ["q", 0, 1], {}),
            ("k", "view", ["parts.1", (5, 1, 4)], {}),
            ("kh", "transpose", ["k", 0, 1], {}),
            ("v", "view", ["parts.2", (5, 1, 4)], {}),
            ("vh", "transpose", ["v", 0, 1], {}),
            ("one", "slice", ["qh", 0, 1, 2], {}),
            ("heads", "scaled_dot_product_attention", ["one", "kh", "vh"], dict(is_causal=True)),
            ("back", "transpose", ["heads", 0, 1], {}),
            ("flat", "view", ["back", (5, 4)], {}),
        ],
    )
    assert "layernorm(X, 1e-5)" in text and "softmax(" in text and "# qkv[4:8]" in text and "# qkv[8:12]" in text


def test_a_gated_network_with_a_norm():
    inputs = dict(up=("param", (10, 4)), down=("param", (4, 5)), gain=("param", (4,)), X=("input", (6, 4)))
    text = walked(
        inputs,
        [
            ("y", "rms_norm", ["X", [4], "gain", 1e-6], {}),
            ("h", "linear", ["y", "up"], {}),
            ("parts", "chunk", ["h", 2, -1], {}),
            ("gate", "silu", ["parts.0"], {}),
            ("z", "mul", ["gate", "parts.1"], {}),
            ("out", "linear", ["z", "down"], {}),
            ("sum", "add", ["X", "out"], {}),
        ],
    )
    assert "rmsnorm(X, 1e-6)" in text and "silu(" in text
    actions = equilaw.derive(text, complete=False).actions
    assert actions and all(action.proved for action in actions)


def test_a_wrong_meaning_is_noticed(monkeypatch):
    monkeypatch.setitem(MEANING, "silu", lambda x: numpy.maximum(x, 0))
    with pytest.raises(BaseException, match="value of silu differs"):
        test_a_gated_network_with_a_norm()


def test_every_elementwise_function_of_the_table_is_one_of_the_language():
    from equilaw.trace.elementwise import KNOWN

    for name in set(KNOWN.values()) - {"rsqrt"}:
        equilaw.evaluate(
            f"model m\nparam W : 2 x 2 positive\noutput F = {name}(W)\nloss any", dict(W=numpy.ones((2, 2)) * 0.3)
        )
