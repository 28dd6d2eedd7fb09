"""The manifest of a run folder: what makes a folder a run's, read with care, since it may come from anybody."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from research.errors import DataError

__all__ = ["MANIFEST", "is_run", "read_manifest", "read_small"]

MANIFEST = "manifest.json"

_LIMIT = 200_000_000  # bytes
_REMEDY = "name a run folder: one that `research run` wrote"
_KINDS = {
    "experiment": str, "config": dict, "inputs": dict, "code": dict, "encoder": dict, "environment": dict, "varying": list,
    "cells": dict, "outputs": dict,
}  # fmt: skip


def read_small(path: Path, errors: str = "strict") -> str:
    """Read a text file of a run folder: a plain file only, so that no link, pipe or device is followed, and none too large.

    Raises
    ------
    DataError
        If it is anything else.

    Examples
    --------
    >>> read_small(Path("experiments/themes.toml")).startswith("#")
    True
    """
    try:
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(opened, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise DataError("not a plain file", where=str(path), remedy=_REMEDY)
            if status.st_size > _LIMIT:
                raise DataError(f"larger than {_LIMIT:,} bytes", where=str(path), remedy=_REMEDY)
            return file.read().decode("utf-8", errors)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", where=str(path), remedy=_REMEDY) from None
    except ValueError as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "not a name that a file can have"
        raise DataError(f"cannot be read ({reason})", where=str(path), remedy=_REMEDY) from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run folder.

    Raises
    ------
    DataError
        If there is none, or it is not what a run writes.

    Examples
    --------
    >>> read_manifest(Path("reports/themes"))["experiment"]
    'themes'
    """
    file = folder / MANIFEST
    try:
        found = json.loads(read_small(file))
    except (ValueError, RecursionError):
        raise DataError("not a manifest (not JSON)", where=str(file), remedy=_REMEDY) from None
    if not isinstance(found, dict):
        raise DataError("not a manifest (not an object)", where=str(file), remedy=_REMEDY)
    for name, kind in _KINDS.items():
        if not isinstance(found.get(name), kind):
            raise DataError(f"not a manifest ({name} is missing or of another kind)", where=str(file), remedy=_REMEDY)
    return found


def is_run(folder: Path) -> bool:
    """Say whether a folder is a run's.

    Examples
    --------
    >>> is_run(Path("reports/themes")), is_run(Path("seeds"))
    (True, False)
    """
    try:
        read_manifest(folder)
    except DataError:
        return False
    return True
