"""Themes that a person has written down: the codebook, where its words stand, who states them, and on what evidence."""

from research.themes.check import CodebookReport, Finding, check_codebook
from research.themes.codebook import Codebook, LabelledExamples, Theme, Together, load_codebook
from research.themes.evidence import Evidence, Span
from research.themes.matching import Match, Matcher
from research.themes.tagger import ThemeTagger

__all__ = [
    "Codebook", "CodebookReport", "Evidence", "Finding", "LabelledExamples", "Match", "Matcher", "Span", "Theme",
    "ThemeTagger", "Together", "check_codebook", "load_codebook",
]  # fmt: skip
