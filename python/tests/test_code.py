"""What users' code does beyond layers: steps, loops, precisions, arguments of every kind; and what is refused, in words."""

import copy
import math

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.manual_seed(0)
X = torch.randn(6, 4)


class Around(nn.Module):
    """A layer, something, and a layer."""

    def __init__(self, f, hidden=5, inner=5):
        super().__init__()
        self.a, self.b, self.f = nn.Linear(4, hidden), nn.Linear(inner, 3), f

    def forward(self, x):
        return self.b(self.f(self.a(x)))


class Of(nn.Module):
    """A layer, and what is done with it and the arguments."""

    def __init__(self, f):
        super().__init__()
        self.layer, self.f = nn.Linear(4, 5), f

    def forward(self, *args, **kwargs):
        return self.f(self.layer, *args, **kwargs)


def traced(module, *args, **options):
    return equilaw.trace.torch(module, *args, **options)


# Steps.


@pytest.mark.parametrize(
    "gated",
    [
        lambda h: h * (h > 0),
        lambda h: torch.where(h > 0, h, torch.zeros_like(h)),
        lambda h: h.masked_fill(h <= 0, 0.0),
        lambda h: torch.where(h > 0, h, 0.1 * h),
        lambda h: torch.where((h > 0) | (h < 0), h.abs(), h),
    ],
)
def test_a_mask_that_depends_on_parameters_is_a_function_of_them(gated):
    """A ReLU that is written with a mask is rescaled by positive numbers; that it may be by negative ones, which is so of a mask that is fixed, is not said."""
    module = Around(gated)
    report = equilaw.derive(module, X)
    assert report.clean and {a.group for a in report.actions} == {"Diag+(h)", "Perm(h)"}
    other = copy.deepcopy(module)
    with torch.no_grad():
        for part in (other.a.weight, other.a.bias, other.b.weight.T):
            part[0] *= -1
    assert not torch.allclose(module(X), other(X)) and not equilaw.same_function(module, other, X)


def test_a_mask_of_data_is_data():
    found = traced(Of(lambda layer, x: torch.where(x.sum(1, keepdim=True) > 0, layer(x), torch.zeros(()))), X)
    assert "activation" not in found.text and "fixed" in found.text


def test_a_code_word_that_is_looked_up_depends_on_what_it_is_for():
    """Which code word is nearest depends on the encoder, through which no gradient passes."""

    class Quantized(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode, self.book = nn.Linear(4, 3), nn.Embedding(5, 3)

        def forward(self, x):
            z = self.encode(x)
            return z + (self.book((z @ self.book.weight.T).argmax(1)) - z).detach()

    found = traced(Quantized(), X)
    assert "function argmax : (n x" in found.text and "argmax(encode_weight" in found.text.replace(
        "Z1' * ", "encode_weight"
    )


def test_numbers_of_parameters_are_not_taken_for_constants():
    with pytest.raises(equilaw.EquilawError, match="outside of PyTorch.*test_code.py"):
        traced(Of(lambda layer, x: layer(x) + torch.from_numpy(layer(x).detach().numpy())), X)


# Sizes.


@pytest.mark.parametrize(
    "loss", [F.l1_loss, lambda a, y: ((a - y) ** 2).mean(), lambda a, y: (a * y).sum(1).mean(), lambda a, y: a.mean()]
)
def test_a_mean_is_one_at_every_size(loss):
    found = traced(Of(lambda layer, x, y: loss(layer(x), y)), X, torch.randn(6, 5))
    assert "/ n" in found.text and "1/30" not in found.text


@pytest.mark.parametrize("cell", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_loop_over_time_is_written_out(cell):
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.out = cell(4, 3, batch_first=True), nn.Linear(3, 2)

        def forward(self, x):
            return self.out(self.cell(x)[0][:, -1])

    found = traced(Network(), torch.randn(2, 3, 4))
    assert "function" not in found.text and any("one by one" in x for x in found.assumptions)


def test_a_table_of_more_positions_than_there_are():
    class Positions(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.positions, self.norm = nn.Embedding(7, 4), nn.Embedding(9, 4), nn.LayerNorm(4)

        def forward(self, t):
            return self.norm(self.table(t) + self.positions(torch.arange(t.shape[1])))

    assert "positions.weight[0:5]" in traced(Positions(), torch.randint(7, (2, 5))).text


# What stands above each other.


class Skips(nn.Module):
    """Each layer sees all that came before."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 5), nn.Linear(9, 5), nn.Linear(14, 3)

    def forward(self, x):
        x = torch.cat([x, F.relu(self.a(x))], 1)
        x = torch.cat([x, F.relu(self.b(x))], 1)
        return self.c(x)


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv1d(2, 2, 1), nn.Conv1d(2, 3, 3, padding=1), nn.Conv1d(5, 3, 1)

    def forward(self, x):
        return self.c(torch.cat([F.relu(self.a(x)), F.relu(self.b(x))], 1))


@pytest.mark.parametrize("module, x, laws", [(Skips(), X, 10), (Inception(), torch.randn(1, 2, 6), 5)])
def test_what_is_put_together_keeps_the_laws_of_its_parts(module, x, laws):
    report = equilaw.derive(module, x)
    assert report.clean and "concat(" not in report.source
    assert report.complete.laws_known == report.complete.laws_at_most == laws


def test_a_class_token():
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.token, self.positions = nn.Parameter(torch.zeros(1, 1, 4)), nn.Parameter(torch.randn(1, 6, 4))
            self.layer = nn.Linear(4, 3)

        def forward(self, x):
            x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
            return self.layer(x.softmax(-1))[:, 0]

    assert traced(Tokens(), torch.randn(2, 5, 4))


def test_inner_products_know_no_basis():
    class Factors(nn.Module):
        def __init__(self):
            super().__init__()
            self.u, self.v = nn.Embedding(6, 3), nn.Embedding(7, 3)

        def forward(self, i, j):
            return (self.u(i) * self.v(j)).sum(1)

    report = equilaw.derive(Factors(), torch.randint(6, (8,)), torch.randint(7, (8,)))
    assert report.complete.laws_known == report.complete.laws_at_most == 6


# Precisions, and arrays that modules keep.


@pytest.mark.parametrize(
    "f",
    [
        lambda layer, x: layer(x).float().softmax(-1).type_as(x),
        lambda layer, x: F.softmax(layer(x), -1, dtype=torch.float32).to(x.dtype),
        lambda layer, x: layer(x) @ torch.eye(5),
        lambda layer, x: layer(x) + torch.zeros(x.shape[0], 5, dtype=torch.float32),
    ],
)
def test_the_precision_of_the_code_is_no_part_of_the_function(f):
    module = Of(f)
    assert traced(module, X)
    assert module.layer.weight.dtype == torch.float32 == torch.get_default_dtype()


def test_a_weight_that_is_computed_before_each_call():
    found = traced(nn.Sequential(nn.utils.weight_norm(nn.Linear(4, 5)), nn.ReLU(), nn.Linear(5, 3)), X)
    assert {"p0_weight_g", "p0_weight_v"} <= set(found.provenance)


def test_random_numbers_of_the_code_are_data():
    """An autoencoder with noise: its laws hold whatever is drawn."""
    module, state = Around(lambda h: h + torch.randn_like(h) * torch.exp(h)), torch.get_rng_state()
    found = traced(module, X)
    assert any("random numbers" in x for x in found.assumptions) and (state == torch.get_rng_state()).all()


# Arguments.


@pytest.mark.parametrize(
    "f, args, kwargs",
    [
        (lambda layer, x, scale=1.0: layer(x) * scale, (X,), {"scale": 2.0}),
        (lambda layer, x, mask=None: layer(x) if mask is None else layer(x) * mask, (X, None), {}),
        (lambda layer, batch: layer(batch["x"]), ({"x": X, "y": X},), {}),
        (lambda layer, batch: layer(batch[0]) + batch[1], ([X, torch.randn(6, 5)],), {}),
        (lambda layer, x=None: {"out": layer(x), "x": x}, (), {"x": X}),
    ],
)
def test_arguments_by_place_and_by_name_and_trees_of_them(f, args, kwargs):
    found = traced(Of(f), *args, kwargs=kwargs)
    assert "layer_weight * X" in found.text
    assert equilaw.derive(Of(f), *args, kwargs=kwargs, complete=False).clean


def test_of_several_arrays_the_first_is_the_output():
    found = traced(Of(lambda layer, x: (None, layer(x), x)), X)
    assert any("of 2 arrays" in x for x in found.assumptions)


@pytest.mark.parametrize(
    "module, args, options, said",
    [
        (nn.ReLU(), (X,), {}, "no parameter that is trained"),
        (nn.Linear(4, 5).requires_grad_(False), (X,), {}, "no parameter that is trained"),
        (Of(lambda layer, x: 2 * x), (X,), {}, "no parameter that is trained"),
        (Of(lambda layer, x: layer(x).argmax(-1)), (X,), {}, "no array of floating numbers"),
        (Of(lambda layer, x: None), (X,), {}, "no array of floating numbers"),
        (nn.LazyLinear(5), (X,), {}, "has no shape before"),
        (nn.Linear(4, 5), (torch.randn(0, 4),), {}, "no entries"),
        (nn.Linear(4, 5), (X,), {"frozen": ["wieght"]}, "wieght.*weight, bias"),
        (nn.Linear(4, 5, dtype=torch.cfloat), (X,), {}, "complex"),
        (Of(lambda layer, x: layer(x) if x.sum() > 0 else -layer(x)), (X,), {}, "test_code.py:[0-9]+ branches"),
        (Of(lambda layer, x: layer(x) * layer(x).max().item()), (X,), {}, "test_code.py:[0-9]+ branches"),
        (Of(lambda layer, x: F.dropout(layer(x))), (X,), {}, "drops out at random"),
        (torch.jit.script(nn.Linear(4, 5)), (X,), {}, "TorchScript"),
        (nn.utils.spectral_norm(nn.Linear(4, 5)), (X,), {}, "spectral norm.*call eval"),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(4, 5)), (X,), {}, "spectral norm.*call eval"),
    ],
)
def test_what_is_refused_is_said_in_words(module, args, options, said):
    with pytest.raises(equilaw.EquilawError, match=said):
        traced(module, *args, **options)


def test_parameters_of_another_module_are_an_error():
    found = traced(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), X)
    with pytest.raises(equilaw.EquilawError, match="no parameter `2.weight`: there are weight, bias"):
        found.parameters(nn.Linear(4, 5))


def test_what_is_no_module_is_an_error():
    with pytest.raises(TypeError, match="class"):
        equilaw.derive(nn.Linear, X)
    with pytest.raises(TypeError, match="torch.nn.Module"):
        equilaw.derive(torch.relu, X)


def test_one_string_is_frozen():
    found = traced(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), X, frozen="0.")
    assert set(found.provenance) == {"p2_weight", "p2_bias"} and math.prod(found.provenance["p2_bias"].indices) == 1


def test_what_was_computed_of_a_parameter_before_is_no_constant():
    class View(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(5, 4))
            self.part = self.weight[:3]

        def forward(self, x):
            return x @ self.part.T + (x @ self.weight.T)[:, :3]

    with pytest.raises(equilaw.EquilawError, match="read as a constant"):
        traced(View(), X)
