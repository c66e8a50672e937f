"""What `equilaw.monitor` costs: the time of its work over that of the training steps it watches, for a transformer block. Needs PyTorch.

The work of the monitor is timed where it is done, inside of the same run, by the time of the processor on one thread: a machine that is busy
with other things does not change it.
"""

import inspect
import statistics
import time

import equilaw
import torch
from equilaw.passes import Passes
from torch import nn

GOAL = 0.01
WIDTH, HEADS, HIDDEN, BATCH, LENGTH = 256, 4, 1024, 16, 128
EVERY = inspect.signature(equilaw.monitor).parameters["every"].default
STEPS = EVERY + 2


def block() -> nn.Module:
    torch.manual_seed(0)
    return nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True, norm_first=True)


def main() -> None:
    torch.set_num_threads(1)
    module = block()
    report = equilaw.derive(module, torch.randn(1, 6, WIDTH), checks=False, complete=False)
    x, y = torch.randn(BATCH, LENGTH, WIDTH), torch.randn(BATCH, LENGTH, WIDTH)
    print(f"transformer block of width {WIDTH}, {BATCH} x {LENGTH} tokens, {torch.get_num_threads()} threads")
    print(f"{'every':>6} {'step':>10} {'look':>10} {'share of a step':>16} {'goal':>6}")
    for name, make in (("SGD", torch.optim.SGD), ("Adam", torch.optim.Adam)):
        print(name, *measured(module, make(module.parameters(), lr=1e-4), report, x, y, EVERY))


def measured(module, optimizer, report, x, y, every):
    plain = optimizer.step
    spent = [0.0]

    def step(*args, **kwargs):
        start = time.process_time()
        found = plain(*args, **kwargs)
        spent[0] += time.process_time() - start
        return found

    optimizer.step = step
    passes, restore = timed_passes()
    monitor = equilaw.monitor(module, optimizer, report=report, every=every, action="collect")
    steps, looks, own = [], [], 0.0
    for _ in range(STEPS):
        start = time.process_time()
        optimizer.zero_grad()
        nn.functional.mse_loss(module(x), y).backward()
        in_passes, passes[0] = passes[0], 0.0
        spent[0], before = 0.0, time.process_time()
        optimizer.step()
        end = time.process_time()
        own = end - before - spent[0]
        steps.append(end - start - own - in_passes)
        looks.append(own + in_passes)
    monitor.detach()
    restore()
    # Looks come with the step before them, which keeps the parameters.
    each = sum(looks[1 : 1 + every])
    share = each / every / statistics.median(steps)
    return every, f"{statistics.median(steps):.4f} s", f"{each:.4f} s", f"{share:.2%}", f"{GOAL:.0%}", len(monitor.laws)


def timed_passes():
    """The time that the hooks of the monitor take in the forward and the backward pass, and what undoes the timing."""
    spent = [0.0]
    makers = {name: getattr(Passes, name) for name in ("_returns", "_arrives")}

    def timed(hook):
        def run(gradient):
            start = time.process_time()
            hook(gradient)
            spent[0] += time.process_time() - start

        return run

    for name, make in makers.items():
        setattr(Passes, name, lambda *given, make=make: timed(make(*given)))

    def restore():
        for name, make in makers.items():
            setattr(Passes, name, make)

    return spent, restore


if __name__ == "__main__":
    main()
