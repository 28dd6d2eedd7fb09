"""The report: curves, what each help adds, and a page that says in sentences how far few labels go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from classification_parts import Material

from research.evaluate import Effect, Halves, over_halves, step_effects
from research.messages import Message, joined, message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.language import told
from research.report.style import colour, figure_style
from research.report.tables import write_csv
from research.runs import Headline, Outcome, Run
from research.runs.records import interval

from .cells import ACCURACY, F1, ROUNDS, TEXTS, at
from .ways import CODEBOOK, LABELLING, NEXT, OURS, PROTOTYPES, RANDOM, SELF_TRAINED, SHUFFLED, SVM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Ways at the beginning of a sentence.
BEGINNING = {
    SVM: word(SVM),
    PROTOTYPES: word("Nearest prototype"),
    CODEBOOK: word("Prototypes with the codebook"),
    SELF_TRAINED: word("Self-training"),
    NEXT: word("Labelled by what is least sure"),
}


@dataclass(frozen=True, eq=False)
class Report:
    """What every way made of every draw."""

    name: str
    seen: Material
    outcomes: Sequence[Outcome]
    ways: Sequence[str]
    sizes: Sequence[int]
    draws: int

    @cached_property
    def values(self) -> dict[str, dict[str, list[float]]]:
        """For every way and metric its value in each draw; undefined where the cell failed."""
        found: dict[str, dict[str, list[float]]] = {way: {} for way in self.ways}
        for outcome in self.outcomes:
            for metric, value in outcome.metrics.items():
                row = found[outcome.cell.model].setdefault(metric, [float("nan")] * self.draws)
                row[outcome.cell.fold or 0] = value
        return found

    def over(self, way: str, metric: str, size: int) -> Halves | None:
        """Summarise a metric over the draws; None where the way was not measured there."""
        values = self.values[way].get(at(metric, size))
        return None if values is None else over_halves(values)

    @property
    def curves(self) -> list[tuple[str, int, str, Halves]]:
        return [
            (way, size, metric, found)
            for way in self.ways
            for size in (0, *self.sizes)
            for metric in (F1, ACCURACY)
            if (found := self.over(way, metric, size)) is not None
        ]

    def texts(self, way: str, size: int) -> float:
        """How many labelled texts that many a class were, on average."""
        return float(np.nanmean(self.values[way].get(at(TEXTS, size), [np.nan])))

    @cached_property
    def effects(self) -> list[Effect]:
        """What each other way adds to the default, on the same labels and the same tested texts."""
        others = [way for way in self.ways if way not in {OURS, SHUFFLED, *LABELLING} and self.values[way]]
        return self._gains(others, OURS)

    @cached_property
    def chosen(self) -> list[Effect]:
        """What choosing the texts to label adds to labelling at random."""
        return self._gains([NEXT], RANDOM) if all(self.values.get(way) for way in LABELLING) else []

    def _gains(self, ways: Sequence[str], over: str) -> list[Effect]:
        metrics = [at(F1, size) for size in self.sizes]
        if not all(metric in self.values[over] for metric in metrics):
            return []
        rows = {metric: self.values[over][metric] for metric in metrics}
        less = {way: {metric: self.values[way][metric] for metric in metrics if metric in self.values[way]} for way in ways}
        # An effect is the first less the second: the way less the default.
        return step_effects(
            {metric: [0.0] * self.draws for metric in metrics},
            {way: {m: [b - a for a, b in zip(found[m], rows[m], strict=True)] for m in found} for way, found in less.items()},
        )


def headlines(run: Run, report: Report) -> None:
    """Set the default's scores beside the same with labels shuffled, and what people use."""
    for size in report.sizes:
        mine = report.over(OURS, F1, size)
        for other in (SHUFFLED, SVM):
            held = report.over(other, F1, size)
            if mine is None or held is None:
                continue
            what = message("Classes from {size} labels of each at most ({corpus})", size=size, corpus=report.name)
            control = word("labels shuffled") if other == SHUFFLED else word(other)
            run.headline(Headline(what, OURS, F1, mine.mean, mine.low, mine.high, control, held.mean, held.low, held.high))


def curves_table(report: Report) -> pd.DataFrame:
    """One row a way and number of labels."""
    rows = []
    for way in report.ways:
        for size in (0, *report.sizes):
            f1, accuracy = report.over(way, F1, size), report.over(way, ACCURACY, size)
            if f1 is not None and accuracy is not None:
                numbers = (f1.mean, f1.low, f1.high, accuracy.mean, accuracy.low, accuracy.high, f1.draws)
                rows.append((way, size, report.texts(way, size), *numbers))
    columns = [word("way"), word("labels a class"), word("labelled texts"), "macro-F1", "low", "high", word("accuracy")]
    return pd.DataFrame(rows, columns=[*columns, "accuracy low", "accuracy high", "draws"])


def gains_table(effects: Sequence[Effect]) -> pd.DataFrame:
    return pd.DataFrame(
        [(e.step, e.metric, e.halves.mean, e.halves.low, e.halves.high, e.p, e.detectable) for e in effects],
        columns=["way", "metric", "gain", "low", "high", "p", "detectable"],
    )


def page_of(run: Run, report: Report) -> Page:
    """Make the page, and write its tables and figures into the run's folder."""
    page = Page(message("How far few labels go ({corpus})", corpus=report.name))
    write_csv(curves_table(report), run.folder / "curves.csv")
    write_csv(gains_table([*report.effects, *report.chosen]), run.folder / "gains.csv")
    page.paragraph(opening(report))
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    page.notes(
        [
            message("{way}, draw {draw}: {why}.", way=word(one.cell.model), draw=one.cell.fold, why=one.status)
            for one in run.missing
        ]
    )
    page.section(message("Learning curves"))
    every = [way for way in report.ways if way not in LABELLING]
    _figure(page, run, report, every, "curves", message("As many labels of each class"))
    caption = message("Mean over the draws, with the interval of one draw. Labelled texts: how many there were.")
    page.table(_shown(report), caption, words=["way", "macro-F1", "accuracy"])
    page.section(message("What helps"))
    page.notes([said(effect, word("the default")) for effect in report.effects])
    if SELF_TRAINED in report.ways:
        page.paragraph(_guard(report))
    if report.chosen:
        page.section(message("Choosing what to label"))
        _figure(page, run, report, LABELLING, "labelling", message("The same number of labels, chosen or drawn"))
        page.notes([said(effect, word("labelling at random")) for effect in report.chosen])
    page.section(message("How this was done"))
    page.paragraph(_method(report))
    return page


def opening(report: Report) -> Message:
    """Say how far the default comes, what is better, and what choosing adds."""
    seen = report.seen
    sentences = [
        message(
            "{texts:,} texts of {articles:,} articles in {classes} classes ({corpus}); {draws} draws.",
            texts=len(seen.texts),
            articles=len(set(seen.articles)),
            classes=len(seen.classes),
            corpus=report.name,
            draws=report.draws,
        )
    ]
    mine = [(size, found) for size in report.sizes if (found := report.over(OURS, F1, size)) is not None]
    if mine:
        reached = joined(
            message("{reached} with {size}", reached=interval(found.mean, found.low, found.high), size=size)
            for size, found in mine
            if found.draws
        )
        sentences.append(
            message("Our default's macro-F1 on texts of unseen articles is {reached} labels a class.", reached=reached)
        )
        best = [
            max((way for way in report.ways if way not in (SHUFFLED, *LABELLING)), key=lambda way: _mean(report, way, size))
            for size, _ in mine
        ]
        highest = [
            message(
                "{way} with {size} ({mean:.2f})",
                way=word("the default") if way == OURS else word(way),
                size=size,
                mean=_mean(report, way, size),
            )
            for (size, _), way in zip(mine, best, strict=True)
        ]
        sentences.append(message("The highest mean was that of {highest}.", highest=joined(highest, by="; ")))
    for effects, over in ((report.effects, word("the default")), (report.chosen, word("labelling at random"))):
        shown = [effect for effect in effects if effect.shown]
        if effects and not shown:
            sentences.append(message("No gain or loss against {over} is beyond chance in these draws.", over=over))
        sentences += [said(effect, over) for effect in shown]
    none = report.over(CODEBOOK, F1, 0) if CODEBOOK in report.ways else None
    if none is not None:
        sentences.append(
            message(
                "The codebook alone, without any label, reaches {reached} by nearness of meaning.",
                reached=interval(none.mean, none.low, none.high),
            )
        )
    return joined(sentences, by=" ")


def _mean(report: Report, way: str, size: int) -> float:
    found = report.over(way, F1, size)
    return -1.0 if found is None or np.isnan(found.mean) else found.mean


def said(effect: Effect, over: str) -> Message:
    """Say what a way adds to another, as far as the numbers allow."""
    found = effect.halves
    what = {"way": BEGINNING[effect.step], "size": effect.metric.removeprefix(f"{F1}, ").removesuffix(" a class")}
    if np.isnan(found.mean):
        return message("{way}, {size} a class: nothing can be said.", **what)
    against = {**what, "over": word(over)}
    if not effect.tested:
        return message("{way}, {size} a class: the same as {over} in every draw.", **against)
    gain = {"gain": found.mean, "low": found.low, "high": found.high}
    if effect.shown and found.mean > 0:
        return message(
            "{way}, {size} a class: better than {over}, {gain:+z.3f} [{low:+z.3f}, {high:+z.3f}] (p {p:.3f} after correction).",
            **against,
            **gain,
            p=effect.p,
        )
    if effect.shown:
        return message(
            "{way}, {size} a class: worse than {over}, {gain:+z.3f} [{low:+z.3f}, {high:+z.3f}] (p {p:.3f} after correction).",
            **against,
            **gain,
            p=effect.p,
        )
    return message(
        "{way}, {size} a class: no difference from {over} can be shown, {gain:+z.3f} [{low:+z.3f}, {high:+z.3f}]; below "
        "{detectable:.3f} it would probably go unseen.",
        **against,
        **gain,
        detectable=effect.detectable,
    )


def _guard(report: Report) -> Message:
    rows = []
    for size in report.sizes:
        taken = np.array(report.values[SELF_TRAINED].get(at(ROUNDS, size), []))
        if len(taken):
            known = {"k": int((taken > 0).sum()), "all": int((~np.isnan(taken)).sum())}
            rows.append(message("{k} of {all} draws with {size} a class", **known, size=size))
    return message(
        "Self-training learns from its own answers only where held-out labelled texts gain by it: that was so in {draws}.",
        draws=joined(rows),
    )


def _shown(report: Report) -> pd.DataFrame:
    table = curves_table(report)
    f1 = [interval(*row) for row in table[["macro-F1", "low", "high"]].itertuples(index=False)]
    accuracy = [interval(*row) for row in table[["accuracy", "accuracy low", "accuracy high"]].itertuples(index=False)]
    shown = table[["way", "labels a class"]].copy()
    shown["labelled texts"] = [f"{count:.0f}" for count in table["labelled texts"]]
    return shown.assign(**{"macro-F1": f1, "accuracy": accuracy})


def _figure(page: Page, run: Run, report: Report, ways: Sequence[str], file: str, title: str) -> None:
    import matplotlib.pyplot as plt

    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 4.4))
        curves(report, ways, ax, title=title)
    description = message("Macro-F1 by labels a class: means over the draws, and for each the interval of one draw.")
    page.figure(drawing, file, description, run.folder)


def curves(report: Report, ways: Sequence[str], ax: Axes, *, title: str) -> Axes:
    """Draw macro-F1 by the number of labels, one line a way with its name at its end, intervals beside each other."""
    ends: list[tuple[float, str, int]] = []
    for number, way in enumerate(ways):
        known = [(size, found) for size in report.sizes if (found := report.over(way, F1, size)) is not None]
        if not known:
            continue
        x = np.log2([size for size, _ in known]) + 0.05 * (number - (len(ways) - 1) / 2)
        mean, low, high = (np.array([getattr(found, end) for _, found in known]) for end in ("mean", "low", "high"))
        ax.vlines(x, low, high, color=colour(number), linewidth=2.5, alpha=0.35)
        ax.plot(x, mean, "o-", color=colour(number), markersize=4, linewidth=1.4)
        ends.append((float(mean[-1]), way, number))
    apart = 0.055 * float(np.ptp(ax.get_ylim()))
    place = -np.inf
    for value, way, number in sorted(ends):
        place = max(value, place + apart)
        right = np.log2(report.sizes[-1]) + 0.05 * len(ways)
        name = f"{told(word(way))}  {value:.2f}"
        ax.annotate(name, (right, place), color=colour(number), va="center", fontsize=9, annotation_clip=False)
    texts = [message("{size}\n({texts:.0f} texts)", size=size, texts=report.texts(ways[0], size)) for size in report.sizes]
    ax.set_xticks(np.log2(report.sizes), [told(text) for text in texts])
    ax.set_xlabel(told(message("labels a class ({draws} draws; bars: 95 % interval of one draw)", draws=report.draws)))
    ax.set_ylabel(told(message("macro-F1 over {classes} classes", classes=len(report.seen.classes))))
    ax.set_title(told(title))
    return ax


def _method(report: Report) -> Message:
    sentences = [
        message(
            "In every draw the articles are divided into two random halves, near copies together; texts of one half may be "
            "labelled, those of the other are tested. Of each class the first texts of a random order are labelled, all where "
            "there are fewer, so that more labels hold those of fewer; every way gets the same ones. Intervals are those of a "
            "single draw (standard deviation over the draws, Student's t): other texts labelled, other articles tested. Gains "
            "are on the same draw; p after Holm over all gains of the page's part. The rest of the labelled half is known "
            "without labels to prototypes, which are centred by it, and to self-training. '{svm}': scikit-learn's LinearSVC on "
            "TF-IDF of words and pairs. '{shuffled}': labels dealt out at random among the labelled texts.",
            svm=word(SVM),
            shuffled=SHUFFLED,
        )
    ]
    if CODEBOOK in report.ways:
        sentences.append(
            message(
                "'{way}': each class is also described by the codebook's definition, words and examples, which count for two "
                "labelled texts.",
                way=CODEBOOK,
            )
        )
    if report.chosen:
        sentences.append(
            message(
                "'{chosen}': texts typical of as many groups as the smallest number of labels, then again and again as many as "
                "have a label, those with the smallest margin between two classes and unlike each other; '{random}': as they "
                "come, so that rare classes have fewer. There, labels a class are the number of labels divided by that of the "
                "classes.",
                chosen=NEXT,
                random=RANDOM,
            )
        )
    return joined(sentences, by=" ")
