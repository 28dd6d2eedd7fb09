"""Themes in saved news articles, Arabic first: what they are, which passage states them, and how sure that is.

Heavy libraries load when they are first used, so that importing this package takes a fraction of a second.

Examples
--------
>>> import research
>>> corpus = research.load("seeds/articles")
>>> topics = research.discover(corpus)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research import report
    from research.classification import classify, load_classifier
    from research.classification.several import classify_several
    from research.cleaning import clean
    from research.corpus import load
    from research.discovery import discover, load_topics
    from research.tagging import tag

__version__ = "0.1.0"

__all__ = [
    "__version__", "classify", "classify_several", "clean", "discover", "load", "load_classifier", "load_topics", "report",
    "tag",
]  # fmt: skip

_HOME = {
    "load": "research.corpus",
    "clean": "research.cleaning",
    "classify": "research.classification",
    "classify_several": "research.classification.several",
    "load_classifier": "research.classification",
    "discover": "research.discovery",
    "load_topics": "research.discovery",
    "tag": "research.tagging",
}


def __getattr__(name: str) -> Any:
    if name == "report":
        return import_module("research.report")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
