"""Writing folders so that a reader finds either the old files or the new ones, never half of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from research.errors import ConfigError

__all__ = ["staged"]

_REMEDY = "name another folder with --out"


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
        If the place cannot be written to.

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
        raise _unwritable(folder, error) from None
    try:
        yield new
        try:
            new.chmod(0o755)
            _move(new, final, replace)
        except OSError as error:
            raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _unwritable(folder: str | Path, error: OSError) -> ConfigError:
    return ConfigError(f"cannot be written ({error.strerror})", where=str(folder), remedy=_REMEDY)


def _move(new: Path, final: Path, replace: bool) -> None:
    if not final.exists():
        os.replace(new, final)
    elif replace:
        old = final.with_name(f".{final.name}-old-{os.getpid()}")
        os.replace(final, old)
        os.replace(new, final)
        shutil.rmtree(old, ignore_errors=True)
    else:
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
