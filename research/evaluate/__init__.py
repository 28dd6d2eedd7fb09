"""How good a result is: pure functions from labels and scores to numbers, with their intervals."""

from research.evaluate.agreement import Agreement, agreement
from research.evaluate.multilabel import f1_by_label, macro_f1
from research.evaluate.resampling import Interval, bootstrap_by_group

__all__ = ["Agreement", "Interval", "agreement", "bootstrap_by_group", "f1_by_label", "macro_f1"]
