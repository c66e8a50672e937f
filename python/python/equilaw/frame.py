"""Results as tables of pandas, which polars and others read by the dataframe protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def frame(rows: Iterable[Mapping[str, Any]], columns: list[str]) -> Any:
    """A `pandas.DataFrame` of these columns; pandas is imported when it is asked for."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("a table needs pandas: pip install pandas") from error
    return pandas.DataFrame(list(rows), columns=columns)
