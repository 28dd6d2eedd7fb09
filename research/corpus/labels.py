"""Labels that people gave to the lines of articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from research.corpus.documents import Corpus
from research.corpus.tables import read_table
from research.errors import DataError
from research.text.sentences import paragraphs

__all__ = ["FURNITURE", "OTHER", "LabelledLine", "load_labels"]

#: What is not news, and news that is none of the themes.
FURNITURE, OTHER = "furniture", "other"


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """One line of an article with what it speaks of.

    Attributes
    ----------
    document : str
        The article's id.
    line : int
        Counts the lines of the file from 1.
    start, end : int
        Characters of the article's text.
    text : str
        The line.
    themes : frozenset of str
        The themes that both readers saw; empty for other news.
    disputed : frozenset of str
        Themes that one of two readers saw: neither right nor wrong in a score.
    furniture : bool
        Whether it is not news.
    """

    document: str
    line: int
    start: int
    end: int
    text: str
    themes: frozenset[str]
    disputed: frozenset[str]
    furniture: bool


def load_labels(path: str | Path, corpus: Corpus, themes: Sequence[str], *, partial: bool = False) -> list[LabelledLine]:
    """Read the labels of a corpus.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns article, line and themes (joined by ``;``, or ``other``, or ``furniture``), and, if two
        people labelled, disputed (themes that one of them gave).
    corpus : Corpus
        The articles.
    themes : sequence of str
        The themes that there are.
    partial : bool
        Whether lines may be left without a label; they are left out.

    Returns
    -------
    list of LabelledLine
        In the order of the corpus and its texts.

    Raises
    ------
    DataError
        If a label is unknown, a line does not exist or is labelled twice, or an article has an unlabelled line and labels
        may not be partial.

    Examples
    --------
    >>> from research.corpus import load
    >>> names = ["arms_transfers", "sanctions", "diplomacy", "nuclear_missile", "military_posture"]
    >>> lines = load_labels("seeds/labels.csv", load("seeds/articles"), names)
    >>> any("sanctions" in line.themes for line in lines)
    True
    """
    allowed = {*themes, FURNITURE, OTHER}
    given: dict[tuple[str, int], tuple[frozenset[str], frozenset[str]]] = {}
    for number, row in read_table(Path(path), required=("article", "line", "themes")):
        where = f"{path}, line {number}"
        labels = frozenset(label.strip() for label in str(row["themes"]).split(";"))
        disputed = frozenset(filter(None, (label.strip() for label in str(row.get("disputed", "")).split(";"))))
        unknown = sorted((labels - allowed) | (disputed - set(themes)))
        if unknown:
            raise DataError(
                f"unknown label {unknown[0]!r}",
                where=f"{where}, field themes",
                remedy=f"labels are {', '.join(sorted(allowed))}",
            )
        if len(labels) > 1 and labels & {FURNITURE, OTHER}:
            raise DataError(
                "a line that is furniture or other cannot have a theme as well",
                where=f"{where}, field themes",
                remedy="keep one",
            )
        if not str(row["line"]).isdecimal():
            raise DataError(f"{row['line']!r} is not a line number", where=f"{where}, field line", remedy="count lines from 1")
        key = str(row["article"]), int(row["line"])
        if key in given:
            raise DataError(f"line {key[1]} of {key[0]} is labelled twice", where=where, remedy="keep one row a line")
        given[key] = labels, disputed
    lines = []
    for document in corpus.usable:
        for start, end in paragraphs(document.text):
            number = document.text.count("\n", 0, start) + 1
            found = given.pop((document.id, number), None)
            if found is None and partial:
                continue
            if found is None:
                raise DataError(
                    f"line {number} of {document.id} has no label", where=str(path), remedy="label every line that is not blank"
                )
            labels, disputed = found
            text = document.text[start:end]
            lines.append(
                LabelledLine(document.id, number, start, end, text, labels - {FURNITURE, OTHER}, disputed, FURNITURE in labels)
            )
    if given:
        article, line = sorted(given)[0]
        raise DataError(f"there is no line {line} in {article}", where=str(path), remedy="take the row out or correct it")
    return lines
