"""Constant matrices of the code: a model has them as data, which a count of laws takes at generic values."""

from __future__ import annotations

import numpy

from .node import Leaf, current
from .program import Constant


def is_permutation(leaf: Leaf) -> bool:
    """Whether it is a permutation of more than one thing. Which one does not matter where units can be told in any order."""
    if not isinstance(leaf.key, Constant):
        return False
    found = leaf.value(current().arrays[leaf.key])
    picks = bool(((found == 0) | (found == 1)).all())
    return found.size > 1 and picks and bool((found.sum(0) == 1).all() and (found.sum(1) == 1).all())


def is_special(leaf: Leaf) -> bool:
    """Whether it is a matrix of the code that generic ones need not be like: at it there may be more laws than a count finds.

    What is as good as generic are statistics: vectors of a module that are not all the same and no whole numbers.
    """
    if not isinstance(leaf.key, Constant):
        return False
    trace = current()
    of_module = any(own == leaf.key.name for own, _ in trace.names) and leaf.key.name not in trace.uniform
    found = leaf.value(trace.arrays[leaf.key])
    return not (of_module and 1 in found.shape and bool((found != numpy.round(found)).all()))
