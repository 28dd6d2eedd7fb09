"""The parts of `discovery.py`.

`ways` how texts become topics, `fits` one fit and its cost, `draws` the texts and what is drawn of them, `cells` what is
measured, `comparison` what that allows to say, `report` what is written.
"""

from .cells import (
    DEALT,
    MEMORY,
    SECONDS,
    alike,
    class_scores,
    largest,
    measure,
    other_rows,
    task,
    word_scores,
)
from .comparison import SHUFFLED, TESTED, by_way, differences, over_draws, widened
from .draws import in_a_draw, prepare
from .fits import fit, fit_alone, work
from .report import Report, headlines, page_of
from .ways import OURS, WAYS, Found, Given, class_words, lacking

__all__ = [
    "DEALT",
    "MEMORY",
    "OURS",
    "SECONDS",
    "SHUFFLED",
    "TESTED",
    "WAYS",
    "Found",
    "Given",
    "Report",
    "alike",
    "by_way",
    "class_scores",
    "class_words",
    "differences",
    "fit",
    "fit_alone",
    "headlines",
    "in_a_draw",
    "lacking",
    "largest",
    "measure",
    "other_rows",
    "over_draws",
    "page_of",
    "prepare",
    "task",
    "widened",
    "word_scores",
    "work",
]
