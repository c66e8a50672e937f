"""Many models."""

from concurrent.futures import ThreadPoolExecutor

import equilaw
import pytest

LINEAR = """model linear
dim d = 2, h = 2, k = 2, n = 3
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * W1 * X
loss any
"""
MODELS = {"linear": LINEAR, "relu": LINEAR.replace("W1 * X", "relu(W1 * X)")}


def test_counts_over_sizes():
    """A linear network of inner size h has h(h+1)/2 balance laws, a ReLU network h."""
    found = equilaw.sweep(MODELS, dims={"h": [1, 2]}, processes=2)
    assert [(row["model"], row["h"], row["laws_at_most"]) for row in found.rows] == [
        ("linear", 1, 1),
        ("linear", 2, 3),
        ("relu", 1, 1),
        ("relu", 2, 2),
    ]


def test_a_sweep_goes_on_where_it_was_interrupted(tmp_path):
    asked = []

    def ask(text, dims, seed):
        asked.append((dims["h"], seed))
        if len(asked) == 3:
            raise KeyError("no more")
        return dict(size=len(text))

    store = tmp_path / "answers.jsonl"
    with ThreadPoolExecutor(1) as client:
        options = dict(dims={"h": [1, 2]}, seeds=[0, 1], ask=ask, client=client, store=store)
        first = equilaw.sweep({"linear": LINEAR}, **options)
        assert [("error" in row) for row in first.rows] == [False, False, True, False]
        with store.open("a") as file:
            file.write('["cut')
        second = equilaw.sweep({"linear": LINEAR}, **options)
    assert asked[4:] == [(2, 0)] and not any("error" in row for row in second.rows)


class StubOfRay:
    """What of Ray is called, where Ray is missing: each function is sent once, and its answers are fetched by reference."""

    def __init__(self):
        self.sent, self.answers = [], []

    def remote(self, function):
        self.sent.append(function)
        answers = self.answers

        class RemoteFunction:
            def remote(self, *args):
                answers.append((function, args))
                return len(answers) - 1

        return RemoteFunction()

    def get(self, reference):
        function, args = self.answers[reference]
        return function(*args)


def engines():
    try:
        import ray

        return [StubOfRay(), ray]
    except ImportError:
        return [StubOfRay()]


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: getattr(engine, "__name__", "stub"))
def test_tasks_run_on_ray(engine):
    found = equilaw.sweep({"linear": LINEAR}, dims={"h": [1, 2]}, client=engine)
    assert [row["laws_at_most"] for row in found.rows] == [1, 3]
    if isinstance(engine, StubOfRay):
        assert len(engine.sent) == 1 and len(engine.answers) == 2


def test_an_engine_that_is_none_is_refused():
    with pytest.raises(TypeError, match="neither submit"):
        equilaw.sweep({"linear": LINEAR}, client=object())


def test_a_table():
    pytest.importorskip("pandas")
    with ThreadPoolExecutor(1) as client:
        table = equilaw.sweep(MODELS, ask=lambda text, dims, seed: dict(a=1), client=client).to_frame()
    assert list(table.columns) == ["model", "seed", "a"] and len(table) == 2
