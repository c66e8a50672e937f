"""Laws at the parameters of checkpoints."""

import json

import equilaw
import numpy
import pytest


@pytest.fixture(scope="module")
def report(examples):
    return equilaw.derive(examples / "relu_mlp.eqv", complete=False)


@pytest.fixture(scope="module")
def arrays():
    rng = numpy.random.default_rng(0)
    return dict(W1=rng.normal(size=(5, 4)), W2=rng.normal(size=(3, 5)))


def safetensors(arrays):
    header, body = {}, b""
    for name, array in arrays.items():
        data = array.astype("<f4").tobytes()
        header[name] = dict(dtype="F32", shape=array.shape, data_offsets=[len(body), len(body) + len(data)])
        body += data
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + body


def test_files_are_read(report, arrays, tmp_path):
    numpy.savez(tmp_path / "a.npz", **arrays)
    (tmp_path / "a.safetensors").write_bytes(safetensors(arrays))
    for name in ("a.npz", "a.safetensors"):
        checked = equilaw.check(report, tmp_path / name)
        assert len(checked.checks) == len(report.checks) and all(check.passed for check in checked.checks)
        assert [c.residual for c in checked.checks] != [c.residual for c in report.checks]


def test_what_is_no_checkpoint_is_an_error(report, arrays, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"\x05\x00\x00\x00\x00\x00\x00\x00hello")
    with pytest.raises(equilaw.EquilawError, match="no safetensors file"):
        equilaw.check(report, tmp_path / "a.safetensors")
    with pytest.raises(equilaw.EquilawError, match="a checkpoint is"):
        equilaw.check(report, tmp_path / "a.txt")
    with pytest.raises(equilaw.EquilawError, match="`W1` is 2 x 2"):
        equilaw.check(report, dict(W1=numpy.ones((2, 2)), W2=arrays["W2"]))


def test_a_state_dict_is_that_of_the_module(tmp_path):
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    report = equilaw.derive(module, torch.randn(6, 4), complete=False)
    torch.save(module.state_dict(), tmp_path / "a.pt")
    for checkpoint in (module, module.state_dict(), tmp_path / "a.pt"):
        assert all(check.passed for check in equilaw.check(report, checkpoint).checks)
    with pytest.raises(equilaw.EquilawError, match="no parameter `2.weight`"):
        equilaw.check(report, {k: v for k, v in module.state_dict().items() if k != "2.weight"})


def test_what_wraps_a_module_changes_no_names():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    report = equilaw.derive(module, torch.randn(6, 4), complete=False)
    expected = [check.residual for check in equilaw.check(report, module).checks]
    wrapped = [torch.nn.DataParallel(module)]
    if hasattr(torch, "compile"):
        compiled = torch.compile(module, backend="eager")
        inner = torch.nn.Sequential(module[0], module[1], torch.compile(module[2], backend="eager"))
        wrapped += [compiled, inner, torch.nn.DataParallel(compiled)]
    for one in wrapped:
        for checkpoint in (one, one.state_dict()):
            assert [check.residual for check in equilaw.check(report, checkpoint).checks] == expected
        # The other way round as well.
        again = equilaw.derive(one, torch.randn(6, 4), checks=False, complete=False)
        assert len(equilaw.check(again, module.state_dict()).checks) == len(expected)


def test_names_that_differ_by_more_than_a_wrapper_are_kept_apart():
    from equilaw.trace.wrappers import unwrapped

    assert unwrapped({"module.a": 1, "b": 2}, ["a", "b"]) == {"a": 1, "b": 2}
    # A part of the model that is called `module` is no wrapper.
    both = {"module.a": 1, "a": 2}
    assert unwrapped(both, ["module.a", "a"]) == both
    assert unwrapped(both, ["_orig_mod.a"]) == both
    assert unwrapped({"a": 1}, ["c"]) == {"a": 1}
