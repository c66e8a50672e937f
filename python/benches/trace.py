"""What it takes to see the laws of a module: tracing, which is mostly PyTorch's, and deriving, without and with the measurements and the count. In seconds of the
processor, which other programs do not change as much as those of a clock. Needs PyTorch, and a build with optimization: `pip install ./python`."""

import sys
import time
from pathlib import Path

import equilaw
import equilaw.trace
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import modules  # noqa: E402

TRACING_AND_DERIVING, DERIVING = 3.0, 1.0


def layer():
    return nn.TransformerEncoderLayer(64, 4, 128, batch_first=True).eval(), (torch.randn(1, 10, 64),)


MODULES = {
    "nn.TransformerEncoderLayer(64, 4, 128)": layer,
    "nn.TransformerEncoder of 6 layers": modules.encoder,
    "GPT-2 block": modules.gpt2_block,
    "Llama block": modules.llama_block,
    "ResNet with a basic block": modules.resnet_evaluated,
}


def timed(f):
    start = time.process_time()
    found = f()
    return found, time.process_time() - start


def main() -> None:
    equilaw.derive(nn.Linear(4, 3), torch.randn(6, 4))
    print(f"goals: {TRACING_AND_DERIVING} s together, {DERIVING} s deriving")
    print(f"{'':40} {'lines':>6} {'tracing':>8} {'deriving':>9} {'measured, counted':>18}")
    for name, make in MODULES.items():
        torch.manual_seed(0)
        module, args = make()
        found, tracing = timed(lambda: equilaw.trace.torch(module, *args))  # noqa: B023
        _, deriving = timed(lambda: found.derive(checks=False, complete=False))  # noqa: B023
        _, whole = timed(found.derive)
        print(f"{name:40} {len(found.text.splitlines()):6} {tracing:8.2f} {deriving:9.2f} {whole:18.2f}")


if __name__ == "__main__":
    main()
