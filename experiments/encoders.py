"""Which representation tells themes apart: lexical, latent or embedded, on the labelled articles, whole articles held out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import research
from research.classify import REPRESENTATIONS, crossfit_decisions, representation
from research.corpus.labels import load_labels
from research.evaluate import bootstrap_by_group, f1_by_label, macro_f1
from research.experiment import project_path
from research.features import EmbeddingStore, get_encoder
from research.progress import progress
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Run

FLOOR = "frequency only (floor)"
SHUFFLED = "embeddings, labels shuffled (control)"


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    labels: str = "seeds/labels.csv"
    codebook: str = "seeds/themes.toml"
    encoder: str = "use"
    folds: int = 5
    seeds: int = 5
    draws: int = 1000

    def quick(self) -> Config:
        return replace(self, seeds=1, draws=200)


def run(config: Config, run: Run) -> None:
    paths = [project_path(path) for path in (config.corpus, config.labels, config.codebook)]
    run.used(*paths)
    themes = list(tomllib.loads(paths[2].read_text(encoding="utf-8"))["theme"])
    encoder = get_encoder(config.encoder)
    run.used_encoder(encoder)
    store = EmbeddingStore(f"{encoder.name}-{encoder.version}", encoder.dimension)
    lines = [line for line in load_labels(paths[1], research.load(paths[0]), themes) if not line.furniture]
    texts, articles = [line.text for line in lines], [line.document for line in lines]
    truth = np.array([[theme in line.themes for theme in themes] for line in lines])
    usable = np.array([[theme not in line.disputed for theme in themes] for line in lines])

    rows, by_theme = [], {}
    for name in progress([FLOOR, SHUFFLED, *REPRESENTATIONS], "representations"):
        known = truth[np.random.default_rng(0).permutation(len(texts))] if name == SHUFFLED else truth
        make = None if name == FLOOR else partial(representation, "embeddings" if name == SHUFFLED else name, encoder, store)
        decided = [
            crossfit_decisions(make, texts, known, usable, articles, folds=config.folds, seed=seed) & usable
            for seed in range(config.seeds)
        ]
        scored = known & usable
        for seed, decisions in enumerate(decided):
            run.record(name, paths[0].name, "macro-F1", macro_f1(scored, decisions), seed=seed)
        found = bootstrap_by_group(
            lambda drawn, scored=scored, decided=decided: float(np.mean([macro_f1(scored[drawn], d[drawn]) for d in decided])),
            articles,
            draws=config.draws,
        )
        run.record(name, paths[0].name, "macro-F1", found.value, low=found.low, high=found.high)
        spread = float(np.std([macro_f1(scored, decisions) for decisions in decided]))
        rows.append((name, found.value, found.low, found.high, spread))
        by_theme[name] = np.nanmean([f1_by_label(scored, decisions) for decisions in decided], axis=0)
        for theme, value in zip(themes, by_theme[name], strict=True):
            run.record(name, paths[0].name, f"F1 {theme}", float(value))

    table = pd.DataFrame(rows, columns=["representation", "macro-F1", "low", "high", "deviation over seeds"])
    write_csv(table, run.folder / "macro_f1.csv")
    detail = pd.DataFrame(by_theme, index=[theme.replace("_", " ") for theme in themes]).T
    write_csv(detail.rename_axis("representation").reset_index(), run.folder / "f1_by_theme.csv")
    _page(config, run, table, detail, truth, usable, len(set(articles))).write(run.folder / "report.html")


def _page(
    config: Config, run: Run, table: pd.DataFrame, detail: pd.DataFrame, truth: np.ndarray, usable: np.ndarray, n: int
) -> Page:
    page = Page("Which representation tells themes apart")
    best = table.iloc[2:].sort_values("macro-F1", ascending=False).iloc[0]
    floors = table.iloc[:2]["macro-F1"].max()
    rivals = [
        row.representation
        for row in table.iloc[2:].itertuples()
        if row.high >= best.low and row.representation != best.representation
    ]
    page.paragraph(
        f"{len(truth)} passages of {n} articles, labelled with {truth.shape[1]} themes by two independent readers. The highest macro-F1 is that "
        f"of {best.representation}: {best['macro-F1']:.2f} (95 % interval {best.low:.2f} to {best.high:.2f}, articles drawn anew). "
        + (
            f"The intervals of {', '.join(rivals)} overlap with it: on so few articles these do not differ for certain. "
            if rivals
            else ""
        )
        + f"The controls reach at most {floors:.2f}."
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 3.6))
        bars_with_intervals(
            table["representation"], table["macro-F1"], table["low"], table["high"], ax,
            xlabel=f"macro-F1 over {truth.shape[1]} themes ({len(truth)} passages, {n} articles; 95 % interval)", title="Themes told apart",
        )  # fmt: skip
    page.figure(
        drawing, "macro-f1", "Macro-F1 of each representation with its interval; the two controls are on top.", run.folder
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 3.6))
        heat_map(detail, ax, title="F1 by theme")
    page.figure(drawing, "f1-by-theme", "F1 of each theme; hatched where it is undefined.", run.folder)
    page.table(table, "Macro-F1 with its interval, and its standard deviation over the divisions into folds.")
    page.section("How this was done")
    page.paragraph(
        f"Each article's passages are held out together ({config.folds} folds, {config.seeds} divisions). One regularised logistic "
        "regression a theme, the same for every representation, its vocabulary learned on the training articles only. "
        f"{int((~usable).sum())} pairs of passage and theme on which the two readers differ are neither learned nor scored. The floor decides "
        "by frequency alone; the control learns shuffled labels. The articles were written for this project: the figures "
        "compare representations, they do not tell how well real news is classified."
    )
    return page


if __name__ == "__main__":
    from research.cli import main

    main(["run", "encoders"])
