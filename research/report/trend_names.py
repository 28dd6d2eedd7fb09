"""What topics, themes, periods and outlets are called in the sentences, tables and figures of trends."""

from __future__ import annotations

import pandas as pd

from research.messages import word
from research.report.figures import topic_name
from research.report.language import told
from research.trends import Stated

__all__ = ["GROUP", "KIND", "THE_GROUP", "THE_KIND", "labelled", "title_of"]

# What is stated, and what articles are grouped by, as a sentence needs them.
KIND = {"topic": word("topic"), "theme": word("theme")}
THE_KIND = {"topic": word("the topic"), "theme": word("the theme")}
GROUP = {"month": word("month"), "quarter": word("quarter"), "year": word("year"), "outlet": word("outlet")}
THE_GROUP = {
    "month": word("the month"), "quarter": word("the quarter"), "year": word("the year"), "outlet": word("the outlet"),
}  # fmt: skip


def title_of(stated: Stated, number: int) -> str:
    """Give what stands above the panel of one topic or theme, and beside its words in a table."""
    label = told(stated.labels[number])
    if stated.kind == "theme":
        return label
    return topic_name(int(stated.names[number]), label, 2)


def labelled(stated: Stated, table: pd.DataFrame) -> pd.DataFrame:
    """Name the topics or themes of a table as the page's language does."""
    named = {name: told(label) for name, label in zip(stated.names, stated.labels, strict=True)}
    return table.assign(label=[named[name] for name in table[stated.kind]])
