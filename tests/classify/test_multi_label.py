"""Several labels a text: thresholds that are best, answers that have not seen their article, any order, odd inputs."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score

from research.classifiers import multi_label as module
from research.classifiers.cuts import best_cuts, learn_cuts
from research.classifiers.multi_label import MultiLabelClassifier
from research.classifiers.ridge import Candidate, Kernels, Mix, fit_ridge
from research.errors import ConfigError, DataError

NAMES = {
    "بحر": ["سفينة", "ميناء", "موج", "بحار"],
    "زرع": ["قمح", "حقل", "فلاح", "حصاد"],
    "sport": ["كأس", "فريق", "هدف", "ملعب"],
}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة", "أعلن", "خلال"]
QUICK = Candidate(Mix(words=0.5, characters=0.5), 0.5)


def sample(n=90, noise=6, telling=2, seed=0):
    """Every text has each label with a chance of its own, and words of each label that it has."""
    rng = np.random.default_rng(seed)
    sets = [{name for name, share in zip(NAMES, (0.4, 0.3, 0.25), strict=True) if rng.random() < share} for _ in range(n)]
    texts = [
        " ".join([*(word for name in sorted(own) for word in rng.choice(NAMES[name], telling)), *rng.choice(COMMON, noise)])
        for own in sets
    ]
    return texts, sets


def words_alone(**more):
    return MultiLabelClassifier(encoder=None, **{"candidate": QUICK, **more})


def indicator(sets, names):
    return np.array([[name in own for name in names] for own in sets], dtype=bool)


# Cuts


scores_and_truth = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        arrays.arrays(float, (n, 2), elements=st.sampled_from([0.0, 0.1, 0.25, 0.4, 0.7, 0.9])), arrays.arrays(bool, (n, 2))
    )
)


def f1_of(so, said):
    return 2 * (so & said).sum() / max(1, so.sum() + said.sum())


@settings(max_examples=40)
@given(scores_and_truth)
@example((np.array([[0.4, 0.7], [0.4, 0.7], [0.1, 0.1], [0.1, 0.1]]), np.array([[1, 1], [0, 1], [0, 0], [1, 0]], bool)))
def test_no_other_cut_has_a_higher_f1(drawn):
    scores, truth = drawn
    cuts = best_cuts(scores, truth)
    for column in range(2):
        own, so = scores[:, column], truth[:, column]
        reached = f1_of(so, own >= cuts[column])
        others = [f1_of(so, own >= cut) for cut in np.unique(own)]
        assert reached == pytest.approx(max(others))
        best = [cut for cut, f1 in zip(np.unique(own), others, strict=True) if f1 == pytest.approx(reached)]
        assert (own >= cuts[column]).sum() == (own >= max(best)).sum()  # of equally good ones the highest


def test_a_sigmoid_is_the_most_likely_one():
    rng = np.random.default_rng(0)
    truth = rng.random((200, 2)) < [0.2, 0.5]
    scores = 0.3 * truth + rng.normal(0, 0.2, truth.shape)
    cuts = learn_cuts(scores, truth, range(200))
    sure = cuts.probabilities(scores)
    yes = truth.sum(axis=0)
    wanted = np.where(truth, (yes + 1) / (yes + 2), 1 / (200 - yes + 2))
    # Where the likelihood is highest its slope is 0 in both numbers.
    np.testing.assert_allclose((sure - wanted).sum(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(((sure - wanted) * scores).sum(axis=0), 0, atol=0.02)
    assert (cuts.slopes > 0).all()


def test_a_threshold_has_the_highest_f1_that_probabilities_let_expect():
    rng = np.random.default_rng(1)
    truth = rng.random((120, 1)) < 0.3
    scores = 0.3 * truth + rng.normal(0, 0.2, truth.shape)
    cuts = learn_cuts(scores, truth, range(120))
    sure = cuts.probabilities(scores).ravel()

    def expected(given):
        return 2 * sure[given].sum() / (given.sum() + sure.sum())

    assert expected(sure >= cuts.thresholds[0]) == pytest.approx(max(expected(sure >= cut) for cut in sure))


def test_a_label_that_is_worse_than_chance_is_not_turned_around():
    truth = np.repeat([[False], [True]], 20, axis=0)
    scores = np.linspace(1, 0, 40)[:, None]
    cuts = learn_cuts(scores, truth, range(40))
    assert cuts.slopes.tolist() == [0]
    assert np.ptp(cuts.probabilities(scores)) == 0
    assert (cuts.probabilities(scores) >= cuts.thresholds).all()


def test_a_label_of_few_articles_has_what_all_labels_have():
    truth = np.zeros((60, 2), bool)
    truth[:20, 0] = truth[:8, 1] = True
    owners = [0] * 4 + [1] * 4 + list(range(2, 54))  # the second label is in two articles
    scores = truth * 0.5 + np.random.default_rng(0).normal(0.2, 0.2, truth.shape)
    cuts = learn_cuts(scores, truth, owners)
    assert cuts.rare.tolist() == [False, True]
    assert cuts.thresholds[1] == 0.5
    together = learn_cuts(scores.reshape(-1, 1), truth.reshape(-1, 1), range(120))
    assert (cuts.slopes[1], cuts.intercepts[1]) == pytest.approx((together.slopes[0], together.intercepts[0]))


# Answers


def test_words_of_two_labels_give_both():
    model = words_alone().fit(*sample())
    assert model.classes_.tolist() == sorted(NAMES)
    asked = ["سفينة في ميناء و كأس فريق", "قمح حقل فلاح قال", "اليوم قال من بعد قبل"]
    assert model.predict(asked) == [("sport", "بحر"), ("زرع",), ()]
    sure = model.predict_proba(asked)
    assert sure.shape == (3, 3)
    assert sure[0].sum() > 1
    assert [tuple(model.classes_[row]) for row in sure >= model.thresholds_] == model.predict(asked)
    words = [{term.text for term in terms} for terms in model.terms_]
    assert words[model.classes_.tolist().index("بحر")] & {"سفينه", "ميناء", "موج", "بحار"}


def test_held_out_answers_do_not_come_from_memory():
    """Every text has a word of its own, and labels by chance: they can be learned by heart, and not be known unseen."""
    rng = np.random.default_rng(3)
    texts = [f"فريد{chr(0x0627 + at % 30)}{at} نص في اليوم" for at in range(160)]
    sets = [{name for name in "ab" if rng.random() < 0.4} for _ in texts]
    model = words_alone(candidate=Candidate(Mix(words=1.0), 0.01)).fit(texts, sets)
    truth = indicator(sets, model.classes_)
    assert ((model.scorer_.scores(texts) > 0.5) == truth).mean() > 0.95
    share = truth.mean()
    assert f1_score(truth, model.held_out_given_, average="macro") < 2 * share / (1 + share) + 0.08
    assert np.abs(model.held_out_ - share).max() < 0.2  # and it is known that nothing is known


def test_what_is_said_of_a_text_comes_from_the_others():
    texts, sets = sample(60)
    model = words_alone().fit(texts, sets)
    order = sorted(range(60), key=lambda row: (texts[row], tuple(sorted(sets[row]))))
    truth = indicator([sets[row] for row in order], model.classes_)
    seen = model.scorer_.views([texts[row] for row in order])
    splits = module._divisions(truth, list(range(60)), 5, 0)
    assert sorted(np.concatenate([split.test for split in splits]).tolist()) == list(range(60))
    scores = np.empty(truth.shape)
    for split in splits:
        assert not set(split.train) & set(split.test)
        part = seen.take(split.train)
        own = fit_ridge(part, truth[split.train].astype(float), [QUICK], Kernels(part))
        scores[split.test] = own.scores(seen.take(split.test))
    for split in splits:
        within = np.full(truth.shape, np.nan)
        for inner in module._divisions(truth[split.train], split.train.tolist(), 4, 0):
            known, asked = split.train[inner.train], split.train[inner.test]
            part = seen.take(known)
            own = fit_ridge(part, truth[known].astype(float), [QUICK], Kernels(part))
            within[asked] = own.scores(seen.take(asked))
        assert np.isnan(within[split.test]).all()
        cuts = learn_cuts(within[split.train], truth[split.train], split.train.tolist())
        rows = [order[at] for at in split.test]
        np.testing.assert_allclose(model.held_out_[rows], cuts.probabilities(scores[split.test]), atol=1e-3)
        assert (model.held_out_given_[rows] == (model.held_out_[rows] >= cuts.thresholds)).mean() > 0.98


def test_folds_have_every_label():
    truth = np.zeros((50, 3), bool)
    truth[:5, 0] = truth[5:15, 1] = truth[3:13, 2] = True
    for split in module._divisions(truth, list(range(50)), 5, 0):
        assert truth[split.test].sum(axis=0).tolist() == [1, 2, 2]


def test_an_article_is_held_out_as_a_whole():
    rng = np.random.default_rng(1)
    articles = np.repeat(np.arange(40), 4)
    chosen = [{name for name in "ab" if rng.random() < 0.5} for _ in range(40)]
    texts = [f"فريد{at} فريد{at} نص {COMMON[rng.integers(10)]}" for at in articles]
    sets = [chosen[at] for at in articles]
    found = []
    for groups in (None, [f"article {at}" for at in articles]):
        model = words_alone().fit(texts, sets, groups)
        found.append((model.held_out_given_ == indicator(sets, model.classes_)).mean())
    assert found[0] > 0.9
    assert found[1] < 0.75


@settings(max_examples=3)
@given(st.permutations(range(40)))
def test_the_order_of_texts_does_not_matter(order):
    texts, sets = sample(40)
    texts[5], sets[5] = texts[4], sets[4]
    texts[7] = texts[6]
    groups = [at // 2 for at in range(40)]
    one = words_alone(candidate=None, seconds=0).fit(texts, sets, groups)
    turned = [[column[at] for at in order] for column in (texts, sets, groups)]
    other = words_alone(candidate=None, seconds=0).fit(*turned)
    np.testing.assert_allclose(one.predict_proba(texts), other.predict_proba(texts), atol=1e-9)
    np.testing.assert_allclose(one.held_out_[list(order)], other.held_out_, atol=1e-9)
    assert one.thresholds_.tolist() == other.thresholds_.tolist()


def test_labels_may_be_any_collection():
    texts, sets = sample(40)
    one = words_alone().fit(texts, sets)
    for kind in (list, tuple, frozenset, lambda own: [*own, *own]):
        assert (words_alone().fit(texts, [kind(own) for own in sets]).predict_proba(texts) == one.predict_proba(texts)).all()


def test_it_chooses_how_to_learn_by_macro_f1(monkeypatch):
    texts, sets = sample(60)
    model = words_alone(candidate=None).fit(texts, sets)
    choice = model.choice_
    assert choice.complete
    assert not any(one.candidate.mix.meaning for one in choice.tried)
    best = max(one.macro_f1 for one in choice.tried)
    assert next(one.macro_f1 for one in choice.tried if one.candidate == choice.chosen[0]) == best
    assert 0.8 < best <= 1
    few = words_alone(candidate=None, seconds=0).fit(texts, sets)
    assert (len(few.choice_.tried), few.choice_.complete) == (1, False)


def test_many_texts_are_learned_without_the_whole_system(monkeypatch):
    texts, sets = sample(150)
    whole = words_alone(candidate=None, seconds=0).fit(texts, sets)
    monkeypatch.setattr(module, "_WHOLE", 100)
    monkeypatch.setattr(module, "_TRIED_ON", 80)
    part = words_alone(candidate=None, seconds=0).fit(texts, sets)
    told = ~np.isnan(part.held_out_).any(axis=1)
    assert 20 <= told.sum() <= 40
    assert not part.held_out_given_[~told].any()
    assert part.choice_.texts == 80
    asked, truth = sample(80, seed=5)
    for model in (whole, part):
        assert (
            f1_score(indicator(truth, model.classes_), indicator(model.predict(asked), model.classes_), average="macro") > 0.8
        )


# Odd inputs


def test_one_label_only():
    texts, sets = sample()
    model = words_alone().fit(texts, [own & {"بحر"} for own in sets])
    assert model.predict(["سفينة في ميناء", "قمح اليوم قال"]) == [("بحر",), ()]


def test_a_label_that_all_texts_have():
    texts, sets = sample()
    model = words_alone().fit(texts, [own | {"all"} for own in sets])
    assert all("all" in own for own in model.predict([*texts, "كلام آخر", ""]))
    column = model.classes_.tolist().index("all")
    assert model.held_out_given_[:, column].all()
    only = words_alone().fit(texts, [{"all"}] * len(texts))
    assert only.predict(["كلام", ""]) == [("all",), ("all",)]


def test_a_label_with_one_example():
    texts, sets = sample()
    sets = [own | {"once"} if at == 3 else own for at, own in enumerate(sets)]
    model = words_alone().fit(texts, sets)
    assert model.rare_ == ("once",)
    assert model.thresholds_[model.classes_.tolist().index("once")] == 0.5
    assert not any("once" in own for own in model.predict(["سفينة في ميناء", "قمح", ""]))
    others = words_alone().fit(texts, [own - {"once"} for own in sets])
    assert [set(own) - {"once"} for own in model.predict(texts)] == [set(own) for own in others.predict(texts)]


@pytest.mark.parametrize(
    ("texts", "sets", "groups"),
    [
        (["سفينة في ميناء"], [{"a", "b"}], None),
        (["سفينة في ميناء", "قمح في الحقل"], [{"a"}, set()], None),
        (["سفينة في ميناء", "قمح في الحقل"], [{"a"}, {"b"}], ["x", "x"]),
        (["", " ", "!"], [{"a"}, set(), {"a", "b"}], None),
        (["نص"] * 6, [{"a"}, set(), {"b"}] * 2, None),
    ],
)
def test_little_to_learn_from(texts, sets, groups):
    for model in (words_alone(), words_alone(candidate=None)):
        model.fit(texts, sets, groups)
        sure = model.predict_proba([*texts, "", "كلام آخر"])
        assert ((sure >= 0) & (sure <= 1)).all()
        assert len(model.predict(["", "نص"])) == 2
        assert model.held_out_.shape == (len(texts), len(model.classes_))
        if groups or len(texts) == 1:
            assert np.isnan(model.held_out_).all()
            assert model.rare_ == tuple(model.classes_)


def test_no_texts_to_answer():
    model = words_alone().fit(*sample(30))
    assert model.predict([]) == []
    assert model.predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize(
    ("texts", "sets", "groups", "told"),
    [
        ([], [], None, "no text has a label"),
        (["نص", "نص"], [set(), set()], None, "no text has a label"),
        (["نص", "نص"], [{"a"}], None, "1 sets of labels for 2 texts"),
        (["نص", "نص"], [{"a"}, {"b"}], [1], "1 groups for 2 texts"),
        (["نص", "نص"], ["sport", "oil"], None, "'sport' is no set of labels"),
        (["نص"], [None], None, "'None' is no set of labels"),
    ],
)
def test_labels_that_cannot_be(texts, sets, groups, told):
    with pytest.raises(DataError, match=told) as error:
        words_alone().fit(texts, sets, groups)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "more", [{"seconds": -1}, {"seed": -1}, {"candidate": Candidate(Mix(meaning=1.0))}, {"candidate": Candidate(Mix(1.0), 0.0)}]
)
def test_parameters_that_cannot_be(more):
    with pytest.raises(ConfigError):
        words_alone(**more).fit(["نص"], [{"a"}])


def test_it_can_be_cloned_and_pickled():
    texts, sets = sample(40)
    model = words_alone().fit(texts, sets)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(texts) == model.predict_proba(texts)).all()
    fresh = clone(model)
    assert fresh.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(texts)


class Toy:
    """An encoder that sees which letters a text has."""

    name, version, dimension, parallel = "toy", "1", 30, False

    def encode(self, texts):
        found = np.array([[1 + text.count(chr(0x0627 + at)) for at in range(30)] for text in texts], np.float32)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).reshape(len(texts), 30)

    def fingerprint(self):
        return "0" * 64


def test_meaning_and_another_language():
    texts, sets = sample(40)
    model = MultiLabelClassifier(encoder=Toy(), store=False, candidate=Candidate(Mix(0.25, 0.25, 0.5))).fit(texts, sets)
    other = model.adapted(["The ship left the harbour.", "A farmer mowed the field."] * 15)
    assert (other.scorer_.space_.centre != model.scorer_.space_.centre).any()
    alone = MultiLabelClassifier(encoder=Toy(), store=False, candidate=Candidate(Mix(meaning=1.0), 0.5)).fit(texts, sets)
    few = model.adapted(["The ship left the harbour."])  # of one text no centre is known
    np.testing.assert_allclose(few.predict_proba(texts), alone.predict_proba(texts), atol=1e-5)
    np.testing.assert_allclose(few.thresholds_, alone.thresholds_, atol=1e-5)
    assert "بحر" in model.predict(["سفينة في ميناء"])[0]
