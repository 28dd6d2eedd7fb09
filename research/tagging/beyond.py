"""What a corpus holds beyond its codebook: passages without a theme, grouped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from research.corpus.documents import Passage
from research.discovery import LATENT, find_topics
from research.discovery.describe import describe_topics
from research.features import LsaEncoder
from research.tagging.result import Candidate

__all__ = ["find_candidates"]

_FEW = 12  # below this many distinct passages, groups are no finding
_TELLING = 80  # characters; shorter lines resemble each other more than what they speak of
_MOST = 3_000  # passages that are grouped; more would tell nothing new and take long


def find_candidates(
    passages: Sequence[Passage], rows: npt.NDArray[np.intp], embeddings: npt.NDArray[np.float32] | None, *, seed: int = 0
) -> tuple[Candidate, ...]:
    """Group passages that no theme was given to, as candidates for themes that the codebook lacks.

    Parameters
    ----------
    passages : sequence of Passage, length n
        All passages.
    rows : ndarray of int
        Those without a theme.
    embeddings : ndarray of float32, shape (n, d), or None
        Of all passages; without them they are compared by their words.
    seed : int
        Seed of every random choice.

    Returns
    -------
    tuple of Candidate
        The largest first; none where there are too few passages.
    """
    usable = [row for row in rows if len(passages[row].text) >= _TELLING]
    # The distinct texts in an order of their own: the order of the input must not matter.
    first: dict[str, int] = {}
    for row in sorted(usable, key=lambda row: (passages[row].text, passages[row].document)):
        first.setdefault(passages[row].text, int(row))
    chosen = list(first.values())
    if len(chosen) > _MOST:
        chosen = [chosen[at] for at in np.linspace(0, len(chosen) - 1, _MOST).astype(int)]
    if len(chosen) < _FEW:
        return ()
    texts = [passages[row].text for row in chosen]
    matrix = embeddings[chosen] if embeddings is not None else LsaEncoder(texts).encode(texts)
    found = find_topics(texts, np.asarray(matrix, dtype=np.float32), latent=LATENT, seed=seed)
    topics = describe_topics(found, [passages[row] for row in chosen], np.arange(len(chosen)), wires={})
    return tuple(
        Candidate(
            topic.size,
            topic.articles,
            topic.label,
            tuple(keyword.term for keyword in topic.keywords),
            tuple(chosen[at] for at in topic.exemplars),
            tuple(sorted(chosen[at] for at in np.flatnonzero(found.labels == topic.number))),
        )
        for topic in topics
    )
