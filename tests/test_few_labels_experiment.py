"""Few labels: what is learned from and tested, what the numbers are, and that sentences say what they allow."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC

from research.errors import ConfigError
from research.evaluate import over_halves
from research.runs import find_experiments, read_headlines, read_records, run_experiment
from research.runs.modules import load_module
from tests.arabic import english_of_retold

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
parts = load_module("few_labels_parts", EXPERIMENTS / "few_labels_parts" / "__init__.py")
SUBJECTS = {
    "trade": "ميناء سفينة شحن حاوية رصيف بضاعة جمارك تصدير استيراد تجارة سوق مخزن",
    "health": "طبيب مستشفى دواء مريض علاج لقاح عيادة جراح وباء صحة ممرضة فحص",
    "sport": "ملعب فريق مدرب هدف مباراة لاعب بطولة كأس حارس جمهور حكم دوري",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    rng, rows = np.random.default_rng(0), []
    for at in range(90):
        label = list(SUBJECTS)[at % 3]
        words = [*rng.choice(SUBJECTS[label].split(), 4), *rng.choice(" ".join(SUBJECTS.values()).split(), 6)]
        rows.append({"id": f"a{at:02}", "label": label, "text": " ".join(rng.permutation(words)) + "."})
    path = tmp_path_factory.mktemp("corpus") / "written.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def configured(corpus: Path, **changes):
    values = {"corpus": str(corpus), "name": "", "labels": "", "codebook": "", "sizes": [2, 4], "draws": 3, **changes}
    return find_experiments()["few_labels"].configured(changes=values)


@pytest.fixture(scope="module")
def finished(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    run_experiment(find_experiments()["few_labels"], folder, config=configured(corpus), workers=1)
    return folder


def material(labels: str, articles: list[int] | None = None) -> SimpleNamespace:
    names = sorted(set(labels))
    groups = list(range(len(labels))) if articles is None else articles
    return SimpleNamespace(groups=groups, codes=np.array([names.index(label) for label in labels]), classes=names)


def test_a_draw_tests_other_articles_and_the_next_one_turns_the_halves_round():
    seen = material("ab" * 30, [at // 3 for at in range(60)])
    one, other = (parts.drawn(seen, number, pool=100, tested=100, seed=4) for number in (0, 1))
    owners = np.array(seen.groups)
    assert not set(owners[one.pool]) & set(owners[one.test])
    assert sorted([*one.pool, *one.test]) == list(range(60))
    assert set(one.pool) == set(other.test)
    assert set(one.test) == set(other.pool)
    later = parts.drawn(seen, 2, pool=100, tested=100, seed=4)
    assert set(later.pool) not in (set(one.pool), set(other.pool))
    few = parts.drawn(seen, 0, pool=7, tested=5, seed=4)
    assert (len(few.pool), len(few.test)) == (7, 5)
    assert list(few.pool) == list(one.pool[:7])


def test_more_labels_hold_those_of_fewer_and_a_small_class_gives_all_that_it_has():
    seen = material("aaaaaaaaaaaaaaaaaaaabbbb")
    draw = parts.Draw(np.random.default_rng(1).permutation(24), np.array([], dtype=int))
    two, eight = (parts.labelled_rows(draw, seen.codes, size) for size in (2, 8))
    assert Counter(seen.codes[two].tolist()) == {0: 2, 1: 2}
    assert Counter(seen.codes[eight].tolist()) == {0: 8, 1: 4}
    assert set(two) < set(eight)


def test_what_to_label_is_chosen_once_each_and_in_steps(corpus):
    texts = [json.loads(line)["text"] for line in corpus.read_text(encoding="utf-8").splitlines()]
    labels = [json.loads(line)["label"] for line in corpus.read_text(encoding="utf-8").splitlines()]
    from few_labels_parts.ways import in_order

    found = in_order(texts, labels, list(range(90)), [6, 20, 200], "use", 0)
    assert [len(rows) for rows in found] == [6, 20, 90]
    assert set(found[0]) < set(found[1]) < set(found[2]) == set(range(90))


def test_scores_are_those_of_scikit_learn_on_the_same_draw(finished, corpus):
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    names = sorted(SUBJECTS)
    seen = SimpleNamespace(groups=list(range(90)), codes=np.array([names.index(label) for label in labels]))
    recorded = {r.seed if r.fold is None else r.fold: r.value for r in read_records(finished / "records.jsonl")
                if r.model == "TF-IDF, linear SVM" and r.metric == "macro-F1, 4 a class"}  # fmt: skip
    assert sorted(recorded) == [0, 1, 2]
    for number, value in recorded.items():
        draw = parts.drawn(seen, number, pool=2000, tested=2000, seed=0)
        known = parts.labelled_rows(draw, seen.codes, 4)
        view = TfidfVectorizer(ngram_range=(1, 2)).fit([texts[row] for row in known])
        head = LinearSVC(random_state=number).fit(view.transform([texts[row] for row in known]), [labels[row] for row in known])
        said = head.predict(view.transform([texts[row] for row in draw.test]))
        assert value == pytest.approx(f1_score([labels[row] for row in draw.test], said, average="macro"))


def test_the_table_and_the_gains_follow_from_the_draws(finished):
    records = read_records(finished / "records.jsonl")
    each = {
        way: [r.value for r in records if r.model == way and r.metric == "macro-F1, 4 a class" and r.fold is not None]
        for way in ("research (default)", "nearest prototype")
    }
    with (finished / "curves.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if (row["way"], row["labels a class"]) == ("nearest prototype", "4"))
    assert float(row["macro-F1"]) == pytest.approx(np.mean(each["nearest prototype"]))
    assert float(row["labelled texts"]) == 12
    with (finished / "gains.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    gain = next(row for row in rows if (row["way"], row["metric"]) == ("nearest prototype", "macro-F1, 4 a class"))
    differences = np.subtract(each["nearest prototype"], each["research (default)"])
    found = over_halves(differences.tolist())
    assert (float(gain["gain"]), float(gain["low"])) == pytest.approx((found.mean, found.low))
    assert {row["way"] for row in rows} == {"TF-IDF, linear SVM", "nearest prototype", "self-training", parts.NEXT}


def test_every_headline_has_its_controls_and_no_way_is_missing(finished):
    found = read_headlines(finished / "headlines.jsonl")
    assert [line.control for line in found] == ["labels shuffled", "TF-IDF, linear SVM"] * 2
    assert all(line.model == parts.OURS for line in found)
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert "prototypes with the codebook" not in page
    for way in (*parts.WAYS, *parts.LABELLING):
        assert way == parts.CODEBOOK or way in page


def test_a_gain_is_called_one_only_beyond_chance():
    from few_labels_parts.report import said

    from research.evaluate import step_effects

    zero = {"macro-F1, 8 a class": [0.0] * 4}
    clear = step_effects(zero, {"self-training": {"macro-F1, 8 a class": [-0.2, -0.21, -0.2, -0.19]}})[0]
    assert said(clear, "the default").startswith("Self-training, 8 a class: better than the default, +0.200")
    same = step_effects(zero, {"self-training": {"macro-F1, 8 a class": [0.0] * 4}})[0]
    assert said(same, "the default") == "Self-training, 8 a class: the same as the default in every draw."
    noise = step_effects(zero, {"self-training": {"macro-F1, 8 a class": [-0.2, 0.2, 0.1, -0.11]}})[0]
    assert "no difference from the default can be shown" in said(noise, "the default")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": []}, "key sizes"),
        ({"sizes": [8, 4]}, "ascending"),
        ({"sizes": [0, 4]}, "from 1 on"),
        ({"draws": 1}, "draws"),
        ({"labels": "seeds/labels.csv"}, "key codebook"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_one_line(corpus, changes, message):
    with pytest.raises(ConfigError, match=message) as error:
        configured(corpus, **changes)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_the_codebook_alone_is_tried_on_the_bundled_articles(tmp_path):
    experiment = find_experiments()["few_labels"]
    config = experiment.configured(changes={"sizes": [2, 3], "pool": 60, "tested": 60, "draws": 2, "labelling": False})
    run_experiment(experiment, tmp_path / "run", config=config, workers=1)
    with (tmp_path / "run" / "curves.csv").open(encoding="utf-8") as file:
        sizes = [row["labels a class"] for row in csv.DictReader(file) if row["way"] == parts.CODEBOOK]
    assert sizes == ["0", "2", "3"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "The codebook alone, without any label" in page
    assert parts.NEXT not in page


def test_the_page_is_told_in_arabic_from_what_was_measured(finished, corpus, tmp_path):
    assert english_of_retold("few_labels", finished, configured(corpus), tmp_path) == set()
