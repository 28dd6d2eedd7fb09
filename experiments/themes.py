"""What is in the corpus: its topics, their size and words, the map, and how they spread over outlets and months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import research
from research.experiment import project_path
from research.features import get_encoder
from research.report.discovery_page import discovery_page
from research.report.tables import write_csv
from research.runs import Run


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    unit: str = "auto"
    encoder: str = "use"
    resolution: float = 1.0
    seed: int = 0

    def quick(self) -> Config:
        return self


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    encoder = get_encoder(config.encoder)
    run.used(path)
    run.used_encoder(encoder)
    result = research.discover(
        research.load(path), unit=config.unit, encoder=encoder, resolution=config.resolution, seed=config.seed
    )
    write_csv(result.table(), run.folder / "topics.csv")
    write_csv(result.assignments(), run.folder / "assignments.csv")
    write_csv(result.documents(), run.folder / "documents.csv")
    name = result.corpus.name
    run.record("graph", name, "articles", len(result.corpus.usable))
    run.record("graph", name, "units", len(result.units))
    run.record("graph", name, "topics", len(result.topics), seed=config.seed)
    strength = float(np.nanmean(result.strengths)) if np.isfinite(result.strengths).any() else float("nan")
    status = "ok" if np.isfinite(strength) else "there is nothing to compare with"
    run.record("graph", name, "mean strength", strength, seed=config.seed, status=status)
    run.record("furniture", name, "lines left out", len(result.cleaned.removed))
    run.record("copies", name, "repeats", len(result.cleaned.repeats))
    discovery_page(result, run.folder).write(run.folder / "report.html")


if __name__ == "__main__":
    from research.cli import main

    main(["run", "themes"])
