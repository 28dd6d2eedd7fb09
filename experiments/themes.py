"""What is in the corpus: its topics, their size and words, the map, and how they spread over outlets and months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

import research
from research.discovery import LATENT, find_topics
from research.evaluate import Undefined, agreement, bootstrap_by_group, deal_words, plant_themes
from research.features import EmbeddingStore, embed, get_encoder
from research.messages import message, word
from research.report import Page
from research.report.discovery_page import add_appendix, add_discovery
from research.report.headlines import add_headlines
from research.report.provenance import command_of
from research.report.tables import write_csv
from research.runs import Cell, Headline, Measured, Outcome, Run, project_path, require

DEALT, PLANTED = word("words dealt anew"), "planted themes"
ENOUGH = 500  # passages that a control is made of


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    unit: str = "auto"
    encoder: str = "use"
    resolution: float = 0.0  # 0: chosen by stability
    seed: int = 0
    draws: int = 1000
    controls: int = 3  # how many texts of each kind of control
    planted: int = 5  # how many themes are planted
    share: float = 0.2  # share of a text's words that are its planted theme's

    def __post_init__(self) -> None:
        require(self, resolution=0, draws=1, controls=1, planted=1, share=0)

    def quick(self) -> Config:
        return replace(self, controls=2, draws=200)


@lru_cache(maxsize=1)
def _words(corpus: str) -> list[list[str]]:
    """The words of every passage, of a large corpus of some drawn at random."""
    texts = [passage.text.split() for passage in research.clean(research.load(project_path(corpus))).passages]
    chosen = np.sort(np.random.default_rng(0).permutation(len(texts))[:ENOUGH])
    return [texts[at] for at in chosen]


def measure(cell: Cell) -> Measured:
    """Topics of texts in which there is nothing to find, or in which it is known what is to be found."""
    chosen = cell.settings
    seed, texts = cell.seed or 0, _words(chosen["corpus"])
    planted = plant_themes(texts, themes=chosen["planted"], share=chosen["share"], seed=seed)
    written = [" ".join(text) for text in (planted.texts if cell.model == PLANTED else deal_words(texts, seed=seed))]
    encoder = get_encoder(chosen["encoder"])
    store = EmbeddingStore.of(encoder)
    embeddings = embed(written, encoder, store)
    found = find_topics(written, embeddings, latent=LATENT, resolution=chosen["resolution"] or None, seed=chosen["seed"])
    return Measured(
        {
            "topics": float(len(found.words)),
            "mean strength": _mean(found.strengths),
            "AMI with the planted themes": agreement(list(planted.themes), found.labels).ami,
        }
    )


def _mean(strengths: Any) -> float:
    known = strengths[np.isfinite(strengths)]
    return float(known.mean()) if len(known) else Undefined("there is nothing to compare with")


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    encoder = get_encoder(config.encoder)
    run.used(path)
    run.used_encoder(encoder)
    corpus = research.load(path)
    result = research.discover(
        corpus, unit=config.unit, encoder=encoder, resolution=config.resolution or None, seed=config.seed
    )
    write_csv(result.table(), run.folder / "topics.csv")
    write_csv(result.assignments(), run.folder / "assignments.csv")
    write_csv(result.documents(), run.folder / "documents.csv")
    name = corpus.name
    run.record("graph", name, "articles", len(corpus.usable))
    run.record("graph", name, "units", len(result.units))
    run.record("graph", name, "topics", len(result.topics), seed=config.seed)
    run.record("furniture", name, "lines left out", len(result.cleaned.removed))
    run.record("copies", name, "repeats", len(result.cleaned.repeats))
    strength = bootstrap_by_group(
        lambda drawn: _mean(result.strengths[drawn]), [unit.document for unit in result.units], draws=config.draws
    )
    run.record("graph", name, "mean strength", strength.value, low=strength.low, high=strength.high)

    settings = {key: value for key, value in asdict(config).items() if key not in {"unit", "draws", "controls"}}
    kinds = [DEALT, PLANTED] if len(result.topics) > 1 else []
    cells = [Cell(kind, name, seed=seed, settings=settings) for kind in kinds for seed in range(config.controls)]
    outcomes = run.sweep(measure, cells, label="controls")
    controls = {} if run.missing else _ranges(outcomes)
    if controls:
        run.headline(
            Headline(
                message("Share of a text's nearest neighbours that are in its topic ({corpus})", corpus=name),
                word("graph"),
                word("mean strength"),
                *(strength.value, strength.low, strength.high, DEALT, *controls[DEALT, "mean strength"]),
            )
        )
        found = word("AMI with the planted themes")
        run.headline(
            Headline(
                message(
                    "{themes} themes planted in texts of the lengths and words of {corpus} are found again "
                    "({share:.0%} of a text's words are its theme's)",
                    themes=config.planted,
                    corpus=name,
                    share=config.share,
                ),
                word("graph"),
                found,
                *(*controls[PLANTED, found], DEALT, *controls[DEALT, found]),
            )
        )
    page = Page(message("Topics in {corpus}", corpus=name))
    add_discovery(page, result, run.folder)
    page.section(message("Against controls"))
    if controls:
        page.paragraph(
            message(
                "Words dealt anew: the same words in texts of the same lengths, put together at random; whatever topics these "
                "have are none. Ranges are those of {controls} such texts.",
                controls=config.controls,
            )
        )
        add_headlines(page, run.headlines)
    else:
        page.paragraph(
            message("Controls failed: see the records.")
            if run.missing
            else message("There are no two topics to hold against controls.")
        )
    add_appendix(page, result, command_of("run", "themes", {}))
    page.write(run.folder / "report.html")


def _ranges(outcomes: list[Outcome]) -> Mapping[tuple[str, str], tuple[float, float, float]]:
    """Every control's mean, least and largest value, by kind and metric."""
    values: dict[tuple[str, str], list[float]] = {}
    for outcome in outcomes:
        for metric, value in outcome.metrics.items():
            values.setdefault((outcome.cell.model, metric), []).append(value)
    return {key: (float(np.mean(found)), min(found), max(found)) for key, found in values.items()}


if __name__ == "__main__":
    from research.cli import main

    main(["run", "themes"])
