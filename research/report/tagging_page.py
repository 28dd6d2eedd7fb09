"""The page of a tagging: which themes, how sure, the passages with their evidence, what the codebook lacks, how it was done."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.messages import Message, count, joined, message, word
from research.report.explorers import theme_explorer, themes_told
from research.report.page import MarkedPassage, Page, Piece, Tag
from research.report.provenance import add_provenance, add_unsaid, command_of, settings_told
from research.report.style import figure_style
from research.report.theme_figures import themes_by_article
from research.report.trend_results import Trends, trends_of
from research.report.trends_section import add_trends

if TYPE_CHECKING:
    from research.tagging import TagResult

__all__ = ["add_articles", "articles_stating_most", "rows_by_article", "summary", "tagging_page"]

_READ_WHOLE = 12  # articles that are on the page from beginning to end
_DRAWN = 30  # articles in the figure
_LONG = 500  # characters of a candidate's passage
# Words of tables that come from lower layers as plain text.
_STATES = {"found": word("found"), "weak": word("weak"), "absent": word("absent")}
_FINDINGS = (
    word("empty"), word("duplicate"), word("inside another"), word("shared"), word("never occurs"), word("everywhere"),
    word("overlap"), word("language"),
)  # fmt: skip
_KINDS = (word("seed"), word("hint"), word("together"))


def tagging_page(
    result: TagResult, folder: Path | None = None, *, articles: int = _READ_WHOLE, found: Trends | None = None
) -> Page:
    """Make the page of a tagging, in the language that is spoken.

    Parameters
    ----------
    result : TagResult
        What `research.tag` gave.
    folder : Path, optional
        Where its figures are also written as files.
    articles : int
        At most so many are there from beginning to end, those that state most first.
    found : Trends, optional
        What `trends_of` gave, where it is there already.

    Returns
    -------
    Page
        Ready to be written.
    """
    page = Page(message("Themes in {corpus}", corpus=result.corpus.name))
    page.paragraph(summary(result))
    _add_themes(page, result)
    _add_by_article(page, result, folder)
    add_trends(page, found or trends_of(result), folder)
    _add_explorer(page, result)
    add_articles(page, result, articles)
    _add_candidates(page, result)
    add_unsaid(page, result.notes)
    _add_codebook(page, result)
    _add_method(page, result)
    add_provenance(page, result.corpus, result.settings, _command(result))
    return page


def summary(result: TagResult) -> Message:
    """Say in a few sentences which themes were found, and where."""
    usable, everything = len(result.corpus.usable), len(result.corpus)
    found = sorted((t for t in result.themes if t.state == "found"), key=lambda t: (-t.passages, t.key))
    told = joined((_where(t.name, t.passages, t.articles) for t in found), by="; ") if found else word("none")
    read = message(
        "{passages} of {articles} were read for {themes} of the codebook.",
        passages=count("{n:,} passage", "{n:,} passages", n=len(result.passages)),
        articles=count("{n:,} article", "{n:,} articles", n=usable),
        themes=count("the one theme", "the {n:,} themes", n=len(result.themes)),
    )
    said = [read]
    if everything > usable:
        said.append(
            count("{n:,} more article could not be used.", "{n:,} more articles could not be used.", n=everything - usable)
        )
    said.append(message("Found: {themes}.", themes=told))
    weak, absent = ([t.name for t in result.themes if t.state == state] for state in ("weak", "absent"))
    if weak:
        said.append(
            message(
                "Weak, which means that passages may state them and none surely does: {themes}.",
                themes=joined(weak),
            )
        )
    if absent:
        said.append(message("Absent: {themes}.", themes=joined(absent)))
    without = int((~result.present.any(axis=1) & ~result.open.any(axis=1)).sum())
    said.append(
        count("{n:,} passage states no theme of the codebook.", "{n:,} passages state no theme of the codebook.", n=without)
    )
    return joined(said, by=" ")


def _where(name: str, passages: int, articles: int) -> Message:
    return message(
        "{theme} in {passages} of {articles}",
        theme=name,
        passages=count("{n:,} passage", "{n:,} passages", n=passages),
        articles=count("{n:,} article", "{n:,} articles", n=articles),
    )


def _add_themes(page: Page, result: TagResult) -> None:
    page.section(message("The themes, and how sure that is"))
    rows = [
        (t.name, _STATES[t.state], t.passages, t.articles, t.open, t.precision, t.recall, t.f1,
         joined([word("probability") if t.calibrated else word("not calibrated"), t.reason], by="; "))
        for t in result.themes
    ]  # fmt: skip
    columns = [
        word("theme"), word("ends as"), word("passages"), word("articles"), word("left open"), word("precision"),
        word("recall"), word("F1"), word("score is"),
    ]  # fmt: skip
    n = result.settings["labelled_passages"]
    trust = (
        count(
            "Precision, recall and F1 are those on the {n:,} labelled passage, judged by a model that had not seen its "
            "article; on other news they may be lower or higher.",
            "Precision, recall and F1 are those on the {n:,} labelled passages, each judged by a model that had not seen its "
            "article; on other news they may be lower or higher.",
            n=n,
        )
        if any(t.calibrated for t in result.themes)
        else message("There were no labels: how often decisions are right is not known.")
    )
    caption = joined([message("Where each theme is stated."), trust], by=" ")
    page.table(pd.DataFrame(rows, columns=columns, dtype=object), caption)
    tested = [one for one in result.evidence.values() if one.holds is not None]
    if tested:
        fell = sum(bool(one.holds) for one in tested)
        page.paragraph(
            message(
                "Of {tested:,} decisions whose evidence was cut out of the passage, {fell:,} ({share:.0%}) were no longer "
                "made without it: there the underlined words carry the decision. In the others the rest of the passage says "
                "it again.",
                tested=len(tested),
                fell=fell,
                share=fell / len(tested),
            )
        )


def rows_by_article(result: TagResult) -> dict[str, list[int]]:
    """Give the rows of the passages of each article that holds any text."""
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(result.passages):
        rows.setdefault(passage.document, []).append(row)
    return rows


def articles_stating_most(result: TagResult, rows_of: dict[str, list[int]], most: int) -> set[str]:
    """Give the articles, at most so many, whose passages state themes most often."""
    stated = {id: int(result.present[rows].sum()) for id, rows in rows_of.items()}
    return set(sorted(rows_of, key=lambda name: -stated[name])[:most])


def _add_by_article(page: Page, result: TagResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    rows_of = rows_by_article(result)
    kept = articles_stating_most(result, rows_of, _DRAWN)
    if len(rows_of) < 2 or not result.present.any():
        return
    page.section(message("Themes by article"))
    drawn = [document for document in result.corpus if document.id in kept]
    table = np.array([result.present[rows_of[document.id]].sum(axis=0) for document in drawn])
    sizes = [len(rows_of[document.id]) for document in drawn]
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.6, 1.7 + 0.27 * len(drawn)))
        themes_by_article([d.title or d.id for d in drawn], sizes, [t.name for t in result.themes], table, ax)
    told = [message("How many passages of each article state each theme; the darker, the larger their share of its passages.")]
    if len(drawn) < len(rows_of):
        told.append(
            message(
                "The {n:,} articles with most themes are drawn, of {all:,}; documents.csv holds all.",
                n=len(drawn),
                all=len(rows_of),
            )
        )
    page.figure(drawing, "themes-by-article", joined(told, by=" "), folder)


# -- passages ---------------------------------------------------------------------------------------------------------


def _add_explorer(page: Page, result: TagResult) -> None:
    if not result.passages:
        return
    page.section(message("Look through the passages"))
    page.paragraph(
        message(
            "Colours are themes; what carries a decision is underlined, and 'why' names the seed or word and its weight in log "
            "odds. A dashed frame is a theme that could be neither given nor ruled out."
        )
    )
    page.explorer(theme_explorer(result))


def add_articles(page: Page, result: TagResult, most: int = _READ_WHOLE) -> None:
    """Add articles for reading, in the order of the corpus, those that state a theme first when there are too many."""
    rows_of = rows_by_article(result)
    if not rows_of:
        return
    kept = articles_stating_most(result, rows_of, most)
    page.section(message("Articles from beginning to end"))
    told = [
        message(
            "Colours are themes, figures are scores; what carries a decision is underlined. A dashed frame is a theme that "
            "could be neither given nor ruled out."
        )
    ]
    if len(kept) < len(rows_of):
        told.append(
            message(
                "The {n:,} articles with most themes are shown, of {all:,}; themes.csv holds all.",
                n=len(kept),
                all=len(rows_of),
            )
        )
    page.paragraph(joined(told, by=" "))
    page.legend([theme.named for theme in result.codebook.themes])
    for document in result.corpus:
        if document.id in kept:
            source = joined([document.source, f"{document.date:%Y-%m-%d}" if document.date else "", document.id], by=" · ")
            page.article(document.title or document.id, source, [_marked(result, row) for row in rows_of[document.id]])


def _marked(result: TagResult, row: int) -> MarkedPassage:
    told = themes_told(result, row)
    names = [theme.named for theme in result.codebook.themes]
    tags = tuple(
        Tag(
            theme,
            message("{theme} {score:.2f}", theme=names[theme], score=result.scores[row, theme]),
            bool(result.present[row, theme]),
        )
        for theme in told
    )
    spans = [(theme, span) for theme in told if result.present[row, theme] for span in result.evidence[row, theme].spans]
    text = result.passages[row].text
    cuts = sorted({0, len(text), *(at for _, span in spans for at in (span.start, span.end))})
    pieces = []
    for start, end in pairwise(cuts):
        over = [(theme, span) for theme, span in spans if span.start <= start and end <= span.end]
        marks = tuple(dict.fromkeys(theme for theme, _ in over))
        note = joined(
            (
                message("{theme}: {word}, {weight:+.2f}", theme=names[theme], word=span.feature, weight=span.weight)
                for theme, span in over
            ),
            by="; ",
        )
        pieces.append(Piece(text[start:end], marks, note))
    return MarkedPassage(tuple(pieces), tags)


# -- beyond the codebook, and the codebook itself -----------------------------------------------------------------------


def _add_candidates(page: Page, result: TagResult) -> None:
    if not result.candidates:
        return
    page.section(message("Beyond the codebook"))
    page.paragraph(
        message(
            "Passages that state none of the themes, grouped by likeness: candidates for themes that the codebook lacks, and "
            "what is rightly outside it."
        )
    )
    rows = [(number, one.size, one.articles, one.label) for number, one in enumerate(result.candidates)]
    columns = [word("candidate"), word("passages"), word("articles"), word("keywords")]
    page.table(pd.DataFrame(rows, columns=columns, dtype=object), message("Groups of passages without a theme."))
    for number, one in enumerate(result.candidates[:8]):
        shown = []
        for row in one.exemplars:
            passage = result.passages[row]
            text = passage.text if len(passage.text) <= _LONG else passage.text[:_LONG].rsplit(" ", 1)[0] + " …"
            source = message("{id}, characters {start} to {end}", id=passage.document, start=passage.start, end=passage.end)
            shown.append((text, source))
        page.passages(
            message("Candidate {number}: {label}", number=number, label=one.label or word("no keyword")),
            shown,
        )


def _add_codebook(page: Page, result: TagResult) -> None:
    page.section(message("The codebook held against the corpus"), appendix=True)
    check = result.check
    if check.passages:
        page.paragraph(
            message(
                "{covered:,} of {all} ({share:.0%}) hold a word of at least one theme, {several:,} ({share_of_several:.0%}) "
                "those of several.",
                covered=check.covered,
                all=count("{n:,} passage", "{n:,} passages", n=check.passages),
                share=check.covered / check.passages,
                several=check.ambiguous,
                share_of_several=check.ambiguous / check.passages,
            )
        )
    if check.findings:
        rows = [(finding.theme, finding.kind, finding.detail) for finding in check.findings]
        columns = [word("theme"), word("kind"), word("detail")]
        page.table(pd.DataFrame(rows, columns=columns, dtype=object), message("What its author should know."), words=["kind"])
    strong = [one for one in result.influence if one.lost][:20]
    if strong:
        seeds = [(one.theme, one.seed, one.kind, one.passages, one.alone, one.lost) for one in strong]
        columns = [word("theme"), word("seed"), word("kind"), word("passages"), word("alone"), word("decisions lost")]
        page.table(
            pd.DataFrame(seeds, columns=columns, dtype=object),
            message(
                "Seeds by influence: how many passages hold each, where it is the theme's only word, and how many decisions "
                "fall when it is taken out of the codebook. Nothing is learned anew for this."
            ),
            words=["kind"],
        )


def _thresholds(result: TagResult) -> Message:
    learned = sorted({round(t.threshold, 3) for t in result.themes if t.calibrated})
    alone = sorted({round(t.threshold, 3) for t in result.themes if not t.calibrated})
    parts = [message("a probability of {value:g}", value=value) for value in learned]
    parts += [message("an uncalibrated score of {value:g}", value=value) for value in alone]
    return joined(parts)


def _add_method(page: Page, result: TagResult) -> None:
    page.section(message("How this was done"), appendix=True)
    reasons = Counter(line.reason for line in result.cleaned.removed)
    page.paragraph(
        message(
            "{lines} of page furniture were taken out. The codebook's words were found by normalised stem, outside titles "
            "and exclusions. Where there are labels, a logistic regression on sentence embeddings and one on TF-IDF terms "
            "(names left out) learned from them, and a last one, taught by what these say of articles they have not seen, "
            "weighs them and the codebook's words into a probability, to which the codebook counts once more as a prior. A "
            "theme is present from these scores on, a little below it is left open: {thresholds}. Settings: {settings}.",
            lines=count("{n:,} line", "{n:,} lines", n=reasons.total()),
            thresholds=_thresholds(result),
            settings=settings_told(result.settings),
        )
    )


def _command(result: TagResult) -> str:
    """Give the line that finds these themes again."""
    chosen = result.settings
    given = {
        "--codebook": Path(chosen["codebook"]).name,
        "--encoder": chosen["encoder"],
        "--seed": chosen["seed"] or None,
    }
    line = command_of("tag", result.corpus.name, given)
    return line if chosen["labelled_passages"] else line.replace(" --out", " --no-labels --out")
