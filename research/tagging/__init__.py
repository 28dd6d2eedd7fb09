"""Tag a corpus with the themes of a codebook: which passage states which theme, on what evidence, how sure that is."""

from research.tagging.pipeline import TaggingModel, learn_tagging, tag
from research.tagging.result import DECISIONS, STATES, Candidate, TagResult, ThemeSummary
from research.themes import Labelled, load_labelled

__all__ = [
    "DECISIONS",
    "STATES",
    "Candidate",
    "Labelled",
    "TagResult",
    "TaggingModel",
    "ThemeSummary",
    "learn_tagging",
    "load_labelled",
    "tag",
]
