"""Hold a codebook against itself and against a corpus: which seeds are doubled, dead, everywhere or shared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from research.messages import Message, joined, message, word
from research.text.normalize import normalize
from research.text.readings import EXACT, seed_key
from research.text.tokens import is_arabic, words
from research.themes.codebook import Codebook, Theme
from research.themes.matching import Match

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodebookReport", "Finding", "check_codebook"]

_EVERYWHERE, _ENOUGH = 0.5, 20  # a seed in more than this share of at least so many passages tells nothing apart
_SCRIPTS = {"Arabic": word("Arabic"), "Latin": word("Latin")}
_OVERLAP = 0.5  # themes that share this much of their passages are hardly two


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the codebook's author should know.

    Attributes
    ----------
    theme : str
        The theme's key.
    kind : str
        What it is, in a word or two: empty, duplicate, inside another, shared, never occurs, everywhere, overlap, language.
    detail : str
        A sentence.
    """

    theme: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class CodebookReport:
    """A codebook held against a corpus.

    Attributes
    ----------
    findings : tuple of Finding
        By theme, in the order of the codebook.
    seeds : tuple of (str, str, int, int)
        Every seed (and words that meet): theme, seed, passages, articles that hold it.
    passages : int
        How many passages the corpus has.
    covered : int
        How many hold a seed or hint of at least one theme.
    ambiguous : int
        How many hold seeds of several.
    """

    findings: tuple[Finding, ...]
    seeds: tuple[tuple[str, str, int, int], ...]
    passages: int
    covered: int
    ambiguous: int

    def table(self) -> pd.DataFrame:
        """Give one row a seed: theme, seed, passages, articles, share of passages."""
        import pandas as pd

        rows = [(*seed, round(seed[2] / self.passages, 4) if self.passages else None) for seed in self.seeds]
        return pd.DataFrame(rows, columns=["theme", "seed", "passages", "articles", "share"])

    def problems(self) -> pd.DataFrame:
        """Give one row a finding: theme, kind, detail."""
        import pandas as pd

        return pd.DataFrame([(f.theme, f.kind, f.detail) for f in self.findings], columns=["theme", "kind", "detail"])


def check_codebook(
    codebook: Codebook,
    found: Sequence[Sequence[Match]] = (),
    documents: Sequence[str] = (),
    texts: Sequence[str] = (),
) -> CodebookReport:
    """Check a codebook, and what a matcher found with it.

    Parameters
    ----------
    codebook : Codebook
        What `load_codebook` gave: its form is right.
    found : sequence of sequences of Match, length n
        What `Matcher.find` gave for every passage; none when there is no corpus yet.
    documents : sequence of str, length n
        The article of every passage.
    texts : sequence of str, length n
        The passages: their scripts tell which seeds could occur at all.

    Returns
    -------
    CodebookReport
        Empty themes and doubled seeds always; dead, ubiquitous and overlapping ones where there is a corpus.

    Examples
    --------
    >>> from research.themes.codebook import Codebook, Theme
    >>> theme = Theme("trade", {}, "", {"ar": ("تجارة", "التجارة")})
    >>> [finding.kind for finding in check_codebook(Codebook("1", {}, (theme,))).findings]
    ['duplicate']
    """
    holders: dict[tuple[int, str], set[int]] = defaultdict(set)
    themes_of: list[set[int]] = []
    for row, matches in enumerate(found):
        themes_of.append({match.theme for match in matches})
        for match in matches:
            for seed in (match.seed, *match.inner):
                holders[match.theme, seed].add(row)
    findings: list[Finding] = []
    shared = _shared(codebook)
    scripts = _scripts(texts)
    seeds = []
    for number, theme in enumerate(codebook.themes):
        findings += _of_itself(theme, shared)
        first = [group[0] for group in (*_grouped(theme.all_seeds).values(), *_grouped(theme.all_hints).values())]
        names = [*dict.fromkeys(first), *(one.name for one in theme.together)]
        counts = {name: holders.get((number, name), set()) for name in names}
        seeds += [(theme.key, name, len(rows), len({documents[row] for row in rows})) for name, rows in counts.items()]
        if found:
            findings += _in_corpus(theme, counts, len(found), scripts)
    if found:
        findings += _overlaps(codebook, themes_of)
    order = {theme.key: at for at, theme in enumerate(codebook.themes)}
    findings.sort(key=lambda finding: order[finding.theme])
    covered, several = sum(map(bool, themes_of)), sum(len(themes) > 1 for themes in themes_of)
    return CodebookReport(tuple(findings), tuple(seeds), len(found), covered, several)


def _keys(seed: str) -> tuple[str, ...]:
    exact = seed.startswith(EXACT)
    return tuple(EXACT + word if exact else seed_key(word) for word in words(normalize(seed)))


def _shared(codebook: Codebook) -> dict[tuple[str, ...], list[str]]:
    """Tell which themes have each seed."""
    themes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for theme in codebook.themes:
        for keys in dict.fromkeys(map(_keys, theme.all_seeds)):
            themes[keys].append(theme.key)
    return themes


def _of_itself(theme: Theme, shared: dict[tuple[str, ...], list[str]]) -> Iterator[Finding]:
    if theme.empty:
        yield Finding(theme.key, "empty", message("It has no seed, hint, example or definition: nothing can be found for it."))
    by_list = [_grouped(theme.all_seeds), _grouped(theme.all_hints)]
    for groups in by_list:
        for keys, seeds in groups.items():
            seed = _quoted(seeds[:1])
            if len(seeds) > 1:
                detail = message("{seeds} are the same after normalisation; one is enough.", seeds=_quoted(seeds))
                yield Finding(theme.key, "duplicate", detail)
            shorter = next((other for other in groups if _inside(other, keys)), None)
            if shorter is not None:
                detail = message("{seed} holds {other}.", seed=seed, other=_quoted(groups[shorter][:1]))
                yield Finding(theme.key, "inside another", detail)
            others = [key for key in shared.get(keys, []) if key != theme.key]
            if others:
                detail = message("{seed} is in {themes} too.", seed=seed, themes=joined(others))
                yield Finding(theme.key, "shared", detail)
    for keys in by_list[0].keys() & by_list[1].keys():
        detail = message("{seed} is a seed and a hint; the seed counts.", seed=_quoted(by_list[0][keys][:1]))
        yield Finding(theme.key, "duplicate", detail)


def _grouped(seeds: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for seed in seeds:
        groups[_keys(seed)].append(seed)
    return groups


def _inside(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return len(short) < len(long) and any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _in_corpus(theme: Theme, counts: dict[str, set[int]], n: int, scripts: Counter[str]) -> Iterator[Finding]:
    if theme.empty:
        return
    seeds = [*theme.all_seeds, *theme.all_hints]
    lacking = [script for script in _scripts(seeds) if not scripts[script]]
    if lacking and len(lacking) == len(_scripts(seeds)):
        yield Finding(
            theme.key,
            "language",
            message("Its seeds are in {script} letters, of which the corpus has none.", script=_SCRIPTS[lacking[0]]),
        )
        return
    dead = [name for name, rows in counts.items() if not rows and not (set(_scripts([name])) <= set(lacking))]
    if len(dead) == len(counts) and dead:
        yield Finding(theme.key, "never occurs", message("None of its seeds occurs in the corpus."))
    elif dead:
        shown = _quoted(dead[:12])
        detail = (
            message("{n} of {all} seeds: {seeds}.", n=len(dead), all=len(counts), seeds=shown)
            if len(dead) <= 12
            else message(
                "{n} of {all} seeds: {seeds} and {more} more.", n=len(dead), all=len(counts), seeds=shown, more=len(dead) - 12
            )
        )
        yield Finding(theme.key, "never occurs", detail)
    for name, rows in counts.items():
        if n >= _ENOUGH and len(rows) > _EVERYWHERE * n:
            detail = message(
                "{seed} is in {k:,} of {n:,} passages: it tells little apart.", seed=_quoted([name]), k=len(rows), n=n
            )
            yield Finding(theme.key, "everywhere", detail)


def _overlaps(codebook: Codebook, themes_of: Sequence[set[int]]) -> Iterator[Finding]:
    rows = [{row for row, themes in enumerate(themes_of) if number in themes} for number in range(len(codebook.themes))]
    for first in range(len(rows)):
        for second in range(first + 1, len(rows)):
            both, either = len(rows[first] & rows[second]), len(rows[first] | rows[second])
            if both >= 5 and both > _OVERLAP * either:
                one, other = codebook.themes[first].key, codebook.themes[second].key
                detail = message(
                    "{both:,} of {either:,} passages with seeds of it or of {other} hold both.",
                    both=both,
                    either=either,
                    other=other,
                )
                yield Finding(one, "overlap", detail)


def _scripts(texts: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        if is_arabic(text):
            found["Arabic"] += 1
        if any(char.isascii() and char.isalpha() for char in text):
            found["Latin"] += 1
    return found


def _quoted(seeds: Sequence[str]) -> Message:
    return joined(f"«{seed}»" for seed in seeds)
