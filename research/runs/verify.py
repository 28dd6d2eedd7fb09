"""Verify a run: measure again what it says, and grade every field of it."""

from __future__ import annotations

import csv
import json
import math
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from research.errors import ResearchError
from research.runs.config import load_config
from research.runs.experiment import Experiment, run_experiment
from research.runs.manifest import MANIFEST, read_manifest
from research.runs.provenance import hash_file
from research.runs.records import Headline, Record, read_headlines, read_records

__all__ = ["Finding", "Verification", "verify_run"]

EXACT = "exact"
WITHIN = "equal within tolerance"
DIFFERENT = "different"
EDITED = "edited after the run"
CHANGED = "changed"
UNVERIFIABLE = "unverifiable"
_ORDER = [EXACT, WITHIN, DIFFERENT]

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")

#: Relative to values above 1, absolute below.
TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Finding:
    """One field of a run with its grade.

    Attributes
    ----------
    part : str
        ``inputs``, ``code``, ``encoder``, ``environment``, ``records``, ``headlines``, ``tables`` or ``files``.
    field : str
        Which input, version, record or file.
    grade : str
        ``exact``, ``equal within tolerance``, ``different``, ``edited after the run``, ``changed`` or ``unverifiable``.
    detail : str
        What was found.
    """

    part: str
    field: str
    grade: str
    detail: str = ""


@dataclass(frozen=True)
class Verification:
    """What verifying a run has found.

    Attributes
    ----------
    findings : tuple of Finding
        Every field.
    """

    findings: tuple[Finding, ...]

    def count(self, part: str, grade: str) -> int:
        """How many fields of a part have a grade."""
        return sum(finding.part == part and finding.grade == grade for finding in self.findings)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many fields of every part have each grade."""
        found: dict[str, dict[str, int]] = {}
        for finding in self.findings:
            grades = found.setdefault(finding.part, {})
            grades[finding.grade] = grades.get(finding.grade, 0) + 1
        return found

    @property
    def grade(self) -> str:
        """The run as a whole: the worst that a reader of its numbers has to know, with its likely cause."""
        if any(finding.grade == EDITED for finding in self.findings):
            return EDITED
        if self.count("inputs", CHANGED):
            return "input changed"
        measured = [finding for finding in self.findings if finding.part in {"records", "headlines", "tables"}]
        if any(finding.grade == DIFFERENT for finding in measured):
            causes = [part for part in ("code", "encoder", "environment") if self.count(part, CHANGED)]
            return f"{' and '.join(causes)} changed" if causes else "different without a cause that is known"
        if not any(finding.grade in {EXACT, WITHIN} for finding in measured):
            return UNVERIFIABLE
        return WITHIN if any(finding.grade == WITHIN for finding in measured) else EXACT

    @property
    def holds(self) -> bool:
        """Whether what the run says was found again."""
        return self.grade in {EXACT, WITHIN}


def verify_run(
    folder: str | Path, experiments: Mapping[str, Experiment], *, tolerance: float = TOLERANCE, workers: int | None = None
) -> Verification:
    """Measure a run again and grade it field by field.

    Parameters
    ----------
    folder : str or Path
        A run folder.
    experiments : mapping of str to Experiment
        Those that are known; a run's manifest can name one of them, never a file.
    tolerance : float
        Up to this difference values count as equal within tolerance: another processor sums in another order, and a decision
        on the edge may fall the other way.
    workers : int, optional
        How many processes measure cells.

    Returns
    -------
    Verification
        Every input, version, record, table and file with its grade.

    Raises
    ------
    DataError
        If the folder is no run's.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    old = read_records(folder / "records.jsonl")
    found = _edited(folder, manifest)
    known = experiments.get(manifest["experiment"])
    why = _why_not(known, manifest)
    if known is None or why:
        return Verification((*found, *_unverifiable(old, why)))
    with tempfile.TemporaryDirectory(prefix="verify-") as place:
        again = Path(place) / "run"
        try:
            config = load_config(known.config, manifest["config"], str(folder / MANIFEST))
            run_experiment(known, again, config=config, workers=workers)
        except ResearchError as error:
            return Verification((*found, *_unverifiable(old, str(error))))
        except Exception as error:
            why = f"it cannot be measured again ({type(error).__name__}: {' '.join(str(error).split())[:200]})"
            return Verification((*found, *_unverifiable(old, why)))
        new_manifest = read_manifest(again)
        for part in ("inputs", "code", "encoder", "environment"):
            found += _parts(part, manifest[part], new_manifest[part])
        new = read_records(again / "records.jsonl")
        found += _records(old, new, set(map(str, manifest["varying"])), tolerance)
        lines = [read_headlines(place_ / "headlines.jsonl") for place_ in (folder, again)]
        found += _headlines(lines[0], lines[1], set(map(str, manifest["varying"])), tolerance)
        edited = {finding.field for finding in found if finding.grade == EDITED}
        found += _files(folder, again, manifest, new_manifest, edited, tolerance)
    return Verification(tuple(found))


def _why_not(known: Experiment | None, manifest: Mapping[str, Any]) -> str:
    """Say why a run cannot be verified before anything is run; empty where it can."""
    missing = manifest["cells"].get("missing")
    if known is None:
        return f"the experiment {manifest['experiment']!r} is not known here"
    if missing != 0:
        return f"{missing} of its measurements are missing: complete it with --resume"
    if "sentence-transformers:" in json.dumps(manifest["config"]):
        return "its configuration names a model in a folder, which may be anybody's: run it again yourself"
    return ""


def _unverifiable(old: Sequence[Record], why: str) -> list[Finding]:
    return [Finding("records", _name(record), UNVERIFIABLE, why) for record in old]


def _name(record: Record) -> str:
    at = [f"seed {record.seed}"] * (record.seed is not None) + [f"fold {record.fold}"] * (record.fold is not None)
    return ", ".join([record.model, record.corpus, *at, record.metric])


def _edited(folder: Path, manifest: Mapping[str, Any]) -> list[Finding]:
    """Hold the files that are there against the hashes that the run noted."""
    found = []
    for name, noted in manifest["outputs"].items():
        try:
            path = _inside(folder, name)
            same = path is not None and path.is_file() and hash_file(path) == noted
        except (OSError, ValueError):
            path = None
        if path is None or not path.is_file():
            found.append(Finding("files", str(name), EDITED, "the file is missing"))
        elif not same:
            found.append(Finding("files", str(name), EDITED, "the file is not the one that the run wrote"))
    return found


def _inside(folder: Path, name: str) -> Path | None:
    """Give a file of the folder; None for a name that leads out of it."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or "\x00" in name:
        return None
    path = folder.joinpath(*parts.parts)
    return path if path.resolve().is_relative_to(folder.resolve()) else None


def _parts(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Finding]:
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, now = old.get(name), new.get(name)
        if before == now:
            found.append(Finding(part, name, EXACT))
        elif before is None or now is None:
            found.append(Finding(part, name, CHANGED, "is new" if before is None else "is not there any more"))
        else:
            told = "" if part in {"inputs", "code"} or name == "sha256" else f"{before} then, {now} now"
            found.append(Finding(part, name, CHANGED, told))
    return found


def _records(old: Sequence[Record], new: Sequence[Record], varying: set[str], tolerance: float) -> list[Finding]:
    found = []
    fresh = {record.key: record for record in new}
    for record in old:
        other = fresh.pop(record.key, None)
        if record.metric in varying:
            found.append(Finding("records", _name(record), UNVERIFIABLE, "varies by its nature"))
        elif other is None:
            found.append(Finding("records", _name(record), DIFFERENT, "was not measured again"))
        else:
            found.append(_compared(record, other, tolerance))
    found += [Finding("records", _name(record), DIFFERENT, "was not in the run") for record in fresh.values()]
    return found


def _headlines(old: Sequence[Headline], new: Sequence[Headline], varying: set[str], tolerance: float) -> list[Finding]:
    """Compare what a reader quotes, number by number and with its verdict."""
    found = []
    fresh = {(line.what, line.model, line.metric, line.control): line for line in new}
    for line in old:
        name = f"{line.what}: {line.metric} of {line.model} against {line.control}"
        other = fresh.pop((line.what, line.model, line.metric, line.control), None)
        if line.metric in varying:
            found.append(Finding("headlines", name, UNVERIFIABLE, "varies by its nature"))
            continue
        if other is None:
            found.append(Finding("headlines", name, DIFFERENT, "was not found again"))
            continue
        fields = ["value", "low", "high"]
        if line.control not in varying:
            fields += ["control_value", "control_low", "control_high"]
        grades = [_grade(getattr(line, field), getattr(other, field), tolerance) for field in fields]
        if line.verdict != other.verdict:
            grades.append(DIFFERENT)
        worst = max(grades, key=_ORDER.index)
        told = (
            "" if worst == EXACT else f"{line.value:.6g} then, {other.value:.6g} now; {line.verdict} then, {other.verdict} now"
        )
        found.append(Finding("headlines", name, worst, told))
    return found + [Finding("headlines", line.what, DIFFERENT, "was not in the run") for line in fresh.values()]


def _compared(old: Record, new: Record, tolerance: float) -> Finding:
    grades, details = [], []
    for field in ("value", "low", "high"):
        before, now = getattr(old, field), getattr(new, field)
        before, now = (math.nan if number is None else number for number in (before, now))
        grades.append(_grade(before, now, tolerance))
        if grades[-1] != EXACT:
            details.append(f"{field} {before:.6g} then, {now:.6g} now")
    if old.status != new.status:
        grades.append(DIFFERENT)
        details.append(f"{old.status!r} then, {new.status!r} now")
    worst = max(grades, key=_ORDER.index)
    return Finding("records", _name(old), worst, "; ".join(details))


def _grade(old: float, new: float, tolerance: float) -> str:
    if old == new or (math.isnan(old) and math.isnan(new)):
        return EXACT
    if not math.isfinite(old) or not math.isfinite(new) or (old.is_integer() and new.is_integer()):
        return DIFFERENT  # a count is right or wrong
    return WITHIN if abs(old - new) <= tolerance * max(1.0, abs(old)) else DIFFERENT


def _files(
    folder: Path, again: Path, old: Mapping[str, Any], new: Mapping[str, Any], edited: set[str], tolerance: float
) -> list[Finding]:
    """Compare tables cell by cell; of figures and pages say only whether they are the same to the byte."""
    found = []
    for name in sorted(old["outputs"].keys() | new["outputs"].keys()):
        if name in {"records.jsonl", "cells.jsonl", "headlines.jsonl"} or name in edited:
            continue  # compared as records, or said already
        table = name.endswith(".csv")
        part = "tables" if table else "files"
        if name not in new["outputs"] or name not in old["outputs"]:
            told = "was not written again" if name in old["outputs"] else "was not in the run"
            found.append(Finding(part, name, DIFFERENT, told))
        elif old["outputs"][name] == new["outputs"][name]:
            found.append(Finding(part, name, EXACT))
        elif old["varying"]:
            found.append(Finding(part, name, UNVERIFIABLE, "holds values that vary by their nature"))
        elif table:
            grade, told = _compared_tables(folder / name, again / name, tolerance)
            found.append(Finding(part, name, grade, told))
        else:
            found.append(Finding(part, name, DIFFERENT, "not the same to the byte"))
    return found


def _compared_tables(old: Path, new: Path, tolerance: float) -> tuple[str, str]:
    with old.open(encoding="utf-8", newline="") as one, new.open(encoding="utf-8", newline="") as other:
        before, now = list(csv.reader(one)), list(csv.reader(other))
    if [len(row) for row in before] != [len(row) for row in now]:
        return DIFFERENT, f"{len(before)} rows then, {len(now)} now"
    worst = EXACT
    for number, (row, fresh) in enumerate(zip(before, now, strict=True), 1):
        for cell, other_cell in zip(row, fresh, strict=True):
            if cell == other_cell:
                continue
            # A number with a fraction may differ a little; a count, a year or a name may not.
            numbers = _NUMBER.fullmatch(cell) and _NUMBER.fullmatch(other_cell)
            fraction = numbers and not (_INTEGER.fullmatch(cell) and _INTEGER.fullmatch(other_cell))
            grade = _grade(float(cell), float(other_cell), tolerance) if fraction else DIFFERENT
            if grade == DIFFERENT:
                return DIFFERENT, f"line {number}: {cell[:40]!r} then, {other_cell[:40]!r} now"
            worst = WITHIN
    return worst, "" if worst == EXACT else "numbers differ within the tolerance"
