"""What an examination of the installation found: findings in sections, and how paths are shown in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["Examination", "Finding", "Section", "State", "human", "short"]

#: Not there and need not be (optional), worth knowing (note), keeps commands from working (problem).
State = Literal["fine", "optional", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What it is.
    found : str
        What was found.
    state : {"fine", "optional", "note", "problem"}
        What that means.
    remedy : str
        What to do about it; empty where nothing is to be done.
    """

    name: str
    found: str
    state: State = "fine"
    remedy: str = ""

    def sentence(self) -> str:
        """Give the finding and its remedy in one line.

        Examples
        --------
        >>> Finding("numpy", "not installed", "problem", "python -m pip install numpy").sentence()
        'numpy: not installed; python -m pip install numpy'
        """
        return f"{self.name}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Section:
    """Findings that belong together."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was looked at.

    Examples
    --------
    >>> whole = Examination((Section("dependencies", (Finding("numpy", "2.4.6"),)),))
    >>> whole.problems, whole.as_mapping()["fine"]
    ((), True)
    """

    sections: tuple[Section, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What keeps commands from working."""
        return tuple(finding for section in self.sections for finding in section.findings if finding.state == "problem")

    def as_mapping(self) -> Mapping[str, Any]:
        """Give the same as values that JSON has."""
        return {
            "fine": not self.problems,
            "problems": [finding.sentence() for finding in self.problems],
            "sections": {
                section.title: {
                    finding.name: {"found": finding.found, "state": finding.state, "remedy": finding.remedy}
                    for finding in section.findings
                }
                for section in self.sections
            },
        }


def short(path: str | Path) -> str:
    """Show a path without the name of the user: what is in the home folder begins with ~.

    Examples
    --------
    >>> short(Path.home() / "articles") == str(Path("~/articles"))
    True
    """
    whole = Path(os.path.abspath(path))  # noqa: PTH100 -- a link keeps its own name
    try:
        return str(Path("~") / whole.relative_to(Path.home()))
    except (RuntimeError, ValueError):  # no home folder, or not in it
        return str(whole)


def human(size: float) -> str:
    """Give a number of bytes in the unit that suits it.

    Examples
    --------
    >>> human(0), human(30_377_056), human(25_000_000_000)
    ('0 B', '30.4 MB', '25.0 GB')
    """
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
