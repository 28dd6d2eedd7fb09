"""From articles that may have several labels, or none, to labels for others, with what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from research.classification.articles import ArticleText, article_texts, main_script
from research.classification.notes import NOTHING_HELD_OUT, on_learning, on_likeness, on_training
from research.classification.several_estimate import SeveralEstimate, estimate_several
from research.classification.several_result import NONE, SeveralAnswer, SeveralLearned, SeveralResult
from research.classifiers.classifier import ENOUGH
from research.classifiers.cuts import LEAST
from research.classifiers.multi_label import MultiLabelClassifier
from research.classifiers.splits import join_duplicates
from research.corpus.documents import Corpus
from research.errors import ConfigError, DataError
from research.features import Encoder
from research.features.encoders import is_installed
from research.messages import Message, count, joined, message
from research.progress import Stages

__all__ = ["classify_several"]

Scores = npt.NDArray[np.float64]
Decisions = npt.NDArray[np.bool_]


def classify_several(
    train: Corpus,
    test: Corpus | None = None,
    *,
    separator: str = ";",
    encoder: str | Encoder = "use",
    seconds: float | None = None,
    furniture: bool = True,
    store: bool = True,
    seed: int = 0,
) -> SeveralResult:
    """Learn labels from articles that may have several of them or none, and give them to others.

    The labels of an article stand in its ``label``, parted by ``;``, blanks around them left out: ``sanctions; oil``. A ``-``
    says that it was looked at and has none of the labels. An empty one says that nobody has looked: nothing is learned from it.
    The same articles give the same result in any order.

    Parameters
    ----------
    train : Corpus
        What `research.load` gives; labelled articles are learned from. One with a label is the least.
    test : Corpus, optional
        What is labelled; those articles of ``train`` that are not labelled when not given. Where its articles have labels, they
        are scored, and never learned from.
    separator : str
        What stands between the labels of an article.
    encoder : str or Encoder
        See `research.features.get_encoder`; ``none`` looks at words alone, and so does ``use`` where it is not installed.
    seconds : float, optional
        The time for choosing how to learn; no limit when not given. With a limit, the result depends on the machine.
    furniture : bool
        Whether the furniture of pages is taken out first.
    store : bool
        Whether embeddings are kept on disk for the next time.
    seed : int
        Seed of every random choice.

    Returns
    -------
    SeveralResult
        Every article to be labelled has a row.

    Raises
    ------
    ConfigError
        If an option has a value that it cannot have.
    DataError
        If no article has a label and text, or one is labelled with none and with a label at once.

    Examples
    --------
    >>> import research
    >>> from research.corpus import Corpus, Document
    >>> train = [("a", "فرض عقوبات على السفن", "sanctions"), ("b", "عقوبات على الشركات", "sanctions"),
    ...          ("c", "كأس الفريق وعقوبات", "sport; sanctions"), ("d", "كأس العالم والفريق", "sport"), ("e", "طقس بارد", "-")]
    >>> known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in train))
    >>> result = classify_several(known, Corpus("new", (Document("f", "عقوبات على المصارف"),)), encoder="none")
    >>> result.labels, result.predictions()["id"].unique().tolist()
    (('sanctions', 'sport'), ['f'])
    """
    if not separator or separator == NONE:
        raise ConfigError(
            f"the separator is {separator!r}", remedy=f"give what stands between labels, such as ';'; {NONE!r} says none"
        )
    missing = encoder == "use" and not is_installed("use")
    coder = None if missing or encoder == "none" else encoder
    with Stages("labelling", 3) as stage:
        stage("taking page furniture out")
        labelled = _read(train, furniture, separator)
        usable = [(one, own) for one, own in labelled if own is not None and one.text.strip()]
        learned, sets = [one for one, _ in usable], [own for _, own in usable if own is not None]
        wanted = [(one, own) for one, own in labelled if own is None] if test is None else _read(test, furniture, separator)
        if not any(sets):
            raise DataError(
                "no article has a label and text",
                where=train.name,
                remedy="give a table with a column `label`, or metadata.csv",
            )
        stage(f"learning from {len(learned)} articles")
        texts = [one.text for one in learned]
        owners, copies = join_duplicates(texts, [one.id for one in learned])
        model = MultiLabelClassifier(encoder=coder, seconds=seconds, store=store, seed=seed).fit(texts, sets, owners)
        labels = tuple(str(name) for name in model.classes_)
        told = np.flatnonzero(~np.isnan(model.held_out_).any(axis=1))
        held_out = None
        if len(told):
            held_out = estimate_several(
                "training articles that were held out", [sets[at] for at in told], model.held_out_[told],
                model.held_out_given_[told], labels, [owners[at] for at in told], seed=seed,
            )  # fmt: skip
        stage(f"labelling {len(wanted)} articles")
        probabilities = np.full((len(wanted), len(labels)), np.nan)
        rows = [at for at, (one, _) in enumerate(wanted) if one.text.strip()]
        unlike, foreign, seeing = np.zeros(len(wanted), bool), False, model
        if rows:
            given = [wanted[at][0].text for at in rows]
            foreign = coder is not None and main_script(given) not in ("", main_script(texts))
            seeing = model.adapted(given) if foreign else model
            seen = seeing.scorer_.views(given)
            probabilities[rows] = seeing.cuts_.probabilities(seeing.scorer_.model_.scores(seen))
            unlike[rows] = seeing.scorer_.familiar_.unlike(seen)
        tested, both, scored = (
            _tested(texts, wanted, rows, probabilities, seeing, seed) if test is not None else (None, 0, frozenset[int]())
        )
    answers = zip(wanted, seeing.named(probabilities), probabilities, unlike, strict=True)
    articles = tuple(
        replace(_answer(one, own, names, sure, bool(far)), scored=at in scored)
        for at, ((one, own), names, sure, far) in enumerate(answers)
    )
    held = set(told.tolist())
    counted = {
        "unlabelled": sum(own is None for _, own in labelled), "of": len(labelled),
        "blank": sum(own is not None and not one.text.strip() for one, own in labelled),
        "copies": copies, "both": both,
    }  # fmt: skip
    return SeveralResult(
        corpus=test if test is not None else Corpus(train.name, tuple(train[one.id] for one, _ in wanted)),
        classifier=model,
        labels=labels,
        articles=articles,
        probabilities=probabilities,
        learned=tuple(
            SeveralLearned(
                one.id, one.text, own, model.held_out_[at],
                tuple(np.array(labels, dtype=object)[model.held_out_given_[at]].tolist()) if at in held else None,
            )
            for at, (one, own) in enumerate(zip(learned, sets, strict=True))
        ),
        held_out=held_out,
        tested=tested,
        notes=_notes(model, sets, articles, held_out, tested, counted, foreign, missing),
        settings={
            "encoder": None if coder is None else coder if isinstance(coder, str) else coder.name,
            "separator": separator, "seconds": seconds, "furniture": furniture, "seed": seed,
            "learned_articles": len(learned), "chosen": [one.name for one in model.choice_.chosen],
        },
    )  # fmt: skip


def _labels(cell: str, separator: str, where: str) -> tuple[str, ...] | None:
    """Read the labels of an article, ascending; None where it is not labelled.

    Examples
    --------
    >>> _labels("oil ; sanctions;", ";", "a"), _labels("-", ";", "b"), _labels(" ; ", ";", "c")
    (('oil', 'sanctions'), (), None)
    """
    found = sorted({part.strip() for part in cell.split(separator)} - {""})
    if NONE in found and len(found) > 1:
        other = next(name for name in found if name != NONE)
        raise DataError(
            f"an article is labelled {NONE} (none of the labels) and {other[:60]!r} at once", where=where, remedy="keep one"
        )
    return None if not found else () if found == [NONE] else tuple(found)


def _read(corpus: Corpus, furniture: bool, separator: str) -> list[tuple[ArticleText, tuple[str, ...] | None]]:
    return [(one, _labels(one.label, separator, f"{corpus.name}, {one.id}")) for one in article_texts(corpus, furniture)]


def _answer(one: ArticleText, own: tuple[str, ...] | None, names: tuple[str, ...], sure: Scores, unlike: bool) -> SeveralAnswer:
    if np.isnan(sure).any():
        return SeveralAnswer(one.id, one.text, (), "no text", False, own, one.problem)
    return SeveralAnswer(one.id, one.text, names, "given" if names else "no label", unlike, own)


def _tested(
    texts: Sequence[str],
    wanted: Sequence[tuple[ArticleText, tuple[str, ...] | None]],
    rows: Sequence[int],
    probabilities: Scores,
    model: MultiLabelClassifier,
    seed: int,
) -> tuple[SeveralEstimate | None, int, frozenset[int]]:
    """Score the answers to labelled articles, but for copies of what was learned from; give their number, and who was."""
    known = [(at, wanted[at][0], own) for at in rows if (own := wanted[at][1]) is not None]
    if not known:
        return None, 0, frozenset()
    names = [("learned", str(at)) for at in range(len(texts))] + [("wanted", one.id) for _, one, _ in known]
    codes, _ = join_duplicates([*texts, *(one.text for _, one, _ in known)], names)
    seen = set(codes[: len(texts)])
    fresh = [(at, own, code) for (at, _, own), code in zip(known, codes[len(texts) :], strict=True) if code not in seen]
    if not fresh:
        return None, len(known), frozenset()
    places = [at for at, _, _ in fresh]
    found = estimate_several(
        "articles of the test corpus", [own for _, own, _ in fresh], probabilities[places],
        probabilities[places] >= model.thresholds_, model.classes_.tolist(), [code for _, _, code in fresh], seed=seed,
    )  # fmt: skip
    return found, len(known) - len(fresh), frozenset(places)


def _notes(
    model: MultiLabelClassifier,
    sets: Sequence[Sequence[str]],
    articles: Sequence[SeveralAnswer],
    held_out: SeveralEstimate | None,
    tested: SeveralEstimate | None,
    counted: Mapping[str, int],
    foreign: bool,
    missing: bool,
) -> tuple[str, ...]:
    notes: list[Message] = []
    names = model.classes_.tolist()
    everywhere = [name for name in names if all(name in own for own in sets)]
    if held_out is None:
        notes.append(NOTHING_HELD_OUT)
    if everywhere:
        notes.append(
            message(
                "All labelled articles have {names}: nothing can be said about where it does not fit.",
                names=_listed(everywhere),
            )
        )
    if model.rare_ and held_out is not None:
        notes.append(
            message(
                "Fewer than {least} held-out articles have {names}: no threshold could be sought, a probability of .5 is asked "
                "for, and what is said of them is a guess.",
                least=LEAST,
                names=_listed(model.rare_),
            )
        )
    if held_out is not None:
        share = held_out.support / held_out.texts
        reached = np.fmax(held_out.chance_f1, 2 * share / (1 + share))
        unsure = [
            name
            for name, f1, bar in zip(names, held_out.f1, reached, strict=True)
            if name not in {*everywhere, *model.rare_} and not (f1.value if np.isnan(f1.low) else f1.low) > bar
        ]
        if unsure:
            notes.append(
                message(
                    "{names}: on held-out articles the answers cannot be told from giving the label to all, or from labels "
                    "that were dealt anew.",
                    names=_listed(unsure),
                )
            )
    notes += on_training(counted["of"], unlabelled=counted["unlabelled"], blank=counted["blank"], copies=counted["copies"])
    if counted["both"]:
        notes.append(
            count(
                "{n} test article is a near copy of a training article: it is labelled, and not scored.",
                "{n} test articles are near copies of training articles: they are labelled, and not scored.",
                n=counted["both"],
            )
        )
    if tested is not None and tested.unknown:
        notes.append(
            count(
                "{n} test article has labels that no training article has: these labels are missed by every answer.",
                "{n} test articles have labels that no training article has: these labels are missed by every answer.",
                n=tested.unknown,
            )
        )
    always = [name for name in names if name not in everywhere and all(name in one.labels for one in articles)]
    if always and len(articles) > 1:
        notes.append(
            message(
                "Every article is given {names}: little that was learned tells where this does not fit.", names=_listed(always)
            )
        )
    centred = sum(one.decision != "no text" for one in articles) >= ENOUGH
    notes += on_likeness(len(articles), foreign=foreign, centred=centred, unlike=sum(one.unlike for one in articles))
    notes += on_learning(model.choice_, missing=missing)
    return tuple(notes)


def _listed(names: Sequence[str], most: int = 10) -> Message:
    """List the names of labels, and say how many more there are."""
    shown, more = joined(names[:most]), len(names) - most
    return count("{names} and {n} more", "{names} and {n} more", n=more, names=shown) if more > 0 else shown
