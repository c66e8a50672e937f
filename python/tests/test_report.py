"""Deriving from a text, and the report as data."""

import pickle
import signal
import threading
import time

import equilaw
import numpy
import pytest


@pytest.fixture(scope="module")
def report(examples):
    return equilaw.derive(examples / "relu_mlp.eqv")


def test_a_path_and_its_text_have_the_same_laws(report, examples):
    path = str(examples / "relu_mlp.eqv")
    text = (examples / "relu_mlp.eqv").read_text()
    assert equilaw.derive(path).laws == equilaw.derive(text).laws == report.laws
    assert report.source == text


def test_laws_are_found_by_position_id_and_kind(report):
    law = report["rescale/gradient-flow/conserved"]
    assert law in report.laws["conserved"] and law.kind == "conserved"
    assert report.laws[0].action == "rescale"
    assert law.quantity.text == "diagvec(W1 * W1' - W2' * W2)"
    assert law.hypotheses == ("gradient flow θ̇ = −∇L", "wherever L is differentiable")
    assert report.laws["equilibrium"] is not None
    with pytest.raises(KeyError):
        report.laws["no such law"]


def test_what_is_counted_and_checked(report):
    assert report.clean and all(check.passed for check in report.checks)
    assert (report.complete.laws_at_most, report.complete.laws_known) == (5, 5)
    assert report.complete.complete and report.complete.certified
    assert [action.proved for action in report.actions] == [True] * 3


def test_a_report_survives_pickling(report):
    again = pickle.loads(pickle.dumps(report))
    assert again == report
    assert again.html() == report.html() and str(again) == str(report) and again.json() == report.json()
    assert again.torch() == report.torch()


def test_a_report_is_frozen(report):
    with pytest.raises(AttributeError):
        report.name = "another"
    with pytest.raises(AttributeError):
        report.laws[0].id = "another"


def test_formats(report):
    assert str(report).startswith("relu_mlp · Two-layer ReLU network")
    assert report._repr_html_().startswith("<iframe srcdoc=")
    assert "\\begin{lemma}" in report.latex(standalone=True)
    assert report.laws[0]._repr_latex_().startswith("$")
    assert "\ndef rescale_gradient(" in report.numpy() and "import numpy as np" in report.numpy()
    assert "\ndef rescale_gradient(" in report.torch() and "import torch" in report.torch()


def test_the_module_of_torch_is_that_of_the_quantity(report):
    torch = pytest.importorskip("torch")
    names = {}
    exec(report.torch(), names)
    W1, W2 = torch.randn(5, 4, dtype=torch.double), torch.randn(3, 5, dtype=torch.double)
    told = names["rescale_gradient_flow_conserved"](W1, W2)
    told = told["quantity"] if isinstance(told, dict) else told
    assert torch.allclose(told.ravel(), report["rescale/gradient-flow/conserved"].quantity(W1=W1, W2=W2).ravel())


def test_a_table_of_laws(report):
    pandas = pytest.importorskip("pandas")
    table = report.laws["conserved"].to_frame()
    assert isinstance(table, pandas.DataFrame) and len(table) == len(report.laws["conserved"])
    assert table["quantity"][0] == "diagvec(W1 * W1' - W2' * W2)"


def test_the_value_of_a_quantity(report):
    rng = numpy.random.default_rng(0)
    W1, W2 = rng.normal(size=(5, 4)), rng.normal(size=(3, 5))
    quantity = report["rescale/gradient-flow/conserved"].quantity
    expected = (W1**2).sum(1) - (W2**2).sum(0)
    assert quantity.names == ("W1", "W2")
    numpy.testing.assert_allclose(quantity(W1=W1, W2=W2, unused=None).ravel(), expected)
    with pytest.raises(equilaw.EquilawError, match="a value for W2"):
        quantity(W1=W1)


def test_the_diagonal_of_a_product_is_that_of_the_product():
    from equilaw.formula import DIAGONAL, _compiled

    rng = numpy.random.default_rng(0)
    A, B, v = rng.normal(size=(5, 4)), rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
    for text in (
        "np.diag(A @ A.T - B.T @ B)",
        "np.diag(-(A.T @ A)).reshape(-1, 1)",
        "np.diag(v @ v.T + A @ A.T)",
        "np.diag(v.T @ v)",
    ):
        assert DIAGONAL in _compiled(text)[0].co_names
        expected = eval(text, dict(np=numpy, A=A, B=B, v=v))
        numpy.testing.assert_allclose(equilaw.Formula("", "", text)(A=A, B=B, v=v), expected)
    for text in ("np.diag(np.diag(A @ A.T)) @ v", "np.diag(A @ A.T + np.eye(5))", "np.diag(v[:, 0])"):
        expected = eval(text, dict(np=numpy, A=A, B=B, v=v))
        numpy.testing.assert_allclose(equilaw.Formula("", "", text)(A=A, B=B, v=v), expected)


def test_the_value_inside_of_jax(report):
    jax = pytest.importorskip("jax")
    quantity = report["rescale/gradient-flow/conserved"].quantity
    W1, W2 = jax.numpy.ones((5, 4)), jax.numpy.ones((3, 5))
    value = jax.jit(lambda a, b: quantity(W1=a, W2=b))(W1, W2)
    numpy.testing.assert_allclose(value.ravel(), numpy.ones(5))
    slope = jax.grad(lambda a: quantity(W1=a, W2=W2).sum())(W1)
    numpy.testing.assert_allclose(slope, 2 * W1)


def test_the_value_inside_of_torch(report):
    torch = pytest.importorskip("torch")
    quantity = report["rescale/gradient-flow/conserved"].quantity
    W1, W2 = torch.ones(5, 4, requires_grad=True), torch.ones(3, 5)
    value = quantity(W1=W1, W2=W2)
    assert torch.is_tensor(value) and torch.allclose(value.ravel(), torch.ones(5))
    value.sum().backward()
    assert torch.allclose(W1.grad, 2 * torch.ones(5, 4))


def test_errors_stand_in_their_place():
    with pytest.raises(equilaw.EquilawError, match=r"<model>:2:\d+: unknown name `V`"):
        equilaw.derive("model m\nparam U : 2 x 2; output F = V; loss any")
    with pytest.raises(equilaw.EquilawError, match="no size `q`"):
        equilaw.derive("model m\nparam U : 2 x 2; output F = U; loss any", dims={"q": 3})
    with pytest.raises(FileNotFoundError):
        equilaw.derive("no/such/file.eqv")


def test_a_false_action_has_no_laws():
    report = equilaw.derive(
        "model m\ndim d = 3, h = 4, k = 2, n = 5\nparam A : h x d\nparam B : k x h\ndata X : d x n\n"
        "output F = B * relu(A * X)\nloss any\naction basis : g in GL(h) { A -> g * A; B -> B * inv(g) }"
    )
    assert not report.clean and report.actions[0].status == "refuted" and not report.laws
    assert report.actions[0].counterexample["claim"] == "the output is equivariant"


def test_completeness_and_discovery(examples):
    counted = equilaw.complete(examples / "attention.eqv")
    assert counted.laws_at_most == 9 and counted.complete and "9" in str(counted)
    found = equilaw.discover(examples / "attention.eqv")
    assert found.proved and found.dimension == 2**2 + 3**2
    assert "action" in found.source and equilaw.derive(found.source).clean


def test_evaluation_is_that_of_numpy():
    rng = numpy.random.default_rng(1)
    A, B, X = rng.normal(size=(3, 2)), rng.normal(size=(1, 3)), rng.normal(size=(2, 4))
    text = "model m\ndim d = 2, h = 3, n = 4\nparam A : h x d\nparam B : 1 x h\ndata X : d x n\nlet Z = tanh(A * X)\noutput F = B * Z\nloss any"
    along = rng.normal(size=(1, 4))
    found = equilaw.evaluate(text, dict(A=A, B=B, X=X), along=along)
    numpy.testing.assert_allclose(found.values["F"], B @ numpy.tanh(A @ X))
    numpy.testing.assert_allclose(found.gradients["B"], along @ numpy.tanh(A @ X).T)
    with pytest.raises(equilaw.EquilawError, match="`X` has no value"):
        equilaw.evaluate(text, dict(A=A, B=B))


def test_other_threads_run_meanwhile(examples):
    counted = 0
    running = True

    def count():
        nonlocal counted
        while running:
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        equilaw.derive(examples / "swiglu.eqv")
    finally:
        running = False
        thread.join()
    assert counted > 10


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
def test_an_interrupt_ends_a_derivation(examples):
    """What a handler raises comes out of `derive`, as KeyboardInterrupt does."""

    class Pressed(Exception):
        pass

    def handler(*_):
        raise Pressed

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Pressed):
            while True:
                equilaw.derive(examples / "attention.eqv", dims={"d_k": 6, "d_v": 6, "d": 12})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_keys_that_are_not_known_are_ignored():
    """A field that a later version of the JSON has does not break this one."""
    from equilaw.law import Check, read

    check = read(Check, {"law": "a", "residual": None, "tolerance": 1e-9, "passed": True, "colour": "red"})
    assert check == Check(law="a", residual=None, tolerance=1e-9, passed=True)


def test_the_session_of_the_documentation():
    import doctest

    found = doctest.testmod(equilaw)
    assert found.attempted and not found.failed


def test_a_count_says_where_the_code_has_special_matrices():
    """At the selection of every second unit there are five laws; at a generic matrix in its place there is one."""
    torch = pytest.importorskip("torch")
    from torch.nn.utils import prune

    class Chosen(torch.nn.Module):
        def __init__(self, chosen, width):
            super().__init__()
            self.a, self.b, self.chosen = torch.nn.Linear(8, 5), torch.nn.Linear(width, 3), chosen

        def forward(self, x):
            return self.b(self.chosen(torch.relu(self.a(x))))

    x = torch.randn(6, 8)
    second = equilaw.derive(Chosen(lambda h: h[..., ::2], 3), x)
    assert not second.complete.complete and not second.complete.certified and second.complete.generic == ("S",)
    assert any("S has a special value" in line for line in second.assumptions)
    # Permutations are all alike.
    rolled = equilaw.derive(Chosen(lambda h: torch.roll(h, 1, -1), 5), x)
    assert "S : h x h fixed permutation" in rolled.source and rolled.complete.laws_at_most == 5
    assert rolled.complete.certified and not rolled.complete.generic
    plain = equilaw.derive(Chosen(lambda h: h, 5), x)
    assert plain.complete.complete and plain.complete.certified and not plain.complete.generic
    # A mask of ones that a module has is any mask.
    pruned = torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False), torch.nn.Linear(3, 2, bias=False))
    prune.identity(pruned[0], "weight")
    assert equilaw.derive(pruned, torch.randn(6, 4)).complete.generic


def test_a_quantity_of_a_module_knows_the_sizes_that_it_names():
    """The means of groups make the sum of a bias conserved, which is a product with as many ones as there are channels."""
    torch = pytest.importorskip("torch")
    from torch import nn

    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))
    x = torch.randn(2, 3, 5, 5)
    report = equilaw.derive(module, x, checks=False, complete=False)
    conserved = [law for law in report.laws["conserved"] if law.dynamics == "gradient_flow"]
    sized = [law for law in conserved if "ones(" in law.quantity.text]
    assert sized and all("h" not in law.quantity.names for law in conserved)
    for law in conserved:
        law.quantity(**report.parameters(module))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    with equilaw.monitor(module, optimizer, x, report=report, every=1, action="raise") as monitor:
        for _ in range(2):
            optimizer.zero_grad()
            (module(x) - 1).square().mean().backward()
            optimizer.step()
    assert len(monitor.history) == 2
