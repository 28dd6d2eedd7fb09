"""What classifying gives: data, and the tables made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.classifiers.classifier import TextClassifier
from research.classifiers.deletion import Faithfulness, Span
from research.classifiers.label_errors import Suspect
from research.classifiers.selection import Choice
from research.corpus.documents import Corpus
from research.evaluate import Interval, SelectiveRisk
from research.shown import Plotted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Classified", "ClassifyResult", "Estimate", "Learned", "choice_table"]

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """How good answers are, on texts whose classes are known and that the answering model has not seen.

    Attributes
    ----------
    what : str
        Where the texts come from: the test corpus, or articles of the training corpus that were held out.
    texts : int
        How many.
    accuracy, macro_f1 : Interval
        With an interval by drawing articles anew.
    chance_accuracy, chance_macro_f1 : float
        The same when the classes of the texts are dealt anew: what answers of these sizes reach without knowing anything.
    majority_accuracy : float
        What always giving the most frequent class of the training texts reaches.
    detectable : float
        A difference in accuracy from another classifier below this would probably go unseen on these texts.
    precision, recall, f1 : ndarray of float64, shape (k,)
        Of each class; NaN where it was never given, does not occur, or both.
    confusion : ndarray of int64, shape (k, k)
        How many texts of a class (row) were given to a class (column).
    calibration_error : float
        Mean difference of what is said to be probable and what is right.
    risk : SelectiveRisk
        How often it errs when it answers only what it is surest of.
    bins : tuple of (float, float, int)
        Mean probability of the answer, share that is right, texts: by tenths of the probability.
    unknown : int
        Texts of classes that the training texts do not have; every answer to them is wrong, and they count.
    """

    what: str
    texts: int
    accuracy: Interval
    macro_f1: Interval
    chance_accuracy: float
    chance_macro_f1: float
    majority_accuracy: float
    detectable: float
    precision: Scores
    recall: Scores
    f1: Scores
    confusion: npt.NDArray[np.int64]
    calibration_error: float
    risk: SelectiveRisk
    bins: tuple[tuple[float, float, int], ...]
    unknown: int


@dataclass(frozen=True, eq=False)
class Learned:
    """One text that was learned from, and what the models that had not seen its article say of it."""

    id: str
    text: str
    label: str
    probabilities: Scores


@dataclass(frozen=True, eq=False)
class Classified:
    """One article and its class.

    Attributes
    ----------
    id : str
        The article.
    text : str
        What was classified: the article without the furniture of its page.
    label : str
        The most probable class; empty where there is none.
    score : float
        Its probability; NaN where there is none.
    second : str
        The second most probable class.
    decision : {"given", "abstain", "none"}
        Whether the class is given, left open for lack of certainty, or cannot be had.
    unlike : bool
        Whether the text is unlike those that were learned from.
    truth : str
        The class that the corpus gives it; empty where it gives none.
    evidence : tuple of Span
        What carries the answer: spans of ``text``, found by cutting them out; empty where that was not asked.
    places : tuple of (int, int)
        The same spans in the article as it was read.
    reason : str
        Why there is no class.
    """

    id: str
    text: str
    label: str
    score: float
    second: str
    decision: str
    unlike: bool
    truth: str
    evidence: tuple[Span, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    reason: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ClassifyResult(Plotted):
    """Classes of articles, how far they can be trusted, and why they were given.

    Attributes
    ----------
    corpus : Corpus
        What was classified.
    classifier : TextClassifier
        What was learned.
    classes : tuple of str
        Ascending.
    articles : tuple of Classified
        Every article of the corpus, in its order.
    probabilities : ndarray of float64, shape (n, k)
        Of every class; NaN for an article without text.
    learned : tuple of Learned
        The texts that were learned from.
    held_out : Estimate or None
        On the training articles, each by models that have not seen it; None where nothing could be held out.
    tested : Estimate or None
        On the classified articles; None where the corpus has no classes.
    suspects : tuple of Suspect
        Training texts whose label is likely wrong; rows count ``learned``.
    faithfulness : Faithfulness or None
        Whether the evidence carries the answers: what is lost without it, and without as much of other text.
    threshold : float
        The probability from which on a class is given; 0 gives every one.
    notes : tuple of str
        What a reader must know.
    settings : mapping
        Everything that the result depends on.
    """

    corpus: Corpus
    classifier: TextClassifier
    classes: tuple[str, ...]
    articles: tuple[Classified, ...]
    probabilities: Scores
    learned: tuple[Learned, ...]
    held_out: Estimate | None
    tested: Estimate | None
    suspects: tuple[Suspect, ...]
    faithfulness: Faithfulness | None
    threshold: float
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def table(self) -> pd.DataFrame:
        """Give one row a class: label, learned, given, precision, recall, f1 (held-out training articles), terms."""
        import pandas as pd

        given = [one.label for one in self.articles if one.decision == "given"]
        labels = [one.label for one in self.learned]
        rows = []
        for column, name in enumerate(self.classes):
            known = [float("nan")] * 3
            if self.held_out is not None:
                known = [
                    round(float(of[column]), 4) for of in (self.held_out.precision, self.held_out.recall, self.held_out.f1)
                ]
            terms = ", ".join(term.text for term in self.classifier.terms_[column][:8])
            rows.append((name, labels.count(name), given.count(name), *known, terms))
        return pd.DataFrame(rows, columns=["label", "learned", "given", "precision", "recall", "f1", "terms"])

    def predictions(self) -> pd.DataFrame:
        """Give one row an article: id, label, score, decision, second, unlike, evidence, truth, reason.

        ``label`` is empty where no class is given; what is left open has the probability of its best class, which is then
        ``second``. ``evidence`` is JSON, spans of the article as it was read:
        [start, end, text, weight], the weight what the answer loses in log odds when the span is cut out.
        """
        return prediction_table(self.articles)

    def probability_table(self) -> pd.DataFrame:
        """Give one row an article and one column a class: id, and the probability of each."""
        import pandas as pd

        table = pd.DataFrame(self.probabilities.round(4), columns=list(self.classes))
        table.insert(0, "id", [one.id for one in self.articles], allow_duplicates=True)
        return table

    def suspect_table(self) -> pd.DataFrame:
        """Give one row a training text whose label is likely wrong: id, given, likely, score, text (its beginning)."""
        import pandas as pd

        rows = [
            (self.learned[one.row].id, one.given, one.likely, round(one.score, 4), self.learned[one.row].text[:200])
            for one in self.suspects
        ]
        return pd.DataFrame(rows, columns=["id", "given", "likely", "score", "text"])

    def choice_table(self) -> pd.DataFrame:
        """Give one row a way to learn that was tried: what it looks at, penalty, balance, macro-F1, its error, answers."""
        return choice_table(self.classifier.choice_)

    def metrics(self) -> dict[str, Any]:
        """Give the estimates as plain data, what `metrics.json` holds; an undefined number is None."""
        return {
            "held_out": None if self.held_out is None else _plain(self.held_out, self.classes),
            "test": None if self.tested is None else _plain(self.tested, self.classes),
        }


def _plain(found: Estimate, classes: tuple[str, ...]) -> dict[str, Any]:
    def number(value: float) -> float | None:
        return round(float(value), 6) if np.isfinite(value) else None

    def interval(value: Interval) -> dict[str, float | None]:
        return {"value": number(value.value), "low": number(value.low), "high": number(value.high)}

    return {
        "what": found.what,
        "texts": found.texts,
        "unknown_classes": found.unknown,
        "accuracy": interval(found.accuracy),
        "macro_f1": interval(found.macro_f1),
        "chance_accuracy": number(found.chance_accuracy),
        "chance_macro_f1": number(found.chance_macro_f1),
        "majority_accuracy": number(found.majority_accuracy),
        "detectable_difference": number(found.detectable),
        "calibration_error": number(found.calibration_error),
        "risk_coverage_area": number(found.risk.area),
        "classes": {
            name: {
                "precision": number(found.precision[at]), "recall": number(found.recall[at]), "f1": number(found.f1[at]),
                "texts": int(found.confusion[at].sum()),
            }
            for at, name in enumerate(classes)
        },
    }  # fmt: skip


def prediction_table(articles: Iterable[Classified]) -> pd.DataFrame:
    """Give one row an article, see `ClassifyResult.predictions`."""
    import pandas as pd

    rows = []
    for one in articles:
        told = one.decision == "given"
        spans = [[*place, span.text, round(span.weight, 4)] for span, place in zip(one.evidence, one.places, strict=True)]
        rows.append(
            (one.id, one.label if told else None, round(one.score, 4) if one.decision != "none" else None, one.decision,
             one.label if one.decision == "abstain" else one.second, one.unlike, json.dumps(spans, ensure_ascii=False),
             one.truth, one.reason)
        )  # fmt: skip
    names = ["id", "label", "score", "decision", "second", "unlike", "evidence", "truth", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"score": "Float64"})


def choice_table(choice: Choice) -> pd.DataFrame:
    """Give one row a way to learn that was tried."""
    import pandas as pd

    rows = [
        (one.candidate.name, one.candidate.penalty, one.candidate.balance, round(one.macro_f1, 4), round(one.error, 4),
         one.candidate in choice.chosen)
        for one in choice.tried
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["sees", "penalty", "balance", "macro_f1", "error", "answers"])
