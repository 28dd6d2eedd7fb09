"""Topics and themes over time and outlets: shares with intervals, bursts, sightings, words that changed, dates."""

from research.trends.dates import BY, By, Dates
from research.trends.pipeline import trends
from research.trends.result import Sighting, TrendResult
from research.trends.shares import Share
from research.trends.stated import Stated, stated_in
from research.trends.words import ChangedWord, WordComparison

__all__ = [
    "BY", "By", "ChangedWord", "Dates", "Share", "Sighting", "Stated", "TrendResult", "WordComparison", "stated_in", "trends",
]  # fmt: skip
