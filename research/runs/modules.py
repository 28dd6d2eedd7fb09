"""Experiments as modules: files beside the package, loaded by path, in every process under the same name.

An experiment that outgrows one file, say ``discovery.py``, keeps its parts in a package beside it, ``discovery_parts``, and
imports them by that name, and others' parts by theirs: as a script because Python looks beside a script, and otherwise
because they are loaded with it.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from research.errors import ConfigError

__all__ = ["MODULES", "load_module", "loaded_modules", "parts_of"]

#: The package that the experiments' modules are in; its name is not one that a user's own code would have.
MODULES = "research_experiments"


def parts_of(path: Path) -> list[Path]:
    """Give the folders of an experiment's parts: what it and its parts import by such a name, what is imported first.

    Examples
    --------
    >>> [folder.name for folder in parts_of(Path("experiments/discovery.py"))]
    ['discovery_parts']
    """
    found: list[Path] = []
    whole = path.parent if path.name == "__init__.py" else path
    _collect(whole, found, frozenset({whole}))
    return found


def _collect(path: Path, found: list[Path], within: frozenset[Path]) -> None:
    home = path.parent
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.is_file() else []:
        for name in _imported(file):
            folder = home / name
            if folder not in found and folder not in within and (folder / "__init__.py").is_file():
                _collect(folder, found, within | {folder})
                found.append(folder)


def _imported(file: Path) -> list[str]:
    """Name the packages of parts that a file imports; one that is no Python says so when it is loaded."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [top for name in names if (top := name.partition(".")[0]).endswith("_parts")]


def load_module(name: str, path: Path) -> ModuleType:
    """Load a file as a module, once in every process, and before it the parts that it imports."""
    for parts in parts_of(path):
        _load(parts.name, parts / "__init__.py")
    return _load(name, path)


def _load(name: str, path: Path) -> ModuleType:
    known = sys.modules.get(name)
    if known is not None:
        held = getattr(known, "__file__", None)
        if held is None or Path(held).resolve() != path.resolve():
            raise ConfigError(
                f"a module {name!r} is loaded already, from {held or 'nowhere'}",
                where=str(path),
                remedy="name one of them otherwise",
            )
        return known
    # Functions are sent to worker processes by the name of their module, for which its package must be there.
    package, dot, _ = name.partition(".")
    if dot:
        sys.modules.setdefault(package, ModuleType(package))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError("not a Python file", where=str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and worker processes look their module up
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        del sys.modules[name]
        raise ConfigError(f"cannot be imported ({error})", where=str(path), remedy="install what it needs") from None
    except BaseException:
        del sys.modules[name]
        raise
    return module


def loaded_modules() -> list[tuple[str, str]]:
    """Give name and file of every experiment that is loaded, for a worker process to load the same."""
    return [(name, str(module.__file__)) for name, module in sorted(sys.modules.items()) if name.startswith(f"{MODULES}.")]
