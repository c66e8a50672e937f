"""The command `equilaw` of the package, which is `python -m equilaw` as well: that of the library, and `trace`, which is of Python."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from ._core import EquilawError, run
from .derive import is_module, translate

EXAMPLES = """examples:
  equilaw trace nets:Block --input 2x16x64 -o block.eqv
  equilaw trace nets:make --derive        where make() returns a module and its example inputs
  equilaw trace torch.nn:Linear --args 4 3 --input 6x4"""


# What a program that Ctrl-C ended returns.
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit status: that of the library's, or 0 where `trace` was done, 2 where its input is wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["trace"]:
        try:
            return trace(words[1:])
        except KeyboardInterrupt:
            return INTERRUPTED
    status = run(words)
    if words in (["--help"], ["-h"], ["help"]):
        say("\nOf the Python package: equilaw trace, a module of PyTorch as a model (equilaw trace --help).\n")
    return status


def say(text: str) -> None:
    """Writes to standard output, in UTF-8 as the library does. A reader who has gone has read enough."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # What is flushed at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def trace(words: list[str]) -> int:
    """`equilaw trace`."""
    parser = argparse.ArgumentParser(
        prog="equilaw trace",
        description="A module of PyTorch as a model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        help="module:name of a torch.nn.Module, a class of one, or a function that returns one, with its inputs or not",
    )
    parser.add_argument("--args", nargs="*", default=[], help="numbers for the class or the function")
    parser.add_argument(
        "--input", action="append", default=[], metavar="SHAPE", help="the shape of an example input, 2x5x4"
    )
    parser.add_argument(
        "--frozen", action="append", default=[], metavar="PREFIX", help="parameters that are not trained"
    )
    parser.add_argument("--eval", action="store_true", help="in evaluation mode")
    parser.add_argument("--derive", action="store_true", help="print what is derived in place of the model")
    parser.add_argument("-o", "--output", type=Path, help="the file that is written")
    options = parser.parse_args(words)
    try:
        source, inputs = load(options.what, [number(x) for x in options.args], options.input)
        if options.eval:
            source.eval()
        found = translate(source, *inputs, frozen=options.frozen)
        text = str(found.derive()) if options.derive else found.text
        if options.output:
            options.output.write_text(text, encoding="utf-8")
        else:
            say(text if text.endswith("\n") else f"{text}\n")
    except (EquilawError, ImportError, AttributeError, OSError, TypeError, ValueError, RuntimeError) as error:
        # PyTorch says with a `RuntimeError` that a module does not take its inputs.
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def extents(shape: str) -> list[int]:
    """The sizes of `2x5x4`."""
    sizes = shape.split("x")
    if not all(n.isdigit() for n in sizes):
        raise ValueError(f"`{shape}` is no shape: write it as 2x5x4")
    return [int(n) for n in sizes]


def load(what: str, args: list[int | float], shapes: list[str]) -> tuple[Any, tuple[Any, ...]]:
    """A module and example inputs from `module:name`."""
    module, _, name = what.partition(":")
    if not name:
        raise ValueError(f"`{what}` names no module: write it as package.module:name")
    sys.path.insert(0, "")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not is_module(found):
        found = found(*args)  # type: ignore[operator]
    source, inputs = (found[0], found[1:]) if isinstance(found, tuple) else (found, ())
    # The inputs follow the module, or are one tuple behind it.
    inputs = tuple(inputs[0]) if len(inputs) == 1 and isinstance(inputs[0], (tuple, list)) else inputs
    if shapes:
        import torch

        inputs = tuple(torch.randn(extents(shape)) for shape in shapes)
    if not is_module(source):
        raise TypeError(f"{what} gives no torch.nn.Module")
    if not inputs:
        raise ValueError("example inputs are needed: --input 2x5x4")
    return source, inputs


if __name__ == "__main__":
    sys.exit(main())
