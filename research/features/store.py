"""Embeddings on disk, so that no text is embedded twice.

One SQLite file for each encoder and version. A vector is found by the hash of its text and carries a checksum; a file that
is not such a store, is cut short or belongs to another encoder is set aside and begun anew, a vector whose checksum does
not fit is embedded again. Nothing in the file can run code: it holds numbers only.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from research.features.encoders import Encoder

__all__ = ["EmbeddingStore", "default_folder"]

Vector = npt.NDArray[np.float32]

_FORMAT = "research-embeddings-1"
_BATCH = 500
_BUSY_SECONDS = 60.0


def default_folder() -> Path:
    """Give the folder of the stores: RESEARCH_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("RESEARCH_CACHE")
    return Path(chosen) if chosen else user_cache_path("arabic-news-research", appauthor=False)


class EmbeddingStore:
    """The stored embeddings of one encoder.

    Parameters
    ----------
    encoder : str
        The encoder's name and version; part of the file's name and checked inside it.
    dimension : int
        Length of its vectors.
    folder : Path, optional
        Where the file is; `default_folder` when not given.

    Examples
    --------
    >>> import tempfile
    >>> store = EmbeddingStore("toy-1", 2, Path(tempfile.mkdtemp()))
    >>> store.put({"نص": np.array([1, 0], dtype=np.float32)})
    >>> store.get(["نص", "آخر"])
    {'نص': array([1., 0.], dtype=float32)}
    """

    @classmethod
    def of(cls, encoder: Encoder, folder: Path | None = None) -> Self:
        """Open the store of an encoder.

        Examples
        --------
        >>> from research.features import get_encoder
        >>> EmbeddingStore.of(get_encoder()).dimension
        512
        """
        return cls(f"{encoder.name}-{encoder.version}", encoder.dimension, folder)

    def __init__(self, encoder: str, dimension: int, folder: Path | None = None) -> None:
        self.encoder = encoder
        self.dimension = dimension
        name = re.sub(r"[^A-Za-z0-9.]+", "-", encoder).strip("-.") or "encoder"
        tag = hashlib.sha256(encoder.encode()).hexdigest()[:8]
        self.path = (folder or default_folder()) / "embeddings" / f"{name}-{tag}.sqlite"

    def get(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Give the vectors of those texts that are stored whole."""
        if not self.path.exists():
            return {}
        found: dict[str, Vector] = {}
        try:
            with self._open() as connection:
                for start in range(0, len(texts), _BATCH):
                    keys = {_key(text): text for text in texts[start : start + _BATCH]}
                    marks = ",".join("?" * len(keys))
                    # Only question marks are put into the statement.
                    rows = connection.execute(f"SELECT key, crc, vector FROM vectors WHERE key IN ({marks})", list(keys))
                    for key, crc, blob in rows:
                        if len(blob) == 4 * self.dimension and zlib.crc32(blob) == crc:
                            found[keys[key]] = np.frombuffer(blob, dtype="<f4").astype(np.float32)
        except sqlite3.OperationalError as error:
            if "malformed" in str(error) or "not a database" in str(error):
                self._set_aside()
                return {}
            warnings.warn(f"{self.path}: {error}; embeddings are computed anew", stacklevel=2)
        except sqlite3.DatabaseError:
            self._set_aside()
            return {}
        return found

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors by text, all of them or none; where the disk refuses, warn and go on without."""
        rows = []
        for text, vector in vectors.items():
            blob = np.asarray(vector, dtype="<f4").tobytes()
            if len(blob) != 4 * self.dimension:
                raise ValueError(f"a vector of length {len(blob) // 4} for an encoder of dimension {self.dimension}")
            rows.append((_key(text), zlib.crc32(blob), blob))
        try:
            try:
                self._insert(rows)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self._set_aside()
                self._insert(rows)
        except (OSError, sqlite3.OperationalError) as error:
            warnings.warn(f"{self.path}: {error}; embeddings are not kept", stacklevel=2)

    def _insert(self, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS about (field TEXT PRIMARY KEY, value TEXT)")
                about = dict(connection.execute("SELECT field, value FROM about"))
                ours = {"format": _FORMAT, "encoder": self.encoder, "dimension": str(self.dimension)}
                if not about and not list(
                    connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'about'")
                ):
                    connection.executemany("INSERT INTO about VALUES (?, ?)", ours.items())
                    connection.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, crc INTEGER, vector BLOB) WITHOUT ROWID")
                elif about != ours:
                    raise sqlite3.DatabaseError("not a store of this encoder")
            yield connection

    def _set_aside(self) -> None:
        """Move a file that cannot be trusted out of the way; nothing is deleted."""
        warnings.warn(f"{self.path} is damaged or not a store of {self.encoder}: it is set aside and begun anew", stacklevel=3)
        os.replace(self.path, self.path.with_suffix(".set-aside"))
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
