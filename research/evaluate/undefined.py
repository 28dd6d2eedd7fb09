"""A number that is not defined, and why: NaN that carries its reason."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["Undefined", "mean_defined", "reason"]


class Undefined(float):
    """NaN with a reason; it computes like any NaN.

    Parameters
    ----------
    reason : str
        Why there is no number.

    Examples
    --------
    >>> value = Undefined("no example of the label")
    >>> math.isnan(value), value.reason
    (True, 'no example of the label')
    """

    reason: str

    def __new__(cls, reason: str) -> Undefined:
        value = super().__new__(cls, math.nan)
        value.reason = reason
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return Undefined, (self.reason,)

    def __repr__(self) -> str:
        return f"Undefined({self.reason!r})"


def reason(value: float) -> str:
    """Say why a value is undefined; empty for a number.

    Examples
    --------
    >>> reason(0.5), reason(Undefined("one cluster")), reason(math.nan)
    ('', 'one cluster', 'undefined')
    """
    return getattr(value, "reason", "undefined") if math.isnan(value) else ""


def mean_defined(values: list[float], what: str) -> float:
    """Average the values that are defined; where none is, the mean is undefined for the first one's reason.

    Examples
    --------
    >>> mean_defined([0.2, Undefined("no pair"), 0.4], "topic")
    0.30000000000000004
    >>> mean_defined([], "topic").reason
    'there is no topic'
    """
    defined = [value for value in values if not math.isnan(value)]
    if defined:
        return math.fsum(defined) / len(defined)
    return Undefined(reason(values[0]) if values else f"there is no {what}")
