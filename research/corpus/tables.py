"""Rows of .jsonl, .csv and .parquet files, plain or gzipped, with the line that each came from."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from research.corpus.decoding import UndecodableError, decode
from research.corpus.limits import MOST_CHARACTERS, MOST_TIMES, most, read_bytes, unpacks_suspiciously
from research.corpus.streams import text_lines
from research.errors import DataError

__all__ = ["TABLE_SUFFIXES", "Row", "parquet_rows", "read_table", "stream_table", "table_suffix"]

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
    raw, where = read_bytes(path), str(path)
    kind = table_suffix(path)
    if kind == ".parquet":
        import pyarrow as pa

        yield from parquet_rows(pa.BufferReader(raw), where, required)
    elif kind == ".csv":
        text = _decoded(path, raw)
        yield from _csv_rows(io.StringIO(text, newline=""), where, required, longest=len(text) + 1)
    else:
        yield from _json_rows(_decoded(path, raw).split("\n"), where, required)


def stream_table(file: Any, name: str, size: int, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of an open table with their line numbers, a part of them in memory at a time.

    Parameters
    ----------
    file : binary file
        Open for reading; a Parquet file must allow to seek.
    name : str
        Its path or address, which says what it is and stands in messages.
    size : int
        Its bytes, as it is stored.
    required : sequence of str
        Columns that must be there.

    Yields
    ------
    (int, mapping)
        As `read_table`.

    Raises
    ------
    DataError
        As `read_table`; and when a .jsonl or .csv file is not UTF-8.
    """
    kind = table_suffix(Path(name))
    if kind == ".parquet":
        yield from parquet_rows(file, name, required)
        return
    lines = text_lines(file, name, packed=size if name.lower().endswith(".gz") else None)
    if kind == ".csv":  # a quote that is never closed would make one field of all that follows
        longest = 2 * most("RESEARCH_MAX_CHARACTERS", MOST_CHARACTERS)
        yield from _csv_rows(lines, name, required, longest=longest)
    else:
        yield from _json_rows(lines, name, required)


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return decode(raw)
    except UndecodableError as error:
        raise DataError(str(error), where=str(path), remedy="save it as UTF-8") from None


def _check_columns(name: str, line: int, found: Sequence[str], required: Sequence[str]) -> None:
    for column in required:
        if column not in found:
            names = ", ".join(map(str, found)) or "none"
            raise DataError(
                f"no field {column!r}, only {names}",
                where=f"{name}, line {line}",
                remedy=f"add it, or name the column that holds it {column!r}",
            )


def _json_rows(lines: Iterable[str], name: str, required: Sequence[str]) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
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
        _check_columns(name, number, list(row), required)
        yield number, row


def _csv_rows(lines: Iterable[str], name: str, required: Sequence[str], *, longest: int) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(max(csv.field_size_limit(), longest))
    rows = csv.reader(lines, strict=True)
    try:
        header = next(rows, None)
        if header is None:
            raise DataError("the file is empty", where=name, remedy="give a header line and a line an article")
        _check_columns(name, 1, header, required)
        line = rows.line_num
        for fields in rows:
            line, first = rows.line_num, line + 1
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataError(
                    f"{len(fields)} fields where the header has {len(header)}",
                    where=f"{name}, line {first}",
                    remedy="quote fields that hold commas or line ends",
                )
            yield first, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(
            f"not CSV ({error})",
            where=f"{name}, line {rows.line_num}",
            remedy="quote fields that hold commas, quotes or line ends",
        ) from None


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
        about = pq.read_metadata(file)
        names = about.schema.to_arrow_schema().names
        _check_columns(where, 1, names, required)
        wanted = [name for name in _COLUMNS if name in names]
        _check_packing(file, about, where)
        # A text that many rows have is held once, and unpacked row by row: else a small file could fill any memory.
        flat = [name for name in wanted if name in about.schema.names]  # of nested ones no dictionary can be asked
        table = pq.ParquetFile(file, metadata=about, read_dictionary=flat)
        number = 0
        for batch in table.iter_batches(batch_size=_BATCH, columns=wanted):
            batch.validate(full=True)  # a damaged file may point anywhere
            for fields in zip(*map(_values, batch.columns), strict=True):
                number += 1
                yield number, dict(zip(wanted, fields, strict=True))
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"not a parquet file that can be read ({first})", where=where, remedy="save it again") from None


def _values(column: Any) -> Iterator[Any]:
    """Give a column's values one by one; the same text of many rows is the same object."""
    import pyarrow as pa

    if not isinstance(column, pa.DictionaryArray):
        yield from (value.as_py() for value in column)
        return
    known: dict[int | None, Any] = {None: None}
    for index in column.indices.to_pylist():
        if index not in known:
            known[index] = column.dictionary[index].as_py()
        yield known[index]


def _check_packing(file: Any, about: Any, where: str) -> None:
    """Refuse a file that says of itself that it unpacks to more than text can.

    What it says of single columns is not asked for: pyarrow ends the whole process where that is damaged.
    """
    unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if unpacks_suspiciously(file.seek(0, os.SEEK_END), unpacked):
        raise DataError(
            f"it unpacks to more than {MOST_TIMES} times its size",
            where=where,
            remedy="write it again without compression if you trust it",
        )
