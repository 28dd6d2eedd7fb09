"""Matrices into topics: a graph of neighbours, its communities, BERTopic for their words, and a map. Knows no Arabic."""

from research.topics.bertopic_model import TopicWords, topic_words
from research.topics.graph import GraphClusterer
from research.topics.keywords import Keyword, choose_keywords
from research.topics.projection import project

__all__ = ["GraphClusterer", "Keyword", "TopicWords", "choose_keywords", "project", "topic_words"]
