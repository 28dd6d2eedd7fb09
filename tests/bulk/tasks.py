"""Work on a partition that is told to go wrong; other processes find it by this module."""

from __future__ import annotations

import os
import time
from pathlib import Path

from research.errors import DataError


def copying(part, place, shared):
    """Write a partition's ids, slowly, and leave a line for every time that this was done."""
    ids = [document.id for corpus in part.corpora() for document in corpus]
    time.sleep(shared.get("seconds", 0))
    with place.writing(f"ids/{part.name}") as file:
        for id in ids:
            file.write(f"{id}\n".encode())
            time.sleep(shared.get("seconds", 0) / 20)
    with Path(shared["log"]).open("a") as log:
        log.write(f"{part.name} {os.getpid()}\n")
    return [f"ids/{part.name}"], {"ids": len(ids)}


def dying(part, place, shared):
    """End the worker the first time that a partition is in its hands."""
    once = Path(shared["log"]).with_name(f"died-{part.name}")
    if part.name == shared["victim"] and not once.exists():
        once.touch()
        os._exit(9)
    return copying(part, place, shared)


def always_dying(part, place, shared):
    """End the worker every time."""
    if part.name == shared["victim"]:
        os._exit(9)
    return copying(part, place, shared)


def full(part, place, shared):
    """Find no room on the disk."""
    if part.name == shared["victim"]:
        raise OSError(28, "No space left on device")
    return copying(part, place, shared)


def refusing(part, place, shared):
    """Find something wrong in a partition."""
    if part.name == shared["victim"]:
        raise DataError("it is not fit", where=part.address, remedy="mend it")
    return copying(part, place, shared)
