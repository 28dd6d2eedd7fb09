"""What tagging gives: plain data that gives tables; `shown` shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult
from research.corpus.documents import Corpus, Passage
from research.shown import Plotted
from research.themes import Codebook, CodebookReport, Evidence

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DECISIONS", "STATES", "Candidate", "Influence", "State", "TagResult", "ThemeSummary"]

#: What is decided of a theme in a passage, and how a theme ends; the number of a decision is its place here.
DECISIONS: tuple[str, ...] = ("absent", "abstain", "present")
STATES: tuple[str, ...] = ("found", "weak", "absent")
State = Literal["found", "weak", "absent"]

Decisions = npt.NDArray[np.int8]
_ABSTAIN, _PRESENT = 1, 2


@dataclass(frozen=True, slots=True)
class ThemeSummary:
    """How one theme ends.

    Attributes
    ----------
    key, name : str
        The theme.
    state : {"found", "weak", "absent"}
        Found: present in a passage; weak: only passages in which it cannot be ruled out; absent: neither.
    passages, articles : int
        Where it is present.
    open : int
        Passages in which it was neither given nor ruled out.
    calibrated : bool
        Whether its scores are probabilities, learned from labels.
    threshold : float
        From this score on it is present.
    labelled : int
        Labelled passages that state it.
    precision, recall, f1, calibration_error : float
        On labelled articles that the deciding model had not seen; NaN where the theme was not learned.
    reason : str
        Why it is absent or not learned, where there is more to say; else empty.
    """

    key: str
    name: str
    state: State
    passages: int
    articles: int
    open: int
    calibrated: bool
    threshold: float
    labelled: int
    precision: float
    recall: float
    f1: float
    calibration_error: float
    reason: str


@dataclass(frozen=True, slots=True)
class Influence:
    """What one seed does: passages that hold it, those with no other word of the theme, decisions that are lost without it."""

    theme: str
    seed: str
    kind: str
    passages: int
    alone: int
    lost: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group of passages without a theme: what the codebook may lack.

    Attributes
    ----------
    size, articles : int
        How many passages of how many articles.
    label : str
        Its first keywords.
    keywords : tuple of str
        In surface form, the best first.
    exemplars : tuple of int
        Up to three of the result's passages.
    rows : tuple of int
        All of them.
    """

    size: int
    articles: int
    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class TagResult(Plotted):
    """The themes of a corpus.

    Attributes
    ----------
    cleaned : CleanResult
        The corpus without furniture.
    codebook : Codebook
        The themes that were looked for.
    scores : ndarray of float64, shape (n, themes)
        0 to 1 for every passage; probabilities where the theme is calibrated.
    decisions : ndarray of int8, shape (n, themes)
        Places in `DECISIONS`.
    evidence : mapping of (int, int) to Evidence
        For every passage and theme that is present or open.
    themes : tuple of ThemeSummary
        In the order of the codebook.
    check : CodebookReport
        The codebook held against the corpus.
    influence : tuple of Influence
        Every seed that occurs, the one that loses most first.
    candidates : tuple of Candidate
        Themes that the codebook lacks, the largest first.
    notes : tuple of str
        What could not be said, and why.
    settings : mapping
        Everything that the result depends on.
    """

    cleaned: CleanResult
    codebook: Codebook
    scores: npt.NDArray[np.float64]
    decisions: Decisions
    evidence: Mapping[tuple[int, int], Evidence]
    themes: tuple[ThemeSummary, ...]
    check: CodebookReport
    influence: tuple[Influence, ...]
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def corpus(self) -> Corpus:
        """The corpus that was tagged."""
        return self.cleaned.corpus

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The tagged passages, in the order of the corpus."""
        return self.cleaned.passages

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """The passages and themes that are present, shape (n, themes)."""
        found: npt.NDArray[np.bool_] = self.decisions == _PRESENT
        return found

    @property
    def open(self) -> npt.NDArray[np.bool_]:
        """The passages and themes that were neither given nor ruled out, shape (n, themes)."""
        found: npt.NDArray[np.bool_] = self.decisions == _ABSTAIN
        return found

    def runner_up(self, row: int, theme: int) -> tuple[str, float] | None:
        """Give the other theme with the highest score in a passage; None where there is one theme only."""
        if len(self.codebook.themes) < 2:
            return None
        order = np.argsort(-self.scores[row], kind="stable")
        other = int(order[0] if order[0] != theme else order[1])
        return self.codebook.keys[other], float(self.scores[row, other])

    # -- tables -------------------------------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """Give one row a theme: how it ends, where it is, how far it can be trusted."""
        import pandas as pd

        names = [
            "theme", "state", "passages", "articles", "open", "calibrated", "threshold", "labelled", "precision", "recall",
            "f1", "calibration_error", "reason",
        ]  # fmt: skip
        rows = [
            (t.key, t.state, t.passages, t.articles, t.open, t.calibrated, round(t.threshold, 4), t.labelled,
             *(round(value, 4) for value in (t.precision, t.recall, t.f1, t.calibration_error)), t.reason)
            for t in self.themes
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    def assignments(self) -> pd.DataFrame:
        """Give one row a passage and theme: id, passage, start, end, theme, score, decision, evidence, and what tests it.

        ``evidence`` is JSON, spans of the article as [start, end, text, seed or feature]; ``runner_up`` the other theme with
        the highest score; ``without`` the score when the evidence is cut out, empty where that was not tested.
        """
        import pandas as pd

        rows: list[tuple[Any, ...]] = []
        for row, passage in enumerate(self.passages):
            place = (passage.document, passage.number, passage.start, passage.end)
            for theme, key in enumerate(self.codebook.keys):
                found = self.evidence.get((row, theme))
                other = self.runner_up(row, theme) if found is not None else None
                without = None if found is None or found.without is None else round(found.without, 4)
                decision = DECISIONS[self.decisions[row, theme]]
                rows.append(
                    (*place, key, round(float(self.scores[row, theme]), 4), decision, self._spans(passage, found),
                     "" if other is None else other[0], without)
                )  # fmt: skip
        names = ["id", "passage", "start", "end", "theme", "score", "decision", "evidence", "runner_up", "without"]
        return pd.DataFrame(rows, columns=names)

    def _spans(self, passage: Passage, evidence: Evidence | None) -> str:
        if evidence is None:
            return "[]"
        spans = [
            [passage.start + s.start, passage.start + s.end, passage.text[s.start : s.end], s.feature] for s in evidence.spans
        ]
        return json.dumps(spans, ensure_ascii=False)

    def evidence_table(self) -> pd.DataFrame:
        """Give one row a span: id, passage, theme, start, end, text, feature, kind, weight (log odds)."""
        import pandas as pd

        rows = []
        for (row, theme), evidence in sorted(self.evidence.items()):
            passage = self.passages[row]
            for s in evidence.spans:
                place = (passage.start + s.start, passage.start + s.end, passage.text[s.start : s.end])
                rows.append(
                    (passage.document, passage.number, self.codebook.keys[theme], *place, s.feature, s.kind, round(s.weight, 4))
                )
        return pd.DataFrame(rows, columns=["id", "passage", "theme", "start", "end", "text", "feature", "kind", "weight"])

    def documents(self) -> pd.DataFrame:
        """Give one row an article and theme: id, theme, score, passages, state, reason.

        The score is the highest of the article's passages, ``passages`` how many state the theme. An article without passages
        has one row, without a theme, and the reason.
        """
        import pandas as pd

        rows_of: dict[str, list[int]] = {}
        for row, passage in enumerate(self.passages):
            rows_of.setdefault(passage.document, []).append(row)
        rows: list[tuple[Any, ...]] = []
        for document in self.corpus:
            held = rows_of.get(document.id)
            if held is None:
                rows.append((document.id, None, None, None, None, document.problem or "no news text left"))
                continue
            for theme, key in enumerate(self.codebook.keys):
                stated = int(self.present[held, theme].sum())
                state = "found" if stated else "weak" if self.open[held, theme].any() else "absent"
                rows.append((document.id, key, round(float(self.scores[held, theme].max()), 4), stated, state, ""))
        table = pd.DataFrame(rows, columns=["id", "theme", "score", "passages", "state", "reason"])
        return table.astype({"score": "Float64", "passages": "Int64"})

    def seeds(self) -> pd.DataFrame:
        """Give one row a seed: theme, seed, passages, articles, share, and what is lost without it."""
        table = self.check.table()
        lost = {(one.theme, one.seed): (one.alone, one.lost) for one in self.influence}
        pairs = [lost.get((theme, seed), (0, 0)) for theme, seed in zip(table["theme"], table["seed"], strict=True)]
        table["alone"], table["lost"] = [alone for alone, _ in pairs], [gone for _, gone in pairs]
        return table

    def candidate_table(self) -> pd.DataFrame:
        """Give one row a passage of a candidate theme: candidate, label, id, passage, start, end, exemplar."""
        import pandas as pd

        rows = [
            (number, one.label, (p := self.passages[row]).document, p.number, p.start, p.end, row in one.exemplars)
            for number, one in enumerate(self.candidates)
            for row in one.rows
        ]
        return pd.DataFrame(rows, columns=["candidate", "label", "id", "passage", "start", "end", "exemplar"])
