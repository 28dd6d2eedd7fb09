"""What a run measured: records, one value each, and headlines, a value beside the control that it must beat."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from research.errors import DataError
from research.messages import Message, message, word
from research.runs.manifest import read_small

__all__ = ["Headline", "Record", "interval", "read_headlines", "read_records", "write_headlines", "write_records"]


@dataclass(frozen=True, slots=True)
class Record:
    """One measured value.

    Attributes
    ----------
    experiment, model, corpus : str
        What was measured on what.
    seed, fold : int or None
        None where there is none, or where the value is over all of them.
    metric : str
        The metric's name.
    value : float
        NaN when it is undefined.
    status : str
        ``ok``, or why the value is undefined.
    low, high : float or None
        Interval, where one was computed.
    """

    experiment: str
    model: str
    corpus: str
    seed: int | None
    fold: int | None
    metric: str
    value: float
    status: str = "ok"
    low: float | None = None
    high: float | None = None

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        """What was measured, without what came out; for matching the records of two runs."""
        return (self.experiment, self.model, self.corpus, _shown(self.seed), _shown(self.fold), self.metric)


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


@dataclass(frozen=True, slots=True)
class Headline:
    """A result that a reader will quote, beside the control that it must beat.

    Attributes
    ----------
    what : str
        What was measured, for a reader.
    model, metric : str
        As in the records.
    value, low, high : float
        The value and its interval; NaN where there is none.
    control : str
        What it is held against.
    control_value, control_low, control_high : float
        The control's value and interval.
    higher_is_better : bool
        Whether beating means lying above.

    Examples
    --------
    >>> Headline("themes", "words", "F1", 0.5, 0.4, 0.6, "shuffled labels", 0.1, 0.0, 0.2).verdict
    'beats its control'
    >>> Headline("themes", "words", "F1", 0.5, 0.1, 0.6, "shuffled labels", 0.1, 0.0, 0.2).verdict
    'does not beat its control'
    """

    what: str
    model: str
    metric: str
    value: float
    low: float
    high: float
    control: str
    control_value: float
    control_low: float = math.nan
    control_high: float = math.nan
    higher_is_better: bool = True

    @property
    def verdict(self) -> Message:
        """Say whether the interval lies wholly on the better side of the control's; undefined values beat nothing."""
        if self.higher_is_better:
            ours, theirs = _first(self.low, self.value), _first(self.control_high, self.control_value)
            beats = ours > theirs
        else:
            ours, theirs = _first(self.high, self.value), _first(self.control_low, self.control_value)
            beats = ours < theirs
        if math.isnan(ours) or math.isnan(theirs):
            return word("cannot be held against its control: undefined")
        return word("beats its control") if beats else word("does not beat its control")

    def sentence(self) -> Message:
        """Put it in a sentence with its verdict."""
        return message(
            "{what}: {metric} {reached} ({model}). It {verdict} ({control}: {of_control}).",
            what=word(self.what),
            metric=word(self.metric),
            reached=interval(self.value, self.low, self.high),
            model=word(self.model),
            verdict=self.verdict,
            control=word(self.control),
            of_control=interval(self.control_value, self.control_low, self.control_high),
        )


def _first(*values: float) -> float:
    return next((value for value in values if not math.isnan(value)), math.nan)


def interval(value: float, low: float, high: float) -> str:
    """Write a value with its interval.

    Examples
    --------
    >>> interval(0.5, 0.4, 0.6), interval(2.0, math.nan, math.nan), interval(math.nan, math.nan, math.nan)
    ('0.50 [0.40, 0.60]', '2.00', 'undefined')
    """
    if math.isnan(value):
        return word("undefined")
    return f"{value:z.2f}" if math.isnan(low) or math.isnan(high) else f"{value:z.2f} [{low:z.2f}, {high:z.2f}]"


def write_records(records: Iterable[Record], path: Path) -> None:
    """Write one record a line; an undefined number is null, and its status says why."""
    _write(map(asdict, records), path)


def write_headlines(headlines: Iterable[Headline], path: Path) -> None:
    """Write one headline a line; an undefined number is null."""
    _write(map(asdict, headlines), path)


def _write(rows: Iterable[dict[str, Any]], path: Path) -> None:
    plain = (
        {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
        for row in rows
    )
    text = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in plain)
    # Half of a surrogate pair, as broken file names have it, becomes an escape that JSON reads back.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


_NUMBER = (int, float, type(None))
_COUNT = (int, type(None))
_RECORD: dict[str, tuple[type, ...]] = {
    "experiment": (str,), "model": (str,), "corpus": (str,), "seed": _COUNT, "fold": _COUNT, "metric": (str,),
    "value": _NUMBER, "status": (str,), "low": _NUMBER, "high": _NUMBER,
}  # fmt: skip
_HEADLINE: dict[str, tuple[type, ...]] = {
    "what": (str,), "model": (str,), "metric": (str,), "value": _NUMBER, "low": _NUMBER, "high": _NUMBER, "control": (str,),
    "control_value": _NUMBER, "control_low": _NUMBER, "control_high": _NUMBER, "higher_is_better": (bool,),
}  # fmt: skip


def read_records(path: Path) -> list[Record]:
    """Read what `write_records` wrote.

    Raises
    ------
    DataError
        If the file cannot be read, or a line is not a record.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = Path(place) / "records.jsonl"
    ...     write_records([Record("toy", "none", "nothing", 0, None, "count", 3.0)], file)
    ...     read_records(file)[0].value
    3.0
    """
    return [Record(**{**row, "value": _nan(row["value"])}) for row in _read(path, _RECORD, "record")]


def read_headlines(path: Path) -> list[Headline]:
    """Read what `write_headlines` wrote; none where a run has none.

    Raises
    ------
    DataError
        If the file cannot be read, or a line is not a headline.
    """
    if not path.exists():
        return []
    rows = _read(path, _HEADLINE, "headline")
    for row in rows:
        row.update({key: _nan(row[key]) for key, allowed in _HEADLINE.items() if allowed == _NUMBER})
    return [Headline(**row) for row in rows]


def _too_large(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > 10**300


def _nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _read(path: Path, kinds: Mapping[str, tuple[type, ...]], what: str) -> list[dict[str, Any]]:
    lines = read_small(path).split("\n")[:-1]  # other separators may stand inside a name
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        where = f"{path}, line {number}"
        if not isinstance(row, dict) or row.keys() != kinds.keys():
            raise DataError(f"not a {what}", where=where, remedy="run the experiment again")
        for key, allowed in kinds.items():
            if (
                not isinstance(row[key], allowed)
                or (isinstance(row[key], bool) and bool not in allowed)
                or _too_large(row[key])
            ):
                raise DataError(f"{row[key]!r} is no {key} of a {what}", where=where, remedy="run the experiment again")
        rows.append(row)
    return rows
