"""A corpus in partitions: Parquet files in a folder, by a pattern or at an address, each read block by block."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from research.bulk.places import open_address
from research.corpus.documents import Corpus
from research.corpus.readers import TEXT_SUFFIXES, documents_of_rows
from research.corpus.tables import parquet_rows
from research.errors import DataError

__all__ = ["Part", "find_parts", "in_parts"]

_PATTERN = "*?["
_ROWS = 512  # articles in memory at a time
_FOOTER = 1 << 16  # bytes at the end of a Parquet file, which tell where and how large all columns are


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of a corpus.

    Attributes
    ----------
    name : str
        Its path in the corpus.
    address : str
        What `research.bulk.places.open_address` opens.
    """

    name: str
    address: str

    def corpora(self, rows: int = _ROWS) -> Iterator[Corpus]:
        """Read the articles, so many in memory at a time.

        Raises
        ------
        DataError
            When the file is no Parquet file with a column ``text``, or an id stands in it twice.
        """
        system, path = open_address(self.address)
        seen: dict[bytes, int] = {}
        try:
            with system.open(path, "rb") as file:
                found = documents_of_rows(parquet_rows(file, self.address, ("text",)), prefix=f"{self.name}#")
                while block := list(islice(found, rows)):
                    for line, document in block:
                        key = hashlib.blake2b(document.id.encode("utf-8", "replace"), digest_size=12).digest()
                        if seen.setdefault(key, line) != line:
                            raise DataError(
                                f"{document.id!r} is also the id of row {seen[key]}",
                                where=f"{self.address}, row {line}, field id",
                                remedy="give every article its own id",
                            )
                    yield Corpus(self.name, tuple(document for _, document in block))
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror or error})", where=self.address, remedy="check the path and its permissions"
            ) from None

    def fingerprint(self) -> str:
        """Hash what tells this file from an edited one: its size and its end, where Parquet describes its columns."""
        system, path = open_address(self.address)
        try:
            size = int(system.size(path) or 0)
            with system.open(path, "rb") as file:
                file.seek(max(0, size - _FOOTER))
                return hashlib.sha256(f"{size}:".encode() + file.read(_FOOTER)).hexdigest()[:32]
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror or error})", where=self.address, remedy="check the path and its permissions"
            ) from None


def in_parts(corpus: str | Path) -> bool:
    """Tell whether a corpus is in partitions: an address, a pattern, or a folder that holds Parquet files and no articles.

    Examples
    --------
    >>> in_parts("archive/*.parquet"), in_parts("seeds/articles")
    (True, False)
    """
    text = str(corpus)
    path = Path(text)
    try:
        if path.is_dir():
            kinds = {file.suffix.lower() for file in path.rglob("*") if not _hidden(file.relative_to(path).as_posix())}
            return ".parquet" in kinds and not kinds & TEXT_SUFFIXES
        return not path.exists() and ("://" in text or any(char in text for char in _PATTERN))
    except (OSError, ValueError):  # no name that a file can have
        return False


def find_parts(corpus: str | Path) -> tuple[Part, ...]:
    """Find the partitions of a corpus, by name.

    Parameters
    ----------
    corpus : str or Path
        A folder (with its sub-folders, without what is hidden or begins with ``_``), a pattern such as ``2024-*.parquet``, or
        one file; on this machine or at an address.

    Raises
    ------
    DataError
        If there is none, or one is a link out of the folder.
    """
    address = str(corpus)
    system, path = open_address(address)
    protocol = f"{address.split('://', 1)[0]}://" if "://" in address else ""
    try:
        if system.isdir(path):
            root, found = path, system.find(path)
        elif any(char in path for char in _PATTERN) and not system.exists(path):
            fixed = path[: min(path.index(char) for char in _PATTERN if char in path)]
            root, found = fixed.rsplit("/", 1)[0], system.glob(path)
        else:
            root, found = path.rsplit("/", 1)[0], [path] if system.exists(path) else []
    except OSError as error:
        raise DataError(
            f"cannot be read ({error.strerror or error})", where=address, remedy="check the path and its permissions"
        ) from None
    parts = []
    for one in sorted(map(str, found)):
        name = one[len(root) :].lstrip("/")
        if one.lower().endswith(".parquet") and not _hidden(name):
            if not protocol:
                _must_stay(Path(one), Path(root))
            parts.append(Part(name, f"{protocol}{one.split('://', 1)[-1]}"))
    if not parts:
        raise DataError("there is no .parquet file", where=address, remedy="name a folder, a pattern or a file that holds some")
    return tuple(parts)


def _must_stay(file: Path, root: Path) -> None:
    if file.is_symlink() and root.resolve() not in file.resolve().parents:
        raise DataError("a link out of the folder", where=str(file), remedy="put the file itself there")


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
