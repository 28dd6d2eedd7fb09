"""Checks of what stands in a JSON that anybody may have written: field by field, and no number that arithmetic cannot hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = [
    "Check",
    "UnfitError",
    "count_from",
    "is_distinct_texts",
    "is_number",
    "is_text",
    "is_unicode",
    "must_have",
    "none_or",
    "of_type",
    "parse_json",
]

#: Tells whether a value is what it must be.
Check = Callable[[Any], bool]

_MOST = 1 << 53  # below it every whole number is a float64 of its own
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of a pair of surrogates: only an escape can bring it into valid UTF-8


class UnfitError(Exception):
    """What is wrong with a file, in a few words; whoever opened the file says which one and what to do."""


def parse_json(data: bytes) -> Any:
    """Parse JSON in UTF-8 that holds finite numbers and whole characters only.

    Raises
    ------
    UnfitError
        If a number or a character cannot be held.
    ValueError, RecursionError
        If the bytes are no JSON.

    Examples
    --------
    >>> parse_json(b'{"size": 3}')
    {'size': 3}
    """
    plain = json.loads(data.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
    if _ESCAPED_HALF.search(data) and not is_unicode(json.dumps(plain, ensure_ascii=False)):
        raise UnfitError("it holds half a character")
    return plain


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise UnfitError(f"{number[:20]} is no number that it can hold")
    return value


def must_have(value: Any, fields: Mapping[str, Check], where: str, *, more: bool = False) -> None:
    """Refuse what is no mapping of these fields, each as its check says.

    Parameters
    ----------
    value : object
        What JSON gave.
    fields : mapping of str to Check
        The names, and what must hold of each value.
    where : str
        The place in the file, for the message; empty at the top.
    more : bool
        Whether there may be other fields beside these.

    Raises
    ------
    UnfitError
        If a field is missing, is one too many, or does not hold.

    Examples
    --------
    >>> must_have({"size": -1}, {"size": count_from(0)}, "topics, 3")
    Traceback (most recent call last):
    research.storage.checks.UnfitError: topics, 3, size: not what it must be
    """
    prefix = f"{where}, " if where else ""
    if not isinstance(value, dict) or not (fields.keys() <= value.keys() if more else fields.keys() == value.keys()):
        raise UnfitError(f"{prefix or 'it '}has other fields than {', '.join(fields)}")
    for name, holds in fields.items():
        if not holds(value[name]):
            raise UnfitError(f"{prefix}{name}: not what it must be")


def of_type(kind: type) -> Check:
    """Give the check that a value is of this very type: True is no int.

    Examples
    --------
    >>> of_type(dict)({}), of_type(int)(True)
    (True, False)
    """
    return lambda value: type(value) is kind


def none_or(check: Check) -> Check:
    """Give the check that a value is None or passes another check.

    Examples
    --------
    >>> none_or(is_text)(None), none_or(is_text)("a"), none_or(is_text)(1)
    (True, True, False)
    """
    return lambda value: value is None or check(value)


def count_from(least: int) -> Check:
    """Give the check that a value is a whole number, this or a greater one, that a float64 can hold.

    Examples
    --------
    >>> count_from(1)(1), count_from(1)(0), count_from(1)(1.0), count_from(1)(2**60)
    (True, False, False, False)
    """
    return lambda value: type(value) is int and least <= value < _MOST


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that a float64 can hold.

    Examples
    --------
    >>> is_number(0.5), is_number(-2), is_number(True), is_number(2**60)
    (True, True, False, False)
    """
    return type(value) is float or (type(value) is int and abs(value) < _MOST)


def is_text(value: Any) -> bool:
    """Tell whether a value is a string.

    Examples
    --------
    >>> is_text("خبر"), is_text(None)
    (True, False)
    """
    return isinstance(value, str)


def is_distinct_texts(value: Any) -> bool:
    """Tell whether a value is a list of strings, none of them twice.

    Examples
    --------
    >>> is_distinct_texts(["a", "b"]), is_distinct_texts(["a", "a"]), is_distinct_texts([1])
    (True, False, False)
    """
    return isinstance(value, list) and all(map(is_text, value)) and len(set(value)) == len(value)


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half of a pair of surrogates cannot.

    Examples
    --------
    >>> is_unicode("خبر"), is_unicode("\\ud800")
    (True, False)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
