"""From a path to a corpus: a folder of text files and pages, or one table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from research.corpus.decoding import UndecodableError, decode
from research.corpus.documents import Corpus, Document
from research.corpus.limits import MOST_CHARACTERS, most, read_bytes
from research.corpus.tables import TABLE_SUFFIXES, Row, read_table, table_suffix
from research.errors import DataError
from research.text.dates import parse_date

__all__ = ["METADATA_FILE", "PAGE_SUFFIXES", "TEXT_SUFFIXES", "documents_of_rows", "load"]

#: Beside the articles of a folder, a table with what is known of them: columns id, title, date, source, label.
METADATA_FILE = "metadata.csv"

#: Files that are read as web pages.
PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
TEXT_SUFFIXES = frozenset({".txt"}) | PAGE_SUFFIXES


def load(path: str | Path) -> Corpus:
    """Read a corpus.

    Parameters
    ----------
    path : str or Path
        A folder of .txt and .html files (read with its sub-folders, without what is hidden; a ``metadata.csv`` in it may
        give id, title, date, source and label), or one .jsonl, .csv or .parquet file, also with .gz, with a column ``text``
        and, if known, ``id``, ``title``, ``date``, ``source`` and ``label``.

    Returns
    -------
    Corpus
        Every article, in the order of the table, or by path in a folder. An article that cannot be used (no text, a binary
        file, an encoding that is not read) is in it with its ``problem``.

    Raises
    ------
    DataError
        When there is nothing to read, a line is not what its format says, the text column is missing, or two articles have
        one id. The message names file, line and field.

    Examples
    --------
    >>> corpus = load("seeds/articles")
    >>> corpus.documents[0].source
    'harbour'
    """
    path = Path(path)
    if not _exists(path):
        raise DataError("there is no such file or folder", where=str(path), remedy="check the path")
    if path.is_dir():
        documents = list(_folder(path))
        if not documents:
            raise DataError("no .txt or .html file in this folder", where=str(path), remedy="name a folder that holds articles")
    elif table_suffix(path) is not None:
        documents = list(_table(path))
        if not documents:
            raise DataError("no article in this table", where=str(path), remedy="give at least one row")
    elif path.suffix.lower() in TEXT_SUFFIXES:
        documents = [_file(path, path.name, {})]
    else:
        known = ", ".join(sorted(TEXT_SUFFIXES | TABLE_SUFFIXES))
        raise DataError(
            f"{path.suffix or 'a file without a suffix'} is not a format that is read",
            where=str(path),
            remedy=f"give a folder, or one of {known}",
        )
    return Corpus(path.resolve().name, tuple(documents))


# -- folders ------------------------------------------------------------------------------------------------------------


def _folder(folder: Path) -> Iterator[Document]:
    metadata = _metadata(folder)
    ids: dict[str, Path] = {}
    for file in folder.rglob("*"):
        inner = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in inner.parts)
        if file.suffix.lower() in TEXT_SUFFIXES and not hidden and (file.is_file() or _leads_nowhere(file)):
            # A name that is not UTF-8 (from an archive made on Windows) shows the bytes that are not, so that it stays unique.
            ids[os.fsencode(inner.as_posix()).decode("utf-8", "backslashreplace")] = file
    unknown = sorted(metadata.keys() - ids.keys())
    if unknown:
        raise DataError(
            f"no file {unknown[0]!r} in the folder",
            where=f"{folder / METADATA_FILE}, field id",
            remedy="take the row out or add the file",
        )
    root = folder.resolve()
    for id in sorted(ids):
        if _leads_nowhere(ids[id]):
            yield _document(id, "", metadata.get(id, {}), problem="a link to nothing")
        elif root in ids[id].resolve().parents:
            yield _file(ids[id], id, metadata.get(id, {}))
        else:
            yield _document(id, "", metadata.get(id, {}), problem="a link out of the folder")


def _leads_nowhere(file: Path) -> bool:
    return file.is_symlink() and not _exists(file)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for any file
        return False


def _metadata(folder: Path) -> dict[str, Row]:
    file = folder / METADATA_FILE
    rows: dict[str, Row] = {}
    if file.is_file():
        for line, row in read_table(file, required=("id",)):
            id = str(row["id"])
            if id in rows:
                raise DataError(
                    f"{id!r} stands twice", where=f"{file}, line {line}, field id", remedy="keep one row an article"
                )
            rows[id] = row
    return rows


def _file(path: Path, id: str, fields: Mapping[str, Any]) -> Document:
    try:
        text = decode(read_bytes(path))
    except UndecodableError as error:
        return _document(id, "", fields, problem=str(error))
    if path.suffix.lower() in PAGE_SUFFIXES and text.strip():
        from research.corpus.pages import read_page

        page = read_page(text)
        if not page.text:
            return _document(id, "", fields, problem="no article found in the page")
        found = {"title": page.title, "date": page.date, "source": page.source}
        return _document(id, page.text, {**found, **{key: value for key, value in fields.items() if value}})
    return _document(id, text, fields)


# -- tables -------------------------------------------------------------------------------------------------------------


def _table(path: Path) -> Iterator[Document]:
    seen: dict[str, int] = {}
    for line, document in documents_of_rows(read_table(path, required=("text",))):
        if document.id in seen:
            raise DataError(
                f"{document.id!r} is also the id of line {seen[document.id]}",
                where=f"{path}, line {line}, field id",
                remedy="give every article its own id",
            )
        seen[document.id] = line
        yield document


def documents_of_rows(rows: Iterable[tuple[int, Row]], *, prefix: str = "") -> Iterator[tuple[int, Document]]:
    """Turn the rows of a table into articles, each with its line.

    Parameters
    ----------
    rows : iterable of (int, mapping)
        As `research.corpus.tables.read_table` gives them.
    prefix : str
        What stands before the number of a row that becomes the id of an article without one.

    Examples
    --------
    >>> [(line, document.id) for line, document in documents_of_rows([(7, {"text": "نص"})], prefix="a#")]
    [(7, 'a#0')]
    """
    for number, (line, row) in enumerate(rows):
        id = _plain(row.get("id")) or f"{prefix}{number}"
        text = row["text"]
        if text is None or text == "":
            yield line, _document(id, "", row, problem="empty")
        elif not isinstance(text, str):
            yield line, _document(id, "", row, problem=f"the text is {type(text).__name__}, not a string")
        else:
            yield line, _document(id, text, row)


def _document(id: str, text: str, fields: Mapping[str, Any], problem: str = "") -> Document:
    limit = most("RESEARCH_MAX_CHARACTERS", MOST_CHARACTERS)
    if not problem and not text.strip():
        problem, text = "empty", ""
    elif len(text) > limit:
        problem, text = f"longer than {limit:,} characters (RESEARCH_MAX_CHARACTERS)", ""
    written = _plain(fields.get("date"))
    return Document(
        id=id,
        text=text,
        title=_plain(fields.get("title")),
        source=_plain(fields.get("source")) or _plain(fields.get("outlet")),  # two names for one thing
        label=_plain(fields.get("label")),
        date=parse_date(written) if written else None,
        date_text=written,
        problem=problem,
    )


def _plain(value: Any) -> str:
    """A field as one line of text; what stands for nothing (None, NaN, NaT) is the empty string."""
    if value is None or value != value:
        return ""
    return " ".join(str(value).split())
