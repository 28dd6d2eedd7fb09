"""Experiments: files beside the package, each with a typed configuration and a ``run``; found by name, run into a folder."""

from __future__ import annotations

import dataclasses
import difflib
import importlib.util
import sys
import tomllib
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import ConfigError
from research.runs import Run, open_run

__all__ = ["Experiment", "find_experiments", "load_config", "project_path", "run_experiment"]

_ROOT = Path(__file__).resolve().parent.parent


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
        Its file; a TOML file of the same name holds its configuration.
    """

    name: str
    summary: str
    config: type
    run: Callable[[Any, Run], None]
    path: Path


def project_path(path: str) -> Path:
    """Find a path of a configuration: as it stands if it exists, else in the project's folder.

    Examples
    --------
    >>> project_path("seeds/labels.csv").is_file()
    True
    """
    given = Path(path)
    return given if given.is_absolute() or given.exists() else _ROOT / given


def find_experiments() -> dict[str, Experiment]:
    """Find the experiments of the project; none when the package was installed without them.

    Examples
    --------
    >>> "themes" in find_experiments()
    True
    """
    found = {}
    for path in sorted((_ROOT / "experiments").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"experiments.{path.stem}", path)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        if hasattr(module, "run") and hasattr(module, "Config"):
            summary = (module.__doc__ or "").strip().splitlines()[0]
            found[path.stem] = Experiment(path.stem, summary, module.Config, module.run, path)
    return found


def load_config(kind: type, values: Mapping[str, Any], where: str) -> Any:
    """Make a configuration from plain values.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are int, float, str, bool or tuples of them.
    values : mapping
        What was read.
    where : str
        The file, for messages.

    Returns
    -------
    object
        An instance of ``kind``.

    Raises
    ------
    ConfigError
        If a key is unknown or a value has another type.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Config:
    ...     seeds: int = 3
    >>> load_config(Config, {"seeds": 5}, "toy.toml")
    Config(seeds=5)
    >>> load_config(Config, {"sead": 5}, "toy.toml")
    Traceback (most recent call last):
    ...
    research.errors.ConfigError: toy.toml: unknown key 'sead'; did you mean 'seeds'?
    """
    types = typing.get_type_hints(kind)
    names = [item.name for item in dataclasses.fields(kind)]
    checked = {}
    for key, value in values.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
            raise ConfigError(f"unknown key {key!r}", where=where, remedy=f"did you mean {near[0]!r}?" if near else "")
        checked[key] = _typed(value, types[key], f"{where}, key {key}")
    return kind(**checked)


def _typed(value: Any, kind: Any, where: str) -> Any:
    if typing.get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_typed(item, typing.get_args(kind)[0], where) for item in value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(kind, type) or type(value) is not kind:
        wanted = getattr(kind, "__name__", str(kind))
        raise ConfigError(f"{value!r} is a {type(value).__name__}", where=where, remedy=f"give a {wanted}")
    return value


def run_experiment(
    experiment: Experiment,
    out: Path,
    *,
    config_file: Path | None = None,
    changes: Mapping[str, Any] | None = None,
    quick: bool = False,
) -> None:
    """Run an experiment into a folder.

    Parameters
    ----------
    experiment : Experiment
        From `find_experiments`.
    out : Path
        The run folder.
    config_file : Path, optional
        Another configuration than the one beside the experiment.
    changes : mapping, optional
        Values that take the place of those of the file.
    quick : bool
        Whether to run the faster version.

    Raises
    ------
    ConfigError
        If the configuration cannot be read or used.
    """
    file = config_file or experiment.path.with_suffix(".toml")
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read ({reason})", where=str(file), remedy="name a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML ({error})", where=str(file), remedy="correct it") from None
    config = load_config(experiment.config, {**values, **(changes or {})}, str(file))
    if quick:
        config = config.quick()
    with open_run(experiment.name, out, dataclasses.asdict(config), seeds=list(range(getattr(config, "seeds", 1)))) as run:
        experiment.run(config, run)
