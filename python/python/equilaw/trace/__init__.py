"""From a function in PyTorch or JAX, or a file of ONNX, to a model in equilaw's language.

`equilaw.trace.torch(module, *args)`, `equilaw.trace.jax(f, params, *data)` and `equilaw.trace.onnx(path)` give a
`Translation`. All read the operations that the code carries out, each by a table of its own (`aten`, `primitives`,
`opset`), and translate them by one core:

- `pytorch` and `walk`, `jaxpr`, `onnxfile`: the readers, which carry the operations of the code out on symbols and on numbers side by side;
- `examples`, `parameters`, `storages`, `graphs`, `precision`: what a module of PyTorch is called with, its parameters, its graph, all in doubles;
- `surroundings`, `chance`, `transforms`, `inplace`: what it is traced in, its random numbers, `torch.func` and writing into parts in its code;
- `call`, and `networks`, `compositions`, `complexes`, `losses`, `selections` beside `aten`: the table of ATen in several files;
- `size`, `node`: symbolic sizes, and matrix expressions over them, with the place in the code that they are from;
- `simplify`, `recognize`, `block`: what makes expressions, recognizes norms and softmaxes, and takes blocks of them; `parts`: what stands above
  each other, computed part by part; `overlaps`: parts of a parameter that have entries in common;
- `tensor`, `shape`, `arithmetic`: arrays of any rank as arrays of matrix expressions;
- `handlers`, `layers`, `images`, `masks`, `steps`: what several tables have; `layouts`, `loops`: the order of axes in convolutions of JAX, and its
  loops;
- `columns`, `emit`: the model with samples as columns, and its text; `known`: what is known of constant matrices in it;
- `members`, `repeats`, `families`: alike terms of a sum, identical blocks, and the text that tells them once;
- `wrappers`: names of parameters through what wraps a module;
- `agree`, `onerow`: whether the text is the function that was traced, by numbers, and whether it is at an example of one row.
"""

from __future__ import annotations

from typing import Any

from .translation import Disagreement, Translation, Untraceable

__all__ = ["Disagreement", "Translation", "Untraceable", "jax", "onnx", "torch"]


def torch(module: Any, *args: Any, **options: Any) -> Translation:
    """A `torch.nn.Module` at example arguments: see `equilaw.trace.pytorch.trace`."""
    from .pytorch import trace

    return trace(module, *args, **options)


def jax(f: Any, params: Any, *data: Any, **options: Any) -> Translation:
    """A function of parameters and data in JAX: see `equilaw.trace.jaxpr.trace`."""
    from .jaxpr import trace

    return trace(f, params, *data, **options)


def onnx(file: Any, *args: Any, **options: Any) -> Translation:
    """A file of ONNX that was exported without optimization: see `equilaw.trace.onnxfile.trace`."""
    from .onnxfile import trace

    return trace(file, *args, **options)
