"""`python -m equilaw`: tracing from the command line."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from ._core import EquilawError, __version__
from .derive import is_module, translate

EXAMPLES = """examples:
  python -m equilaw trace nets:Block --input 2x16x64 -o block.eqv
  python -m equilaw trace nets:make --derive        where make() returns a module and its example inputs
  python -m equilaw trace torch.nn:Linear --args 4 3 --input 6x4"""


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 where it was done, 2 where the input is wrong."""
    parser = argparse.ArgumentParser(prog="python -m equilaw", description=__doc__)
    parser.add_argument("--version", action="version", version=f"equilaw {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    trace = commands.add_parser(
        "trace",
        help="a module of PyTorch as a model",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trace.add_argument(
        "what",
        help="module:name of a torch.nn.Module, a class of one, or a function that returns one, with its inputs or not",
    )
    trace.add_argument("--args", nargs="*", default=[], help="numbers for the class or the function")
    trace.add_argument(
        "--input", action="append", default=[], metavar="SHAPE", help="the shape of an example input, 2x5x4"
    )
    trace.add_argument(
        "--frozen", action="append", default=[], metavar="PREFIX", help="parameters that are not trained"
    )
    trace.add_argument("--eval", action="store_true", help="in evaluation mode")
    trace.add_argument("--derive", action="store_true", help="print what is derived in place of the model")
    trace.add_argument("-o", "--output", type=Path, help="the file that is written")
    options = parser.parse_args(arguments)
    try:
        source, inputs = load(options.what, [number(x) for x in options.args], options.input)
        if options.eval:
            source.eval()
        found = translate(source, *inputs, frozen=options.frozen)
        text = str(found.derive()) if options.derive else found.text
    except (EquilawError, ImportError, AttributeError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="" if text.endswith("\n") else "\n")
    return 0


def number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


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
    source, inputs = found if isinstance(found, tuple) else (found, ())
    if shapes:
        import torch

        inputs = tuple(torch.randn([int(n) for n in shape.split("x")]) for shape in shapes)
    if not is_module(source):
        raise TypeError(f"{what} gives no torch.nn.Module")
    if not inputs:
        raise ValueError("example inputs are needed: --input 2x5x4")
    return source, inputs if isinstance(inputs, tuple) else (inputs,)


if __name__ == "__main__":
    sys.exit(main())
