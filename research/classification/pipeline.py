"""From labelled articles and others to classes, with what is known of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from research.classification.answers import given_answers, probabilities_of, seen_as
from research.classification.articles import ArticleText, article_texts
from research.classification.estimate import estimate
from research.classification.notes import NOTHING_HELD_OUT, on_learning, on_likeness, on_training
from research.classification.result import Classified, ClassifyResult, Estimate, Learned, Scores
from research.classifiers.classifier import ENOUGH, TextClassifier
from research.classifiers.deletion import Faithfulness, Span, deletion_check, faithfulness, spans_that_carry
from research.classifiers.label_errors import Suspect, suspect_labels
from research.classifiers.splits import join_duplicates
from research.cleaning import CleanResult
from research.corpus.documents import Corpus
from research.errors import ConfigError, DataError
from research.evaluate import selective_risk
from research.features import Encoder
from research.features.encoders import is_installed
from research.messages import Message, count, joined, message
from research.progress import Stages, progress
from research.text.sentences import sentences

__all__ = ["EXPLAINED", "classify"]

#: So many answers are explained unless more are asked for: each is asked anew without each of its sentences.
EXPLAINED = 30
_MOST_SENTENCES = 40  # of an article that are cut out, one at a time


def classify(
    train: Corpus,
    test: Corpus | CleanResult | None = None,
    *,
    encoder: str | Encoder = "use",
    seconds: float | None = None,
    precision: float | None = None,
    explained: int | None = EXPLAINED,
    furniture: bool = True,
    store: bool = True,
    seed: int = 0,
) -> ClassifyResult:
    """Learn classes from labelled articles, and give them to others.

    The same articles give the same result in any order.

    Parameters
    ----------
    train : Corpus
        What `research.load` gives; articles with a ``label`` are learned from. Two classes with one article each are the least.
    test : Corpus or CleanResult, optional
        What is classified, as it was read or cleaned already; those articles of ``train`` that have no label when not given.
        Where its articles have labels, they are scored, and never learned from.
    encoder : str or Encoder
        See `research.features.get_encoder`; ``none`` looks at words alone, and so does ``use`` where it is not installed.
    seconds : float, optional
        The time for choosing how to learn; no limit when not given. With a limit, the result depends on the machine.
    precision : float, optional
        Answer only where so large a share of the answers was right on held-out training articles; the others are left open.
    explained : int or None
        At most so many answers are explained by the sentences that carry them; None explains all.
    furniture : bool
        Whether the furniture of pages is taken out first.
    store : bool
        Whether embeddings are kept on disk for the next time.
    seed : int
        Seed of every random choice.

    Returns
    -------
    ClassifyResult
        Every article to be classified has a row.

    Raises
    ------
    ConfigError
        If an option has a value that it cannot have.
    DataError
        If there are no labelled articles with text.

    Examples
    --------
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> train = [("a", "فرض عقوبات على السفن", "sanctions"), ("b", "عقوبات على الشركات", "sanctions"),
    ...          ("c", "فاز الفريق بالكأس", "sport"), ("d", "كأس العالم والفريق", "sport")]
    >>> known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in train))
    >>> result = research.classify(known, Corpus("new", (Document("e", "عقوبات على المصارف"),)), encoder="none")
    >>> result.predictions()["label"].tolist()
    ['sanctions']
    """
    if precision is not None and not 0 < precision <= 1:
        raise ConfigError(f"precision is {precision}", remedy="give more than 0, 1 at most")
    if explained is not None and explained < 0:
        raise ConfigError(f"explained is {explained}", remedy="give 0 or more, or None for all")
    missing = encoder == "use" and not is_installed("use")
    coder = None if missing or encoder == "none" else encoder
    with Stages("classifying", 4) as stage:
        stage("taking page furniture out")
        labelled = article_texts(train, furniture)
        learned = [one for one in labelled if one.label and one.text.strip()]
        wanted = [one for one in labelled if not one.label] if test is None else article_texts(test, furniture)
        if not learned:
            raise DataError(
                "no article has a label and text",
                where=train.name,
                remedy="give a table with a column `label`, or metadata.csv",
            )
        stage(f"learning from {len(learned)} articles")
        texts = [one.text for one in learned]
        owners, copies = join_duplicates(texts, [one.id for one in learned])
        sources = [one.source for one in learned]
        model = TextClassifier(encoder=coder, seconds=seconds, store=store, seed=seed)
        model.fit(texts, [one.label for one in learned], owners, sources)
        classes = tuple(str(name) for name in model.classes_)
        counts = Counter(one.label for one in learned)
        majority = min(counts, key=lambda name: (-counts[name], name))
        told = np.flatnonzero(~np.isnan(model.held_out_).any(axis=1))
        truth = [learned[at].label for at in told]
        held_out = None
        if model.calibrated_:
            held_out = estimate(
                "training articles that were held out", truth, model.held_out_[told], classes, [owners[at] for at in told],
                majority=majority, seed=seed,
            )  # fmt: skip
        threshold = 0.0 if precision is None else _threshold(model.held_out_[told], truth, classes, precision)
        stage(f"classifying {len(wanted)} articles")
        usable = [at for at, one in enumerate(wanted) if one.text.strip()]
        seeing = model if coder is None else seen_as(model, texts, [wanted[at].text for at in usable])
        foreign = seeing is not model
        probabilities, unlike = probabilities_of(seeing, wanted)
        stage("explaining answers")
        evidence, faithful = _explained(seeing, wanted, usable, probabilities, explained, seed)
        tested, both = (
            _tested(learned, wanted, usable, probabilities, classes, majority, seed) if test is not None else (None, 0)
        )
    articles = given_answers(wanted, probabilities, unlike, classes, threshold, evidence)
    settings = {
        "encoder": None if coder is None else coder if isinstance(coder, str) else coder.name,
        "seconds": seconds, "precision": precision, "furniture": furniture, "seed": seed,
        "learned_articles": len(learned), "chosen": [one.name for one in model.choice_.chosen],
    }  # fmt: skip
    given = test.corpus if isinstance(test, CleanResult) else test
    corpus = given if given is not None else Corpus(train.name, tuple(one for one in train if not one.label.strip()))
    suspects: tuple[Suspect, ...] = ()
    if model.calibrated_ and len(told) == len(learned):
        suspects = suspect_labels([one.label for one in learned], model.held_out_, classes)
    return ClassifyResult(
        corpus=corpus,
        classifier=model,
        classes=classes,
        articles=articles,
        probabilities=probabilities,
        learned=tuple(Learned(one.id, one.text, one.label, sure) for one, sure in zip(learned, model.held_out_, strict=True)),
        held_out=held_out,
        tested=tested,
        suspects=suspects,
        faithfulness=faithful,
        threshold=threshold,
        notes=_notes(
            model, foreign, labelled, learned, articles, classes, copies, both, held_out, tested, missing, precision, threshold
        ),
        settings=settings,
    )


def _threshold(probabilities: Scores, truth: Sequence[str], classes: Sequence[str], precision: float) -> float:
    """Find the probability from which on answers are right often enough; above 1 where they never are."""
    if not len(truth):
        return float("inf")
    right = [classes[at] == label for at, label in zip(probabilities.argmax(axis=1), truth, strict=True)]
    curve = selective_risk(probabilities.max(axis=1), right)
    fits = np.flatnonzero(curve.risk <= 1 - precision + 1e-12)
    return float(curve.threshold[fits[-1]]) if len(fits) else float("inf")


def _explained(
    model: TextClassifier,
    wanted: Sequence[ArticleText],
    usable: Sequence[int],
    probabilities: Scores,
    most: int | None,
    seed: int,
) -> tuple[dict[int, tuple[Span, ...]], Faithfulness | None]:
    """Find the sentences that carry some of the answers, drawn by what the articles say."""
    if len(model.classes_) < 2 or most == 0:
        return {}, None
    several = {at: pieces for at in usable if len(pieces := _sentences(wanted[at])) > 1}
    ranked = sorted(
        several, key=lambda at: (hashlib.sha256(wanted[at].text.encode("utf-8", "replace")).digest(), wanted[at].id)
    )
    chosen = sorted(ranked if most is None else ranked[:most])
    if not chosen:
        return {}, None
    targets = {at: int(probabilities[at].argmax()) for at in chosen}
    found = {
        at: spans_that_carry(model.predict_proba, wanted[at].text, targets[at], several[at], most=3, kind="sentence")
        for at in progress(chosen, "explaining answers", total=len(chosen))
    }
    checks = deletion_check(
        model.predict_proba,
        [wanted[at].text for at in chosen],
        [targets[at] for at in chosen],
        [found[at] for at in chosen],
        [several[at] for at in chosen],
        seed=seed,
    )
    return found, faithfulness(checks)


def _sentences(one: ArticleText) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    for passage in one.passages:
        found += [(at + start, at + end) for start, end in sentences(passage.text)]
        at += len(passage.text) + 1
    return found[:_MOST_SENTENCES]


def _tested(
    learned: Sequence[ArticleText],
    wanted: Sequence[ArticleText],
    usable: Sequence[int],
    probabilities: Scores,
    classes: Sequence[str],
    majority: str,
    seed: int,
) -> tuple[Estimate | None, int]:
    """Score the answers to articles that have a class, but for copies of what was learned from; give the number of these."""
    known = [at for at in usable if wanted[at].label]
    if not known:
        return None, 0
    names = [("learned", one.id) for one in learned] + [("wanted", wanted[at].id) for at in known]
    codes, _ = join_duplicates([one.text for one in learned] + [wanted[at].text for at in known], names)
    seen = set(codes[: len(learned)])
    fresh = [(at, code) for at, code in zip(known, codes[len(learned) :], strict=True) if code not in seen]
    if not fresh:
        return None, len(known)
    rows = [at for at, _ in fresh]
    found = estimate(
        "articles of the test corpus", [wanted[at].label for at in rows], probabilities[rows], classes,
        [code for _, code in fresh], majority=majority, seed=seed,
    )  # fmt: skip
    return found, len(known) - len(fresh)


def _notes(
    model: TextClassifier,
    foreign: bool,
    labelled: Sequence[ArticleText],
    learned: Sequence[ArticleText],
    articles: Sequence[Classified],
    classes: Sequence[str],
    copies: int,
    both: int,
    held_out: Estimate | None,
    tested: Estimate | None,
    missing: bool,
    precision: float | None,
    threshold: float,
) -> tuple[str, ...]:
    notes: list[Message] = []
    if len(classes) == 1:
        notes.append(
            message(
                "All labelled articles are of one class, {name}: every article gets it, and nothing can be said about it.",
                name=classes[0],
            )
        )
    elif held_out is None:
        notes.append(NOTHING_HELD_OUT)
    few = [name for name in classes if sum(one.label == name for one in learned) < 5]
    if few and len(classes) > 1:
        notes.append(
            message(
                "Fewer than five articles are labelled {names}: what is said of these classes is a guess.", names=joined(few)
            )
        )
    notes += on_training(
        len(labelled),
        unlabelled=sum(not one.label for one in labelled),
        blank=sum(bool(one.label and not one.text.strip()) for one in labelled),
        copies=copies,
    )
    if both:
        notes.append(
            count(
                "{n} test article is a near copy of a training article: it is classified, and not scored.",
                "{n} test articles are near copies of training articles: they are classified, and not scored.",
                n=both,
            )
        )
    if tested is not None and tested.unknown:
        notes.append(
            count(
                "{n} test article is of a class that no training article has: every answer to it is wrong.",
                "{n} test articles are of classes that no training article has: every answer to them is wrong.",
                n=tested.unknown,
            )
        )
    centred = sum(bool(one.label) for one in articles) >= ENOUGH
    notes += on_likeness(len(articles), foreign=foreign, centred=centred, unlike=sum(one.unlike for one in articles))
    if precision is not None and len(classes) > 1:
        notes.append(_left_open(articles, precision, threshold))
    notes += on_learning(model.choice_, missing=missing)
    return tuple(notes)


def _left_open(articles: Sequence[Classified], precision: float, threshold: float) -> Message:
    left = sum(one.decision == "abstain" for one in articles)
    told = count("{k} of {n} article is left open", "{k} of {n} articles are left open", n=len(articles), k=left)
    if not np.isfinite(threshold):
        return message(
            "No probability was high enough for a precision of {precision:.2f} on held-out articles: {left_open}.",
            precision=precision,
            left_open=told,
        )
    return message(
        "For a precision of {precision:.2f} an answer needs a probability of {threshold:.2f}: {left_open}.",
        precision=precision,
        threshold=threshold,
        left_open=told,
    )
