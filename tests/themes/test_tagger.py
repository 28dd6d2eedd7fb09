"""The tagger: a scikit-learn estimator that learns from what labels there are, and says which scores are probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from research.errors import ConfigError, DataError
from research.evaluate import calibration_error, macro_f1
from research.features import embed, get_encoder
from research.tagging import load_labelled
from research.text import ANALYSIS_STEPS, ArabicAnalyzer
from research.themes import Codebook, Theme, ThemeTagger, load_codebook
from research.themes.evidence import collect_evidence, cut_evidence_out, cut_out, decisions_of
from research.themes.tagger import odds

BOOK = Codebook(
    "1",
    {},
    (
        Theme("sanctions", {}, "", {"ar": ("عقوبات", "تجميد")}, {"ar": ("قيود", "حظر")}),
        Theme("rain", {}, "", {"ar": ("مطر",)}),
        Theme("empty", {}, "", {}),
    ),
)


@pytest.fixture(scope="module")
def labelled():
    return load_labelled("seeds/articles", "seeds/labels.csv", load_codebook("seeds/themes.toml").keys)


@pytest.fixture(scope="module")
def fitted(labelled):
    tagger = ThemeTagger(load_codebook("seeds/themes.toml"), get_encoder("use"))
    return tagger.fit(labelled.texts, labelled.truth, labelled.groups)


def test_without_labels_the_codebook_decides():
    tagger = ThemeTagger(BOOK).fit([])
    texts = ["فرضت عقوبات", "قيود وحظر", "قيود جديدة", "لا شيء", ""]
    scores = tagger.predict_proba(texts)
    assert tagger.predict(texts)[:, 0].tolist() == [True, True, False, False, False]
    assert tagger.abstains(scores)[:, 0].tolist() == [False, False, True, False, False]
    assert not tagger.calibrated_.any()
    assert (scores[:, 2] == 0).all()
    more = tagger.predict_proba(["عقوبات وتجميد"])[0, 0]
    assert 1 > more > scores[0, 0] > scores[1, 0] > scores[2, 0] > scores[3, 0]


def test_it_is_an_estimator():
    tagger = ThemeTagger(BOOK, trust=0.3, folds=4)
    copy = clone(tagger)
    assert copy.get_params() == tagger.get_params()
    assert copy is not tagger
    with pytest.raises(NotFittedError):
        tagger.predict(["نص"])
    assert tagger.fit(["نص"]) is tagger
    assert tagger.classes_.tolist() == ["sanctions", "rain", "empty"]
    assert clone(tagger).set_params(folds=3).folds == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"parts": ("codebook", "pictures")}, "pictures"),
        ({"parts": ()}, "no part"),
        ({"folds": 1}, "folds"),
        ({"trust": -1.0}, "trust"),
    ],
)
def test_parameters_are_checked(change, told):
    with pytest.raises(ConfigError, match=told):
        ThemeTagger(BOOK, **change).fit([])


@pytest.mark.parametrize(
    ("labels", "groups", "told"),
    [
        ([[1, 0, 0]], None, "shape"),
        ([[1, 0, 2], [0, 0, 0]], None, "neither 0 nor 1"),
        ([[1, 0, 0], [0, 0, 0]], ["a"], "1 articles for 2"),
    ],
)
def test_labels_must_fit(labels, groups, told):
    with pytest.raises(DataError, match=told):
        ThemeTagger(BOOK).fit(["عقوبات", "مطر"], labels, groups)


def test_few_labels_are_not_learned_from():
    texts = [f"عقوبات رقم {n}" for n in range(7)] + [f"نص آخر {n}" for n in range(20)]
    truth = np.zeros((27, 3))
    truth[:7, 0] = 1
    assert ThemeTagger(BOOK).fit(texts, truth).calibrated_.tolist() == [False, False, False]
    truth[7:9, 0] = 1
    assert ThemeTagger(BOOK).fit(texts, truth).calibrated_.tolist() == [True, False, False]
    # Of too few articles, however many passages.
    assert not ThemeTagger(BOOK).fit(texts, truth, ["one"] * 10 + ["two"] * 17).calibrated_.any()


@pytest.mark.slow
def test_it_finds_themes_that_it_was_not_shown(fitted, labelled):
    assert fitted.calibrated_.all()
    known = labelled.usable
    said = (fitted.cross_fitted_ >= fitted.thresholds_) & known
    ours = macro_f1(labelled.stated & known, said)
    plain = ThemeTagger(fitted.codebook).fit([]).predict(labelled.texts)
    assert ours > macro_f1(labelled.stated & known, plain & known) + 0.03
    assert calibration_error(fitted.cross_fitted_[known], labelled.stated[known]) < 0.04


@pytest.mark.slow
def test_cross_fitted_scores_have_not_seen_their_article(labelled):
    """A passage whose label is turned keeps its own score: only others' scores may change."""
    book = load_codebook("seeds/themes.toml")
    tagger = ThemeTagger(book, parts=("codebook", "words"), folds=3).fit(labelled.texts, labelled.truth, labelled.groups)
    group = labelled.groups[0]
    own = np.array([name == group for name in labelled.groups])
    turned = labelled.truth.copy()
    turned[own] = 1 - turned[own]
    other = ThemeTagger(book, parts=("codebook", "words"), folds=3).fit(labelled.texts, turned, labelled.groups)
    # The last step is cross-fitted on its own division: own passages change only by what other articles were scored there.
    moved = np.abs(tagger.cross_fitted_ - other.cross_fitted_)
    assert np.nanmedian(moved[own]) < 0.05
    learned = np.abs(tagger.predict_proba(labelled.texts) - other.predict_proba(labelled.texts))
    assert np.nanmean(learned[own]) > 3 * np.nanmean(moved[own])


@pytest.mark.slow
def test_a_score_is_the_sum_of_its_parts(fitted, labelled):
    """Derived again from the fitted weights, by hand."""
    texts = labelled.texts[::60]
    seen = fitted.look(texts)
    scores = fitted.scores(seen)
    words = fitted.vectorizer_.transform([[term for term, _, _ in row] for row in seen.terms])
    embeddings = np.nan_to_num(embed(texts, get_encoder("use")))
    for theme in range(len(fitted.classes_)):
        fusion = fitted.fusion_[theme]
        for row in range(len(texts)):
            seeds, together, hints = seen.counts[row, theme]
            columns = [
                float(
                    embeddings[row] @ fitted.heads_["embeddings", theme].coef_[0]
                    + fitted.heads_["embeddings", theme].intercept_[0]
                ),
                float((words[row] @ fitted.heads_["words", theme].coef_[0])[0] + fitted.heads_["words", theme].intercept_[0]),
                float(seeds + together > 0),
                float(seeds + together > 1),
                min(hints, 3),
            ]
            given = min(0.8 + 0.05 * (seeds + together - 1), 0.95) if seeds + together else {0: 0.12, 1: 0.4}.get(hints, 0.6)
            total = sum(weight * value for weight, value in zip(fusion.weights, columns, strict=True)) + fusion.intercept
            total = fusion.scale * (total + np.log(given / (1 - given)) - fusion.centre) + fusion.shift
            assert scores[row, theme] == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-5)


@pytest.mark.slow
def test_weights_of_evidence_are_what_is_lost_without_it(fitted, labelled):
    """A seed's weight is the difference of log odds with and without the codebook's words."""
    texts = labelled.texts[::20]
    seen = fitted.look(texts)
    scores = fitted.scores(seen)
    decisions = decisions_of(scores >= fitted.thresholds_)
    assert len(decisions) > 20
    evidence = collect_evidence(fitted, seen, decisions)
    checked = 0
    for row, theme in decisions:
        bare = type(seen)(seen.matches, seen.counts.copy(), seen.embeddings, seen.terms)
        bare.counts[row, theme] = 0
        lost = float(odds(scores[row, theme]) - odds(fitted.scores(bare)[row, theme]))
        words = fitted.word_matrix(seen)[row] @ np.maximum(fitted.word_weights(theme), 0)
        told = sum(span.weight for span in evidence[row, theme].spans if span.kind in {"seed", "together", "hint"})
        if seen.counts[row, theme].sum():
            assert lost - 1e-3 <= told <= lost + float(words[0]) + 1e-3
            checked += 1
    assert checked > 10


@pytest.mark.slow
def test_evidence_is_tested_by_cutting_it_out(fitted, labelled):
    texts = labelled.texts[::15]
    seen = fitted.look(texts)
    decisions = decisions_of(fitted.scores(seen) >= fitted.thresholds_)
    tested = cut_evidence_out(fitted, texts, collect_evidence(fitted, seen, decisions))
    assert tested.keys() == set(decisions)
    for (row, theme), one in tested.items():
        cut = cut_out(texts[row], [(span.start, span.end) for span in one.spans])
        again = fitted.predict_proba([cut])[0, theme]
        assert one.without == pytest.approx(again, abs=1e-6)
        assert one.holds == (again < fitted.thresholds_[theme])
        assert all(0 <= span.start < span.end <= len(texts[row]) for span in one.spans)
    assert np.mean([one.holds for one in tested.values()]) > 0.9


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("افتتحت البلدة الساحلية منتجعا جديدا يتسع لآلاف السياح، ويأمل أصحابه أن تصل إليه رحلات مباشرة في الصيف.", []),
        ("تخلى المسلحون عن سلاحهم في ساحة البلدة، وعاد التلاميذ إلى صفوفهم.", None),
        ("اشترت الحكومة دبابات ومدافع من جارتها بعقد وقع أمس.", ["arms_transfers"]),
        ("بدأت البحرية مناورات بالذخيرة الحية قبالة الساحل وحشدت الجارة قواتها على الحدود.", ["military_posture"]),
        ("دمرت الغارات مخازن أسلحة ومنصات صواريخ في ضواحي المدينة.", ["military_posture"]),
    ],
)
def test_everyday_sentences_of_news(fitted, text, themes):
    given = fitted.classes_[fitted.predict([text])[0]].tolist()
    if themes is None:
        assert "arms_transfers" not in given  # weapons that are handed in are not supplied
    else:
        assert given == themes


def test_an_analyzer_chooses_how_words_are_compared(labelled):
    some = labelled[np.arange(0, len(labelled.texts), 6)]
    steps = [step for step in ANALYSIS_STEPS if step != "hamza"]
    given = ArabicAnalyzer(steps=steps, stems=False)
    book = load_codebook("seeds/themes.toml")
    tagger = ThemeTagger(book, parts=("codebook", "words"), folds=3, analyzer=given).fit(some.texts, some.truth, some.groups)
    assert tagger.matcher_.steps == tuple(steps)
    assert not tagger.analyzer_.stems
    assert not hasattr(given, "words_")  # what was given is not changed
    plain = ThemeTagger(book, parts=("codebook", "words"), folds=3).fit(some.texts, some.truth, some.groups)
    assert len(tagger.vectorizer_.vocabulary_) > len(plain.vectorizer_.vocabulary_)


@pytest.mark.slow
def test_words_are_learned_without_names_and_titles(fitted):
    vocabulary = fitted.vectorizer_.vocabulary_
    assert not {"روسيا", "اميركا", "كوريا_الشماليه", "بيونغ_يانغ"} & vocabulary.keys()
    located = fitted.look(["قال وزير الدفاع الروسي إن المدافع وصلت"]).terms[0]
    assert [term for term, _, _ in located] == [fitted.analyzer_.key("المدافع"), fitted.analyzer_.key("وصلت")]


def test_the_embedding_part_is_scikit_learns_regression(labelled):
    """One part alone, without prior: cross-fitted scores derived again with scikit-learn only."""
    rows = np.arange(0, len(labelled.texts), 4)
    some = labelled[rows]
    encoder = get_encoder("use")
    matrix = embed(some.texts, encoder)
    book = load_codebook("seeds/themes.toml")
    tagger = ThemeTagger(book, encoder, parts=("embeddings",), folds=3).fit(some.texts, some.truth, some.groups, matrix)
    theme = 2
    codes = np.unique(some.groups, return_inverse=True)[1]
    said = np.zeros(len(rows))
    for train, test in GroupKFold(3, shuffle=True, random_state=0).split(matrix, groups=codes):
        kept = train[~np.isnan(some.truth[train, theme])]
        said[test] = (
            LogisticRegression(C=3.0, max_iter=2000).fit(matrix[kept], some.truth[kept, theme]).decision_function(matrix[test])
        )
    order = np.argsort(said)
    ours = tagger.cross_fitted_[:, theme]
    # Within each part of the second division the last step is monotone in what the first said.
    for _, test in GroupKFold(3, shuffle=True, random_state=1).split(matrix, groups=codes):
        inside = [row for row in order if row in set(test)]
        assert (np.diff(ours[inside]) >= -1e-9).all()
