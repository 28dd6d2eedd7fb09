"""Experiments as modules: files beside the package, loaded by path, in every process under the same name.

An experiment that outgrows one file, say ``discovery.py``, keeps its parts in a package beside it, ``discovery_parts``, and
imports them by that name: as a script because Python looks beside a script, and otherwise because they are loaded with it.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from research.errors import ConfigError

__all__ = ["MODULES", "load_module", "loaded_modules", "parts_of"]

#: The package that the experiments' modules are in; its name is not one that a user's own code would have.
MODULES = "research_experiments"


def parts_of(path: Path) -> Path | None:
    """Give the folder of an experiment's parts; None where it is one file.

    Examples
    --------
    >>> parts_of(Path("experiments/discovery.py")).name
    'discovery_parts'
    """
    folder = path.with_name(f"{path.stem}_parts")
    return folder if (folder / "__init__.py").is_file() else None


def load_module(name: str, path: Path) -> ModuleType:
    """Load a file as a module, once in every process, and before it the parts that stand beside it."""
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
    parts = parts_of(path)
    if parts is not None:
        load_module(parts.name, parts / "__init__.py")
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
