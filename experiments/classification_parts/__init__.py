"""The parts of `classification.py`.

`texts` the texts and which are tested, `ways` how classes are told apart, `cells` what is measured, `results` what that
allows to say, `drawings` and `report` what is written.
"""

from .cells import ANSWERING, LEARNING, answers, measure, packed, unpacked
from .report import choices_table, headlines, opening, page_of
from .results import AREA, COVERAGE, Compared, Results, seen_from
from .texts import HELD_OUT, Material, labelled_articles, labelled_lines, material_of, merging, splits_of
from .ways import (
    ALL,
    BAYES,
    FIXED,
    MAJORITY,
    OURS,
    PENALTY,
    SEES_MEANING,
    SHUFFLED,
    SVM,
    WAYS,
    Given,
    Model,
    lacking,
    majority,
    named,
    svm,
)

__all__ = [
    "ALL",
    "ANSWERING",
    "AREA",
    "BAYES",
    "COVERAGE",
    "FIXED",
    "HELD_OUT",
    "LEARNING",
    "MAJORITY",
    "OURS",
    "PENALTY",
    "SEES_MEANING",
    "SHUFFLED",
    "SVM",
    "WAYS",
    "Compared",
    "Given",
    "Material",
    "Model",
    "Results",
    "answers",
    "choices_table",
    "headlines",
    "labelled_articles",
    "labelled_lines",
    "lacking",
    "majority",
    "material_of",
    "measure",
    "merging",
    "named",
    "opening",
    "packed",
    "page_of",
    "seen_from",
    "splits_of",
    "svm",
    "unpacked",
]
