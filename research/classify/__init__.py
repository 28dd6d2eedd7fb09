"""Classifiers over the package's representations."""

from research.classify.crossfit import REPRESENTATIONS, crossfit_decisions, representation

__all__ = ["REPRESENTATIONS", "crossfit_decisions", "representation"]
