"""Clean a corpus: take the furniture of pages out, mark copies, and give the passages that remain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from research.corpus.documents import Corpus, Document, Passage
from research.corpus.duplicates import near_duplicates
from research.corpus.furniture import Removed, find_furniture
from research.corpus.passages import PassageUnit, split_passages
from research.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SAME_PASSAGE", "SAME_WIRE", "CleanResult", "Repeat", "as_cleaned", "clean"]

#: Two articles share a wire when this much of their word trigrams is the same; two passages are copies at the second.
SAME_WIRE = 0.3
SAME_PASSAGE = 0.7


@dataclass(frozen=True, slots=True)
class Repeat:
    """A passage or an article that repeats another; ``passage`` is None for whole articles."""

    document: str
    passage: int | None
    of_document: str
    of_passage: int | None
    similarity: float


@dataclass(frozen=True, repr=False)
class CleanResult(Shown):
    """A corpus without page furniture, with its copies marked.

    Attributes
    ----------
    corpus : Corpus
        What was cleaned.
    passages : tuple of Passage
        What remains, in the order of the corpus, copies included.
    removed : tuple of Removed
        What was taken out, and why; an article that could not be used is here with an empty text and its problem.
    repeats : tuple of Repeat
        Passages and articles that repeat an earlier one (by date, then by id).
    """

    corpus: Corpus
    passages: tuple[Passage, ...]
    removed: tuple[Removed, ...]
    repeats: tuple[Repeat, ...]

    def table(self) -> pd.DataFrame:
        """Give one row a passage: id, passage, start, end, text, and the passage that it repeats, if any."""
        import pandas as pd

        repeated = {(r.document, r.passage): f"{r.of_document}#{r.of_passage}" for r in self.repeats if r.passage is not None}
        rows = [(p.document, p.number, p.start, p.end, p.text, repeated.get((p.document, p.number), "")) for p in self.passages]
        return pd.DataFrame(rows, columns=["id", "passage", "start", "end", "text", "repeats"])


def clean(
    corpus: Corpus,
    *,
    unit: PassageUnit = "paragraph",
    max_chars: int = 800,
    furniture: bool = True,
    recurring: Collection[str] | None = None,
    repeats: bool = True,
) -> CleanResult:
    """Clean a corpus.

    Parameters
    ----------
    corpus : Corpus
        What `research.load` gives.
    unit : {"paragraph", "sentence"}
        What a passage is.
    max_chars : int
        Longest passage, in characters; longer paragraphs are divided between sentences.
    furniture : bool
        Whether the furniture of pages is taken out.
    recurring : collection of str, optional
        The short lines that recur in a larger corpus of which this is a part, see `research.corpus.furniture.short_lines`;
        those that recur in this one when not given.
    repeats : bool
        Whether copies are looked for.

    Returns
    -------
    CleanResult
        Passages, what was removed, and what repeats what. Offsets count characters of each document's text as read.

    Examples
    --------
    >>> import research
    >>> result = research.clean(research.load("seeds/articles"))
    >>> all(result.corpus[p.document].text[p.start : p.end] == p.text for p in result.passages)
    True
    """
    out = find_furniture(corpus.usable, recurring=recurring) if furniture else []
    spans: Mapping[str, list[tuple[int, int]]] = defaultdict(list)
    for line in out:
        spans[line.document].append((line.start, line.end))
    passages = [
        passage
        for document in corpus.usable
        for passage in split_passages(document, unit=unit, max_chars=max_chars, leave_out=spans[document.id])
    ]
    unusable = [Removed(document.id, 0, 0, "", f"unusable: {document.problem}") for document in corpus if document.problem]
    order = {document.id: number for number, document in enumerate(corpus)}
    removed = sorted([*out, *unusable], key=lambda line: (order[line.document], line.start))
    found = _repeated_articles(corpus, passages) + _repeated_passages(corpus, passages) if repeats else []
    return CleanResult(corpus, tuple(passages), tuple(removed), tuple(found))


def as_cleaned(corpus: Corpus | CleanResult, *, furniture: bool = True) -> CleanResult:
    """Clean a corpus, or leave one as it is that was cleaned already.

    Examples
    --------
    >>> done = clean(Corpus("one", (Document("a", "نص"),)))
    >>> as_cleaned(done) is done
    True
    """
    return corpus if isinstance(corpus, CleanResult) else clean(corpus, furniture=furniture)


def _age(document: Document) -> tuple[str, str]:
    """Sort key by which the first of several copies is the original, whatever the order of the input."""
    return (document.date.isoformat() if document.date else "9999", document.id)


def _repeated_passages(corpus: Corpus, passages: Sequence[Passage]) -> list[Repeat]:
    ordered = sorted(passages, key=lambda passage: (_age(corpus[passage.document]), passage.number))
    copies = near_duplicates([passage.text for passage in ordered], threshold=SAME_PASSAGE)
    found = [(ordered[copy.index], ordered[copy.of], copy.similarity) for copy in copies]
    return [Repeat(p.document, p.number, of.document, of.number, similarity) for p, of, similarity in found]


def _repeated_articles(corpus: Corpus, passages: Sequence[Passage]) -> list[Repeat]:
    texts: Mapping[str, list[str]] = defaultdict(list)
    for passage in passages:
        texts[passage.document].append(passage.text)
    ordered = sorted((document for document in corpus.usable if document.id in texts), key=_age)
    copies = near_duplicates(["\n".join(texts[document.id]) for document in ordered], threshold=SAME_WIRE)
    return [Repeat(ordered[copy.index].id, None, ordered[copy.of].id, None, copy.similarity) for copy in copies]
