"""How good a result is: pure functions from labels and scores to numbers, with their intervals and controls.

A number that is not defined is an `Undefined`: NaN with its reason.
"""

from research.evaluate.agreement import Agreement, ClusterScores, agreement
from research.evaluate.calibration import SelectiveRisk, brier_score, calibration_error, selective_risk
from research.evaluate.coherence import (
    Cooccurrence,
    c_v,
    count_cooccurrence,
    diversity,
    embedding_coherence,
    npmi,
    umass,
    word_vectors,
)
from research.evaluate.comparison import Comparison, SystemComparison, compare_paired, compare_systems, holm
from research.evaluate.controls import Planted, deal_words, plant_themes, shuffled
from research.evaluate.decisions import as_decisions, f1_by_label, macro_f1, precision_by_label, recall_by_label
from research.evaluate.effect_size import cliffs_delta, cohens_d, minimum_detectable_difference
from research.evaluate.effects import Effect, step_effects
from research.evaluate.log_odds import log_odds
from research.evaluate.permutation import permutation_test, randomization_test
from research.evaluate.raters import cohens_kappa, krippendorffs_alpha
from research.evaluate.resampling import Halves, Interval, bootstrap_by_group, halves, over_halves
from research.evaluate.stability import Match, match_topics, partition_stability, topic_stability
from research.evaluate.undefined import Undefined, mean_defined, reason

__all__ = [
    "Agreement", "ClusterScores", "Comparison", "Cooccurrence", "Effect", "Halves", "Interval", "Match", "Planted",
    "SelectiveRisk", "SystemComparison", "Undefined", "agreement", "as_decisions", "bootstrap_by_group", "brier_score",
    "c_v", "calibration_error", "cliffs_delta", "cohens_d", "cohens_kappa", "compare_paired", "compare_systems",
    "count_cooccurrence", "deal_words", "diversity", "embedding_coherence", "f1_by_label", "halves", "holm",
    "krippendorffs_alpha", "log_odds", "macro_f1", "match_topics", "mean_defined", "minimum_detectable_difference", "npmi",
    "over_halves", "partition_stability", "permutation_test", "plant_themes", "precision_by_label", "randomization_test",
    "reason", "recall_by_label", "selective_risk", "shuffled", "step_effects", "topic_stability", "umass", "word_vectors",
]  # fmt: skip
