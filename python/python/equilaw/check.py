"""Laws at the parameters of a checkpoint."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from ._core import EquilawError
from .jobs import derive_text
from .report import Report


def check(report: Report, checkpoint: Any, *, seed: int = 0) -> Report:
    """Measures the laws of a report at given parameters, in place of random ones; the data are random.

    `checkpoint` is a module, its state dict, a mapping of arrays, or the path of a `.safetensors`, an `.npz` or a
    file that
    `torch.save` wrote. It is read by the names of the code that the report is of. `.checks` of what is returned
    are the measurements.
    """
    arrays = load(checkpoint) if isinstance(checkpoint, (str, os.PathLike)) else checkpoint
    given = report.parameters(arrays)
    given = {name: numpy.asarray(_plain(array), dtype=float) for name, array in given.items()}
    if report.provenance is not None:
        given = report.provenance.by_member(given)
    dims = dict(report.provenance.sizes) if report.provenance is not None else dict(report.dims)
    return derive_text(
        report.source,
        dims=dims,
        seed=seed,
        given=given,
        complete=False,
        provenance=report.provenance,
        assumptions=report.assumptions,
    )


def load(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    """The arrays of a file by name."""
    path = Path(path)
    if path.suffix == ".npz":
        with numpy.load(path) as archive:
            return {name: archive[name] for name in archive.files}
    if path.suffix == ".safetensors":
        return _safetensors(path.read_bytes())
    if path.suffix in (".pt", ".pth", ".bin", ".ckpt"):
        import torch

        found = torch.load(path, map_location="cpu")
        found = found.get("state_dict", found) if isinstance(found, Mapping) else found
        return found if isinstance(found, Mapping) else found.state_dict()
    raise EquilawError(f"{path}: a checkpoint is a .safetensors, an .npz, or a .pt, .pth, .bin or .ckpt")


_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


def _safetensors(data: bytes) -> dict[str, numpy.ndarray]:
    """The format: the length of a header, the header as JSON, and the numbers."""
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        found = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            part = data[8 + length + start : 8 + length + end]
            if entry["dtype"] == "BF16":
                # The upper half of a float.
                numbers = (numpy.frombuffer(part, "<u2").astype("<u4") << 16).view("<f4")
            elif entry["dtype"] in _TYPES:
                numbers = numpy.frombuffer(part, _TYPES[entry["dtype"]])
            else:
                continue
            found[name] = numbers.reshape(entry["shape"])
        return found
    except (KeyError, TypeError, ValueError) as error:
        raise EquilawError(f"this is no safetensors file: {error}") from error


def _plain(array: Any) -> Any:
    return array.detach().cpu().double().numpy() if hasattr(array, "detach") else array
