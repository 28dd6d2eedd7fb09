"""How well themes are found: the codebook alone, embeddings, learned words and all together, on articles that were not seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tagging_parts import (
    ARMS,
    FLOOR,
    SHUFFLED,
    TRANSFER,
    Report,
    Results,
    add_articles,
    by_arm,
    by_theme,
    calibration,
    compared,
    evidence,
    f1_by_arm,
    headlines,
    labelled,
    measure,
    page_of,
    read,
    transfer,
    unseen,
    write_tables,
)

import research
from research.features import EmbeddingStore, embed, get_encoder
from research.messages import message
from research.report import Page
from research.runs import Cell, Run, project_path, require
from research.themes import load_codebook


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    labels: str = "seeds/labels.csv"
    codebook: str = "seeds/themes.toml"
    real: str = ""  # paragraphs with the labels of two readers; empty: the labelled articles themselves, held out
    real_labels: str = ""  # labels of some lines of `real`, which is a corpus then
    encoder: str = "use"
    folds: int = 5
    seeds: int = 1
    draws: int = 1000

    def __post_init__(self) -> None:
        require(self, folds=2, seeds=1, draws=1)

    def quick(self) -> Config:
        return replace(self, seeds=1, folds=3, draws=200)


def run(config: Config, run: Run) -> None:
    paths = [
        project_path(path) for path in (config.corpus, config.labels, config.codebook, config.real, config.real_labels) if path
    ]
    run.used(*paths)
    encoder = get_encoder(config.encoder)
    run.used_encoder(encoder)
    known = labelled(config.corpus, config.labels, config.codebook)
    asked = unseen(config.real, config.real_labels, config.codebook) if config.real else known
    embed([*known.texts, *asked.texts], encoder, EmbeddingStore.of(encoder))
    name = Path(config.real_labels or config.real or config.corpus).name.partition(".")[0]
    settings = {key: value for key, value in asdict(config).items() if key not in {"seeds", "draws"}}
    cells = [Cell(arm, name, seed=seed, settings=settings) for arm in [FLOOR, SHUFFLED, *ARMS] for seed in range(config.seeds)]
    both = asked.arabic.any() and not asked.arabic.all() and not config.real
    cells += [Cell(arm, name, seed=0, settings=settings) for arm in TRANSFER if both]
    outcomes = run.sweep(measure, cells, label="ways of tagging")
    if run.missing:
        page = Page(message("How well themes are found"))
        page.paragraph(message("Measurements failed: see the records."))
        page.write(run.folder / "report.html")
        return
    results = Results(
        name=name,
        real=bool(config.real),
        asked=asked,
        themes=load_codebook(project_path(config.codebook)).keys,
        draws=config.draws,
        seen={
            arm: [read(outcome, asked) for outcome in outcomes if outcome.cell.model == arm]
            for arm in dict.fromkeys(cell.model for cell in cells)
        },
    )
    report = _reported(config, run, results)
    write_tables(run, report)
    page = page_of(run, report)
    if not config.real:
        tagged = research.tag(
            research.load(project_path(config.corpus)), project_path(config.codebook), labels=asked, encoder=config.encoder
        )
        add_articles(page, run, tagged, evidence(results, run, tagged))
    page.write(run.folder / "report.html")


def _reported(config: Config, run: Run, results: Results) -> Report:
    """Compute and record what is told, in the order of the records."""
    arms, themes, detail = by_arm(results, run), by_theme(results, run), f1_by_arm(results, run)
    headlines(results, run, arms)
    return Report(
        results=results,
        arms=arms,
        by_theme=themes,
        f1_by_arm=detail,
        compared=compared(results),
        calibration=calibration(results, run),
        transfer=transfer(results, run) if TRANSFER.keys() <= results.seen.keys() else None,
        labels=config.labels,
        folds=config.folds,
        seeds=config.seeds,
    )


if __name__ == "__main__":
    from research.cli import main

    main(["run", "tagging"])
