"""How much is read at most: what comes from the web may be made to fill a memory. Everybody can raise the limits."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path
from typing import BinaryIO

from research.errors import ConfigError, DataError

__all__ = ["MOST_CHARACTERS", "MOST_MB", "MOST_TIMES", "most", "read_bytes", "unpacks_suspiciously"]

#: Megabytes that one file may hold, unpacked; RESEARCH_MAX_MB raises it.
MOST_MB = 2_000
#: Characters that one article may have; RESEARCH_MAX_CHARACTERS raises it.
MOST_CHARACTERS = 2_000_000

#: Text is packed to a tenth; what unpacks to so many times its size was made to.
MOST_TIMES = 200

_UNSUSPICIOUS = 100_000_000  # bytes up to which nobody asks how often
_PIECE = 1 << 20


def most(name: str, usual: int) -> int:
    """Give a limit: the usual one, or what the environment says.

    Raises
    ------
    ConfigError
        If the environment says no whole number above 0.

    Examples
    --------
    >>> most("RESEARCH_MAX_MB", MOST_MB)
    2000
    """
    told = os.environ.get(name, "").strip()
    if not told:
        return usual
    if not told.isdecimal() or not int(told):
        raise ConfigError(f"{told!r} is no limit", where=name, remedy="give a whole number above 0")
    return int(told)


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacked where its name ends in .gz, in pieces: no more is held than the limit allows.

    Raises
    ------
    DataError
        If it cannot be read, is no whole gzip file, or holds more than the limits.

    Examples
    --------
    >>> read_bytes(Path("seeds/labelled.csv"))[:10]
    b'text,label'
    """
    limit = most("RESEARCH_MAX_MB", MOST_MB) * 1_000_000
    try:
        size = path.stat().st_size
        if size > limit:
            raise _too_large(path, limit)
        if not path.name.lower().endswith(".gz"):
            return path.read_bytes()
        with path.open("rb") as packed:
            return _unpacked(path, packed, size, limit)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError("not a whole gzip file", where=str(path), remedy="save or fetch it again") from None
    except OSError as error:
        raise DataError(
            error.strerror or "cannot be read", where=str(path), remedy="check the path and its permissions"
        ) from None


def _unpacked(path: Path, packed: BinaryIO, size: int, limit: int) -> bytes:
    pieces, total = [], 0
    with gzip.open(packed) as file:
        while piece := file.read(_PIECE):
            pieces.append(piece)
            total += len(piece)
            if total > limit:
                raise _too_large(path, limit)
            if unpacks_suspiciously(size, total):
                raise DataError(
                    f"it unpacks to more than {MOST_TIMES} times its size", where=str(path), remedy="unpack it if you trust it"
                )
    return b"".join(pieces)


def unpacks_suspiciously(packed: int, unpacked: int) -> bool:
    """Tell whether so many bytes were packed as no text is.

    Examples
    --------
    >>> unpacks_suspiciously(1_000, 90_000_000), unpacks_suspiciously(1_000_000, 201_000_000)
    (False, True)
    """
    return unpacked > max(_UNSUSPICIOUS, MOST_TIMES * packed)


def _too_large(path: Path, limit: int) -> DataError:
    return DataError(
        f"it holds more than {limit // 1_000_000:,} MB",
        where=str(path),
        remedy="give --engine stream, which reads a table bit by bit, or raise RESEARCH_MAX_MB",
    )
