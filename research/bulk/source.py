"""A corpus in partitions: tables in a folder, by a pattern or at an address, each read block by block."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from research.bulk.places import open_address
from research.corpus.documents import Corpus, Document
from research.corpus.readers import METADATA_FILE, TEXT_SUFFIXES, documents_of_rows
from research.corpus.tables import TABLE_SUFFIXES, stream_table, table_suffix
from research.errors import DataError

__all__ = ["Part", "find_parts", "in_parts"]

_PATTERN, _PARQUET = "*?[", ".parquet"
_ROWS, _CHARACTERS = 512, 20_000_000  # at most so many articles and characters in memory at a time, beside one article
_FOOTER = 1 << 16  # bytes at the end of a Parquet file, which tell where and how large all columns are


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of a corpus.

    Attributes
    ----------
    name : str
        Its path in the corpus, with .parquet after that of another kind of table: what is written of it is called so.
    address : str
        What `research.bulk.places.open_address` opens.
    """

    name: str
    address: str

    @property
    def _is_parquet(self) -> bool:
        return table_suffix(Path(self.address)) == _PARQUET

    def corpora(self, rows: int = _ROWS) -> Iterator[Corpus]:
        """Read the articles, so many in memory at a time.

        Raises
        ------
        DataError
            When the file is no table with a column ``text``, or an id stands in it twice.
        """
        system, path = open_address(self.address)
        seen: dict[bytes, int] = {}
        try:
            size = int(system.size(path) or 0)
            with system.open(path, "rb") as file:
                prefix = self.name if self._is_parquet else self.name.removesuffix(_PARQUET)
                found = documents_of_rows(stream_table(file, self.address, size, ("text",)), prefix=f"{prefix}#")
                for block in _blocks(found, rows):
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
        """Hash what tells this file from an edited one: all of it; of Parquet size and end, which describe every column."""
        system, path = open_address(self.address)
        try:
            size = int(system.size(path) or 0)
            with system.open(path, "rb") as file:
                if not self._is_parquet:
                    return hashlib.file_digest(file, "sha256").hexdigest()[:32]
                file.seek(max(0, size - _FOOTER))
                return hashlib.sha256(f"{size}:".encode() + file.read(_FOOTER)).hexdigest()[:32]
        except OSError as error:
            raise DataError(
                f"cannot be read ({error.strerror or error})", where=self.address, remedy="check the path and its permissions"
            ) from None


def _blocks(found: Iterator[tuple[int, Document]], rows: int) -> Iterator[list[tuple[int, Document]]]:
    block: list[tuple[int, Document]] = []
    held = 0
    for line, document in found:
        block.append((line, document))
        held += len(document.text)
        if len(block) == rows or held > _CHARACTERS:
            yield block
            block, held = [], 0
    if block:
        yield block


def in_parts(corpus: str | Path) -> bool:
    """Tell whether a corpus is in partitions: an address, a pattern, or a folder that holds tables and no articles.

    Examples
    --------
    >>> in_parts("archive/*.parquet"), in_parts("seeds/articles")
    (True, False)
    """
    text = str(corpus)
    path = Path(text)
    try:
        if path.is_dir():
            names = [file.relative_to(path).as_posix() for file in path.rglob("*")]
            shown = [name for name in names if not _hidden(name)]
            return any(map(_is_table, shown)) and not any(Path(name).suffix.lower() in TEXT_SUFFIXES for name in shown)
        return not path.exists() and ("://" in text or any(char in text for char in _PATTERN))
    except (OSError, ValueError):  # no name that a file can have
        return False


def find_parts(corpus: str | Path) -> tuple[Part, ...]:
    """Find the partitions of a corpus, by name.

    Parameters
    ----------
    corpus : str or Path
        A folder (with its sub-folders, without what is hidden or begins with ``_``), a pattern such as ``2024-*.parquet``, or
        one file; on this machine or at an address. Parquet, or .jsonl and .csv in UTF-8, these also gzipped.

    Raises
    ------
    DataError
        If there is none, there are several kinds, or one is a link out of the folder.
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
    kinds: dict[str | None, str] = {}
    for one in sorted(map(str, found)):
        name = one[len(root) :].lstrip("/")
        if _is_table(name) and not _hidden(name):
            if not protocol:
                _must_stay(Path(one), Path(root))
            kind = table_suffix(Path(name))
            kinds.setdefault(kind, name)
            parts.append(Part(name if kind == _PARQUET else f"{name}{_PARQUET}", f"{protocol}{one.split('://', 1)[-1]}"))
    if not parts:
        raise DataError(
            f"there is no table ({', '.join(sorted(TABLE_SUFFIXES))})",
            where=address,
            remedy="name a folder, a pattern or a file that holds some",
        )
    if len(kinds) > 1:
        raise DataError(
            f"it holds tables of several kinds ({', '.join(kinds.values())})",
            where=address,
            remedy="name those of one kind by a pattern",
        )
    return tuple(parts)


def _is_table(name: str) -> bool:
    path = Path(name)
    return table_suffix(path) is not None and path.name != METADATA_FILE


def _must_stay(file: Path, root: Path) -> None:
    if file.is_symlink() and root.resolve() not in file.resolve().parents:
        raise DataError("a link out of the folder", where=str(file), remedy="put the file itself there")


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
