"""What the README shows of the package is what a newcomer sees."""

import pathlib
import re
import shlex

import pytest

torch = pytest.importorskip("torch")

README = (pathlib.Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def test_the_first_two_commands_and_the_module_show_the_theorems(capsys):
    from equilaw.__main__ import main

    command = next(line for line in blocks("sh")[0].splitlines() if line.startswith("equilaw "))
    assert main(shlex.split(command)[1:]) == 0
    told = capsys.readouterr().out
    torch.manual_seed(0)
    scope = {}
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), scope)  # noqa: S102
    assert capsys.readouterr().out.strip() == told.strip() and scope["report"].clean
    # Each line that is shown, in order, where … leaves some out.
    position = 0
    for line in blocks("text")[0].splitlines():
        if line.strip() != "…":
            position = told.index(f"{line}\n", position) + len(line)
