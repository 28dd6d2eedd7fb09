"""The figures of a result, one at a time, on axes that are given or made: what ``result.plot()`` asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from research.classification import ClassifyResult
from research.classification.several_result import SeveralResult
from research.discovery import AssignResult, DiscoverResult
from research.errors import ConfigError, DataError
from research.messages import message
from research.report import class_figures, figures, tagging_page
from research.report.class_estimates import texts_of
from research.report.isolation import visible
from research.report.language import told
from research.report.style import colour, figure_style
from research.report.theme_figures import themes_by_article
from research.report.trend_figures import SHARE_OF, all_periods, busiest_outlets, overall_shares, upper_limit
from research.report.trend_names import title_of
from research.report.trend_results import shortest_period
from research.tagging import TagResult
from research.trends import BY, By, Stated, TrendResult, stated_in, trends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from research.classification import Estimate
    from research.trends import Share

__all__ = ["Kind", "kinds_of", "placed", "plot"]

_DRAWN = 30  # articles or labels of a figure that is still legible
_LONG = 24  # characters of a label's name that are drawn
_PERIODS = tuple(period for period in BY if period != "outlet")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of figure.

    Attributes
    ----------
    draw : callable
        Takes a result, axes and options, and returns the axes.
    size : callable
        Takes a result and the same options, and gives width and height of new axes in inches.
    options : tuple of str
        What else ``draw`` takes.
    """

    draw: Callable[..., Axes]
    size: Callable[..., tuple[float, float]]
    options: tuple[str, ...] = ()


def plot(result: Any, kind: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
    """Draw one figure of a result; see `research.shown.Plotted.plot`."""
    import matplotlib.pyplot as plt

    kinds = kinds_of(result)
    name = next(iter(kinds)) if kind is None and kinds else kind
    if name is None or name not in kinds:
        known = f"kinds are {', '.join(kinds)}" if kinds else "there is none"
        raise ConfigError(f"unknown kind {kind!r}", where=f"plot of a {type(result).__name__}", remedy=known)
    chosen = kinds[name]
    if unknown := sorted(set(options) - set(chosen.options)):
        known = f"options are {', '.join(chosen.options)}" if chosen.options else "leave it out: there is none"
        raise ConfigError(f"unknown option {unknown[0]!r}", where=f"plot of kind {name}", remedy=known)
    with figure_style():
        if ax is not None:
            return chosen.draw(result, ax, **options)
        figure, made = plt.subplots(figsize=chosen.size(result, **options))
        try:
            return chosen.draw(result, made, **options)
        except BaseException:
            plt.close(figure)  # a notebook would show it, empty
            raise


@singledispatch
def kinds_of(result: Any) -> Mapping[str, Kind]:  # noqa: ARG001
    """Give the kinds of figures that a result has, by name; the first is the one that is drawn when nobody chooses.

    Examples
    --------
    >>> kinds_of("a text")
    {}
    """
    return {}


# -- topics -------------------------------------------------------------------------------------------------------------


def placed(result: AssignResult) -> DiscoverResult:
    """Give a corpus in topics that were found before as if they had been found in it, each as large as it is there."""
    kept = [row for row, topic in enumerate(result.assigned) if topic is not None]
    assigned = np.array([result.assigned[row] for row in kept], dtype=np.int64)
    topics = tuple(replace(one, size=int((assigned == one.number).sum()), exemplars=()) for one in result.topics)
    nowhere = np.full((len(kept), 2), np.nan)
    units = tuple(result.units[row] for row in kept)
    return DiscoverResult(
        result.cleaned, result.unit, units, topics, assigned, result.strengths[kept], nowhere[:, 0], nowhere, (), {}
    )


def _sizes(result: DiscoverResult, ax: Axes) -> Axes:
    if not result.topics:
        raise DataError("there is no topic to draw")
    return figures.topic_sizes(result, ax)


def _map(result: DiscoverResult, ax: Axes) -> Axes:
    if not np.isfinite(result.places).any():
        raise DataError("there is no map", remedy="discover with with_map=True, in three texts or more")
    return figures.topic_map(result, ax)


def _stability(result: DiscoverResult, ax: Axes) -> Axes:
    choice = result.choice
    if choice is None or not np.isfinite(choice.stability).any():
        raise DataError("how many topics come back was not measured", remedy="leave resolution and n_topics out")
    return figures.stability_curve(choice, ax)


def _time(result: DiscoverResult | TagResult, ax: Axes, *, name: int | str | None = None, by: By | None = None) -> Axes:
    if by is not None and by not in _PERIODS:
        raise ConfigError(f"unknown period {by!r}", where="by", remedy=f"periods are {', '.join(_PERIODS)}")
    stated = stated_in(result)
    return _shares(trends(stated, by=by or shortest_period(stated), words=False), ax, name=name)


def _outlets(result: DiscoverResult | TagResult, ax: Axes, *, name: int | str | None = None) -> Axes:
    return _shares(trends(result, by="outlet", words=False), ax, name=name)


_WIDE = {
    "time": Kind(_time, lambda *_, **__: (7.5, 3.2), ("name", "by")),
    "outlets": Kind(_outlets, lambda *_, **__: (6, 3.6), ("name",)),
}


@kinds_of.register
def _(result: DiscoverResult) -> Mapping[str, Kind]:  # noqa: ARG001
    return {
        "sizes": Kind(_sizes, lambda found: (8, 1.2 + 0.34 * len(found.topics))),
        "map": Kind(_map, lambda _: (7.5, 6.5)),
        "stability": Kind(_stability, lambda _: (7.5, 3.6)),
        **_WIDE,
    }


@kinds_of.register
def _(result: AssignResult) -> Mapping[str, Kind]:  # noqa: ARG001
    return {
        "sizes": Kind(lambda found, ax: _sizes(placed(found), ax), lambda found: (8, 1.2 + 0.34 * len(found.topics))),
    }


# -- themes -------------------------------------------------------------------------------------------------------------


def _articles(result: TagResult, ax: Axes, *, most: int = _DRAWN) -> Axes:
    if most < 1:
        raise ConfigError(f"most is {most}", where="plot of kind articles", remedy="draw at least 1 article")
    rows_of = tagging_page.rows_by_article(result)
    if not rows_of:
        raise DataError("no article holds any text to draw")
    kept = tagging_page.articles_stating_most(result, rows_of, most)
    drawn = [document for document in result.corpus if document.id in kept]
    table = np.array([result.present[rows_of[document.id]].sum(axis=0) for document in drawn])
    sizes = [len(rows_of[document.id]) for document in drawn]
    titles = [visible(document.title or document.id) for document in drawn]
    return themes_by_article(titles, sizes, [theme.name for theme in result.themes], table, ax)


def _tall(result: TagResult, *, most: int = _DRAWN) -> tuple[float, float]:
    return 8.6, 1.7 + 0.27 * max(1, min(most, len({passage.document for passage in result.passages})))


@kinds_of.register
def _(result: TagResult) -> Mapping[str, Kind]:  # noqa: ARG001
    return {"articles": Kind(_articles, _tall, ("most",)), **_WIDE}


# -- time and outlets ---------------------------------------------------------------------------------------------------


def _shares(found: TrendResult, ax: Axes, *, name: int | str | None = None) -> Axes:
    """Draw the share of one topic or theme in every group."""
    from matplotlib.ticker import PercentFormatter

    number = _number_of(found.stated, name)
    if not found.groups:
        raise DataError("no article says which outlet it is from" if found.by == "outlet" else "no article has a date to go by")
    over_time = found.by != "outlet"
    groups = all_periods(found) if over_time else busiest_outlets(found)
    rows: dict[str, Share] = {visible(row.group): row for row in found.rows if row.number == number}
    draw: Callable[..., Axes] = figures.share_over_time if over_time else figures.share_by_outlet
    title = visible(title_of(found.stated, number))
    overall = float(overall_shares(found)[number])
    draw(rows, [visible(group) for group in groups], ax, overall=overall, tint=colour(number), title=title)
    (ax.yaxis if over_time else ax.xaxis).set_major_formatter(PercentFormatter(1, decimals=0))
    top = upper_limit(found, groups, [number])
    (ax.set_ylim if over_time else ax.set_xlim)(-0.03 * top, 1.06 * top)
    (ax.set_ylabel if over_time else ax.set_xlabel)(told(SHARE_OF[found.by]))
    return ax


def _number_of(stated: Stated, name: int | str | None) -> int:
    """Find a topic by its number, a theme by its key, either by what people call it; without a name the largest."""
    if not stated.documents or not stated.names:
        raise DataError(f"there is no {stated.kind} to draw")
    if name is None:
        return int(np.argmax(np.asarray(stated.characters.sum(axis=0)).ravel()))
    for number, known in enumerate(zip(stated.names, stated.labels, strict=True)):
        if name in known:
            return number
    names = ", ".join(map(str, stated.names))
    raise ConfigError(f"unknown {stated.kind} {name!r}", where="name", remedy=f"there are {names}")


@kinds_of.register
def _(result: TrendResult) -> Mapping[str, Kind]:
    return {"shares": Kind(_shares, _WIDE["outlets" if result.by == "outlet" else "time"].size, ("name",))}


# -- classes ------------------------------------------------------------------------------------------------------------


def _estimate(result: ClassifyResult) -> Estimate:
    found = result.tested or result.held_out
    if found is None:
        raise DataError("nothing was held out or tested: there is nothing to draw", remedy="give more labelled articles")
    return found


def _confusion(result: ClassifyResult, ax: Axes) -> Axes:
    found = _estimate(result)
    names = [visible(name) for name in result.classes]
    return class_figures.confusion_matrix(found.confusion, names, ax, title=texts_of(result, found))


def _reliability(result: ClassifyResult, ax: Axes) -> Axes:
    title = message("Is it right as often as it says?")
    return class_figures.reliability_of_bins(_estimate(result).bins, ax, title=title)


def _risk(result: ClassifyResult, ax: Axes) -> Axes:
    return figures.risk_curve(_estimate(result).risk, ax, title=message("Errors when only the surest is answered"))


def _square(result: ClassifyResult) -> tuple[float, float]:
    side = 2.2 + 0.62 * len(result.classes)
    return 2 + side, side


@kinds_of.register
def _(result: ClassifyResult) -> Mapping[str, Kind]:  # noqa: ARG001
    return {
        "confusion": Kind(_confusion, _square),
        "reliability": Kind(_reliability, lambda _: (4.8, 4)),
        "risk": Kind(_risk, lambda _: (4.8, 4)),
    }


# -- several labels an article ------------------------------------------------------------------------------------------


def _best(result: SeveralResult) -> Sequence[int]:
    """Give the labels that are drawn, the best first."""
    if result.estimate is None:
        raise DataError("nothing was held out or tested: there is nothing to draw", remedy="give more labelled articles")
    values = [-np.nan_to_num(one.value, nan=-1.0) for one in result.estimate.f1]
    return [int(at) for at in np.argsort(values, kind="stable")[:_DRAWN]]


def _labels(result: SeveralResult, ax: Axes) -> Axes:
    shown, found = _best(result), result.estimate
    assert found is not None
    names = [f"{_short(visible(result.labels[at]))}  (n = {found.support[at]:,})" for at in shown]
    middle, low, high = ([getattr(found.f1[at], side) for at in shown] for side in ("value", "low", "high"))
    xlabel, title = message("F1 (bars: 95 % interval; ×: labels dealt anew)"), message("F1 by label")
    figures.bars_with_intervals(names, middle, low, high, ax, xlabel=xlabel, title=title)
    ax.plot(found.chance_f1[shown], np.arange(len(shown))[::-1], "x", color="#7F7F7F", markersize=6)
    ax.set_xlim(-0.02, 1.02)
    return ax


def _labels_reliability(result: SeveralResult, ax: Axes) -> Axes:
    _best(result)
    assert result.estimate is not None
    class_figures.reliability_of_bins(result.estimate.bins, ax, title=message("Is it so as often as it says?"))
    ax.set_xlabel(told(message("probability of a label (figures: pairs of article and label)")))
    ax.set_ylabel(told(message("share that is so")))
    return ax


def _short(name: str) -> str:
    return name if len(name) <= _LONG else f"{name[: _LONG - 1]}…"


@kinds_of.register
def _(result: SeveralResult) -> Mapping[str, Kind]:  # noqa: ARG001
    return {
        "labels": Kind(_labels, lambda found: (6, max(2.5, 1.2 + 0.3 * min(_DRAWN, len(found.labels))))),
        "reliability": Kind(_labels_reliability, lambda _: (4.8, 4)),
    }
