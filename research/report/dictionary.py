"""What the columns of a result's tables hold: a row for each, from `dictionary.toml`, which lies beside the tables."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pandas as pd

__all__ = ["ANY", "Kind", "describe_tables", "described"]

Kind = Literal["clean", "discover", "assign", "tag", "classify", "several", "bulk"]
Columns = Mapping[str, list[str]]

#: Stands for names that a result makes, such as those of its classes.
ANY = "*"
# What several kinds of results write is described once.
_SHARED: Mapping[str, tuple[str, ...]] = {
    "discover": ("trends",), "tag": ("trends",), "classify": ("choice",), "several": ("choice",),
}  # fmt: skip
_NAMED = ("classes", "labels")  # objects of metrics.json whose keys are names of classes
_UNKNOWN = ["", "", ""]


def described(kind: Kind) -> dict[str, Columns]:
    """Give the files that a kind of result writes, each with its columns: type, unit and meaning of each.

    Examples
    --------
    >>> described("clean")["duplicates.csv"]["of_id"][0]
    'text'
    """
    parts = _parts()
    return {name: columns for part in (kind, *_SHARED.get(kind, ())) for name, columns in parts[part].items()}


@cache
def _parts() -> dict[str, dict[str, Columns]]:
    return tomllib.loads(files("research.report").joinpath("dictionary.toml").read_text(encoding="utf-8"))


def describe_tables(folder: Path, kind: Kind) -> pd.DataFrame:
    """Describe the tables that lie in a folder.

    Parameters
    ----------
    folder : Path
        What a result was written into; other files than tables are not looked at.
    kind : {"clean", "discover", "assign", "tag", "classify", "several", "bulk"}
        What wrote it.

    Returns
    -------
    DataFrame
        One row a column, in the order of the files' names and of their columns: table, column, type, unit, meaning. Columns
        that are made for each class have one row together, by the name ``*``, and so have the keys of `metrics.json`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = (Path(place) / "probabilities.csv").write_text("id,sea,sport\\n", encoding="utf-8")
    ...     describe_tables(Path(place), "classify")["column"].tolist()
    ['id', '*']
    """
    known = described(kind)
    rows = [
        (path.name, column, *known.get(path.name, {}).get(column, _UNKNOWN))
        for path in sorted(folder.iterdir())
        if path.suffix in _READERS
        for column in _READERS[path.suffix](path, known.get(path.name, {}))
    ]
    return pd.DataFrame(rows, columns=["table", "column", "type", "unit", "meaning"], dtype=object)


def _of_csv(path: Path, known: Columns) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        head = next(csv.reader(file), [])
    found: list[str] = []
    for name in head:
        # A class may be called like a column that stands before it.
        column = name if ANY not in known or (name in known and name not in found) else ANY
        if column not in found:
            found.append(column)
    return found


def _of_jsonl(path: Path, known: Columns) -> list[str]:
    """Give the keys of its lines, which are all alike; of an empty file those that it would have."""
    with path.open(encoding="utf-8") as file:
        line = file.readline()
    return list(json.loads(line)) if line.strip() else list(known)


def _of_json(path: Path, known: Columns) -> list[str]:  # noqa: ARG001
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return list(dict.fromkeys([*found, *(".".join((ANY, *keys)) for part in found.values() for keys in _leaves(part))]))


def _leaves(part: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the keys that lead to every value of an object, with ``*`` for the names of classes."""
    for name, value in (part or {}).items():
        keys = (*above, ANY if above and above[-1] in _NAMED else name)
        if isinstance(value, dict):
            yield from _leaves(value, keys)
        else:
            yield keys


_READERS = {".csv": _of_csv, ".jsonl": _of_jsonl, ".json": _of_json}
