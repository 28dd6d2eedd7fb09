"""Headlines: the results that a reader will quote, as a table and on a page, each beside the control that it must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.report.page import Page
from research.runs.records import Headline, interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add_headlines", "headline_table", "quoted"]


def headline_table(headlines: Sequence[Headline]) -> pd.DataFrame:
    """Give one row a headline: what, metric, model, value, low, high, control, its value and interval, verdict."""
    import pandas as pd

    columns = ["what", "metric", "model", "value", "low", "high", "control", "control_value", "control_low", "control_high"]
    rows = [[*(getattr(line, column) for column in columns), line.verdict] for line in headlines]
    return pd.DataFrame(rows, columns=[*columns, "verdict"])


def add_headlines(page: Page, headlines: Sequence[Headline]) -> None:
    """Put the headlines on a page, those that do not beat their control in the first place."""
    page.notes([line.sentence() for line in sorted(headlines, key=lambda line: line.verdict == "beats its control")])


def quoted(run: str, headlines: Sequence[Headline]) -> list[str]:
    """Write headlines as lines of a table in Markdown, as the README quotes them.

    Examples
    --------
    >>> quoted("toy", [Headline("toys", "words", "F1", 0.5, 0.4, 0.6, "chance", 0.1)])
    ['| toys | words | F1 0.50 [0.40, 0.60] | chance: 0.10 | [toy](reports/toy/report.html) |']
    """
    return [
        f"| {line.what} | {line.model} | {line.metric} {interval(line.value, line.low, line.high)} "
        f"| {line.control}: {interval(line.control_value, line.control_low, line.control_high)} "
        f"| [{run}](reports/{run}/report.html) |"
        for line in headlines
    ]
