"""What rounding makes of the laws of right training in coarse arithmetic, over eps times their terms: `equilaw.tolerance.COARSE` is to be well above. Needs PyTorch 2."""

import warnings

import equilaw
import torch
from equilaw.bilinear import largest_term, residual, rounded
from equilaw.tolerance import COARSE, Rounding
from torch import nn

WIDE, TOKENS, IMAGES = torch.randn(64, 64), torch.randn(8, 16, 32), torch.randn(16, 3, 8, 8)


def relus(depth, width=64):
    return nn.Sequential(*(x for _ in range(depth) for x in (nn.Linear(64, 64), nn.ReLU())), nn.Linear(width, 10))


def tied():
    module = relus(2)
    module[2].weight = module[0].weight
    return module


def blocks(depth, before):
    layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=before)
    return nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)


def convolutions(norm):
    conv = (nn.Conv2d(3, 8, 3), norm(8), nn.ReLU(), nn.Conv2d(8, 4, 3), norm(4), nn.ReLU())
    return nn.Sequential(*conv, nn.Flatten(), nn.Linear(64, 3))


NETWORKS = {
    "linear": (lambda: nn.Sequential(nn.Linear(64, 32), nn.Linear(32, 10)), WIDE),
    "one unit": (lambda: nn.Sequential(nn.Linear(64, 1), nn.Linear(1, 10)), WIDE),
    "ReLU, 2 layers": (lambda: relus(2), WIDE),
    "ReLU, 8 layers": (lambda: relus(8), WIDE),
    "tied": (tied, WIDE),
    "LayerNorm": (lambda: nn.Sequential(nn.Linear(64, 32), nn.LayerNorm(32), nn.Linear(32, 10)), WIDE),
    "convolutions": (lambda: convolutions(lambda _: nn.Identity()), IMAGES),
    "batch norm": (lambda: convolutions(nn.BatchNorm2d), IMAGES),
    "2 blocks, norm first": (lambda: blocks(2, True), TOKENS),
    "8 blocks, norm first": (lambda: blocks(8, True), TOKENS),
    "6 blocks, norm last": (lambda: blocks(6, False), TOKENS),
}
MODES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "autocast": torch.float32}


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print(f"{'network':>22} " + " ".join(f"{mode:>9}" for mode in MODES) + f"   allowed: {COARSE}")
    for name, (make, x) in NETWORKS.items():
        torch.manual_seed(0)
        report = equilaw.derive(make(), x, checks=False, complete=False)
        print(f"{name:>22} " + " ".join(f"{measured(make(), x, report, mode):9.2f}" for mode in MODES), flush=True)


def measured(module, x, report, mode, steps=60):
    found = [0.0]
    plain = Rounding.tolerance

    def tolerance(self, law, test, along):
        if test == "gradient" and self.coarse:
            parts = max(along.parts(law.quantity.names), 1e-300)
            terms = (largest_term(law, along) + rounded(law, along)) * self._summed(along, law.quantity.names) / parts
            found.append(residual(law, along) / max(self.coarse * terms, 1e-300))
        return plain(self, law, test, along)

    module = module.to(MODES[mode])
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    Rounding.tolerance = tolerance
    try:
        with equilaw.monitor(module, optimizer, report=report, every=3, action="collect"):
            y = torch.randn_like(module(x.to(MODES[mode])).float())
            for _ in range(steps):
                optimizer.zero_grad()
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "autocast"):
                    out = module(x.to(MODES[mode]))
                nn.functional.mse_loss(out.float(), y).backward()
                optimizer.step()
    finally:
        Rounding.tolerance = plain
    return max(found)


if __name__ == "__main__":
    main()
