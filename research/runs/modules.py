"""Experiments as modules: files beside the package, loaded by path, in every process under the same name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from research.errors import ConfigError

__all__ = ["MODULES", "load_module", "loaded_modules"]

#: The package that the experiments' modules are in; its name is not one that a user's own code would have.
MODULES = "research_experiments"


def load_module(name: str, path: Path) -> ModuleType:
    """Load a file as a module, once in every process."""
    known = sys.modules.get(name)
    if known is not None:
        return known
    # Functions are sent to worker processes by the name of their module, for which its package must be there.
    sys.modules.setdefault(name.partition(".")[0], ModuleType(name.partition(".")[0]))
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
