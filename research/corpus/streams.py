"""Lines of a file that is larger than memory, plain or gzipped: UTF-8, one line held at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

from research.corpus.limits import MOST_CHARACTERS, MOST_TIMES, most, unpacks_suspiciously
from research.errors import DataError

__all__ = ["text_lines"]

_BYTES_A_CHARACTER, _OTHERS = 12, 1_000_000  # JSON may write a character as two escapes; what other fields may need


def text_lines(file: Any, where: str, *, packed: int | None = None) -> Iterator[str]:
    """Give the lines of an open file, each with its end as ``\\n``.

    Parameters
    ----------
    file : binary file
        Open for reading.
    where : str
        Its name, for messages.
    packed : int, optional
        Its size, where it is gzipped.

    Raises
    ------
    DataError
        If it is no UTF-8, no whole gzip file, unpacks to more than text can, or a line is longer than any article may be.

    Examples
    --------
    >>> import io
    >>> list(text_lines(io.BytesIO("أ\\r\\nب".encode()), "a.jsonl"))
    ['أ\\n', 'ب']
    """
    limit = _BYTES_A_CHARACTER * most("RESEARCH_MAX_CHARACTERS", MOST_CHARACTERS) + _OTHERS
    stream: Any = file if packed is None else gzip.GzipFile(fileobj=file)
    total = number = 0
    try:
        while raw := stream.readline(limit + 1):
            number += 1
            total += len(raw)
            if len(raw) > limit:
                raise DataError(
                    f"a line of more than {limit // 1_000_000} MB",
                    where=f"{where}, line {number}",
                    remedy="give one article a line, or raise RESEARCH_MAX_CHARACTERS",
                )
            if packed is not None and unpacks_suspiciously(packed, total):
                raise DataError(
                    f"it unpacks to more than {MOST_TIMES} times its size", where=where, remedy="unpack it if you trust it"
                )
            yield _text(raw, f"{where}, line {number}", first=number == 1)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError("not a whole gzip file", where=where, remedy="save or fetch it again") from None


def _text(raw: bytes, where: str, *, first: bool) -> str:
    try:
        text = raw.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError:
        raise DataError("not UTF-8", where=where, remedy="save it as UTF-8; only a file read at once may be another") from None
    return f"{text[:-2]}\n" if text.endswith("\r\n") else text
