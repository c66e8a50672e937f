"""The command `equilaw` of the package: the program, in the interpreter's process."""

import os
import pathlib
import signal
import subprocess
import sys

import equilaw
import pytest

COMMAND = [sys.executable, "-m", "equilaw"]


def ran(*words, **options):
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, **options)


def test_the_script_is_installed():
    script = pathlib.Path(sys.executable).with_name("equilaw")
    found = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, f"equilaw {equilaw.__version__}\n")


def test_it_says_what_the_library_says(examples):
    found = ran("derive", examples / "relu_mlp.eqv", "--color", "never", env={**os.environ, "COLUMNS": "100"})
    told = found.stdout.decode()
    assert found.returncode == 0 and told == equilaw.derive(examples / "relu_mlp.eqv").text()


def test_exit_statuses_are_those_of_the_program(examples):
    refuted = "model m\nparam U : 2 x 2\ndata X : 2 x 3\noutput F = relu(U * X)\nloss any\naction a : g in GL(2) { U -> g * U }"
    assert ran("derive", "-", input=refuted.encode()).returncode == 1
    wrong = ran("derive", "-", input=b"model m\nparam U : 2 x 2\noutput F = V\nloss any")
    assert wrong.returncode == 2 and b"unknown name `V`" in wrong.stderr and b"Traceback" not in wrong.stderr
    assert ran("no-such-command").returncode == 2
    assert ran().returncode == 2
    assert ran("--help").returncode == 0 and b"equilaw trace" in ran("--help").stdout
    assert ran("derive", "no/such/file.eqv").returncode == 2


def test_a_document_of_the_command_is_replayed(examples, tmp_path):
    document = tmp_path / "laws.json"
    assert ran("derive", examples / "relu_mlp.eqv", "--format", "json", "-o", document).returncode == 0
    assert ran("replay", document).returncode == 0


@pytest.mark.parametrize("words", [["rules"], ["--help"], ["theorems"]])
def test_a_reader_who_goes_is_no_error(words):
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    told = process.stderr.read()
    assert process.wait() == 0 and told == b""


def test_what_is_written_is_utf8_whatever_the_locale_is(examples):
    env = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    found = ran("derive", examples / "relu_mlp.eqv", "--color", "never", env=env)
    assert found.returncode == 0 and "·" in found.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="signals are those of Unix")
def test_control_c_ends_it(examples):
    """It has begun where it has told its first result; it would wait for the file to change."""
    words = ["check", "--watch", str(examples / "relu_mlp.eqv")]
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Traceback" not in complained


@pytest.mark.parametrize("returned", ["net, x", "net, (x,)", "net, [x]", "net, x, x"])
def test_a_function_gives_a_module_and_its_inputs(tmp_path, returned):
    pytest.importorskip("torch")
    (tmp_path / "nets.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Linear):\n"
        "    def forward(self, x, y=None):\n"
        "        return super().forward(x)\n"
        "def make():\n"
        "    net, x = Net(4, 3), torch.randn(6, 4)\n"
        f"    return {returned}\n"
    )
    found = ran("trace", "nets:make", cwd=tmp_path)
    assert found.returncode == 0 and b'model Net "Net"' in found.stdout, found.stderr
