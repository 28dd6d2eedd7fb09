"""Articles as they are saved: reading them, what surrounds the news on a page, copies, and passages."""

from research.corpus.documents import Corpus, Document, Passage
from research.corpus.passages import split_passages
from research.corpus.readers import load

__all__ = ["Corpus", "Document", "Passage", "load", "split_passages"]
