"""One look for every figure: fonts that hold Arabic, colours that colour-blind readers can tell apart, files that repeat."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = ["DARK_PALETTE", "PALETTE", "colour", "figure_style", "number_decades", "png_bytes", "svg_text"]

#: Okabe, M. and Ito, K. (2008), without yellow and black, then darker and lighter steps of them.
PALETTE = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C564B", "#5D3A9B", "#7F7F7F", "#1A1A1A",
    "#004B76", "#8E3F00", "#00644A", "#8A4F70", "#98690A", "#2C7BA8",
)  # fmt: skip

#: The same, mixed with white until they stand out from a dark page by 3 to 1.
DARK_PALETTE = (
    "#1F83BB", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#9E7168", "#8A71B7", "#8A8A8A", "#D0D0D0",
    "#5285A2", "#AB7142", "#3D8975", "#9F6F8A", "#A0751E", "#3983AD",
)  # fmt: skip

_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "text.parse_math": False,  # names may hold dollars
    "svg.hashsalt": "research",  # the same figure gives the same file
}


def colour(number: int) -> str:
    """Give the colour of a topic.

    Examples
    --------
    >>> colour(0) != colour(1)
    True
    """
    return PALETTE[number % len(PALETTE)]


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw in the package's style, without a screen, and leave the user's settings as they were."""
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        yield


def number_decades(axis: Axis, *, between: bool = False) -> None:
    """Write whole numbers along a logarithmic axis; powers would be in a notation that this style does not read.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        Already logarithmic.
    between : bool
        Whether 2 and 5 times a power of ten are written too, for an axis of one or two decades.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().subplots()
    >>> ax.set(xscale="log", xlim=(900, 20_000))  # doctest: +ELLIPSIS
    [...]
    >>> number_decades(ax.xaxis)
    >>> [label.get_text() for label in ax.get_xticklabels() if 900 < label.get_position()[0] < 20_000]
    ['1,000', '10,000']
    >>> plt.close()
    """
    from matplotlib.ticker import LogLocator

    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if between else (1,)))
    axis.set_major_formatter("{x:,.0f}")
    axis.set_minor_formatter("")


def png_bytes(figure: Figure) -> bytes:
    """Render at twice the screen's resolution."""
    buffer = io.BytesIO()
    with figure_style():
        figure.savefig(buffer, format="png", dpi=200, metadata={"Software": None})
    return buffer.getvalue()


def svg_text(figure: Figure) -> str:
    """Render as SVG with letters as paths, so that Arabic looks the same everywhere."""
    buffer = io.StringIO()
    with figure_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
