"""`equilaw.monitor` where the training loop is not the user's: in Lightning, and in the `Trainer` of Hugging Face's transformers."""

from __future__ import annotations

from typing import Any

from .monitor import Monitor, monitor
from .report import Report


def lightning(report: Report, **options: Any) -> Any:
    """A callback for Lightning: `Trainer(callbacks=[equilaw.callbacks.lightning(report)])`.

    `report` is that of the module that is trained, `equilaw.derive(module, x)`; `options` are those of `equilaw.monitor`. What is logged goes to the logger of
    the trainer, unless there is a `callback` among them. Each optimizer has a monitor of its own, in `.monitors`.
    """
    try:
        from lightning.pytorch import Callback
    except ImportError:
        from pytorch_lightning import Callback

    class Laws(Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.monitors: list[Monitor] = []

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            def log(step: int, values: Any) -> None:
                for logger in trainer.loggers:
                    logger.log_metrics(dict(values), step)

            given = {"callback": log, **options}
            self.monitors = [monitor(pl_module, one, report=report, **given) for one in trainer.optimizers]

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            for one in self.monitors:
                one.detach()

    return Laws()


def huggingface(report: Report, **options: Any) -> Any:
    """A callback for the `Trainer` of transformers: `Trainer(…, callbacks=[equilaw.callbacks.huggingface(report)])`.

    As `lightning`; its monitor is `.monitor`, and what is logged goes to the `callback` among the options, or stays in `.monitor.history`.
    """
    from transformers import TrainerCallback

    class Laws(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.monitor: Monitor | None = None

        def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            optimizer = given["optimizer"]
            # Inside of what distributes it.
            while hasattr(optimizer, "optimizer"):
                optimizer = optimizer.optimizer
            self.monitor = monitor(given["model"], optimizer, report=report, **options)

        def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            if self.monitor is not None:
                self.monitor.detach()

    return Laws()
