"""Matrices into topics: many partitions of a graph of neighbours, their consensus, words, a tree, a map. Knows no Arabic."""

from research.topics.bertopic_model import TopicWords, topic_words
from research.topics.clusterer import TopicClusterer
from research.topics.ctfidf import class_tfidf, count_terms, ranked_terms
from research.topics.distinctive import log_odds_words, mean_rank
from research.topics.hierarchy import Hierarchy
from research.topics.keywords import Keyword, choose_keywords
from research.topics.projection import project
from research.topics.resolution import Choice
from research.topics.similarity import TopicSimilarity, topic_similarity

__all__ = [
    "Choice",
    "Hierarchy",
    "Keyword",
    "TopicClusterer",
    "TopicSimilarity",
    "TopicWords",
    "choose_keywords",
    "class_tfidf",
    "count_terms",
    "log_odds_words",
    "mean_rank",
    "project",
    "ranked_terms",
    "topic_similarity",
    "topic_words",
]
