"""The parts of `few_labels.py`.

`draws` which texts are learned from and tested, `ways` what is learned from few labels, `cells` what is measured, `report` what
is written.
"""

from .cells import measure
from .draws import Draw, drawn, labelled_rows
from .report import Report, headlines, page_of
from .ways import CODEBOOK, LABELLING, NEXT, OURS, RANDOM, SELF_TRAINED, SHUFFLED, SVM, WAYS, asked_of

__all__ = [
    "CODEBOOK",
    "LABELLING",
    "NEXT",
    "OURS",
    "RANDOM",
    "SELF_TRAINED",
    "SHUFFLED",
    "SVM",
    "WAYS",
    "Draw",
    "Report",
    "asked_of",
    "drawn",
    "headlines",
    "labelled_rows",
    "measure",
    "page_of",
]
