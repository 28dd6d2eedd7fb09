"""What a notebook shows of a result: what its page says first, its table, one figure, and some passages with their evidence.

Colours, sentences and the care for hostile text are those of the pages. Styles stand at each element, as a notebook has its own
style sheet and takes no other; passages and figures bring their paper along, the rest takes the notebook's colours.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, singledispatch
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from research.classification import ClassifyResult
from research.classification.several_result import SeveralResult
from research.cleaning import CleanResult
from research.corpus import Corpus
from research.discovery import AssignResult, DiscoverResult
from research.errors import ResearchError
from research.messages import Message, count, joined, message, word
from research.report import classification_page, discovery_page, tagging_page
from research.report.class_estimates import estimated
from research.report.class_reading import beginning, surface_terms
from research.report.explorer import Explored, Explorer
from research.report.explorers import class_explorer, label_explorer, theme_explorer, topic_explorer
from research.report.isolation import isolated, visible
from research.report.language import direction, spoken, told
from research.report.page import Page, Quoted
from research.report.plots import kinds_of, placed, plot
from research.report.style import colour, figure_style
from research.report.trends_section import told_of_dates
from research.tagging import TagResult
from research.trends import TrendResult

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["html", "plain", "plot"]

_ROWS, _SOME_ROWS, _FEW_ROWS = 40, 20, 8  # of a table
_PASSAGES = 6
_CELL, _SENTENCES, _TAG = 200, 2_000, 60  # characters of each that are shown
_UNMARKED = 200  # characters from which on a stretch without evidence is shortened
_TOPICS, _ARTICLES, _CLASSES = 40, 12, 12  # of a figure
_DOTS = 120  # of a figure, an inch
_MOST_BYTES = 150_000
_QUOTED = ("title", "text")  # columns whose cells are read in the direction of their own text
_WORDS = ("state", "reason", "status", "decision")  # columns whose cells are words of a closed list


@dataclass(frozen=True, slots=True)
class _View:
    """What is shown: sentences, so many rows of a table, what the figure is drawn of, its kind and options, and passages."""

    said: Sequence[str]
    table: Callable[[], pd.DataFrame]
    rows: int = _ROWS
    drawn: Any = None
    kind: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    passages: Explorer | None = None


def html(result: Any) -> str:
    """Show a result in a notebook.

    Parameters
    ----------
    result : Corpus, CleanResult, DiscoverResult, AssignResult, TrendResult, TagResult, ClassifyResult or SeveralResult
        Of any other kind, a table alone is shown.

    Returns
    -------
    str
        The same for the same result, at most 150 kB; in the language that is spoken.

    Examples
    --------
    >>> from research.corpus import Corpus, Document
    >>> shown = html(Corpus("one", (Document("a", "نص", title="<script>"),)))
    >>> "1 article" in shown, "<script>" in shown
    (True, False)
    """
    view = _view(result)
    if view is None:
        return visible(str(result.table().to_html(escape=True, max_rows=_ROWS, index=False)))
    table, figure = _made(view.table), _figure(view)
    shown = ""
    for rows, picture, passages in ((view.rows, figure, True), (_FEW_ROWS, figure, True), (_FEW_ROWS, None, False)):
        shown = _rendered(view, _table(table, rows), picture, passages=passages)
        if len(shown.encode("utf-8")) <= _MOST_BYTES:
            break
    return shown


def plain(result: Any) -> str:
    """Give the name of a result's kind and its table, for a terminal.

    Examples
    --------
    >>> from research.corpus import Corpus, Document
    >>> print(plain(Corpus("one", (Document("a", "نص"),)))[:6])
    Corpus
    """
    table = _made(result.table)
    return f"{type(result).__name__}\n{visible(table.to_string(index=False, max_rows=_ROWS, max_colwidth=40))}"


def _made(table: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Make a table; an empty one where pandas cannot hold what a name is made of, as half a character."""
    try:
        return table()
    except UnicodeEncodeError:
        return pd.DataFrame()


def _rendered(view: _View, table: dict[str, Any], figure: dict[str, Any] | None, *, passages: bool) -> str:
    explorer = view.passages if passages else None
    return _template().render(
        direction=direction(spoken()),
        said=[beginning(told(text), _SENTENCES) for text in view.said if text],
        table=table,
        figure=figure,
        passages=[] if explorer is None else [_passage(explorer, one) for one in explorer.passages],
        shown=isolated,
        plain=visible,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = files("research.report").joinpath("notebook.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)


# -- parts --------------------------------------------------------------------------------------------------------------


def _table(table: pd.DataFrame, rows: int) -> dict[str, Any]:
    """Give the cells of a table as a page has them: without its empty columns, and its first rows alone."""
    filled = [name for name in table.columns if not len(table) or not all(map(_empty, table[name]))]
    head = table.loc[:, filled].head(rows).astype(object)
    cells = head.map(_short_cell)
    for name in set(_QUOTED) & set(filled):
        cells[name] = cells[name].map(lambda text: Quoted(text) if text else "")
    page = Page("")
    page.table(cells, "", words=[name for name in _WORDS if name in filled])
    left = _first(rows, len(table)) if len(table) > rows else ""
    return {**page.blocks[0], "left": told(left)}


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or value != value or value == ""


def _short_cell(value: Any) -> Any:
    return beginning(value, _CELL) if isinstance(value, str) and len(value) > _CELL else value


def _first(k: int, n: int) -> Message:
    return message("The first {k:,} of {n:,} are shown.", k=k, n=n)


def _figure(view: _View) -> dict[str, Any] | None:
    """Draw the figure, where the result holds one, as a picture of points: smaller than a drawing with Arabic in it."""
    from matplotlib.figure import Figure
    from PIL import Image  # matplotlib brings it

    kinds = {} if view.drawn is None else kinds_of(view.drawn)
    name = view.kind or next(iter(kinds), None)
    if name is None:
        return None
    data = io.BytesIO()
    with figure_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # scripts that the font does not hold
        try:
            figure = Figure(figsize=kinds[name].size(view.drawn, **view.options))
            ax = kinds[name].draw(view.drawn, figure.subplots(), **view.options)
        except ResearchError:  # there is nothing to draw
            return None
        figure.savefig(data, format="png", dpi=_DOTS, metadata={"Software": None})
    small = io.BytesIO()  # a palette takes a third of the bytes
    Image.open(data).convert("RGB").quantize(256).save(small, "png", optimize=True)
    wide = round(float(figure.get_figwidth()) * 84)
    return {"data": base64.b64encode(small.getvalue()).decode("ascii"), "alt": ax.get_title(loc="left") or name, "width": wide}


def _passage(explorer: Explorer, one: Explored) -> dict[str, Any]:
    """Cut a passage into what is evidence, in the colour of what it is evidence for, and what is not."""
    names = [told(name) for name in explorer.names]
    cuts = sorted({0, len(one.text), *(at for mark in one.marks for at in (mark.start, mark.end))})
    pieces = []
    for start, end in pairwise(cuts):
        over = [mark for mark in one.marks if mark.start <= start and end <= mark.end]
        why = joined((joined([names[mark.name], mark.why], by=" · ") for mark in over), by="; ")
        text = one.text[start:end] if over else _shortened(one.text[start:end], last=end == len(one.text))
        pieces.append({"text": text, "colour": colour(over[0].name) if over else "", "why": beginning(told(why), _CELL)})
    tags = [
        {
            "text": told(_with_score(beginning(names[state.name], _TAG), state.score)),
            "colour": colour(state.name),
            "given": state.given,
        }
        for state in one.states
    ]
    id, title, outlet, date = explorer.articles[one.article]
    source = joined([outlet, date, id], by=" · ")
    given = next((tag["colour"] for tag in tags if tag["given"]), "#767676")
    return {
        "pieces": pieces,
        "tags": tags,
        "colour": given,
        "way": Quoted(one.text).way,
        "title": Quoted(beginning(title, _CELL)),
        "source": beginning(told(source), _CELL),
    }


def _with_score(name: str, score: float) -> str:
    return message("{theme} {score:.2f}", theme=name, score=score) if score == score else name


def _shortened(text: str, *, last: bool) -> str:
    """Shorten a stretch without evidence: its beginning and its end stay, of the last one only the beginning."""
    if len(text) <= _UNMARKED:
        return text
    half = _UNMARKED // 2
    if last:
        return beginning(text, _UNMARKED)
    return f"{beginning(text, half)} {text[-half:].split(' ', 1)[-1]}"


# -- one kind of result after the other -----------------------------------------------------------------------------------


@singledispatch
def _view(result: Any) -> _View | None:  # noqa: ARG001
    return None


def _articles(corpus: Corpus) -> Message:
    usable, everything = len(corpus.usable), len(corpus)
    articles = count("{n:,} article", "{n:,} articles", n=usable)
    if everything > usable:
        articles = message("{articles} ({lost} more could not be used)", articles=articles, lost=everything - usable)
    days = [document.date for document in corpus.usable if document.date is not None]
    if not days:
        return articles
    span = {"first": f"{min(days):%Y-%m-%d}", "last": f"{max(days):%Y-%m-%d}"}
    return message("{articles}, dated {first} to {last}", articles=articles, **span)


@_view.register
def _(result: Corpus) -> _View:
    return _View([joined([result.name, _articles(result)], by=" · ")], result.table, _SOME_ROWS)


@_view.register
def _(result: CleanResult) -> _View:
    articles = sum(repeat.passage is None for repeat in result.repeats)
    copies = message(
        "{passages} and {articles}; they stay in every table.",
        passages=count(
            "{n:,} passage repeats an earlier one", "{n:,} passages repeat an earlier one", n=len(result.repeats) - articles
        ),
        articles=count(
            "{n:,} article shares much of its words with an earlier one (by date)",
            "{n:,} articles share much of their words with an earlier one (by date)",
            n=articles,
        ),
    )
    reasons = Counter(line.reason for line in result.removed)
    ranked = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
    caption = message("Lines of the saved pages that were taken for furniture, and articles that could not be used.")
    lines = joined(joined([word(reason), f"{reasons[reason]:,}"], by=" ") for reason in ranked)
    passages = count("{n:,} passage", "{n:,} passages", n=len(result.passages))
    read = joined([passages, _articles(result.corpus)], by=" · ")
    return _View([read, joined([caption, lines], by=" ") if ranked else "", copies], result.table, _SOME_ROWS)


@_view.register
def _(result: DiscoverResult) -> _View:
    return _of_topics(result, discovery_page._summary(result), result.table)


@_view.register
def _(result: AssignResult) -> _View:
    here = placed(result)
    units = (
        count("{n:,} passage", "{n:,} passages", n=len(here.units))
        if result.unit == "passage"
        else count("{n:,} document", "{n:,} documents", n=len(here.units))
    )
    articles = count("{n:,} article", "{n:,} articles", n=len(here.corpus.usable))
    said = message("{passages} of {articles} were put among topics that were found before.", passages=units, articles=articles)
    return _of_topics(here, said, result.table)


def _of_topics(result: DiscoverResult, said: str, table: Callable[[], pd.DataFrame]) -> _View:
    """Show topics, and of each of the largest the text that stands for it."""
    largest = sorted(result.topics, key=lambda topic: (-topic.size, topic.number))[:_PASSAGES]
    rows: list[int] = []
    for topic in largest:
        members = np.flatnonzero(result.assigned == topic.number)
        if len(members):
            surest = members[np.nan_to_num(result.strengths[members]).argmax()]
            rows.append(int(topic.exemplars[0] if topic.exemplars else surest))
    some = replace(
        result,
        units=tuple(result.units[row] for row in rows),
        assigned=result.assigned[rows],
        strengths=result.strengths[rows],
    )
    drawn = replace(result, topics=result.topics[:_TOPICS])
    return _View([said], table, drawn=drawn, kind="sizes", passages=topic_explorer(some))


@_view.register
def _(result: TagResult) -> _View:
    rows = _of_every_theme(result)
    evidence = {
        (at, theme): result.evidence[row, theme]
        for at, row in enumerate(rows)
        for theme in range(len(result.themes))
        if (row, theme) in result.evidence
    }
    some = replace(
        result,
        cleaned=replace(result.cleaned, passages=tuple(result.passages[row] for row in rows)),
        scores=result.scores[rows],
        decisions=result.decisions[rows],
        evidence=evidence,
    )
    return _View(
        [tagging_page._summary(result)],
        result.table,
        drawn=result,
        kind="articles",
        options={"most": _ARTICLES},
        passages=theme_explorer(some),
    )


def _of_every_theme(result: TagResult) -> list[int]:
    """Give passages to show: of every theme in turn the surest, from an article of which none is shown yet if there is one."""
    order = np.argsort(-result.scores, axis=0, kind="stable")
    ranked = [[int(row) for row in order[:, theme] if result.present[row, theme]] for theme in range(len(result.themes))]
    taken: list[int] = []
    while len(taken) < _PASSAGES and any(ranked):
        for rows in filter(None, ranked):
            seen = {result.passages[row].document for row in taken}
            chosen = next((row for row in rows if result.passages[row].document not in seen), rows[0])
            rows.remove(chosen)
            if chosen not in taken:
                taken.append(chosen)
    return sorted(taken[:_PASSAGES])


@_view.register
def _(result: TrendResult) -> _View:
    topics, over_time = result.stated.kind == "topic", result.by != "outlet"
    if over_time:
        title = message("Topics over time") if topics else message("Themes over time")
    else:
        title = message("Topics by outlet") if topics else message("Themes by outlet")
    dates = told_of_dates(result) if over_time and result.stated.documents else ""
    names = ["group", result.stated.kind, "label", "articles", "group_articles", "share", "low", "high", "p"]
    return _View([title, dates], lambda: result.shares()[names], _SOME_ROWS, drawn=result)


@_view.register
def _(result: ClassifyResult) -> _View:
    found = result.tested or result.held_out
    said: list[str] = [classification_page._summary(result)]
    if found is not None:
        said.append(estimated(result, found).parts[0])
    rows = _in_turn([one.label if one.evidence else "" for one in result.articles], [one.score for one in result.articles])
    rows = rows or _in_turn([one.label for one in result.articles], [one.score for one in result.articles])
    some = replace(result, articles=tuple(result.articles[row] for row in rows))
    kind = "confusion" if len(result.classes) <= _CLASSES else "reliability"
    return _View(
        said,
        lambda: result.table().assign(terms=surface_terms(result)),
        drawn=result,
        kind=kind,
        passages=class_explorer(some),
    )


@_view.register
def _(result: SeveralResult) -> _View:
    at = {name: column for column, name in enumerate(result.labels)}
    surest = [
        max(((float(sure[at[name]]), name) for name in one.labels), default=(0.0, ""))
        for one, sure in zip(result.articles, result.probabilities, strict=True)
    ]
    rows = _in_turn([name for _, name in surest], [sure for sure, _ in surest])
    some = replace(result, articles=tuple(result.articles[row] for row in rows), probabilities=result.probabilities[rows])
    return _View(
        [result.summary()],
        lambda: result.classes().assign(terms=surface_terms(result)),
        drawn=result,
        kind="labels",
        passages=label_explorer(some),
    )


def _in_turn(names: Sequence[str], scores: Sequence[float]) -> list[int]:
    """Give rows to show: of every name in turn the surest; rows without a name are not among them."""
    turn: Counter[str] = Counter()
    ranked = []
    for row in sorted(range(len(names)), key=lambda row: (-np.nan_to_num(scores[row]), row)):
        if names[row]:
            ranked.append((turn[names[row]], names[row], row))
            turn[names[row]] += 1
    return sorted(row for _, _, row in sorted(ranked)[:_PASSAGES])
