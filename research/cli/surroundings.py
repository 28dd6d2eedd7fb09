"""Where the package runs: Python, processor, memory, the folder of the stores, the terminal and the fonts of figures."""

from __future__ import annotations

import codecs
import locale
import os
import platform
import re
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from research import __version__
from research.cli.findings import Finding, Section, human, short
from research.cli.installed import NAME, PACKAGE
from research.cores import usable_cores

__all__ = ["cores_and_memory", "fonts", "package", "stores", "stores_folder", "terminal"]

_BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
_ARABIC = "العربية"

# The memory that a container may use: of the present and of the former kind of control groups.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def package() -> Section:
    """Say which package this is, and which Python runs it."""
    python = f"{platform.python_version()} ({platform.python_implementation()}), {short(sys.executable)}"
    apart = sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ
    found = (
        Finding(NAME, __version__),
        Finding("imported from", short(PACKAGE)),
        Finding("experiments", _experiments()),
        Finding("python", python),
        Finding("environment", short(sys.prefix) if apart else "that of the system"),
        Finding("platform", platform.platform()),
    )
    return Section("package", found)


def _experiments() -> str:
    folder = PACKAGE.parent / "experiments"
    return short(folder) if folder.is_dir() else "not here: they come with the project's repository"


def cores_and_memory() -> Section:
    """Count what the package may use of the machine."""
    given = {name: os.environ[name] for name in _BLAS if os.environ.get(name)}
    threads = ", ".join(f"{name}={value}" for name, value in given.items()) or "no variable sets them: one for each core"
    found = (
        Finding("cores", f"{os.cpu_count() or 'an unknown number'} in this machine, {usable_cores()} usable"),
        _wanted_cores(os.environ.get("RESEARCH_CORES", "")),
        Finding("BLAS threads", threads),
        Finding("memory", _memory()),
    )
    return Section("cores and memory", found)


def _wanted_cores(wanted: str) -> Finding:
    if wanted and not wanted.isdecimal():
        return Finding("RESEARCH_CORES", f"{wanted!r} is no number and has no effect", "note", "give one, such as 2")
    return Finding("RESEARCH_CORES", wanted or "not set")


def _memory() -> str:
    """Give the memory of the machine, or of the container, and how much of it is free where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        told = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.endswith(" kB")}
    except (OSError, ValueError):
        told = {}
    total = told.get("MemTotal") or _pages()
    if not total:
        return "unknown"
    limit = min([total, *_limits()])
    free = told.get("MemAvailable")
    allowed = f", {human(limit)} allowed" if limit < total else ""
    return human(total) + allowed + (f", {human(free)} free" if free else "")


def _pages() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return 0


def _limits() -> list[int]:
    found = []
    for file in map(Path, _LIMITS):
        try:
            found.append(int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or no limit: "max"
            continue
    return found


def stores_folder() -> Path | None:
    """Give the folder that `research.features.store.default_folder` gives; importing that takes seconds.

    Returns
    -------
    Path or None
        None when platformdirs is not there to say which it is.

    Examples
    --------
    >>> from research.features.store import default_folder
    >>> stores_folder() == default_folder()
    True
    """
    chosen = os.environ.get("RESEARCH_CACHE")
    if chosen:
        return Path(chosen)
    try:
        from platformdirs import user_cache_path
    except ImportError:
        return None
    return user_cache_path(NAME, appauthor=False)


def stores() -> Section:
    """Look at where embeddings are kept; the package works without, but embeds every text anew."""
    folder = stores_folder()
    chosen = Finding("RESEARCH_CACHE", "set" if os.environ.get("RESEARCH_CACHE") else "not set")
    if folder is None:
        return Section("stores", (chosen, Finding("folder", "unknown without platformdirs", "note")))
    return Section("stores", (chosen, _folder(folder), Finding("embeddings", _held(folder / "embeddings"))))


def _folder(folder: Path) -> Finding:
    """Tell whether the folder, or what it would be made in, can be written to; nothing is written for that."""
    there = next((path for path in (folder, *folder.absolute().parents) if os.path.lexists(path)), folder)
    remedy = "name another folder in RESEARCH_CACHE; without one nothing is kept"
    if not there.is_dir():
        return Finding("folder", f"{short(folder)}: {short(there)} is not a folder", "note", remedy)
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("folder", f"{short(folder)} cannot be written to", "note", remedy)
    return Finding("folder", f"{short(folder)}, can be written to" if there == folder else f"{short(folder)}, not made yet")


def _held(folder: Path) -> str:
    try:
        files = [file for file in folder.iterdir() if file.is_file()]
        size = sum(file.stat().st_size for file in files)
    except OSError:
        return "none"
    aside = sum(file.suffix == ".set-aside" for file in files)
    return f"{len(files)} files, {human(size)}" + (f", {aside} of them damaged and set aside" if aside else "")


def terminal() -> Section:
    """Tell in which letters the commands can print."""
    language = ", ".join(f"{name}={os.environ[name]}" for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name))
    return Section("terminal", (Finding("locale", language or locale.getlocale()[0] or "not set"), _letters()))


def _letters() -> Finding:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    if codecs.lookup(encoding).name == "ascii":  # click takes that for a mistake
        return Finding("Arabic", "standard output is ASCII; UTF-8 is printed all the same", "note", "set PYTHONUTF8=1")
    try:
        _ARABIC.encode(encoding)
    except UnicodeEncodeError:
        what = f"standard output is {encoding}, which has no Arabic letters: numbers stand for them, not so in files"
        return Finding("Arabic", what, "note", "set PYTHONUTF8=1")
    return Finding("Arabic", f"standard output is {encoding}: {_ARABIC}")


def fonts() -> Section:
    """Tell whether figures can hold Arabic: the font that comes with matplotlib has it, and from 3.11 on that shapes it."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        return Section("fonts", (Finding("DejaVu Sans", "not there: see matplotlib", "note"),))
    version = metadata.version("matplotlib")
    font = Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
    if not font.is_file():
        remedy = "python -m pip install --force-reinstall --no-deps matplotlib"
        return Section("fonts", (Finding("DejaVu Sans", f"is missing from matplotlib {version}", "problem", remedy),))
    shapes = tuple(map(int, re.findall(r"\d+", version)[:2])) >= (3, 11)
    if not shapes:
        what = f"its letters stand apart and run left to right in matplotlib {version}"
        return Section("fonts", (Finding("DejaVu Sans", what, "note", "python -m pip install 'matplotlib>=3.11'"),))
    return Section("fonts", (Finding("DejaVu Sans", f"comes with matplotlib {version}, which joins Arabic letters"),))
