"""A page as Markdown: the same findings for those who work with text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from research.messages import word
from research.report.isolation import visible
from research.report.language import Language, speaking, told

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_ADDRESS = re.compile(r"(https?|ftp|www)([:.])", re.IGNORECASE)  # what some readers of Markdown make a link of
_BEGINS = re.compile(r"^(?:\d+[.)]|[-+=])")  # what would make a list or a heading of a line
_EXPLORED = word("The passages are in the tables beside this page, and can be searched in report.html.")


def markdown(title: str, blocks: Sequence[Mapping[str, Any]], folder: Path, language: Language) -> str:
    """Give a page as Markdown (CommonMark with tables).

    Parameters
    ----------
    title : str
        Its heading.
    blocks : sequence of mapping
        Those of a `Page`.
    folder : Path
        Where the text will lie: figures are linked from there.
    language : {"en", "ar"}
        That of the page.

    Returns
    -------
    str
        What users brought is escaped: it can be no heading, link, picture or HTML.
    """
    parts = [f"# {_plain(title)}"]
    for block in blocks:
        parts += _WRITERS[block["kind"]](block, folder, language)
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Escape a text, on a line of its own."""
    return _BEGINS.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], _inline(text))


def _inline(text: str) -> str:
    """Escape a text that does not begin a line."""
    return _ADDRESS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", " ".join(visible(text).split())))


def _section(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return [f"## {_plain(block['text'])}"]


def _paragraph(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return [_plain(block["text"])]


def _notes(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return ["\n".join(f"- {_plain(item)}" for item in block["items"])]


def _table(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    numbers = [cell["number"] for cell in block["rows"][0]] if block["rows"] else [False] * len(block["head"])
    lines = [_row(map(_inline, block["head"])), _row("--:" if number else "---" for number in numbers)]
    lines += [
        _row(_inline(" · ".join(filter(None, (cell["text"], cell.get("source"))))) for cell in row) for row in block["rows"]
    ]
    return [_plain(block["caption"]), "\n".join(lines)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(block: Mapping[str, Any], folder: Path, _: Language) -> list[str]:
    if block["file"] is None:
        return [_plain(block["description"])]
    return [f"![{_inline(block['description'])}]({Path(os.path.relpath(block['file'], folder)).as_posix()})"]


def _passages(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return [f"### {_plain(block['title'])}", *(_quoted(item["text"], item["source"]) for item in block["items"])]


def _quoted(text: str, source: str) -> str:
    return f"> {_plain(text)}\n>\n> — {_plain(source)}"


def _legend(_: Mapping[str, Any], __: Path, ___: Language) -> list[str]:
    return []


def _article(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return [
        f"### {_plain(block['title'])}",
        _plain(block["source"]),
        *(
            _quoted("".join(piece["text"] for piece in passage["pieces"]), "; ".join(tag["text"] for tag in passage["tags"]))
            if passage["tags"]
            else f"> {_plain(''.join(piece['text'] for piece in passage['pieces']))}"
            for passage in block["passages"]
        ),
    ]


def _explorer(_: Mapping[str, Any], __: Path, language: Language) -> list[str]:
    with speaking(language):
        return [_plain(told(_EXPLORED))]


def _links(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return ["\n".join(f"- [{_inline(item['name'])}](<{item['href']}>): {_inline(item['text'])}" for item in block["items"])]


def _command(block: Mapping[str, Any], _: Path, __: Language) -> list[str]:
    return [f"    {' '.join(block['text'].split())}"]


_WRITERS = {
    "section": _section,
    "paragraph": _paragraph,
    "notes": _notes,
    "table": _table,
    "figure": _figure,
    "passages": _passages,
    "legend": _legend,
    "article": _article,
    "explorer": _explorer,
    "links": _links,
    "command": _command,
}
