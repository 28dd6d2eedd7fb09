"""Bytes to text: UTF-8 and UTF-16 with and without a mark, and Windows-1256, told apart by what they cannot be."""

from __future__ import annotations

import codecs
import re

__all__ = ["UndecodableError", "decode"]

# UTF-32 comes before UTF-16: its mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"%PDF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"SQLite format 3",
    b"\x7fELF",
    b"PAR1",
)
# Accented Latin letters against Arabic ones are no word of any language: another encoding was read as Windows-1256.
_MIXED = re.compile("[\u0620-\u064a][àâçèéêëîïôùûü]|[àâçèéêëîïôùûü][\u0620-\u064a]")


class UndecodableError(ValueError):
    """The bytes are not text in an encoding that the package reads."""


def decode(raw: bytes) -> str:
    """Read bytes as text; line ends become ``\\n``.

    Parameters
    ----------
    raw : bytes
        A whole file.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    UndecodableError
        When the bytes are a binary file, or text in no known encoding; the message says which.

    Examples
    --------
    >>> decode("سيول".encode("cp1256")) == decode("سيول".encode("utf-16")) == decode("سيول".encode()) == "سيول"
    True
    """
    for signature in _SIGNATURES:
        if raw.startswith(signature):
            raise UndecodableError("a binary file, not text")
    return _decode(raw).replace("\r\n", "\n").replace("\r", "\n")


def _decode(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strictly(raw, encoding, skip=len(mark))
    if b"\x00" in raw:
        return _utf16_without_mark(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # UTF-8 that breaks off or has one bad byte is damaged UTF-8, not Windows-1256: reading it as that gives letters
        # that nobody wrote. Valid multi-byte sequences hardly occur by chance in Windows-1256.
        if _looks_like_utf8(raw):
            raise UndecodableError(f"UTF-8 with a byte that is not, at byte {error.start}") from None
    text = _strictly(raw, "cp1256")
    letters = [char for char in text if char.isalpha()]
    arabic = sum("\u0600" <= char <= "\u06ff" for char in letters)
    controls = sum(char < " " and char not in "\n\r\t\f" for char in text)
    mixed = len(_MIXED.findall(text))
    if not letters or arabic < 0.5 * len(letters) or controls or mixed > 0.02 * len(letters):
        raise UndecodableError("neither UTF-8, UTF-16 nor Windows-1256")
    return text


def _strictly(raw: bytes, encoding: str, *, skip: int = 0) -> str:
    try:
        return raw[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableError(f"{encoding.upper()} with a byte that is not, at byte {skip + error.start}") from None


def _utf16_without_mark(raw: bytes) -> str:
    # Blanks and line ends have a zero byte on the high side: it tells the byte order.
    encoding = "utf-16-le" if raw[1::2].count(0) >= raw[0::2].count(0) else "utf-16-be"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = ""
    # Other bytes than UTF-16, read by twos, are signs of the far east for the most part, or no signs at all.
    shown = sum(char.isprintable() or char.isspace() for char in text)
    near = sum(char < "\u0800" for char in text)
    if text and "\x00" not in text and shown > 0.95 * len(text) and near > 0.5 * len(text):
        return text
    if _looks_like_utf8(raw):
        raise UndecodableError(f"a zero byte in UTF-8, at byte {raw.index(0)}")
    raise UndecodableError("a binary file, not text")


def _looks_like_utf8(raw: bytes) -> bool:
    kept = len(raw.decode("utf-8", errors="ignore").encode("utf-8"))
    return kept > 0.9 * len(raw) and kept > sum(byte < 0x80 for byte in raw)
