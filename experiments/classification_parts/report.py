"""The report: headlines, tables, figures, and a page that says in sentences which way tells classes apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from research.classifiers.splits import Split
from research.messages import Message, joined, message, word
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Headline, Run
from research.runs.records import interval

from .drawings import certainty, confusion, turned
from .results import COVERAGE, Results
from .ways import BAYES, FIXED, OURS, PENALTY, SHUFFLED, SVM, WAYS, lacking


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
            control = {SHUFFLED: word("labels shuffled"), BAYES: word("naive Bayes"), SVM: word(SVM)}[other]
            numbers = (mine.value, mine.low, mine.high, control, held.value, held.low, held.high)
            run.headline(Headline(_what(results), results.ours, metric, *numbers))


def _what(results: Results) -> Message:
    if results.held_out == "outlet":
        return message("Classes of texts of unseen outlets ({corpus})", corpus=results.name)
    if results.held_out == "time":
        return message("Classes of texts of unseen later articles ({corpus})", corpus=results.name)
    return message("Classes of texts of unseen articles ({corpus})", corpus=results.name)


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
        columns=[word("less that of"), word("difference in macro-F1"), word("low"), word("high"), "p", word("detectable")],
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
        chosen = [
            message("{way} ({penalty:g}, {balance:g})", way=word(name), penalty=penalty, balance=balance)
            for name, penalty, balance in choice["chosen"]
        ]
        others = {
            way: parts[outcome.cell.fold or 0].metrics["macro-F1"]
            for way, parts in results.parts.items()
            if parts[0].cell.settings["way"] in FIXED
        }
        best = max(others, key=lambda way: others[way], default="")
        expected = math.nan if choice["expected"] is None else choice["expected"]
        n, texts, held_out = choice["tried"], choice["texts"], choice["held_out"]
        tried = message("{n} on {texts:,} texts, {held_out} held out", n=n, texts=texts, held_out=word(held_out))
        tried = joined([tried, "" if choice["complete"] else message("time was up")], by="; ")
        reached = (outcome.metrics["macro-F1"], results.names.get(best, best), others.get(best, math.nan))
        sizes = (len(split.train), len(split.test))
        rows.append((_part(results, split), *sizes, joined(chosen, by="; "), tried, expected, *reached))
    columns = [
        word("part"), word("learned from"), word("tested on"), word("chosen (penalty, balance)"), word("tried"),
        word("expected macro-F1"), "macro-F1", word("best of the fixed ways"), word("its macro-F1"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns, dtype=object)  # columns of text would lose what tells them
    numbers = {"expected macro-F1": float, "macro-F1": float, "its macro-F1": float}
    return table.astype({"learned from": int, "tested on": int, **numbers})


def _part(results: Results, split: Split) -> Message:
    """Name a part as `split.name` does."""
    name = split.name.partition(" ")[2]
    if results.held_out == "outlet":
        return message("without {outlet}", outlet=name)
    if results.held_out == "time":
        return message("from {day} on", day=name.removesuffix(" on"))
    return message("fold {number}", number=name)


def page_of(run: Run, results: Results) -> Page:
    """Make the page, and write its tables and figures into the run's folder."""
    page = Page(message("Telling classes of unseen texts apart ({corpus})", corpus=results.name))
    scores = scores_table(results)
    # Times differ from run to run: they stand in the records, which know that, and on the page.
    write_csv(scores.drop(columns=["seconds to learn", "seconds to answer"]), run.folder / "scores.csv")
    write_csv(differences_table(results), run.folder / "differences.csv")
    write_csv(class_table(results).reset_index(), run.folder / "f1_by_class.csv")
    page.paragraph(opening(results))
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    page.notes(_missing(run, results))
    if results.said:
        _ways(page, run, results)
    caption = message("Over all tested texts, with 95 % intervals (articles drawn anew); seconds are means a part.")
    page.table(_shown(results), caption, words=["macro-F1", "accuracy"])
    if results.compared:
        others = pd.Series([results.names[row.other] for row in results.compared], dtype=object)
        caption = message(
            "{way} less each other way on the same texts: difference, its interval (a single test), p after Holm, and what "
            "could have been seen.",
            way=results.ours,
        )
        page.table(differences_table(results).assign(**{"less that of": others}), caption)
    if results.ours in results.said:
        _ours(page, run, results)
    page.section(message("How this was done"))
    page.paragraph(_method(results))
    return page


def opening(results: Results) -> Message:
    """Say who is best, and whether the default is as good, in sentences that follow from the numbers."""
    summary = results.summary
    told = [_tested(results)]
    if not summary:
        return joined([*told, message("No way answered for every part.")], by=" ")
    best = results.best
    top = summary[best]["macro-F1"]
    told.append(
        message(
            "The highest macro-F1 is that of {way}: {reached}.",
            way=results.names[best],
            reached=interval(top.value, top.low, top.high),
        )
    )
    if results.ours not in summary:
        return joined([*told, message("The default failed on a part.")], by=" ")
    compared = {row.other: row for row in results.compared}
    if best in compared:
        row = compared[best]
        mine = summary[results.ours]["macro-F1"]
        known = {"reached": interval(mine.value, mine.low, mine.high), "lower": -row.difference, "error": row.error}
        told.append(
            message(
                "The default's is {reached}, {lower:.3f} lower, which is within one standard error of the difference "
                "({error:.3f}).",
                **known,
            )
            if -row.difference <= row.error
            else message(
                "The default's is {reached}, {lower:.3f} lower, which is more than one standard error of the difference "
                "({error:.3f}).",
                **known,
            )
        )
    else:
        told.append(message("That is the default."))
    told += _verdicts(results)
    found = results.certainty
    told.append(
        message(
            "Its probabilities are off by {off:.3f} on average, and with at most 5 % errors it can answer {share:.0f} % of the "
            "texts.",
            off=found["calibration error"].value,
            share=100 * found[COVERAGE].value,
        )
    )
    return joined(told, by=" ")


def _tested(results: Results) -> Message:
    seen = results.seen
    known = {
        "texts": len(seen.texts),
        "articles": len(set(seen.articles)),
        "classes": len(seen.classes),
        "corpus": results.name,
        "tested": len(results.truth),
    }
    if results.held_out == "outlet":
        return message(
            "{texts:,} texts of {articles:,} articles in {classes} classes ({corpus}); {tested:,} were tested by models that "
            "had not seen their outlets.",
            **known,
        )
    if results.held_out == "time":
        return message(
            "{texts:,} texts of {articles:,} articles in {classes} classes ({corpus}); {tested:,} were tested by models that "
            "had not seen their articles and had learned from earlier ones only.",
            **known,
        )
    return message(
        "{texts:,} texts of {articles:,} articles in {classes} classes ({corpus}); {tested:,} were tested by models that had "
        "not seen their articles.",
        **known,
    )


def _verdicts(results: Results) -> list[Message]:
    """Say from which ways the default can be told."""
    told = []
    shown = [row for row in results.compared if row.p <= 0.05]
    better = [results.names[row.other] for row in shown if row.difference > 0]
    worse = [results.names[row.other] for row in shown if row.difference < 0]
    open_ = [row for row in results.compared if not row.p <= 0.05]
    if better:
        told.append(
            message(
                "The default is better than {ways}, by a test that exchanges whole articles and allows for the number of "
                "comparisons.",
                ways=joined(better, by="; "),
            )
        )
    if worse:
        told.append(message("It is worse than {ways} by the same test.", ways=joined(worse, by="; ")))
    if open_:
        told.append(
            message(
                "From {ways} it cannot be told apart; a difference below {least:.3f} would probably go unseen on these texts.",
                ways=joined([results.names[row.other] for row in open_], by="; "),
                least=max(row.detectable for row in open_),
            )
        )
    return told


def _missing(run: Run, results: Results) -> list[Message]:
    told = [
        message("Encoder {encoder} is not installed ({package}).", encoder=name, package=lacking(name))
        for name in results.encoders
        if lacking(name)
    ]
    failed: dict[tuple[str, str], list[Message]] = {}
    for outcome in run.missing:
        at = _part(results, results.splits[outcome.cell.fold or 0])
        failed.setdefault((outcome.cell.model, outcome.status), []).append(at)
    return told + [
        message("{way}, {parts}: {why}.", way=results.names[way], parts=joined(at), why=why)
        for (way, why), at in failed.items()
    ]


def _shown(results: Results) -> pd.DataFrame:
    rows = [
        (results.names[way], *(interval(one.value, one.low, one.high) for one in found.values()), *results.seconds[way])
        for way, found in results.summary.items()
    ]
    columns = [word("way"), "macro-F1", word("accuracy"), word("seconds to learn"), word("seconds to answer")]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _ways(page: Page, run: Run, results: Results) -> None:
    import matplotlib.pyplot as plt

    found = {way: metrics["macro-F1"] for way, metrics in results.summary.items()}
    values, low, high = ([getattr(one, end) for one in found.values()] for end in ("value", "low", "high"))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 0.34 * len(found) + 1))
        xlabel = message(
            "macro-F1 over {classes} classes ({texts:,} texts; 95 % interval)",
            classes=len(results.seen.classes),
            texts=len(results.truth),
        )
        names = [results.names[way] for way in found]
        bars_with_intervals(names, values, low, high, ax, xlabel=xlabel, title=message("Classes told apart"))
    page.figure(drawing, "macro-f1", message("Macro-F1 of each way with its interval."), run.folder)
    detail = class_table(results)
    detail.index = pd.Index(names, dtype=object)
    detail.columns = [name.replace("_", " ") for name in detail.columns]
    with figure_style():
        drawing, ax = plt.subplots(figsize=(max(6.0, 0.9 * detail.shape[1] + 3.5), 0.34 * len(detail) + 1.6))
        turned(heat_map(detail, ax, title=message("F1 by class")))
    page.figure(drawing, "f1-by-class", message("F1 of each class; hatched where it is undefined."), run.folder)


def _ours(page: Page, run: Run, results: Results) -> None:
    """Show where the default errs, how sure it is, and what it chose."""
    import matplotlib.pyplot as plt

    page.section(message("Where the default errs, and how sure it is"))
    table, k = confusion_table(results), len(results.seen.classes)
    write_csv(table.reset_index(), run.folder / "confusion.csv")
    with figure_style():
        drawing, ax = plt.subplots(figsize=(0.9 * k + 2.5, 0.5 * k + 1.8))
        classes = [name.replace("_", " ") for name in results.seen.classes]
        title = message("What {way} gave to texts of each class", way=results.ours)
        confusion(results.confusion, classes, ax, title=title)
    page.figure(
        drawing,
        "confusion",
        message("Texts of each true class by the class that they got; the tint is the share of the class."),
        run.folder,
    )
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(11, 3.8))
        certainty(results, axes)
    page.figure(
        drawing,
        "certainty",
        message(
            "Left: how often the default is right by the probability that it gave. Right: its errors when it leaves out what "
            "it is least sure of."
        ),
        run.folder,
    )
    found = results.certainty
    rows = pd.DataFrame(
        [(name, interval(one.value, one.low, one.high)) for name, one in found.items()],
        columns=[word("measure"), word("value")],
    )
    page.table(
        rows,
        message(
            "Calibration error: of the probability of the class that was given, ten bins of equal width. Brier: summed over "
            "the classes, 0 to 2. Area under risk and coverage: lower is better. Coverage at 95 % precision: the largest share "
            "of the texts that can be answered with at most 5 % errors, the threshold chosen on the same texts."
        ),
        words=["measure", "value"],
    )
    page.section(message("What the default chose"))
    page.paragraph(_chosen(results))
    table = choices_table(results)
    write_csv(table, run.folder / "choices.csv")
    page.table(
        table,
        message(
            "For each part: how the default learned (several answer together), what it tried, the macro-F1 of its best trial "
            "on held-out texts of the learned part, and what came out on the tested part, beside the best fixed way there."
        ),
    )


def _chosen(results: Results) -> Message:
    table = choices_table(results)
    first = pd.Series([choice["chosen"][0][0] for choice in results.choices]).value_counts()
    taken = [message("{way} ({n} of {parts} parts)", way=word(name), n=n, parts=len(table)) for name, n in first.items()]
    behind = (table["its macro-F1"] - table["macro-F1"]).dropna()
    told = [message("First among what it took: {taken}.", taken=joined(taken, by="; "))]
    if table["expected macro-F1"].notna().any():
        told.append(
            message(
                "The macro-F1 of its best trial was {expected:.3f} on average, and {reached:.3f} came out on the parts that it "
                "had not seen.",
                expected=np.nanmean(table["expected macro-F1"]),
                reached=table["macro-F1"].mean(),
            )
        )
    if len(behind):
        told.append(
            message(
                "It reached the fixed way that turned out best, which nobody could know before, on {reached} of {parts} parts; "
                "on average it stayed {behind:z.3f} behind it.",
                reached=int((behind <= 0).sum()),
                parts=len(behind),
                behind=behind.mean(),
            )
        )
    late = sum(not choice["complete"] for choice in results.choices)
    told.append(
        message("On {late} parts its time was up before all was tried.", late=late)
        if late
        else message("There was time to try everything.")
    )
    return joined(told, by=" ")


def _method(results: Results) -> Message:
    parts = len(results.splits)
    if results.held_out == "outlet":
        held = message(
            "Each of {parts} outlets is tested by models that learned from the others; the default tries its candidates on "
            "outlets too.",
            parts=parts,
        )
        limits = message(
            "Macro-F1 and accuracy are over all tested texts together; intervals draw whole articles anew, and speak of other "
            "articles of this kind, of the same outlets; they do not allow for learning anew."
        )
    elif results.held_out == "time":
        held = message(
            "The latest quarter of the dated texts is tested ({part}) by models that learned from earlier ones.",
            part=_part(results, results.splits[0]),
        )
        limits = message(
            "Macro-F1 and accuracy are over all tested texts together; intervals draw whole articles anew, and speak of other "
            "articles of this kind, of the same weeks; they do not allow for learning anew."
        )
    else:
        held = message(
            "Texts of one article are learned from or tested together, in {parts} parts, classes as even as the articles "
            "allow.",
            parts=parts,
        )
        limits = message(
            "Macro-F1 and accuracy are over all tested texts together; intervals draw whole articles anew, and speak of other "
            "articles of this kind; they do not allow for learning anew."
        )
    copies = message(
        "{copies:,} texts have a near copy in another article; articles that share one count as one article, so no text is "
        "tested by what learned from its copy.",
        copies=results.seen.copies,
    )
    ways = message(
        "Tests exchange the answers of two ways for whole articles; p after Holm over all comparisons. The floors are the most "
        "frequent class, and scikit-learn's multinomial naive Bayes on counts of words as it comes. '{svm}': scikit-learn's "
        "LinearSVC (C = 1) on TF-IDF of words and pairs of words. Ways named by what they see are ridge regression with "
        "nothing to choose (penalty {penalty:g}); 'nearest prototype' gives the class whose mean embedding is nearest. "
        "'{ours}' is TextClassifier as it comes: it chooses within the part that it learns from, and never sees the tested "
        "part. '{shuffled}' is taught classes that were dealt out at random. Encoders: {encoders}; embeddings are on disk, so "
        "seconds do not hold their making. {ways} ways in all.",
        svm=word(SVM),
        penalty=PENALTY,
        ours=word(OURS),
        shuffled=word(SHUFFLED),
        encoders=joined(results.encoders),
        ways=len(WAYS),
    )
    return joined([held, copies, limits, ways], by=" ")
