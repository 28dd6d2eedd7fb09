"""Tables as CSV: one way of writing them, safe to open in a spreadsheet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["write_csv", "write_jsonl"]

_FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+(?:\.\d+)?$|$)")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8; undefined cells are empty.

    A text that a spreadsheet would run as a formula gets a quote before it, names of columns too; numbers with a
    sign, and a sign alone, are left as they are.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_csv(pd.DataFrame({"a": ["=1+1", "نص"]}), Path(place) / "t.csv")
    ...     (Path(place) / "t.csv").read_text(encoding="utf-8").split()
    ['a', "'=1+1", 'نص']
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [_inert(cell) for cell in safe[column]]
    safe.columns = pd.Index([_inert(name) for name in safe.columns])
    safe.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _inert(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def write_jsonl(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write one JSON object a line, as UTF-8."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
