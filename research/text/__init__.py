"""What the package knows about written Arabic: pure functions on strings, and one analyser that learns from texts."""

from research.text.analyzer import ArabicAnalyzer
from research.text.normalize import ANALYSIS_STEPS, DISPLAY_STEPS, STEPS, Normalized, normalize, normalize_aligned
from research.text.sentences import paragraphs, sentences
from research.text.tokens import Token, tokenize

__all__ = [
    "ANALYSIS_STEPS",
    "DISPLAY_STEPS",
    "STEPS",
    "ArabicAnalyzer",
    "Normalized",
    "Token",
    "normalize",
    "normalize_aligned",
    "paragraphs",
    "sentences",
    "tokenize",
]
