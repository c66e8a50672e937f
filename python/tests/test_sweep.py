"""Many models."""

import json
import os
import subprocess
import sys
import threading
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
        third = equilaw.sweep({"linear": LINEAR}, **options)
    assert len(asked) == 5 and third == second


def test_another_question_is_not_answered_by_what_is_kept(tmp_path):
    def lines(text, dims, seed):
        return dict(lines=text.count("\n"))

    with ThreadPoolExecutor(1) as client:
        options = dict(client=client, store=tmp_path / "answers.jsonl")
        equilaw.sweep({"linear": LINEAR}, **options)
        assert equilaw.sweep({"linear": LINEAR}, ask=lines, **options).rows[0]["lines"] == 7


def test_an_answer_is_kept_when_it_is_there(tmp_path):
    """The second task is done before the first, and its answer is kept before the first has one."""
    store = tmp_path / "answers.jsonl"
    kept = threading.Event()

    def ask(text, dims, seed):
        if seed == 0:
            while not (store.exists() and store.read_text()):
                kept.wait(0.01)
        return dict(answer=seed)

    with ThreadPoolExecutor(2) as client:
        found = equilaw.sweep({"linear": LINEAR}, ask=ask, seeds=(seed for seed in [0, 1]), client=client, store=store)
    assert [row["answer"] for row in found.rows] == [0, 1]
    assert [json.loads(line)[1]["answer"] for line in store.read_text().splitlines()] == [1, 0]


class Unsendable(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be made again of one argument")


def ask_badly(text, dims, seed):
    """Answers, raises what cannot be sent, ends its process, or answers what is no JSON."""
    if seed == 3:
        raise Unsendable(1, 2)
    if seed == 5:
        os._exit(1)
    return dict(answer={1} if seed == 4 else seed)


def test_what_fails_is_one_row():
    """Neither an error, nor a model that cannot be read, nor the end of a process takes other tasks with it."""
    models = {"linear": LINEAR, "missing": "missing.eqv"}
    found = equilaw.sweep(models, seeds=range(40), ask=ask_badly, processes=2)
    errors = [row.get("error") for row in found.rows]
    assert [row["answer"] for row in found.rows[:40] if "answer" in row] == [0, 1, 2, *range(6, 40)]
    assert errors[3].startswith("Unsendable: cannot") and errors[4].startswith("TypeError") and "ended" in errors[5]
    assert all(error.startswith("FileNotFoundError") for error in errors[40:])


def test_what_processes_cannot_be_sent_is_said():
    with pytest.raises(TypeError, match="client of threads"):
        equilaw.sweep(MODELS, ask=lambda text, dims, seed: {})


INTERRUPTED = """
import os, signal, sys, time
import equilaw

def ask(text, dims, seed):
    if seed == 0:
        os.kill(os.getppid(), signal.SIGINT)
    time.sleep(600)

if __name__ == "__main__":
    try:
        equilaw.sweep({"a": "model a"}, seeds=range(100), ask=ask, processes=2)
    except KeyboardInterrupt:
        print("ended")
"""


def test_an_interrupt_ends_the_tasks(tmp_path):
    """Which would sleep for ten minutes."""
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300)
    assert found.stdout == "ended\n"


def test_a_script_without_a_main_is_told(tmp_path):
    script = tmp_path / "script.py"
    script.write_text('import equilaw\nequilaw.sweep({"a": "model a"})\n')
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300)
    assert 'behind `if __name__ == "__main__":`' in found.stderr.splitlines()[-1]


def test_tasks_run_on_dask():
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        found = equilaw.sweep(MODELS | {"missing": "missing.eqv"}, dims={"h": [1, 2]}, client=client)
    assert [row.get("laws_at_most") for row in found.rows] == [1, 3, 1, 2, None, None]


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

    def wait(self, references, num_returns):
        """The last one is ready first."""
        return references[-num_returns:], references[:-num_returns]

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
