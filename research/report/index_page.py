"""The page that links the reports of all experiments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.files import staged
from research.report.headlines import headline_table
from research.report.page import Page
from research.report.tables import write_csv
from research.runs.records import Headline, interval, read_headlines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_index"]


def write_index(folder: Path, summaries: Mapping[str, str]) -> None:
    """Write ``index.html`` and ``headlines.csv``, from the run folders that are there.

    Parameters
    ----------
    folder : Path
        Holds one run folder an experiment.
    summaries : mapping of str to str
        Every experiment and what it asks.
    """
    page = Page("Reports")
    page.paragraph(
        "Each report was written by one experiment of this project, from the synthetic articles in seeds/ unless it says "
        "otherwise. The run folder holds "
        "its manifest (inputs, versions, seeds), every measured value, its tables and its figures."
    )
    links = []
    for name, summary in summaries.items():
        manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
        told = f"{summary} ({manifest['seconds']:.0f} s on {manifest['cores']} cores)"
        links.append((f"{name}/report.html", name, told))
    page.links(links)
    others = [path.parent.name for path in sorted(folder.glob("*/manifest.json")) if path.parent.name not in summaries]
    if others:
        page.section("On reference data")
        page.links([(f"{name}/report.html", name, "needs reference data beside the project") for name in others])
    headlines = _headlines(folder, [*summaries, *others])
    page.section("Headlines")
    page.paragraph("What a reader will quote, each beside the control that it must beat. All digits are in headlines.csv.")
    page.table(
        _short(headlines),
        "In brackets a 95 % interval over articles; of times, memory, BERTopic and planted or dealt words in themes, the range "
        "over repeats. AMI: agreement, 0 chance, 1 the same. NPMI: -1 words that never meet, 0 chance, 1 always together. "
        "Stability: adjusted Rand index. Words dealt anew: the same words shuffled over texts of the same lengths.",
    )
    if (folder / "LOG.md").exists():
        page.links([("LOG.md", "LOG.md", "what was tried, with what result, including what did not work")])
    page.paragraph("To run all of them again: make reports. To run one: research run NAME.")
    with staged(folder) as new:
        (new / "index.html").write_text(page.html(), encoding="utf-8")
        table = headline_table([line for _, line in headlines])
        table.insert(0, "run", [name for name, _ in headlines])
        write_csv(table, new / "headlines.csv")


def _headlines(folder: Path, names: Sequence[str]) -> list[tuple[str, Headline]]:
    return [(name, line) for name in names for line in read_headlines(folder / name / "headlines.jsonl")]


def _short(headlines: Sequence[tuple[str, Headline]]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (name, line.what, line.model, f"{line.metric} {interval(line.value, line.low, line.high)}",
         f"{line.control}: {interval(line.control_value, line.control_low, line.control_high)}", line.verdict)
        for name, line in headlines
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["run", "what", "of", "result", "control", "verdict"])
