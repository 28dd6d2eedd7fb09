"""What a notebook shows of a result: what its page says first, its table, one figure, and some passages with their evidence.

Colours, sentences and the care for hostile text are those of the pages. Styles stand at each element, as a notebook has its own
style sheet and takes no other; passages and figures bring their paper along, the rest takes the notebook's colours.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from research.errors import ResearchError
from research.messages import Message, joined, message
from research.report.class_reading import beginning
from research.report.explorer import Explored, Explorer
from research.report.isolation import isolated, visible
from research.report.language import direction, spoken, told
from research.report.notebook_views import ROWS, View, view_of
from research.report.page import Page, Quoted
from research.report.plots import kinds_of, plot
from research.report.style import colour, figure_style

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["html", "plain", "plot"]

_FEW_ROWS = 8  # of a table that must be small
_CELL, _SENTENCES, _TAG = 200, 2_000, 60  # characters of each that are shown
_UNMARKED = 200  # characters from which on a stretch without evidence is shortened
_DOTS = 120  # of a figure, an inch
_MOST_BYTES = 150_000
_QUOTED = ("title", "text")  # columns whose cells are read in the direction of their own text
_WORDS = ("state", "reason", "status", "decision")  # columns whose cells are words of a closed list


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
    view = view_of(result)
    if view is None:
        return visible(str(result.table().to_html(escape=True, max_rows=ROWS, index=False)))
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
    return f"{type(result).__name__}\n{visible(table.to_string(index=False, max_rows=ROWS, max_colwidth=40))}"


def _made(table: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Make a table; an empty one where pandas cannot hold what a name is made of, as half a character."""
    try:
        return table()
    except UnicodeEncodeError:
        return pd.DataFrame()


def _rendered(view: View, table: dict[str, Any], figure: dict[str, Any] | None, *, passages: bool) -> str:
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


def _figure(view: View) -> dict[str, Any] | None:
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
