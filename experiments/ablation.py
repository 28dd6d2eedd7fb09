"""What each step does: discovery, tagging or classification with every step of cleaning and analysis, and without one of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ablation_parts import (
    ALL,
    TESTED,
    Report,
    arms,
    classed_of,
    headlines,
    labelled,
    material_of,
    measure,
    page_of,
    settings_of,
    steps_of,
    store_of,
)

from research.errors import ConfigError
from research.evaluate import over_halves, step_effects
from research.features import embed, get_encoder
from research.runs import Cell, Outcome, Run, project_path, require

UNITS = ("passage", "document")


@dataclass(frozen=True)
class Config:
    task: str = "discovery"  # or tagging, or classification
    corpus: str = "seeds/articles"
    name: str = ""  # for the report; the file's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own labels
    codebook: str = "seeds/themes.toml"
    unit: str = "passage"
    articles: int = 0  # at most so many, drawn at random; 0: all
    encoder: str = "use"
    resolution: float = 0.0  # 0: chosen by stability
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, articles=0, resolution=0, draws=2)
        if self.task not in TESTED:
            raise ConfigError(f"unknown task {self.task!r}", where="task", remedy=f"tasks are {', '.join(TESTED)}")
        if self.task == "tagging" and not self.labels:
            raise ConfigError("no labels", where="labels", remedy="tagging is scored on labelled lines: name their file")
        if self.task == "tagging" and (self.articles or self.unit != "passage"):
            raise ConfigError(
                "articles or unit given", where="task tagging", remedy="it takes every labelled line: leave them out"
            )
        if self.task == "classification" and self.labels and self.articles:
            raise ConfigError(
                "articles given", where="task classification", remedy="it takes all that is labelled: leave it out"
            )
        if self.task == "classification" and not self.labels and self.unit != "document":
            raise ConfigError(
                f"unit is {self.unit}", where="task classification", remedy="articles have their own labels: give unit document"
            )
        if self.unit not in UNITS:
            raise ConfigError(f"unknown unit {self.unit!r}", where="unit", remedy=f"units are {', '.join(UNITS)}")

    def quick(self) -> Config:
        few = {"articles": min(self.articles or 240, 240)} if self.task == "classification" and not self.labels else {}
        return replace(self, draws=4, **few)


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.exists():
        raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    run.used_encoder(get_encoder(config.encoder))
    chosen = {key: value for key, value in asdict(config).items() if key not in {"draws", "name"}}
    plan, name = arms(chosen), config.name or path.name.split(".")[0]
    _prepare(config, chosen)
    # Each half with every arm; what an arm counts in texts is kept from half to half where arms come first.
    order = [(arm, half) for half in range(config.draws) for arm in plan]
    if config.task == "classification":
        order = [(arm, half) for arm in plan for half in range(config.draws)]
    cells = [Cell(arm, name, fold=half, settings=plan[arm]) for arm, half in order]
    outcomes = run.sweep(measure, cells, label="arms and halves")
    values = _values(outcomes, list(plan), config.draws)
    for arm, metrics in values.items():
        for metric, over in metrics.items():
            found = over_halves(over)
            run.record(arm, name, metric, found.mean, low=found.low, high=found.high)
    tested, steps = TESTED[config.task], steps_of(plan)
    effects = step_effects(values[ALL], {step: {metric: values[step][metric] for metric in tested} for step in steps})
    for effect in effects:
        found = effect.halves
        run.record(f"effect: {effect.step}", name, effect.metric, found.mean, low=found.low, high=found.high)
    report = Report(
        name=name,
        task=config.task,
        labelled=bool(config.labels),
        resolution=config.resolution,
        draws=config.draws,
        values=values,
        effects=effects,
        unit=config.unit,
        size=classed_of(chosen).sentence() if config.task == "classification" else "",
    )
    headlines(run, report)
    page_of(run, report).write(run.folder / "report.html")


def _prepare(config: Config, chosen: dict[str, Any]) -> None:
    """Embed what is new, over all cores: cells only read it."""
    if config.task == "discovery":
        for furniture, dealt in ((True, False), (False, False), (True, True)):
            material_of(settings_of(chosen, furniture=furniture, dealt=dealt))
    elif config.task == "classification":
        for furniture in (True,) if config.unit == "passage" else (False, True):
            classed_of({**chosen, "furniture": furniture})
    else:
        encoder = get_encoder(config.encoder)
        embed(labelled(config.corpus, config.labels, config.codebook).texts, encoder, store_of(encoder))


def _values(outcomes: Sequence[Outcome], names: Sequence[str], draws: int) -> dict[str, dict[str, list[float]]]:
    metrics = list(dict.fromkeys(metric for outcome in outcomes for metric in outcome.metrics))
    found = {arm: {metric: [float("nan")] * draws for metric in metrics} for arm in names}
    for outcome in outcomes:
        for metric, value in outcome.metrics.items():
            found[outcome.cell.model][metric][outcome.cell.fold or 0] = value
    return found


if __name__ == "__main__":
    from research.cli import main

    main(["run", "ablation"])
