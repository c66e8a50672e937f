"""The monitor in the loops of Lightning and of transformers: with small stand-ins for both, and with themselves where they are."""

import importlib.util
import sys
import types

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402


class Network(nn.Module):
    def __init__(self, wrong=False):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.outer = nn.Linear(4, 5), nn.Linear(5, 3)
        self.wrong = wrong

    def forward(self, x):
        return self.outer(torch.relu(self.inner(x)))


@pytest.fixture(scope="module")
def report():
    return equilaw.derive(Network(), torch.randn(6, 4), checks=False, complete=False)


def closed(module, optimizer):
    """One step, with the closure that Lightning hands to the optimizer."""

    def closure():
        optimizer.zero_grad()
        loss = (module(torch.randn(8, 4)) ** 2).mean()
        loss.backward()
        if module.wrong:
            module.inner.weight.grad *= 2
        return loss

    optimizer.step(closure=closure)


class StandIn:
    """Of a callback's base class."""


@pytest.fixture
def small_lightning(monkeypatch):
    package, part = types.ModuleType("lightning"), types.ModuleType("lightning.pytorch")
    part.Callback = StandIn
    monkeypatch.setitem(sys.modules, "lightning", package)
    monkeypatch.setitem(sys.modules, "lightning.pytorch", part)


@pytest.mark.parametrize("wrong", [False, True])
def test_lightning_with_a_stand_in(report, small_lightning, wrong):
    module = Network(wrong)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    before = optimizer.step
    told = []
    logger = types.SimpleNamespace(log_metrics=lambda values, step: told.append((step, values)))
    trainer = types.SimpleNamespace(optimizers=[optimizer], loggers=[logger])
    callback = equilaw.callbacks.lightning(report, every=2, action="collect")
    callback.on_train_start(trainer, module)
    for _ in range(6):
        closed(module, optimizer)
    callback.on_train_end(trainer, module)
    assert [step for step, _ in told] == [0, 2, 4] and bool(callback.monitors[0].violations) == wrong
    assert optimizer.step == before


def test_lightning_with_several_optimizers(report, small_lightning):
    """Each has a monitor, and no step of one is held against the other."""
    module = Network()
    optimizers = [torch.optim.SGD(part.parameters(), lr=0.05) for part in (module.inner, module.outer)]
    trainer = types.SimpleNamespace(optimizers=optimizers, loggers=[])
    callback = equilaw.callbacks.lightning(report, every=1, action="raise")
    callback.on_train_start(trainer, module)
    with pytest.warns(UserWarning, match="several optimizers"):
        for _ in range(4):
            for one in optimizers:
                closed(module, one)
    assert [monitor.count for monitor in callback.monitors] == [4, 4]
    callback.on_train_end(trainer, module)


def test_transformers_with_a_stand_in(report, monkeypatch):
    package = types.ModuleType("transformers")
    package.TrainerCallback = StandIn
    monkeypatch.setitem(sys.modules, "transformers", package)
    module = Network(wrong=True)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    distributed = types.SimpleNamespace(optimizer=optimizer)
    callback = equilaw.callbacks.huggingface(report, every=1, action="raise")
    callback.on_train_begin(None, None, None, model=module, optimizer=distributed)
    with pytest.raises(equilaw.LawViolated, match="inner.weight"):
        closed(module, optimizer)
    callback.on_train_end(None, None, None)


@pytest.mark.skipif(importlib.util.find_spec("lightning") is None, reason="needs lightning")
def test_lightning(report, tmp_path):
    import lightning.pytorch as pl

    class Module(pl.LightningModule):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.inner, self.outer = nn.Linear(4, 5), nn.Linear(5, 3)

        def forward(self, x):
            return self.outer(torch.relu(self.inner(x)))

        def training_step(self, batch, k):
            return (self(batch) ** 2).mean()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)

    callback = equilaw.callbacks.lightning(report, every=2, action="raise")
    batches = torch.utils.data.DataLoader(torch.randn(64, 4), batch_size=8)
    quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    pl.Trainer(max_epochs=1, accelerator="cpu", callbacks=[callback], default_root_dir=tmp_path, **quiet).fit(
        Module(), batches
    )
    (monitor,) = callback.monitors
    assert len(monitor.history) == 4 and any(key.endswith("/step") for key in monitor.history[-1])


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="needs transformers")
def test_transformers(report, tmp_path):
    pytest.importorskip("accelerate")
    from transformers import Trainer, TrainingArguments

    class Module(Network):
        def forward(self, x, labels=None):
            found = super().forward(x)
            return found if labels is None else {"loss": ((found - labels) ** 2).mean(), "logits": found}

    data = [{"x": torch.randn(4), "labels": torch.randn(3)} for _ in range(32)]
    options = dict(report_to=[], disable_tqdm=True, use_cpu=True, save_strategy="no", remove_unused_columns=False)
    arguments = TrainingArguments(str(tmp_path), num_train_epochs=1, per_device_train_batch_size=8, **options)
    module = Module()
    callback = equilaw.callbacks.huggingface(report, every=1, action="raise")
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer)
    Trainer(module, arguments, train_dataset=data, callbacks=[callback], optimizers=(optimizer, schedule)).train()
    assert len(callback.monitor.history) == 4
