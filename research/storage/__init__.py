"""Files of plain JSON and arrays: how they are written, and how they are read without trusting them."""

from research.storage.archive import Archive, Arrays, Format, Specs, open_archive, write_archive
from research.storage.checks import Check, UnfitError

__all__ = ["Archive", "Arrays", "Check", "Format", "Specs", "UnfitError", "open_archive", "write_archive"]
