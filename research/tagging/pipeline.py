"""From a corpus and a codebook to decisions with their evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from research.cleaning import CleanResult, as_cleaned
from research.corpus.documents import Corpus
from research.errors import ConfigError
from research.evaluate import calibration_error, f1_by_label, precision_by_label, recall_by_label
from research.features import EmbeddingStore, Encoder, embed, get_encoder
from research.features.encoders import is_installed
from research.messages import count, joined, message
from research.progress import Stages
from research.tagging.beyond import find_candidates
from research.tagging.result import Influence, State, TagResult, ThemeSummary
from research.themes import Codebook, Evidence, Labelled, Match, ThemeTagger, check_codebook, labels_for, load_codebook
from research.themes.evidence import collect_evidence, cut_evidence_out, decisions_of
from research.themes.labelled import fit_tagger

__all__ = ["TESTED", "TaggingModel", "learn_tagging", "tag"]

#: Decisions of at most so many are tested by deletion unless all are asked for: each test encodes the passage anew.
TESTED = 500
_BLOCK = 2_000  # passages that are looked at together
_ABSENT, _ABSTAIN, _PRESENT = 0, 1, 2


def tag(
    corpus: Corpus | CleanResult,
    codebook: Codebook | str | Path,
    *,
    labels: tuple[str | Path, str | Path] | Labelled | bool = True,
    encoder: str | Encoder = "use",
    furniture: bool = True,
    tested: int | None = TESTED,
    candidates: bool = True,
    store: bool = True,
    seed: int = 0,
) -> TagResult:
    """Find which passage states which theme of a codebook, on what evidence, and how sure that is.

    The same texts give the same result, whatever the order of the articles.

    Parameters
    ----------
    corpus : Corpus or CleanResult
        What `research.load` gives, from one article on, or what `research.clean` made of it.
    codebook : Codebook or path
        See `research.themes.load_codebook`.
    labels : (path, path), Labelled or bool
        Labelled articles to learn from: a corpus and the labels of its lines. True takes those that the codebook names, if it
        names any; False learns from none: the codebook alone decides, and no score is a probability.
    encoder : str or Encoder
        See `research.features.get_encoder`; ``none`` leaves embeddings out, and so does ``use`` where it is not installed.
    furniture : bool
        Whether the furniture of pages is taken out first.
    tested : int or None
        At most so many present decisions are tested by cutting their evidence out; None tests all of them.
    candidates : bool
        Whether to group the passages without a theme.
    store : bool
        Whether embeddings are kept on disk for the next time.
    seed : int
        Seed of every random choice.

    Returns
    -------
    TagResult
        Every passage has a decision for every theme, every article a row. Passages that are among the labelled ones are
        scored by models that have not seen their article.

    Raises
    ------
    ConfigError
        If the codebook or an option is not what it must be.
    DataError
        If the labels cannot be read.

    Examples
    --------
    >>> import research
    >>> from research.corpus.documents import Document
    >>> corpus = Corpus("one", (Document("a", "فرض مجلس الأمن عقوبات جديدة على المصرف بعد إطلاق صاروخ باليستي."),))
    >>> result = research.tag(corpus, "seeds/themes.toml", labels=False, encoder="none")
    >>> [theme.key for theme in result.themes if theme.state == "found"]
    ['sanctions', 'nuclear_missile']
    """
    if tested is not None and tested < 0:
        raise ConfigError(f"tested is {tested}", remedy="give 0 or more, or None for all")
    with Stages("tagging", 5) as stage:
        stage("learning from labelled passages")
        model = learn_tagging(codebook, labels=labels, encoder=encoder, store=store, seed=seed)
        return _tagged(model, corpus, furniture, tested, candidates, store, stage)


@dataclass(frozen=True, eq=False)
class TaggingModel:
    """A codebook, what was learned for it, and the encoder: what tags any number of corpora in the same way.

    Attributes
    ----------
    codebook : Codebook
        The themes.
    tagger : ThemeTagger
        What was fitted.
    labelled : Labelled or None
        What it was fitted to.
    encoder : Encoder or None
        What embeds passages.
    seed : int
        Seed of every random choice.
    missing : bool
        Whether the bundled encoder was wanted and is not installed.
    """

    codebook: Codebook
    tagger: ThemeTagger
    labelled: Labelled | None
    encoder: Encoder | None
    seed: int
    missing: bool

    def tag(
        self,
        corpus: Corpus | CleanResult,
        *,
        furniture: bool = True,
        tested: int | None = TESTED,
        candidates: bool = True,
        store: bool = True,
    ) -> TagResult:
        """Tag a corpus, see `tag`."""
        with Stages("tagging", 4) as stage:
            return _tagged(self, corpus, furniture, tested, candidates, store, stage)


def learn_tagging(
    codebook: Codebook | str | Path,
    *,
    labels: tuple[str | Path, str | Path] | Labelled | bool = True,
    encoder: str | Encoder = "use",
    store: bool = True,
    seed: int = 0,
) -> TaggingModel:
    """Learn once how to tag, see `tag` for what everything is.

    Examples
    --------
    >>> from research.corpus.documents import Document
    >>> model = learn_tagging("seeds/themes.toml", labels=False, encoder="none")
    >>> result = model.tag(Corpus("one", (Document("a", "فرض مجلس الأمن عقوبات جديدة على المصرف."),)))
    >>> [theme.key for theme in result.themes if theme.state == "found"]
    ['sanctions']
    """
    book = codebook if isinstance(codebook, Codebook) else load_codebook(codebook)
    missing = encoder == "use" and not is_installed("use")
    coder = None if missing or encoder == "none" else get_encoder(encoder) if isinstance(encoder, str) else encoder
    learned = labels_for(book, labels)
    kept = EmbeddingStore.of(coder) if store and coder is not None else None
    return TaggingModel(book, fit_tagger(book, learned, coder, kept, seed=seed), learned, coder, seed, missing)


def _tagged(
    model: TaggingModel,
    corpus: Corpus | CleanResult,
    furniture: bool,
    tested: int | None,
    candidates: bool,
    store: bool,
    stage: Stages,
) -> TagResult:
    book, tagger, learned, coder, seed = model.codebook, model.tagger, model.labelled, model.encoder, model.seed
    kept = EmbeddingStore.of(coder) if store and coder is not None else None
    stage("taking page furniture out")
    cleaned = as_cleaned(corpus, furniture=furniture)
    texts = [passage.text for passage in cleaned.passages]
    stage(f"tagging {len(texts)} passages")
    embeddings = embed(texts, coder, kept) if coder is not None else None
    scores, own, matches, decisions, evidence = _decide(tagger, texts, embeddings)
    # Weights and tests are those of the model that learned from everything: where it would decide otherwise than the
    # models that have not seen a labelled passage, they would say nothing about the decision.
    carried = (decisions == _PRESENT) & (own >= tagger.thresholds_)
    stage("testing the evidence")
    chosen = _drawn(decisions_of(carried), texts, tested)
    evidence.update(cut_evidence_out(tagger, texts, {one: evidence[one] for one in chosen}))
    stage("looking beyond the codebook")
    rest = np.flatnonzero((decisions == _ABSENT).all(axis=1))
    found = find_candidates(cleaned.passages, rest, embeddings, seed=seed) if candidates else ()
    documents = [passage.document for passage in cleaned.passages]
    settings = {
        "codebook": book.source, "codebook_version": book.version, "codebook_sha256": book.sha256,
        "labelled_passages": 0 if learned is None else len(learned.texts),
        "encoder": None if coder is None else coder.name, "encoder_version": None if coder is None else coder.version,
        "furniture": furniture, "tested": len(chosen), "seed": seed,
    }  # fmt: skip
    themes = _summaries(tagger, decisions, documents, learned)
    return TagResult(
        cleaned=cleaned,
        codebook=book,
        scores=scores,
        decisions=decisions,
        evidence=evidence,
        themes=themes,
        check=check_codebook(book, matches, documents, texts),
        influence=_influence(tagger, matches, own, carried),
        candidates=found,
        notes=_notes(cleaned, themes, learned, tagger, texts, len(chosen), decisions, model.missing),
        settings=settings,
    )


_Floats = npt.NDArray[np.float64]
_Decided = tuple[_Floats, _Floats, list[list[Match]], npt.NDArray[np.int8], dict[tuple[int, int], Evidence]]


def _decide(tagger: ThemeTagger, texts: Sequence[str], embeddings: npt.NDArray[np.float32] | None) -> _Decided:
    """Score and decide block by block: what was seen of a block is forgotten after it."""
    scores = np.zeros((len(texts), len(tagger.classes_)))
    own = scores.copy()
    matches: list[list[Match]] = []
    evidence: dict[tuple[int, int], Evidence] = {}
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        seen = tagger.look(block, None if embeddings is None else embeddings[start : start + _BLOCK])
        own[start : start + _BLOCK] = tagger.scores(seen)
        found = scores[start : start + _BLOCK] = tagger.by_others(block, own[start : start + _BLOCK])
        matches += seen.matches
        told = (found >= tagger.thresholds_) | tagger.abstains(found)
        collected = collect_evidence(tagger, seen, decisions_of(told))
        evidence.update({(start + row, theme): one for (row, theme), one in collected.items()})
    decisions = np.where(scores >= tagger.thresholds_, _PRESENT, np.where(tagger.abstains(scores), _ABSTAIN, _ABSENT))
    return scores, own, matches, decisions.astype(np.int8), evidence


def _drawn(decisions: Sequence[tuple[int, int]], texts: Sequence[str], most: int | None) -> list[tuple[int, int]]:
    """Draw some decisions by what their passages say, so that the order of the corpus cannot matter."""
    if most is None or len(decisions) <= most:
        return list(decisions)
    ranked = sorted(decisions, key=lambda one: (hashlib.sha256(texts[one[0]].encode("utf-8", "replace")).digest(), one[1]))
    return sorted(ranked[:most])


def _summaries(
    tagger: ThemeTagger, decisions: npt.NDArray[np.int8], documents: Sequence[str], learned: Labelled | None
) -> tuple[ThemeSummary, ...]:
    found = []
    for number, theme in enumerate(tagger.codebook.themes):
        rows = np.flatnonzero(decisions[:, number] == _PRESENT)
        open_ = int((decisions[:, number] == _ABSTAIN).sum())
        state: State = "found" if len(rows) else "weak" if open_ else "absent"
        calibrated = bool(tagger.calibrated_[number])
        labelled = 0 if learned is None else int(learned.stated[:, number].sum())
        reason: str = ""
        if theme.empty:
            reason = message("it has no words and no examples")
        elif not theme.has_words and not calibrated and tagger.encoder is None:
            reason = message("it has only examples, and there is no encoder to compare them with")
        elif not calibrated and learned is not None:
            reason = message(
                "too few labelled passages to learn from ({labelled}): the codebook alone decides", labelled=labelled
            )
        found.append(
            ThemeSummary(
                theme.key, theme.named, state, len(rows), len({documents[int(row)] for row in rows}), open_, calibrated,
                float(tagger.thresholds_[number]), labelled, *_measured(tagger, number), reason,
            )
        )  # fmt: skip
    return tuple(found)


def _measured(tagger: ThemeTagger, theme: int) -> tuple[float, float, float, float]:
    """Precision, recall, F1 and calibration error on the labelled articles, each by models that had not seen it."""
    if not tagger.calibrated_[theme]:
        return (float("nan"),) * 4
    given, truth = tagger.cross_fitted_[:, theme], tagger.truth_[:, theme]
    known = ~np.isnan(given) & ~np.isnan(truth)
    said, so = (given[known] >= tagger.thresholds_[theme])[:, None], (truth[known] == 1)[:, None]
    three = [float(score(so, said)[0]) for score in (precision_by_label, recall_by_label, f1_by_label)]
    return three[0], three[1], three[2], calibration_error(given[known], truth[known] == 1)


def _influence(
    tagger: ThemeTagger, matches: Sequence[Sequence[Match]], own: npt.NDArray[np.float64], carried: npt.NDArray[np.bool_]
) -> tuple[Influence, ...]:
    """Leave every seed out, one at a time, and count the decisions that are lost; nothing is learned anew."""
    tally: dict[tuple[int, str, str], list[int]] = {}
    for row, found in enumerate(matches):
        held: dict[int, dict[tuple[str, str], set[str]]] = {}
        for match in found:
            held.setdefault(match.theme, {}).setdefault((match.kind, match.seed), set()).update(match.inner)
        for theme, words in held.items():
            seeds = {seed for kind, seed in words if kind != "hint"}
            hints = {seed for kind, seed in words if kind == "hint"}
            for (kind, seed), inner in words.items():
                counts = tally.setdefault((theme, seed, kind), [0, 0, 0])
                counts[0] += 1
                # A shorter seed inside it stands for it when it is left out.
                fewer = ((hints if kind == "hint" else seeds) - {seed}) | inner
                counts[1] += len(words) == 1 and not inner
                if carried[row, theme]:
                    after = (len(seeds), len(fewer)) if kind == "hint" else (len(fewer), len(hints))
                    less = tagger.score_without(theme, own[row, theme], (len(seeds), len(hints)), after)
                    counts[2] += int(less < tagger.thresholds_[theme])
    rows = [
        Influence(tagger.codebook.keys[theme], seed, kind, *counts) for (theme, seed, kind), counts in sorted(tally.items())
    ]
    return tuple(sorted(rows, key=lambda one: (-one.lost, -one.passages, one.theme, one.seed)))


def _notes(
    cleaned: CleanResult,
    themes: Iterable[ThemeSummary],
    learned: Labelled | None,
    tagger: ThemeTagger,
    texts: Sequence[str],
    tested: int,
    decisions: npt.NDArray[np.int8],
    missing: bool,
) -> tuple[str, ...]:
    notes: list[str] = []
    if not texts:
        notes.append(message("No article holds any text."))
    elif len(cleaned.corpus.usable) == 1:
        notes.append(message("There is one article: nothing can be said about outlets or time."))
    if learned is None:
        notes.append(
            message(
                "No labels were given: the codebook alone decides. Scores order the passages; they are no probabilities, and "
                "how often the decisions are right is not known."
            )
        )
    else:
        alone = [theme.name for theme in themes if not theme.calibrated]
        if alone:
            notes.append(
                message("Uncalibrated, for want of labels: {themes}. Their scores are no probabilities.", themes=joined(alone))
            )
        unseen = {text for text, row in tagger.unseen_scores().items() if not np.isnan(row).all()}
        own = len(unseen.intersection(texts))
        if own:
            notes.append(
                count(
                    "{n:,} passage is among the labelled ones: it was scored by models that had not seen its article.",
                    "{n:,} passages are among the labelled ones: they were scored by models that had not seen their article.",
                    n=own,
                )
            )
    present = int((decisions == _PRESENT).sum())
    if present > tested:
        notes.append(
            message(
                "The evidence of {tested:,} of {present:,} decisions was tested by cutting it out; they were drawn by what the "
                "passages say.",
                tested=tested,
                present=present,
            )
        )
    if missing:
        notes.append(message("The bundled sentence encoder is not installed: passages were judged by their words alone."))
    return tuple(notes)
