"""Functions of JAX, translated. That the translation is the function, in values and gradients and at two sets of
sizes, is a condition of there being one: a test that traces has tested that."""

import pathlib

import pytest

jax = pytest.importorskip("jax")

import equilaw  # noqa: E402
import equilaw.trace  # noqa: E402

jnp = jax.numpy


def S(*shape):
    return jnp.zeros(shape)


def mlp(p, x):
    for layer in p[:-1]:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return x @ p[-1]["w"] + p[-1]["b"]


MLP = (mlp, [dict(w=S(4, 5), b=S(5)), dict(w=S(5, 3), b=S(3))], S(6, 4))


def attention(p, x):
    q, k, v = x @ p["wq"], x @ p["wk"], x @ p["wv"]
    return jax.nn.softmax(q @ k.T / jnp.sqrt(q.shape[-1]), axis=-1) @ v @ p["wo"]


ATTENTION = (attention, dict(wq=S(4, 2), wk=S(4, 2), wv=S(4, 3), wo=S(3, 4)), S(5, 4))


def heads(p, x):
    """Fused projections, heads by reshape, a causal mask."""
    n, _ = x.shape
    q, k, v = ((x @ p[w]).reshape(n, 2, -1).transpose(1, 0, 2) for w in ("wq", "wk", "wv"))
    scores = jnp.einsum("hid,hjd->hij", q, k) / q.shape[-1] ** 0.5
    scores = jnp.where(jnp.tril(jnp.ones((n, n), bool)), scores, -jnp.inf)
    return (jax.nn.softmax(scores, axis=-1) @ v).transpose(1, 0, 2).reshape(n, -1) @ p["wo"]


HEADS = dict(wq=S(4, 4), wk=S(4, 4), wv=S(4, 4), wo=S(4, 4))


def normalized(x, gain, bias):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(jnp.var(x, axis=-1, keepdims=True) + 1e-5) * gain + bias


def block(p, x):
    x = x + heads(p["att"], normalized(x, p["g1"], p["b1"]))
    return x + jax.nn.gelu(normalized(x, p["g2"], p["b2"]) @ p["w1"] + p["c1"]) @ p["w2"] + p["c2"]


BLOCK = (
    block,
    dict(att=HEADS, g1=S(4), b1=S(4), g2=S(4), b2=S(4), w1=S(4, 5), c1=S(5), w2=S(5, 4), c2=S(4)),
    S(5, 4),
)


def rms(p, x):
    y = x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * p["gain"]
    return x + (jax.nn.silu(y @ p["gate"]) * (y @ p["up"])) @ p["down"]


RMS = (rms, dict(gate=S(4, 5), up=S(4, 5), down=S(5, 4), gain=S(4)), S(6, 4))


def scanned(p, x):
    """A recurrent network by `scan`."""

    def cell(h, _):
        h = jnp.tanh(h @ p["u"] + x @ p["w"])
        return h, None

    h, _ = jax.lax.scan(cell, jnp.zeros((x.shape[0], 3)), None, length=2)
    return h @ p["v"]


SCANNED = (scanned, dict(u=S(3, 3), w=S(4, 3), v=S(3, 2)), S(5, 4))


def each(p, x):
    """One example at a time, by `vmap`."""
    return jax.vmap(lambda row: p["b"] @ jnp.tanh(p["a"] @ row))(x)


EACH = (each, dict(a=S(3, 4), b=S(2, 3)), S(5, 4))


def tokens(p, t):
    return jax.nn.log_softmax(p["e"][t] @ p["e"].T, axis=-1)


TOKENS = (tokens, dict(e=S(7, 4)), jnp.array([1, 3, 3, 0, 5]))


CASES = dict(
    mlp=MLP,
    square=(mlp, [dict(w=S(4, 4), b=S(4))] * 3, S(4, 4)),
    attention=ATTENTION,
    heads=(heads, HEADS, S(5, 4)),
    block=BLOCK,
    rms=RMS,
    scanned=SCANNED,
    each=EACH,
    tokens=TOKENS,
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_function_is_translated(case):
    found = equilaw.trace.jax(*CASES[case])
    assert "\nfunction " not in found.text, found.text


def test_the_theorems_of_an_attention_head():
    report = equilaw.derive(*ATTENTION)
    assert sorted(action.group for action in report.actions if action.algebra_dim != "0") == ["GL(h)", "GL(k)"]
    assert report.complete.complete and report.clean
    law = report.laws["conserved"][0]
    assert law.quantity(**report.parameters(ATTENTION[1])).shape == (2, 2)


def test_an_operation_that_is_not_known_is_an_arbitrary_function():
    """What is proved then holds whatever it is: here the rescaling of the last two layers, which it does not touch."""
    f = lambda p, x: jax.nn.relu(jnp.cumsum(x @ p["k"], 0) @ p["w"]) @ p["v"]  # noqa: E731
    found = equilaw.trace.jax(f, dict(k=S(4, 5), w=S(5, 3), v=S(3, 2)), S(6, 4))
    assert "function cumsum" in found.text
    assert any(a.group.startswith("Diag+") and a.proved for a in found.derive(complete=False).actions)
    assert any("arbitrary function" in line for line in found.assumptions)


def conv(x, w, stride=(1, 1), padding="SAME", order=("NHWC", "HWIO", "NHWC"), **options):
    return jax.lax.conv_general_dilated(x, w, stride, padding, dimension_numbers=order, **options)


def image_network(p, x):
    y = jax.nn.relu(conv(x, p["k1"]) + p["b1"])
    y = jax.nn.relu(conv(y, p["k2"], stride=(2, 2)) + p["b2"])
    return y.mean((1, 2)) @ p["w"]


def pooling(p, x):
    """As Flax writes it: the largest of windows that overlap, and the mean of others."""
    y = jax.nn.relu(conv(x, p["k1"]))
    y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 3, 2, 1), (1, 1, 2, 1), "SAME")
    y = jax.lax.reduce_window(y, 0.0, jax.lax.add, (1, 2, 1, 1), (1, 2, 1, 1), "VALID") / 2
    return y.mean((1, 2)) @ p["w"]


def channels_first(p, x):
    order = ("NCHW", "OIHW", "NCHW")
    return conv(jnp.tanh(conv(x, p["k1"], padding="VALID", order=order)), p["k2"], rhs_dilation=(2, 1), order=order)


def depthwise(p, x):
    y = jax.nn.relu(conv(jax.nn.relu(conv(x, p["k1"])), p["k2"], feature_group_count=4))
    return conv(y, p["k3"], feature_group_count=2)


def spread_out(p, x):
    return conv(jnp.tanh(conv(x, p["k1"], padding=((1, 1), (1, 0)), lhs_dilation=(2, 3))), p["k2"], padding="VALID")


@pytest.mark.parametrize(
    "f, params, x, groups",
    [
        (
            image_network,
            dict(k1=S(3, 3, 2, 4), b1=S(4), k2=S(2, 2, 4, 5), b2=S(5), w=S(5, 3)),
            S(1, 4, 4, 2),
            {"Diag+(h)", "Diag+(k)"},
        ),
        (
            image_network,
            dict(k1=S(3, 3, 1, 4), b1=S(4), k2=S(2, 2, 4, 5), b2=S(5), w=S(5, 3)),
            S(2, 4, 4, 1),
            {"Diag+(h)"},
        ),
        (pooling, dict(k1=S(3, 3, 2, 4), w=S(4, 3)), S(2, 4, 4, 2), {"Diag+(h)"}),
        (pooling, dict(k1=S(3, 3, 1, 4), w=S(4, 3)), S(1, 5, 4, 1), {"Diag+(h)"}),
        (channels_first, dict(k1=S(3, 2, 2, 2), k2=S(2, 3, 2, 2)), S(1, 2, 4, 4), {"Sign(h)"}),
        (depthwise, dict(k1=S(1, 1, 2, 4), k2=S(3, 3, 1, 4), k3=S(1, 1, 2, 2)), S(1, 4, 4, 2), {"Diag+(h)"}),
        (spread_out, dict(k1=S(2, 2, 2, 3), k2=S(2, 2, 3, 2)), S(1, 3, 3, 2), {"Sign(h)"}),
    ],
)
def test_convolutions_are_sums_over_their_taps(f, params, x, groups):
    """Exactly, whatever the order of axes, strides, dilations and groups are: values and gradients are compared."""
    found = equilaw.trace.jax(f, params, x)
    assert "\nfunction " not in found.text
    report = found.derive(complete=False)
    assert report.clean and groups <= {a.group for a in report.actions if a.proved}


def test_what_is_frozen_is_data():
    f = lambda p, x: jax.nn.relu(x @ (p["w"] + p["a"] @ p["b"])) @ p["v"]  # noqa: E731
    report = equilaw.derive(f, dict(w=S(4, 5), a=S(4, 2), b=S(2, 5), v=S(5, 3)), S(6, 4), frozen=["w", "v"])
    assert [action.group for action in report.actions if action.algebra_dim != "0"] == ["GL(h)"]


def straight_through(p, x):
    z = x @ p["a"]
    return (z + jax.lax.stop_gradient(jnp.tanh(4 * z) - z)) @ p["b"]


def siamese(p, x, y):
    encoded = lambda x: jax.nn.relu(x @ p["a"]) @ p["b"]  # noqa: E731
    return (encoded(x) @ p["c"] * jax.lax.stop_gradient(encoded(y))).sum(1)


def target_network(p, x):
    return jax.nn.relu(x @ p["a"]) @ p["b"] - jax.lax.stop_gradient(jax.nn.relu(x @ p["c"]) @ p["d"])


@pytest.mark.parametrize(
    "f, params, data",
    [
        (straight_through, dict(a=S(4, 5), b=S(5, 3)), (S(6, 4),)),
        (siamese, dict(a=S(4, 5), b=S(5, 3), c=S(3, 3)), (S(6, 4), S(6, 4))),
        (target_network, dict(a=S(4, 5), b=S(5, 3), c=S(4, 5), d=S(5, 3)), (S(6, 4),)),
    ],
)
def test_stopped_gradients_are_held(f, params, data, monkeypatch):
    """That values and gradients are those of JAX is a condition of there being a translation."""
    from equilaw.trace import jaxpr

    found = equilaw.trace.jax(f, params, *data)
    assert found.text.count("stopgrad(") == 1, found.text
    assert found.derive(complete=False).clean
    monkeypatch.setitem(jaxpr.HANDLERS, "stop_gradient", lambda call: call.tensor())
    with pytest.raises(equilaw.trace.Disagreement, match="gradient of"):
        equilaw.trace.jax(f, params, *data)


def around(unknown):
    """An operation of several values that is not known, with something before it and behind it."""

    def f(p, x):
        y = x @ p["a"]
        y = unknown((y + jax.lax.stop_gradient(y)) / 2, jnp.tanh(x @ p["b"]))
        return (y + jax.lax.stop_gradient(y)) / 2 @ p["c"]

    return f, dict(a=S(4, 5), b=S(4, 5), c=S(5, 3)), S(6, 4)


@pytest.mark.parametrize(
    "unknown",
    [
        lambda x, y: jnp.cumsum(x, 0) * y,
        lambda x, y: jnp.arctan2(jax.lax.cumprod(x, 1), y),
        lambda x, y: jax.nn.leaky_relu(x, 0.1) * jnp.arctan(y),
        lambda x, y: jax.lax.cond(x.sum() > 0, lambda x: x * y, lambda x: x + y, x),
    ],
)
def test_gradients_around_unknown_operations_are_compared(unknown, monkeypatch):
    """Through the text they are those of the text, through the operation those of the operation."""
    from equilaw.trace import jaxpr

    found = equilaw.trace.jax(*around(unknown))
    assert not any("gradients were not" in line for line in found.assumptions)
    monkeypatch.setitem(jaxpr.HANDLERS, "stop_gradient", lambda call: call.tensor())
    with pytest.raises(equilaw.trace.Disagreement, match="gradient of"):
        equilaw.trace.jax(*around(unknown))


def test_where_an_operation_has_no_derivative_that_is_said():
    def f(x, y):
        return jax.lax.while_loop(lambda x: x.sum() < 10.0, lambda x: x + y, x)

    assert any("gradients were not" in line for line in equilaw.trace.jax(*around(f)).assumptions)


def test_a_wrong_translation_is_caught_by_name(monkeypatch):
    from equilaw.trace import jaxpr

    monkeypatch.setitem(jaxpr.HANDLERS, "tanh", lambda call: jaxpr.HANDLERS["sin"](call))
    with pytest.raises(equilaw.trace.Disagreement, match=r"value of tanh \(.*test_jax.py:\d+.*\) differs"):
        equilaw.trace.jax(*EACH)


def test_file_and_line_of_each_operation_are_kept():
    found = equilaw.trace.jax(*MLP)
    first = next(x for x in found.operations if x.operation == "relu" or x.operation == "max")
    path, _, line = first.where.rpartition(":")
    assert (
        path.endswith("test_jax.py") and "jax.nn.relu" in pathlib.Path(__file__).read_text().splitlines()[int(line) - 1]
    )
    assert f"test_jax.py:{line}" in next(x for x in found.text.splitlines() if x.startswith(f"let    {first.value} "))


def test_the_text_can_be_read_and_edited():
    found = equilaw.trace.jax(*MLP)
    edited = found.text.replace("relu", "tanh")
    groups = lambda report: {action.group for action in report.actions}  # noqa: E731
    assert "Diag+(h)" in groups(found.derive(complete=False))
    assert "Diag+(h)" not in groups(equilaw.derive(edited, complete=False))


def test_what_was_traced_is_derived():
    f, *args = MLP
    options = dict(checks=False, complete=False)
    traced = equilaw.derive(equilaw.trace.jax(f, *args), **options)
    assert traced.source == equilaw.derive(f, *args, **options).source
    with pytest.raises(TypeError, match="give them to equilaw.trace"):
        equilaw.derive(equilaw.trace.jax(f, *args), *args)
