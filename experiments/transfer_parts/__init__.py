"""The parts of `transfer.py`.

`texts` the texts of both languages and what is tested, `ways` what learns and from where it sees, `cells` what is measured,
`results` what that allows to say, `sentences`, `drawings` and `report` what is written.
"""

from .cells import ANSWERING, LEARNING, answers, measure, packed, unpacked
from .report import headlines, page_of
from .results import Compared, Direction, Results
from .sentences import limits, opening
from .texts import Material, Part, drawn_of, material_of, parts_of
from .ways import (
    AS_IT_IS,
    BY_TESTED,
    CENTRED,
    CONTROL,
    DEFAULT,
    LEARNERS,
    MAJORITY,
    OURS,
    OURS_EVERY,
    OWN,
    OWN_EVERY,
    PLAIN,
    SHUFFLED,
    TESTED,
    WAYS,
    Prototypes,
    lacking,
    learner_named,
    named,
)

__all__ = [
    "ANSWERING",
    "AS_IT_IS",
    "BY_TESTED",
    "CENTRED",
    "CONTROL",
    "DEFAULT",
    "LEARNERS",
    "LEARNING",
    "MAJORITY",
    "OURS",
    "OURS_EVERY",
    "OWN",
    "OWN_EVERY",
    "PLAIN",
    "SHUFFLED",
    "TESTED",
    "WAYS",
    "Compared",
    "Direction",
    "Material",
    "Part",
    "Prototypes",
    "Results",
    "answers",
    "drawn_of",
    "headlines",
    "lacking",
    "learner_named",
    "limits",
    "material_of",
    "measure",
    "named",
    "opening",
    "packed",
    "page_of",
    "parts_of",
    "unpacked",
]
