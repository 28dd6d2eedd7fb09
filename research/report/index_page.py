"""The page that links the reports of all experiments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.files import staged
from research.messages import joined, message, word
from research.report.headlines import headline_table
from research.report.page import Page
from research.report.tables import write_csv
from research.runs.records import Headline, interval, read_headlines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_index"]

# What experiments ask, as their modules say it.
_ASKED = (
    word(
        "What each step does: discovery, tagging or classification with every step of cleaning and analysis, and "
        "without one of them at a time."
    ),
    word(
        "How well classes are told apart on texts of unseen articles, outlets or times, and whether our default chooses well."
    ),
    word(
        "Whether our topics are better than those of others: discovery and its rivals on the same texts, embeddings and draws."
    ),
    word(
        "Which representation tells themes apart: lexical, latent or embedded, on the labelled articles, whole "
        "articles held out."
    ),
    word(
        "How far few labels go: learning curves, what a codebook, texts without labels and choosing what to label add to them."
    ),
    word(
        "How well themes are found: the codebook alone, embeddings, learned words and all together, on articles that "
        "were not seen."
    ),
    word("What is in the corpus: its topics, their size and words, the map, and how they spread over outlets and months."),
    word(
        "How much is lost when classes are learned in one language and given to texts of another, against learning in "
        "that language."
    ),
)


def write_index(folder: Path, summaries: Mapping[str, str], measured: Mapping[str, Sequence[Headline]] | None = None) -> None:
    """Write ``index.html`` and ``headlines.csv``, from the run folders that are there.

    Parameters
    ----------
    folder : Path
        Holds one run folder an experiment.
    summaries : mapping of str to str
        Every experiment and what it asks.
    measured : mapping of str to sequence of Headline, optional
        Headlines of runs that have just ended: those in files are in English only.
    """
    page = Page(word("Reports"))
    page.paragraph(
        message(
            "Each report was written by one experiment of this project, from the synthetic articles in seeds/ unless it says "
            "otherwise. The run folder holds its manifest (inputs, versions, seeds), every measured value, its tables and its "
            "figures."
        )
    )
    links = []
    for name, summary in summaries.items():
        manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
        took = message(
            "{summary} ({seconds:.0f} s on {cores} cores)",
            summary=word(summary),
            seconds=manifest["seconds"],
            cores=manifest["cores"],
        )
        links.append((f"{name}/report.html", name, took))
    page.links(links)
    others = [path.parent.name for path in sorted(folder.glob("*/manifest.json")) if path.parent.name not in summaries]
    if others:
        page.section(message("On reference data"))
        page.links([(f"{name}/report.html", name, message("needs reference data beside the project")) for name in others])
    headlines = _headlines(folder, [*summaries, *others], measured or {})
    page.section(word("Headlines"))
    page.paragraph(
        message("What a reader will quote, each beside the control that it must beat. All digits are in headlines.csv.")
    )
    page.table(
        _short(headlines),
        message(
            "In brackets a 95 % interval over articles; of times, memory, BERTopic and planted or dealt words in themes, "
            "the range "
            "over repeats. AMI: agreement, 0 chance, 1 the same. NPMI: -1 words that never meet, 0 chance, 1 always together. "
            "Stability: adjusted Rand index. Words dealt anew: the same words shuffled over texts of the same lengths."
        ),
    )
    if (folder / "LOG.md").exists():
        page.links([("LOG.md", "LOG.md", message("what was tried, with what result, including what did not work"))])
    page.paragraph(message("To run all of them again: make reports. To run one: research run NAME."))
    with staged(folder) as new:
        (new / "index.html").write_text(page.html(), encoding="utf-8")
        table = headline_table([line for _, line in headlines])
        table.insert(0, "run", [name for name, _ in headlines])
        write_csv(table, new / "headlines.csv")


def _headlines(folder: Path, names: Sequence[str], measured: Mapping[str, Sequence[Headline]]) -> list[tuple[str, Headline]]:
    known = {name: measured.get(name) or read_headlines(folder / name / "headlines.jsonl") for name in names}
    return [(name, line) for name, lines in known.items() for line in lines]


def _short(headlines: Sequence[tuple[str, Headline]]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (name, word(line.what), word(line.model),
         joined([word(line.metric), interval(line.value, line.low, line.high)], by=" "),
         message("{control}: {reached}", control=word(line.control),
                 reached=interval(line.control_value, line.control_low, line.control_high)), line.verdict)
        for name, line in headlines
    ]  # fmt: skip
    names = [word("run"), word("what"), word("model"), word("result"), word("control"), word("verdict")]
    return pd.DataFrame(rows, columns=names, dtype=object)  # columns of texts would lose what tells them
