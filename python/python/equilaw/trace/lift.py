"""The actions of a model with one block, stated for the model with all of them.

What moves parameters of the block alone is an action of each block. What moves others too is stated for all blocks
at once. Both are only proposals: what is not proved for all blocks is left out.
"""

from __future__ import annotations

import re

from ..jobs import derive_text, discover


def lifted_actions(text: str, single: str, parameters: list[str]) -> str:
    """The text with the actions that are proved of it among those found in the model with a single block."""
    found = discover(single).source
    actions = re.findall(r"^(action (\w+) : .*? \{)\n(.*?)^\}", found, re.M | re.S)
    inner = set(re.findall(r"^  (?:param|data)\s+(\w+)", text, re.M))
    proposed = {name: _action(opening, body, inner) for opening, name, body in actions}
    report = derive_text(_with(text, proposed), checks=False, complete=False)
    proved = {action.name for action in report.actions if action.proved}
    return _with(text, {name: action for name, action in proposed.items() if name in proved})


def _action(opening: str, body: str, inner: set[str]) -> tuple[bool, str]:
    """Whether an action is that of a block, and its text."""
    moved = re.findall(r"^  (\w+) ->", body, re.M)
    within = all(name in inner for name in moved)
    if not within:
        # Of a family the generic member is meant.
        body = re.sub(r"\w+", lambda m: f"{m[0]}[l]" if m[0] in inner else m[0], body)
    return within, f"{opening}\n{body}}}"


def _with(text: str, actions: dict[str, tuple[bool, str]]) -> str:
    within = [
        "\n".join(f"  {line}" for line in action.splitlines()) for is_inner, action in actions.values() if is_inner
    ]
    outside = [action for is_inner, action in actions.values() if not is_inner]
    before, behind = text.split("\n}\n", 1)
    return "\n".join([before, *within, "}", behind, *outside, ""])
