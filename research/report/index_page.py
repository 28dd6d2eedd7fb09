"""The page that links the reports of all experiments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from research.files import staged
from research.report.page import Page

__all__ = ["write_index"]


def write_index(folder: Path, summaries: Mapping[str, str]) -> None:
    """Write ``index.html``.

    Parameters
    ----------
    folder : Path
        Holds one run folder an experiment.
    summaries : mapping of str to str
        Every experiment and what it asks.
    """
    page = Page("Reports on the bundled articles")
    page.paragraph(
        "Each report was written by one experiment of this project, from the articles in seeds/. The run folder holds "
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
        page.section("Benchmarks")
        page.links(
            [(f"{name}/report.html", name.replace("_", " "), "needs reference data beside the project") for name in others]
        )
    page.paragraph("To run all of them again: make reports. To run one: research run NAME.")
    with staged(folder) as new:
        page.write(new / "index.html")
