"""How well classes are told apart on texts of unseen articles, outlets or times, and whether our default chooses well."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict, dataclass, replace

from classification_parts import (
    ALL,
    ANSWERING,
    HELD_OUT,
    LEARNING,
    OURS,
    SEES_MEANING,
    SHUFFLED,
    WAYS,
    Results,
    headlines,
    lacking,
    material_of,
    measure,
    merging,
    named,
    page_of,
    splits_of,
)

from research.errors import ConfigError
from research.features import EmbeddingStore, get_encoder, window_means
from research.runs import Cell, Run, project_path, require

METRICS = ("macro-F1", "accuracy")


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    name: str = ""  # for the report; the file's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own labels
    codebook: str = "seeds/themes.toml"  # the themes that the labels of lines name
    merge: tuple[str, ...] = ()  # classes that count as others, each OLD=NEW
    held_out: str = "article"
    folds: int = 5  # where articles are held out
    most: int = 0  # at most so many texts, drawn at random; 0: all
    encoders: tuple[str, ...] = ("use",)  # the first one is that of the headlines
    quoted: tuple[str, ...] = ("macro-F1",)  # metrics that become headlines
    ways: tuple[str, ...] = tuple(WAYS)
    seed: int = 0
    draws: int = 1000

    def __post_init__(self) -> None:
        require(self, folds=2, most=0, draws=400)  # with fewer no p would be small enough after Holm
        merging(self.merge)
        if self.held_out not in HELD_OUT:
            raise ConfigError(f"unknown {self.held_out!r}", where="key held_out", remedy=f"give one of {', '.join(HELD_OUT)}")
        unknown = [way for way in self.ways if way not in WAYS]
        if unknown or OURS not in self.ways:
            told = f"unknown way {unknown[0]!r}" if unknown else f"{OURS} is not among the ways"
            raise ConfigError(told, where="key ways", remedy=f"ways are {'; '.join(WAYS)}")
        if not self.encoders or len(set(self.encoders)) < len(self.encoders):
            raise ConfigError("no encoder, or one twice", where="key encoders", remedy="name different ones, such as use")
        strange = [metric for metric in self.quoted if metric not in METRICS]
        if strange:
            raise ConfigError(f"unknown metric {strange[0]!r}", where="key quoted", remedy=f"metrics are {', '.join(METRICS)}")

    def quick(self) -> Config:
        return replace(self, most=min(self.most or 240, 240), folds=2, encoders=self.encoders[:1], draws=400)


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.exists():
        raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    first = get_encoder(config.encoders[0])
    run.used_encoder(first)
    run.varies(LEARNING, ANSWERING)
    name = config.name or path.name.partition(".")[0]
    left_out = {"name", "encoders", "quoted", "ways", "draws"}
    settings = {key: value for key, value in asdict(config).items() if key not in left_out}
    seen = material_of(settings)
    splits = splits_of(seen, settings)
    cells, weights = [], {}
    for encoder in config.encoders:
        if lacking(encoder):
            continue
        coder = get_encoder(encoder)
        window_means(seen.texts, coder, EmbeddingStore.of(coder))  # over all cores; cells only read them
        weights[encoder] = f"{coder.name}-{coder.version}, sha256 {coder.fingerprint()}"
    for model, way, encoder in _asked(config, list(weights)):
        told = {**settings, "way": way, "encoder": encoder, "weights": weights.get(encoder, "")}
        cells += [Cell(model, name, fold=fold, settings=told) for fold in range(len(splits))]
    outcomes = run.sweep(measure, cells, label="ways and parts")
    results = Results(
        name=name,
        held_out=config.held_out,
        encoders=config.encoders,
        seen=seen,
        splits=splits,
        outcomes=outcomes,
        draws=config.draws,
    )
    _record(config, run, results)
    headlines(run, results, config.quoted)
    page_of(run, results).write(run.folder / "report.html")


def _asked(config: Config, encoders: list[str]) -> list[tuple[str, str, str]]:
    """Give the name of each way, the way itself, and the encoder where it sees meaning; the control last."""
    found = []
    for way in config.ways:
        if way in SEES_MEANING:
            found += [(named(way, encoder, config.encoders), way, encoder) for encoder in encoders]
        else:
            found.append((way, way, ""))
    return [*found, (SHUFFLED, ALL, config.encoders[0])]


def _record(config: Config, run: Run, results: Results) -> None:
    """Record what the sweep does not: encoders that are not there, scores over all tested texts, and differences."""
    name = results.name
    for encoder in config.encoders:
        if lacking(encoder):
            run.record(
                named(OURS, encoder, config.encoders), name, "all", math.nan, status=f"not installed: {lacking(encoder)}"
            )
    for way, metrics in results.summary.items():
        for metric, found in metrics.items():
            run.record(way, name, metric, found.value, low=found.low, high=found.high)
        for label, value in zip(results.seen.classes, results.by_class[way], strict=True):
            status = "the class neither occurs nor was given" if math.isnan(value) else None
            run.record(way, name, f"F1 {label}", float(value), status=status)
    if results.ours in results.said:
        for metric, found in results.certainty.items():
            run.record(results.ours, name, metric, found.value, low=found.low, high=found.high)
    for row in results.compared:
        run.record(results.ours, name, f"macro-F1 less that of {row.other}", row.difference, low=row.low, high=row.high)
        run.record(results.ours, name, f"p against {row.other}", row.p)
        run.record(results.ours, name, f"detectable against {row.other}", row.detectable)


if __name__ == "__main__":
    from research.cli import main

    main(["run", "classification", *sys.argv[1:]])
