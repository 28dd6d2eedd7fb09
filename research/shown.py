"""How results show themselves: what notebooks ask of an object, answered by `research.report` when they ask.

A result knows nothing of pages and figures, and is below them: importing them here would turn the layers upside down, and load
matplotlib and templates for whoever only wants numbers. So they are found by name, and only when something is to be shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Plotted", "Shown"]


class Shown:
    """What is shown of a result: a summary, its table, a figure, and passages with their evidence; at a terminal the table.

    Dataclasses take it with ``repr=False``, as their own would come first.

    Examples
    --------
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("one", (Document("a", "نص", title="خبر <b>"),))
    >>> "خبر &lt;b&gt;" in corpus._repr_html_()
    True
    """

    def _repr_html_(self) -> str:
        return str(_room().html(self))

    def __repr__(self) -> str:
        """Show the table: the fields are whole corpora, of which a notebook would keep another copy at every look."""
        return str(_room().plain(self))


class Plotted(Shown):
    """A result that can be drawn.

    Examples
    --------
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> corpus = Corpus("one", (Document("a", "عقوبات على السفن", source="sada"), Document("b", "كأس العالم", source="mada")))
    >>> found = research.tag(corpus, "seeds/themes.toml", labels=False, encoder="none")
    >>> found.plot("outlets", name="sanctions").get_title(loc="left")
    'Sanctions'
    """

    def plot(self, kind: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw one figure.

        Parameters
        ----------
        kind : str, optional
            Which; the first of these when not given. Topics: ``sizes``, ``map``, ``stability``, ``time``, ``outlets``; of other
            articles ``sizes``. Themes: ``articles``, ``time``, ``outlets``. Classes: ``confusion``, ``reliability``, ``risk``.
            Several labels an article: ``labels``, ``reliability``. Trends: ``shares``.
        ax : matplotlib.axes.Axes, optional
            Where to draw; on axes of their own, in the style of the package's pages, when not given.
        **options
            ``name`` for ``time``, ``outlets`` and ``shares``: the topic's number or the theme's key, of which most text is when
            not given. ``by`` for ``time``: ``month``, ``quarter`` or ``year``; what the dates allow when not given. ``most``
            for ``articles``: how many are drawn, those that state most.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.

        Raises
        ------
        ConfigError
            If there is no such kind, or an option is not what it must be.
        DataError
            If the result holds nothing to draw.
        """
        axes: Axes = _room().plot(self, kind, ax, **options)
        return axes


def _room() -> Any:
    return import_module("research.report.notebook")
