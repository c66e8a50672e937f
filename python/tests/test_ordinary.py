"""Ordinary modules, as they stand in libraries: tables with padding, losses that count some examples, borders that go around, code that writes into parts."""

import pytest

torch = pytest.importorskip("torch")

import equilaw  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.manual_seed(0)
EXPORTED = pytest.mark.skipif(not hasattr(torch, "export"), reason="graphs of 1.13 have single steps of it")
X, TOKENS = torch.randn(6, 4), torch.tensor([[1, 0, 3, 0, 5], [2, 2, 0, 4, 6]])


class Of(nn.Module):
    """Modules and parameters by name, and what is done with them."""

    def __init__(self, f, **parts):
        super().__init__()
        self.f = f
        for own, part in parts.items():
            setattr(self, own, part if isinstance(part, nn.Module) else nn.Parameter(part))

    def forward(self, *args):
        return self.f(self, *args)


def traced(module, *args, **options):
    return equilaw.trace.torch(module, *args, **options)


def test_the_row_of_padding_is_not_trained():
    found = traced(nn.Sequential(nn.Embedding(7, 4, padding_idx=0), nn.Linear(4, 3)), TOKENS)
    assert "stopgrad" in found.text and any("padding" in x for x in found.assumptions)
    assert found.derive(complete=False).clean


@pytest.mark.parametrize("options", [{"sparse": True}, {}])
def test_a_table_has_its_laws_whatever_its_gradient_is_stored_as(options):
    assert equilaw.derive(nn.Sequential(nn.Embedding(7, 4, **options), nn.Linear(4, 3)), TOKENS).laws["conserved"]


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_bags_are_a_product_with_a_matrix(mode):
    report = equilaw.derive(nn.Sequential(nn.EmbeddingBag(7, 4, mode=mode), nn.Linear(4, 3)), TOKENS)
    assert "function" not in report.source and report.laws["conserved"] and report.clean


def test_bags_of_the_largest_are_refused_at_their_place():
    with pytest.raises(equilaw.EquilawError, match=r"embedding_bag.* cannot be translated: bags .*sparse.py:\d+"):
        traced(nn.EmbeddingBag(7, 4, mode="max"), TOKENS)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("ignored", [-100, 1])
@pytest.mark.parametrize("weighted", [True, False])
def test_losses_that_count_some_examples_and_classes(reduction, ignored, weighted):
    def loss(self, x, y):
        weight = torch.tensor([1.0, 2.0, 0.5], dtype=x.dtype) if weighted else None
        return F.cross_entropy(
            self.b(torch.relu(self.a(x))), y, weight=weight, reduction=reduction, ignore_index=ignored
        )

    targets = torch.tensor([0, ignored, 1, 2, ignored, 2])
    report = equilaw.derive(Of(loss, a=nn.Linear(4, 5), b=nn.Linear(5, 3)), X, targets, complete=False)
    assert report.clean and "function" not in report.source and any("ignored" in x for x in report.assumptions)


def test_a_batch_of_sequences_with_targets_that_are_ignored():
    """A mean over the entries that count is a sum over the examples, with weights."""
    targets = TOKENS.clone()
    targets[0, 0] = -100
    module = Of(
        lambda s, t, y: F.cross_entropy(s.o(s.e(t)).flatten(0, 1), y.flatten()), e=nn.Embedding(7, 4), o=nn.Linear(4, 7)
    )
    report = equilaw.derive(module, TOKENS, targets, complete=False)
    assert report.laws["conserved"] and report.clean


@EXPORTED
@pytest.mark.parametrize(
    "module, x",
    [
        (nn.Conv1d(3, 4, 3, padding=1, padding_mode="circular"), torch.randn(2, 3, 6)),
        (nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular"), torch.randn(2, 3, 6, 6)),
        (nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), torch.randn(2, 3, 6, 6)),
    ],
)
def test_borders_that_go_around_are_products(module, x):
    assert "function" not in traced(nn.Sequential(module, nn.ReLU()), x).text


def rotary(self, x):
    q, y = self.q(x), torch.empty_like(self.q(x))
    y[..., ::2], y[..., 1::2] = -q[..., 1::2], q[..., ::2]
    return self.o(y)


def halves(self, x):
    q, y = self.q(x), torch.zeros_like(self.q(x))
    y[..., :2], y[..., 2:] = q[..., 2:], q[..., :2]
    return self.o(y)


@pytest.mark.parametrize("f", [rotary, halves])
def test_parts_that_are_written_are_no_functions(f):
    for _ in range(3):
        text = traced(Of(f, q=nn.Linear(4, 4), o=nn.Linear(4, 3)), X).text
        assert "function" not in text


def test_what_is_made_an_integer_is_rounded():
    """Of signs that are stored as numbers with a fraction, as `orthogonal` keeps them."""
    found = traced(Of(lambda s, x: s.a(x) * s.w.to(torch.int32), a=nn.Linear(4, 5), w=3 * torch.randn(5)), X)
    assert any("trunc" in x for x in found.assumptions)


@EXPORTED
@pytest.mark.parametrize("kind", ["householder", "matrix_exp", "cayley"])
def test_orthogonal_weights(kind):
    wrapped = nn.utils.parametrizations.orthogonal(nn.Linear(4, 4), orthogonal_map=kind)
    assert equilaw.derive(wrapped, X, complete=False).clean


@pytest.mark.parametrize("positions", [3, 5, 8])
def test_biases_by_distance(positions):
    def attend(self, x):
        i = torch.arange(x.shape[1])
        bias = self.bias((i[:, None] - i[None]).clamp(-2, 2) + 2)[..., 0]
        return (self.q(x) @ self.k(x).transpose(1, 2) + bias).softmax(-1) @ self.v(x)

    layers = {own: nn.Linear(4, 4) for own in "qkv"}
    report = equilaw.derive(Of(attend, bias=nn.Embedding(5, 1), **layers), torch.randn(2, positions, 4), complete=False)
    assert report.clean and report.laws["conserved"] and "function" not in report.source


@EXPORTED
@pytest.mark.parametrize("many", [2, 5])
def test_cosines_of_all_pairs(many):
    module = Of(
        lambda s, x: F.cosine_similarity(s.a(x)[:, None], s.w[None], dim=-1), a=nn.Linear(4, 5), w=torch.randn(3, 5)
    )
    report = equilaw.derive(module, torch.randn(many, 4), complete=False)
    assert report.clean and report.laws["conserved"] and "function" not in report.source


@pytest.mark.parametrize("own", ["F", "X", "X_", "T", "P", "n", "Z1", "model"])
def test_parameters_may_have_any_name(own):
    report = equilaw.derive(
        Of(lambda s, x: torch.relu(x @ getattr(s, own)) @ s.W, **{own: torch.randn(4, 5)}, W=torch.randn(5, 3)), X
    )
    assert report.complete.laws_known == 5


def test_a_module_without_numbers_is_refused_in_words():
    with pytest.raises(equilaw.EquilawError, match="meta device"):
        traced(nn.Linear(4, 3, device="meta"), X)


@EXPORTED
@pytest.mark.parametrize("add", [True, False])
def test_rows_that_are_sent_to_experts_are_refused_at_their_place(add):
    def sent(self, x):
        weights, chosen = self.gate(x).softmax(-1).topk(1, -1)
        out = torch.zeros_like(x)
        for k, expert in enumerate((self.a, self.b)):
            rows, slots = torch.where(chosen == k)
            part = weights[rows, slots, None] * expert(x[rows])
            out = out.index_add(0, rows, part) if add else out.index_put((rows,), part)
        return out

    with pytest.raises(equilaw.EquilawError, match=r"values of arrays.*test_ordinary.py:\d+"):
        traced(Of(sent, gate=nn.Linear(4, 2), a=nn.Linear(4, 4), b=nn.Linear(4, 4)), X)
