"""Whole networks as public repositories write them, and forms of code that they use."""

import math

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.manual_seed(0)


def traced(module, *args, **options):
    """A translation without arbitrary functions."""
    found = equilaw.trace.torch(module, *args, **options)
    assert "\nfunction " not in found.text and "\nactivation " not in found.text, found.text
    return found


# Networks.


class CausalAttention(nn.Module):
    def __init__(self, d, heads, longest):
        super().__init__()
        self.c_attn, self.c_proj, self.heads = nn.Linear(d, 3 * d), nn.Linear(d, d), heads
        self.register_buffer("bias", torch.tril(torch.ones(longest, longest)).view(1, 1, longest, longest))

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = (y.view(b, t, self.heads, c // self.heads).transpose(1, 2) for y in self.c_attn(x).split(c, dim=2))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(k.size(-1))
        scores = scores.masked_fill(self.bias[:, :, :t, :t] == 0, float("-inf"))
        return self.c_proj((F.softmax(scores, dim=-1) @ v).transpose(1, 2).contiguous().view(b, t, c))


class Block(nn.Module):
    def __init__(self, d, heads, longest):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(d), CausalAttention(d, heads, longest), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """More positions than are given; the embedding is the head; the loss, or the logits of the last position."""

    def __init__(self, vocabulary=7, d=4, heads=2, layers=3, longest=8):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, d), nn.Embedding(longest, d)
        self.h = nn.ModuleList([Block(d, heads, longest) for _ in range(layers)])
        self.ln_f, self.lm_head = nn.LayerNorm(d), nn.Linear(d, vocabulary, bias=False)
        self.wte.weight = self.lm_head.weight

    def forward(self, idx, targets=None):
        x = self.wte(idx) + self.wpe(torch.arange(0, idx.size(1), dtype=torch.long, device=idx.device))
        for block in self.h:
            x = block(x)
        x = self.ln_f(x)
        if targets is None:
            return self.lm_head(x[:, [-1], :]), None
        logits = self.lm_head(x)
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)


@pytest.mark.parametrize("inputs", [1, 2])
def test_a_language_model_is_told_in_one_repeat(inputs):
    found = traced(GPT(), *(torch.randint(7, (2, 5)) for _ in range(inputs)))
    assert "repeat l in 1..L {" in found.text and found.text.count("softmax(") == 1 + found.text.count("logsoftmax(")


class VisionTransformer(nn.Module):
    def __init__(self, d=4, patches=4):
        super().__init__()
        self.patch, self.token = nn.Conv2d(3, d, 2, 2), nn.Parameter(torch.zeros(1, 1, d))
        self.positions = nn.Parameter(torch.randn(1, patches + 1, d))
        layer = nn.TransformerEncoderLayer(d, 2, 6, 0.0, "gelu", batch_first=True, norm_first=True)
        self.encoder, self.norm, self.head = nn.TransformerEncoder(layer, 3), nn.LayerNorm(d), nn.Linear(d, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.positions
        return self.head(self.norm(self.encoder(x))[:, 0])


def test_a_vision_transformer_is_told_in_one_repeat():
    found = traced(VisionTransformer(), torch.randn(2, 3, 4, 4))
    assert "repeat l in 1..L {" in found.text and found.text.count("softmax(") == 1


class ConvNeXt(nn.Module):
    """Positions are axes of an image for the convolution, and rows for the layers between."""

    def __init__(self, d=4):
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(d, d, 3, padding=1, groups=d), nn.LayerNorm(d)
        self.up, self.down, self.gamma = nn.Linear(d, 2 * d), nn.Linear(2 * d, d), nn.Parameter(torch.ones(d))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + (self.gamma * self.down(F.gelu(self.up(y)))).permute(0, 3, 1, 2)


def test_a_block_of_convnext_is_three_lines():
    found = traced(ConvNeXt(), torch.randn(2, 4, 4, 4))
    assert found.text.count("\nlet ") == 2


class Rotary(nn.Module):
    """Rotations by positions as products of complex numbers, in single precision."""

    def __init__(self, d=4, longest=9):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, d, bias=False) for _ in range(3))
        angles = torch.outer(torch.arange(longest).float(), 10.0 ** -torch.arange(0, d, 2).div(d))
        self.turns = torch.polar(torch.ones_like(angles), angles)

    def turned(self, x):
        pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * self.turns[: x.shape[1]].view(1, x.shape[1], -1)).flatten(2).type_as(x)

    def forward(self, x):
        q, k = self.turned(self.q(x)), self.turned(self.k(x))
        return F.softmax((q @ k.transpose(1, 2)).float(), dim=-1).type_as(x) @ self.v(x)


def test_rotations_are_pairs_of_real_numbers():
    report = equilaw.derive(Rotary(), torch.randn(2, 5, 4), complete=False)
    assert report.clean and "function" not in report.source
    assert [a.name for a in report.actions if a.algebra_dim != "0"] == ["scale", "scale_2"]


class Unet(nn.Module):
    def __init__(self, up):
        super().__init__()
        self.down, self.low = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 3, 3, padding=1)
        self.up = up or nn.ConvTranspose2d(3, 3, 2, stride=2)
        self.out = nn.Conv2d(5, 2, 1)

    def forward(self, x):
        a = F.relu(self.down(x))
        return self.out(torch.cat([a, F.relu(self.up(self.low(F.max_pool2d(a, 2))))], 1))


@pytest.mark.parametrize(
    "up", [None, nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=2, mode="bilinear")], ids=str
)
def test_what_is_scaled_up_is_put_beside(up):
    assert "concat(" not in traced(Unet(up), torch.randn(1, 1, 4, 4)).text


class Graph(nn.Module):
    """Roots of the degrees of an adjacency matrix."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x, adjacency):
        root = adjacency.sum(1).pow(-0.5)
        seen = root[:, None] * adjacency * root[None, :]
        return seen @ self.b(F.relu(seen @ self.a(x)))


def test_data_are_positive_where_they_have_to_be():
    report = equilaw.derive(Graph(), torch.randn(5, 3), torch.rand(5, 5), complete=False)
    assert report.clean and any("positive numbers" in x for x in report.assumptions)
    assert "rescale_h" in [a.name for a in report.actions]


class Experts(nn.Module):
    """Experts as one array, and a gate for each sample."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 3, bias=False)
        self.w1, self.w2 = nn.Parameter(torch.randn(3, 4, 5)), nn.Parameter(torch.randn(3, 5, 4))

    def forward(self, x):
        h = torch.einsum("enh,ehd->end", torch.relu(torch.einsum("nd,edh->enh", x, self.w1)), self.w2)
        return torch.einsum("ne,end->nd", self.gate(x).softmax(-1), h)


def test_experts_are_one_family():
    assert "sum(i in 1..H)" in traced(Experts(), torch.randn(6, 4)).text


def test_heads_that_several_terms_have_in_common_are_one_family():
    """Two terms of a sum, each of which is a sum over the same heads."""

    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Parameter(torch.randn(2, 4, 3)), nn.Parameter(torch.randn(2, 3, 4))
            self.out = nn.ModuleList([nn.Linear(4, 2, bias=False) for _ in range(2)])
            self.seen = [torch.randn(4, 4) for _ in range(2)]

        def forward(self, x):
            heads = [torch.einsum("nd,hdk->hnk", x @ seen, self.a).tanh() for seen in self.seen]
            return sum(out(torch.einsum("hnk,hkd->nd", y, self.b).sin()) for out, y in zip(self.out, heads))

    module = Shared()
    found = traced(module, torch.randn(5, 4))
    arrays = found.parameters(module)
    assert sorted(tuple(x.shape) for x in arrays.values()) == [(2, 2, 4), (2, 3, 4), (2, 4, 3)]
    assert found.derive(complete=False).clean


# Forms.


class Between(nn.Module):
    def __init__(self, f, inner=6):
        super().__init__()
        self.a, self.b, self.f = nn.Linear(4, 6), nn.Linear(inner, 3), f

    def forward(self, x):
        return self.b(self.f(self.a(x)))


def written(h):
    out = torch.zeros_like(h)
    out[:, :3] = h[:, :3].relu()
    out[:, 4:] = h[:, 4:]
    return out


def changed(h):
    h[:, :2].mul_(3.0)
    return h


@pytest.mark.parametrize(
    "f, inner, told",
    [
        (lambda h: h.clamp(min=0), 6, "relu("),
        (lambda h: torch.maximum(h, torch.zeros_like(h)), 6, "relu("),
        (lambda h: F.threshold(h, 0.0, 0.0), 6, "relu("),
        (lambda h: torch.minimum(h, h.sin()), 6, "max("),
        (lambda h: h.clamp(-1, 1), 6, "hardtanh("),
        (lambda h: F.hardtanh(h, -2.0, 3.0), 6, "relu("),
        (lambda h: F.glu(h), 3, "sigmoid("),
        (lambda h: F.logsigmoid(h), 6, "softplus("),
        (lambda h: torch.lerp(h, h.relu(), 0.3), 6, "relu("),
        (lambda h: torch.addcmul(h, h, h, value=0.5), 6, "square("),
        (lambda h: h - h.logsumexp(-1, keepdim=True), 6, "logsoftmax("),
        (lambda h: F.normalize(h, dim=-1), 6, "normalize("),
        (lambda h: h / h.norm(dim=-1, keepdim=True), 6, "normalize("),
        (lambda h: (h - h.mean(-1, keepdim=True)) / (h.std(-1, keepdim=True) + 1e-5), 6, "sqrt("),
        (lambda h: h.roll(1, dims=1).relu(), 6, "relu("),
        (lambda h: h.flip(1)[:, ::2], 3, "S"),
        (lambda h: h[:, [1, 0, 2, 3, 5, 4]].tril(), 6, "S"),
        (lambda h: F.pad(h, (1, 1)), 8, "S"),
        (written, 6, "relu("),
        (changed, 6, "3 *"),
    ],
)
def test_what_the_language_has_is_told_by_it(f, inner, told):
    assert told in traced(Between(f, inner), torch.randn(7, 4)).text


class Loss(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.net, self.f = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), f

    def forward(self, x, y):
        return self.f(self.net(x), y)


@pytest.mark.parametrize(
    "f, y",
    [
        (F.cross_entropy, torch.randint(3, (6,))),
        (lambda a, y: -a.log_softmax(-1).gather(1, y[:, None]).mean(), torch.randint(3, (6,))),
        (lambda a, y: F.nll_loss(a.log_softmax(-1), y, reduction="sum"), torch.randint(3, (6,))),
        (F.binary_cross_entropy_with_logits, torch.rand(6, 3)),
        (F.mse_loss, torch.randn(6, 3)),
        (lambda a, y: ((y[:, None] == torch.arange(3)) * a.log_softmax(-1)).sum(1).mean(), torch.arange(6) % 3),
        (lambda a, y: (torch.zeros_like(a).scatter(1, y[:, None], 2.0) * a.sigmoid()).sum(), torch.arange(6) % 3),
        (lambda a, y: -F.cosine_similarity(a, y.detach(), dim=-1).mean(), torch.randn(6, 3)),
    ],
)
def test_a_loss_that_the_code_computes(f, y):
    report = equilaw.derive(Loss(f), torch.randn(6, 4), y, complete=False)
    assert report.clean and "function" not in report.source and "rescale_h" in [a.name for a in report.actions]


def test_the_laws_of_weight_norm():
    """Directions keep their lengths, and the lengths are balanced."""
    layers = [nn.utils.weight_norm(nn.Linear(4, 5)), nn.ReLU(), nn.utils.weight_norm(nn.Linear(5, 3))]
    report = equilaw.derive(nn.Sequential(*layers), torch.randn(6, 4))
    assert report.clean and report.complete.laws_known == report.complete.laws_at_most == 9


def test_a_parameter_is_used_whole_and_in_parts():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(6, 4))

        def forward(self, x):
            return x @ self.w[:3].T + (x @ self.w.T)[:, 2:5].sin() + self.w.sum()

    found = traced(Both(), torch.randn(5, 4))
    assert found.text.count("\nparam ") == 1
