"""Which representation tells themes apart: lexical, latent or embedded, on the labelled articles, whole articles held out."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd

import research
from research.classifiers import REPRESENTATIONS, crossfit_decisions, representation
from research.corpus.labels import load_labels
from research.evaluate import bootstrap_by_group, compare_systems, f1_by_label, macro_f1, shuffled
from research.features import EmbeddingStore, embed, get_encoder
from research.messages import joined, message, word
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Cell, Headline, Measured, Outcome, Run, project_path, require

FLOOR = word("frequency only (floor)")
SHUFFLED = word("embeddings, labels shuffled")
# What representations are called, and columns of the table of differences: plain text elsewhere, which is looked up.
_SAID = (
    word("words"), word("characters"), word("words + characters"), word("latent semantics"), word("embeddings"),
    word("embeddings + words"),
    word("best"), word("other"), word("difference"), word("low"), word("high"), word("p"), word("detectable"),
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    labels: str = "seeds/labels.csv"
    codebook: str = "seeds/themes.toml"
    encoder: str = "use"
    folds: int = 5
    seeds: int = 2
    draws: int = 1000

    def __post_init__(self) -> None:
        require(self, folds=2, seeds=1, draws=1)

    def quick(self) -> Config:
        return replace(self, seeds=1, draws=200)


@dataclass(frozen=True, eq=False)
class Material:
    """The labelled lines."""

    texts: list[str]
    articles: list[str]
    themes: list[str]
    truth: npt.NDArray[np.bool_]
    usable: npt.NDArray[np.bool_]


@lru_cache(maxsize=2)
def material(corpus: str, labels: str, codebook: str) -> Material:
    themes = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    lines = [
        line for line in load_labels(project_path(labels), research.load(project_path(corpus)), themes) if not line.furniture
    ]
    return Material(
        [line.text for line in lines],
        [line.document for line in lines],
        themes,
        np.array([[theme in line.themes for theme in themes] for line in lines]),
        np.array([[theme not in line.disputed for theme in themes] for line in lines]),
    )


def measure(cell: Cell) -> Measured:
    """Decisions of one representation under one division into folds."""
    chosen = cell.settings
    seen = material(chosen["corpus"], chosen["labels"], chosen["codebook"])
    encoder = get_encoder(chosen["encoder"])
    store = EmbeddingStore.of(encoder)
    name = "embeddings" if cell.model == SHUFFLED else cell.model
    make = None if name == FLOOR else partial(representation, name, encoder, store)
    known = seen.truth
    if cell.model == SHUFFLED:
        known = known[shuffled(range(len(known)), seed=cell.seed or 0)]
    decided = crossfit_decisions(
        make, seen.texts, known, seen.usable, seen.articles, folds=chosen["folds"], seed=cell.seed or 0
    )
    scored, said = seen.truth & seen.usable, decided & seen.usable
    # Row by row, eight decisions a byte.
    return Measured({"macro-F1": macro_f1(scored, said)}, np.packbits(said).tobytes().hex())


def decisions(outcome: Outcome, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    bits = np.frombuffer(bytes.fromhex(outcome.data), dtype=np.uint8)
    return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).astype(bool)


def run(config: Config, run: Run) -> None:
    paths = [project_path(path) for path in (config.corpus, config.labels, config.codebook)]
    run.used(*paths)
    encoder = get_encoder(config.encoder)
    run.used_encoder(encoder)
    seen = material(config.corpus, config.labels, config.codebook)
    embed(seen.texts, encoder, EmbeddingStore.of(encoder))
    corpus, scored = paths[0].name, seen.truth & seen.usable
    settings = {key: value for key, value in asdict(config).items() if key not in {"seeds", "draws"}}
    names = [FLOOR, SHUFFLED, *REPRESENTATIONS]
    cells = [Cell(name, corpus, seed=seed, settings=settings) for name in names for seed in range(config.seeds)]
    outcomes = run.sweep(measure, cells, label="representations and divisions")

    rows, by_theme, said = [], {}, {}
    for name in names:
        of = [outcome for outcome in outcomes if outcome.cell.model == name and outcome.ok]
        if not of:
            continue  # its failure is among the records
        decided = said[name] = [decisions(outcome, seen.truth.shape) for outcome in of]
        found = bootstrap_by_group(
            lambda drawn, decided=decided: float(np.mean([macro_f1(scored[drawn], d[drawn]) for d in decided])),
            seen.articles,
            draws=config.draws,
        )
        run.record(name, corpus, "macro-F1", found.value, low=found.low, high=found.high)
        spread = float(np.std([macro_f1(scored, decisions) for decisions in decided]))
        rows.append((name, found.value, found.low, found.high, spread))
        by_theme[name] = np.nanmean([f1_by_label(scored, decisions) for decisions in decided], axis=0)
        for theme, value in zip(seen.themes, by_theme[name], strict=True):
            run.record(name, corpus, f"F1 {theme}", float(value))

    columns = [word("representation"), "macro-F1", word("low"), word("high"), word("deviation over seeds")]
    table = pd.DataFrame(rows, columns=columns)
    control = table.set_index("representation").loc[SHUFFLED]
    for row in table.iloc[2:].itertuples(index=False):
        numbers = (row[1], row[2], row[3], SHUFFLED, control["macro-F1"], control["low"], control["high"])
        run.headline(Headline(message("Themes of unseen articles ({corpus})", corpus=corpus), row[0], "macro-F1", *numbers))
    # All divisions of a representation together: line, division, theme.
    whole = {name: np.stack(said[name], axis=1) for name in REPRESENTATIONS if len(said.get(name, [])) == config.seeds}
    compared = compare_systems(
        lambda decided, drawn: float(np.mean([macro_f1(scored[drawn], decided[:, at]) for at in range(config.seeds)])),
        whole,
        seen.articles,
        draws=config.draws,
    )
    for row in compared:
        run.record(row.best, corpus, f"macro-F1 less that of {row.other}", row.difference, low=row.low, high=row.high)
        run.record(row.best, corpus, f"p against {row.other}", row.p)
    differences = pd.DataFrame([asdict(row) for row in compared])
    write_csv(table, run.folder / "macro_f1.csv")
    write_csv(differences, run.folder / "differences.csv")
    detail = pd.DataFrame(by_theme, index=[theme.replace("_", " ") for theme in seen.themes]).T
    write_csv(detail.rename_axis("representation").reset_index(), run.folder / "f1_by_theme.csv")
    _page(config, run, table, detail, differences, seen).write(run.folder / "report.html")


def _page(
    config: Config, run: Run, table: pd.DataFrame, detail: pd.DataFrame, differences: pd.DataFrame, seen: Material
) -> Page:
    page = Page(message("Which representation tells themes apart"))
    n, themes = len(set(seen.articles)), seen.truth.shape[1]
    best = table.iloc[2:].sort_values("macro-F1", ascending=False).iloc[0]
    worse = [word(row.other) for row in differences.itertuples() if row.p <= 0.05]
    open_ = [word(row.other) for row in differences.itertuples() if row.p > 0.05]
    said = [
        message(
            "{passages} passages of {articles} articles, labelled with {themes} themes by two language models independently (an "
            "upper bound on people's agreement). The highest macro-F1 is that of {best}: {value:.2f} (95 % interval {low:.2f} "
            "to {high:.2f}, articles drawn anew).",
            passages=len(seen.truth),
            articles=n,
            themes=themes,
            best=word(best.representation),
            value=best["macro-F1"],
            low=best.low,
            high=best.high,
        )
    ]
    if worse:
        said.append(
            message(
                "It is better than {others}, by a test that exchanges whole articles and allows for the number of comparisons.",
                others=joined(worse),
            )
        )
    if open_:
        said.append(
            message(
                "From {others} it cannot be told apart: on so few articles a difference below {detectable:.2f} would probably "
                "go unseen. The best was chosen on the same data, which the intervals do not allow for.",
                others=joined(open_),
                detectable=differences["detectable"][differences["p"] > 0.05].max(),
            )
        )
    page.paragraph(joined(said, by=" "))
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 3.6))
        bars_with_intervals(
            [word(name) for name in table["representation"]], table["macro-F1"], table["low"], table["high"], ax,
            xlabel=message("macro-F1 over {themes} themes ({passages} passages, {articles} articles; 95 % interval)",
                           themes=themes, passages=len(seen.truth), articles=n),
            title=message("Themes told apart"),
        )  # fmt: skip
    page.figure(
        drawing,
        "macro-f1",
        message("Macro-F1 of each representation with its interval; the two controls are on top."),
        run.folder,
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 3.6))
        named = detail.set_axis(pd.Index([word(name) for name in detail.index], dtype=object))
        heat_map(named, ax, title=message("F1 by theme"))
    page.figure(drawing, "f1-by-theme", message("F1 of each theme; hatched where it is undefined."), run.folder)
    page.table(
        table,
        message("Macro-F1 with its interval, and its standard deviation over the divisions into folds."),
        words=["representation"],
    )
    page.table(
        differences,
        message(
            "The best representation minus each other one: difference, its interval (a single test), p after Holm, and what "
            "could have been seen."
        ),
        words=["best", "other"],
    )
    page.section(message("How this was done"))
    page.paragraph(
        message(
            "Each article's passages are held out together ({folds} folds, {seeds} divisions). One regularised logistic "
            "regression a theme, the same for every representation, its vocabulary learned on the training articles only. "
            "{disputed} pairs of passage and theme on which the two differ are neither learned nor scored. The floor decides "
            "by frequency alone; the control learns shuffled labels. The articles were written for this project: the figures "
            "compare representations, they do not tell how well real news is classified.",
            folds=config.folds,
            seeds=config.seeds,
            disputed=int((~seen.usable).sum()),
        )
    )
    return page


if __name__ == "__main__":
    from research.cli import main

    main(["run", "encoders"])
