"""The parts of `tagging.py`.

`cells` what is measured, `results` what that allows to say, `report` what is written.
"""

from .cells import ALL, ARMS, FLOOR, SHUFFLED, TRANSFER, labelled, measure, read, unseen
from .report import Report, add_articles, page_of, write_tables
from .results import Results, by_arm, by_theme, calibration, compared, evidence, f1_by_arm, headlines, transfer

__all__ = [
    "ALL",
    "ARMS",
    "FLOOR",
    "SHUFFLED",
    "TRANSFER",
    "Report",
    "Results",
    "add_articles",
    "by_arm",
    "by_theme",
    "calibration",
    "compared",
    "evidence",
    "f1_by_arm",
    "headlines",
    "labelled",
    "measure",
    "page_of",
    "read",
    "transfer",
    "unseen",
    "write_tables",
]
