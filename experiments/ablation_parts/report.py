"""The report: headlines, tables, figures, and a page that says in sentences which step does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import matplotlib.pyplot as plt
import pandas as pd

from research.evaluate import Effect, over_halves
from research.messages import Message, joined, message, word
from research.report import Page
from research.report.figures import effects_with_intervals
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Headline, Run

from .arms import ALL, OTHER_SEED, TESTED, control_of
from .cells import WORDS

# Columns of the table of levels that are not tested; results keep them as plain text, which is looked up.
_LEVELS = (word("diversity"), word("topics"))
_EFFECT_ON = {
    "AMI": word("effect on AMI"),
    "NPMI": word("effect on NPMI"),
    "stability": word("effect on stability"),
    "macro-F1": word("effect on macro-F1"),
    "accuracy": word("effect on accuracy"),
}


@dataclass(frozen=True, eq=False)
class Report:
    """What there is to report: every arm's scores on the halves, and the effects that follow from them."""

    name: str
    task: str
    labelled: bool  # classes are labels of lines, not the articles' own sections
    resolution: float
    draws: int
    values: Mapping[str, Mapping[str, Sequence[float]]]  # arm -> metric -> one a half
    effects: Sequence[Effect]
    unit: str = "passage"
    size: str = ""  # how many texts of what, in a sentence

    @property
    def metrics(self) -> tuple[str, ...]:
        return TESTED[self.task]

    @property
    def tested(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.tested]

    @property
    def steps(self) -> list[str]:
        return list(dict.fromkeys(effect.step for effect in self.effects))

    @property
    def idle(self) -> list[str]:
        """Steps without which every half gave the same."""
        return [step for step in self.steps if not any(effect.step == step for effect in self.tested)]


def headlines(run: Run, report: Report) -> None:
    """Set each metric with all steps beside the control."""
    corpus = report.name
    told = {
        "AMI": message(
            "Topics of half of the articles agree with the theme on which two language models agree ({corpus})", corpus=corpus
        )
        if report.labelled
        else message("Topics of half of the articles agree with the articles' sections ({corpus})", corpus=corpus),
        "NPMI": message("Keywords of half of the articles belong together in the other half ({corpus})", corpus=corpus),
        "stability": message("Topics of half of the articles are those of all of them ({corpus})", corpus=corpus),
        "macro-F1": message("Themes of half of the articles, learned from the other half ({corpus})", corpus=corpus),
    }
    if report.task == "classification":
        classes = message("Classes of half of the articles, learned from the other half ({corpus})", corpus=corpus)
        told = dict.fromkeys(report.metrics, classes)
    other = control_of(report.task)
    against = word("words dealt anew") if report.task == "discovery" else word("labels shuffled")
    for metric in report.metrics:
        ours, control = (over_halves(report.values[arm].get(metric, [])) for arm in (ALL, other))
        numbers = (ours.mean, ours.low, ours.high, against)
        run.headline(Headline(told[metric], ALL, metric, *numbers, control.mean, control.low, control.high))


_TAGGING_METHOD = message(
    "The tagger learns from one random half of the labelled articles and decides the themes of the other half; copies of one "
    "wire are on one side. An effect is macro-F1 with all steps minus macro-F1 without one, on the same half. Steps of "
    "normalisation act on the codebook's words and on those that are learned, not on what the encoder reads; clitics, stems "
    "and stop words on learned words only, because the codebook's are always compared by stem; denials are known in fully "
    "folded form. The standard deviation over random halves is the standard error at full size (the delete-half jackknife). "
    "p-values are adjusted over all effects by Holm's method."
)


def page_of(run: Run, report: Report) -> Page:
    """Make the page, and write its tables and figures into the run's folder."""
    titles = {
        "discovery": message("What each step does to the topics of a corpus ({corpus})", corpus=report.name),
        "tagging": message("What each step does to the themes found in a corpus ({corpus})", corpus=report.name),
        "classification": message("What each step does to the classes found in a corpus ({corpus})", corpus=report.name),
    }
    page = Page(titles[report.task])
    _opening(page, report)
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    _figures(page, run, report)
    write_csv(effects_table(report.effects), run.folder / "effects.csv")
    levels = levels_table(report)
    write_csv(levels, run.folder / "levels.csv")
    page.section(message("Every effect"))
    page.table(
        _shown(report),
        message(
            "With the step minus without it, and its 95 % interval (a single test); * shown after correction. effects.csv "
            "holds p-values and what each allows to say."
        ),
        words=["step"],
    )
    page.table(levels, message("The metrics themselves, mean over the halves."), words=["without"])
    page.section(message("How this was done"))
    methods = {"tagging": lambda _: _TAGGING_METHOD, "classification": _classification_method, "discovery": _discovery_method}
    page.paragraph(methods[report.task](report))
    return page


def _classification_method(report: Report) -> Message:
    if report.unit != "document":
        texts = message(
            "Texts are lines on whose one theme two readers agree; none of them is furniture, so taking furniture out is no "
            "step here."
        )
    elif report.labelled:
        texts = message(
            "Texts are whole articles with the theme that most of their lines speak of; without taking furniture out, it is "
            "learned from and asked about."
        )
    else:
        texts = message(
            "Texts are whole articles with their section; without taking furniture out, it is learned from and asked about."
        )
    return joined(
        [
            message(
                "Our classifier learns from one random half of the articles and gives the classes of the other half; copies "
                "are on one side. An effect is the metric with all steps minus the metric without one, on the same half."
            ),
            texts,
            message(
                "Steps of normalisation are left out in groups, as a single one does too little to be shown; they act on "
                "words, pairs of words and pieces of words, not on what the encoder reads. Leaving proclitics, endings and "
                "stop words on is what the classifier does; without it, they are taken off before words, pairs and pieces are "
                "counted, as for topics. Pairs: of words that follow each other. Damping: a word counts 1 + log of how often "
                "a text holds it; without, as often. Rarity: inverse document frequency. Without a view, the shares of the "
                "others are made up to 1 in every candidate. Centring: the mean of the learned texts' meanings is taken off "
                "all of them. Weighing rare classes up: without, every text counts the same, and full weight is not tried. "
                "Choosing: without, the first candidate answers alone, untried. Several candidates: without, the best answers "
                "alone. Another seed: of the parts on which candidates are tried. Labels shuffled: those that are learned "
                "from. The standard deviation over random halves is the standard error at full size (the delete-half "
                "jackknife), so intervals speak of other articles of this kind, and of no other corpus. p-values are adjusted "
                "over all effects, of both metrics, by Holm's method."
            ),
        ],
        by=" ",
    )


def _opening(page: Page, report: Report) -> None:
    shown = [effect for effect in report.effects if effect.shown]
    if report.size:
        page.paragraph(report.size)
    counted = {"draws": report.draws, "tested": len(report.tested)}
    page.paragraph(
        joined(
            [
                message(
                    "Each step of cleaning and analysis was left out, one at a time, on {draws} random halves of the "
                    "articles. Of {tested} effects that could be tested, {shown} can be told from noise after correction for "
                    "their number.",
                    **counted,
                    shown=len(shown),
                )
                if shown
                else message(
                    "Each step of cleaning and analysis was left out, one at a time, on {draws} random halves of the "
                    "articles. Of {tested} effects that could be tested, none can be told from noise after correction for "
                    "their number.",
                    **counted,
                ),
                message("Another seed alone shows an effect: do not trust this table.")
                if any(effect.step == OTHER_SEED for effect in shown)
                else message("Another seed alone shows none, as it must."),
            ],
            by=" ",
        )
    )
    page.notes([effect.sentence() for effect in shown])
    if report.idle:
        page.paragraph(
            message(
                "Without these, every half gave the same {same}: {steps}.",
                same=message("topics and keywords") if report.task == "discovery" else _all_of(report.metrics),
                steps=joined(map(word, report.idle)),
            )
        )
    least = {metric: [e.detectable for e in report.tested if e.metric == metric and not e.shown] for metric in report.metrics}
    sizes = [
        message("{metric} {low:.2f} to {high:.2f}", metric=word(metric), low=min(found), high=max(found))
        for metric, found in least.items()
        if found
    ]
    page.paragraph(
        message(
            "What is not shown may still be there. The smallest effect that would be shown in four cases of five, after "
            "correction: {sizes}, depending on the step.",
            sizes=joined(sizes, by="; "),
        )
    )


def _all_of(metrics: Sequence[str]) -> Message:
    return reduce(lambda some, another: message("{some} and {another}", some=some, another=another), map(word, metrics))


def _figures(page: Page, run: Run, report: Report) -> None:
    for metric in report.metrics:
        rows = [effect for effect in report.tested if effect.metric == metric]
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8, 0.32 * len(rows) + 1.4))
            xlabel = message(
                "difference in {metric}, with the step minus without it{gap}({draws} halves, 95 % interval)",
                metric=word(metric),
                gap="\n" if report.task == "classification" else " ",
                draws=report.draws,
            )
            effects_with_intervals(rows, ax, xlabel=xlabel, title=message("Effect on {metric}", metric=word(metric)))
        description = message("Effect of every step on {metric}, with intervals.", metric=word(metric))
        page.figure(drawing, f"effect-on-{metric.lower()}", description, run.folder)


def effects_table(effects: Sequence[Effect]) -> pd.DataFrame:
    return pd.DataFrame(
        [(e.step, e.metric, e.halves.mean, e.halves.low, e.halves.high, e.p, e.detectable, e.sentence()) for e in effects],
        columns=["step", "metric", "effect", "low", "high", "p", "detectable", "sentence"],
    )


def levels_table(report: Report) -> pd.DataFrame:
    """One row an arm: the mean of each metric over the halves."""
    levels = pd.DataFrame(
        [(arm, *(over_halves(over).mean for over in metrics.values())) for arm, metrics in report.values.items()],
        columns=[word("without"), *report.values[ALL]],
    )
    levels["without"] = [word("(nothing)") if arm == ALL else arm for arm in levels["without"]]
    return levels


def _shown(report: Report) -> pd.DataFrame:
    by_step = {(effect.step, effect.metric): effect for effect in report.tested}
    cells = [
        (step, *(by_step[step, metric].shown_as() if (step, metric) in by_step else "–" for metric in report.metrics))
        for step in report.steps
        if step not in report.idle
    ]
    return pd.DataFrame(cells, columns=[word("step"), *(_EFFECT_ON[metric] for metric in report.metrics)])


def _discovery_method(report: Report) -> Message:
    return joined(
        [
            message(
                "An effect is the metric with all steps minus the metric without one, on the same half. Steps of "
                "normalisation act on words, not on what the encoder reads, and keywords are scored in one vocabulary "
                "whatever the step. The standard deviation over random halves is the standard error at full size (the "
                "delete-half jackknife), so intervals speak of other articles of this kind, and of no other corpus. p-values "
                "are adjusted over all effects by Holm's method."
            ),
            message("AMI: adjusted mutual information with the labels, of passages that speak of exactly one theme.")
            if report.labelled
            else message("AMI: adjusted mutual information with the labels, which are the articles' sections."),
            message(
                "NPMI: of the first {words} words of each topic, in surface form, counted in the passages of the other half; "
                "it rewards frequent words, stop words too, and counts words that never meet as -1, so on a small corpus it "
                "is low. Stability: adjusted Rand index between the topics of the half and those of all articles. Words dealt "
                "anew: the same words shuffled over texts of the same lengths; where classes differ in length, that alone can "
                "agree a little.",
                words=WORDS,
            ),
            message("The number of topics is that of resolution {resolution:g}.", resolution=report.resolution)
            if report.resolution
            else message("The number of topics is chosen by stability."),
        ],
        by=" ",
    )
