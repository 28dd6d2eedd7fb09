"""The journal of a run: what every cell gave, kept as soon as it is known, so that a kill costs the cells under way only."""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from research.errors import ConfigError
from research.evaluate.undefined import Undefined, reason
from research.files import unwritable
from research.runs.manifest import read_small

__all__ = ["Cell", "Journal", "Outcome"]


@dataclass(frozen=True)
class Cell:
    """One measurement to make.

    Attributes
    ----------
    model, corpus : str
        What is measured on what.
    seed, fold : int or None
        None where there is none.
    settings : mapping
        Every other value that the measurement depends on, beside the run's inputs and code; plain values, as JSON has them.

    Examples
    --------
    >>> Cell("words", "articles", seed=1).key == Cell("words", "articles", seed=1, settings={}).key
    True
    """

    model: str
    corpus: str
    seed: int | None = None
    fold: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        """The cell as JSON has it."""
        return {
            "model": self.model,
            "corpus": self.corpus,
            "seed": self.seed,
            "fold": self.fold,
            "settings": dict(self.settings),
        }

    @property
    def key(self) -> str:
        """A short hash of the cell."""
        text = json.dumps(self.plain, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True)
class Outcome:
    """What came of a cell.

    Attributes
    ----------
    cell : Cell
        What was to be measured.
    status : str
        ``ok``, or ``failed: …`` or ``not run: …`` with the reason.
    metrics : mapping of str to float
        What was measured.
    data : object
        What else the measurement gave, in plain values.
    """

    cell: Cell
    status: str = "ok"
    metrics: Mapping[str, float] = field(default_factory=dict)
    data: Any = None

    @property
    def ok(self) -> bool:
        """Whether it was measured."""
        return self.status == "ok"

    def line(self) -> str:
        """One line of JSON, with a checksum."""
        body = {
            "key": self.cell.key,
            "cell": self.cell.plain,
            "status": self.status,
            "metrics": {name: _to_plain(value) for name, value in self.metrics.items()},
            "data": self.data,
        }
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        return f'{text[:-1]}, "crc": {zlib.crc32(text.encode("utf-8", "surrogatepass"))}}}'

    @classmethod
    def read(cls, line: str) -> Outcome:
        """Read what `line` wrote; ValueError if the line is damaged."""
        try:
            row = json.loads(line)
            crc = row.pop("crc")
            text = json.dumps(row, ensure_ascii=False, allow_nan=False)
            if zlib.crc32(text.encode("utf-8", "surrogatepass")) != crc:
                raise ValueError("the checksum does not fit")
            metrics = {name: _from_plain(value) for name, value in row["metrics"].items()}
            return cls(Cell(**row["cell"]), str(row["status"]), metrics, row["data"])
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a cell: {error}") from None


def _to_plain(value: float) -> Any:
    return {"undefined": reason(value)} if math.isnan(value) else float(value)


def _from_plain(value: Any) -> float:
    return Undefined(str(value["undefined"])) if isinstance(value, dict) else float(value)


class Journal:
    """The cells of a run that are known, in a file to which one line is added for each.

    Parameters
    ----------
    path : Path
        The file; made anew.
    identity : mapping
        What every cell depends on beside itself: inputs, code, versions. Cells are reused only under the same identity.
    source : Path, optional
        A journal to go on from, this file or another one. A line in it that is cut short or damaged counts as not there.

    Raises
    ------
    ConfigError
        If the file belongs to another identity, naming what has changed, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "cells.jsonl"
    >>> with Journal(file, {"code": "1"}) as journal:
    ...     journal.add(Outcome(Cell("words", "articles"), metrics={"F1": 0.5}))
    >>> with Journal(file, {"code": "1"}, source=file) as journal:
    ...     journal.known[Cell("words", "articles").key].metrics
    {'F1': 0.5}
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], *, source: Path | None = None) -> None:
        self.path = path
        self.identity = json.loads(json.dumps(identity))
        self.known: dict[str, Outcome] = {}
        lines = self._read(source) if source is not None else []
        try:
            # Written anew from what was readable: no torn line can stand in the middle.
            fresh = path.with_suffix(".new")
            with fresh.open("w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self._head() + "\n" + "".join(f"{line}\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, path)
            self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise unwritable(path, error) from None

    def _head(self) -> str:
        return json.dumps({"identity": self.identity}, ensure_ascii=False)

    def _read(self, source: Path) -> list[str]:
        text = read_small(source, errors="replace")
        head, *rest = text.split("\n")[:-1] or [""]  # what follows the last line break was cut short
        try:
            found = json.loads(head)["identity"]
        except (ValueError, TypeError, KeyError):
            return []
        if found != self.identity:
            raise ConfigError(
                f"the run cannot go on: {_changed(found, self.identity)} since it was interrupted",
                where=str(source),
                remedy="begin anew with --fresh",
            )
        kept = []
        for line in rest:
            try:
                outcome = Outcome.read(line)
            except ValueError:
                continue
            if outcome.ok:
                self.known[outcome.cell.key] = outcome
                kept.append(line)
        return kept

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome; it is on the disk when this returns."""
        try:
            self._file.write(outcome.line() + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from None
        if outcome.ok:
            self.known[outcome.cell.key] = outcome

    def close(self) -> None:
        """Close the file; where no cell was kept, leave none."""
        self._file.close()
        if not self.known:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _changed(old: Any, new: Mapping[str, Any]) -> str:
    """Name the first thing that two identities differ in."""
    if not isinstance(old, dict):
        return "it is of another kind"
    for part in new:
        before, now = old.get(part), new[part]
        if before != now:
            if isinstance(before, dict) and isinstance(now, dict):
                names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
                return f"{part} changed ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
            return f"{part} changed"
    return "it is of another kind"
