"""Labels of articles that may have several, with what is known of them, as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.classification.result import choice_table
from research.classification.several_estimate import SeveralEstimate
from research.classifiers.multi_label import MultiLabelClassifier
from research.corpus.documents import Corpus
from research.evaluate import Interval
from research.messages import Message, count, joined, message
from research.shown import Plotted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NONE", "SeveralAnswer", "SeveralLearned", "SeveralResult"]

Scores = npt.NDArray[np.float64]

#: In a column of labels: none of the labels fits. An empty cell says that nobody has looked.
NONE = "-"


@dataclass(frozen=True, eq=False)
class SeveralLearned:
    """One text that was learned from, and what the models that had not seen its article say of it.

    Attributes
    ----------
    id, text : str
        The article and what of it was read.
    labels : tuple of str
        Its labels; none where it is labelled with none.
    probabilities : ndarray of float64, shape (k,)
        Of every label; NaN where nothing could be held out.
    given : tuple of str or None
        The labels that it would have been given; None where nothing could be held out.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    probabilities: Scores
    given: tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class SeveralAnswer:
    """One article and its labels.

    Attributes
    ----------
    id, text : str
        The article and what of it was read.
    labels : tuple of str
        Those that it was given, ascending.
    decision : {"given", "no label", "no text"}
        Whether labels are given, no label is probable enough, or there is no text.
    unlike : bool
        Whether the text is unlike those that were learned from.
    truth : tuple of str or None
        The labels that the corpus gives it; None where it says nothing.
    reason : str
        Why there is no text.
    scored : bool
        Whether it is among those of which the estimate of the test corpus tells: labelled, and no copy of a training article.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    decision: str
    unlike: bool
    truth: tuple[str, ...] | None
    reason: str = ""
    scored: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class SeveralResult(Plotted):
    """Labels of articles, and how far they can be trusted.

    Attributes
    ----------
    corpus : Corpus
        What was labelled.
    classifier : MultiLabelClassifier
        What was learned.
    labels : tuple of str
        Ascending.
    articles : tuple of SeveralAnswer
        Every article of the corpus, in its order.
    probabilities : ndarray of float64, shape (n, k)
        Of every label; NaN for an article without text.
    learned : tuple of SeveralLearned
        The texts that were learned from.
    held_out : SeveralEstimate or None
        On the training articles, by models and thresholds in which they had no part; None where nothing could be held out.
    tested : SeveralEstimate or None
        On the labelled articles of the corpus; None where it has none.
    notes : tuple of str
        What a reader must know.
    settings : mapping
        Everything that the result depends on.
    """

    corpus: Corpus
    classifier: MultiLabelClassifier
    labels: tuple[str, ...]
    articles: tuple[SeveralAnswer, ...]
    probabilities: Scores
    learned: tuple[SeveralLearned, ...]
    held_out: SeveralEstimate | None
    tested: SeveralEstimate | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def estimate(self) -> SeveralEstimate | None:
        """How good the answers are: on the test corpus where it has labels, else on held-out training articles."""
        return self.tested or self.held_out

    def summary(self) -> str:
        """Say in a sentence what became of the articles."""
        learned = self._learned()
        if not self.articles:
            return message("{learned}. There was no article to label.", learned=learned)
        sizes = [len(one.labels) for one in self.articles if one.labels]
        labelled = count(
            "{k:,} of {n:,} article of {corpus} got at least one",
            "{k:,} of {n:,} articles of {corpus} got at least one",
            n=len(self.articles),
            k=len(sizes),
            corpus=self.corpus.name,
        )
        if sizes:
            mean = sum(sizes) / len(sizes)
            labelled = message("{articles_with_labels} ({mean:.1f} on average)", articles_with_labels=labelled, mean=mean)
        parts = [labelled]
        if empty := sum(one.decision == "no label" for one in self.articles):
            parts.append(count("{n:,} got none", "{n:,} got none", n=empty))
        if unread := sum(one.decision == "no text" for one in self.articles):
            parts.append(count("{n:,} could not be used", "{n:,} could not be used", n=unread))
        return message("{learned}; {became}.", learned=learned, became=joined(parts))

    def _learned(self) -> Message:
        articles = count("{n:,} labelled article", "{n:,} labelled articles", n=len(self.learned))
        n, none = len(self.labels), sum(not one.labels for one in self.learned)
        if not none:
            return count(
                "{n:,} label was learned from {articles}", "{n:,} labels were learned from {articles}", n=n, articles=articles
            )
        return count(
            "{n:,} label was learned from {articles}, {none:,} of which have none of the labels",
            "{n:,} labels were learned from {articles}, {none:,} of which have none of the labels",
            n=n,
            articles=articles,
            none=none,
        )

    def predictions(self) -> pd.DataFrame:
        """Give one row an article and label, the most probable first: id, label, score, decision, unlike, truth, reason.

        An article without any label has one row, its label and score empty. ``truth`` is as a column of labels is read.
        """
        import pandas as pd

        separator = self.settings["separator"]
        rows: list[tuple[Any, ...]] = []
        for one, sure in zip(self.articles, self.probabilities, strict=True):
            score = dict(zip(self.labels, sure.round(4).tolist(), strict=True))
            truth = "" if one.truth is None else separator.join(one.truth) or NONE
            rest = (one.decision, one.unlike, truth, one.reason)
            ranked = sorted(one.labels, key=score.__getitem__, reverse=True)  # equal ones keep their order
            rows += [(one.id, name, score[name], *rest) for name in ranked] or [(one.id, None, None, *rest)]
        names = ["id", "label", "score", "decision", "unlike", "truth", "reason"]
        return pd.DataFrame(rows, columns=names).astype({"score": "Float64"})

    def probability_table(self) -> pd.DataFrame:
        """Give one row an article and one column a label: id, and the probability of each."""
        import pandas as pd

        table = pd.DataFrame(self.probabilities.round(4), columns=list(self.labels))
        table.insert(0, "id", [one.id for one in self.articles], allow_duplicates=True)
        return table

    def classes(self) -> pd.DataFrame:
        """Give one row a label.

        Columns: label, learned and given (articles), threshold, then on held-out training articles support (how many have
        it), precision, recall, f1, low and high (its interval), f1_shuffled (when sets of labels are dealt anew), and terms.
        """
        import pandas as pd

        rows = []
        for column, name in enumerate(self.labels):
            known: list[Any] = [None] + [float("nan")] * 6
            if (found := self.held_out) is not None:
                f1 = found.f1[column]
                figures = (found.precision[column], found.recall[column], f1.value, f1.low, f1.high, found.chance_f1[column])
                known = [int(found.support[column]), *(round(float(value), 4) for value in figures)]
            learned = sum(name in one.labels for one in self.learned)
            given = sum(name in one.labels for one in self.articles)
            terms = ", ".join(term.text for term in self.classifier.terms_[column][:8])
            rows.append((name, learned, given, round(float(self.classifier.thresholds_[column]), 4), *known, terms))
        names = ["label", "learned", "given", "threshold", "support", "precision", "recall", "f1", "low", "high",
                 "f1_shuffled", "terms"]  # fmt: skip
        return pd.DataFrame(rows, columns=names).astype({"support": "Int64"})

    def table(self) -> pd.DataFrame:
        """Give one row a label, as `classes` does."""
        return self.classes()

    def choice_table(self) -> pd.DataFrame:
        """Give one row a way to learn that was tried: what it looks at, penalty, balance, macro-F1, its error, answers."""
        return choice_table(self.classifier.choice_)

    def metrics(self) -> dict[str, Any]:
        """Give the estimates as plain data, what `metrics.json` holds; an undefined number is None."""
        return {
            "held_out": None if self.held_out is None else _plain(self.held_out, self.labels),
            "test": None if self.tested is None else _plain(self.tested, self.labels),
        }


def _plain(found: SeveralEstimate, labels: Sequence[str]) -> dict[str, Any]:
    def number(value: float) -> float | None:
        return round(float(value), 6) if np.isfinite(value) else None

    def interval(value: Interval) -> dict[str, float | None]:
        return {"value": number(value.value), "low": number(value.low), "high": number(value.high)}

    return {
        "what": found.what,
        "texts": found.texts,
        "unknown_labels": found.unknown,
        **{name: interval(getattr(found, name)) for name in ("macro_f1", "micro_f1", "subset_accuracy")},
        **{
            name: number(getattr(found, name))
            for name in ("chance_macro_f1", "chance_micro_f1", "chance_subset_accuracy", "all_macro_f1", "all_micro_f1")
        },
        "detectable_difference": number(found.detectable),
        "calibration_error": number(found.calibration_error),
        "labels": {
            name: {
                "precision": number(found.precision[at]), "recall": number(found.recall[at]), "f1": interval(found.f1[at]),
                "f1_shuffled": number(found.chance_f1[at]), "texts": int(found.support[at]), "given": int(found.given[at]),
            }
            for at, name in enumerate(labels)
        },
    }  # fmt: skip
