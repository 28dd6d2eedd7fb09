"""Learning from texts without labels: a classifier's surest answers become labels, as long as held-out labels say it helps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from research.classifiers.classifier import TextClassifier, divisions, sharpness_of
from research.classifiers.ridge import Candidate, Kernels, Matrix, Mix, Rows, Scores, fit_ridge, solve
from research.classifiers.selection import best_by_meaning, macro_f1_of
from research.classifiers.terms import class_terms
from research.classifiers.unlike import learn_familiar
from research.errors import ConfigError, DataError
from research.evaluate.resampling import group_codes
from research.features.views import Views, learn_views
from research.progress import progress

__all__ = ["Guard", "SelfTrainingClassifier"]

_MOST = 6_000  # texts that are compared with each other; of more, so many are drawn
_BLOCK = 1_024
_FOLDS = 5


@dataclass(frozen=True)
class Guard:
    """What held-out labelled texts say of each round, and what was made of it.

    Attributes
    ----------
    scores : tuple of float
        Macro-F1 on labelled texts that were held out: of the plain classifier, then after each round. Empty where nothing
        could be held out.
    error : float
        Standard error of the difference between the best round and the plain classifier; NaN where there is none.
    taken : int
        How many rounds the classifier has learned from; 0 is the plain classifier.
    reason : str
        Why, in one line.
    """

    scores: tuple[float, ...]
    error: float
    taken: int
    reason: str


class SelfTrainingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Let a classifier learn from its own surest answers, and keep that only where held-out labelled texts gain by it.

    Parameters
    ----------
    classifier : TextClassifier
        What learns; it stays as it is.
    rounds : int
        How many times labels are given and learned from, at most.
    share : float
        The share of the unlabelled texts that every round adds; ``rounds * share`` is at most 1.
    seed : int
        Seed of the divisions, and of the draw where there are more than 6,000 texts.

    Attributes
    ----------
    classes_ : ndarray of object, shape (k,)
        The names of the classes, ascending.
    guard_ : Guard
        What was found on held-out texts, and how many rounds were taken.
    classifier_ : TextClassifier
        What answers: the plain classifier where no round was taken.
    pseudo_labels_ : ndarray of object, shape (m,)
        The label that each unlabelled text was learned with, "" for none.

    Notes
    -----
    Scudder, H. (1965). Probability of error of some adaptive pattern-recognition machines. IEEE Transactions on Information
    Theory 11. Yarowsky, D. (1995). Unsupervised word sense disambiguation rivaling supervised methods. ACL: as there, labels
    are given anew in every round, so that an early mistake can be undone. Class by class: Zou, Y., Yu, Z., Kumar, B. and Wang,
    J. (2018). Unsupervised domain adaptation for semantic segmentation via class-balanced self-training. ECCV. A round has
    room for so many texts of a class as its share of the labelled ones (one added to each class) allows; those with the
    greatest margin between the two highest scores get it, of the texts whose highest score is that class.

    The guard: of the labelled texts, articles are held out in turn; everything is done without them, labels for unlabelled
    texts included, and they are scored. The best round is taken if its macro-F1 on all held-out texts together is higher than
    the plain classifier's by more than a standard error of the difference, by the jackknife over articles: Efron, B. and
    Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9. How to learn (views, penalty) is chosen once,
    by the plain classifier on the labelled texts. Where nothing is
    gained, a round is still taken in one case of three, as it is the best of several: its score is then a little too good. An
    unlabelled text that is equal to a labelled one is left out.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "عقوبات جديدة على الشركات", "فاز الفريق بالكأس", "كأس العالم والفريق"]
    >>> model = SelfTrainingClassifier(TextClassifier(encoder=None))
    >>> model = model.fit(texts, ["sanctions", "sanctions", "sport", "sport"], ["عقوبات على المصارف", "الفريق في الكأس"])
    >>> model.predict(["عقوبات على النفط"]).tolist(), model.guard_.taken
    (['sanctions'], 0)
    """

    def __init__(self, classifier: TextClassifier, *, rounds: int = 5, share: float = 0.1, seed: int = 0) -> None:
        self.classifier = classifier
        self.rounds = rounds
        self.share = share
        self.seed = seed

    def fit(
        self, texts: Sequence[str], labels: Sequence[str], unlabelled: Sequence[str], groups: Sequence[Hashable] | None = None
    ) -> Self:
        """Learn from labelled and unlabelled texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Sentences, passages or articles.
        labels : sequence of str, length n
            The class of each.
        unlabelled : sequence of str, length m
            Texts of the same kind.
        groups : sequence, length n, optional
            The article of each labelled text, which is held out as a whole; each text its own when not given.

        Returns
        -------
        SelfTrainingClassifier
            Itself.

        Raises
        ------
        ConfigError
            If a parameter has a value that it cannot have.
        DataError
            If there is no labelled text, or not one label a text.
        """
        self._check()
        lines, given = list(texts), [str(label) for label in labels]
        owners: list[Hashable] = list(range(len(lines))) if groups is None else list(groups)
        for name, values in (("labels", given), ("groups", owners)):
            if len(values) != len(lines):
                raise DataError(f"{len(values)} {name} for {len(lines)} texts", remedy="give one each")
        order = sorted(range(len(lines)), key=lambda row: (lines[row], given[row], "" if groups is None else str(owners[row])))
        lines, given = [lines[row] for row in order], [given[row] for row in order]
        owners = list(range(len(lines))) if groups is None else [owners[row] for row in order]
        plain: TextClassifier = clone(self.classifier).fit(lines, given, None if groups is None else owners)
        self.classes_ = plain.classes_
        place = {name: column for column, name in enumerate(plain.classes_)}
        codes, others = np.array([place[label] for label in given]), self._others(lines, unlabelled)
        reason = self._hindrance(codes, owners, others)
        self.guard_, self.classifier_, answers = Guard((), float("nan"), 0, reason), plain, dict[str, str]()
        if not reason:
            answers = self._train(plain, lines, codes, owners, others)
        self.classifier_.held_out_ = self.classifier_.held_out_[np.argsort(order)]
        self.pseudo_labels_ = np.array([answers.get(text, "") for text in unlabelled], dtype=object)
        return self

    def _check(self) -> None:
        if not isinstance(self.classifier, TextClassifier):
            raise ConfigError("the classifier is no TextClassifier", remedy="give TextClassifier()")
        if self.rounds < 0:
            raise ConfigError(f"rounds is {self.rounds}", remedy="give 0 or more")
        if not 0 < self.share * max(1, self.rounds) <= 1 + 1e-9:
            raise ConfigError(f"share is {self.share} for {self.rounds} rounds", remedy="rounds * share: above 0, at most 1")
        if self.seed < 0:
            raise ConfigError(f"seed is {self.seed}", remedy="give 0 or more")

    def _others(self, lines: list[str], unlabelled: Sequence[str]) -> list[str]:
        others = sorted({text for text in unlabelled if text.strip()} - set(lines))
        order, room = np.random.default_rng(self.seed).permutation(len(others)), max(0, _MOST - len(lines))
        return [others[at] for at in sorted(order[:room])]

    def _hindrance(self, codes: Rows, owners: list[Hashable], others: list[str]) -> str:
        """Say why there can be no round; empty where there can."""
        if not self.rounds:
            return "no rounds were asked for"
        if len(self.classes_) < 2:
            return "there is one class"
        if len(codes) >= _MOST:
            return f"with {len(codes)} labelled texts there is no need of others"
        if int(self.share * len(others)) < len(self.classes_):
            return f"{len(others)} unlabelled texts that differ from the labelled ones are too few for a round"
        for column, name in enumerate(self.classes_):
            if len({owners[row] for row in np.flatnonzero(codes == column)}) < 2:
                return f"nothing can be held out: the class {name!r} has labelled texts of one article only"
        return ""

    def _train(
        self, plain: TextClassifier, lines: list[str], codes: Rows, owners: list[Hashable], others: list[str]
    ) -> dict[str, str]:
        n, names, chosen = len(lines), self.classes_, plain.choice_.chosen
        every, targets = [*lines, *others], np.eye(len(self.classes_))[codes]
        embedding = plain.embeddings(every)
        space, seen = learn_views(every, embedding)
        mixed, bare = _mixed(seen, chosen), _mixed(plain.space_.views(lines, embedding[:n]), chosen)
        held_out = [np.zeros(targets.shape) for _ in range(self.rounds + 1)]
        splits = divisions([str(names[code]) for code in codes], owners, self.seed, folds=_FOLDS)
        for split in progress(splits, "checking self-training"):
            known = np.zeros(targets.shape)
            known[split.train] = targets[split.train]
            found = [_learned(bare, chosen, known)]
            found += [scores for _, scores in self._rounds(mixed, chosen, known, self.rounds)]
            for into, scores in zip(held_out, found, strict=True):
                into[split.test] = scores[split.test]
        self.guard_ = _judged(held_out, targets, owners)
        taken = self.guard_.taken
        if not taken:
            return {}
        pseudo = self._rounds(mixed, chosen, targets, taken)[-1][0]
        del mixed, bare
        rows = np.flatnonzero(pseudo.any(axis=1))
        part = seen.take(rows)
        self.classifier_ = made = copy(plain)
        made.space_ = space
        kernels = Kernels(part)
        made.model_ = fit_ridge(part, pseudo[rows], chosen, kernels)
        if made.by_meaning_ is not None:
            made.by_meaning_ = fit_ridge(part, pseudo[rows], [best_by_meaning(plain.choice_)], kernels)
        made.sharpness_, made.calibrated_ = sharpness_of(held_out[taken], codes), True
        made.held_out_ = made.probabilities(held_out[taken])
        made.terms_ = class_terms(seen.words[:n], space.surface.words.vocabulary, made.held_out_)
        made.familiar_ = learn_familiar(part, [owners[row] if row < n else ("unlabelled", row) for row in rows])
        return {every[row]: str(names[pseudo[row].argmax()]) for row in rows if row >= n}

    def _rounds(
        self, mixed: dict[Mix, Matrix], chosen: Sequence[Candidate], known: Scores, rounds: int
    ) -> list[tuple[Scores, Scores]]:
        """Give of every round what was learned from, and the scores of all texts; labelled texts may be held out."""
        n, found = len(known), []
        shares = (known.sum(axis=0) + 1) / (known.sum() + known.shape[1])
        whole = np.zeros((len(next(iter(mixed.values()))), known.shape[1]))
        whole[:n] = known
        scores = _learned(mixed, chosen, whole)
        for at in range(1, rounds + 1):
            taught = whole.copy()
            taught[n:] = _surest(scores[n:], shares * at * self.share)
            scores = _learned(mixed, chosen, taught)
            found.append((taught, scores))
        return found

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Give the probability of every class, shape (n, k)."""
        check_is_fitted(self)
        return self.classifier_.predict_proba(texts)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.object_]:
        """Give every text its most probable class, an array of str."""
        check_is_fitted(self)
        return self.classifier_.predict(texts)


def _mixed(seen: Views, chosen: Sequence[Candidate]) -> dict[Mix, Matrix]:
    """Mix the kernels of all texts once for each mix, in blocks: whole ones in double precision would fill the memory."""
    kernels, n = Kernels(seen, [one.mix for one in chosen]), len(seen)
    found = {}
    for mix in dict.fromkeys(one.mix for one in chosen):
        found[mix] = whole = np.empty((n, n), np.float32)
        for start in range(0, n, _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, n))
            whole[rows] = kernels.mixed(mix, rows, np.arange(n))
    return found


def _learned(mixed: dict[Mix, Matrix], chosen: Sequence[Candidate], targets: Scores) -> Scores:
    """Give the scores of all texts by what is learned from those that have a class."""
    rows, found = np.flatnonzero(targets.any(axis=1)), np.zeros(targets.shape)
    for one in chosen:
        whole, spread = mixed[one.mix], np.zeros(targets.shape, np.float32)
        spread[rows], offsets = solve(whole[np.ix_(rows, rows)].astype(np.float64), targets[rows], one)
        found += (offsets + whole @ spread) / len(chosen)
    return found


def _surest(scores: Scores, shares: npt.NDArray[np.float64]) -> Scores:
    """Give the surest texts of each class that class, and of no class more than its share of all texts."""
    highest, ranked, found = scores.argmax(axis=1), np.sort(scores, axis=1), np.zeros(scores.shape)
    margins = ranked[:, -1] - ranked[:, -2]
    for column, share in enumerate(shares):
        rows = np.flatnonzero(highest == column)
        found[rows[np.argsort(-margins[rows], kind="stable")[: round(share * len(scores))]], column] = 1
    return found


def _judged(held_out: Sequence[Scores], targets: Scores, owners: Sequence[Hashable]) -> Guard:
    """Take the best round if it beats the plain classifier by more than a standard error of the difference."""
    scores = tuple(macro_f1_of(targets, one) for one in held_out)
    best = int(np.argmax(scores[1:])) + 1  # of equal ones the earliest
    gain = scores[best] - scores[0]
    error = _jackknife(targets, held_out[0], held_out[best], owners)
    taken = best if gain > error + 1e-12 else 0
    told = f"macro-F1 on {len(targets)} held-out labelled texts is {scores[0]:.3f} without and {scores[best]:.3f} with "
    told += f"{best} round{'s' if best > 1 else ''}"
    return Guard(scores, error, taken, f"{told}: the gain is {'' if taken else 'not '}above its standard error of {error:.3f}")


def _jackknife(targets: Scores, one: Scores, other: Scores, owners: Sequence[Hashable]) -> float:
    groups, codes = group_codes(owners)
    differences = np.empty(groups)
    for left_out in range(groups):
        rows = codes != left_out
        differences[left_out] = macro_f1_of(targets[rows], other[rows]) - macro_f1_of(targets[rows], one[rows])
    return float(np.sqrt((groups - 1) * differences.var()))
