"""Texts into matrices: lexical and embedding representations, where embeddings are kept, and who is whose neighbour."""

from research.features.embedding import embed, window_means
from research.features.encoders import Encoder, LsaEncoder, get_encoder
from research.features.lexical import char_tfidf, lsa, word_tfidf
from research.features.neighbours import Neighbours, nearest_neighbours
from research.features.representation import Representation, represent
from research.features.store import EmbeddingStore

__all__ = [
    "EmbeddingStore",
    "Encoder",
    "LsaEncoder",
    "Neighbours",
    "Representation",
    "char_tfidf",
    "embed",
    "get_encoder",
    "lsa",
    "nearest_neighbours",
    "represent",
    "window_means",
    "word_tfidf",
]
