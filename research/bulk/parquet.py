"""Tables that are written block by block into one Parquet file each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from research.bulk.places import Place

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Tables", "read_table", "schema"]

_KINDS = {"text": "string", "count": "int64", "number": "float64", "whole": "int32"}


def schema(**columns: str) -> pa.Schema:
    """Describe a table.

    Parameters
    ----------
    **columns : {"text", "count", "whole", "number"}
        The kind of every column.

    Examples
    --------
    >>> schema(id="text", start="count").names
    ['id', 'start']
    """
    import pyarrow as pa

    return pa.schema([(name, getattr(pa, _KINDS[kind])()) for name, kind in columns.items()])


class Tables:
    """Several tables of one partition, open for blocks of rows; see `Tables.writing`."""

    def __init__(self, writers: dict[str, Any], schemas: dict[str, pa.Schema]) -> None:
        self._writers, self._schemas = writers, schemas

    def add(self, table: str, rows: pd.DataFrame) -> None:
        """Add rows, with the columns that the table has."""
        import pyarrow as pa

        wanted = self._schemas[table]
        self._writers[table].write_table(pa.Table.from_pandas(rows[wanted.names], schema=wanted, preserve_index=False))

    @classmethod
    @contextmanager
    def writing(cls, place: Place, part: str, schemas: dict[str, pa.Schema]) -> Iterator[Tables]:
        """Open ``TABLE/PART`` for every table; all take their places when all went well.

        Parameters
        ----------
        place : Place
            Where the folders of the tables are.
        part : str
            The partition's name, which its files have in every folder.
        schemas : dict of str to pyarrow.Schema
            By name of the table.
        """
        import pyarrow.parquet as pq

        with ExitStack() as stack:
            writers = {}
            for name, wanted in schemas.items():
                file = stack.enter_context(place.writing(f"{name}/{part}"))
                writers[name] = stack.enter_context(pq.ParquetWriter(file, wanted, compression="zstd"))
            yield cls(writers, schemas)


def read_table(place: Place, name: str, columns: list[str] | None = None) -> pa.Table:
    """Read a table that was written here."""
    import pyarrow.parquet as pq

    with place.reading(name) as file:
        return pq.read_table(file, columns=columns)
