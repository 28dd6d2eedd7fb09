"""Labelling sheets: tables of texts that people label in a spreadsheet, written and read back as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from research.corpus.decoding import UndecodableError, decode
from research.errors import ConfigError, DataError
from research.files import unwritable

__all__ = ["COLUMNS", "SheetRow", "read_sheet", "write_sheet"]

#: The columns of a sheet, in the order in which they are written.
COLUMNS: tuple[str, ...] = ("id", "passage", "text", "suggested", "probability", "label", "note")

_NEEDED = ("id", "label")
_BETWEEN = "|"
# What a spreadsheet would run as a formula, and, since it would come back otherwise, what it would show as a number or a date.
_CHANGED = r"[=+\-@\t\r\n]|(?!(?:0|[1-9][0-9]{0,14})\Z)\d[\d\s.,:/eE+-]*\Z"
_ALIVE, _MADE_INERT = re.compile(f"'*(?:{_CHANGED})"), re.compile(f"'+(?:{_CHANGED})")

Labels = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A text to label.

    Attributes
    ----------
    id : str
        Of the article.
    text : str
        What is to be labelled.
    passage : int or None
        Which passage of the article; None for the whole of it.
    suggested : str or tuple of str
        What a model would say.
    probability : float or None
        How sure it is.
    label : str or tuple of str
        What a person says; empty if nothing yet.
    note : str
        Free for the person.
    """

    id: str
    text: str
    passage: int | None = None
    suggested: Labels = ""
    probability: float | None = None
    label: Labels = ""
    note: str = ""


def write_sheet(path: str | Path, rows: Sequence[SheetRow], classes: Sequence[str]) -> None:
    """Write a labelling sheet that opens in a spreadsheet.

    Parameters
    ----------
    path : str or Path
        A CSV file; one that is there is written over.
    rows : sequence of SheetRow
        In the order in which they should be labelled.
    classes : sequence of str
        The labels that there are.

    Raises
    ------
    DataError
        If a row has no id or a label that is no class.
    ConfigError
        If a class cannot be written in a cell, or the file cannot be written.

    Notes
    -----
    UTF-8 with a byte order mark: Excel takes other UTF-8 for an encoding of one byte a letter. A cell that a spreadsheet would
    run as a formula, or change because it looks like a number or a date, gets a quote before it, which `read_sheet` takes off.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_sheet(Path(place) / "sheet.csv", [SheetRow("a", "=نص", suggested="sport", probability=0.7)], ["sport"])
    ...     print((Path(place) / "sheet.csv").read_text(encoding="utf-8-sig"), end="")
    ...     read_sheet(Path(place) / "sheet.csv", ["sport"])[0].text
    id,passage,text,suggested,probability,label,note
    a,,'=نص,sport,0.7,,
    '=نص'
    """
    _check_classes(classes)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, start=1):
        where = f"{path}, row {number}"
        if not row.id.strip():
            raise DataError("no id", where=where, remedy="give every row the id of its article")
        for labels in (row.suggested, row.label):
            _check_labels(_parts(labels), classes, where)
        # As plain numbers: those of numpy would show their type.
        passage = "" if row.passage is None else str(int(row.passage))
        probability = "" if row.probability is None else repr(float(row.probability))
        suggested, label = _inert(_joined(row.suggested)), _inert(_joined(row.label))
        writer.writerow([_inert(row.id), passage, _inert(row.text), suggested, probability, label, _inert(row.note)])
    try:
        Path(path).write_bytes(buffer.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise unwritable(path, error) from None


def read_sheet(path: str | Path, classes: Sequence[str], *, multi: bool = False) -> list[SheetRow]:
    """Read a labelling sheet as a spreadsheet saved it.

    Parameters
    ----------
    path : str or Path
        A CSV file with commas, semicolons or tabs between its cells; only the columns id and label must be there.
    classes : sequence of str
        The labels that there are.
    multi : bool
        Whether a cell may hold several labels with ``|`` between them.

    Returns
    -------
    list of SheetRow
        In the order of the file. The label is empty where nobody gave one; with ``multi`` labels are tuples, without repeats.

    Raises
    ------
    DataError
        If the file is not such a table, a label is unknown, or the same text has different labels in two rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = (Path(place) / "sheet.csv").write_text("id;text;label\\na;نص; sport | economy\\nb;نص;", encoding="utf-8")
    ...     [row.label for row in read_sheet(Path(place) / "sheet.csv", ["sport", "economy"], multi=True)]
    [('sport', 'economy'), ()]
    """
    _check_classes(classes)
    rows: list[SheetRow] = []
    given: dict[tuple[str, int | None], tuple[int, frozenset[str]]] = {}
    for line, cells in _read(Path(path)):
        where = f"{path}, line {line}"
        row = _row(cells, where, multi)
        parts = _parts(row.label)
        _check_labels(parts, classes, where)
        if parts:
            before, labels = given.setdefault((row.id, row.passage), (line, frozenset(parts)))
            if labels != frozenset(parts):
                of = f"the id {row.id!r}" + ("" if row.passage is None else f", passage {row.passage},")
                raise DataError(f"{of} has another label in line {before}", where=where, remedy="keep one of them")
        rows.append(row)
    return rows


def _check_classes(classes: Sequence[str]) -> None:
    for name in classes:
        if not name or name != name.strip() or _BETWEEN in name or "\r" in name:
            raise ConfigError(
                f"the class {name!r} cannot be a label in a sheet",
                remedy=f"give it a name without {_BETWEEN!r} and without blanks around it",
            )


def _check_labels(labels: Sequence[str], classes: Sequence[str], where: str) -> None:
    for label in labels:
        if label not in classes:
            names = ", ".join(classes) or "none"
            raise DataError(f"unknown label {label!r}", where=where, remedy=f"the labels are {names}")


def _parts(labels: Labels) -> tuple[str, ...]:
    if isinstance(labels, tuple):
        return labels
    return (labels,) if labels else ()


def _joined(labels: Labels) -> str:
    return labels if isinstance(labels, str) else _BETWEEN.join(labels)


def _inert(cell: str) -> str:
    return f"'{cell}" if _ALIVE.match(cell) else cell


def _as_written(cell: str) -> str:
    return cell[1:] if _MADE_INERT.match(cell) else cell


def _row(cells: dict[str, str], where: str, multi: bool) -> SheetRow:
    def cell(name: str) -> str:
        return _as_written(cells.get(name, ""))

    def labels(name: str) -> Labels:
        whole = _as_written(cells.get(name, "").strip())
        parts = (part.strip() for part in whole.split(_BETWEEN))
        return tuple(dict.fromkeys(part for part in parts if part)) if multi else whole

    passage, probability = cells.get("passage", "").strip(), cells.get("probability", "").strip()
    if not cells["id"].strip():
        raise DataError("no id", where=where, remedy="give the id that the sheet was written with, or delete the row")
    try:
        return SheetRow(
            id=cell("id"),
            text=cell("text"),
            passage=int(passage) if passage else None,
            suggested=labels("suggested"),
            # A spreadsheet writes the decimal sign of its country.
            probability=float(probability.replace(",", ".")) if probability else None,
            label=labels("label"),
            note=cell("note"),
        )
    except ValueError:
        raise DataError(
            f"passage {passage!r} and probability {probability!r} are not both numbers",
            where=where,
            remedy="put back what the sheet was written with, or leave them empty",
        ) from None


def _read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the cells of every row by column, with the line that the row begins on."""
    try:
        text = decode(path.read_bytes())
    except UndecodableError as error:
        raise DataError(str(error), where=str(path), remedy="save the sheet as CSV in UTF-8") from None
    except OSError as error:
        raise DataError(
            error.strerror or "cannot be read", where=str(path), remedy="check the path and its permissions"
        ) from None
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    headers = {sign: _header(text, sign) for sign in (",", ";", "\t")}
    delimiter = max(headers, key=lambda sign: len(set(headers[sign]) & set(COLUMNS)))
    header = headers[delimiter]
    for column in _NEEDED:
        if header.count(column) != 1:
            raise DataError(
                f"not one column {column!r}, only {', '.join(filter(None, header)) or 'none'}",
                where=f"{path}, line 1",
                remedy=f"name the column {column!r} in the first line, with commas, semicolons or tabs between columns",
            )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(rows)
        line = rows.line_num
        for fields in rows:
            line, first = rows.line_num, line + 1
            if any(field.strip() for field in fields):
                if len(fields) != len(header):
                    raise DataError(
                        f"{len(fields)} cells where the first line has {len(header)}",
                        where=f"{path}, line {first}",
                        remedy=f"quote cells that hold {delimiter!r} or line ends",
                    )
                yield first, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(
            f"not CSV ({error})", where=f"{path}, line {rows.line_num}", remedy="save it as CSV from the spreadsheet again"
        ) from None


def _header(text: str, delimiter: str) -> list[str]:
    line = text.split("\n", 1)[0]
    return [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]
