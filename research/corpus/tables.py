"""Rows of .jsonl, .csv and .parquet files, plain or gzipped, with the line that each came from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from research.corpus.decoding import UndecodableError, decode
from research.corpus.limits import read_bytes
from research.errors import DataError

__all__ = ["TABLE_SUFFIXES", "Row", "parquet_rows", "read_table", "table_suffix"]

Row = Mapping[str, Any]

#: The tables that are read; each may also end in .gz.
TABLE_SUFFIXES: frozenset[str] = frozenset({".jsonl", ".ndjson", ".csv", ".parquet"})

_BATCH = 1024
_COLUMNS = ("id", "title", "date", "source", "outlet", "label", "text")


def table_suffix(path: Path) -> str | None:
    """Give the suffix that says which table a file is, without .gz, or None when it is none."""
    name = path.name.lower().removesuffix(".gz")
    return next((suffix for suffix in TABLE_SUFFIXES if name.endswith(suffix)), None)


def read_table(path: Path, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a table with their line numbers.

    Parameters
    ----------
    path : Path
        A file whose name ends as `TABLE_SUFFIXES` says.
    required : sequence of str
        Columns that must be there.

    Yields
    ------
    (int, mapping)
        The line (from 1; in a parquet file the row, from 1) and its fields by column.

    Raises
    ------
    DataError
        When the file is not what its suffix says, or a required column is missing.
    """
    reader: Callable[[Path, bytes, Sequence[str]], Iterator[tuple[int, Row]]]
    reader = {".csv": _csv, ".parquet": _parquet}.get(table_suffix(path) or "", _jsonl)
    yield from reader(path, read_bytes(path), required)


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return decode(raw)
    except UndecodableError as error:
        raise DataError(str(error), where=str(path), remedy="save it as UTF-8") from None


def _check_columns(path: Path | str, line: int, found: Sequence[str], required: Sequence[str]) -> None:
    for column in required:
        if column not in found:
            names = ", ".join(map(str, found)) or "none"
            raise DataError(
                f"no field {column!r}, only {names}",
                where=f"{path}, line {line}",
                remedy=f"add it, or name the column that holds it {column!r}",
            )


def _jsonl(path: Path, raw: bytes, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_decoded(path, raw).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"not JSON ({error.msg} at character {error.pos})", where=where, remedy="give one JSON object a line"
            ) from None
        except ValueError:
            raise DataError("a number of thousands of digits", where=where, remedy="put it in quotes") from None
        except RecursionError:
            raise DataError("JSON nested too deeply", where=where, remedy="give one flat JSON object a line") from None
        if not isinstance(row, dict):
            raise DataError(f"a JSON {type(row).__name__}, not an object", where=where, remedy="give one JSON object a line")
        _check_columns(path, number, list(row), required)
        yield number, row


def _csv(path: Path, raw: bytes, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    text = _decoded(path, raw)
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, None)
        if header is None:
            raise DataError("the file is empty", where=str(path), remedy="give a header line and a line an article")
        _check_columns(path, 1, header, required)
        line = rows.line_num
        for fields in rows:
            line, first = rows.line_num, line + 1
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataError(
                    f"{len(fields)} fields where the header has {len(header)}",
                    where=f"{path}, line {first}",
                    remedy="quote fields that hold commas or line ends",
                )
            yield first, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(
            f"not CSV ({error})",
            where=f"{path}, line {rows.line_num}",
            remedy="quote fields that hold commas, quotes or line ends",
        ) from None


def _parquet(path: Path, raw: bytes, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    import pyarrow as pa

    yield from parquet_rows(pa.BufferReader(raw), str(path), required)


def parquet_rows(file: Any, where: str, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of an open Parquet file, a few thousand in memory at a time.

    Parameters
    ----------
    file : file-like
        What pyarrow reads from.
    where : str
        Its name, for messages.
    required : sequence of str
        Columns that must be there.

    Yields
    ------
    (int, mapping)
        The row, from 1, and those of its fields that an article has.

    Raises
    ------
    DataError
        When it is no Parquet file, is damaged, or a required column is missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
        _check_columns(where, 1, table.schema_arrow.names, required)
        wanted = [name for name in _COLUMNS if name in table.schema_arrow.names]
        number = 0
        for batch in table.iter_batches(batch_size=_BATCH, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"not a parquet file that can be read ({first})", where=where, remedy="save it again") from None
