"""Examples of one row: a size of one is no special case, and what is another function at one row is told as that."""

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402


def network(inner=None):
    return nn.Sequential(nn.Linear(4, 5), inner or nn.ReLU(), nn.Linear(5, 3))


class Of(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.a, self.b, self.f = nn.Linear(4, 5), nn.Linear(5, 3), f

    def forward(self, x):
        return self.f(self.a(x), self.b)


@pytest.mark.parametrize("shape", [(1, 4), (1, 1, 4), (2, 1, 4)])
@pytest.mark.parametrize("inner", [nn.ReLU(), nn.Tanh(), nn.LayerNorm(5)])
def test_one_row_has_the_laws_of_several(shape, inner):
    one, several = (equilaw.derive(network(inner), torch.randn(s)) for s in (shape, (*shape[:-2], 6, 4)))
    assert [x.statement.text for x in one.laws] == [x.statement.text for x in several.laws]
    assert one.assumptions == several.assumptions


def test_one_token_and_one_feature():
    tokens = nn.Sequential(nn.Embedding(7, 5), nn.Linear(5, 3))
    assert (
        equilaw.trace.torch(tokens, torch.tensor([3])).text.count("n")
        and equilaw.derive(tokens, torch.tensor([3])).laws
    )
    assert equilaw.derive(nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1)), torch.randn(1, 1)).laws


@pytest.mark.parametrize(
    "f",
    [
        lambda h, b: h.squeeze()[:1],
        lambda h, b: b(torch.relu(h)) if len(h) == 1 else b(h),
        lambda h, b: b(h.reshape(1, 5)),
    ],
)
def test_what_is_another_function_at_one_row_is_told_so(f):
    found = equilaw.trace.torch(Of(f), torch.randn(1, 4))
    assert any("no other number of rows" in x for x in found.assumptions)


def test_what_cannot_be_compared_at_one_row_is_told():
    found = equilaw.trace.torch(Of(lambda h, b: b(torch.special.bessel_j0(h))), torch.randn(1, 4))
    assert any("one row" in x for x in found.assumptions)
