"""The report: headlines, tables, figures, and a page that says in sentences what is lost between two languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
from classification_parts import lacking

from research.classifiers.classifier import ENOUGH
from research.messages import Message, joined, message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.tables import write_csv
from research.runs import Headline, Run
from research.runs.records import interval

from .drawings import add_figures
from .results import Direction, Results
from .sentences import limits, method, opening
from .ways import CONTROL, OURS, OWN, named


def headlines(run: Run, results: Results) -> None:
    """Set what the other language's labels give beside shuffled ones, and beside labels of the language itself."""
    for direction in results.directions:
        summary, tested = results.summary[direction], word(direction.tested)
        itself = message("learned in {language} itself", language=tested)
        asked = [(OURS, CONTROL, word("labels shuffled"), results.encoders[0])]
        asked += [(OURS, OWN, itself, encoder) for encoder in results.encoders]
        for way, control, told, encoder in asked:
            ours, other = (named(name, encoder, results.encoders) for name in (way, control))
            if ours in summary and other in summary:
                mine, held = summary[ours]["macro-F1"], summary[other]["macro-F1"]
                what = message(
                    "Classes of {tested} texts learned in {learned} ({corpus})",
                    tested=tested,
                    learned=word(direction.learned),
                    corpus=results.name,
                )
                numbers = (mine.value, mine.low, mine.high, told, held.value, held.low, held.high)
                run.headline(Headline(what, ours, "macro-F1", *numbers))


def scores_table(results: Results) -> pd.DataFrame:
    """One row a direction and way: macro-F1 and accuracy with their intervals."""
    rows = []
    for direction, ways in results.summary.items():
        for way, found in ways.items():
            f1, accuracy = found["macro-F1"], found["accuracy"]
            numbers = (f1.value, f1.low, f1.high, accuracy.value, accuracy.low, accuracy.high)
            rows.append((str(direction), way, *numbers))
    columns = ["direction", "way", "macro-F1", "low", "high", "accuracy", "accuracy low", "accuracy high"]
    return pd.DataFrame(rows, columns=columns)


def losses_table(results: Results) -> pd.DataFrame:
    """One row a comparison with learning in the language itself: both scores and what is lost."""
    columns = ["direction", "from the other language", "in the language", "macro-F1", "macro-F1 in the language", "lost"]
    return pd.DataFrame(_losses(results), columns=[*columns, "low", "high", "p", "share kept", "detectable"])


def _losses(results: Results) -> list[tuple[Any, ...]]:
    rows = []
    for row in results.compared:
        if row.lost:
            mine, own = (results.summary[row.direction][way]["macro-F1"].value for way in (row.one, row.other))
            share = mine / own if own else float("nan")
            numbers = (mine, own, -row.difference, -row.high, -row.low, row.p, share, row.detectable)
            rows.append((row.direction.name, row.one, row.other, *numbers))
    return rows


def differences_table(results: Results) -> pd.DataFrame:
    """One row a comparison with another way from the other language."""
    rows = [
        (str(row.direction), row.one, row.other, row.difference, row.low, row.high, row.p, row.detectable)
        for row in results.compared
        if not row.lost
    ]
    columns = ["direction", "way", "less that of", "difference in macro-F1", "low", "high", "p", "detectable"]
    return pd.DataFrame(rows, columns=columns)


def class_table(results: Results) -> pd.DataFrame:
    """One row a direction and way: F1 of each class."""
    rows = [(str(direction), way, *found) for direction, ways in results.by_class.items() for way, found in ways.items()]
    return pd.DataFrame(rows, columns=["direction", "way", *results.seen.classes])


def counts_table(results: Results) -> pd.DataFrame:
    """One row a language: its texts of each class, its articles, and from how many labels is learned."""
    seen, rows = results.seen, []
    for language in seen.languages:
        at = seen.rows(language)
        labels = [seen.labels[row] for row in at]
        counts = [labels.count(name) for name in seen.classes]
        learned = [results.labels(language, every=every) for every in (False, True)]
        rows.append((language, len({seen.groups[row] for row in at}), len(at), *counts, *learned))
    columns = [word("language"), word("articles"), word("texts"), *seen.classes]
    return pd.DataFrame(rows, columns=[*columns, word("labels a part, as many in both"), word("labels a part, all")])


def page_of(run: Run, results: Results) -> Page:
    """Make the page, and write its tables and figures into the run's folder."""
    one, other = results.seen.languages
    page = Page(
        message(
            "Learning classes in {one} for {other}, and in {other} for {one} ({corpus})",
            one=word(one),
            other=word(other),
            corpus=results.name,
        )
    )
    tables = {
        "scores": scores_table(results),
        "losses": losses_table(results),
        "differences": differences_table(results),
        "f1_by_class": class_table(results),
        "texts": counts_table(results),
    }
    for name, table in tables.items():
        write_csv(table, run.folder / f"{name}.csv")
    for told in opening(results):
        page.paragraph(told)
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    page.paragraph(
        message(
            "Shuffled labels are what nothing learned gives. Learning in the language itself is what labels of that language "
            "give; from another language it is not expected to be beaten."
        )
    )
    page.notes(_missing(run, results))
    if len(tables["losses"]):
        page.section(message("What is lost against learning in the language"))
        page.table(
            _shown_losses(results),
            message(
                "Macro-F1 of what learned in the other language and of the same classifier with labels of the tested "
                "language, on the same texts; what is lost, with its 95 % interval (a single test), p after Holm, and the "
                "share of the score that is kept."
            ),
        )
    add_figures(page, run, results)
    page.section(message("All ways"))
    for direction in results.directions:
        page.table(
            _shown(results, direction),
            message("{direction}: over all tested texts, with 95 % intervals (articles drawn anew).", direction=direction.name),
        )
    if len(tables["differences"]):
        page.table(
            _shown_differences(results),
            message(
                "Ways from the other language less others, on the same texts: difference in macro-F1, its interval (a single "
                "test), p after Holm, and what could have been seen."
            ),
        )
    page.section(message("The texts"))
    page.table(
        tables["texts"],
        message("Texts of each class in each language, and from how many labels is learned (mean over the parts)."),
        words=["language"],
        own=results.seen.classes,
    )
    page.section(message("What could not be said"))
    page.notes(limits(results))
    page.section(message("How this was done"))
    page.paragraph(method(results))
    return page


def _missing(run: Run, results: Results) -> list[Message]:
    told = [
        message("Encoder {encoder} is not installed ({package}).", encoder=name, package=lacking(name))
        for name in results.encoders
        if lacking(name)
    ]
    seen = results.seen
    one, other = map(word, seen.languages)
    told += [
        message(
            "Class {name} is left out: there are {n} texts of it in {one} and {m} in {other}.",
            name=name,
            n=found[0],
            one=one,
            m=found[1],
            other=other,
        )
        for name, found in seen.left_out.items()
    ]
    if seen.unpaired:
        told.append(message("{n} texts are left out: the other language has none of their id.", n=seen.unpaired))
    for language in seen.languages:
        few = sum(0 < len(part.test[language]) < ENOUGH for part in results.every_part)
        if few:
            told.append(
                message(
                    "In {few} of {parts} parts fewer than {enough} {language} texts are tested: too few to know their centre, "
                    "so that what is adapted to the tested texts keeps its own there.",
                    few=few,
                    parts=len(results.every_part),
                    enough=ENOUGH,
                    language=word(language),
                )
            )
    failed: dict[tuple[str, str], list[str]] = {}
    for outcome in run.missing:
        at = results.parts[outcome.cell.seed or 0][outcome.cell.fold or 0].name
        failed.setdefault((outcome.cell.model, outcome.status), []).append(at)
    return told + [
        message("{model}, {parts}: {why}.", model=word(model), parts=joined(at, by="; "), why=word(why))
        for (model, why), at in failed.items()
    ]


def _shown_losses(results: Results) -> pd.DataFrame:
    rows = []
    for direction, one, other, mine, own, lost, low, high, p, share, _ in _losses(results):
        rows.append((direction, one, mine, other, own, f"{lost:z.3f} [{low:z.3f}, {high:z.3f}]", p, f"{100 * share:.0f} %"))
    columns = [word("direction"), word("from the other language"), "macro-F1", word("in the language"), "macro-F1"]
    return pd.DataFrame(rows, columns=[*columns, word("lost"), "p", word("kept")], dtype=object)


def _shown_differences(results: Results) -> pd.DataFrame:
    rows = [
        (
            row.direction.name,
            row.one,
            row.other,
            f"{row.difference:z.3f} [{row.low:z.3f}, {row.high:z.3f}]",
            row.p,
            row.detectable,
        )
        for row in results.compared
        if not row.lost
    ]
    columns = [word("direction"), word("way"), word("less that of"), word("difference"), "p", word("detectable")]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _shown(results: Results, direction: Direction) -> pd.DataFrame:
    rows = [
        (way, *(interval(one.value, one.low, one.high) for one in found.values()))
        for way, found in results.summary[direction].items()
    ]
    return pd.DataFrame(rows, columns=[word("way"), "macro-F1", word("accuracy")], dtype=object)
