"""A page of HTML that needs nothing beside itself: text, tables, figures and passages in the order in which they are added."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from research.report.style import PALETTE, png_bytes, svg_text

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Template
    from matplotlib.figure import Figure

__all__ = ["MarkedPassage", "Page", "Piece", "Tag", "isolated"]

_ARABIC_RUN = re.compile(
    r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc][^\x00-\x40\x5b-\x60\x7b-\x7f]*(?:[\s،؛.\-–«»\"'()]*[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc][^\x00-\x40\x5b-\x60\x7b-\x7f]*)*"
)
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_SVG_LIMIT = 400_000  # characters from which on a picture of points is smaller than a drawing of them


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


@dataclass
class Page:
    """A page under construction.

    Attributes
    ----------
    title : str
        Its heading.
    blocks : list
        What was added, in order.

    Examples
    --------
    >>> page = Page("نتائج")
    >>> page.paragraph("Two topics: <b> is text.")
    >>> "&lt;b&gt;" in page.html()
    True
    """

    title: str
    blocks: list[dict[str, Any]] = field(default_factory=list)

    def section(self, title: str) -> None:
        """Begin a section."""
        self.blocks.append({"kind": "section", "text": isolated(title)})

    def paragraph(self, text: str) -> None:
        """Add running text in English; Arabic inside it is isolated."""
        self.blocks.append({"kind": "paragraph", "text": isolated(text)})

    def notes(self, notes: Sequence[str]) -> None:
        """Add a list of remarks."""
        if notes:
            self.blocks.append({"kind": "notes", "items": [isolated(note) for note in notes]})

    def table(self, table: pd.DataFrame, caption: str) -> None:
        """Add a table; cells are text, undefined ones a dash."""
        rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
        self.blocks.append(
            {"kind": "table", "caption": isolated(caption), "head": [str(name) for name in table.columns], "rows": rows}
        )

    def figure(self, figure: Figure, name: str, description: str, folder: Path | None = None) -> None:
        """Add a figure; with a folder, also write it there as PNG and SVG. The figure is closed."""
        import matplotlib.pyplot as plt

        svg, png = svg_text(figure), png_bytes(figure)
        plt.close(figure)
        if folder is not None:
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
            (folder / f"{name}.png").write_bytes(png)
        kind, data = ("png", png) if len(svg) > _SVG_LIMIT else ("svg+xml", svg.encode("utf-8"))
        source = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
        self.blocks.append({"kind": "figure", "source": source, "description": isolated(description), "plain": description})

    def passages(self, title: str, passages: Sequence[tuple[str, str]]) -> None:
        """Add passages under a small heading: each its text and where it is from."""
        items = [{"text": _visible(text), "source": isolated(source)} for text, source in passages]
        self.blocks.append({"kind": "passages", "title": isolated(title), "items": items})

    def legend(self, names: Sequence[str]) -> None:
        """Add the names of the themes in their colours, by number."""
        self.blocks.append(
            {"kind": "legend", "items": [{"colour": _tint(n), "text": isolated(name)} for n, name in enumerate(names)]}
        )

    def article(self, title: str, source: str, passages: Sequence[MarkedPassage]) -> None:
        """Add an article for reading: its passages in order, what is evidence underlined, what each states beside it."""
        self.blocks.append(
            {
                "kind": "article",
                "title": isolated(title),
                "source": isolated(source),
                "passages": [
                    {
                        "pieces": [
                            {
                                "text": _visible(piece.text),
                                "note": _visible(piece.note),
                                "colours": " ".join(_tint(number) for number in piece.marks[:2]),
                            }
                            for piece in passage.pieces
                        ],
                        "tags": [
                            {"text": isolated(tag.text), "colour": _tint(tag.number), "given": tag.given}
                            for tag in passage.tags
                        ],
                        "colour": next((_tint(tag.number) for tag in passage.tags if tag.given), ""),
                    }
                    for passage in passages
                ],
            }
        )

    def links(self, links: Sequence[tuple[str, str, str]]) -> None:
        """Add links to files beside the page: address, name, description."""
        items = [{"href": href, "name": isolated(name), "text": isolated(text)} for href, name, text in links]
        self.blocks.append({"kind": "links", "items": items})

    def html(self) -> str:
        """Give the page."""
        return _template().render(title=isolated(self.title), plain_title=self.title, blocks=self.blocks, palette=PALETTE)

    def write(self, path: Path) -> None:
        """Write the page."""
        path.write_text(self.html(), encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = files("research.report").joinpath("page.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)


def _tint(number: int) -> str:
    return f"t{number % len(PALETTE)}"


def _visible(text: str) -> str:
    """Take out what would reorder or hide the text around it."""
    return _BIDI_CONTROLS.sub("", text).replace("\x00", "\ufffd")


def isolated(text: str) -> Markup:
    """Escape a text, and isolate every run of Arabic in it so that it does not reorder what stands around it.

    Examples
    --------
    >>> str(isolated("3 of العقوبات <"))
    '3 of <bdi lang="ar" dir="rtl">العقوبات</bdi> &lt;'
    """
    text = _visible(text)
    parts: list[Markup] = []
    at = 0
    for found in _ARABIC_RUN.finditer(text):
        parts += [escape(text[at : found.start()]), Markup('<bdi lang="ar" dir="rtl">{}</bdi>').format(found.group())]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _cell(value: Any) -> dict[str, Any]:
    import pandas as pd

    if value is None or value is pd.NA or value != value:
        return {"text": Markup("–"), "number": True}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = f"{int(value):,}" if isinstance(value, int) or (value and value.is_integer()) else f"{value:.3f}"
        return {"text": escape(shown), "number": True}
    return {"text": isolated(str(value)), "number": False}
