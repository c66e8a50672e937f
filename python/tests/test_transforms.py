"""`torch.func` in a forward: `vmap`, `grad` and `jvp` are translated as what they compute, and leave no level open."""

import contextlib

import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch, "func"):
    pytest.skip("this version has no torch.func", allow_module_level=True)

import equilaw  # noqa: E402
from torch import nn  # noqa: E402

X = torch.randn(6, 4)


class Transformed(nn.Module):
    """Two layers, and what the code makes of them."""

    def __init__(self, f):
        super().__init__()
        self.a, self.b, self.f = nn.Linear(4, 5), nn.Linear(5, 3), f

    def network(self, x):
        return self.b(torch.tanh(self.a(x)))

    def forward(self, x):
        return self.f(self.network, x)


class Ensemble(nn.Module):
    def __init__(self):
        super().__init__()
        self.W, self.V = nn.Parameter(torch.randn(3, 4, 5)), nn.Parameter(torch.randn(3, 5, 2))

    def forward(self, x):
        return torch.vmap(lambda w, v: torch.relu(x @ w) @ v)(self.W, self.V)


def test_an_ensemble_by_vmap_has_the_laws_of_each_member():
    report = equilaw.derive(Ensemble(), X)
    assert report.clean and report.complete.complete and report.complete.laws_known == 15
    assert "test_transforms.py:" in report.source


def test_rows_by_vmap_are_the_network():
    found = equilaw.derive(Transformed(lambda f, x: torch.vmap(f)(x)), X)
    plain = equilaw.derive(Transformed(lambda f, x: f(x)), X)
    assert [x.id for x in found.laws] == [x.id for x in plain.laws] and plain.laws


@pytest.mark.parametrize(
    "f",
    [
        lambda f, x: torch.func.grad(lambda r: f(r).sum())(x),
        lambda f, x: torch.vmap(torch.func.grad(lambda r: f(r).sum()))(x),
        lambda f, x: torch.func.jvp(f, (x,), (torch.ones_like(x),))[1],
    ],
)
def test_derivatives_by_the_code_are_translated(f):
    """Biases of the last layer do not occur in them."""
    found = equilaw.trace.torch(Transformed(f), X)
    assert "b_bias" not in found.provenance and "a_bias" in found.provenance
    assert not any("arbitrary" in x for x in found.assumptions)


@pytest.mark.parametrize(
    "f", [lambda f, x: torch.vmap(f)(x) * float(f(x).sum()), lambda f, x: torch.func.jvp(f, (x,), (x,))[1] @ f(x)]
)
def test_no_level_is_left_open(f):
    """Whether it is refused or not."""
    with contextlib.suppress(equilaw.EquilawError):
        equilaw.trace.torch(Transformed(f), torch.randn(3, 4))
    assert torch._C._functorch.maybe_current_level() is None
    assert nn.Linear(2, 2)(torch.randn(3, 2)).requires_grad


@pytest.mark.parametrize("f", [lambda f, x: f(x)[f(x)[:, 0] > 0], lambda f, x: f(x)[torch.nonzero(f(x)[:, 0])[:, 0]]])
def test_numbers_of_entries_that_depend_on_values_are_refused_at_their_place(f):
    with pytest.raises(equilaw.EquilawError, match="values of arrays.*test_transforms.py:"):
        equilaw.trace.torch(Transformed(f), X)


def test_an_index_that_depends_on_parameters_is_no_constant():
    """Sorted by a weight, which moves: the order is none that the text may fix."""

    class Sorted(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.key = nn.Linear(4, 5), nn.Parameter(torch.randn(5))

        def forward(self, x):
            return self.a(x)[:, torch.argsort(self.key)]

    found = equilaw.trace.torch(Sorted(), X)
    assert any("argsort" in x or "sort is an arbitrary" in x for x in found.assumptions)


def test_parameters_that_are_tied_are_one():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(4, 5), nn.Linear(5, 4), nn.Linear(4, 5)
            self.c.weight = self.a.weight

        def forward(self, x):
            return torch.vmap(lambda row: self.c(self.b(torch.relu(self.a(row)))))(x)

    found = equilaw.trace.torch(Tied(), X)
    assert sorted(found.provenance) == ["a_bias", "a_weight", "b_bias", "b_weight", "c_bias"]
