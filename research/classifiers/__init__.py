"""Classifiers of texts, honest divisions of labelled texts, what carries an answer, and which texts to label next."""

from research.classifiers.active import next_to_label, typical_first
from research.classifiers.classifier import TextClassifier
from research.classifiers.crossfit import REPRESENTATIONS, crossfit_decisions, representation
from research.classifiers.deletion import Faithfulness, Span, deletion_check, faithfulness, spans_that_carry
from research.classifiers.label_errors import Suspect, suspect_labels
from research.classifiers.multi_label import MultiLabelClassifier
from research.classifiers.prototypes import PrototypeClassifier
from research.classifiers.ridge import Candidate, Mix
from research.classifiers.self_training import Guard, SelfTrainingClassifier
from research.classifiers.sheets import SheetRow, read_sheet, write_sheet
from research.classifiers.splits import Split, by_group, by_source, by_time, join_duplicates

__all__ = [
    "REPRESENTATIONS",
    "Candidate",
    "Faithfulness",
    "Guard",
    "Mix",
    "MultiLabelClassifier",
    "PrototypeClassifier",
    "SelfTrainingClassifier",
    "SheetRow",
    "Span",
    "Split",
    "Suspect",
    "TextClassifier",
    "by_group",
    "by_source",
    "by_time",
    "crossfit_decisions",
    "deletion_check",
    "faithfulness",
    "join_duplicates",
    "next_to_label",
    "read_sheet",
    "representation",
    "spans_that_carry",
    "suspect_labels",
    "typical_first",
    "write_sheet",
]
