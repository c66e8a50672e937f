"""Modules of PyTorch, translated. That the translation is the module, in values and gradients and at two sets of sizes, is a condition
of there being one: a test that traces has tested that."""

import pytest

torch = pytest.importorskip("torch")

import modules  # noqa: E402
import numpy  # noqa: E402
from torch import nn  # noqa: E402

import equilaw  # noqa: E402
import equilaw.trace  # noqa: E402

# What each of these has no form for, and is an arbitrary function.
ARBITRARY = {"convolutional": ["convolution"]}


@pytest.mark.parametrize("make", modules.ALL, ids=lambda f: f.__name__)
def test_a_module_is_translated(make):
    torch.manual_seed(0)
    module, args = make()
    found = equilaw.trace.torch(module, *args)
    opaque = [line for line in found.text.splitlines() if line.startswith("function ")]
    assert bool(opaque) == (make.__name__ in ARBITRARY), found.text
    assert set(found.parameters(module)) == set(found.provenance)
