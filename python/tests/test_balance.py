"""Moving along proved symmetries."""

import equilaw
import numpy
import pytest
from equilaw.act import act, actions

LINEAR = """model linear
dim d = 4, h = 3, k = 5, n = 6
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * W1 * X
loss any
"""


@pytest.fixture
def parameters():
    rng = numpy.random.default_rng(0)
    return dict(W1=rng.normal(size=(3, 4)), W2=3 * rng.normal(size=(5, 3)))


def test_an_element_acts_by_the_formulas_that_were_proved(parameters):
    report = equilaw.derive(LINEAR, complete=False, checks=False)
    (name,) = (n for n, a in actions(report).items() if a.group == "GL")
    g = numpy.random.default_rng(1).normal(size=(3, 3))
    moved = act(report, name, g, parameters, report.dims)
    numpy.testing.assert_allclose(moved["W2"] @ moved["W1"], parameters["W2"] @ parameters["W1"])
    assert not numpy.allclose(moved["W1"], parameters["W1"])
    with pytest.raises(equilaw.EquilawError, match="no proved action"):
        act(report, "nothing", g, parameters, report.dims)


def test_a_linear_network_is_balanced(parameters):
    """Balanced factors have the singular values of the product, each its root: the norm is twice the nuclear norm, the least there is."""
    report = equilaw.derive(LINEAR, complete=False, checks=False)
    found = equilaw.balance(parameters, report=report)
    W1, W2 = found.parameters["W1"], found.parameters["W2"]
    numpy.testing.assert_allclose(W1 @ W1.T, W2.T @ W2, atol=1e-9)
    numpy.testing.assert_allclose(W2 @ W1, parameters["W2"] @ parameters["W1"])
    nuclear = numpy.linalg.svd(W2 @ W1, compute_uv=False).sum()
    numpy.testing.assert_allclose((W1**2).sum() + (W2**2).sum(), 2 * nuclear)
    assert max(found.after.values()) < 1e-9 < min(found.before.values()) and not found.left_out


def test_a_module_keeps_its_function():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    x = torch.randn(6, 4)
    before, norm = module(x), sum(float(p.norm() ** 2) for p in module.parameters())
    found = equilaw.balance(module, x)
    assert torch.allclose(module(x), before, atol=1e-5) and max(found.after.values()) < 1e-6
    assert sum(float(p.norm() ** 2) for p in module.parameters()) < norm


def deep():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3))
    return module.double(), torch.randn(6, 4).double()


def test_layers_that_share_weights_are_balanced_together():
    """What balances one unit moves the weights of its neighbours: at the end all are, and a second time nothing moves."""
    module, x = deep()
    report = equilaw.derive(module, x, checks=False, complete=False)
    found = equilaw.balance(module, x, report=report)
    assert len(found.after) == 2 and max(found.after.values()) < 1e-8 < 0.1 < min(found.before.values())
    again = equilaw.balance(module, x, report=report)
    assert again.norm[0] == pytest.approx(again.norm[1], rel=1e-12) == pytest.approx(found.norm[1], rel=1e-12)


def test_one_orbit_of_several_layers_has_one_point():
    a, x = deep()
    b, _ = deep()
    torch = pytest.importorskip("torch")
    with torch.no_grad():
        for inner, outer, s in ((b[0], b[2], torch.rand(5) + 0.5), (b[2], b[4], torch.rand(6) + 0.5)):
            inner.weight.mul_(s[:, None])
            inner.bias.mul_(s)
            outer.weight.div_(s)
    assert equilaw.same_function(a, b, x, tolerance=1e-6)


def curvature(module, x):
    """The trace of the Hessian of the squared error where it is fitted, by PyTorch."""
    torch = pytest.importorskip("torch")
    names, values = zip(*((own, p.detach()) for own, p in module.named_parameters()))
    y = module(x).detach()

    def loss(*values):
        called = dict(zip(names, values))
        hidden = x
        for k in (0, 2, 4):
            hidden = hidden @ called[f"{k}.weight"].T + called[f"{k}.bias"]
            hidden = torch.relu(hidden) if k < 4 else hidden
        return ((hidden - y) ** 2).sum() / 2

    blocks = torch.autograd.functional.hessian(loss, values)
    return sum(float(blocks[k][k].reshape(v.numel(), v.numel()).trace()) for k, v in enumerate(values))


def test_the_flattest_point_of_an_orbit():
    torch = pytest.importorskip("torch")
    module, x = deep()
    before, sharp = module(x), curvature(module, x)
    report = equilaw.derive(module, x, checks=False, complete=False)
    found = equilaw.balance(module, x, report=report, flattest=True)
    assert torch.allclose(module(x), before)
    flat = curvature(module, x)
    assert found.trace == pytest.approx((sharp, flat)) and flat < 0.95 * sharp
    # No element of the group leads to a flatter one, and the balanced point is another.
    rng = numpy.random.default_rng(0)
    for spread in (0.01, 0.1, 1.0):
        for inner, outer in ((module[0], module[2]), (module[2], module[4])):
            s = torch.as_tensor(numpy.exp(spread * rng.normal(size=len(inner.bias))))
            kept = [p.detach().clone() for p in module.parameters()]
            with torch.no_grad():
                inner.weight.mul_(s[:, None])
                inner.bias.mul_(s)
                outer.weight.div_(s)
            assert torch.allclose(module(x), before) and curvature(module, x) > flat
            with torch.no_grad():
                for p, value in zip(module.parameters(), kept):
                    p.copy_(value)
    equilaw.balance(module, x, report=report)
    assert curvature(module, x) > flat


@pytest.mark.parametrize("name", ["residual", "encoder_layer"])
def test_families_and_bases_are_made_flattest(name):
    torch = pytest.importorskip("torch")
    import modules

    torch.manual_seed(0)
    module, (x,) = getattr(modules, name)()
    before = module(x)
    found = equilaw.balance(module, x, flattest=True)
    assert torch.allclose(module(x), before, atol=1e-4) and found.trace[1] < found.trace[0] and not found.left_out


def test_a_flattest_point_is_one_of_a_module(parameters):
    with pytest.raises(TypeError, match="a module of PyTorch"):
        equilaw.balance(parameters, report=equilaw.derive(LINEAR, checks=False, complete=False), flattest=True)


def test_a_module_that_is_another_one_is_left_as_it_was():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    report = equilaw.derive(
        nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), torch.randn(6, 4), complete=False
    )
    other = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    kept = [p.detach().clone() for p in other.parameters()]
    with pytest.raises(equilaw.EquilawError, match="the output changes"):
        equilaw.balance(other, torch.randn(6, 4), report=report)
    assert all(torch.equal(a, b) for a, b in zip(kept, other.parameters()))


def test_what_one_orbit_leads_to_is_one_point(parameters):
    report = equilaw.derive(LINEAR, complete=False, checks=False)
    g = numpy.random.default_rng(2).normal(size=(3, 3))
    moved = dict(W1=g @ parameters["W1"], W2=parameters["W2"] @ numpy.linalg.inv(g))
    assert equilaw.same_function(parameters, moved, report=report)
    other = dict(W1=g @ parameters["W1"], W2=parameters["W2"] @ g.T)
    assert not equilaw.same_function(parameters, other, report=report)


def test_modules_are_the_same_up_to_order_and_scale_of_their_units():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)

    def network():
        return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))

    x, a, b = torch.randn(6, 4), network(), network()
    assert not equilaw.same_function(a, b, x)
    order, scale = torch.tensor([3, 1, 4, 0, 2]), torch.tensor([1.0, 2.0, 0.5, 3.0, 0.2])
    with torch.no_grad():
        b[0].weight.copy_(scale[:, None] * a[0].weight[order])
        b[0].bias.copy_(scale * a[0].bias[order])
        b[2].weight.copy_(a[2].weight[:, order] / scale)
        b[2].bias.copy_(a[2].bias)
    assert torch.allclose(a(x), b(x), atol=1e-5) and equilaw.same_function(a, b, x)


@pytest.mark.parametrize("name, actions", [("residual", 1), ("encoder_layer", 3), ("encoder", 3)])
def test_families_are_balanced_member_by_member(name, actions):
    torch = pytest.importorskip("torch")
    import modules

    torch.manual_seed(0)
    module, (x,) = getattr(modules, name)()
    before = module(x)
    report = equilaw.derive(module, x, complete=False, checks=False)
    found = equilaw.balance(module, x, report=report)
    assert torch.allclose(module(x), before, atol=1e-4) and len(found.after) >= actions
    assert not found.left_out and all(size < 1e-4 for size in found.after.values())


def test_heads_are_the_same_up_to_their_bases():
    torch = pytest.importorskip("torch")
    import copy

    torch.manual_seed(0)
    a = torch.nn.TransformerEncoderLayer(8, 2, 6, dropout=0.0, batch_first=True)
    b, x = copy.deepcopy(a), torch.randn(1, 5, 8)
    report = equilaw.derive(a, x, complete=False, checks=False)
    with torch.no_grad():
        packed, bias, out = b.self_attn.in_proj_weight, b.self_attn.in_proj_bias, b.self_attn.out_proj.weight
        for head in range(2):
            g = torch.randn(4, 4)
            rows = slice(16 + 4 * head, 20 + 4 * head)
            packed[rows], bias[rows] = g @ packed[rows], g @ bias[rows]
            columns = slice(4 * head, 4 * head + 4)
            out[:, columns] = out[:, columns] @ torch.linalg.inv(g)
    assert torch.allclose(a(x), b(x), atol=1e-4)
    assert equilaw.same_function(a, b, report=report, tolerance=1e-3)
    with torch.no_grad():
        packed[16] += 0.1
    assert not equilaw.same_function(a, b, report=report, tolerance=1e-3)


def test_modules_that_differ_beside_their_parameters_are_not_the_same():
    torch = pytest.importorskip("torch")
    import copy

    from torch import nn

    torch.manual_seed(0)
    x = torch.randn(6, 8)
    normed = nn.Sequential(nn.Linear(8, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)).eval()
    shifted = copy.deepcopy(normed)
    shifted[1].running_mean.add_(3)
    assert equilaw.same_function(normed, copy.deepcopy(normed), x) and not equilaw.same_function(normed, shifted, x)
    assert not equilaw.same_function(normed, shifted, report=equilaw.derive(normed, x, complete=False, checks=False))
    frozen = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))
    frozen[0].requires_grad_(False)
    other = copy.deepcopy(frozen)
    other[0].weight.data.add_(1)
    assert not equilaw.same_function(frozen, other, x)
    smooth = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 3))
    gated = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))
    smooth.load_state_dict(gated.state_dict())
    assert not equilaw.same_function(gated, smooth, x) and not equilaw.same_function(smooth, gated, x)
    y = torch.randn(1, 5, 8)
    two, four = (nn.TransformerEncoderLayer(8, heads, 16, batch_first=True).eval() for heads in (2, 4))
    four.load_state_dict(two.state_dict())
    assert not equilaw.same_function(two, four, y)
