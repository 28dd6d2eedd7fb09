"""Writing folders so that a reader finds either the old files or the new ones, never half of them."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from research.errors import ConfigError

__all__ = ["disk_refuses", "put_in_place", "staged", "unwritable"]

_REMEDY = "name another folder with --out"
_FULL = {errno.ENOSPC, errno.EDQUOT}
# What the operating system says when it is the disk that refuses.
_DISK = {*_FULL, errno.EFBIG, errno.EROFS, errno.EIO}


@contextmanager
def staged(folder: str | Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a new folder to write in; when all went well its files move to where they belong, otherwise nothing changes.

    Parameters
    ----------
    folder : str or Path
        Where the files belong; it may exist, and other files in it stay.
    replace : bool
        Whether the new folder takes the place of the old one as a whole.

    Yields
    ------
    Path
        A folder beside the final one.

    Raises
    ------
    ConfigError
        If the place cannot be written to, or has no more room for what is written meanwhile.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with staged(Path(place) / "out") as new:
    ...         _ = (new / "a.txt").write_text("done")
    ...     (Path(place) / "out" / "a.txt").read_text()
    'done'
    """
    # Where links lead: a link cannot be replaced by a folder, and what it names should be.
    final = Path(os.path.realpath(folder))
    try:
        if final.exists() and not final.is_dir():
            raise ConfigError("a file stands where the folder should be", where=str(folder), remedy=_REMEDY)
        final.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        try:
            yield new
        except OSError as error:
            if disk_refuses(error):
                raise unwritable(folder, error) from None
            raise
        try:
            new.chmod(0o755)
            if replace or not final.exists():
                spare = final.with_name(f".{final.name}-old-{os.getpid()}")
                put_in_place(new, final, spare)
                shutil.rmtree(spare, ignore_errors=True)
            else:
                _move(new, final)
        except OSError as error:
            raise unwritable(folder, error) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def disk_refuses(error: OSError) -> bool:
    """Tell whether it is the disk that refuses: it is full, or cannot be written to at all.

    Examples
    --------
    >>> disk_refuses(OSError(errno.ENOSPC, "No space left on device")), disk_refuses(FileNotFoundError("x"))
    (True, False)
    """
    return error.errno in _DISK


def unwritable(folder: str | Path, error: OSError) -> ConfigError:
    """Say in one line that a folder cannot be written to."""
    remedy = f"make room, or {_REMEDY}" if error.errno in _FULL else _REMEDY
    return ConfigError(f"cannot be written ({error.strerror or error})", where=str(folder), remedy=remedy)


def put_in_place(new: Path, final: Path, spare: Path) -> None:
    """Let a folder take the place of another one of the same file system, in one step where the system has one.

    Parameters
    ----------
    new : Path
        The new folder; afterwards it holds the old files or is gone.
    final : Path
        Where it belongs; it need not exist.
    spare : Path
        A free name. Systems that cannot exchange two folders need a moment in which ``final`` is not there; the old files are
        here then, and afterwards.
    """
    if not final.exists():
        os.replace(new, final)
    elif not _exchange(new, final):
        os.replace(final, spare)
        try:
            os.replace(new, final)
        except BaseException:
            os.replace(spare, final)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at once; False where the system or the file system cannot."""
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE; on macOS RENAME_SWAP has the same value
    paths = [os.fsencode(path) for path in (one, other)]
    try:
        system = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(system.renamex_np(*paths, swap) == 0)
        return bool(system.renameat2(here, paths[0], here, paths[1], swap) == 0)
    except (OSError, AttributeError, TypeError):  # no such call
        return False


def _move(new: Path, final: Path) -> None:
    files = [(path, final / path.relative_to(new)) for path in sorted(new.rglob("*"))]
    for path, target in files:
        if target.exists() and target.is_dir() != path.is_dir():
            kinds = ("folder", "file") if target.is_dir() else ("file", "folder")
            raise ConfigError(f"a {kinds[0]} stands where a {kinds[1]} should be", where=str(target), remedy=_REMEDY)
    for path, target in files:
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            os.replace(path, target)
