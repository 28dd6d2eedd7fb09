"""A page of HTML that needs nothing beside itself: text, tables, figures and passages in the order in which they are added."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.messages import word
from research.report.explorer import Explorer
from research.report.isolation import isolated, visible
from research.report.language import Language, direction, speaking, spoken, told, told_word
from research.report.markdown import markdown
from research.report.style import DARK_PALETTE, PALETTE, png_bytes, svg_text
from research.text.tokens import is_arabic

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Template
    from matplotlib.figure import Figure

__all__ = ["MarkedPassage", "Page", "Piece", "Quoted", "Tag"]

_SVG_LIMIT = 400_000  # characters from which on a picture of points is smaller than a drawing of them
_UNDEFINED = "–"
# What the page itself says, whatever is on it.
_SAID = {
    "contents": word("On this page"),
    "skip": word("Skip to what was found"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage; ``marks`` are the numbers of the themes that it is evidence for, ``note`` says why."""

    text: str
    marks: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A theme of a passage: its number, what is shown, and whether it is certain enough to be given."""

    number: int
    text: str
    given: bool = True


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A passage of an article with its evidence and its themes."""

    pieces: tuple[Piece, ...]
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Quoted:
    """A cell that is read in the direction of its own text, with where it is from below it."""

    text: str
    source: str = ""

    @property
    def way(self) -> str:
        """Tell how it is read, by most letters: news agencies begin Arabic articles with their names in Latin letters."""
        of = Counter(map(unicodedata.bidirectional, self.text))
        return "rtl" if of["AL"] + of["R"] > of["L"] else "ltr"


@dataclass
class Page:
    """A page under construction, in the language that is spoken when it is begun.

    Attributes
    ----------
    title : str
        Its heading.
    blocks : list
        What was added, in order: plain text, already in the page's language.
    language : {"en", "ar"}
        That of the page; an Arabic one runs from the right.

    Examples
    --------
    >>> page = Page("نتائج")
    >>> page.paragraph("Two topics: <b> is text.")
    >>> "&lt;b&gt;" in page.html()
    True
    """

    title: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    language: Language = field(default_factory=spoken)

    def __post_init__(self) -> None:
        """Tell the title."""
        self.title = told(self.title)

    def section(self, title: str, *, appendix: bool = False) -> None:
        """Begin a section; one of the appendix begins a new sheet of paper where the first of them stands."""
        number = sum(block["kind"] == "section" for block in self.blocks) + 1
        first = appendix and not any(block.get("appendix") for block in self.blocks)
        block = {"kind": "section", "text": told(title), "id": f"section-{number}", "appendix": appendix, "first": first}
        self.blocks.append(block)

    def paragraph(self, text: str) -> None:
        """Add running text."""
        self.blocks.append({"kind": "paragraph", "text": told(text)})

    def notes(self, notes: Sequence[str]) -> None:
        """Add a list of remarks."""
        if notes:
            self.blocks.append({"kind": "notes", "items": [told(note) for note in notes]})

    def table(self, table: pd.DataFrame, caption: str, *, words: Sequence[str] = (), own: Sequence[str] = ()) -> None:
        """Add a table; cells are text, undefined ones a dash.

        Parameters
        ----------
        table : DataFrame
            Names of columns are told in the page's language where the catalogue has them.
        caption : str
            What it shows.
        words : sequence of str
            Columns whose cells are words of a closed list, which are told as well.
        own : sequence of str
            Columns whose names are the users' and stay what they are.
        """
        chosen = [str(name) in words for name in table.columns]
        rows = [
            [_cell(value, told_too=one) for value, one in zip(row, chosen, strict=True)]
            for row in table.itertuples(index=False)
        ]
        head = [str(name) if name in own else told_word(str(name)) for name in table.columns]
        self.blocks.append({"kind": "table", "caption": told(caption), "head": head, "rows": rows})

    def figure(self, figure: Figure, name: str, description: str, folder: Path | None = None) -> None:
        """Add a figure; with a folder, also write it there as PNG and SVG. The figure is closed."""
        import matplotlib.pyplot as plt

        _begin_on_their_side(figure, self.language)
        svg, png = svg_text(figure), png_bytes(figure)
        wide = float(figure.get_figwidth())
        plt.close(figure)
        if folder is not None:
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
            (folder / f"{name}.png").write_bytes(png)
        kind, data = ("png", png) if len(svg) > _SVG_LIMIT else ("svg+xml", svg.encode("utf-8"))
        source = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
        self.blocks.append(
            {
                "kind": "figure",
                "source": source,
                "description": told(description),
                "file": None if folder is None else folder / f"{name}.png",
                "width": round(wide * 96),
            }
        )

    def passages(self, title: str, passages: Sequence[tuple[str, str]]) -> None:
        """Add passages under a small heading: each its text and where it is from."""
        items = [{"text": told(text), "source": told(source)} for text, source in passages]
        self.blocks.append({"kind": "passages", "title": told(title), "items": items})

    def legend(self, names: Sequence[str]) -> None:
        """Add the names of the themes in their colours, by number."""
        self.blocks.append(
            {"kind": "legend", "items": [{"colour": _tint(n), "text": told(name)} for n, name in enumerate(names)]}
        )

    def article(self, title: str, source: str, passages: Sequence[MarkedPassage]) -> None:
        """Add an article for reading: its passages in order, what is evidence underlined, what each states beside it."""
        self.blocks.append(
            {"kind": "article", "title": told(title), "source": told(source), "passages": [_marked(one) for one in passages]}
        )

    def explorer(self, explorer: Explorer) -> None:
        """Add every passage, to be searched and filtered by the reader."""
        self.blocks.append({"kind": "explorer", "explorer": explorer})

    def links(self, links: Sequence[tuple[str, str, str]]) -> None:
        """Add links to files beside the page: address, name, description."""
        items = [{"href": href, "name": told(name), "text": told(text)} for href, name, text in links]
        self.blocks.append({"kind": "links", "items": items})

    def command(self, line: str) -> None:
        """Add a line to be typed at a terminal."""
        self.blocks.append({"kind": "command", "text": line})

    def html(self) -> str:
        """Give the page."""
        with speaking(self.language):
            return self._rendered()

    def _rendered(self) -> str:
        searched = any(block["kind"] == "explorer" for block in self.blocks)
        script = _asset("explorer.js") if searched else ""
        return _template().render(
            title=self.title,
            blocks=self.blocks,
            language=self.language,
            direction=direction(self.language),
            shown=partial(isolated, language=self.language),
            plain=visible,
            said={name: told(text) for name, text in _SAID.items()},
            style=_asset("page.css"),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
            palette=list(zip(PALETTE, DARK_PALETTE, strict=True)),
        )

    def write(self, path: Path) -> None:
        """Write the page, and beside it the same as Markdown."""
        path.write_text(self.html(), encoding="utf-8")
        text = markdown(self.title, self.blocks, path.parent, self.language)
        path.with_suffix(".md").write_text(text, encoding="utf-8")


def _marked(passage: MarkedPassage) -> dict[str, Any]:
    return {
        "pieces": [
            {
                "text": told(piece.text),
                "note": told(piece.note),
                "colours": " ".join(_tint(number) for number in piece.marks[:2]),
            }
            for piece in passage.pieces
        ],
        "tags": [{"text": told(tag.text), "colour": _tint(tag.number), "given": tag.given} for tag in passage.tags],
        "colour": next((_tint(tag.number) for tag in passage.tags if tag.given), ""),
    }


def _begin_on_their_side(figure: Figure, language: Language) -> None:
    """Let lines of an Arabic figure begin on the right even with a Latin word; break titles and labels that are too long."""
    from matplotlib.text import Text
    from matplotlib.ticker import FixedLocator

    long = {name for axes in figure.axes for name in (axes.get_title(loc="left"), axes.get_xlabel())}
    for text in figure.findobj(Text):
        said = text.get_text()
        text.set_wrap(said in long)
        if direction(language) == "rtl":
            text.set_text(_from_the_right(said))
    if direction(language) == "rtl":
        for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
            if isinstance(axis.get_major_locator(), FixedLocator):  # names: they are written anew at every drawing
                axis.set_ticklabels([_from_the_right(label.get_text()) for label in axis.get_ticklabels()])


def _from_the_right(text: str) -> str:
    return "\n".join(f"\u200f{line}" for line in text.split("\n")) if is_arabic(text) else text


@cache
def _asset(name: str) -> str:
    return files("research.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment

    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_asset("page.html.jinja"))


def _tint(number: int) -> str:
    return f"t{number % len(PALETTE)}"


def _cell(value: Any, *, told_too: bool = False) -> dict[str, Any]:
    import pandas as pd

    if isinstance(value, Quoted):
        return {"text": value.text, "source": told(value.source), "way": value.way, "number": False}
    if value is None or value is pd.NA or value != value:
        return {"text": _UNDEFINED, "number": True}
    if isinstance(value, Real) and not isinstance(value, bool):
        whole = isinstance(value, Integral) or (value and float(value).is_integer())
        shown = f"{value:,.0f}" if whole else f"{value:.3f}"
        return {"text": shown, "number": True}
    text = told(value) if isinstance(value, str) else str(value)
    return {"text": told_word(text) if told_too else text, "number": False}
