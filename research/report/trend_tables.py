"""Tables of trends: bursts, and the words within a topic or theme that changed or that an outlet prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from research.messages import count, joined, listed, message, word
from research.report.figures import SURE
from research.report.language import told
from research.report.trend_names import GROUP, KIND, THE_KIND, labelled, title_of
from research.trends import Stated, TrendResult, WordComparison

if TYPE_CHECKING:
    from research.report.page import Page

__all__ = ["add_bursts", "add_words"]

_WORDS = 4  # of one side of a comparison
_MOST_COMPARISONS = 40
# What the articles of one period or outlet are compared with, as a sentence needs it.
_ALL_OTHERS = {
    "month": word("all other months"),
    "quarter": word("all other quarters"),
    "year": word("all other years"),
    "outlet": word("all other outlets"),
}
_THE_OTHERS = {
    "month": word("the other months"),
    "quarter": word("the other quarters"),
    "year": word("the other years"),
    "outlet": word("the other outlets"),
}


def add_bursts(page: Page, found: TrendResult) -> None:
    """Add to a page where more articles state a topic or theme than the others explain, or that this is nowhere so."""
    kind, group = KIND[found.stated.kind], GROUP[found.by]
    table = found.bursts(SURE)
    test = message(
        "Fisher's exact test of every {kind} in every {group} against all others, adjusted by Holm's method; an article and "
        "its copies count once",
        kind=kind,
        group=group,
    )
    if not len(table):
        page.paragraph(
            message(
                "No {group} has more articles that state a {kind} than those of {all_other_groups} explain ({test}). With few "
                "articles in each {group} only a large excess can show.",
                group=group,
                kind=kind,
                all_other_groups=_ALL_OTHERS[found.by],
                test=test,
            )
        )
        return
    shown = labelled(found.stated, table.head(30))
    shown = shown[["group", found.stated.kind, "label", "reports", "group_reports", "expected", "p"]]
    shown.columns = [group, kind, word("label"), word("articles"), word("of"), word("expected"), word("adjusted p")]
    shown = shown.assign(**{"adjusted p": [f"{value:.2g}" for value in shown["adjusted p"]]})
    caption = message(
        "Where more articles state a {kind} than {the_other_groups} explain ({test}).",
        kind=kind,
        the_other_groups=_THE_OTHERS[found.by],
        test=test,
    )
    more = message("The surest {k} of {n:,} are shown.", k=30, n=len(table)) if len(table) > 30 else ""
    page.table(shown, joined([caption, more], by=" "))


def add_words(page: Page, found: TrendResult) -> None:
    """Add to a page the words by which two sides of a topic or theme differ, or why none were compared."""
    compared = [one for one in found.comparisons if one.tested]
    kind, over_time = KIND[found.stated.kind], found.by != "outlet"
    if not compared:
        if found.comparisons:
            reason = found.comparisons[0].reason
            page.paragraph(message("Words within a {kind} were not compared: {reason}.", kind=kind, reason=reason))
        return
    telling = [one for one in compared if any(changed.p <= SURE for changed in one.words)]
    page.paragraph(_told_of_words(found, len(compared), len(telling)))
    shown = (compared if over_time else telling)[:_MOST_COMPARISONS]
    if not shown:
        return
    rows = [
        (
            title_of(found.stated, one.number),
            told(one.side),
            one.articles,
            one.other_articles,
            *_words(one, 1),
            *_words(one, -1),
        )
        for one in shown
    ]
    sides = (
        (word("more since"), word("sure since"), word("more before"), word("sure before"))
        if over_time
        else (word("more here"), word("sure here"), word("more elsewhere"), word("sure elsewhere"))
    )
    side = word("the later half") if over_time else word("outlet")
    columns = [kind, side, word("articles"), word("the other side's"), *sides]
    caption = message(
        "Words by which the two sides of a {kind} differ most, the first one first, and how many of them are sure.", kind=kind
    )
    left = (
        count("{k} of {n:,} comparison is shown.", "{k} of {n:,} comparisons are shown.", n=len(compared), k=len(shown))
        if len(shown) < len(compared)
        else ""
    )
    page.table(pd.DataFrame(rows, columns=columns), joined([caption, left], by=" "))


def _told_of_words(found: TrendResult, compared: int, telling: int) -> str:
    """Say how words were compared, and what is sure."""
    sides = word("each outlet against all others") if found.by == "outlet" else word("later articles against earlier ones")
    return joined(
        [
            message(
                "Words within a {kind}, {sides}: log-odds ratios, {the_kind}'s own words as prior; an article counts a word "
                "once.",
                kind=KIND[found.stated.kind],
                sides=sides,
                the_kind=THE_KIND[found.stated.kind],
            ),
            count(
                "In {k:,} of {n:,} comparison a word stands out more than the first of all words does in 19 of 20 random deals "
                "of the articles.",
                "In {k:,} of {n:,} comparisons a word stands out more than the first of all words does in 19 of 20 random "
                "deals of the articles.",
                n=compared,
                k=telling,
            ),
            message("Only such words are sure; the others may well be chance."),
            _told_of_sample(found.stated),
        ],
        by=" ",
    )


def _told_of_sample(stated: Stated) -> str:
    read, everything = int(stated.read.sum()), len(stated.documents)
    if read == everything:
        return ""
    return count(
        "Words were read in {k:,} of {n:,} article.", "Words were read in {k:,} of {n:,} articles.", n=everything, k=read
    )


def _words(compared: WordComparison, sign: int) -> tuple[str, int]:
    """Give the words that stand out most on a side, the first one first, and how many chance hardly explains."""
    ranked = sorted((one for one in compared.words if one.z * sign > 0), key=lambda one: -one.z * sign)[:_WORDS]
    return told(listed([one.word for one in ranked])), sum(one.p <= SURE for one in ranked)
