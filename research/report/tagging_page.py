"""The page of a tagging: which themes, how sure, the articles with their evidence, what the codebook lacks, how it was done."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.report.page import MarkedPassage, Page, Piece, Tag
from research.report.trends_section import Trends, add_trends, trends_of

if TYPE_CHECKING:
    from research.tagging import TagResult

__all__ = ["add_articles", "tagging_page"]

_MOST_ARTICLES = 40  # that are shown for reading
_LONG = 500  # characters of a candidate's passage


def tagging_page(result: TagResult, *, articles: int = _MOST_ARTICLES, found: Trends | None = None) -> Page:
    """Make the page of a tagging.

    Parameters
    ----------
    result : TagResult
        What `research.tag` gave.
    articles : int
        At most so many are shown for reading, those that state most first.
    found : Trends, optional
        What `trends_of` gave, where it is there already.

    Returns
    -------
    Page
        Ready to be written.
    """
    page = Page(f"Themes in {result.corpus.name}")
    page.paragraph(_summary(result))
    page.notes(result.notes)
    _add_themes(page, result)
    add_trends(page, found or trends_of(result))
    add_articles(page, result, articles)
    _add_candidates(page, result)
    _add_codebook(page, result)
    _add_method(page, result)
    return page


def _summary(result: TagResult) -> str:
    usable, everything = len(result.corpus.usable), len(result.corpus)
    lost = f" ({everything - usable} more could not be used)" if everything > usable else ""
    by_state = {state: [t.name for t in result.themes if t.state == state] for state in ("found", "weak", "absent")}
    found = sorted((t for t in result.themes if t.state == "found"), key=lambda t: (-t.passages, t.key))
    told = "; ".join(f"{t.name} in {t.passages:,} passages of {t.articles:,} articles" for t in found) or "none"
    weak = (
        f" Weak, which means that passages may state them and none surely does: {', '.join(by_state['weak'])}."
        if by_state["weak"]
        else ""
    )
    absent = f" Absent: {', '.join(by_state['absent'])}." if by_state["absent"] else ""
    without = int((~result.present.any(axis=1) & ~result.open.any(axis=1)).sum())
    return (
        f"{len(result.passages):,} passages of {usable:,} articles{lost} were read for the {len(result.themes)} themes of the "
        "codebook. "
        f"Found: {told}.{weak}{absent} {without:,} passages state no theme of the codebook."
    )


def _add_themes(page: Page, result: TagResult) -> None:
    page.section("The themes, and how sure that is")
    rows = [
        (t.name, t.state, t.passages, t.articles, t.open, t.precision, t.recall, t.f1,
         ("probability" if t.calibrated else "not calibrated") + (f"; {t.reason}" if t.reason else ""))
        for t in result.themes
    ]  # fmt: skip
    columns = ["theme", "ends as", "passages", "articles", "left open", "precision", "recall", "F1", "score is"]
    learned = any(t.calibrated for t in result.themes)
    n = result.settings["labelled_passages"]
    caption = "Where each theme is stated." + (
        f" Precision, recall and F1 are those on the {n:,} labelled passages, each judged by a model that had not seen its "
        "article; on "
        "other news they may be lower or higher."
        if learned
        else " There were no labels: how often decisions are right is not known."
    )
    page.table(pd.DataFrame(rows, columns=columns), caption)
    tested = [one for one in result.evidence.values() if one.holds is not None]
    if tested:
        fell = sum(bool(one.holds) for one in tested)
        page.paragraph(
            f"Of {len(tested):,} decisions whose evidence was cut out of the passage, {fell:,} ({fell / len(tested):.0%}) "
            "were no longer made "
            "without it: there the underlined words carry the decision. In the others the rest of the passage says it again."
        )


def add_articles(page: Page, result: TagResult, most: int = _MOST_ARTICLES) -> None:
    """Add the articles for reading, in the order of the corpus, those that state a theme first when there are too many."""
    rows_of: dict[str, list[int]] = {}
    for row, passage in enumerate(result.passages):
        rows_of.setdefault(passage.document, []).append(row)
    if not rows_of:
        return
    page.section("The articles, passage by passage")
    stated = {id: int(result.present[rows].sum()) for id, rows in rows_of.items()}
    ranked = sorted(rows_of, key=lambda name: -stated[name])
    kept = set(ranked[:most])
    left = (
        f" The {len(kept):,} articles with most themes are shown, of {len(rows_of):,}; themes.csv holds all."
        if len(kept) < len(rows_of)
        else ""
    )
    page.paragraph(
        "Colours are themes; what carries a decision is underlined (point at it to see the seed or word and its weight in "
        "log odds); figures "
        f"are scores. A dashed frame is a theme that could be neither given nor ruled out.{left}"
    )
    page.legend([theme.name() for theme in result.codebook.themes])
    for document in result.corpus:
        if document.id not in kept:
            continue
        told = [part for part in (document.source, f"{document.date:%Y-%m-%d}" if document.date else "", document.id) if part]
        passages = [_marked(result, row) for row in rows_of[document.id]]
        page.article(document.title or document.id, " · ".join(told), passages)


def _marked(result: TagResult, row: int) -> MarkedPassage:
    order = np.argsort(-result.scores[row], kind="stable")
    told = [int(theme) for theme in order if result.present[row, theme] or result.open[row, theme]]
    tags = tuple(
        Tag(theme, f"{result.codebook.themes[theme].name()} {result.scores[row, theme]:.2f}", bool(result.present[row, theme]))
        for theme in told
    )
    spans = [(theme, span) for theme in told if result.present[row, theme] for span in result.evidence[row, theme].spans]
    text = result.passages[row].text
    cuts = sorted({0, len(text), *(at for _, span in spans for at in (span.start, span.end))})
    pieces = []
    for start, end in pairwise(cuts):
        over = [(theme, span) for theme, span in spans if span.start <= start and end <= span.end]
        marks = tuple(dict.fromkeys(theme for theme, _ in over))
        note = "; ".join(f"{result.codebook.themes[theme].name()}: {span.feature}, {span.weight:+.2f}" for theme, span in over)
        pieces.append(Piece(text[start:end], marks, note))
    return MarkedPassage(tuple(pieces), tags)


def _add_candidates(page: Page, result: TagResult) -> None:
    if not result.candidates:
        return
    page.section("Beyond the codebook")
    page.paragraph(
        "Passages that state none of the themes, grouped by likeness: candidates for themes that the codebook lacks, and "
        "what is rightly "
        "outside it."
    )
    rows = [(number, one.size, one.articles, one.label) for number, one in enumerate(result.candidates)]
    page.table(
        pd.DataFrame(rows, columns=["candidate", "passages", "articles", "keywords"]), "Groups of passages without a theme."
    )
    for number, one in enumerate(result.candidates[:8]):
        shown = []
        for row in one.exemplars:
            passage = result.passages[row]
            text = passage.text if len(passage.text) <= _LONG else passage.text[:_LONG].rsplit(" ", 1)[0] + " …"
            shown.append((text, f"{passage.document}, characters {passage.start} to {passage.end}"))
        page.passages(f"Candidate {number}: {one.label or 'no keyword'}", shown)


def _add_codebook(page: Page, result: TagResult) -> None:
    page.section("The codebook held against the corpus")
    check = result.check
    if check.passages:
        page.paragraph(
            f"{check.covered:,} of {check.passages:,} passages ({check.covered / check.passages:.0%}) hold a word of at least "
            "one theme, "
            f"{check.ambiguous:,} ({check.ambiguous / check.passages:.0%}) those of several."
        )
    problems = check.problems()
    if len(problems):
        page.table(problems, "What its author should know.")
    strong = [one for one in result.influence if one.lost][:20]
    if strong:
        rows = [(one.theme, one.seed, one.kind, one.passages, one.alone, one.lost) for one in strong]
        columns = ["theme", "seed", "kind", "passages", "alone", "decisions lost"]
        page.table(
            pd.DataFrame(rows, columns=columns),
            "Seeds by influence: how many passages hold each, where it is the theme's only word, and how many decisions fall "
            "when it is taken "
            "out of the codebook. Nothing is learned anew for this.",
        )


def _thresholds(result: TagResult) -> str:
    learned = sorted({round(t.threshold, 3) for t in result.themes if t.calibrated})
    alone = sorted({round(t.threshold, 3) for t in result.themes if not t.calibrated})
    parts = [f"a probability of {value:g}" for value in learned] + [f"an uncalibrated score of {value:g}" for value in alone]
    return " or ".join(parts)


def _add_method(page: Page, result: TagResult) -> None:
    page.section("How this was done")
    reasons = Counter(line.reason for line in result.cleaned.removed)
    settings = ", ".join(f"{name} {value}" for name, value in result.settings.items() if value not in (None, ""))
    page.paragraph(
        f"{reasons.total():,} lines of page furniture were taken out. The codebook's words were found by normalised stem, "
        "outside titles and "
        "exclusions. Where there are labels, a logistic regression on sentence embeddings and one on TF-IDF terms (names "
        "left out) learned from them, "
        "and a last one, taught by what these say of articles they have not seen, weighs them and the codebook's words into "
        "a probability, to which the codebook counts once more as a prior. A theme is present from "
        f"{_thresholds(result)} on; a little below it is left open. "
        f"Settings: {settings}."
    )
