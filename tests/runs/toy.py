"""Measurements that tests sweep; in a file of their own, as worker processes import them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from research.evaluate import Undefined
from research.runs import Cell, Measured


def measure(cell: Cell) -> Measured:
    """Numbers that depend on the cell alone, through a decomposition that threads could disturb."""
    rng = np.random.default_rng(cell.seed)
    values = np.linalg.svd(rng.normal(size=(60, 40)), compute_uv=False)
    undefined = Undefined("seed 3 has none") if cell.seed == 3 else float(values[-1])
    return Measured({"largest": float(values[0]), "smallest": undefined}, values[:3].tolist())


def measure_or_fail(cell: Cell) -> Measured:
    """Raise, die or succeed, as the cell says."""
    match cell.settings.get("act"):
        case "raise":
            raise ValueError("no such\nthing")
        case "die":
            os.kill(os.getpid(), 9)
        case "exit":
            raise SystemExit(0)
        case "nan":
            return Measured({"x": float("nan")})
        case "inf":
            return Measured({"x": float("inf")})
        case "not plain":
            return Measured({"x": 1.0}, data={1, 2})
        case "sleep":
            time.sleep(0.3)
        case "once":
            path = Path(cell.settings["mark"])
            if not path.exists():
                path.write_text("was here")
                raise OSError("the disk was not there")
    return Measured({"x": float(cell.seed or 0)})


def measure_and_count(cell: Cell) -> Measured:
    """Leave a mark for every time that a cell is measured."""
    with Path(cell.settings["mark"]).open("a") as file:
        file.write(f"{cell.seed}\n")
    return Measured({"x": float(cell.seed or 0)})
