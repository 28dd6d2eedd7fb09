"""The ablation of classification: its whole is our classifier, every arm changes what it names, tables follow from cells."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from research.classifiers.classifier import TextClassifier
from research.classifiers.ridge import Candidate, Mix
from research.classifiers.selection import CANDIDATES, Choice, Tried
from research.errors import ConfigError, DataError
from research.evaluate import halves, step_effects
from research.features.views import learn_views
from research.runs import Outcome, find_experiments, read_headlines, run_experiment
from research.runs.modules import load_module
from research.text import ANALYSIS_STEPS
from tests.arabic import english_of_retold

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
parts = load_module("ablation_parts", EXPERIMENTS / "ablation_parts" / "__init__.py")
classes, classifying, steps = (load_module(f"ablation_parts.{name}", EXPERIMENTS / "ablation_parts" / f"{name}.py")
                               for name in ("classes", "classifying", "arms"))  # fmt: skip
VIEWS = ("words", "characters", "meaning")
SUBJECTS = {
    "trade": "مِيناء سفينة شحن حاوية رصيف بضاعة وجمارك تصدير استيراد تجارة سوق مخزن",
    "health": "طبيب مستشفى دواء مريض علاج لقاح عيادة جراح أوبئة صحّة ممرضة فحص",
    "sport": "ملعب فريق مدرب هدف مباراة لاعب بطولة كأس حارس جمهور حكم والدوري",
}


def written(number: int) -> list[dict[str, str]]:
    """Articles of three sections, the first of them twice as often; every fifth ends with the same line of furniture."""
    rng, every = np.random.default_rng(0), [*" ".join(SUBJECTS.values()).split(), "في", "من", "على"]
    found = []
    for at in range(number):
        label = ("trade", "trade", "health", "sport")[at % 4]
        text = " ".join(rng.permutation([*rng.choice(SUBJECTS[label].split(), 5), *rng.choice(every, 11)])) + "."
        line = "\nجميع الحقوق محفوظة للموقع" if at % 5 == 0 else ""
        found.append({"id": f"a{at:03}", "label": label, "source": "one", "date": "2020-01-01", "text": text + line})
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    texts = written(80)
    texts.append({**texts[1], "id": "copy", "text": f"أمس {texts[1]['text']}"})
    path = tmp_path_factory.mktemp("corpus") / "written.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in texts), encoding="utf-8")
    return path


def configured(corpus: Path, **changes):
    given = {"task": "classification", "corpus": str(corpus), "labels": "", "codebook": "", "unit": "document"}
    return find_experiments()["ablation"].configured(changes={**given, "articles": 0, "draws": 3, **changes})


def chosen_of(corpus: Path, **changes):
    config = configured(corpus)
    names = ("task", "corpus", "labels", "codebook", "unit", "articles", "encoder", "seed")
    return steps.settings_of({name: getattr(config, name) for name in names}, **changes)


@pytest.fixture(scope="module")
def chosen(corpus):
    return chosen_of(corpus)


@pytest.fixture(scope="module")
def seen(chosen):
    return parts.classed_of(chosen)


@pytest.fixture(scope="module")
def divided(seen, chosen):
    half = seen.half(0, chosen["seed"])
    return np.flatnonzero(half), np.flatnonzero(~half)


def answered(chosen, number: int = 0) -> list[str]:
    return classifying._said(tuple((key, tuple(v) if isinstance(v, list) else v) for key, v in chosen.items()), number)


@pytest.fixture(scope="module")
def finished(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    run_experiment(find_experiments()["ablation"], folder, config=configured(corpus), workers=1)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(folder: Path) -> list[Outcome]:
    return [Outcome.read(line) for line in (folder / "cells.jsonl").read_text(encoding="utf-8").splitlines()[1:]]


# -- the whole is what people use -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_the_whole_answers_as_the_classifier_does(seen, chosen, number):
    half = seen.half(number, chosen["seed"])
    row, asked = np.flatnonzero(half), np.flatnonzero(~half)
    texts, labels, groups = ([given[at] for at in row] for given in (seen.texts, seen.labels, seen.groups))
    model = TextClassifier().fit(texts, labels, groups)
    said = answered(chosen, number)
    assert said == model.predict([seen.texts[at] for at in asked]).tolist()
    assert len(set(said)) > 1


def test_the_views_are_those_of_the_classifier(seen, chosen, divided):
    row, asked = divided
    space, known = learn_views([seen.texts[at] for at in row], seen.embeddings[row])
    asked_views = space.views([seen.texts[at] for at in asked], seen.embeddings[asked])
    ours = classifying.views_of(seen, chosen, row, asked)
    for one, other in zip(ours, (known, asked_views), strict=True):
        for view in ("words", "characters"):
            a, b = getattr(one, view), getattr(other, view)
            assert a.shape == b.shape
            # Columns stand in another order: how alike texts are does not depend on it.
            assert np.abs((a @ a.T - b @ b.T).toarray()).max() < 1e-5
            assert (a @ a.T).nnz > len(a.indptr)
        assert np.abs(one.meaning - other.meaning).max() < 1e-6


def test_candidates_of_the_whole_are_all_and_their_choice_is_the_classifiers(chosen):
    assert classifying.candidates_of(chosen) == list(CANDIDATES)
    tried = [Tried(Candidate(Mix(words=1.0), penalty), f1, 0.05) for penalty, f1 in ((1, 0.5), (2, 0.9), (3, 0.86), (4, 0.84))]
    assert [one.penalty for one in classifying.together(tried)] == [2, 3]
    assert [one.penalty for one in classifying.together([replace(one, error=0.5) for one in tried])] == [2, 3, 4]


# -- each arm changes what it names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_without_a_view_no_candidate_looks_at_it_and_shares_add_up(chosen, view):
    found = classifying.candidates_of({**chosen, f"view_{view}": False})
    assert len(found) == len(set(found)) > 3
    for one in found:
        assert getattr(one.mix, view) == 0
        assert sum(getattr(one.mix, name) for name in VIEWS) == pytest.approx(1)
    first, kept = CANDIDATES[0].mix, [name for name in VIEWS if name != view]
    ratio = getattr(first, kept[0]) / getattr(first, kept[1])
    assert getattr(found[0].mix, kept[0]) / getattr(found[0].mix, kept[1]) == pytest.approx(ratio)


def test_without_balance_nothing_balanced_is_tried_or_taken(chosen):
    without = {**chosen, "balance": False}
    assert {one.balance for one in classifying.candidates_of(without)} == {0}
    plain, full = Candidate(Mix(words=1.0), 1.0, 0.0), Candidate(Mix(words=1.0), 1.0, 1.0)
    found = Choice((Tried(plain, 0.5, 0.1), Tried(full, 0.9, 0.1)), (full,), 9, "articles", True)
    assert classifying.taken(found, without) == (plain,)
    assert classifying.taken(found, chosen) == (full,)
    both = replace(found, chosen=(full, plain))
    assert classifying.taken(both, {**chosen, "together": False}) == (full,)
    assert classifying.taken(both, chosen) == (full, plain)


def test_without_choosing_the_first_candidate_answers(seen, chosen, divided):
    row, asked = divided
    texts, labels = ([given[at] for at in row] for given in (seen.texts, seen.labels))
    model = TextClassifier(candidate=CANDIDATES[0]).fit(texts, labels)
    assert answered({**chosen, "choosing": False}) == model.predict([seen.texts[at] for at in asked]).tolist()


def test_switches_of_the_surface_do_what_they_say(seen, chosen, divided):
    row, asked = divided
    whole, _ = classifying.views_of(seen, chosen, row, asked)

    def without(**changed):
        return classifying.views_of(seen, {**chosen, **changed}, row, asked)[0]

    all_grams = learn_views([seen.texts[at] for at in row], seen.embeddings[row])[0].surface.words.vocabulary
    assert without(pairs=False).words.shape[1] == sum(" " not in gram for gram in all_grams) < whole.words.shape[1]
    flat = without(pairs=False, rarity=False, damping=False).words.toarray()
    counts = np.rint(flat / np.where(flat > 0, flat, np.inf).min(axis=1, keepdims=True))
    assert flat == pytest.approx(counts / np.linalg.norm(counts, axis=1, keepdims=True), abs=1e-6)
    assert np.abs(without(rarity=False).words - whole.words).max() > 0.01
    assert np.abs(without(damping=False).words - whole.words).max() > 0.01
    plain = without(centring=False).meaning
    expected = seen.embeddings[row] / np.linalg.norm(seen.embeddings[row], axis=1, keepdims=True)
    assert plain == pytest.approx(expected, abs=1e-5)
    assert np.linalg.norm(whole.meaning.mean(axis=0)) < np.linalg.norm(plain.mean(axis=0))


def test_what_one_text_holds_counts_where_halves_are_small_or_it_is_asked_for(seen, chosen, divided):
    row, asked = divided
    few = classifying.views_of(seen, chosen, row, asked)[0]
    assert few.words.shape == classifying.views_of(seen, {**chosen, "single": False}, row, asked)[0].words.shape
    classifying_few = pytest.MonkeyPatch()
    classifying_few.setattr(classifying, "_FEW", 2)
    try:
        twice = classifying.views_of(seen, chosen, row, asked)[0]
        assert (np.bincount(twice.words.indices) >= 2).all()
        assert twice.words.shape[1] < few.words.shape[1]
    finally:
        classifying_few.undo()


def test_words_are_taken_as_the_arm_says(seen):
    def words(steps=tuple(ANALYSIS_STEPS), proclitics=True, endings=True, function_words=True):
        return {word for line in classes._terms(seen, steps, proclitics, endings, function_words) for word in line}

    assert {"ميناء", "صحه", "في", "وجمارك"} <= words()
    assert {"مِيناء", "صحّة", "أوبئة"} <= words(())
    assert "صحة" in words(tuple(step for step in ANALYSIS_STEPS if step != "ta_marbuta"))
    assert not {"في", "من", "علي"} & words(function_words=False)
    assert "الدوري" not in words(proclitics=False)
    assert "بضاع" in words(endings=False)


def test_steps_that_change_no_word_are_known(chosen):
    kept = [step for step in ANALYSIS_STEPS if step != "presentation"]
    assert classes.unchanged({**chosen, "steps": kept})
    assert not classes.unchanged({**chosen, "steps": []})


def test_furniture_is_in_the_texts_where_it_is_not_taken_out(corpus, seen):
    raw = parts.classed_of(chosen_of(corpus, furniture=False))
    assert sum("محفوظة" in text for text in raw.texts) == 16
    assert not any("محفوظة" in text for text in seen.texts)
    assert sorted(zip(raw.groups, raw.labels, strict=True)) == sorted(zip(seen.groups, seen.labels, strict=True))
    for at in range(3):  # the same articles are in a half, whatever is taken out of them
        of = [{one.groups[row] for row in np.flatnonzero(one.half(at, 0))} for one in (raw, seen)]
        assert of[0] == of[1]


@pytest.mark.parametrize("labels", ["", "seeds/labels.csv"])
def test_furniture_is_a_step_where_texts_are_whole_articles(corpus, labels):
    plan = {unit: parts.arms({**chosen_of(corpus), "labels": labels, "unit": unit}) for unit in ("passage", "document")}
    assert plan["document"].keys() - plan["passage"].keys() == {"taking furniture out"}
    assert plan["document"]["taking furniture out"] == {**plan["document"][parts.ALL], "furniture": False}


# -- halves -----------------------------------------------------------------------------------------------------------------


def test_copies_are_on_one_side(seen, chosen):
    first = next(at for at, text in enumerate(seen.texts) if text.startswith("أمس"))
    twin = next(at for at, text in enumerate(seen.texts) if seen.texts[first] == f"أمس {text}")
    assert seen.groups[first] == seen.groups[twin]
    assert len(set(seen.groups)) == len(seen.texts) - 1
    for number in range(6):
        half = seen.half(number, chosen["seed"])
        assert half[first] == half[twin]
        assert 0 < half.sum() < len(half)


def test_lines_stand_in_the_halves_of_the_tagger(few_seeds):
    chosen = {"corpus": str(few_seeds / "articles"), "labels": str(few_seeds / "labels.csv"), "codebook": "seeds/themes.toml"}
    seen = parts.classed_of({**chosen, "unit": "passage", "articles": 0, "encoder": "use", "seed": 3})
    known = parts.labelled(*chosen.values())
    agreed = {(text, group) for text, group, one in zip(known.texts, known.groups, known.stated, strict=True) if one.sum() == 1}
    assert set(zip(seen.texts, seen.groups, strict=True)) <= agreed
    assert len(seen.texts) == ((known.stated.sum(axis=1) == 1) & known.usable.all(axis=1)).sum() > 60
    drawn = halves(known.groups, draws=2, seed=3)[1]
    inside = {group for group, one in zip(known.groups, drawn, strict=True) if one}
    assert {group for group, one in zip(seen.groups, seen.half(1, 3), strict=True) if one} == inside & set(seen.groups)


def test_articles_have_the_theme_of_most_of_their_lines(few_seeds):
    chosen = {"corpus": str(few_seeds / "articles"), "labels": str(few_seeds / "labels.csv"), "codebook": "seeds/themes.toml"}
    counts: dict[str, dict[str, int]] = {}
    for row in rows(few_seeds / "labels.csv"):
        if not row["disputed"] and ";" not in row["themes"] and row["themes"] not in {"other", "furniture"}:
            votes = counts.setdefault(row["article"], {})
            votes[row["themes"]] = votes.get(row["themes"], 0) + 1
    clear = [max(votes, key=votes.get) for votes in counts.values() if sorted([0, *votes.values()])[-2] < max(votes.values())]
    seen = parts.classed_of({**chosen, "unit": "document", "articles": 0, "encoder": "use", "seed": 0})
    assert sorted(seen.labels) == sorted(clear)
    raw = parts.classed_of({**chosen, "unit": "document", "articles": 0, "encoder": "use", "seed": 0, "furniture": False})
    assert sum(map(len, raw.texts)) > sum(map(len, seen.texts))


# -- the report follows from the cells --------------------------------------------------------------------------------------


def test_scores_are_those_of_the_answers(finished, corpus, seen, divided):
    outcome = next(one for one in cells(finished) if one.cell.model == parts.ALL and one.cell.fold == 0)
    truth, said = [seen.labels[at] for at in divided[1]], answered(dict(outcome.cell.settings))
    assert outcome.metrics["macro-F1"] == pytest.approx(f1_score(truth, said, average="macro", labels=sorted(set(truth))))
    assert outcome.metrics["accuracy"] == pytest.approx(accuracy_score(truth, said))


def test_every_arm_is_measured_on_every_half_and_effects_follow(finished):
    found: dict[str, dict[int, dict[str, float]]] = {}
    for one in cells(finished):
        found.setdefault(one.cell.model, {})[one.cell.fold] = dict(one.metrics)
    assert all(sorted(by_half) == [0, 1, 2] for by_half in found.values())
    table = rows(finished / "effects.csv")
    named = list(dict.fromkeys(row["step"] for row in table))
    assert len(named) == len(found) - 2 == 20
    assert "taking furniture out" in named
    over = {arm: {m: [by_half[at][m] for at in range(3)] for m in ("macro-F1", "accuracy")} for arm, by_half in found.items()}
    effects = step_effects(over[parts.ALL], {step: over[step] for step in named})
    for effect, row in zip(effects, table, strict=True):
        assert (effect.step, effect.metric, effect.sentence()) == (row["step"], row["metric"], row["sentence"])
        assert (effect.halves.mean, effect.p) == pytest.approx((float(row["effect"]), float(row["p"])), abs=1e-12)
    page = (finished / "report.html").read_text(encoding="utf-8")
    tested = [effect for effect in effects if effect.tested]
    assert f"Of {len(tested)} effects" in page
    assert "81 articles, 80 with copies counted once, in 3 classes" in page


def test_headlines_stand_beside_shuffled_labels(finished):
    levels = {row["without"]: row for row in rows(finished / "levels.csv")}
    found = read_headlines(finished / "headlines.jsonl")
    assert [line.metric for line in found] == ["macro-F1", "accuracy"]
    for line in found:
        assert line.value == pytest.approx(float(levels["(nothing)"][line.metric]))
        assert line.control_value == pytest.approx(float(levels["labels shuffled (control)"][line.metric]))
        assert line.control_value < line.value


# -- configuration ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"unit": "passage"}, "articles have their own labels"),
        ({"unit": "line"}, "articles have their own labels"),
        ({"labels": "seeds/labels.csv", "unit": "line"}, "unknown unit"),
        ({"labels": "seeds/labels.csv", "articles": 9}, "articles given"),
    ],
)
def test_what_cannot_be_measured_is_refused(corpus, change, told):
    with pytest.raises(ConfigError, match=told):
        configured(corpus, **change)


def test_a_corpus_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match="not here"):
        run_experiment(find_experiments()["ablation"], tmp_path / "run", config=configured(tmp_path / "none.jsonl"))


def test_one_class_and_too_many_texts_are_refused(corpus, tmp_path, monkeypatch):
    same = tmp_path / "same.jsonl"
    same.write_text("".join(json.dumps({**row, "label": "one"}) + "\n" for row in written(6)), encoding="utf-8")
    with pytest.raises(DataError, match="no two classes"):
        parts.classed_of(chosen_of(same))
    monkeypatch.setattr(classes, "_MOST", 80)
    classes.classed.cache_clear()
    with pytest.raises(DataError, match="81 texts are too many"):
        parts.classed_of(chosen_of(corpus))


def test_settings_of_the_other_tasks_are_as_they_were():
    """Cells that were measured are found by their settings."""
    for name in ("ablation", "ablation_tagging"):
        folder = EXPERIMENTS.parent / "reports" / name
        config = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["config"]
        plan = parts.arms({key: value for key, value in config.items() if key not in {"draws", "name"}})
        assert {(one.cell.model, json.dumps(one.cell.settings)) for one in cells(folder)} == {
            (arm, json.dumps(settings)) for arm, settings in plan.items()
        }


@pytest.mark.parametrize("file", sorted(path.name for path in EXPERIMENTS.glob("ablation_classification*.toml")))
def test_every_configuration_is_valid(file):
    known = find_experiments()["ablation"]
    config = known.configured(EXPERIMENTS / file)
    assert (config.task, config.draws) == ("classification", 10)
    quick = known.configured(EXPERIMENTS / file, quick=True)
    assert quick.draws == 4
    assert quick.articles == (240 if config.articles else 0)


def test_the_page_is_told_in_arabic_from_what_was_measured(finished, corpus, tmp_path):
    assert english_of_retold("ablation", finished, configured(corpus), tmp_path) == {"delete-half jackknife"}  # its name
