"""How much is lost when classes are learned in one language and given to texts of another, against learning in that language."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict, dataclass, replace

from transfer_parts import (
    ANSWERING,
    DEFAULT,
    LEARNERS,
    LEARNING,
    MAJORITY,
    OURS,
    SHUFFLED,
    Results,
    headlines,
    lacking,
    learner_named,
    material_of,
    measure,
    named,
    page_of,
    parts_of,
)

from research.errors import ConfigError
from research.features import EmbeddingStore, get_encoder, window_means
from research.messages import word
from research.runs import Cell, Run, project_path, require


@dataclass(frozen=True)
class Config:
    corpora: tuple[str, ...] = ("seeds/articles",)  # one of both languages, or one of each in the order of the languages
    name: str = ""  # for the report; the first corpus's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own labels
    codebook: str = "seeds/themes.toml"  # the themes that the labels of lines name
    languages: tuple[str, ...] = (word("English"), word("Arabic"))  # of one corpus: what is in Latin, what is in Arabic script
    same_ids: bool = False  # an id is the same text in both languages; what one language lacks is left out
    fewest: int = 10  # classes with fewer texts in either language are left out
    folds: int = 5
    repeats: int = 1  # how many times parts and labels are drawn
    most: int = 0  # at most so many texts of each language, drawn at random; 0: all
    encoders: tuple[str, ...] = ("use",)  # the first one is that of the headlines
    draws: int = 1000

    def __post_init__(self) -> None:
        require(self, fewest=1, folds=2, repeats=1, most=0, draws=400)
        if len(self.languages) != 2 or len(set(self.languages)) != 2 or "" in self.languages:
            raise ConfigError(f"{list(self.languages)} are no two languages", where="key languages", remedy="name two")
        if len(self.corpora) not in {1, 2}:
            raise ConfigError(
                f"there are {len(self.corpora)}", where="key corpora", remedy="name one of both languages, or one of each"
            )
        if self.same_ids and len(self.corpora) != 2:
            raise ConfigError("one corpus holds no id twice", where="key same_ids", remedy="name a corpus of each language")
        if self.labels and len(self.corpora) != 1:
            raise ConfigError("labels of lines are those of one corpus", where="key labels", remedy='write labels = ""')
        if not self.encoders or len(set(self.encoders)) < len(self.encoders):
            raise ConfigError("no encoder, or one twice", where="key encoders", remedy="name different ones, such as use")

    def quick(self) -> Config:
        return replace(self, most=min(self.most or 120, 120), folds=2, repeats=1, encoders=self.encoders[:1], draws=400)


def run(config: Config, run: Run) -> None:
    paths = [project_path(corpus) for corpus in config.corpora]
    for path in paths:
        if not path.exists():
            raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(*paths, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    run.used_encoder(get_encoder(config.encoders[0]))
    run.varies(LEARNING, ANSWERING)
    name = config.name or paths[0].name.partition(".")[0]
    settings = {key: value for key, value in asdict(config).items() if key not in {"name", "repeats", "encoders", "draws"}}
    seen = material_of(settings)
    parts = {seed: parts_of(seen, config.folds, seed) for seed in range(config.repeats)}
    weights = {}
    for encoder in config.encoders:
        if not lacking(encoder):
            coder = get_encoder(encoder)
            window_means(seen.texts, coder, EmbeddingStore.of(coder))  # over all cores; cells only read them
            weights[encoder] = f"{coder.name}-{coder.version}, sha256 {coder.fingerprint()}"
    results = Results(name=name, encoders=config.encoders, seen=seen, parts=parts, draws=config.draws)
    cells = []
    for learner, encoder, language, every in _asked(config, results, list(weights)):
        told = {
            **settings,
            "learner": learner,
            "learned": language,
            "all_labels": every,
            "encoder": encoder,
            "weights": weights.get(encoder, ""),
        }
        model = named(learner_named(learner, language, every=every), encoder, config.encoders)
        cells += [Cell(model, name, seed, fold, told) for seed, found in parts.items() for fold in range(len(found))]
    results = replace(results, outcomes=run.sweep(measure, cells, label="learners and parts"))
    _record(config, run, results)
    headlines(run, results)
    page_of(run, results).write(run.folder / "report.html")


def _asked(config: Config, results: Results, encoders: list[str]) -> list[tuple[str, str, str, bool]]:
    """Give each learner, its encoder, the language that it learns in, and whether from all labels that this language has."""
    found = []
    for learner in LEARNERS:
        for encoder in [""] if learner == MAJORITY else encoders[:1] if learner == SHUFFLED else encoders:
            for language in config.languages:
                found.append((learner, encoder, language, False))
                if learner == DEFAULT and results.has_more(language):
                    found.append((learner, encoder, language, True))
    return found


def _record(config: Config, run: Run, results: Results) -> None:
    """Record what the sweep does not: encoders that are not there, scores over all tested texts, and differences."""
    for encoder in config.encoders:
        if lacking(encoder):
            model, status = named(OURS, encoder, config.encoders), f"not installed: {lacking(encoder)}"
            run.record(model, results.name, "all", math.nan, status=status)
    for direction in results.directions:
        corpus = f"{results.name}, {direction}"
        for way, metrics in results.summary[direction].items():
            for metric, found in metrics.items():
                run.record(way, corpus, metric, found.value, low=found.low, high=found.high)
            for label, value in zip(results.seen.classes, results.by_class[direction][way], strict=True):
                why = "the class neither occurs nor was given" if math.isnan(value) else None
                run.record(way, corpus, f"F1 {label}", float(value), status=why)
    for row in results.compared:
        corpus = f"{results.name}, {row.direction}"
        run.record(row.one, corpus, f"macro-F1 less that of {row.other}", row.difference, low=row.low, high=row.high)
        run.record(row.one, corpus, f"p against {row.other}", row.p)
        run.record(row.one, corpus, f"detectable against {row.other}", row.detectable)


if __name__ == "__main__":
    from research.cli import main

    main(["run", "transfer", *sys.argv[1:]])
