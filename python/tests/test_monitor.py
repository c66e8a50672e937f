"""Laws on live parameters: silent where training is right, and heard where it is not."""

import pytest

torch = pytest.importorskip("torch")

import copy  # noqa: E402
import pickle  # noqa: E402
import warnings  # noqa: E402

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


# Learning-rate schedulers.


SCHEDULES = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 5),
    "cosine to 0": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 10),
    "warm-up from 0": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda k: min(1.0, k / 4)),
    "one cycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=100),
}


class Doubled(torch.optim.SGD):
    """Has a `step` of its own, inside of which that of the base runs."""

    def step(self, closure=None):
        return super().step(closure)


Doubled.__name__ = "SGD"


@pytest.mark.parametrize("kind", [torch.optim.SGD, Doubled], ids=["SGD", "derived"])
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_schedulers_are_made_before_and_after(report, schedule, first, kind):
    module = network()
    optimizer = kind(module.parameters(), lr=0.05, momentum=0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler = schedule(optimizer) if first else None
        monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
        scheduler = scheduler or schedule(optimizer)
        # Each step of the scheduler comes after one of the optimizer.
        for _ in range(25):
            trained(module, optimizer, monitor, steps=1)
            scheduler.step()
    assert monitor.count == 25 and len(monitor.history) == 25
    assert any(key.endswith("/step") for key in monitor.history[-1])
    monitor.detach()
    trained(module, optimizer, monitor, steps=1)
    scheduler.step()
    assert monitor.count == 25


def test_a_velocity_from_before_the_monitor_is_not_taken_for_none(report):
    module = network()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    trained(module, optimizer, None, steps=5)
    monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
    trained(module, optimizer, monitor, steps=5)
    tested = [any(key.endswith("/step") for key in logged) for logged in monitor.history]
    assert tested == [False, True, True, True, True]


# What rounding makes.


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_near_a_minimum_rounding_is_no_violation(momentum):
    """Gradients cancel over the samples there, and the rounding errors of their terms do not."""
    torch.manual_seed(0)
    x, y = torch.randn(256, 8), torch.randn(256, 3)
    module = nn.Sequential(nn.Linear(8, 6), nn.Linear(6, 3))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1 * (1 - momentum / 2), momentum=momentum)
    report = equilaw.derive(module, x, checks=False, complete=False)

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            ((module(x) - y) ** 2).mean().backward()
            optimizer.step()

    with equilaw.monitor(module, optimizer, report=report, every=20, action="raise") as monitor:
        steps(3000)
    # Few bits of a gradient are left there, which is not taken for a coarse type.
    assert not monitor.notes
    assert max(float(p.grad.norm()) for p in module.parameters()) < 1e-5
    # Also one that has seen nothing else, as of training that goes on from a checkpoint.
    with equilaw.monitor(module, optimizer, report=report, every=1, action="raise"):
        steps(20)
    # The terms of the other law there are heard as before.
    with equilaw.monitor(module, optimizer, report=report, every=1, action="collect") as monitor:
        module[0].weight.data.mul_(1.1)
        for _ in range(3):
            optimizer.zero_grad()
            ((module(x) - y) ** 2).mean().backward()
            module[0].weight.grad = None
            optimizer.step()
    assert monitor.violations


def coarse(mode, freeze, steps=60):
    module = network(3)
    dtype = dict(bf16=torch.bfloat16, fp16=torch.float16).get(mode, torch.float32)
    if dtype == torch.float16 and torch.__version__.startswith("1."):
        pytest.skip("products of float16 on a processor are of PyTorch 2")
    module = module.to(dtype)
    optimizer = torch.optim.SGD(module.parameters(), 0.02)
    report = equilaw.derive(network(), EXAMPLE, checks=False, complete=False)
    generator = torch.Generator().manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="collect")
        for _ in range(steps):
            x, y = torch.randn(64, 4, generator=generator), torch.randn(64, 3, generator=generator)
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "autocast"):
                out = module(x.to(dtype))
            nn.functional.mse_loss(out.float(), y).backward()
            if freeze:
                module[2].weight.grad = None
            optimizer.step()
    return monitor


@pytest.mark.parametrize("mode", ["bf16", "fp16", "autocast"])
def test_coarse_arithmetic_is_no_violation_and_a_frozen_layer_is(mode):
    assert not coarse(mode, freeze=False).violations
    assert len(coarse(mode, freeze=True).violations) > 30


def test_the_precision_is_seen_where_the_code_casts_inside():
    """Inside of the module, with an output in single precision, and gradients that are summed up and clipped."""

    class Inside(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = network()

        def forward(self, x):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = self.net(x)
            return found.float()

    module = Inside()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    plain = equilaw.derive(network(), EXAMPLE, checks=False, complete=False)
    monitor = equilaw.monitor(module.net, optimizer, report=plain, every=1, action="raise")
    for _ in range(20):
        optimizer.zero_grad()
        for _ in range(3):
            nn.functional.mse_loss(module(torch.randn(16, 4)), torch.randn(16, 3)).backward()
        nn.utils.clip_grad_norm_(module.parameters(), 0.1)
        optimizer.step()
    assert monitor.count == 20


def test_what_the_precision_hides_is_said_once(report, monkeypatch):
    from equilaw import tolerance

    # As if the arithmetic were coarser still.
    monkeypatch.setattr(tolerance, "COARSE", 1e4)
    module = network().bfloat16()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
    with pytest.warns(UserWarning, match="nothing can be seen there") as told:
        for _ in range(3):
            optimizer.zero_grad()
            module(torch.randn(16, 4).bfloat16()).float().square().mean().backward()
            optimizer.step()
    assert len(told) == 1 and len(monitor.notes) == 1 and told[0].filename == __file__


# Which parameters an optimizer moves.


def two_optimizers(module):
    return [
        torch.optim.SGD([*module[0].parameters(), *module[2].parameters()], lr=0.1),
        torch.optim.Adam(module[4].parameters()),
    ]


def test_several_optimizers_that_are_each_monitored_raise_no_alarm(report):
    module = network()
    optimizers = two_optimizers(module)
    with pytest.warns(UserWarning, match="several optimizers") as told:
        monitors = [equilaw.monitor(module, o, report=report, every=1, action="raise") for o in optimizers]
        for _ in range(5):
            module.zero_grad()
            nn.functional.mse_loss(module(EXAMPLE), torch.ones(6, 3)).backward()
            for one in optimizers:
                one.step()
    # The law of the first two layers is of one of them, which tests it.
    first, second = monitors
    assert sum(key.endswith("/gradient") for key in first.history[0]) == 1
    assert not any(key.endswith("/gradient") for key in second.history[0])
    assert len(told) == 2
    for one in monitors:
        one.detach()


def optimizer_of_another_model(module):
    return torch.optim.SGD(network(1).parameters(), lr=0.05), ["0.weight", "0.bias", "2.weight"]


def adam_of_another_model(module):
    return torch.optim.Adam(network(1).parameters()), ["0.weight", "0.bias", "2.weight"]


def a_rate_of_0(module):
    first, *rest = module.parameters()
    return torch.optim.Adam([dict(params=[first], lr=0.0), dict(params=rest)], lr=0.01), ["0.weight"]


def left_out_of_adam(module):
    return torch.optim.Adam(list(module.parameters())[1:]), ["0.weight"]


@pytest.mark.parametrize("made", [optimizer_of_another_model, adam_of_another_model, a_rate_of_0, left_out_of_adam])
def test_parameters_that_no_optimizer_moves_are_named(report, made):
    module = network()
    optimizer, expected = made(module)
    monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
    with pytest.raises(equilaw.LawViolated, match="the optimizer does not move"):
        trained(module, optimizer, monitor)
    first = monitor.violations[0]
    assert first.step == 0 and first.test == "held" and 0 < first.residual <= 1
    assert sorted(first.parameters) == sorted(expected)


def test_a_module_without_laws_is_told():
    module = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    with pytest.warns(UserWarning, match="nothing is watched"):
        monitor = equilaw.monitor(module, plain(module), EXAMPLE, action="raise")
    assert not monitor.laws and monitor.notes


# Life cycle.


@pytest.mark.parametrize("kind", [torch.optim.SGD, Doubled], ids=["SGD", "derived"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_monitors_are_taken_off_in_any_order(report, order, kind):
    module = network()
    optimizer = kind(module.parameters(), lr=0.05)
    step = optimizer.step
    monitors = [equilaw.monitor(module, optimizer, report=report, every=1, action="raise") for _ in range(2)]
    trained(module, optimizer, None, steps=1)
    first, last = (monitors[k] for k in order)
    first.detach()
    trained(module, optimizer, None, steps=2)
    assert (first.count, last.count) == (1, 3)
    last.detach()
    last.detach()
    trained(module, optimizer, None, steps=2)
    assert (first.count, last.count) == (1, 3)
    assert order == (0, 1) or optimizer.step == step
    assert not module._forward_hooks and not any(p._backward_hooks for p in module.parameters())


def test_a_step_that_fails_leaves_the_monitor_as_it_was(report):
    module = network()
    optimizer = plain(module)
    monitor = equilaw.monitor(module, optimizer, report=report, every=2, action="raise")

    def fails():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(fails)
    trained(module, optimizer, monitor, steps=4)
    assert monitor.count == 4 and len(monitor.history) == 2


@pytest.mark.parametrize("every", [0, -1, 1.5, None])
def test_a_number_of_steps_is_positive(report, every):
    module = network()
    with pytest.raises(ValueError, match="every is a number of steps"):
        equilaw.monitor(module, plain(module), report=report, every=every)


def test_modules_are_copied_and_saved_while_they_are_watched(report):
    module = network()
    optimizer = plain(module)
    monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
    trained(module, optimizer, monitor, steps=2)
    assert pickle.loads(pickle.dumps(monitor)).history == monitor.history
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        twin(EXAMPLE).sum().backward()
    trained(module, optimizer, monitor, steps=2)


def test_wrapped_modules_are_watched_by_the_report_of_what_is_inside(report):
    wrapped = [nn.DataParallel]
    if hasattr(torch, "compile"):
        wrapped.append(lambda module: torch.compile(module, backend="eager"))
    for wrap in wrapped:
        module = wrap(network())
        optimizer = plain(module)
        monitor = equilaw.monitor(module, optimizer, report=report, every=1, action="raise")
        trained(module, optimizer, monitor, steps=3)
        inner = next(module.children())
        inner[2].weight.requires_grad = False
        with pytest.raises(equilaw.LawViolated):
            trained(module, optimizer, monitor, steps=3)
