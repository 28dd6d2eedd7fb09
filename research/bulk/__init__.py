"""Corpora that do not fit into memory: partition by partition, in processes of this machine or on a cluster of dask."""

from research.bulk import classification, discovery, tagging
from research.bulk.classification import classify
from research.bulk.cleaning import clean
from research.bulk.discovery import discover
from research.bulk.engines import Engine, Processes, get_engine
from research.bulk.result import BulkResult, Group
from research.bulk.source import Part, find_parts, in_parts
from research.bulk.tagging import tag

#: How many articles each command draws unless told otherwise.
SAMPLES = {"discover": discovery.SAMPLE, "tag": tagging.SAMPLE, "classify": classification.SAMPLE}

__all__ = [
    "SAMPLES",
    "BulkResult",
    "Engine",
    "Group",
    "Part",
    "Processes",
    "classify",
    "clean",
    "discover",
    "find_parts",
    "get_engine",
    "in_parts",
    "tag",
]
