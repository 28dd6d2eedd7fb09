"""Classes of articles, learned from labelled ones."""

from research.classification.model_file import LoadedClassifier, load_classifier, write_classifier
from research.classification.pipeline import EXPLAINED, classify
from research.classification.result import Classified, ClassifyResult, Estimate, Learned

__all__ = [
    "EXPLAINED",
    "Classified",
    "ClassifyResult",
    "Estimate",
    "Learned",
    "LoadedClassifier",
    "classify",
    "load_classifier",
    "write_classifier",
]
