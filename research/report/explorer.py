"""The passages of a page, to be searched and filtered by its reader: the data and the form; ``explorer.js`` does the rest."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from research.messages import Message, joined, message, word
from research.report.isolation import visible
from research.report.language import told
from research.report.style import PALETTE
from research.text.families import word_families
from research.text.normalize import STEPS, normalize
from research.text.plurals import SHAPES

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Explored", "Explorer", "Mark", "Statement", "explorer_of"]

MOST = 5_000  # passages that a page holds
_MOST_CHARACTERS = 4_000_000  # of their text; packed they are about a fifth of that in bytes
_LONGEST = 20_000  # characters of one passage


class Statement(NamedTuple):
    """What is said of a passage: the number of a name, how sure that is (0 to 1), and whether it is given or left open."""

    name: int
    score: float
    given: bool = True


class Mark(NamedTuple):
    """What carries a statement: characters of the passage from `start` to `end`, the name's number, and why."""

    start: int
    end: int
    name: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Explored:
    """A passage: the number of its article, its own number there, where it stands, its text, what it states and why."""

    article: int
    number: int
    start: int
    end: int
    text: str
    states: tuple[Statement, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Explorer:
    """Every passage that a reader can look through.

    Attributes
    ----------
    kind : str
        What the names are, for the form: themes, topics or classes.
    names : tuple of str
        As they are shown; their place is their number and their colour.
    articles : tuple of tuple of str
        Id, title, outlet and date (ISO, or empty) of every article.
    passages : tuple of Explored
        In the order of the articles.
    score : str
        What the number beside a name is.
    left_out : int
        Passages of the result that are not here.
    """

    kind: str
    names: tuple[str, ...]
    articles: tuple[tuple[str, str, str, str], ...]
    passages: tuple[Explored, ...]
    score: str
    left_out: int = 0

    def html(self) -> str:
        """Give the form and, packed, the passages."""
        dates = sorted(date for _, _, _, date in self.articles if date)
        outlets = sorted({outlet for _, _, outlet, _ in self.articles if outlet})
        return _template().render(
            said={name: told(text) for name, text in _SAID.items()},
            kind=told(self.kind),
            score=told(self.score),
            first=dates[0] if dates else "",
            last=dates[-1] if dates else "",
            outlets=[visible(outlet) for outlet in outlets],
            left=told(_left_out(self)),
            packed=self.packed(),
        )

    def packed(self) -> str:
        """Give the data as compressed JSON in base64, the same for the same passages."""
        plain = json.dumps(self._data(), ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(gzip.compress(plain.encode("utf-8"), 9, mtime=0)).decode("ascii")

    def _data(self) -> dict[str, Any]:
        texts = [visible(one.text) for one in self.passages]
        # Digits and quotation marks decide where a word ends: ٣٫٥ is one.
        families = word_families(normalize(text, ("digits", "quotes")) for text in texts)
        return {
            "said": {name: told(text) for name, text in _SAID_LATER.items()},
            "names": [visible(told(name)) for name in self.names],
            "colours": [f"t{number % len(PALETTE)}" for number in range(len(self.names))],
            "articles": [[visible(part) for part in article] for article in self.articles],
            "passages": [
                [
                    one.article, one.number, one.start, one.end, text,
                    [[state.name, _rounded(state.score), int(state.given)] for state in one.states],
                    [[*mark[:3], visible(told(mark.why))] for mark in _on_shown(one)],
                ]
                for one, text in zip(self.passages, texts, strict=True)
            ],
            "fold": _fold(),
            "plurals": [
                [shape.pattern, [re.sub(r"\\(\d)", r"$\1", plural) for plural in plurals]] for shape, plurals in SHAPES
            ],
            "forms": families.forms,
            "keys": _keys(families.key_of, families.members),
            "members": list(families.members.values()),
        }  # fmt: skip


@cache
def _fold() -> dict[str, str]:
    """Give every character that is compared as another, or as none."""
    chars = sorted({char for step in STEPS.values() for char in step})
    return {char: plain for char in chars if (plain := normalize(char)) != char}


def _keys(key_of: Sequence[str], members: dict[str, tuple[int, ...]]) -> list[int]:
    place = {key: number for number, key in enumerate(members)}
    return [place[key] for key in key_of]


def _rounded(score: float) -> float | None:
    return round(score, 3) if math.isfinite(score) else None


def _on_shown(passage: Explored) -> list[Mark]:
    """Move marks to where they stand in the text that is shown, counted as JavaScript does, in units of UTF-16."""
    if passage.text.isascii() or (visible(passage.text) == passage.text and max(passage.text) <= "\uffff"):
        return list(passage.marks)
    place = [0]
    for char in passage.text:
        place.append(place[-1] + len(visible(char).encode("utf-16-le")) // 2)
    return [mark._replace(start=place[mark.start], end=place[mark.end]) for mark in passage.marks]


def explorer_of(
    kind: str, names: Sequence[str], articles: Sequence[tuple[str, str, str, str]], passages: Sequence[Explored], score: str
) -> Explorer:
    """Make an explorer, of whole articles, those that state most first where there are more than a page can hold.

    Parameters
    ----------
    kind, names, score
        As in `Explorer`.
    articles : sequence of tuple of str
        Id, title, outlet and date.
    passages : sequence of Explored
        All of them; their articles are places in `articles`.

    Returns
    -------
    Explorer
        At most 5,000 passages.
    """
    rows: list[list[int]] = [[] for _ in articles]
    for row, passage in enumerate(passages):
        rows[passage.article].append(row)
    stated = [sum(state.given for row in of_article for state in passages[row].states) for of_article in rows]
    ranked = sorted(range(len(articles)), key=lambda at: -stated[at])
    kept: dict[int, list[int]] = {}
    room, characters = MOST, _MOST_CHARACTERS
    for at in ranked:
        size, length = len(rows[at]), sum(min(len(passages[row].text), _LONGEST) for row in rows[at])
        if size <= room and length <= characters:
            kept[at] = rows[at]
            room, characters = room - size, characters - length
    if not any(kept.values()) and passages:  # one article alone is too large: its beginning
        kept = {ranked[0]: rows[ranked[0]][: _MOST_CHARACTERS // _LONGEST]}
    place = {at: number for number, at in enumerate(sorted(kept))}
    shown = tuple(_placed(passages[row], place[at]) for at in sorted(kept) for row in kept[at])
    chosen = tuple(articles[at] for at in sorted(kept))
    return Explorer(kind, tuple(names), chosen, shown, score, len(passages) - len(shown))


def _placed(passage: Explored, article: int) -> Explored:
    """Give a passage its article's new number, and shorten one that is as long as a book."""
    text = passage.text if len(passage.text) <= _LONGEST else passage.text[:_LONGEST] + " …"
    marks = tuple(mark for mark in passage.marks if mark.end <= _LONGEST)
    return Explored(article, passage.number, passage.start, passage.end, text, passage.states, marks)


def _left_out(explorer: Explorer) -> Message:
    """Say what of the result is not here."""
    left = message(
        "{shown:,} passages are here, of whole articles, those that state most first; {left:,} more are in the tables beside "
        "this page.",
        shown=len(explorer.passages),
        left=explorer.left_out,
    )
    shortened = any(len(one.text) > _LONGEST for one in explorer.passages)
    cut = message("Of texts of more than {n:,} characters the beginning is here, and searched.", n=_LONGEST)
    return joined([left if explorer.left_out else "", cut if shortened else ""], by=" ")


# What the form says, and what the script says while it is used: %n and the like are places for numbers.
_SAID = {
    "search": word("Words to look for"),
    "hint": word('every word must stand in the passage, in any inflection or spelling; "in quotes": next to one another'),
    "any": word("any"),
    "outlet": word("Outlet"),
    "from": word("From"),
    "to": word("To"),
    "certainty": word("Decision"),
    "given": word("given"),
    "open": word("left open"),
    "least": word("Score of at least"),
    "reset": word("Clear all"),
    "more": word("Show more"),
    "close": word("Close"),
    "unsupported": word("Your browser cannot unpack the passages; they are in the tables beside this page."),
    "script": word("Searching needs JavaScript, which is switched off; the passages are in the tables beside this page."),
    "form": word("Search and filter the passages"),
    "results": word("Passages"),
}
_SAID_LATER = {
    "count": word("%n of %all passages"),
    "none": word("none of them"),
    "nothing": word("No passage is like that."),
    "article": word("in its article"),
    "characters": word("characters %start to %end"),
    "why": word("why"),
    "open": word("left open"),
}


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = files("research.report").joinpath("explorer.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
