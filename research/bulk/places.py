"""Files on this machine or at any address that fsspec opens: read as they are, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from research.errors import ConfigError, DataError

__all__ = ["Place", "open_address"]

_NEW = ".new"  # ends the name of a file that is being written


def open_address(address: str) -> tuple[Any, str]:
    """Give the file system of an address, and the path in it.

    Parameters
    ----------
    address : str
        A path of this machine, or an address such as ``s3://bucket/archive``; nothing is fetched that it does not name.

    Raises
    ------
    ConfigError
        If no installed package opens such addresses.

    Examples
    --------
    >>> open_address("seeds")[1] == str(Path("seeds").resolve())
    True
    """
    from fsspec.core import url_to_fs

    if "://" not in address:
        address = os.path.abspath(address)  # noqa: PTH100 - Path.resolve follows links, which are looked at later
    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ConfigError(
            f"such an address cannot be opened ({' '.join(str(error).split())[:200]})",
            where=address,
            remedy="install the package of fsspec for it, or name a folder of this machine",
        ) from None
    return system, str(path)


class Place:
    """A folder in which files are written whole.

    Parameters
    ----------
    address : str
        See `open_address`; made when the first file is written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Place(folder)
    ...     place.write_json("marks/a.json", {"rows": 3})
    ...     place.read_json("marks/a.json"), place.read_json("marks/b.json")
    ({'rows': 3}, None)
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._system, self._root = open_address(address)
        self.is_local = self._system.protocol == "file" or "file" in self._system.protocol

    def __reduce__(self) -> tuple[type[Place], tuple[str]]:
        return Place, (self.address,)

    def path(self, name: str) -> str:
        """Give the path of a file of this folder in its file system.

        Raises
        ------
        ConfigError
            If the name leads out of the folder.
        """
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise ConfigError(f"{name!r} leads out of the folder", where=self.address)
        return f"{self._root.rstrip('/')}/{'/'.join(parts)}"

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        return bool(self._system.exists(self.path(name)))

    @contextmanager
    def reading(self, name: str) -> Iterator[Any]:
        """Open a file for reading, as bytes."""
        with self._system.open(self.path(name), "rb") as file:
            yield file

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        """Give a new file to write bytes to; when all went well it takes its place, otherwise nothing changes.

        Raises
        ------
        ConfigError
            If it cannot be written.
        """
        final = self.path(name)
        try:
            if self.is_local:
                target = Path(final)
                target.parent.mkdir(parents=True, exist_ok=True)
                new = target.with_name(f".{target.name}-{uuid.uuid4().hex[:12]}{_NEW}")
                try:
                    with new.open("xb") as file:
                        yield file
                        file.flush()
                        os.fsync(file.fileno())  # a name must not outlive a power cut that its bytes do not
                    os.replace(new, target)
                finally:
                    new.unlink(missing_ok=True)
            else:
                # Elsewhere a file is seen when it was sent whole.
                with tempfile.NamedTemporaryFile() as file:
                    yield file
                    file.flush()
                    file.seek(0)
                    with self._system.open(final, "wb") as target:
                        shutil.copyfileobj(file, target, 1 << 20)
        except OSError as error:
            raise ConfigError(
                f"cannot be written ({error.strerror or error})", where=final, remedy="make room, or name another folder"
            ) from None

    def write_json(self, name: str, value: Any) -> None:
        """Write a small file of JSON."""
        with self.writing(name) as file:
            file.write(json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False).encode())

    def read_json(self, name: str) -> Any:
        """Read a small file of JSON; None where there is none that can be read."""
        try:
            with self.reading(name) as file:
                return json.loads(file.read())
        except (FileNotFoundError, ValueError, RecursionError):
            return None
        except OSError as error:
            raise DataError(f"cannot be read ({error.strerror or error})", where=self.path(name)) from None

    def sweep(self) -> None:
        """Take away what a killed process was writing here."""
        if self.is_local:
            for left in Path(self._root).rglob(f".*{_NEW}"):
                left.unlink(missing_ok=True)
