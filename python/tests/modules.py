"""Modules of PyTorch as public code writes them, each with an example input."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Straight(torch.autograd.Function):
    """Zero at the wrong side, and the gradient of the identity."""

    @staticmethod
    def forward(ctx, x):
        return x.relu()

    @staticmethod
    def backward(ctx, g):
        return g


def mlp():
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), (torch.randn(6, 4),)


def square():
    """All sizes are 4, and are told apart."""
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.GELU(), nn.Linear(4, 4)), (torch.randn(4, 4),)


def one_vector():
    return nn.Sequential(nn.Linear(4, 5), nn.Sigmoid(), nn.Linear(5, 1)), (torch.randn(4),)


class SwiGLU(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.gate, self.up, self.down = (
            nn.Linear(d, h, bias=False),
            nn.Linear(d, h, bias=False),
            nn.Linear(h, d, bias=False),
        )

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))


def swiglu():
    return SwiGLU(4, 5), (torch.randn(6, 4),)


class GLU(nn.Module):
    def __init__(self):
        super().__init__()
        self.packed, self.out = nn.Linear(4, 10), nn.Linear(5, 3)

    def forward(self, x):
        a, b = self.packed(x).chunk(2, -1)
        return self.out(a * torch.sigmoid(b))


def glu():
    return GLU(), (torch.randn(6, 4),)


class SelfAttention(nn.Module):
    def __init__(self, e, h, batch_first):
        super().__init__()
        self.attention = nn.MultiheadAttention(e, h, batch_first=batch_first)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


def multihead():
    return SelfAttention(4, 2, True), (torch.randn(3, 5, 4),)


def multihead_positions_first():
    return SelfAttention(4, 2, False), (torch.randn(5, 3, 4),)


def encoder_layer():
    return nn.TransformerEncoderLayer(4, 2, 5, dropout=0.0, batch_first=True, norm_first=True), (torch.randn(2, 5, 4),)


def encoder_layer_post_norm():
    return nn.TransformerEncoderLayer(4, 2, 5, batch_first=True, activation="gelu").eval(), (torch.randn(2, 5, 4),)


def encoder():
    layer = nn.TransformerEncoderLayer(4, 2, 5, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(layer, 6), (torch.randn(2, 5, 4),)


class LoRA(nn.Module):
    def __init__(self):
        super().__init__()
        self.base, self.head = nn.Linear(4, 5), nn.Linear(5, 3)
        self.a, self.b = nn.Linear(4, 2, bias=False), nn.Linear(2, 5, bias=False)
        for p in [*self.base.parameters(), *self.head.parameters()]:
            p.requires_grad = False

    def forward(self, x):
        return self.head(torch.relu(self.base(x) + 0.5 * self.b(self.a(x))))


def lora():
    return LoRA(), (torch.randn(6, 4),)


class TiedAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(4, 2, bias=False)

    def forward(self, x):
        return self.encode(x) @ self.encode.weight


def tied_autoencoder():
    return TiedAutoencoder(), (torch.randn(6, 4),)


def batchnorm():
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)), (torch.randn(6, 4),)


def batchnorm_evaluated():
    module, args = batchnorm()
    return module.eval(), args


class TiedLanguageModel(nn.Module):
    """Tokens, learned positions, and the embedding as the last layer."""

    def __init__(self, vocabulary=7, d=4, n=5):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, d), nn.Embedding(n, d)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocabulary, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, t):
        x = self.tokens(t) + self.positions(torch.arange(t.shape[-1]))
        return self.head(self.norm(x))


def tied_language_model():
    return TiedLanguageModel(), (torch.randint(7, (2, 5)),)


class GPT2Block(nn.Module):
    """As nanoGPT has it."""

    def __init__(self, d=4, heads=2, n=8):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.c_attn, self.c_proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.c_fc, self.c_out = nn.Linear(d, 3 * d), nn.Linear(3 * d, d)
        self.heads = heads
        self.register_buffer("bias", torch.tril(torch.ones(n, n)).view(1, 1, n, n))

    def attend(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(C, dim=2)
        q, k, v = (y.view(B, T, self.heads, C // self.heads).transpose(1, 2) for y in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))

    def forward(self, x):
        x = x + self.attend(self.ln_1(x))
        h = self.c_fc(self.ln_2(x))
        h = 0.5 * h * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (h + 0.044715 * torch.pow(h, 3.0))))
        return x + self.c_out(h)


def gpt2_block():
    return GPT2Block(), (torch.randn(2, 5, 4),)


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def rotated(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class LlamaBlock(nn.Module):
    """Rotary positions, grouped queries, SwiGLU."""

    def __init__(self, d=8, heads=2, groups=1, hidden=6):
        super().__init__()
        self.size, self.heads, self.groups = d // heads, heads, groups
        self.q_proj, self.o_proj = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.k_proj, self.v_proj = (nn.Linear(d, groups * self.size, bias=False) for _ in range(2))
        self.mlp = SwiGLU(d, hidden)
        self.input_layernorm, self.post_attention_layernorm = RMSNorm(d), RMSNorm(d)

    def attend(self, x):
        b, n, _ = x.shape
        q = self.q_proj(x).view(b, n, self.heads, self.size).transpose(1, 2)
        k = self.k_proj(x).view(b, n, self.groups, self.size).transpose(1, 2)
        v = self.v_proj(x).view(b, n, self.groups, self.size).transpose(1, 2)
        frequencies = 1.0 / (10000.0 ** (torch.arange(0, self.size, 2, dtype=x.dtype) / self.size))
        angles = torch.outer(torch.arange(n, dtype=x.dtype), frequencies)
        angles = torch.cat((angles, angles), -1)
        q, k = rotated(q, angles.cos(), angles.sin()), rotated(k, angles.cos(), angles.sin())
        k, v = (y.expand(b, self.heads, n, self.size) for y in (k, v))
        scores = q @ k.transpose(2, 3) / math.sqrt(self.size)
        scores = scores + torch.triu(torch.full((n, n), float("-inf"), dtype=x.dtype), 1)
        y = scores.softmax(-1) @ v
        return self.o_proj(y.transpose(1, 2).reshape(b, n, -1))

    def forward(self, x):
        x = x + self.attend(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


def llama_block():
    return LlamaBlock(), (torch.randn(2, 5, 8),)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.RNNCell(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        h = torch.zeros(x.shape[0], 4, dtype=x.dtype)
        for _ in range(2):
            h = self.cell(x, h)
        return self.out(h)


def recurrent():
    return Recurrent(), (torch.randn(5, 3),)


class LSTMCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x):
        h = c = torch.zeros(x.shape[0], 4, dtype=x.dtype)
        for _ in range(2):
            h, c = self.cell(x, (h, c))
        return h


def lstm_cell():
    return LSTMCell(), (torch.randn(5, 3),)


class StraightThrough(nn.Module):
    """Rounded values, with the gradient of what was rounded."""

    def __init__(self):
        super().__init__()
        self.encode, self.decode = nn.Linear(4, 3), nn.Linear(3, 4, bias=False)

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z + (torch.tanh(4 * z) - z).detach())


def straight_through():
    return StraightThrough(), (torch.randn(6, 4),)


class Siamese(nn.Module):
    """SimSiam: a prediction of one view beside the embedding of the other, which is held."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
        self.predict = nn.Linear(3, 3, bias=False)

    def forward(self, x, y):
        p, z = self.predict(self.encode(x)), self.encode(y).detach()
        return (p * z).sum(1)


def siamese():
    return Siamese(), (torch.randn(6, 4), torch.randn(6, 4))


class TargetNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.online = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
        self.target = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x):
        return self.online(x) - self.target(x).detach()


def target_network():
    return TargetNetwork(), (torch.randn(6, 4),)


def group_norm():
    inner = [nn.Conv1d(2, 6, 3, padding=1), nn.GroupNorm(3, 6), nn.ReLU(), nn.Conv1d(6, 3, 1)]
    return nn.Sequential(*inner), (torch.randn(1, 2, 5),)


def group_norm_of_samples():
    return nn.Sequential(nn.Linear(4, 6), nn.GroupNorm(2, 6), nn.ReLU(), nn.Linear(6, 3)), (torch.randn(6, 4),)


class GroupedQueries(nn.Module):
    """Four heads, of which two each have their keys and values in common."""

    def __init__(self, d=8, heads=4, groups=2):
        super().__init__()
        self.size, self.heads, self.groups = d // heads, heads, groups
        self.q, self.o = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.k, self.v = (nn.Linear(d, groups * self.size, bias=False) for _ in range(2))

    def forward(self, x):
        b, n, _ = x.shape
        q = self.q(x).view(b, n, self.heads, self.size).transpose(1, 2)
        k, v = (f(x).view(b, n, self.groups, self.size).transpose(1, 2) for f in (self.k, self.v))
        k, v = (y.repeat_interleave(self.heads // self.groups, dim=1) for y in (k, v))
        y = (q @ k.transpose(2, 3) / math.sqrt(self.size)).softmax(-1) @ v
        return self.o(y.transpose(1, 2).reshape(b, n, -1))


def grouped_queries():
    return GroupedQueries(), (torch.randn(2, 5, 8),)


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 5, bias=False), nn.Linear(5, 3, bias=False)
        self.register_buffer("A", torch.rand(6, 6))

    def forward(self, x):
        return self.A @ self.second(torch.relu(self.A @ self.first(x)))


def gcn():
    return GCN(), (torch.randn(6, 4),)


class Experts(nn.Module):
    """Experts mixed softly."""

    def __init__(self):
        super().__init__()
        self.router = nn.Linear(4, 3)
        self.experts = nn.ModuleList(nn.Linear(4, 2) for _ in range(3))

    def forward(self, x):
        weights = self.router(x).softmax(-1)
        return sum(weights[:, i : i + 1] * expert(x) for i, expert in enumerate(self.experts))


def experts():
    return Experts(), (torch.randn(6, 4),)


class Bilinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.U, self.V = nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(4, 3))

    def forward(self, x):
        return torch.einsum("nd,dr,er->ne", x, self.U, self.V)


def bilinear():
    return Bilinear(), (torch.randn(6, 4),)


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 4)) for _ in range(3)
        )

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x)
        return x


def residual():
    return Stack(), (torch.randn(6, 4),)


def classifier():
    return nn.Sequential(nn.Linear(4, 5), nn.LeakyReLU(0.2), nn.Linear(5, 3), nn.LogSoftmax(-1)), (torch.randn(6, 4),)


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.head = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.head(torch.relu(self.inner(x)).mean(1))


def deep_set():
    return Pooled(), (torch.randn(2, 5, 4),)


def signal():
    return nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(9, 2)), (torch.randn(1, 2, 5),)


def grouped_convolutions():
    """Groups of channels, one filter for each channel, several for each, and padding by name."""
    layers = [
        nn.Conv2d(4, 6, 3, padding="same", groups=2),
        nn.ReLU(),
        nn.Conv2d(6, 6, 2, stride=2, groups=6),
        nn.Tanh(),
    ]
    layers += [nn.Conv2d(6, 12, 2, groups=6, bias=False), nn.ReLU(), nn.Conv2d(12, 3, 1)]
    return nn.Sequential(*layers), (torch.randn(1, 4, 6, 6),)


def transposed_convolutions():
    layers = [nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
    layers += [nn.ConvTranspose2d(4, 6, 2, dilation=2, groups=2), nn.ReLU(), nn.Conv2d(6, 2, 1)]
    return nn.Sequential(*layers), (torch.randn(1, 2, 3, 3),)


def depthwise_signal():
    layers = [nn.Conv1d(3, 3, 3, groups=3, dilation=2), nn.SiLU(), nn.ConvTranspose1d(3, 2, 2, stride=3)]
    return nn.Sequential(*layers), (torch.randn(2, 3, 8),)


def convolutional():
    """Strides, pooling, and a layer behind."""
    convolutions = [nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 2), nn.ReLU(), nn.AvgPool2d(2)]
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2)), (
        torch.randn(1, 1, 8, 8),
    )


class BasicBlock(nn.Module):
    """As torchvision has it."""

    def __init__(self, c):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.conv2, self.bn2 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


class Bottleneck(nn.Module):
    def __init__(self, c, inner, out):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c, inner, 1, bias=False), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, out, 1, bias=False), nn.BatchNorm2d(out)
        self.downsample = nn.Sequential(nn.Conv2d(c, out, 1, stride=2, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, block, out):
        super().__init__()
        self.conv1, self.maxpool = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.MaxPool2d(3, 2, 1)
        self.layer, self.avgpool, self.fc = block, nn.AdaptiveAvgPool2d(1), nn.Linear(out, 2)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.conv1(x)))
        return self.fc(torch.flatten(self.avgpool(self.layer(x)), 1))


def resnet_basic():
    return ResNet(BasicBlock(4), 4), (torch.randn(2, 3, 8, 8),)


def resnet_bottleneck():
    return ResNet(Bottleneck(4, 3, 6), 6), (torch.randn(2, 3, 8, 8),)


def resnet_evaluated():
    return ResNet(BasicBlock(4), 4).eval(), (torch.randn(2, 3, 8, 8),)


class Cumulated(nn.Module):
    """What is not known is an arbitrary function."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.b(torch.relu(self.a(torch.cumsum(x, 0))))


def cumulated():
    return Cumulated(), (torch.randn(6, 4),)


ALL = [
    value for key, value in list(globals().items()) if callable(value) and getattr(value, "__module__", "") == __name__
]
ALL = [f for f in ALL if not isinstance(f, type) and f is not rotated]
