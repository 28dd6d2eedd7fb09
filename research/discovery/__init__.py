"""Discover topics: what composes cleaning, representation, clustering and words into one answer."""

from research.discovery.find import FoundTopics, find_topics
from research.discovery.pipeline import LATENT, Unit, discover
from research.discovery.result import AssignResult, DiscoverResult, Topic
from research.discovery.saved import TopicModel, load_topics, topic_model

__all__ = [
    "LATENT",
    "AssignResult",
    "DiscoverResult",
    "FoundTopics",
    "Topic",
    "TopicModel",
    "Unit",
    "discover",
    "find_topics",
    "load_topics",
    "topic_model",
]
