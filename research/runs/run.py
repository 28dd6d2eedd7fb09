"""Run folders: what an experiment measured, from which inputs, with which code, so that it can be cited and done again."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.cores import usable_cores
from research.errors import ConfigError, DataError, ResearchError
from research.evaluate.undefined import reason
from research.files import disk_refuses, unwritable
from research.runs.journal import Cell, Journal, Outcome
from research.runs.manifest import MANIFEST
from research.runs.provenance import commit, environment, hash_code, hash_file, hash_inputs
from research.runs.records import Headline, Record, write_headlines, write_records
from research.runs.sweep import Measure, sweep
from research.runs.workplace import Workplace, workplace

if TYPE_CHECKING:
    from research.features import Encoder

__all__ = ["Run", "open_run"]


class Run:
    """A run that is under way; see `open_run`.

    Attributes
    ----------
    folder : Path
        Where tables, figures and the page are written.
    records : list of Record
        What was measured so far.
    headlines : list of Headline
        The results that a reader will quote, each beside its control.
    outcomes : list of Outcome
        Every cell of every sweep, in the order in which they were planned.
    """

    def __init__(
        self,
        experiment: str,
        place: Workplace,
        *,
        code: Sequence[Path],
        resume: bool = False,
        workers: int | None = None,
        deadline: float | None = None,
    ) -> None:
        self.experiment = experiment
        self.folder = place.new
        self.records: list[Record] = []
        self.headlines: list[Headline] = []
        self.outcomes: list[Outcome] = []
        self.inputs: dict[str, str] = {}
        self.encoder: dict[str, str] = {}
        self.varying: set[str] = set()
        self._place, self._files = place, list(code)
        self._code, self._environment = hash_code(code), environment()
        self._resume, self._workers, self._deadline = resume, workers, deadline
        self._journal: Journal | None = None
        self._keys: set[tuple[str, ...]] = set()
        self._planned: set[str] = set()

    @property
    def missing(self) -> list[Outcome]:
        """The cells that failed or were not run."""
        return [outcome for outcome in self.outcomes if not outcome.ok]

    def record(self, model: str, corpus: str, metric: str, value: float, **more: Any) -> None:
        """Keep one measured value; a NaN needs a ``status`` that says why, or carries its own reason."""
        status = more.pop("status", None) or reason(value) or "ok"
        if status == "undefined":
            raise ValueError(f"{metric} of {model} on {corpus} is undefined: say why with status=")
        seed, fold = more.pop("seed", None), more.pop("fold", None)
        for end in ("low", "high"):
            if more.get(end) is not None and math.isnan(more[end]):
                more[end] = None
        if any(math.isinf(number) for number in (value, more.get("low") or 0.0, more.get("high") or 0.0)):
            raise ValueError(f"{metric} of {model} on {corpus} is infinite: record it as undefined, with a reason")
        record = Record(self.experiment, model, corpus, seed, fold, metric, float(value), status, **more)
        if record.key in self._keys:
            raise ValueError(f"{metric} of {model} on {corpus} is recorded twice: name the model, seed or fold apart")
        self._keys.add(record.key)
        self.records.append(record)

    def headline(self, headline: Headline) -> None:
        """Keep a result that a reader will quote, beside its control."""
        self.headlines.append(headline)

    def used(self, *paths: Path) -> None:
        """Note input files and folders by their hashes; before the first sweep, which depends on them."""
        self._before_sweeps()
        for path in paths:
            for name, found in hash_inputs(path).items():
                if self.inputs.setdefault(name, found) != found:
                    raise ConfigError(f"two inputs are called {name}", where=str(path), remedy="rename one of them")

    def used_encoder(self, encoder: Encoder) -> None:
        """Note the encoder with the hash of its weights; before the first sweep."""
        self._before_sweeps()
        self.encoder = {"name": encoder.name, "version": encoder.version, "sha256": encoder.fingerprint()}

    def varies(self, *metrics: str) -> None:
        """Name metrics that differ from run to run by their nature, as times do: they cannot be verified."""
        self.varying.update(metrics)

    def sweep(self, measure: Measure, cells: Sequence[Cell], *, label: str = "cells") -> list[Outcome]:
        """Measure cells over processes, keep what each gives at once, and record its metrics.

        Parameters
        ----------
        measure : callable
            A function of the experiment's module, from a `Cell` to a `Measured`.
        cells : sequence of Cell
            What to measure; no two alike.
        label : str
            For the progress bar.

        Returns
        -------
        list of Outcome
            In the order of the cells. Those that failed or were not run have a record that says so.
        """
        keys = {cell.key for cell in cells}
        if len(keys) < len(cells) or keys & self._planned:
            raise ValueError("two cells of a run are alike")
        self._planned |= keys
        if hash_code(self._files) != self._code:  # workers load it anew
            raise ConfigError("the code has changed since the run began", where=self.experiment, remedy="begin anew")
        if self._journal is None:
            source = self._place.known if self._resume else None
            self._journal = Journal(self._place.journal, self._identity(), source=source)
        found = {cell.key: self._journal.known[cell.key] for cell in cells if cell.key in self._journal.known}
        missing = [cell for cell in cells if cell.key not in found]
        try:
            for outcome in sweep(measure, missing, workers=self._workers, deadline=self._deadline, label=label):
                self._journal.add(outcome)
                found[outcome.cell.key] = outcome
        except OSError as error:
            remedy = "measure in this process with --workers 1"
            raise ConfigError(f"worker processes cannot run ({error})", where=self.experiment, remedy=remedy) from None
        outcomes = [found[cell.key] for cell in cells]
        for outcome in outcomes:
            cell = outcome.cell
            at = {"seed": cell.seed, "fold": cell.fold}
            for metric, value in outcome.metrics.items():
                self.record(cell.model, cell.corpus, metric, value, **at)
            if not outcome.ok:
                self.record(cell.model, cell.corpus, "all", math.nan, status=outcome.status, **at)
        self.outcomes += outcomes
        return outcomes

    def _before_sweeps(self) -> None:
        if self._journal is not None:
            raise RuntimeError("name inputs and encoder before the first sweep: its cells depend on them")

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _identity(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "inputs": dict(sorted(self.inputs.items())),
            "code": self._code,
            "encoder": self.encoder,
            "environment": self._environment,
        }

    def _write(self, config: Mapping[str, Any], seeds: Sequence[int], started: datetime, seconds: float) -> None:
        write_records(self.records, self.folder / "records.jsonl")
        if self.headlines:
            write_headlines(self.headlines, self.folder / "headlines.jsonl")
        if self._journal is not None:
            # In the order of the plan, not in that in which processes happened to finish.
            known = [outcome.line() for outcome in self.outcomes]
            head = json.dumps({"identity": self._journal.identity}, ensure_ascii=False)
            text = "".join(f"{line}\n" for line in [head, *known])
            (self.folder / "cells.jsonl").write_text(text, encoding="utf-8", errors="backslashreplace")
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        revision, dirty = commit()
        manifest = {
            "experiment": self.experiment,
            "config": dict(config),
            "seeds": list(seeds),
            **{name: part for name, part in self._identity().items() if name != "experiment"},
            "varying": sorted(self.varying),
            "cells": {"measured": len(self.outcomes) - len(self.missing), "missing": len(self.missing)},
            "outputs": {path.relative_to(self.folder).as_posix(): hash_file(path) for path in files},
            "cores": usable_cores(),
            "commit": revision,
            "dirty": dirty,
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (self.folder / MANIFEST).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


@contextmanager
def open_run(
    experiment: str,
    out: str | Path,
    config: Mapping[str, Any],
    *,
    seeds: Sequence[int] = (0,),
    code: Sequence[Path] = (),
    resume: bool = False,
    fresh: bool = False,
    workers: int | None = None,
    budget: float | None = None,
) -> Iterator[Run]:
    """Open a run; its folder is complete and in place when the block ends, and as it was before when the block fails.

    Cells that were measured before a failure or a kill are kept beside the folder, for a later run with ``resume``.

    Parameters
    ----------
    experiment : str
        The experiment's name.
    out : str or Path
        The run folder; an earlier run in it is replaced as a whole, files in it that are no run's stay.
    config : mapping
        Everything that was set.
    seeds : sequence of int
        The seeds that were used.
    code : sequence of Path
        The experiment's own files, and folders of such.
    resume : bool
        Whether to reuse the cells of an interrupted run, or of the finished one that is there.
    fresh : bool
        Whether to begin anew although an interrupted run is there.
    workers : int, optional
        How many processes measure cells; the usable cores when not given.
    budget : float, optional
        Seconds after which no further cell begins.

    Yields
    ------
    Run
        Takes records and inputs; write tables and figures into its ``folder``.

    Raises
    ------
    ConfigError
        If another run is at work on the folder, it holds something else or an interrupted run, it cannot be written to, or what
        an interrupted run depended on has changed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with open_run("toy", Path(place) / "toy", {}) as run:
    ...         run.record("none", "nothing", "count", 1.0)
    ...     sorted(path.name for path in (Path(place) / "toy").iterdir())
    ['manifest.json', 'records.jsonl']
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    deadline = None if budget is None else time.monotonic() + budget
    with workplace(out) as place:
        if place.journal.exists() and not resume and not fresh:
            raise ConfigError(
                "an interrupted run is here", where=str(out), remedy="--resume goes on where it stopped, --fresh begins anew"
            )
        run = Run(experiment, place, code=code, resume=resume, workers=workers, deadline=deadline)
        try:
            yield run
            run._write(config, seeds, started, time.perf_counter() - clock)
            run._close()
        except OSError as error:
            if disk_refuses(error):
                raise unwritable(out, error) from None
            raise
        except ResearchError:
            raise
        except Exception as error:
            if not run.missing:
                raise
            first = run.missing[0]
            raise DataError(
                f"the report cannot be made without the {len(run.missing)} measurements that are missing "
                f"({first.cell.model}: {first.status})",
                where=str(out),
                remedy="--resume tries them again",
            ) from error
        finally:
            run._close()
        try:
            place.finish()
        except OSError as error:
            raise unwritable(out, error) from None
        run.folder = place.final
