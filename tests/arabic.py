"""Pages of experiments told in Arabic: what of them is still in English."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import html

from research.report.language import speaking
from research.runs import Experiment, run_experiment

# Of articles and their readers, or to be typed.
_NOT_SAID = "//script | //style | //code | //blockquote | //*[contains(@class, 'explorer') or contains(@class, 'source')]"
_PHRASE = re.compile(r"[A-Za-z][a-z'-]+(?:[ ,;:]+[A-Za-z][a-z'-]+)+")


def english_of_arabic_page(experiment: Experiment, folder: Path, config: Any) -> set[str]:
    """Tell a finished run again, in Arabic and without measuring anything anew, and give the English phrases on its page."""
    cells = (folder / "cells.jsonl").read_bytes()
    with speaking("ar"):
        run_experiment(experiment, folder, config=config, resume=True, workers=1)
    assert (folder / "cells.jsonl").read_bytes() == cells
    page = html.fromstring((folder / "report.html").read_text(encoding="utf-8"))
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    for part in page.xpath(_NOT_SAID):
        part.drop_tree()
    return {phrase for text in page.xpath("//body//text()") for phrase in _PHRASE.findall(text)}
