"""The page of a corpus in partitions: its totals, how far the sample stands for them, and where the rows are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from research.bulk.result import BulkResult
from research.messages import Message, count, joined, message, word
from research.report.bulk_figures import shares_beside_sample
from research.report.page import Page
from research.report.provenance import add_unsaid, add_versions, command_of
from research.report.style import figure_style

__all__ = ["bulk_page"]

_SHOWN = 20  # outlets in a table
_TABLES = {
    "article": word("article"),
    "article and theme": word("article and theme"),
    "copy": word("copy"),
    "document": word("document"),
    "line": word("line"),
    "passage": word("passage"),
    "passage and theme": word("passage and theme"),
}
_SIDES = {"outlets": word("outlets"), "months": word("months"), "topics": word("topics"), "classes": word("classes")}


def bulk_page(result: BulkResult, folder: Path | None = None) -> Page:
    """Make the page of a corpus in partitions.

    Parameters
    ----------
    result : BulkResult
        What a function of `research.bulk` gave.
    folder : Path, optional
        Where its figures are also written as files.

    Returns
    -------
    Page
        Ready to be written.
    """
    page = Page(_title(result))
    page.paragraph(_summary(result))
    if result.groups:
        _add_groups(page, result, folder)
    if result.sample is not None:
        _add_sample(page, result)
    add_unsaid(page, _notes(result))
    _add_tables(page, result)
    page.section(message("Where this comes from, and how to make it again"), appendix=True)
    add_versions(
        page,
        f"{result.source}, BLAKE2b {result.content}",
        result.settings,
        message("The hash is that of all names and texts, however they are divided and ordered."),
    )
    page.paragraph(
        message("The same articles, settings and versions give the same rows, however the articles are divided. Again:")
    )
    page.command(_command(result))
    return page


def _title(result: BulkResult) -> Message:
    titles = {
        "clean": message("Cleaned articles of {corpus}", corpus=result.name),
        "discover": message("Topics in {corpus}", corpus=result.name),
        "tag": message("Themes in {corpus}", corpus=result.name),
        "classify": message("Classes in {corpus}", corpus=result.name),
    }
    return titles[result.kind]


def _summary(result: BulkResult) -> Message:
    parts = count("{n:,} partition", "{n:,} partitions", n=result.parts)
    told = [
        count(
            "{n:,} article was read in {parts}; {usable:,} of them hold text.",
            "{n:,} articles were read in {parts}; {usable:,} of them hold text.",
            n=result.articles,
            parts=parts,
            usable=result.totals.total(),
        )
    ]
    if result.kind == "clean":
        told.append(count("{n:,} passage remains.", "{n:,} passages remain.", n=result.units))
    n = result.sampled.total()
    if result.kind == "discover":
        told.append(
            count(
                "{k:,} topics were formed from a random sample of {n:,} article, and each text was given one of them.",
                "{k:,} topics were formed from a random sample of {n:,} articles, and each text was given one of them.",
                n=n,
                k=len(result.groups),
            )
        )
    elif result.kind == "tag":
        told.append(
            count(
                "Every passage was judged. On a random sample of {n:,} article the evidence was tested.",
                "Every passage was judged. On a random sample of {n:,} articles the evidence was tested.",
                n=n,
            )
        )
    elif result.kind == "classify":
        told.append(
            count(
                "Every article was classified. A random sample of {n:,} article is shown with its evidence.",
                "Every article was classified. A random sample of {n:,} articles is shown with its evidence.",
                n=n,
            )
        )
    return joined(told, by=" ")


def _add_groups(page: Page, result: BulkResult, folder: Path | None) -> None:
    if result.kind == "clean":
        page.section(message("What was left out, and what repeats"))
        told = [(word(one.label), one.units or one.articles) for one in result.groups]
        table = pd.DataFrame(told, columns=[word("what"), word("how many")], dtype=object)
        page.table(table, message("Lines by the reason, and copies of an earlier passage or article in any partition."))
        return
    page.section(message("In all partitions"))
    whole, sampled = result.totals.total(), result.sampled.total()
    columns = [word("key"), word("name"), word("articles"), word("share"), word("passages"), word("share of the sample")]
    rows = [
        (one.key, one.label, one.articles, _percent(one.articles, whole), one.units, _percent(one.sampled, sampled))
        for one in result.groups
    ]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    if all(one.articles == one.units for one in result.groups):
        table = table.drop(columns=columns[4])
    if all(one.key == one.label for one in result.groups):
        table = table.drop(columns=columns[1])
    page.table(table, message("Articles of all partitions, and what share of the sample is of the same kind."))
    import matplotlib.pyplot as plt

    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 1.2 + 0.34 * min(len(result.groups), 40)))
        shares_beside_sample(result.groups, whole, sampled, ax)
    page.figure(drawing, "shares", message("Share of all articles (bar) and of the sample (mark), the largest first."), folder)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _add_sample(page: Page, result: BulkResult) -> None:
    page.section(message("How far the sample stands for the whole"))
    n, whole = result.sampled.total(), result.totals.total()
    if n >= whole:
        page.paragraph(message("The sample is the whole corpus: nothing was left to chance."))
        return
    told = [
        count(
            "The sample is {n:,} article of {whole:,}, drawn by a hash of its text.",
            "The sample is {n:,} articles of {whole:,}, drawn by a hash of their texts.",
            n=n,
            whole=whole,
        )
    ]
    rare = n // 3  # the rule of three: what is in 3/n of all is missing from one sample in twenty
    if rare > 1:
        told.append(message("What fewer than one in {rare:,} articles speaks of may not be in it at all.", rare=rare))
    page.paragraph(joined(told, by=" "))
    found = result.representativeness()
    rows = [
        (_SIDES[what], categories, _number(distance), _number(usual))
        for what, categories, distance, usual in found.itertuples(index=False)
    ]
    columns = [word("divided by"), word("kinds"), word("distance"), word("usual for a random sample")]
    page.table(
        pd.DataFrame(rows, columns=columns, dtype=object),
        message(
            "Distance: the share of the sample that would have to be of another kind for it to be as the whole. In 95 of 100 "
            "random samples of its size it is below the usual one."
        ),
    )
    by_outlet, drawn = result.totals.by(1), result.sampled.by(1)
    if len(by_outlet) > 1:
        ranked = sorted(by_outlet, key=lambda name: (-by_outlet[name], name))[:_SHOWN]
        outlets = [
            (name or "–", by_outlet[name], _percent(by_outlet[name], whole), _percent(drawn[name], n)) for name in ranked
        ]
        names = [word("outlet"), word("articles"), word("share"), word("share of the sample")]
        page.table(pd.DataFrame(outlets, columns=names, dtype=object), message("The largest outlets."))


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _notes(result: BulkResult) -> list[Message]:
    notes = []
    if result.unusable:
        notes.append(
            count(
                "{n:,} article holds no usable text: it has an empty row with the reason.",
                "{n:,} articles hold no usable text: they have an empty row with the reason.",
                n=result.unusable,
            )
        )
    if result.failures:
        notes.append(
            count(
                "{n} partition could not be read and is not in any number here: {names}.",
                "{n} partitions could not be read and are not in any number here: {names}.",
                n=len(result.failures),
                names=joined(sorted(result.failures)[:10]),
            )
        )
    if result.kind in {"discover", "classify"}:
        notes.append(message("Copies are counted as often as they stand in the corpus."))
    return notes


def _add_tables(page: Page, result: BulkResult) -> None:
    page.section(message("Where the rows are"))
    rows = [(name, _TABLES[row]) for name, row in result.tables.items()]
    table = pd.DataFrame(rows, columns=[word("folder"), word("a row is")], dtype=object)
    page.table(table, message("Parquet files beside this page, one for each partition and of its name."))
    if result.sample is not None:
        page.paragraph(message("The report on the sample, with every passage and its evidence, is sample/report.html."))


def _command(result: BulkResult) -> str:
    settings = result.settings
    options = {"--engine": settings.get("engine"), "--sample": settings.get("sample"), "--seed": settings.get("seed")}
    if result.kind == "discover":
        options |= {"--unit": settings["unit"], "--encoder": settings["encoder"], "--topics": settings["n_topics"],
                    "--resolution": settings["resolution"], "--min-topic-size": settings["min_topic_size"]}  # fmt: skip
    elif result.kind == "tag":
        options |= {"--codebook": settings["codebook"], "--encoder": settings["encoder"]}
    elif result.kind == "classify":
        options |= {"--encoder": settings["encoder"], "--precision": settings["precision"]}
        return command_of("classify", "", {"--train": "TRAIN", "--test": result.source, **options})
    elif result.kind == "clean":
        options = {"--unit": settings["unit"], "--engine": settings["engine"]}
    return command_of(result.kind, result.source, options)
