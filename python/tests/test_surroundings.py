"""Tracing does not depend on what the caller has switched on, and leaves the process as it is: its default type, its random numbers, its modes."""

import threading

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402

X = torch.randn(6, 4)


def network(hidden=5):
    return nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 3))


class Multiplied(nn.Module):
    """A hidden layer that is changed by numbers which the code makes."""

    def __init__(self, f):
        super().__init__()
        self.a, self.b, self.f = nn.Linear(4, 5), nn.Linear(5, 3), f

    def forward(self, x):
        return self.b(torch.relu(self.f(self.a(x))))


def laws_of(module, *args, **options):
    return len(equilaw.derive(module, *args, checks=False, complete=False, **options).laws)


def test_threads_derive_what_one_derives():
    expected, found = laws_of(network(), X), {}

    def derive(hidden):
        found[hidden] = laws_of(network(hidden), X)

    threads = [threading.Thread(target=derive, args=(hidden,)) for hidden in (5, 6, 7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys((5, 6, 7, 8), expected)
    assert torch.get_default_dtype() == torch.float32


def test_the_default_type_of_the_process_stays_while_another_thread_traces():
    seen, done = set(), threading.Event()

    def trace():
        try:
            equilaw.trace.torch(network(), X)
        finally:
            done.set()

    thread = threading.Thread(target=trace)
    thread.start()
    while not done.is_set():
        seen.add(torch.randn(2).dtype)
    thread.join()
    assert seen == {torch.float32}


@pytest.mark.parametrize(
    "f",
    [
        lambda h: h * torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5]),
        lambda h: h * (torch.arange(5) * 0.1),
        lambda h: h @ torch.full((5, 5), 0.1),
        lambda h: h @ (torch.arange(25).reshape(5, 5) / 7),
        lambda h: h * torch.where(torch.arange(5) > 2, 0.1, 0.2),
        lambda h: h @ torch.linspace(0, 1, 25).reshape(5, 5).to(torch.float32),
        lambda h: h.float() @ torch.eye(5, dtype=torch.float32).half().float(),
        lambda h: h * torch.arange(5).sqrt() + torch.arange(0, 1, 0.2),
    ],
)
def test_numbers_that_the_code_makes_are_doubles(f):
    """A tenth is one, and not its rounding to single precision."""
    text = equilaw.trace.torch(Multiplied(f), X).text
    assert "0.1000000" not in text


def test_random_numbers_of_the_process_stay_where_they_are():
    module, state = Multiplied(lambda h: h + torch.randn_like(h) + torch.rand(5) + torch.randint(0, 3, (5,))), None
    state = torch.get_rng_state()
    equilaw.trace.torch(module, X)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    "context", [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16)]
)
def test_what_the_caller_has_switched_on_is_not_traced(context):
    expected = laws_of(network(), X)
    with context():
        enabled = torch.is_grad_enabled()
        assert laws_of(network(), X + 1) == expected
        assert equilaw.balance(network(), X).norm
        assert torch.is_grad_enabled() == enabled
