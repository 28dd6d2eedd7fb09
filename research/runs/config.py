"""Typed configurations: TOML on disk, values changed on the command line, unknown keys refused with the nearest valid name."""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from research.errors import ConfigError

__all__ = ["load_config", "parse_changes", "plain", "read_config_file", "require"]


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
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"not TOML ({error})", where=str(path), remedy="correct it") from None


def parse_changes(changes: Iterable[str], kind: type) -> dict[str, Any]:
    """Read ``key=value`` pairs; a value is written as in TOML, a text also without quotes.

    Parameters
    ----------
    changes : iterable of str
        The pairs.
    kind : type
        The dataclass that they change: a key that is a text takes whatever stands there.

    Raises
    ------
    ConfigError
        If a pair has no key, or a key comes twice.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Config:
    ...     seeds: int = 3
    ...     corpus: str = ""
    >>> parse_changes(["seeds=5", "corpus=2024"], Config)
    {'seeds': 5, 'corpus': '2024'}
    """
    types = typing.get_type_hints(kind)
    found: dict[str, Any] = {}
    for change in changes:
        key, equals, text = (part.strip() for part in change.partition("="))
        if not key.isidentifier() or not equals:
            raise ConfigError(f"{change!r} is not KEY=VALUE", where="--set", remedy="write for example resolution=1.5")
        if key in found:
            raise ConfigError(f"{key} is given twice", where="--set", remedy="give it once")
        found[key] = _read_value(text, is_text=types.get(key) is str)
    return found


def _read_value(text: str, *, is_text: bool) -> Any:
    if "\n" in text or "\r" in text:  # a line break would let a value set other keys as well
        return text
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
    return text if is_text and not isinstance(value, str) else value


def plain(config: Any) -> dict[str, Any]:
    """Give a configuration as plain values, as `load_config` takes them and JSON holds them."""
    return {
        item.name: list(value) if isinstance(value := getattr(config, item.name), tuple) else value
        for item in dataclasses.fields(config)
    }


def require(config: Any, **least: float) -> None:
    """Refuse a configuration with a value below what it must at least be.

    Raises
    ------
    ConfigError
        Naming the key.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Config:
    ...     seeds: int = 3
    ...     def __post_init__(self):
    ...         require(self, seeds=1)
    >>> Config(seeds=0)
    Traceback (most recent call last):
    ...
    research.errors.ConfigError: key seeds: 0 is too small; give at least 1
    """
    for key, bound in least.items():
        if not getattr(config, key) >= bound:
            raise ConfigError(f"{getattr(config, key)} is too small", where=f"key {key}", remedy=f"give at least {bound:g}")


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
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise ConfigError(f"{str(value)[:20]} is no finite number", where=where, remedy="give one")
        return number
    if kind is str and isinstance(value, str):
        return str(value)  # without what tells it in another language
    if not isinstance(kind, type) or type(value) is not kind:
        # A dataclass of the standard library knows its own types only as they are written.
        wanted = getattr(kind, "__name__", str(kind)) if typing.get_origin(kind) is None else "list"
        raise ConfigError(f"{value!r} is a {type(value).__name__}", where=where, remedy=f"give a {wanted}")
    return value
