"""The notebook runs, cell by cell."""

import json
import pathlib

import pytest

pytest.importorskip("torch")

NOTEBOOKS = sorted((pathlib.Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, capsys):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    scope = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}, cell {number}", "exec"), scope)  # noqa: S102
    told = capsys.readouterr().out
    assert "the gradients violate" in told and "output F = " in told
    assert max(scope["found"].after.values()) < 1e-5 and torch_close(scope)


def torch_close(scope):
    return bool((scope["module"](scope["x"]) - scope["output"]).abs().max() < 1e-4)
