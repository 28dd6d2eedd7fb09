"""Discover topics: what composes cleaning, representation, clustering and words into one answer."""

from research.discovery.find import FoundTopics, find_topics
from research.discovery.pipeline import LATENT, Unit, discover
from research.discovery.result import DiscoverResult, Topic

__all__ = ["LATENT", "DiscoverResult", "FoundTopics", "Topic", "Unit", "discover", "find_topics"]
