"""What of a module is no part of the function that is traced is refused, or named as an assumption: no law is stated that does not hold of the module as it is."""

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

X = torch.randn(6, 4)


def network(*inner):
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU(), *inner, nn.Linear(4, 4))


def test_dropout_in_evaluation_mode_is_an_assumption():
    module = network(nn.Dropout(0.5)).eval()
    report = equilaw.derive(module, X, complete=False)
    (told,) = report.assumptions
    assert told == "dropout p=0.5 of `2` is left out: the module is in evaluation mode"
    assert told in str(report) and told in report.source


def test_dropout_of_layers_is_told_once_for_each_probability():
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    module = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False).eval()
    told = [x for x in equilaw.trace.torch(module, torch.randn(2, 3, 8)).assumptions if "dropout" in x]
    assert len(told) == 1 and "p=0.1" in told[0] and "6 more" in told[0]


@pytest.mark.parametrize("module", [network(), network(nn.Dropout(0)).eval(), network(nn.Identity()).train()])
def test_without_dropout_nothing_is_assumed(module):
    assert equilaw.trace.torch(module, X).assumptions == ()


@pytest.mark.skipif(not hasattr(torch, "export"), reason="graphs of 1.13 do not show it")
def test_a_dropout_that_the_code_calls_is_told_with_its_place():
    class Called(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(4, 3)

        def forward(self, x):
            return F.dropout(self.a(x), 0.2, self.training)

    (told,) = equilaw.trace.torch(Called().eval(), X).assumptions
    assert "dropout p=0.2 at" in told and "test_silent.py" in told


def test_a_hook_on_the_gradient_of_a_parameter_is_refused():
    module = network()
    handle = module[0].weight.register_hook(lambda g: 2 * g)
    with pytest.raises(equilaw.EquilawError, match="`0.weight` has a hook on its gradient"):
        equilaw.derive(module, X)
    handle.remove()
    assert equilaw.derive(module, X, complete=False).laws


@pytest.mark.skipif(not hasattr(torch.Tensor, "register_post_accumulate_grad_hook"), reason="there are none")
def test_a_hook_behind_the_gradient_is_an_assumption():
    module = network()
    module[0].weight.register_post_accumulate_grad_hook(lambda p: None)
    assert any("hooks" in x and "0.weight" in x for x in equilaw.trace.torch(module, X).assumptions)


def shared_by_data():
    module = network()
    module[2].weight.data = module[0].weight.data
    return module


def a_part():
    module = network()
    whole = torch.randn(6, 4)
    module[0].weight.data, module[2].weight.data = whole[:4], whole[2:]
    return module


def a_buffer():
    module = network()
    module.register_buffer("before", module[0].weight.data)
    return module


@pytest.mark.parametrize("make", [shared_by_data, a_part, a_buffer])
def test_arrays_with_numbers_in_common_are_refused(make):
    with pytest.raises(equilaw.EquilawError, match="0.weight.*numbers in common"):
        equilaw.derive(make(), X)


def flat():
    """One array that parameters are parts of, side by side, or every second column."""
    module = network()
    whole = torch.randn(8, 8)
    module[0].weight.data, module[2].weight.data = whole[:4, ::2], whole[:4, 1::2]
    module[0].bias.data, module[2].bias.data = whole[4, :4], whole[4, 4:]
    return module


def tied():
    module = network()
    module[2].weight = module[0].weight
    return module


@pytest.mark.parametrize("make, many", [(flat, 4), (tied, 3)])
def test_parts_that_have_none_in_common_and_one_parameter_are_not(make, many):
    assert len(equilaw.trace.torch(make(), X).provenance) == many
