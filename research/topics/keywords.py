"""From scored terms to the few words that name a topic: distinctive, not one inside another, with enough support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from research.messages import listed

__all__ = ["Keyword", "choose_keywords", "label_of"]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A term of a topic with its score and the number of the topic's texts that hold it."""

    term: str
    score: float
    support: int


def choose_keywords(
    scored: Sequence[tuple[str, float]],
    support: Mapping[str, int],
    *,
    n_texts: int,
    most: int = 10,
    join: str = "_",
) -> list[Keyword]:
    """Choose a topic's keywords from its terms.

    Parameters
    ----------
    scored : sequence of (str, float)
        Terms with their scores, the best first.
    support : mapping of str to int
        In how many of the topic's texts each term occurs.
    n_texts : int
        How many texts the topic has; from four on, a keyword must be in at least two of them, from forty on in 2 %.
    most : int
        How many keywords to give.
    join : str
        What stands between the words of one term.

    Returns
    -------
    list of Keyword
        The best first. A word that stands in a chosen phrase does not come again, nor does a phrase that shares a word with
        an earlier one unless it brings a new one; nor one that only goes on from an earlier phrase (مجلس الأمن الدولي).

    Examples
    --------
    >>> scored = [("مجلس_امن", 0.5), ("امن", 0.4), ("قرار", 0.3), ("نادر", 0.2)]
    >>> support = {"مجلس_امن": 4, "امن": 5, "قرار": 3, "نادر": 1}
    >>> [keyword.term for keyword in choose_keywords(scored, support, n_texts=9)]
    ['مجلس_امن', 'قرار']
    """
    least = 1 if n_texts < 4 else max(2, round(0.02 * n_texts))
    chosen: list[Keyword] = []
    used: set[str] = set()
    for term, score in scored:
        if len(chosen) == most or score <= 0:
            break
        parts = set(term.split(join))
        goes_on = any(join in known.term and term.startswith(known.term + join) for known in chosen)
        if support.get(term, 0) >= least and not parts <= used and not goes_on:
            chosen.append(Keyword(term, float(score), support[term]))
            used |= parts
    return chosen


def label_of(surfaces: Sequence[str], *, most: int = 4) -> str:
    """Join the first surface forms into a topic's label; a topic without keywords has an empty one.

    Examples
    --------
    >>> label_of(["العقوبات", "مجلس الأمن", "السفن"], most=2)
    'العقوبات، مجلس الأمن'
    """
    return listed(surfaces[:most])
