"""Compare two runs: what went in differently, and which metrics moved by more than noise."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from research.evaluate.comparison import holm
from research.runs.manifest import read_manifest
from research.runs.records import Record, read_records

__all__ = ["Change", "Move", "RunDiff", "diff_runs"]

VARIES = "varies by its nature"
_LEVEL = 0.05
_Z = 1.959963984540054  # half of a 95 % interval, in standard errors

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that went in differently; None where it was not there."""

    part: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Move:
    """A metric in two runs.

    Attributes
    ----------
    model, corpus, metric : str
        What was measured on what.
    before, after : float
        Its value over seeds and folds in each run; NaN where it is undefined.
    noise : float
        Standard error of their difference; NaN where nothing tells it.
    source : str
        What the noise is that of: ``interval``, ``seeds``, or empty.
    p : float
        Holm's adjusted p-value over all metrics whose noise is known.
    varies : bool
        Whether it differs from run to run by its nature, as times do.
    """

    model: str
    corpus: str
    metric: str
    before: float
    after: float
    noise: float
    source: str
    p: float
    varies: bool = False

    @property
    def verdict(self) -> str:
        """Equal, moved beyond noise, within noise, moved with unknown noise, varying, or defined in one run only."""
        if math.isclose(self.before, self.after, rel_tol=1e-9) or (math.isnan(self.before) and math.isnan(self.after)):
            return "equal"  # sums in another order differ in their last digits
        if self.varies:
            return VARIES
        if math.isnan(self.before) or math.isnan(self.after):
            return "defined in one run only"
        if math.isnan(self.noise):
            return "moved, noise unknown"
        return "moved beyond noise" if self.p <= _LEVEL else "within noise"


@dataclass(frozen=True)
class RunDiff:
    """How two runs differ.

    Attributes
    ----------
    changes : tuple of Change
        Differences of configuration, inputs, code, encoder and environment.
    moves : tuple of Move
        Every metric that both runs have.
    only_before, only_after : tuple of (str, str, str)
        Model, corpus and metric of what one run has alone.
    """

    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    only_before: tuple[_Key, ...]
    only_after: tuple[_Key, ...]

    @property
    def alike(self) -> bool:
        """Whether both have the same metrics and none of them moved beyond noise, or by an amount whose noise is unknown."""
        calm = {"equal", "within noise", VARIES}
        return not self.only_before and not self.only_after and all(move.verdict in calm for move in self.moves)


def diff_runs(before: str | Path, after: str | Path) -> RunDiff:
    """Compare two run folders.

    A metric's noise is the standard error that its 95 % intervals imply, or else, where there are two seeds or folds at
    least, their standard deviation: differences under two standard deviations over seeds are noise. The two runs count as
    independent, which is cautious when they share their inputs. P-values are those of a normal difference, adjusted over
    all metrics by Holm's method.

    Parameters
    ----------
    before, after : str or Path
        Run folders.

    Returns
    -------
    RunDiff
        Changes of what went in, and how far every metric moved.

    Raises
    ------
    DataError
        If a folder is no run's.

    Examples
    --------
    >>> diff_runs("reports/themes", "reports/themes").alike
    True
    """
    old, new = read_manifest(Path(before)), read_manifest(Path(after))
    changes = [
        Change(part, name, old[part].get(name), new[part].get(name))
        for part in ("config", "inputs", "code", "encoder", "environment")
        for name in sorted(old[part].keys() | new[part].keys())
        if old[part].get(name) != new[part].get(name)
    ]
    if old["experiment"] != new["experiment"]:
        changes.insert(0, Change("experiment", "name", old["experiment"], new["experiment"]))
    one, other = (_by_metric(read_records(Path(folder) / "records.jsonl")) for folder in (before, after))
    varying = {str(name) for name in [*old["varying"], *new["varying"]]}
    shared = [key for key in one if key in other]
    rows = [(key, *_summary(one[key]), *_summary(other[key])) for key in shared]
    told = []
    for key, value, error, source, value_after, error_after, source_after in rows:
        noise = math.hypot(error, error_after)
        sources = ", ".join(sorted({source, source_after} - {""}))
        # No spread at all is no evidence that there is no noise.
        known = noise > 1e-12 * max(abs(value), abs(value_after))
        told.append((key, value, value_after, noise if known else math.nan, sources))
    raw = [math.nan if key[2] in varying else _p(after - before, noise) for key, before, after, noise, _ in told]
    adjusted = iter(holm([p for p in raw if not math.isnan(p)]))
    moves = [
        Move(*key, value, value_after, noise, source, math.nan if math.isnan(p) else next(adjusted), key[2] in varying)
        for (key, value, value_after, noise, source), p in zip(told, raw, strict=True)
    ]
    return RunDiff(
        tuple(changes),
        tuple(moves),
        tuple(key for key in one if key not in other),
        tuple(key for key in other if key not in one),
    )


def _by_metric(records: Sequence[Record]) -> Mapping[_Key, list[Record]]:
    found: dict[_Key, list[Record]] = defaultdict(list)
    for record in records:
        found[record.model, record.corpus, record.metric].append(record)
    return found


def _summary(records: Sequence[Record]) -> tuple[float, float, str]:
    """Give a metric's value, its standard error, and what that is of."""
    whole = [record for record in records if record.seed is None and record.fold is None]
    parts = np.array([record.value for record in records if record.seed is not None or record.fold is not None])
    parts = parts[np.isfinite(parts)]
    value = whole[-1].value if whole else float(parts.mean()) if len(parts) else math.nan
    told = whole[-1:] or (records[:1] if len(records) == 1 else [])
    for record in told:
        if record.low is not None and record.high is not None:
            return value, (record.high - record.low) / (2 * _Z), "interval"
    if len(parts) >= 2:
        return value, float(parts.std(ddof=1)), "seeds"
    return value, math.nan, ""


def _p(difference: float, noise: float) -> float:
    if math.isnan(difference) or math.isnan(noise):
        return math.nan
    return math.erfc(abs(difference) / noise / math.sqrt(2))
