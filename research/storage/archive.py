"""One file of JSON and arrays: a zip that is written as a whole or not at all, and read without trusting it.

The JSON says what kind of file it is and of which version; the arrays are in numpy's format. Reading runs nothing that is in
the file: no pickle, no name of a function or class. Every size, name, shape and type is checked before it is used. What the
JSON and the arrays mean is for others to say: they describe a `Format`, and check the fields that are their own.
"""

from __future__ import annotations

import json
import math
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError, DataError, ResearchError
from research.storage.checks import Check, UnfitError, count_from, is_text, must_have, parse_json

__all__ = ["Archive", "Arrays", "Format", "Specs", "open_archive", "write_archive"]

#: Arrays by the names of their members: ``centre.npy``.
Arrays = dict[str, npt.NDArray[Any]]
#: The type, little-endian, and the shape of every array that belongs to a file: ``("<f4", (3, 2))``.
Specs = dict[str, tuple[str, tuple[int, ...]]]

# By name: an import statement would tie this module to all that the package names for type checkers.
_VERSION: str = import_module("research").__version__
_MOST_JSON, _MOST_ARRAY, _MOST_TOTAL = 256 << 20, 1 << 30, 2 << 30  # bytes, unpacked
_PIECE = 1 << 20
_MOST_TIMES = 100  # how often JSON may be as large as packed, beyond a piece: words and numbers stay far below, a trap does not
# What zipfile and json raise on bytes that are damaged; a RecursionError and what is not implemented are RuntimeErrors.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, RuntimeError, OverflowError)
_HEADING: dict[str, Check] = {"format": is_text, "version": count_from(1), "package": is_text}


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    kind : str
        What the JSON says that the file is: ``research topics``.
    version : int
        The one that is written, and the only one that is read.
    holds : str
        What is in it, in the plural: ``topics``. It names the JSON, and stands in messages.
    remedy : str
        What a user can do about a file that cannot be read.
    """

    kind: str
    version: int
    holds: str
    remedy: str

    @property
    def json(self) -> str:
        """The name of the member with the JSON."""
        return f"{self.holds}.json"


# -- to a file ----------------------------------------------------------------------------------------------------------


def write_archive(path: str | Path, form: Format, plain: Mapping[str, Any], specs: Specs, arrays: Arrays) -> None:
    """Write one file, which takes the place of what was there when all of it is written.

    Parameters
    ----------
    path : str or Path
        The file; its folder is made where it is missing.
    form : Format
        What kind of file it is.
    plain : mapping
        What JSON can hold: numbers of numpy become plain ones, and what is unknown its string. The same content gives the same
        bytes.
    specs : mapping of str to (str, tuple of int)
        The type and shape of every array that is written.
    arrays : mapping of str to ndarray
        These arrays.

    Raises
    ------
    ConfigError
        If the content is larger than what is read again, or the file cannot be written.
    ValueError
        If the content holds a number that is not finite, which JSON has no word for, half a character, or an array; or an array
        is not of the shape that is told.

    Examples
    --------
    >>> points = Format("test points", 1, "points", "write them again")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_archive(f"{folder}/a", points, {"size": 2}, {"x.npy": ("<f4", (2,))}, {"x.npy": np.ones(2)})
    ...     zipfile.ZipFile(f"{folder}/a").namelist()
    ['points.json', 'x.npy']
    """
    whole = {"format": form.kind, "version": form.version, "package": _VERSION, **plain}
    members = {form.json: json.dumps(whole, ensure_ascii=False, allow_nan=False, default=_as_json).encode("utf-8")}
    for name, (kind, shape) in specs.items():
        array = np.asarray(arrays[name], dtype=kind)
        if array.shape != shape or not np.isfinite(array).all():  # what would be refused when it is read is not written
            raise ValueError(f"{name!r} is not of shape {shape}, or holds what is no number")
        members[name] = _header(kind, shape) + array.tobytes()
    try:
        _check_sizes(form, {name: len(data) for name, data in members.items()})
    except UnfitError as unfit:
        raise ConfigError(f"the {form.holds} are too large to be saved: {unfit}", where=str(path)) from None
    with _new_file(Path(path)) as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            # No time of day: the same content is the same file. Arrays are stored as they are, so that none is larger
            # unpacked than packed.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if name == form.json else zipfile.ZIP_STORED
            archive.writestr(entry, data)


def _as_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        raise ValueError("an array is no part of the JSON: give it a name of its own")
    return str(value)


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    """Give the first bytes of a .npy file, version 1.0: of a known type and shape there is one spelling, nothing to parse."""
    words = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}".encode("ascii")
    words += b" " * (-(len(words) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(words)) + words


@contextmanager
def _new_file(path: Path) -> Iterator[Any]:
    """Give a new file to write; when all went well it takes its place, otherwise nothing changes."""
    final = Path(os.path.realpath(path))
    new = None
    try:
        if final.exists() and not final.is_file():
            raise ConfigError("this is no file", where=str(path), remedy="name a file")
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=f".{final.name}-", dir=final.parent, delete=False) as file:
            new = Path(file.name)
            yield file
        new.chmod(0o644)
        os.replace(new, final)
    except OSError as error:
        raise ConfigError(
            f"cannot be written ({error.strerror or error})", where=str(path), remedy="name another file"
        ) from None
    finally:
        if new is not None:
            new.unlink(missing_ok=True)


# -- from a file --------------------------------------------------------------------------------------------------------


@contextmanager
def open_archive(path: str | Path, form: Format) -> Iterator[Archive]:
    """Open a file that `write_archive` wrote, or refuse it; so is what turns out to be unfit while it is open.

    Parameters
    ----------
    path : str or Path
        The file, from whomever.
    form : Format
        What kind of file it must be.

    Yields
    ------
    Archive
        What gives its JSON and its arrays.

    Raises
    ------
    DataError
        If the file is not there, is no such file, is damaged or cut short, or is of another version; and in the place of an
        `UnfitError`, of an error of this package, and of what damaged bytes raise.

    Examples
    --------
    >>> points, specs = Format("test points", 1, "points", "write them again"), {"x.npy": ("<f4", (2,))}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_archive(f"{folder}/a", points, {"size": 2}, specs, {"x.npy": np.ones(2)})
    ...     with open_archive(f"{folder}/a", points) as archive:
    ...         archive.read_json({"size": count_from(1)})["size"], archive.read_arrays(specs)["x.npy"].tolist()
    (2, [1.0, 1.0])
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > _MOST_TOTAL:
                raise UnfitError(f"of {size} bytes, and at most {_MOST_TOTAL} are read")
            with zipfile.ZipFile(file) as opened:
                yield Archive(opened, form)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", where=str(path), remedy=form.remedy) from None
    except ResearchError as error:
        raise DataError(error.what, where=str(path), remedy=form.remedy) from None
    except UnfitError as unfit:
        raise DataError(str(unfit), where=str(path), remedy=form.remedy) from None
    except _UNREADABLE as error:
        raise DataError(f"damaged, or no file of {form.holds} ({_short(error)})", where=str(path), remedy=form.remedy) from None


class Archive:
    """An open file, of which nothing is believed before it was checked; see `open_archive`."""

    def __init__(self, archive: zipfile.ZipFile, form: Format) -> None:
        self._archive, self._form = archive, form
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        if form.json not in self._entries or len(self._entries) != len(archive.infolist()):
            raise UnfitError(f"no file of {form.holds}")
        _check_sizes(form, {name: entry.file_size for name, entry in self._entries.items()})

    def read_json(self, fields: Mapping[str, Check]) -> dict[str, Any]:
        """Give the JSON: its format and version, and that it has these fields and no other ones, are checked.

        Parameters
        ----------
        fields : mapping of str to Check
            The names of the content's own fields, and what must hold of each value.

        Returns
        -------
        dict
            These fields, and ``format``, ``version`` and ``package`` (the version of the package that wrote it).

        Raises
        ------
        UnfitError
            If it is another kind of file or of another version, or a field is not what it must be.
        """
        entry = self._entries[self._form.json]
        if entry.file_size > _PIECE + _MOST_TIMES * entry.compress_size:
            raise UnfitError(f"{entry.filename!r} unpacks to {entry.file_size // max(1, entry.compress_size)} times its size")
        plain = parse_json(_unpacked(self._archive, entry))
        if not isinstance(plain, dict) or plain.get("format") != self._form.kind:
            raise UnfitError(f"no file of {self._form.holds}")
        if plain.get("version") != self._form.version:
            told = f"{plain.get('version')!r:.20}"
            raise UnfitError(f"of format {told}, and this package ({_VERSION}) reads format {self._form.version}")
        must_have(plain, {**_HEADING, **fields}, "")
        return plain

    def read_arrays(self, specs: Specs) -> Arrays:
        """Give the arrays: that these are in the file and nothing else is checked, and that they hold finite numbers.

        Parameters
        ----------
        specs : mapping of str to (str, tuple of int)
            The type and shape of every array that must be there.

        Returns
        -------
        dict of str to ndarray
            By name; they cannot be written to.

        Raises
        ------
        UnfitError
            If an array is missing, is of another type or shape, or something else is in the file.
        """
        names = {self._form.json, *specs}
        if self._entries.keys() != names:
            raise UnfitError(f"{min(self._entries.keys() ^ names)!r} is missing, or is no part of it")
        return {name: _array(self._archive, self._entries[name], *spec) for name, spec in specs.items()}


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def _check_sizes(form: Format, sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        most = _MOST_JSON if name == form.json else _MOST_ARRAY
        if size > most:
            raise UnfitError(f"{name[:60]!r} is of {size} bytes, and at most {most} are read")
    if sum(sizes.values()) > _MOST_TOTAL:
        raise UnfitError(f"of {sum(sizes.values())} bytes unpacked, and at most {_MOST_TOTAL} are read")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read a member in pieces: however much its packed bytes would become, no more comes than it says and is allowed."""
    with archive.open(entry) as member:
        data = b"".join(iter(lambda: member.read(_PIECE), b""))
    if len(data) != entry.file_size:
        raise UnfitError(f"{entry.filename!r} is cut short")
    return data


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kind: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    header = _header(kind, shape)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != len(header) + math.prod(shape) * int(kind[-1]):
        raise UnfitError(f"{entry.filename!r} is not of shape {shape}")
    data = _unpacked(archive, entry)
    if not data.startswith(header):
        raise UnfitError(f"{entry.filename!r} is not of shape {shape} and type {kind}")
    found = np.frombuffer(data, dtype=kind, offset=len(header)).reshape(shape)
    if not np.isfinite(found).all():
        raise UnfitError(f"{entry.filename!r} holds what is no number")
    return found
