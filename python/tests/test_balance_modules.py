"""Moving modules of every kind of inputs and outputs."""

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402

X = torch.randn(6, 4)


class Told(nn.Module):
    """A network of what stands in a dictionary, whose output is told in some form."""

    def __init__(self, form):
        super().__init__()
        self.network, self.form = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), form

    def forward(self, inputs):
        return self.form(self.network(inputs["x"]))


class ByName(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x, *, scale):
        return self.network(x) * scale + torch.zeros(3)


@pytest.mark.parametrize("flattest", [False, True])
@pytest.mark.parametrize(
    "form", [lambda y: y, lambda y: {"out": y}, lambda y: ([y],), lambda y: (y.argmax(), {"y": y})]
)
def test_inputs_and_outputs_are_dictionaries_and_lists(form, flattest):
    module = Told(form)
    before = module.network(X).detach()
    found = equilaw.balance(module, {"x": X}, flattest=flattest)
    assert list(found.before) and torch.allclose(module.network(X), before, atol=1e-5)


@pytest.mark.parametrize("flattest", [False, True])
def test_arguments_are_given_by_name(flattest):
    given = {"x": X, "scale": torch.tensor(2.0)}
    assert equilaw.balance(ByName(), kwargs=given, flattest=flattest).before
    with torch.no_grad():
        assert equilaw.balance(ByName(), X, kwargs={"scale": torch.tensor(2.0)}, flattest=flattest).before
