"""How well themes are found: the codebook alone, embeddings, learned words and all together, on articles that were not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold

import research
from research.corpus.tables import read_table
from research.evaluate import (
    Undefined,
    bootstrap_by_group,
    calibration_error,
    compare_systems,
    f1_by_label,
    macro_f1,
    precision_by_label,
    recall_by_label,
    selective_risk,
    shuffled,
)
from research.features import EmbeddingStore, embed, get_encoder
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map, reliability, risk_curve, risk_curves
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.report.tagging_page import tagging_page
from research.runs import Cell, Headline, Measured, Outcome, Run, project_path, require
from research.runs.records import interval
from research.tagging import Labelled, load_labelled
from research.themes import ThemeTagger, load_codebook

FLOOR, SHUFFLED, ALL, WORDLIST = "frequency only (floor)", "all parts, labels shuffled", "all parts", "codebook without labels"
ARMS: dict[str, tuple[str, ...]] = {
    WORDLIST: ("codebook",),
    "codebook, weighed by labels": ("codebook",),
    "embeddings": ("embeddings",),
    "words": ("words",),
    "embeddings + words": ("embeddings", "words"),
    "codebook + words": ("codebook", "words"),
    ALL: ("codebook", "embeddings", "words"),
}
TRANSFER = {"Arabic to English": (True, False), "English to Arabic": (False, True)}
NOT_NEWS = "boilerplate"


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


@lru_cache(maxsize=2)
def labelled(corpus: str, labels: str, codebook: str) -> Labelled:
    return load_labelled(project_path(corpus), project_path(labels), load_codebook(project_path(codebook)).keys)


@lru_cache(maxsize=2)
def unseen(real: str, real_labels: str, codebook: str) -> Labelled:
    """Paragraphs that nobody learns from: what both readers gave is so, what one gave is open, what is not news is left out."""
    keys = load_codebook(project_path(codebook)).keys
    if real_labels:
        return load_labelled(project_path(real), project_path(real_labels), keys, partial=True)
    rows = [row for _, row in read_table(project_path(real), ("text", "themes"))]
    rows = [row for row in rows if NOT_NEWS not in row["themes"]]
    truth = [[np.nan if key in row.get("disputed", ()) else float(key in row["themes"]) for key in keys] for row in rows]
    articles = [str(row.get("article", number)) for number, row in enumerate(rows)]
    return Labelled([str(row["text"]) for row in rows], articles, articles, np.array(truth))


def measure(cell: Cell) -> Measured:
    """Scores of one way of tagging, each passage's by a model that has not seen its article."""
    chosen = cell.settings
    known = labelled(chosen["corpus"], chosen["labels"], chosen["codebook"])
    asked = unseen(chosen["real"], chosen["real_labels"], chosen["codebook"]) if chosen["real"] else known
    scores, given = np.full(asked.truth.shape, np.nan), np.zeros(asked.truth.shape, bool)
    for train, test in _divisions(cell, known, asked):
        scores[test], given[test] = _tagged(cell, known[train], [asked.texts[row] for row in test])
    tested = asked.usable & ~np.isnan(scores)
    found = macro_f1(asked.stated & tested, given & tested)
    # Four digits of each score, row by row; -1 where it was not tested.
    digits = np.where(np.isnan(scores), -1, np.round(np.nan_to_num(scores) * 10_000)).astype(int)
    return Measured({"macro-F1": found}, {"scores": digits.ravel().tolist(), "given": given.ravel().astype(int).tolist()})


def _divisions(cell: Cell, known: Labelled, asked: Labelled) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    if cell.model in TRANSFER:
        first, second = TRANSFER[cell.model]
        return [(np.flatnonzero(known.arabic == first), np.flatnonzero(asked.arabic == second))]
    if asked is not known:
        return [(np.arange(len(known.texts)), np.arange(len(asked.texts)))]
    split = GroupKFold(cell.settings["folds"], shuffle=True, random_state=cell.seed or 0)
    return list(split.split(known.truth, groups=np.array(known.groups)))


def _tagged(cell: Cell, train: Labelled, texts: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    if cell.model == FLOOR:
        share = np.nanmean(train.truth, axis=0)
        return np.tile(share, (len(texts), 1)), np.tile(share >= 0.5, (len(texts), 1))
    encoder = get_encoder(cell.settings["encoder"])
    store = EmbeddingStore.of(encoder)
    tagger = ThemeTagger(
        load_codebook(project_path(cell.settings["codebook"])), encoder, store, ARMS.get(cell.model, ARMS[ALL]), folds=5
    )
    truth = train.truth[shuffled(range(len(train.texts)), seed=cell.seed or 0)] if cell.model == SHUFFLED else train.truth
    tagger.fit(train.texts, None if cell.model == WORDLIST else truth, train.groups)
    scores = tagger.predict_proba(texts)
    return scores, scores >= tagger.thresholds_


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
        page = Page("How well themes are found")
        page.paragraph("Measurements failed: see the records.")
        page.write(run.folder / "report.html")
        return
    seen = {arm: [_read(o, asked) for o in outcomes if o.cell.model == arm] for arm in dict.fromkeys(c.model for c in cells)}
    results = _Results(config, run, asked, name, load_codebook(project_path(config.codebook)).keys, seen)
    results.write()


def _read(outcome: Outcome, asked: Labelled) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    scores = np.array(outcome.data["scores"], dtype=float).reshape(asked.truth.shape) / 10_000
    return np.where(scores < 0, np.nan, scores), np.array(outcome.data["given"], dtype=bool).reshape(asked.truth.shape)


@dataclass(frozen=True, eq=False)
class _Results:
    """Everything that was measured, and how it is told."""

    config: Config
    run: Run
    asked: Labelled
    name: str
    themes: list[str]
    seen: dict[str, list[tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]]]

    def write(self) -> None:
        page = Page("How well themes are found" + (f" in real news ({self.name})" if self.config.real else ""))
        arms = self._arms()
        detail = self._themes()
        compared = self._compared()
        self._headlines(arms)
        self._opening(page, arms, compared)
        page.section("Against controls")
        add_headlines(page, self.run.headlines)
        self._figures(page, arms, detail)
        self._calibration(page)
        if TRANSFER.keys() <= self.seen.keys():
            self._transfer(page)
        page.table(
            compared,
            "The best way minus each other one: difference, 95 % interval (a single test), p after Holm, and what could have been seen.",
        )
        self._method(page)
        if not self.config.real:
            self._articles(page)
        page.write(self.run.folder / "report.html")

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _mean_f1(self, given: Sequence[npt.NDArray[np.bool_]], rows: npt.NDArray[np.intp]) -> float:
        """Mean over the divisions of what was decided for some rows."""
        truth, usable = self.asked.stated[rows], self.asked.usable[rows]
        found = [macro_f1(truth, said & usable) for said in given]
        return float(np.mean(found)) if np.isfinite(found).all() else Undefined("no theme occurs or was given")

    def _arms(self) -> pd.DataFrame:
        rows = []
        for arm in [FLOOR, SHUFFLED, *ARMS]:
            given = [said for _, said in self.seen[arm]]
            found = bootstrap_by_group(
                lambda drawn, given=given: self._mean_f1([said[drawn] for said in given], drawn),
                self.asked.groups,
                draws=self.config.draws,
            )
            self.run.record(arm, self.name, "macro-F1", found.value, low=found.low, high=found.high)
            rows.append((arm, found.value, found.low, found.high))
        table = pd.DataFrame(rows, columns=["tagger", "macro-F1", "low", "high"])
        write_csv(table, self.run.folder / "macro_f1.csv")
        return table

    def _themes(self) -> pd.DataFrame:
        truth, usable = self.asked.stated, self.asked.usable
        rows = []
        for number, theme in enumerate(self.themes):
            row: list[Any] = [theme, int(truth[:, number].sum())]
            for metric, function in (("precision", precision_by_label), ("recall", recall_by_label), ("F1", f1_by_label)):
                given = [(said & usable)[:, [number]] for _, said in self.seen[ALL]]
                found = bootstrap_by_group(
                    lambda drawn, given=given, function=function, number=number: float(
                        np.mean([function(truth[drawn][:, [number]], said[drawn])[0] for said in given])
                    ),
                    self.asked.groups,
                    draws=self.config.draws,
                )
                self.run.record(ALL, self.name, f"{metric} {theme}", found.value, low=found.low, high=found.high)
                row += [found.value, found.low, found.high]
            rows.append(tuple(row))
        names = [f"{metric}{end}" for metric in ("precision", "recall", "F1") for end in ("", " low", " high")]
        table = pd.DataFrame(rows, columns=["theme", "passages", *names])
        write_csv(table, self.run.folder / "by_theme.csv")
        by_arm = {arm: np.nanmean([f1_by_label(truth, said & usable) for _, said in self.seen[arm]], axis=0) for arm in ARMS}
        for arm, values in by_arm.items():
            if arm != ALL:
                for theme, value in zip(self.themes, values, strict=True):
                    self.run.record(arm, self.name, f"F1 {theme}", float(value) if value == value else Undefined("never given"))
        detail = pd.DataFrame(by_arm, index=[theme.replace("_", " ") for theme in self.themes]).T
        write_csv(detail.rename_axis("tagger").reset_index(), self.run.folder / "f1_by_arm.csv")
        return detail

    def _compared(self) -> pd.DataFrame:
        whole = {arm: np.stack([said for _, said in self.seen[arm]], axis=1) for arm in ARMS}
        n = len(self.seen[ALL])
        found = compare_systems(
            lambda decided, drawn: self._mean_f1([decided[:, at] for at in range(n)], drawn),
            whole,
            self.asked.groups,
            draws=self.config.draws,
        )
        table = pd.DataFrame([asdict(row) for row in found])
        write_csv(table, self.run.folder / "differences.csv")
        return table

    def _headlines(self, arms: pd.DataFrame) -> None:
        by_arm = arms.set_index("tagger")
        where = "paragraphs of real news, no label of them seen" if self.config.real else "unseen articles"
        for arm in (WORDLIST, ALL):
            ours, control = by_arm.loc[arm], by_arm.loc[SHUFFLED]
            self.run.headline(
                Headline(
                    f"Themes of {where} ({self.name})", arm, "macro-F1", ours["macro-F1"], ours["low"], ours["high"],
                    SHUFFLED, control["macro-F1"], control["low"], control["high"],
                )
            )  # fmt: skip

    # -- the page -----------------------------------------------------------------------------------------------------

    def _opening(self, page: Page, arms: pd.DataFrame, compared: pd.DataFrame) -> None:
        best = arms.iloc[2:].sort_values("macro-F1", ascending=False).iloc[0]
        ours = arms.set_index("tagger").loc[ALL]
        worse = [row.other for row in compared.itertuples() if row.best == best.tagger and row.p <= 0.05]
        page.paragraph(
            f"{len(self.asked.texts):,} passages of {len(set(self.asked.articles)):,} articles, labelled with {len(self.themes)} themes by two language models independently (an upper bound on people's "
            f"agreement). The tagger with all its parts reaches a macro-F1 of {ours['macro-F1']:.2f} (95 % interval {ours['low']:.2f} to {ours['high']:.2f}, articles drawn anew). "
            f"The highest is that of: {best.tagger}, {best['macro-F1']:.2f}. "
            + (
                f"It is better than {', '.join(worse)}, by a test that exchanges whole articles and allows for the number of comparisons."
                if worse
                else "It cannot be told apart from the others by a test that exchanges whole articles."
            )
        )

    def _figures(self, page: Page, arms: pd.DataFrame, detail: pd.DataFrame) -> None:
        n, articles = len(self.asked.texts), len(set(self.asked.articles))
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8, 4.2))
            bars_with_intervals(
                arms["tagger"], arms["macro-F1"], arms["low"], arms["high"], ax,
                xlabel=f"macro-F1 over {len(self.themes)} themes ({n} passages, {articles} articles; 95 % interval)", title="Themes found",
            )  # fmt: skip
        page.figure(
            drawing,
            "macro-f1",
            "Macro-F1 of each way of tagging with its interval; the two controls are on top.",
            self.run.folder,
        )
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8.5, 4))
            heat_map(detail, ax, title="F1 by theme")
        page.figure(drawing, "f1-by-theme", "F1 of each theme by each way of tagging.", self.run.folder)
        table = pd.read_csv(self.run.folder / "by_theme.csv")
        shown = table[["theme", "passages"]].copy()
        for metric in ("precision", "recall", "F1"):
            ranges = zip(table[metric], table[f"{metric} low"], table[f"{metric} high"], strict=True)
            shown[metric] = [interval(*numbers) for numbers in ranges]
        page.table(shown, "All parts: precision, recall and F1 of every theme with 95 % intervals (articles drawn anew).")

    def _calibration(self, page: Page) -> None:
        truth, usable = self.asked.stated, self.asked.usable
        scores = np.mean([given for given, _ in self.seen[ALL]], axis=0)
        given, so = scores[usable], truth[usable]
        error = calibration_error(given, so)
        self.run.record(ALL, self.name, "calibration error", error)
        sure = np.maximum(given, 1 - given)
        curve = selective_risk(sure, (given >= 0.5) == so)
        self.run.record(ALL, self.name, "excess area of the risk curve", curve.excess)
        with figure_style():
            drawing, axes = plt.subplots(1, 2, figsize=(9, 4.2))
            reliability(given, so, axes[0], title="Do scores mean what they say?")
            risk_curve(curve, axes[1], title="Errors when only the surest is answered")
        page.figure(
            drawing,
            "calibration",
            f"Left: share of passages that state a theme among those with about the same score (all parts; expected calibration error {error:.3f}). "
            "Right: share of wrong decisions among the surest.",
            self.run.folder,
        )
        curves = {}
        for number, theme in enumerate(self.themes):
            rows = np.flatnonzero(usable[:, number])
            said, stated = scores[rows, number], truth[rows, number]
            if stated.any():
                curves[theme.replace("_", " ")] = selective_risk(np.maximum(said, 1 - said), (said >= 0.5) == stated)
                self.run.record(
                    ALL, self.name, f"excess area of the risk curve {theme}", curves[theme.replace("_", " ")].excess
                )
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8.5, 4.2))
            risk_curves(curves, ax, title="Errors by theme when only the surest is answered")
        page.figure(
            drawing,
            "abstention",
            "By theme: share of wrong decisions among the surest; at the right, where nothing is left open.",
            self.run.folder,
        )

    def _transfer(self, page: Page) -> None:
        page.section("From one language to the other")
        rows = []
        for arm, (_, arabic) in TRANSFER.items():
            rows_of = np.flatnonzero(self.asked.arabic == arabic)
            there = self._mean_f1([said[rows_of] for _, said in self.seen[arm]], rows_of)
            within = self._mean_f1([said[rows_of] for _, said in self.seen[ALL]], rows_of)
            self.run.record(arm, self.name, "macro-F1", there)
            self.run.record(arm, self.name, "macro-F1 with labels of both languages", within)
            rows.append((arm, len(rows_of), there, within))
        table = pd.DataFrame(rows, columns=["from, to", "passages", "macro-F1", "with labels of both languages"])
        write_csv(table, self.run.folder / "transfer.csv")
        page.table(
            table,
            "All parts, learned from the labels of one language and asked in the other; beside it the same passages with labels of both (their own articles held out).",
        )

    def _method(self, page: Page) -> None:
        page.section("How this was done")
        disputed = int((~self.asked.usable).sum())
        how = (
            f"The tagger learned from {self.config.labels}; it has seen no label of these paragraphs, and its codebook was not written from them."
            if self.config.real
            else f"Each article's passages, and those of copies of one wire, are held out together ({self.config.folds} folds, {self.config.seeds} divisions); weights are learned on the other articles only, thresholds are fixed. The articles were written for this project, many of them without the usual key words: real agency news is easier."
        )
        page.paragraph(
            f"{how} The codebook counts once more as a prior beside what was learned, because labelled articles may use the expected words less often than other news does. {disputed} pairs of passage and theme on which the two readers differ are neither learned nor scored. An undecided passage counts as one without the theme. The floor decides by frequency "
            "alone; the control learns shuffled labels, and sees the codebook's words all the same. The codebook without labels decides by its seeds, words that meet, and hints."
        )

    def _articles(self, page: Page) -> None:
        result = research.tag(
            research.load(project_path(self.config.corpus)),
            project_path(self.config.codebook),
            labels=self.asked,
            encoder=self.config.encoder,
        )
        tested = {row_theme: one.holds for row_theme, one in result.evidence.items() if one.holds is not None}
        falls = np.array(list(tested.values()), dtype=float)
        of = [result.passages[row].document for row, _ in tested]
        share = bootstrap_by_group(lambda drawn: float(falls[drawn].mean()), of, draws=self.config.draws)
        self.run.record(
            ALL, self.name, "decisions that fall without their evidence", share.value, low=share.low, high=share.high
        )
        write_csv(result.table(), self.run.folder / "themes.csv")
        write_csv(result.seeds(), self.run.folder / "seeds.csv")
        tagging_page(result, articles=len(result.corpus)).write(self.run.folder / "articles.html")
        page.section("The articles")
        page.paragraph(
            f"Of {len(falls)} decisions that were tested by cutting their evidence out of the passage, {interval(share.value, share.low, share.high)} fall "
            "(share, with a 95 % interval, articles drawn anew)."
        )
        page.links(
            [
                (
                    "articles.html",
                    "articles.html",
                    "every article with its passages coloured by theme and the evidence underlined",
                )
            ]
        )


if __name__ == "__main__":
    from research.cli import main

    main(["run", "tagging"])
