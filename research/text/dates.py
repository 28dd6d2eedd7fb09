"""Dates as news writes them: ISO 8601, RFC 2822, and Arabic month names of the east and of the west."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from research.text.normalize import normalize

__all__ = ["parse_date"]

_MONTHS = {
    1: "يناير كانون_الثاني كانون_ثاني جانفي january jan",
    2: "فبراير شباط فيفري february feb",
    3: "مارس آذار march mar",
    4: "أبريل إبريل نيسان أفريل april apr",
    5: "مايو أيار ماي may",
    6: "يونيو حزيران جوان june jun",
    7: "يوليو تموز جويلية july jul",
    8: "أغسطس آب أوت august aug",
    9: "سبتمبر أيلول september sep sept",
    10: "أكتوبر تشرين_الأول تشرين_أول october oct",
    11: "نوفمبر تشرين_الثاني تشرين_ثاني november nov",
    12: "ديسمبر كانون_الأول كانون_أول december dec",
}
_BY_NAME = {normalize(name.replace("_", " ")): number for number, names in _MONTHS.items() for name in names.split()}
_ANY_NAME = "|".join(sorted(map(re.escape, _BY_NAME), key=len, reverse=True))
_MONTH = rf"(?:{_ANY_NAME})(?![^\W\d])"  # the year may follow without a blank
# Between month and year stand at most the month's other name, punctuation and the word «year»: in «on 9 November nearly 1500
# people» the number is no year.
_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s+(?:من\s+)?({_MONTH})\W{{0,3}}(?:{_MONTH}\W{{0,3}})?"
    r"(?:(?:من\s+|في\s+)?(?:ل?عام|العام|ل?سنه)\s+)?(\d{4})(?!\d)"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)|(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")


def parse_date(text: str) -> date | None:
    """Read a date, or give None when there is none that is certain.

    Parameters
    ----------
    text : str
        ISO 8601 or RFC 2822, or day, Arabic or English month name and year; day before month in figures (9/11/2023 is
        9 November), as Arabic news writes it.

    Returns
    -------
    datetime.date or None
        The date in the time zone that it was written in.

    Examples
    --------
    >>> parse_date("Sun, 18 Feb 2018 19:03:15 +0400"), parse_date("2024-03-28T10:00:00Z")
    (datetime.date(2018, 2, 18), datetime.date(2024, 3, 28))
    >>> parse_date("الخميس ٩ تشرين الثاني/نوفمبر ٢٠٢٣"), parse_date("قريبا")
    (datetime.date(2023, 11, 9), None)
    """
    plain = " ".join(normalize(text).split())
    try:
        return datetime.fromisoformat(plain.upper()).date()
    except ValueError:
        pass
    try:
        if "," in plain or ":" in plain:
            return parsedate_to_datetime(plain).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    named = _NAMED.search(plain)
    if named:
        return _date(int(named[3]), _BY_NAME[named[2]], int(named[1]))
    numeric = _NUMERIC.search(plain)
    if numeric:
        year, month, day = (numeric[1], numeric[2], numeric[3]) if numeric[1] else (numeric[6], numeric[5], numeric[4])
        return _date(int(year), int(month), int(day))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
