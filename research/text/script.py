"""In which script a text is written, and whether texts are written in several."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["in_several_scripts", "script_of"]

_LOOKED_AT = 60  # characters
_SHARE = 0.05


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0].lower() if char.isalpha() else ""


def script_of(text: str) -> str:
    """Give the script of most of a text's first letters; empty for a text without letters.

    Examples
    --------
    >>> script_of("فرضت NATO عقوبات"), script_of("new sanctions"), script_of("2024")
    ('arabic', 'latin', '')
    """
    counts = Counter(_script(char) for char in text[:_LOOKED_AT])
    del counts[""]
    return max(sorted(counts), key=counts.__getitem__, default="")


def in_several_scripts(texts: Sequence[str]) -> bool:
    """Tell whether one text in twenty or more is written in another script than most.

    Examples
    --------
    >>> in_several_scripts(["عقوبات", "محادثات", "talks"]), in_several_scripts(["عقوبات"] * 30 + ["talks"])
    (True, False)
    """
    counts = Counter(script for text in texts if (script := script_of(text)))
    return counts.total() - max(counts.values(), default=0) >= _SHARE * max(counts.total(), 1) > 0
