"""Times JAX beside equilaw: a gradient, a Hessian product and a spectrum of a two-layer ReLU network in double precision.

    python -m venv jax && jax/bin/pip install jax
    cargo bench --bench eval | jax/bin/python benches/peers/beside_jax.py

Reads the rows of `cargo bench --bench eval` for its own times; without them it prints those of JAX alone. Every row of the table is
one network of width w, D = 2 w^2 parameters and 64 samples, as in `benches/eval.rs`. Both run on the threads they choose: run under
`taskset -c 0` for one.
"""

import re
import sys
import time

import jax
import jax.flatten_util
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

SAMPLES, REPEATED = 64, 5
SECONDS = {"ns": 1e-9, "\u00b5s": 1e-6, "ms": 1e-3, "s": 1.0}


def loss(theta, x, y):
    w1, w2 = theta
    f = w2 @ jax.nn.relu(w1 @ x)
    return 0.5 * jnp.sum((f - y) ** 2) / x.shape[1]


def least(run):
    """The least time of a compiled function, in seconds."""
    jax.block_until_ready(run())
    times = []
    for _ in range(REPEATED):
        start = time.perf_counter()
        jax.block_until_ready(run())
        times.append(time.perf_counter() - start)
    return min(times)


def network(width, samples):
    keys = jax.random.split(jax.random.PRNGKey(0), 6)
    draw = lambda key, rows, cols: jax.random.normal(key, (rows, cols)) / cols**0.5
    theta = (draw(keys[0], width, width), draw(keys[1], width, width))
    along = (draw(keys[2], width, width), draw(keys[3], width, width))
    return theta, along, draw(keys[4], width, samples), draw(keys[5], width, samples)


def ours(text):
    """D -> seconds of a gradient and of a Hessian product, from the rows of the benchmark."""
    number = r"([0-9.]+)(ns|\u00b5s|ms|s)"
    rows = re.findall(rf"^ReLU network\s+(\d+)\s+{number}\s+\S+\s+\S+\s+\S+\s+{number}", text, re.M)
    return {int(d): (float(g) * SECONDS[u], float(h) * SECONDS[v]) for d, g, u, h, v in rows}


def main():
    known = ours("" if sys.stdin.isatty() else sys.stdin.read())
    gradient = jax.jit(jax.grad(loss))
    product = jax.jit(lambda theta, v, x, y: jax.jvp(lambda t: jax.grad(loss)(t, x, y), (theta,), (v,))[1])
    print(f"{'D':>9}  {'gradient':>9} {'equilaw':>9} {'ratio':>6}  {'H[v]':>9} {'equilaw':>9} {'ratio':>6}")
    for width in (71, 224, 707, 2236):
        theta, along, x, y = network(width, SAMPLES)
        theirs = least(lambda: gradient(theta, x, y)), least(lambda: product(theta, along, x, y))
        size = 2 * width**2
        mine = known.get(size, (float("nan"),) * 2)
        cells = [f"{t:9.4f} {m:9.4f} {m / t:6.2f}" for t, m in zip(theirs, mine)]
        print(f"{size:9}  {cells[0]}  {cells[1]}")
    theta, _, x, y = network(32, SAMPLES)
    flat, restore = jax.flatten_util.ravel_pytree(theta)
    spectrum = jax.jit(lambda v: jnp.linalg.eigvalsh(jax.hessian(lambda t: loss(restore(t), x, y))(v)))
    print(f"dense Hessian and eigenvalues at D = {flat.size}: {least(lambda: spectrum(flat)):.3f} s")


if __name__ == "__main__":
    main()
