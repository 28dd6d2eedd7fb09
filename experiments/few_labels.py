"""How far few labels go: learning curves, what a codebook, texts without labels and choosing what to label add to them."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, replace

from classification_parts import material_of, merging
from few_labels_parts import LABELLING, Report, asked_of, headlines, measure, page_of

from research.errors import ConfigError
from research.features import EmbeddingStore, get_encoder, window_means
from research.runs import Cell, Run, project_path, require


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    name: str = ""  # for the report; the file's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own labels
    codebook: str = "seeds/themes.toml"  # what describes the classes; empty: nothing does
    merge: tuple[str, ...] = ()  # classes that count as others, each OLD=NEW
    most: int = 0  # at most so many texts, drawn at random; 0: all
    encoder: str = "use"
    sizes: tuple[int, ...] = (4, 8, 16, 64)  # labels a class
    draws: int = 10
    pool: int = 2000  # texts of a draw that may be labelled; those that are not are learned from without a label
    tested: int = 2000
    labelling: bool = True  # whether choosing what to label is tried: the longest part
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, most=0, draws=2, pool=8, tested=2)
        merging(self.merge)
        if not self.sizes or min(self.sizes) < 1 or list(self.sizes) != sorted(set(self.sizes)):
            raise ConfigError(f"{list(self.sizes)}", where="key sizes", remedy="give ascending numbers from 1 on")
        if self.labels and not self.codebook:
            raise ConfigError(
                "no codebook", where="key codebook", remedy="labels of lines name the themes of one: name its file"
            )

    def quick(self) -> Config:
        return replace(self, sizes=self.sizes[:2], draws=2, pool=min(self.pool, 150), tested=min(self.tested, 200))


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.exists():
        raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if file))
    encoder = get_encoder(config.encoder)
    run.used_encoder(encoder)
    settings = {key: value for key, value in asdict(config).items() if key not in {"name", "draws", "labelling"}}
    settings["weights"] = f"{encoder.name}-{encoder.version}, sha256 {encoder.fingerprint()}"
    seen = material_of(settings)
    window_means(seen.texts, encoder, EmbeddingStore.of(encoder))  # over all cores; cells only read them
    name = config.name or path.name.partition(".")[0]
    ways = [way for way in asked_of(codebook=bool(config.codebook)) if config.labelling or way not in LABELLING]
    cells = [Cell(way, name, fold=draw, settings={**settings, "way": way}) for draw in range(config.draws) for way in ways]
    report = Report(name, seen, run.sweep(measure, cells, label="ways and draws"), ways, config.sizes, config.draws)
    for way, size, metric, found in report.curves:
        run.record(way, f"{name}, {size} a class", metric, found.mean, low=found.low, high=found.high)
    for effect in (*report.effects, *report.chosen):
        found = effect.halves
        run.record(effect.step, name, f"gain in {effect.metric}", found.mean, low=found.low, high=found.high)
        run.record(effect.step, name, f"p of the gain in {effect.metric}", effect.p)
    headlines(run, report)
    page_of(run, report).write(run.folder / "report.html")


if __name__ == "__main__":
    from research.cli import main

    main(["run", "few_labels", *sys.argv[1:]])
