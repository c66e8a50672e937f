"""Where the text of a model comes from."""

from __future__ import annotations

import os
from pathlib import Path


def text_of(source: str | os.PathLike[str]) -> tuple[str, str]:
    """The name and the text of a model: of the file of a path, or the text itself.

    A string is a path where it is one line and ends in `.eqv`.
    """
    is_text = isinstance(source, str) and ("\n" in source or not source.endswith(".eqv"))
    if is_text:
        return "<model>", str(source)
    path = Path(source)
    return str(path), path.read_text(encoding="utf-8")
