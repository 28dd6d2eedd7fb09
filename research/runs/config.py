"""Typed configurations: TOML on disk, values changed on the command line, unknown keys refused with the nearest valid name."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from research.errors import ConfigError

__all__ = ["load_config", "parse_changes", "read_config_file"]


def read_config_file(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        If it cannot be read, or is not TOML.

    Examples
    --------
    >>> "corpus" in read_config_file(Path("experiments/themes.toml"))
    True
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read ({reason})", where=str(path), remedy="name a TOML file") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"not TOML ({error})", where=str(path), remedy="correct it") from None


def parse_changes(changes: Iterable[str]) -> dict[str, Any]:
    """Read ``key=value`` pairs; a value is written as in TOML, a text also without quotes.

    Raises
    ------
    ConfigError
        If a pair has no key.

    Examples
    --------
    >>> parse_changes(["resolution=1.5", "unit=passage", 'seeds = 3', "steps=['alef', 'ya']"])
    {'resolution': 1.5, 'unit': 'passage', 'seeds': 3, 'steps': ['alef', 'ya']}
    """
    found: dict[str, Any] = {}
    for change in changes:
        key, equals, text = (part.strip() for part in change.partition("="))
        if not key.isidentifier() or not equals:
            raise ConfigError(f"{change!r} is not KEY=VALUE", where="--set", remedy="write for example resolution=1.5")
        try:
            # A line break would let a value set other keys as well.
            value = tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
        except tomllib.TOMLDecodeError:
            value = text
        found[key] = value
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
    >>> @dataclasses.dataclass(frozen=True)
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
    if typing.get_origin(kind) is tuple and isinstance(value, (list, tuple)):
        return tuple(_typed(item, typing.get_args(kind)[0], where) for item in value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(kind, type) or type(value) is not kind:
        # A dataclass of the standard library knows its own types only as they are written.
        wanted = getattr(kind, "__name__", str(kind)) if typing.get_origin(kind) is None else "list"
        raise ConfigError(f"{value!r} is a {type(value).__name__}", where=where, remedy=f"give a {wanted}")
    return value
