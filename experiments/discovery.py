"""Whether our topics are better than those of others: discovery and its rivals on the same texts, embeddings and draws."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from discovery_parts import (
    DEALT,
    MEMORY,
    OURS,
    SECONDS,
    SHUFFLED,
    WAYS,
    Report,
    by_way,
    headlines,
    in_a_draw,
    lacking,
    measure,
    page_of,
    prepare,
    work,
)

from research.errors import ConfigError
from research.features import get_encoder
from research.runs import Cell, Run, project_path, require


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    name: str = ""  # for the report; the file's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own sections
    codebook: str = "seeds/themes.toml"
    unit: str = "passage"
    pool: int = 0  # at most so many articles in all, drawn at random; 0: all
    articles: int = 0  # in a draw; half of the pool where it is 0 or not fewer than the pool
    encoder: str = "use"
    draws: int = 5
    seed: int = 0
    ways: tuple[str, ...] = tuple(WAYS)

    def __post_init__(self) -> None:
        require(self, pool=0, articles=0, draws=2)
        unknown = [way for way in self.ways if way not in WAYS]
        if unknown or OURS not in self.ways:
            told = f"unknown way {unknown[0]!r}" if unknown else f"{OURS} is not among the ways"
            raise ConfigError(told, where="ways", remedy=f"ways are {'; '.join(WAYS)}")
        if self.unit not in {"passage", "document"}:
            raise ConfigError(f"unknown unit {self.unit!r}", where="unit", remedy="units are passage, document")
        if self.labels and self.unit != "passage":
            raise ConfigError("labels of lines are of passages", where="unit", remedy="give passage, or leave labels empty")

    def quick(self) -> Config:
        few = tuple(way for way in (OURS, "NMF", "k-means") if way in self.ways)  # BERTopic compiles for half a minute
        return replace(self, draws=2, ways=few)


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.exists():
        raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    run.used_encoder(get_encoder(config.encoder))
    run.varies(SECONDS, MEMORY)
    settings = {key: value for key, value in asdict(config).items() if key not in {"name", "draws", "ways"}}
    name = config.name or path.name.partition(".")[0]
    pool = prepare(settings, config.draws)
    there = [way for way in config.ways if not lacking(way)]
    cells = [Cell(way, name, fold=number, settings=settings) for way in [*there, DEALT] for number in range(config.draws)]
    cells += [Cell(way, name, settings=settings) for way in there]
    outcomes = run.sweep(measure, cells, label="ways and draws")
    values = by_way(outcomes, config.draws)
    report = Report(
        name=name,
        labelled=bool(config.labels),
        encoder=config.encoder,
        ways=config.ways,
        draws=config.draws,
        drawn=in_a_draw(config.articles, pool),
        pool=pool,
        values=values,
        outcomes=outcomes,
    )
    _record(config, run, report)
    headlines(run, report)
    page_of(run, report).write(run.folder / "report.html")


def _record(config: Config, run: Run, report: Report) -> None:
    """Record what the sweep does not: ways that are not there, the shuffled control, means and differences."""
    name = report.name
    for way in config.ways:
        if lacking(way):
            run.record(way, name, "all", math.nan, status=f"not installed: {lacking(way)}")
    for metric, row in report.values.get(SHUFFLED, {}).items():
        for number, value in enumerate(row):
            run.record(SHUFFLED, name, metric, value, fold=number)
    for way, metrics in report.summary.items():
        for metric, found in metrics.items():
            run.record(way, name, metric, found.mean, low=found.low, high=found.high)
    for effect in report.effects:
        found = effect.halves
        run.record(f"effect: {effect.step}", name, effect.metric, found.mean, low=found.low, high=found.high)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in WAYS:
        try:
            work(sys.argv[1], Path(sys.argv[2]))
        except Exception as error:  # the process that waits reads one line
            sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
    else:
        from research.cli import main

        main(["run", "discovery", *sys.argv[1:]])
