"""Experiments: files beside the package, each with a typed configuration and a ``run``; found by name, run into a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.runs.config import load_config, plain, read_config_file
from research.runs.modules import MODULES, load_module, parts_of
from research.runs.run import Run, open_run

__all__ = ["Experiment", "find_experiments", "project_path", "run_experiment"]

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes
    ----------
    name : str
        The file's name without its suffix.
    summary : str
        The first line of its docstring.
    config : type
        A frozen dataclass with defaults; a method ``quick`` gives a faster version of it.
    run : callable
        From a configuration and an open run to nothing; it writes into the run's folder.
    path : Path
        Its file; a TOML file of the same name holds its configuration, and a folder ``NAME_parts`` what it is made of where
        one file would be too long.
    bundled : bool
        Whether it runs on the bundled articles; a benchmark needs the reference data beside the project.
    """

    name: str
    summary: str
    config: type
    run: Callable[[Any, Run], None]
    path: Path
    bundled: bool = True

    @property
    def code(self) -> list[Path]:
        """Its file, and the folders of the parts that it is made of."""
        return [self.path, *parts_of(self.path)]

    def configured(
        self, config_file: Path | None = None, changes: Mapping[str, Any] | None = None, *, quick: bool = False
    ) -> Any:
        """Read the configuration: that of a file, with some values changed, or its faster version."""
        file = config_file or self.path.with_suffix(".toml")
        config = load_config(self.config, read_config_file(file), str(file))
        config = config.quick() if quick else config  # what is given explicitly stays
        return load_config(self.config, {**plain(config), **(changes or {})}, str(file) if not changes else "the options")


def project_path(path: str) -> Path:
    """Find a path of a configuration: as it stands if it exists, else in the project's folder.

    Examples
    --------
    >>> project_path("seeds/labels.csv").is_file()
    True
    """
    given = Path(path)
    return given if given.is_absolute() or given.exists() else _ROOT / given


class _Experiments(Mapping[str, Experiment]):
    """Experiments by name, each loaded when it is asked for: what one imports takes seconds."""

    def __init__(self, files: Mapping[str, tuple[Path, bool]]) -> None:
        self._files = files

    def __getitem__(self, name: str) -> Experiment:
        path, bundled = self._files[name]
        module = load_module(f"{MODULES}.{name}", path)
        summary = (module.__doc__ or "").strip().partition("\n")[0]
        return Experiment(name, summary, module.Config, module.run, path, bundled)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def find_experiments(*, benchmarks: bool = False) -> Mapping[str, Experiment]:
    """Find the experiments of the project; none when the package was installed without them.

    Parameters
    ----------
    benchmarks : bool
        Whether to give also those that need the reference data beside the project.

    Examples
    --------
    >>> "themes" in find_experiments()
    True
    """
    found = {}
    folders = {"experiments": True, **({"experiments/benchmarks": False} if benchmarks else {})}
    for folder, bundled in folders.items():
        for path in sorted((_ROOT / folder).glob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if "\nclass Config" in text and "\ndef run(" in text:
                found[path.stem] = (path, bundled)
    return _Experiments(found)


def run_experiment(
    experiment: Experiment,
    out: Path,
    *,
    config: Any = None,
    resume: bool = False,
    fresh: bool = False,
    workers: int | None = None,
    budget: float | None = None,
) -> Run:
    """Run an experiment into a folder.

    Parameters
    ----------
    experiment : Experiment
        From `find_experiments`.
    out : Path
        The run folder.
    config : object, optional
        From `Experiment.configured`; that of the file beside the experiment when not given.
    resume : bool
        Whether to go on where an interrupted run stopped.
    fresh : bool
        Whether to begin anew although an interrupted run is there.
    workers : int, optional
        How many processes measure cells; the usable cores when not given. The records do not depend on it.
    budget : float, optional
        Seconds after which no further cell begins.

    Returns
    -------
    Run
        The finished run, with its records.

    Raises
    ------
    ConfigError
        If the configuration cannot be used, or the folder is another run's.
    """
    config = experiment.configured() if config is None else config
    with open_run(
        experiment.name,
        out,
        plain(config),
        seeds=list(range(config.seeds)) if hasattr(config, "seeds") else [getattr(config, "seed", 0)],
        code=experiment.code,
        resume=resume,
        fresh=fresh,
        workers=workers,
        budget=budget,
    ) as run:
        experiment.run(config, run)
    return run
