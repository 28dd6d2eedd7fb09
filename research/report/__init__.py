"""Results into files that people read: tables, figures, pages. Nothing is computed here that a result does not hold."""

from research.report.page import Page
from research.report.write import write

__all__ = ["Page", "write"]
