"""The two errors a user can cause; each says what is wrong, where, and what would be right."""

from __future__ import annotations


class ResearchError(Exception):
    """Base of every error that reaches a user as one line."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        line = ": ".join(part for part in (where, what) if part)
        super().__init__(" ".join(f"{line}; {remedy}".split()) if remedy else " ".join(line.split()))


class DataError(ResearchError):
    """The input cannot be used: a file, a line or a field is not what it must be."""


class ConfigError(ResearchError):
    """An option, parameter or configuration value is not one that the package accepts."""
