"""The place of one run: its lock, its journal and the folder it writes in, beside the folder in which it will stand."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import ConfigError
from research.files import put_in_place, unwritable

__all__ = ["MANIFEST", "Workplace", "workplace"]

MANIFEST = "manifest.json"
_JOURNAL = "cells.jsonl"


@dataclass(frozen=True)
class Workplace:
    """Where a run works.

    Attributes
    ----------
    final : Path
        The run folder, links followed.
    new : Path
        An empty folder; it becomes the run folder when `finish` is called.
    journal : Path
        The cells that are known so far; it outlives a kill.
    """

    final: Path
    new: Path
    journal: Path

    @property
    def known(self) -> Path | None:
        """The cells to go on from: those of the run that was interrupted, else of the one that was finished."""
        return next((path for path in (self.journal, self.final / _JOURNAL) if path.exists()), None)

    def finish(self) -> None:
        """Let the new folder take the place of the old one; files in the old one that are no run's stay."""
        for path in _others(self.final):
            target = self.new / path.relative_to(self.final)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target, follow_symlinks=False)
        for path in self.new.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        put_in_place(self.new, self.final, spare=self.new.with_name("old"))
        self.journal.unlink(missing_ok=True)


@contextmanager
def workplace(out: str | Path) -> Iterator[Workplace]:
    """Open the place of a run; no other run can work on the same folder meanwhile.

    Parameters
    ----------
    out : str or Path
        The run folder. It may be there if it is a run's, or empty.

    Yields
    ------
    Workplace
        Unless it is finished inside the block the run folder stays as it was. What is in the journal stays too.

    Raises
    ------
    ConfigError
        If another run is at work there, the folder holds something else, or the place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with workplace(Path(folder) / "run") as place:
    ...         _ = (place.new / "manifest.json").write_text("{}")
    ...         place.finish()
    ...     sorted(path.name for path in Path(folder).rglob("*"))
    ['manifest.json', 'run']
    """
    final = Path(os.path.realpath(out))
    # Whatever can be seen without writing is looked at first.
    if final.exists() and not final.is_dir():
        raise ConfigError("a file stands where the folder should be", where=str(out), remedy="name another folder with --out")
    if final.is_dir() and any(final.iterdir()) and _manifest(final) is None:
        raise ConfigError("the folder holds files that are no run's", where=str(out), remedy="name another folder with --out")
    work = final.with_name(f".{final.name}.run")
    try:
        lock = _lock(work)
    except OSError as error:
        raise unwritable(out, error) from None
    if lock is None:
        raise ConfigError(
            "another run is writing into this folder", where=str(out), remedy="wait for it, or name another with --out"
        )
    try:
        try:
            place = _prepare(work, final)
        except OSError as error:
            raise unwritable(out, error) from None
        yield place
    finally:
        _tidy(work)
        lock.release()


def _prepare(work: Path, final: Path) -> Workplace:
    """Clear away what a kill may have left, whenever it came."""
    place = Workplace(final, work / "new", work / _JOURNAL)
    old = work / "old"
    if old.exists() and not final.exists():  # between the two steps of an exchange
        os.replace(old, final)
    for left in (place.new, old):
        shutil.rmtree(left, ignore_errors=True)
    if _is_finished(place.journal, final / _JOURNAL):  # after the exchange
        place.journal.unlink()
    place.new.mkdir()
    return place


def _is_finished(journal: Path, finished: Path) -> bool:
    if not journal.exists() or not finished.exists():
        return False
    return set(journal.read_bytes().splitlines()) <= set(finished.read_bytes().splitlines())


def _lock(work: Path) -> Any:
    from filelock import FileLock, Timeout

    lock = FileLock(work / "lock", timeout=0, mode=0o644)
    for _ in range(100):
        work.mkdir(parents=True, exist_ok=True)
        try:
            return lock.acquire().lock
        except Timeout:
            if (work / "lock").exists():
                return None
        except FileNotFoundError:
            continue  # the run that was here is just tidying up
    return None


def _tidy(work: Path) -> None:
    """Leave the journal, if there is one, and nothing else. The lock file goes last, while the lock is still held."""
    for path in (work / "new", work / "old"):
        shutil.rmtree(path, ignore_errors=True)
    for path in work.glob("*.new"):
        path.unlink(missing_ok=True)
    if not (work / _JOURNAL).exists():
        (work / "lock").unlink(missing_ok=True)
        with suppress(OSError):  # the next run is here already
            work.rmdir()


def _manifest(folder: Path) -> dict[str, object] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _others(final: Path) -> list[Path]:
    """Give the files of an earlier run folder that the run did not write."""
    manifest = _manifest(final) or {}
    outputs = manifest.get("outputs")
    if not isinstance(outputs, dict):
        return []  # an older form, which does not tell them apart
    ours = {MANIFEST, *outputs}
    files = [path for path in sorted(final.rglob("*")) if path.is_symlink() or path.is_file()]
    return [path for path in files if path.relative_to(final).as_posix() not in ours]
