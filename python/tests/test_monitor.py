"""Laws on live parameters: silent where training is right, and heard where it is not."""

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
import modules  # noqa: E402
from torch import nn  # noqa: E402

EXAMPLE = torch.randn(6, 4)


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3))


@pytest.fixture(scope="module")
def report():
    return equilaw.derive(network(), EXAMPLE, checks=False, complete=False)


def trained(module, optimizer, monitor, steps=30, loss=nn.functional.mse_loss, between=lambda k: None):
    generator = torch.Generator().manual_seed(1)
    for k in range(steps):
        x, y = torch.randn(16, 4, generator=generator), torch.randn(16, 3, generator=generator)
        optimizer.zero_grad()
        loss(module(x), y).backward()
        between(k)
        optimizer.step()
    return monitor


@pytest.mark.parametrize(
    "options", [{}, dict(momentum=0.9), dict(weight_decay=0.1), dict(momentum=0.8, weight_decay=0.01)], ids=str
)
def test_what_is_right_is_silent(report, options):
    module = network()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, **options)
    logged = []
    monitor = equilaw.monitor(
        module, optimizer, report=report, every=3, action="raise", callback=lambda k, d: logged.append((k, d))
    )
    trained(module, optimizer, monitor)
    assert len(monitor.laws) == 2 and len(logged) == 10 and not monitor.violations
    assert any(key.endswith("/step") for key in logged[0][1])
    drifts = [v for k, v in logged[-1][1].items() if k.endswith("/drift")]
    assert max(drifts) > 0


def test_adam_is_watched_by_its_gradients(report):
    module = network()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    monitor = trained(module, optimizer, equilaw.monitor(module, optimizer, report=report, every=1, action="raise"))
    assert not any(key.endswith("/step") for key in monitor.history[-1])


class Wrong(nn.Module):
    def forward(self, x):
        return modules.Straight.apply(x)


class Forgetful(torch.optim.SGD):
    """Does not move one parameter."""

    def step(self, closure=None):
        kept = self.param_groups[0]["params"][2].detach().clone()
        super().step(closure)
        self.param_groups[0]["params"][2].data.copy_(kept)


Forgetful.__name__ = "SGD"


class Ascending(torch.optim.SGD):
    """Moves one parameter the wrong way."""

    def step(self, closure=None):
        self.param_groups[0]["params"][4].grad.neg_()
        super().step(closure)


Ascending.__name__ = "SGD"


def plain(module):
    return torch.optim.SGD(module.parameters(), lr=0.05)


def wrong_backward(module):
    module[1] = Wrong()
    return plain(module), {}


def forgetful(module):
    return Forgetful(module.parameters(), lr=0.05), {}


def ascending(module):
    return Ascending(module.parameters(), lr=0.05), {}


def frozen_by_accident(module):
    module[2].weight.requires_grad = False
    return plain(module), {}


def left_out_of_the_optimizer(module):
    return torch.optim.SGD([p for n, p in module.named_parameters() if n != "2.weight"], lr=0.05), {}


def scaled_gradient(module):
    return plain(module), dict(between=lambda k: module[4].weight.grad.mul_(1.5))


def clipped_one_by_one(module):
    return plain(module), dict(between=lambda k: [nn.utils.clip_grad_norm_([p], 1e-2) for p in module.parameters()])


def noise_on_a_gradient(module):
    return plain(module), dict(between=lambda k: module[0].weight.grad.add_(0.01))


def accumulated(module):
    """One gradient is not set to zero."""
    kept = []

    def between(k):
        kept.append(module[0].weight.grad.clone())
        if k:
            module[0].weight.grad.add_(kept[-2])

    return plain(module), dict(between=between)


def penalty_in_the_loss(module):
    return plain(module), dict(loss=lambda f, y: nn.functional.mse_loss(f, y) + module[0].weight.pow(2).sum())


def decay_in_secret(module):
    """One parameter shrinks behind the back of the optimizer."""
    optimizer = plain(module)
    inner = optimizer.step

    def step(*args):
        inner(*args)
        with torch.no_grad():
            module[0].weight.mul_(0.99)

    optimizer.step = step
    return optimizer, {}


BUGS = [
    wrong_backward,
    forgetful,
    ascending,
    frozen_by_accident,
    left_out_of_the_optimizer,
    scaled_gradient,
    clipped_one_by_one,
    noise_on_a_gradient,
    accumulated,
    penalty_in_the_loss,
    decay_in_secret,
]


@pytest.mark.parametrize("bug", BUGS, ids=lambda f: f.__name__)
def test_a_planted_bug_is_heard(report, bug):
    module = network()
    optimizer, options = bug(module)
    monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
    with pytest.raises(equilaw.LawViolated) as caught:
        trained(module, optimizer, monitor, **options)
    first = caught.value.violations[0]
    assert first.step <= 2 and "weight" in " ".join(first.parameters)


def test_what_happens_then_is_chosen(report):
    module = network()
    optimizer, options = scaled_gradient(module)
    with pytest.warns(UserWarning, match="step 0: the gradients violate"):
        equilaw.monitor(module, optimizer, report=report, every=50)
        trained(module, optimizer, None, steps=1, **options)
    module = network()
    optimizer, options = scaled_gradient(module)
    with equilaw.monitor(module, optimizer, report=report, every=10, action="collect") as monitor:
        trained(module, optimizer, monitor, steps=20, **options)
    assert {v.step for v in monitor.violations} == {0, 10}
    assert "step" not in vars(optimizer) or optimizer.step is not monitor


def test_blocks_that_are_told_once_are_watched(recwarn):
    import modules

    module, (x,) = modules.residual()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    monitor = equilaw.monitor(module, optimizer, x, every=1, action="raise")
    assert len(monitor.laws) == 2
    for _ in range(3):
        optimizer.zero_grad()
        module(x).pow(2).mean().backward()
        optimizer.step()
    module.blocks[1][1].weight.requires_grad = False
    with pytest.raises(equilaw.LawViolated):
        optimizer.zero_grad()
        module(x).pow(2).mean().backward()
        module.blocks[1][1].weight.grad = None
        optimizer.step()


def test_layers_with_rates_of_their_own_raise_no_alarm():
    """Members of a family that move at different rates are watched by their gradients."""
    torch.manual_seed(0)
    module, (x,) = modules.residual()
    groups = [dict(params=block.parameters(), lr=0.1 / (k + 1)) for k, block in enumerate(module.blocks)]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    with equilaw.monitor(module, optimizer, x, every=1, action="collect") as monitor:
        for _ in range(3):
            optimizer.zero_grad()
            module(x).square().mean().backward()
            optimizer.step()
    assert monitor.history and not monitor.violations
