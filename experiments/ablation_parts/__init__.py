"""The parts of `ablation.py`.

`arms` what is left out, `texts` what an arm works on, `cells` what is measured, `report` what is written; of classification,
`classes` what an arm works on and `classifying` what is measured.
"""

from .arms import ALL, TESTED, arms, settings_of, steps_of
from .cells import measure
from .classes import classed_of
from .report import Report, headlines, page_of
from .texts import labelled, material_of, store_of

__all__ = [
    "ALL",
    "TESTED",
    "Report",
    "arms",
    "classed_of",
    "headlines",
    "labelled",
    "material_of",
    "measure",
    "page_of",
    "settings_of",
    "steps_of",
    "store_of",
]
