"""Articles as they are classified: what of each is news, its passages one a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from research.cleaning import CleanResult, as_cleaned
from research.corpus.documents import Corpus, Passage
from research.text.script import script_of

__all__ = ["ArticleText", "article_texts", "main_script"]


@dataclass(frozen=True, eq=False)
class ArticleText:
    """An article as it is classified: its passages, one a line."""

    id: str
    text: str
    passages: tuple[Passage, ...]
    label: str
    source: str
    problem: str

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Give the place in the article as it was read of a stretch of the text."""
        at = 0
        found: list[int] = []
        for passage in self.passages:
            stop = at + len(passage.text)
            for wanted, last in ((start, False), (end, True)):
                if len(found) == int(last) and at <= wanted <= stop and (last or wanted < stop or not passage.text):
                    found.append(passage.start + wanted - at)
            at = stop + 1
        return found[0], found[1]


def main_script(texts: Sequence[str]) -> str:
    """Name the script of most texts; "" where none has letters."""
    counts = Counter(script_of(text) for text in texts)
    del counts[""]
    return min(counts, key=lambda script: (-counts[script], script), default="")


def article_texts(corpus: Corpus | CleanResult, furniture: bool) -> list[ArticleText]:
    """Give every article with what of it is news, in the order of the corpus."""
    cleaned = as_cleaned(corpus, furniture=furniture)
    passages: dict[str, list[Passage]] = {}
    for passage in cleaned.passages:
        passages.setdefault(passage.document, []).append(passage)
    found = []
    for document in cleaned.corpus:
        parts = tuple(passages.get(document.id, ()))
        problem = document.problem or ("" if parts else "no news text left")
        text = "\n".join(part.text for part in parts)
        found.append(ArticleText(document.id, text, parts, document.label.strip(), document.source, problem))
    return found
