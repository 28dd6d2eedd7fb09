"""What carries a decision: spans of the passage with their weights, and whether the decision falls when they are cut out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from research.themes.tagger import Scores, Seen, ThemeTagger, odds

__all__ = ["Evidence", "Span", "collect_evidence", "cut_evidence_out", "cut_out"]

Decision = tuple[int, int]  # row of the passage, number of the theme

_MOST_WORDS = 5  # learned words that are shown of one decision
_LEAST_WEIGHT = 0.1  # log odds below which a word carries nothing
# Where a passage may be cut when no word carries a decision.
_CLAUSE = re.compile(r"[^،؛,;.!?؟…:\n]+[،؛,;.!?؟…:\n]*")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a passage that carries a decision.

    Attributes
    ----------
    start, end : int
        Characters of the passage.
    feature : str
        The seed as the codebook writes it, the lists that meet, the learned term, or ``clause`` where only the embedding
        speaks. A seed that is denied is marked so.
    kind : {"seed", "together", "hint", "word", "clause"}
        What it is.
    weight : float
        What it adds to the log odds of the theme; a seed's weight is shared by its stretches.
    """

    start: int
    end: int
    feature: str
    kind: Literal["seed", "together", "hint", "word", "clause"]
    weight: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a theme was given to a passage, or not ruled out.

    Attributes
    ----------
    spans : tuple of Span
        The heaviest first.
    without : float or None
        The theme's score when they are cut out of the passage; None where that was not tested.
    holds : bool or None
        Whether the theme is no longer present then.
    """

    spans: tuple[Span, ...]
    without: float | None = None
    holds: bool | None = None


def collect_evidence(tagger: ThemeTagger, seen: Seen, decisions: Iterable[Decision]) -> dict[Decision, Evidence]:
    """Collect the codebook's words and the learned terms that speak for themes; nothing is encoded for it.

    Parameters
    ----------
    tagger : ThemeTagger
        Fitted.
    seen : Seen
        What `ThemeTagger.look` gave.
    decisions : iterable of (int, int)
        Passage and theme.

    Returns
    -------
    dict
        For every decision its evidence, not tested yet; without spans where only the embedding speaks for it.
    """
    words = tagger.word_matrix(seen)
    vocabulary = tagger.vectorizer_.vocabulary_ if words is not None else {}
    found = {}
    for row, theme in decisions:
        spans = _codebook_spans(tagger, seen, row, theme)
        if words is not None and (heads := tagger.word_weights(theme)) is not None:
            spans += _word_spans(seen, row, words[[row]], heads, vocabulary)
        found[row, theme] = Evidence(_heaviest_first(spans))
    return found


def _codebook_spans(tagger: ThemeTagger, seen: Seen, row: int, theme: int) -> list[Span]:
    counts = seen.counts[row, theme]
    weights = tagger.codebook_weights(theme, counts)
    matches = [match for match in seen.matches[row] if match.theme == theme]
    stretches = {
        kind: sum(len(match.spans) for match in matches if (match.kind == "hint") == (kind == "hint"))
        for kind in ("seed", "hint")
    }
    spans = []
    for match in matches:
        kind = "hint" if match.kind == "hint" else "seed"
        feature = f"{match.seed} (denied)" if match.negated else match.seed
        share = weights[kind] / stretches[kind]
        spans += [Span(start, end, feature, match.kind, share) for start, end in match.spans]
    return spans


def _word_spans(seen: Seen, row: int, tfidf: object, weights: Scores, vocabulary: Mapping[str, int]) -> list[Span]:
    assert seen.terms is not None
    values = np.asarray(tfidf.todense()).ravel()  # type: ignore[attr-defined]
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for term, start, end in seen.terms[row]:
        places[term].append((start, end))
    carried = {term: values[vocabulary[term]] * weights[vocabulary[term]] for term in places if term in vocabulary}
    best = sorted(
        (term for term, weight in carried.items() if weight >= _LEAST_WEIGHT), key=lambda term: (-carried[term], term)
    )
    return [
        Span(start, end, term.replace("_", " "), "word", float(carried[term] / len(places[term])))
        for term in best[:_MOST_WORDS]
        for start, end in places[term]
    ]


def _heaviest_first(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Order spans; what stands inside another one is told by that, which takes its weight."""
    kept: list[Span] = []
    rank = {"together": 0, "seed": 0, "hint": 1, "word": 2, "clause": 3}
    for span in sorted(spans, key=lambda one: (rank[one.kind], -one.weight, one.start, one.end)):
        same = [other for other in kept if other.start <= span.start and span.end <= other.end]
        if not same:
            kept.append(span)
        else:
            at = kept.index(same[0])
            kept[at] = replace(same[0], weight=same[0].weight + span.weight)
    return tuple(sorted(kept, key=lambda one: (-one.weight, one.start, one.end)))


def cut_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Cut spans out of a text.

    Examples
    --------
    >>> cut_out("فرضت عقوبات جديدة", [(5, 11)])
    'فرضت  جديدة'
    """
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    return "".join([*kept, text[at:]])


def cut_evidence_out(
    tagger: ThemeTagger, texts: Sequence[str], evidence: Mapping[Decision, Evidence]
) -> dict[Decision, Evidence]:
    """Cut the evidence of every decision out of its passage and score the theme again.

    Where the theme is still present, the clause that carries most of the rest joins the evidence, and once more, until the
    decision falls or two thirds of the passage are gone: then the evidence does not carry the decision, and it says so.

    Parameters
    ----------
    tagger : ThemeTagger
        Fitted.
    texts : sequence of str
        The passages.
    evidence : mapping
        What `collect_evidence` gave for present themes.

    Returns
    -------
    dict
        The same decisions with `Evidence.without` and `Evidence.holds`.
    """
    tested = dict(evidence)
    open_ = list(tested)
    for _ in range(3):
        remaining = _score_without(tagger, texts, tested, open_)
        still = []
        for decision, score in zip(open_, remaining, strict=True):
            holds = bool(score < tagger.thresholds_[decision[1]])
            tested[decision] = replace(tested[decision], without=float(score), holds=holds)
            if not holds:
                still.append(decision)
        more = _add_clauses(tagger, texts, tested, still)
        open_ = [decision for decision in still if decision in more]
        if not open_:
            break
        tested.update(more)
    return tested


def _score_without(
    tagger: ThemeTagger, texts: Sequence[str], evidence: Mapping[Decision, Evidence], decisions: Sequence[Decision]
) -> Scores:
    cut = [cut_out(texts[row], _characters(evidence[row, theme])) for row, theme in decisions]
    return _scores_of(tagger, cut, [theme for _, theme in decisions])


def _scores_of(tagger: ThemeTagger, texts: Sequence[str], themes: Sequence[int]) -> Scores:
    if not texts:
        return np.zeros(0)
    distinct = sorted(set(texts))
    at = {text: number for number, text in enumerate(distinct)}
    scores = tagger.scores(tagger.look(distinct, tagger.embeddings_of(distinct)))
    return scores[[at[text] for text in texts], list(themes)]


def _characters(evidence: Evidence) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in evidence.spans]


def _add_clauses(
    tagger: ThemeTagger, texts: Sequence[str], evidence: Mapping[Decision, Evidence], decisions: Sequence[Decision]
) -> dict[Decision, Evidence]:
    """Add to each decision's evidence the clause without which the theme's score is lowest."""
    tried: list[tuple[Decision, tuple[int, int], str]] = []
    for row, theme in decisions:
        known = _characters(evidence[row, theme])
        for clause in _clauses(texts[row]):
            new = not any(start <= clause[0] and clause[1] <= end for start, end in known)
            # A passage of which little is left states nothing: that would show nothing about the evidence.
            if new and (not known or len(cut_out(texts[row], [*known, clause]).strip()) >= len(texts[row]) / 3):
                tried.append(((row, theme), clause, cut_out(texts[row], [*known, clause])))
    scores = _scores_of(tagger, [text for _, _, text in tried], [theme for (_, theme), _, _ in tried])
    best: dict[Decision, tuple[float, tuple[int, int]]] = {}
    for (decision, clause, _), score in zip(tried, scores, strict=True):
        if decision not in best or score < best[decision][0]:
            best[decision] = (float(score), clause)
    found = {}
    for decision, (score, (start, end)) in best.items():
        before = evidence[decision].without
        gain = float(odds(before if before is not None else 0.5) - odds(score))
        if gain > 0:
            spans = [span for span in evidence[decision].spans if not (start <= span.start and span.end <= end)]
            spans.append(Span(start, end, "clause", "clause", gain))
            found[decision] = replace(evidence[decision], spans=tuple(sorted(spans, key=lambda one: (-one.weight, one.start))))
    return found


def _clauses(text: str) -> list[tuple[int, int]]:
    found = []
    for match in _CLAUSE.finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        if end - start > 1:
            found.append((start, end))
    return found


def decisions_of(mask: npt.NDArray[np.bool_]) -> list[Decision]:
    """List the decisions that a mask, shape (n, themes), marks."""
    rows, themes = np.nonzero(mask)
    return [(int(row), int(theme)) for row, theme in zip(rows, themes, strict=True)]
