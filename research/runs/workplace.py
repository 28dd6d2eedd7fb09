"""The place of one run: its lock, its journal and the folder it writes in, beside the folder in which it will stand."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import ConfigError, DataError
from research.files import put_in_place, unwritable
from research.runs.manifest import MANIFEST, is_run, read_manifest
from research.runs.provenance import hash_file

__all__ = ["Workplace", "workplace"]

_JOURNAL = "cells.jsonl"
_ANOTHER = "name another folder with --out"
# All that a working folder can hold: what is being written, what is complete and about to be exchanged with the run folder
# (or was), and the old run folder where a system needs two steps for that.
_NEW, _READY, _OLD, _LOCK = "new", "ready", "old", "lock"
_OURS = {_NEW, _READY, _OLD, _LOCK, _JOURNAL, "cells.new"}


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
        """The cells to go on from: those of the run that was interrupted, else of the finished one, if nobody edited them."""
        if self.journal.exists():
            return self.journal
        finished = self.final / _JOURNAL
        try:
            noted = read_manifest(self.final)["outputs"].get(_JOURNAL)
            return finished if noted is not None and hash_file(finished) == noted else None
        except (DataError, OSError):
            return None

    def finish(self) -> None:
        """Let the new folder take the place of the old one; whatever in the old one is no run's moves into the new one."""
        for path in self.new.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        ready = self.new.with_name(_READY)
        os.replace(self.new, ready)
        if self.final.exists():
            ready.chmod(stat.S_IMODE(self.final.stat().st_mode))
        put_in_place(ready, self.final, spare=self.new.with_name(_OLD))
        _settle(self.new.parent, self.final)
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
    ...         _ = (place.new / "table.csv").write_text("a")
    ...         place.finish()
    ...     sorted(path.name for path in Path(folder).rglob("*"))
    ['run', 'table.csv']
    """
    final = Path(os.path.realpath(out))
    work = final.with_name(f".{final.name}.run")
    try:
        _check(out, final, work)
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
        except ConfigError:
            (work / _LOCK).unlink(missing_ok=True)
            raise
        try:
            yield place
        finally:
            _tidy(work, final)
    finally:
        lock.release()


def _check(out: str | Path, final: Path, work: Path) -> None:
    """Look at everything that can be seen without writing: what stands in the way now would stand there in hours."""

    def refuse(what: str, remedy: str = _ANOTHER) -> ConfigError:
        return ConfigError(what, where=str(out), remedy=remedy)

    if final.is_symlink():
        raise refuse("a link that leads to itself")
    if final.exists() and not final.is_dir():
        raise refuse("a file stands where the folder should be")
    if final == Path.cwd():
        raise refuse("the working folder itself cannot be replaced")
    if os.path.ismount(final):
        raise refuse("a mounted disk cannot be replaced as a whole", "name a folder in it with --out")
    if final.is_dir() and any(final.iterdir()) and not is_run(final):
        raise refuse("the folder holds files that are no run's")
    for above in final.parents:
        if (above / MANIFEST).exists() and is_run(above):
            raise refuse("the folder lies in another run's folder")
    if work.is_symlink() or work.is_file():
        raise refuse(f"{work.name} beside it is not a folder", "remove it, or name another folder with --out")


def _lock(work: Path) -> Any:
    from filelock import FileLock, Timeout

    for _ in range(100):
        try:
            work.mkdir(parents=True, exist_ok=True)
            return FileLock(work / _LOCK, timeout=0, mode=0o644).acquire().lock
        except Timeout:
            if (work / _LOCK).exists():
                return None
        except (FileNotFoundError, FileExistsError):
            continue  # the run that was here is just tidying up
    return None


def _prepare(work: Path, final: Path) -> Workplace:
    for path in sorted(work.iterdir()):
        if path.name not in _OURS or path.is_symlink():
            what = f"{work.name} beside it holds {path.name!r}, which no run wrote"
            raise ConfigError(what, where=str(final), remedy="remove it, or name another folder with --out")
    place = Workplace(final, work / _NEW, work / _JOURNAL)
    _settle(work, final)
    if _is_finished(place.journal, final / _JOURNAL):  # killed after the exchange
        place.journal.unlink()
    place.new.mkdir()
    return place


def _settle(work: Path, final: Path) -> None:
    """Bring folder and working folder to rest, whenever a kill came: the old run or the new one, and every foreign file."""
    old, ready = work / _OLD, work / _READY
    if old.exists() and not final.exists():  # between the two steps of an exchange
        os.replace(old, final)
    for left in (ready, old):
        if left.exists():
            _rescue(left, final)
            _remove(left)
    _remove(work / _NEW)


def _rescue(left: Path, final: Path) -> None:
    """Move what no run wrote from a folder that will go into the one that stays, whole folders with their modes."""
    try:
        outputs = read_manifest(left)["outputs"]
    except DataError:
        outputs = None  # no run's: all of it is somebody's
    ours = set() if outputs is None else {MANIFEST, *outputs}

    def move(folder: Path) -> None:
        for path in sorted(folder.iterdir()):
            name = path.relative_to(left).as_posix()
            inside = path.is_dir() and not path.is_symlink() and any(output.startswith(f"{name}/") for output in ours)
            if inside:
                move(path)
            elif name not in ours:
                target = final / name
                number = 0
                while os.path.lexists(target):
                    number += 1
                    target = final / f"{name}.kept{number if number > 1 else ''}"
                target.parent.mkdir(parents=True, exist_ok=True)
                _rename(path, target)

    if final.exists():
        move(left)


def _rename(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except PermissionError:  # a folder that may not be written to cannot be told its new place
        mode = stat.S_IMODE(path.lstat().st_mode)
        path.chmod(mode | stat.S_IRWXU)
        path.rename(target)
        target.chmod(mode)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _is_finished(journal: Path, finished: Path) -> bool:
    if not journal.exists() or not finished.exists():
        return False
    return set(journal.read_bytes().splitlines()) <= set(finished.read_bytes().splitlines())


def _tidy(work: Path, final: Path) -> None:
    """Leave the journal, if there is one, and nothing else. The lock file goes last, while the lock is still held."""
    with suppress(OSError):
        _settle(work, final)
    (work / "cells.new").unlink(missing_ok=True)
    if not (work / _JOURNAL).exists():
        (work / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):  # the next run is here already
            work.rmdir()
