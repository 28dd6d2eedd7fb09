"""The report: headlines, tables, figures, and a page that says in sentences which way tells classes apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from research.report import Page
from research.report.figures import bars_with_intervals, heat_map
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Headline, Run
from research.runs.records import interval

from .drawings import certainty, confusion, turned
from .results import AREA, COVERAGE, Results
from .ways import BAYES, FIXED, OURS, PENALTY, SHUFFLED, SVM, WAYS, lacking

UNSEEN = {"article": "articles", "outlet": "outlets", "time": "later articles"}


def headlines(run: Run, results: Results, metrics: Sequence[str]) -> None:
    """Set the default's scores beside shuffled labels, the floor that learns, and what people use."""
    summary = results.summary
    if results.ours not in summary:
        return
    for metric in metrics:
        mine = summary[results.ours][metric]
        for other in (SHUFFLED, BAYES, SVM):
            if other not in summary:
                continue
            held = summary[other][metric]
            control = "labels shuffled" if other == SHUFFLED else other.removesuffix(" (floor)")
            what = f"Classes of texts of unseen {UNSEEN[results.held_out]} ({results.name})"
            numbers = (mine.value, mine.low, mine.high, control, held.value, held.low, held.high)
            run.headline(Headline(what, results.ours, metric, *numbers))


def scores_table(results: Results) -> pd.DataFrame:
    """One row a way: macro-F1 and accuracy with their intervals, and the seconds that it takes."""
    rows = []
    for way, found in results.summary.items():
        f1, accuracy = found["macro-F1"], found["accuracy"]
        numbers = (f1.value, f1.low, f1.high, accuracy.value, accuracy.low, accuracy.high)
        rows.append((way, *numbers, *results.seconds[way]))
    columns = ["way", "macro-F1", "low", "high", "accuracy", "accuracy low", "accuracy high", "seconds to learn"]
    return pd.DataFrame(rows, columns=[*columns, "seconds to answer"])


def differences_table(results: Results) -> pd.DataFrame:
    return pd.DataFrame(
        [(row.other, row.difference, row.low, row.high, row.p, row.detectable) for row in results.compared],
        columns=["less that of", "difference in macro-F1", "low", "high", "p", "detectable"],
    )


def class_table(results: Results) -> pd.DataFrame:
    """One row a way: F1 of each class."""
    return pd.DataFrame(results.by_class, index=results.seen.classes).T.rename_axis("way")


def confusion_table(results: Results) -> pd.DataFrame:
    classes = results.seen.classes
    return pd.DataFrame(results.confusion, index=classes, columns=classes).rename_axis("true class")


def choices_table(results: Results) -> pd.DataFrame:
    """One row a part: what the default chose, what it expected, what it got, and which fixed way was best there."""
    rows = []
    for split, outcome in zip(results.splits, results.parts.get(results.ours, ()), strict=False):
        choice = outcome.data["choice"]
        chosen = "; ".join(f"{name} ({penalty:g}, {balance:g})" for name, penalty, balance in choice["chosen"])
        others = {
            way: parts[outcome.cell.fold or 0].metrics["macro-F1"]
            for way, parts in results.parts.items()
            if parts[0].cell.settings["way"] in FIXED
        }
        best = max(others, key=lambda way: others[way], default="")
        expected = math.nan if choice["expected"] is None else choice["expected"]
        tried = f"{choice['tried']} on {choice['texts']:,} texts, {choice['held_out']} held out"
        tried += "" if choice["complete"] else "; time was up"
        reached = (outcome.metrics["macro-F1"], best, others.get(best, math.nan))
        rows.append((split.name, len(split.train), len(split.test), chosen, tried, expected, *reached))
    columns = ["part", "learned from", "tested on", "chosen (penalty, balance)", "tried", "expected macro-F1", "macro-F1"]
    return pd.DataFrame(rows, columns=[*columns, "best of the fixed ways", "its macro-F1"])


def page_of(run: Run, results: Results) -> Page:
    """Make the page, and write its tables and figures into the run's folder."""
    page = Page(f"Telling classes of unseen texts apart ({results.name})")
    scores = scores_table(results)
    # Times differ from run to run: they stand in the records, which know that, and on the page.
    write_csv(scores.drop(columns=["seconds to learn", "seconds to answer"]), run.folder / "scores.csv")
    write_csv(differences_table(results), run.folder / "differences.csv")
    write_csv(class_table(results).reset_index(), run.folder / "f1_by_class.csv")
    page.paragraph(opening(results))
    page.section("Against controls")
    add_headlines(page, run.headlines)
    page.notes(_missing(run, results))
    if results.said:
        _ways(page, run, results)
    page.table(_shown(results), "Over all tested texts, with 95 % intervals (articles drawn anew); seconds are means a part.")
    if results.compared:
        page.table(
            differences_table(results),
            f"{results.ours} less each other way on the same texts: difference, its interval (a single test), p after Holm, and what could have been seen.",
        )
    if results.ours in results.said:
        _ours(page, run, results)
    page.section("How this was done")
    page.paragraph(_method(results))
    return page


def opening(results: Results) -> str:
    """Say who is best, and whether the default is as good, in sentences that follow from the numbers."""
    seen, summary = results.seen, results.summary
    unseen = "outlets" if results.held_out == "outlet" else "articles"
    earlier = " and had learned from earlier ones only" if results.held_out == "time" else ""
    told = [
        f"{len(seen.texts):,} texts of {len(set(seen.articles)):,} articles in {len(seen.classes)} classes ({results.name}); {len(results.truth):,} were tested by models that had not seen their {unseen}{earlier}."
    ]
    if not summary:
        return told[0] + " No way answered for every part."
    best = results.best
    top = summary[best]["macro-F1"]
    told.append(f"The highest macro-F1 is that of {best}: {interval(top.value, top.low, top.high)}.")
    if results.ours not in summary:
        return " ".join(told) + " The default failed on a part."
    compared = {row.other: row for row in results.compared}
    if best in compared:
        row = compared[best]
        near = "within" if -row.difference <= row.error else "more than"
        mine = summary[results.ours]["macro-F1"]
        told.append(
            f"The default's is {interval(mine.value, mine.low, mine.high)}, {-row.difference:.3f} lower, which is {near} one standard error of the difference ({row.error:.3f})."
        )
    else:
        told.append("That is the default.")
    told += _verdicts(results)
    found = results.certainty
    told.append(
        f"Its probabilities are off by {found['calibration error'].value:.3f} on average, and with at most 5 % errors it can answer {100 * found[COVERAGE].value:.0f} % of the texts."
    )
    return " ".join(told)


def _verdicts(results: Results) -> list[str]:
    """Say from which ways the default can be told."""
    told = []
    shown = [row for row in results.compared if row.p <= 0.05]
    better = [row.other for row in shown if row.difference > 0]
    worse = [row.other for row in shown if row.difference < 0]
    open_ = [row for row in results.compared if not row.p <= 0.05]
    if better:
        told.append(
            f"The default is better than {_listed(better)}, by a test that exchanges whole articles and allows for the number of comparisons."
        )
    if worse:
        told.append(f"It is worse than {_listed(worse)} by the same test.")
    if open_:
        least = max(row.detectable for row in open_)
        told.append(
            f"From {_listed([row.other for row in open_])} it cannot be told apart; a difference below {least:.3f} would probably go unseen on these texts."
        )
    return told


def _listed(names: Sequence[str]) -> str:
    return "; ".join(names)


def _missing(run: Run, results: Results) -> list[str]:
    told = [f"Encoder {name} is not installed ({lacking(name)})." for name in results.encoders if lacking(name)]
    failed: dict[tuple[str, str], list[str]] = {}
    for outcome in run.missing:
        failed.setdefault((outcome.cell.model, outcome.status), []).append(results.splits[outcome.cell.fold or 0].name)
    return told + [f"{way}, {', '.join(at)}: {why}." for (way, why), at in failed.items()]


def _shown(results: Results) -> pd.DataFrame:
    rows = [
        (way, *(interval(one.value, one.low, one.high) for one in found.values()), *results.seconds[way])
        for way, found in results.summary.items()
    ]
    return pd.DataFrame(rows, columns=["way", "macro-F1", "accuracy", "seconds to learn", "seconds to answer"])


def _ways(page: Page, run: Run, results: Results) -> None:
    import matplotlib.pyplot as plt

    found = {way: metrics["macro-F1"] for way, metrics in results.summary.items()}
    values, low, high = ([getattr(one, end) for one in found.values()] for end in ("value", "low", "high"))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 0.34 * len(found) + 1))
        xlabel = f"macro-F1 over {len(results.seen.classes)} classes ({len(results.truth):,} texts; 95 % interval)"
        bars_with_intervals(list(found), values, low, high, ax, xlabel=xlabel, title="Classes told apart")
    page.figure(drawing, "macro-f1", "Macro-F1 of each way with its interval.", run.folder)
    detail = class_table(results)
    detail.columns = [name.replace("_", " ") for name in detail.columns]
    with figure_style():
        drawing, ax = plt.subplots(figsize=(max(6.0, 0.9 * detail.shape[1] + 3.5), 0.34 * len(detail) + 1.6))
        turned(heat_map(detail, ax, title="F1 by class"))
    page.figure(drawing, "f1-by-class", "F1 of each class; hatched where it is undefined.", run.folder)


def _ours(page: Page, run: Run, results: Results) -> None:
    """Show where the default errs, how sure it is, and what it chose."""
    import matplotlib.pyplot as plt

    page.section("Where the default errs, and how sure it is")
    table, k = confusion_table(results), len(results.seen.classes)
    write_csv(table.reset_index(), run.folder / "confusion.csv")
    with figure_style():
        drawing, ax = plt.subplots(figsize=(0.9 * k + 2.5, 0.5 * k + 1.8))
        classes = [name.replace("_", " ") for name in results.seen.classes]
        confusion(results.confusion, classes, ax, title=f"What {results.ours} gave to texts of each class")
    page.figure(
        drawing,
        "confusion",
        "Texts of each true class by the class that they got; the tint is the share of the class.",
        run.folder,
    )
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(11, 3.8))
        certainty(results, axes)
    page.figure(
        drawing,
        "certainty",
        "Left: how often the default is right by the probability that it gave. Right: its errors when it leaves out what it is least sure of.",
        run.folder,
    )
    found = results.certainty
    rows = pd.DataFrame(
        [(name, interval(one.value, one.low, one.high)) for name, one in found.items()], columns=["measure", "value"]
    )
    page.table(
        rows,
        f"Calibration error: of the probability of the class that was given, ten bins of equal width. Brier: summed over the classes, 0 to 2. {AREA.capitalize()}: lower is better. {COVERAGE.capitalize()}: the largest share of the texts that can be answered with at most 5 % errors, the threshold chosen on the same texts.",
    )
    page.section("What the default chose")
    page.paragraph(_chosen(results))
    table = choices_table(results)
    write_csv(table, run.folder / "choices.csv")
    page.table(
        table,
        "For each part: how the default learned (several answer together), what it tried, the macro-F1 of its best trial on held-out texts of the learned part, and what came out on the tested part, beside the best fixed way there.",
    )


def _chosen(results: Results) -> str:
    table = choices_table(results)
    first = pd.Series([choice["chosen"][0][0] for choice in results.choices]).value_counts()
    told = "; ".join(f"{name} ({count} of {len(table)} parts)" for name, count in first.items())
    behind = (table["its macro-F1"] - table["macro-F1"]).dropna()
    text = f"First among what it took: {told}. "
    if table["expected macro-F1"].notna().any():
        text += f"The macro-F1 of its best trial was {np.nanmean(table['expected macro-F1']):.3f} on average, and {table['macro-F1'].mean():.3f} came out on the parts that it had not seen. "
    if len(behind):
        reached = int((behind <= 0).sum())
        text += f"It reached the fixed way that turned out best, which nobody could know before, on {reached} of {len(behind)} parts; on average it stayed {behind.mean():z.3f} behind it. "
    late = sum(not choice["complete"] for choice in results.choices)
    return text + (f"On {late} parts its time was up before all was tried." if late else "There was time to try everything.")


def _method(results: Results) -> str:
    held = {
        "article": f"Texts of one article are learned from or tested together, in {len(results.splits)} parts, classes as even as the articles allow",
        "outlet": f"Each of {len(results.splits)} outlets is tested by models that learned from the others; the default tries its candidates on outlets too",
        "time": f"The latest quarter of the dated texts is tested ({results.splits[0].name}) by models that learned from earlier ones",
    }[results.held_out]
    limits = {"article": "", "outlet": ", of the same outlets", "time": ", of the same weeks"}[results.held_out]
    return (
        f"{held}. {results.seen.copies:,} texts have a near copy in another article; articles that share one count as one article, so no text is tested by what learned "
        f"from its copy. Macro-F1 and accuracy are over all tested texts together; intervals draw whole articles anew, and speak of other articles of this kind{limits}; they do not "
        "allow for learning anew. Tests exchange the answers of two ways for whole articles; p after Holm over all comparisons. The floors "
        "are the most frequent class, and scikit-learn's multinomial naive Bayes on counts of words as it comes. "
        f"'{SVM}': scikit-learn's LinearSVC (C = 1) on TF-IDF of words and pairs of words. Ways named by what they see are ridge regression with nothing to choose (penalty {PENALTY:g}); "
        "'nearest prototype' gives the class whose mean embedding is nearest. "
        f"'{OURS}' is TextClassifier as it comes: it chooses within the part that it learns from, and never sees the tested part. "
        f"'{SHUFFLED}' is taught classes that were dealt out at random. Encoders: {', '.join(results.encoders)}; embeddings are on disk, so seconds do not hold their making. "
        f"{len(WAYS)} ways in all."
    )
