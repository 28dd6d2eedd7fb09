"""Texts to vectors: what is stored is read, the rest is encoded over all cores, and stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from research.cores import usable_cores
from research.features.encoders import ENCODERS, Encoder, get_encoder
from research.features.store import EmbeddingStore
from research.progress import progress

__all__ = ["embed", "window_means"]

Matrix = npt.NDArray[np.float32]

_CHUNK = 64
# Below this many texts a second process costs more than it brings.
_WORTH_PROCESSES = 600


def embed(texts: Sequence[str], encoder: Encoder, store: EmbeddingStore | None = None) -> Matrix:
    """Embed texts.

    Parameters
    ----------
    texts : sequence of str
        Any texts; equal ones are encoded once.
    encoder : Encoder
        See `research.features.get_encoder`.
    store : EmbeddingStore, optional
        Where known vectors are looked up and new ones are kept, after every few hundred texts.

    Returns
    -------
    ndarray of float32, shape (n texts, encoder.dimension)
        A blank text has no meaning to embed: its row is NaN.

    Examples
    --------
    >>> from research.features import get_encoder
    >>> matrix = embed(["نص", " "], get_encoder())
    >>> matrix.shape, bool(np.isnan(matrix[1]).all())
    ((2, 512), True)
    """
    wanted = sorted({text for text in texts if text.strip()})
    vectors = store.get(wanted) if store is not None else {}
    missing = [text for text in wanted if text not in vectors]
    fresh: dict[str, Matrix] = {}
    for chunk, rows in _encoded(missing, encoder):
        fresh.update(zip(chunk, rows, strict=True))
        if store is not None and len(fresh) >= 10 * _CHUNK:
            store.put(fresh)
            vectors.update(fresh)
            fresh = {}
    if store is not None and fresh:
        store.put(fresh)
    vectors.update(fresh)
    undefined = np.full(encoder.dimension, np.nan, dtype=np.float32)
    return np.stack([vectors.get(text, undefined) for text in texts]) if texts else np.zeros((0, encoder.dimension), np.float32)


def _encoded(texts: Sequence[str], encoder: Encoder) -> Iterator[tuple[Sequence[str], Matrix]]:
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    name = next((name for name, (kind, _, _) in ENCODERS.items() if type(encoder) is kind), None)
    workers = min(usable_cores(), len(chunks))
    if workers > 1 and len(texts) >= _WORTH_PROCESSES and encoder.parallel and name is not None:
        from joblib import Parallel, delayed

        # One BLAS thread a worker: threads of several processes would spin against each other.
        pool = Parallel(n_jobs=workers, backend="loky", return_as="generator", inner_max_num_threads=1)
        results: Iterator[Matrix] = pool(delayed(_encode)(name, chunk) for chunk in chunks)
    else:
        results = map(encoder.encode, chunks)
    done = progress(zip(chunks, results, strict=True), f"embedding with {encoder.name}", total=len(chunks))
    yield from done


@cache
def _worker_encoder(name: str) -> Encoder:
    return get_encoder(name)


def _encode(name: str, texts: Sequence[str]) -> Matrix:
    return _worker_encoder(name).encode(texts)


def window_means(
    texts: Sequence[str], encoder: Encoder, store: EmbeddingStore | None = None, *, windows: int = 8, chars: int = 300
) -> Matrix:
    """Embed long texts by the mean of their first windows: an encoder reads a few sentences well and a page badly.

    Parameters
    ----------
    texts : sequence of str
        Whole articles.
    encoder : Encoder
        Encodes each window.
    store : EmbeddingStore, optional
        Keeps each window's vector.
    windows : int
        How many windows are read, from the beginning.
    chars : int
        Length of a window in characters; windows end between words.

    Returns
    -------
    ndarray of float32, shape (n texts, encoder.dimension)
        NaN for blank texts.
    """
    pieces = [_windows(text, windows, chars) for text in texts]
    matrix = embed([piece for row in pieces for piece in row], encoder, store)
    ends = np.cumsum([len(row) for row in pieces])
    undefined = np.full(encoder.dimension, np.nan, dtype=np.float32)
    rows = [matrix[end - len(row) : end].mean(axis=0) if row else undefined for row, end in zip(pieces, ends, strict=True)]
    return np.stack(rows) if rows else np.zeros((0, encoder.dimension), np.float32)


def _windows(text: str, windows: int, chars: int) -> list[str]:
    found: list[str] = []
    text = text.strip()
    while text and len(found) < windows:
        cut = len(text) if len(text) <= chars else max(text.rfind(" ", 1, chars), text.rfind("\n", 1, chars))
        cut = cut if cut > 0 else chars
        found.append(text[:cut])
        text = text[cut:].strip()
    return found
