"""Themes that a person has written down: the codebook, where its words stand, who states them, and on what evidence."""

from research.themes.check import CodebookReport, Finding, check_codebook
from research.themes.codebook import Codebook, LabelledExamples, Theme, Together
from research.themes.codebook_file import load_codebook
from research.themes.evidence import Evidence, Span
from research.themes.labelled import Labelled, labels_for, load_labelled
from research.themes.matching import Match, Matcher
from research.themes.tagger import ThemeTagger

__all__ = [
    "Codebook", "CodebookReport", "Evidence", "Finding", "Labelled", "LabelledExamples", "Match", "Matcher", "Span",
    "Theme", "ThemeTagger", "Together", "check_codebook", "labels_for", "load_codebook", "load_labelled",
]  # fmt: skip
