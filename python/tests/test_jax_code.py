"""What code in JAX does beyond layers: einsums over heads, losses with integer targets, keys, several outputs; and what is refused, in words."""

import pytest

jax = pytest.importorskip("jax")

import equilaw  # noqa: E402
from jax.scipy.special import logsumexp  # noqa: E402

jnp, nn = jax.numpy, jax.nn

X, T = jnp.zeros((6, 4)), jnp.array([0, 1, 2, 0, 1, 2])
A, B = jnp.zeros((4, 5)), jnp.zeros((5, 3))
TWO = dict(a=A, b=B)


def two(f):
    """Something between two matrices."""
    return lambda p, x, *more: f(x @ p["a"], *more) @ p["b"]


def attention(p, x):
    """Heads as an axis of the weights, as in Flax."""
    q, k, v = (jnp.einsum("nd,dhk->nhk", x, p[own]) for own in "qkv")
    scores = jnp.einsum("nhk,mhk->hnm", q, k) / jnp.sqrt(q.shape[-1])
    return jnp.einsum("hnm,mhk,hkd->nd", nn.softmax(scores), v, p["o"])


HEADS = dict(q=jnp.zeros((4, 2, 3)), k=jnp.zeros((4, 2, 3)), v=jnp.zeros((4, 2, 3)), o=jnp.zeros((2, 3, 4)))


def experts(p, x):
    h = jnp.einsum("neh,ehd->ned", nn.relu(jnp.einsum("nd,edh->neh", x, p["up"])), p["down"])
    return jnp.einsum("ne,ned->nd", nn.softmax(x @ p["gate"]), h)


def classifier(p, x):
    logits = jnp.tanh(x @ p["a"]) @ p["b"]
    return logits - logsumexp(logits, axis=1, keepdims=True)


def taken(p, x, y):
    return -jnp.mean(jnp.take_along_axis(nn.log_softmax(two(nn.relu)(p, x)), y[:, None], 1))


def recurrent(p, x):
    def step(h, row):
        return (h := jnp.tanh(p["u"] @ h + p["w"] @ row)), h

    return jax.lax.scan(step, jnp.zeros(3), x)[1] @ p["v"]


CASES = dict(
    attention=(attention, HEADS, X),
    experts=(experts, dict(gate=jnp.zeros((4, 3)), up=jnp.zeros((3, 4, 5)), down=jnp.zeros((3, 5, 2))), X),
    classifier=(classifier, TWO, X),
    taken=(taken, TWO, X, T),
    mean=(lambda p, x, y: jnp.mean((x @ p["a"] @ p["b"] - y) ** 2), TWO, X, jnp.zeros((6, 3))),
    one_hot=(lambda p, t: nn.one_hot(t, 4) @ p["a"] @ p["b"], TWO, T),
    recurrent=(recurrent, dict(u=jnp.zeros((3, 3)), w=jnp.zeros((3, 4)), v=jnp.zeros((3, 2))), X),
    skip=(lambda p, x: jnp.concatenate([x, nn.relu(x @ p["a"])], 1) @ p["c"], dict(a=A, c=jnp.zeros((9, 3))), X),
    clipped=(two(lambda h: jnp.clip(h, -1, 2)), TWO, X),
    extremes=(two(lambda h: jnp.minimum(h, jnp.sin(h))), TWO, X),
    directions=(two(lambda h: h / jnp.linalg.norm(h, axis=-1, keepdims=True)), TWO, X),
    moved=(
        two(lambda h: jnp.stack([h[:, ::2][:, ::-1], jnp.pad(h, ((0, 0), (1, 0)))[:, :3]]).sum(0)[:, [0] * 5]),
        TWO,
        X,
    ),
    gelu=(two(lambda h: nn.gelu(h, approximate=False)), TWO, X),
    integers=(lambda p, x: p["k"] * two(nn.relu)(p, x), dict(**TWO, k=3), X),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_function_is_translated(case):
    found = equilaw.trace.jax(*CASES[case])
    assert "\nfunction " not in found.text, found.text


def test_the_laws_of_heads_that_are_an_axis():
    report = equilaw.derive(*CASES["attention"])
    assert report.clean and report.complete.laws_known == report.complete.laws_at_most
    assert "sum(i in 1..H)" in report.source


@pytest.mark.parametrize(
    "gated", [lambda h: h * (h > 0), lambda h: jnp.where(h > 0, h, 0.1 * h), lambda h: jnp.where(~(h <= 0), h, -h)]
)
def test_a_mask_that_depends_on_parameters_is_a_function_of_them(gated):
    report = equilaw.derive(two(gated), TWO, X, complete=False)
    assert report.clean and {a.group for a in report.actions} == {"Diag+(h)", "Perm(h)"}


def test_random_numbers_of_a_key_are_data():
    f = two(lambda h, key: nn.relu(h) * jax.random.bernoulli(key, 0.5, h.shape))
    found = equilaw.trace.jax(f, TWO, X, jax.random.PRNGKey(0))
    assert any("random numbers" in x for x in found.assumptions)


def test_of_several_arrays_the_first_is_the_output():
    found = equilaw.trace.jax(lambda p, x: (x @ p["a"] @ p["b"], x), TWO, X)
    assert any("of 2 arrays" in x for x in found.assumptions)


@pytest.mark.parametrize(
    "f, options, said",
    [
        (lambda p, x: x @ p["a"] if x.sum() > 0 else -x @ p["a"], {}, "test_jax_code.py:[0-9]+"),
        (lambda p, x: 2 * x, {}, "no parameter that is trained"),
        (lambda p, x: (x @ p["a"]).argmax(1), {}, "no array of floating numbers"),
        (lambda p, x: x @ p["a"], {"frozen": ["c"]}, "there are a, b"),
    ],
)
def test_what_is_refused_is_said_in_words(f, options, said):
    with pytest.raises(equilaw.EquilawError, match=said):
        equilaw.trace.jax(f, TWO, X, **options)
