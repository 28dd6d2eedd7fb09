"""One piece of work on all partitions: what is done is marked, what is asked again is not done again, what fails is told."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from research.bulk.engines import Engine
from research.bulk.places import Place
from research.bulk.source import Part
from research.errors import ConfigError, DataError, ResearchError
from research.progress import progress, quiet

__all__ = ["WORK", "Done", "Job", "Outcome", "Task"]

#: The files that were written, and a summary that JSON can hold.
Done = tuple[Sequence[str], Mapping[str, Any]]
#: Does one partition.
Task = Callable[[Part, Place, Any], Done]

_VERSION: str = import_module("research").__version__
WORK = "_work"  # readers of Parquet leave out what begins so
_ABOUT = f"{WORK}/job.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a partition: its summary, or why there is none."""

    part: str
    summary: Mapping[str, Any]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    stage: str
    key: str
    task: Task
    place: Place


class Job:
    """A command's work in its folder, from one stage to the next.

    Parameters
    ----------
    out : str or Path
        The folder, on this machine or at an address. It is locked while the job runs.
    parts : sequence of Part
        The partitions.
    asked : mapping
        All that the result depends on; a folder with another job's results is refused.
    engine : Engine
        What runs the tasks.
    skip_unreadable : bool
        Whether partitions that cannot be read are left out; otherwise they end the job.
    """

    def __init__(
        self, out: str | Path, parts: Sequence[Part], asked: Mapping[str, Any], engine: Engine, *, skip_unreadable: bool = False
    ) -> None:
        self.place = Place(str(out))
        self.parts = list(parts)
        self.failures: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self._engine, self._skip = engine, skip_unreadable
        self._asked = {**asked, "package": _VERSION}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._lock(stack)
            self.place.sweep()
            known = self.place.read_json(_ABOUT)
            if known is None and self.place.exists(_ABOUT):
                raise DataError("its job.json is damaged", where=self.place.address, remedy="name another folder with --out")
            plain = json.loads(json.dumps(self._asked))
            if known is None:
                self.place.write_json(_ABOUT, plain)
            elif known != plain:
                names = sorted(name for name in {*known, *plain} if known.get(name) != plain.get(name))
                raise ConfigError(
                    f"the folder holds results of another job (other: {', '.join(names)})",
                    where=self.place.address,
                    remedy="name another folder with --out, or remove this one",
                )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _lock(self, stack: ExitStack) -> None:
        if not self.place.is_local:
            return  # no file system of the net locks in a way to rely on
        from filelock import FileLock, Timeout

        folder = Path(self.place.path(WORK))
        try:
            if folder.parent.exists() and not folder.parent.is_dir():
                raise ConfigError("a file stands where the folder should be", where=self.place.address)
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(FileLock(folder / "lock", timeout=0))
        except Timeout:
            raise ConfigError(
                "another command is writing there", where=self.place.address, remedy="wait for it, or name another folder"
            ) from None
        except OSError as error:
            raise ConfigError(
                f"cannot be written ({error.strerror or error})",
                where=self.place.address,
                remedy="name another folder with --out",
            ) from None

    def run(self, stage: str, task: Task, shared: Any = None, *, depends: Any = "", label: str) -> dict[str, Mapping[str, Any]]:
        """Do one stage on every partition, and give the summaries by partition, in their order.

        Parameters
        ----------
        stage : str
            Its name, under which what is done is marked.
        task : Task
            A function of a module, which other processes can find.
        shared : object
            What every call gets; sent to each worker once.
        depends : object
            What the stage depends on beside the job's options and the partition, as JSON can hold it.
        label : str
            What the progress says.

        Raises
        ------
        DataError
            If partitions cannot be read; what was done of the others is kept.
        """
        key = hashlib.sha256(json.dumps([self._asked, stage, depends], sort_keys=True, default=str).encode()).hexdigest()[:32]
        asked = _Asked(stage, key, task, self.place)
        start = time.perf_counter()
        done: dict[str, Mapping[str, Any]] = {}
        failed: dict[str, str] = {}
        outcomes = self._engine.run(_perform, [(asked, part) for part in self.parts], shared)
        for outcome in progress(outcomes, label, total=len(self.parts)):
            if outcome.failure:
                failed[outcome.part] = outcome.failure
            else:
                done[outcome.part] = outcome.summary
        self.seconds[stage] = time.perf_counter() - start
        if failed:
            self._failed(failed)
        return {part.name: done[part.name] for part in self.parts if part.name in done}

    def _failed(self, failed: Mapping[str, str]) -> None:
        if not self._skip or len(failed) == len(self.parts):
            first = min(failed)
            more = "" if len(failed) == 1 else f"; so do {len(failed) - 1} more of {len(self.parts)} partitions"
            raise DataError(
                f"a partition fails: {failed[first]}{more}",
                remedy="repair or remove them and run again, what is done is kept; or give --skip-unreadable",
            )
        self.failures.update(failed)
        self.parts = [part for part in self.parts if part.name not in failed]


def _perform(item: tuple[_Asked, Part], shared: Any) -> Outcome:
    """Do one partition in whatever process this is, unless it was done before."""
    asked, part = item
    mark = f"{WORK}/{asked.stage}/{part.name}.json"
    try:
        fingerprint = part.fingerprint()
        known = asked.place.read_json(mark)
        if _holds(known, asked, fingerprint):
            return Outcome(part.name, known["summary"])
        with quiet():
            names, summary = asked.task(part, asked.place, shared)
        files = {name: _digest(asked.place, name) for name in names}
        plain = json.loads(json.dumps(summary))
        asked.place.write_json(mark, {"key": asked.key, "part": fingerprint, "files": files, "summary": plain})
        return Outcome(part.name, plain)
    except ResearchError as error:
        return Outcome(part.name, {}, str(error))
    except OSError as error:
        return Outcome(part.name, {}, f"{part.address}: {error.strerror or error}")


def _holds(known: Any, asked: _Asked, fingerprint: str) -> bool:
    """Tell whether a mark is of this very task on this very partition, and all that it wrote is there as it was written."""
    try:
        if known["key"] != asked.key or known["part"] != fingerprint:
            return False
        return isinstance(known["summary"], dict) and all(
            asked.place.exists(name) and _digest(asked.place, name) == value for name, value in known["files"].items()
        )
    except (KeyError, TypeError, AttributeError, ResearchError):
        return False


def _digest(place: Place, name: str) -> str:
    with place.reading(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
