"""The parts of `transfer.py`.

`texts` the texts of both languages and what is tested, `ways` what learns and how texts are answered, `cells` what is measured,
`results` what that allows to say, `sentences`, `drawings` and `report` what is written.
"""

from classification_parts import ANSWERING, LEARNING, lacking, packed, unpacked

from .cells import answers, measure
from .report import headlines, page_of
from .results import Compared, Direction, Results
from .sentences import limits, opening
from .texts import Material, Part, drawn_of, material_of, parts_of
from .ways import (
    ADAPTED,
    AS_IT_IS,
    CONTROL,
    DEFAULT,
    LEARNERS,
    MAJORITY,
    MEANING,
    MEANT,
    MEANT_OWN,
    MEANT_PLAIN,
    OURS,
    OURS_EVERY,
    OWN,
    OWN_EVERY,
    PLAIN,
    SHUFFLED,
    TESTED,
    TO_TESTED,
    WAYS,
    learner_named,
    named,
)

__all__ = [
    "ADAPTED",
    "ANSWERING",
    "AS_IT_IS",
    "CONTROL",
    "DEFAULT",
    "LEARNERS",
    "LEARNING",
    "MAJORITY",
    "MEANING",
    "MEANT",
    "MEANT_OWN",
    "MEANT_PLAIN",
    "OURS",
    "OURS_EVERY",
    "OWN",
    "OWN_EVERY",
    "PLAIN",
    "SHUFFLED",
    "TESTED",
    "TO_TESTED",
    "WAYS",
    "Compared",
    "Direction",
    "Material",
    "Part",
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
