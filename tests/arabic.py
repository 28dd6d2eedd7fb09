"""Pages of experiments in Arabic: what of them is still in English."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from lxml import html

from research.report.language import speaking
from research.runs import find_experiments, run_experiment

# Of articles and their readers, or to be typed.
_NOT_SAID = "//script | //style | //code | //blockquote | //*[contains(@class, 'explorer') or contains(@class, 'source')]"
_PHRASE = re.compile(r"[A-Za-z][a-z'-]+(?:[ ,;:]+[A-Za-z][a-z'-]+)+")


def english_of(page: Path) -> set[str]:
    """Give the English phrases, of two words or more, that an Arabic page says."""
    tree = html.fromstring(page.read_text(encoding="utf-8"))
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    for part in tree.xpath(_NOT_SAID):
        part.drop_tree()
    return {phrase for text in tree.xpath("//body//text()") for phrase in _PHRASE.findall(text)}


def english_of_retold(name: str, finished: Path, config: Any, place: Path) -> set[str]:
    """Tell a finished run again, in Arabic and from what it measured, and give the English phrases on its page."""
    shutil.copytree(finished, place / "ar")
    with speaking("ar"):
        run_experiment(find_experiments()[name], place / "ar", config=config, resume=True, workers=1)
    for file in ("cells.jsonl", "records.jsonl", "headlines.jsonl"):
        assert (place / "ar" / file).read_bytes() == (finished / file).read_bytes()
    return english_of(place / "ar" / "report.html")
