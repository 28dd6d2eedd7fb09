"""Ways to classes compared: numbers follow from the cells, no copy is on both sides, and sentences say what numbers do."""

from __future__ import annotations

import csv
import json
import math
from base64 import b64decode
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import f1_score

from research.classifiers.splits import Split
from research.errors import ConfigError, DataError
from research.features import embed, get_encoder
from research.runs import Cell, Outcome, find_experiments, read_headlines, read_records, run_experiment
from research.runs.modules import load_module
from tests.arabic import english_of_retold

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
parts = load_module("classification_parts", EXPERIMENTS / "classification_parts" / "__init__.py")

SUBJECTS = {
    "trade": "ميناء سفينة شحن حاوية رصيف بضاعة جمارك تصدير استيراد تجارة سوق مخزن",
    "health": "طبيب مستشفى دواء مريض علاج لقاح عيادة جراح وباء صحة ممرضة فحص",
    "sport": "ملعب فريق مدرب هدف مباراة لاعب بطولة كأس حارس جمهور حكم دوري",
}
OUTLETS = ("one", "two", "three")


def written(number: int, seed: int = 0) -> list[dict[str, str]]:
    """Articles of three sections; some words are those of any section, so that no way is always right."""
    rng, every = np.random.default_rng(seed), " ".join(SUBJECTS.values()).split()
    found = []
    for at in range(number):
        label = list(SUBJECTS)[at % 3]
        own, other = rng.choice(SUBJECTS[label].split(), 5), rng.choice(every, 9)
        day = date(2020, 1, 1) + timedelta(days=at)
        found.append(
            {
                "id": f"a{at:03}",
                "label": label,
                "source": OUTLETS[(at // 3) % 3],
                "date": day.isoformat(),
                "text": " ".join(rng.permutation([*own, *other])) + ".",
            }
        )
    return found


def saved(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    rows = written(60)
    # The same article in another outlet, with one more word.
    rows.append({**rows[0], "id": "copy", "source": "two", "date": "2020-05-01", "text": f"أمس {rows[0]['text']}"})
    return saved(tmp_path_factory.mktemp("corpus") / "written.jsonl", rows)


def configured(corpus: Path, **changes):
    values = {"corpus": str(corpus), "name": "", "labels": "", "codebook": "", "folds": 3, "draws": 400, **changes}
    return find_experiments()["classification"].configured(changes=values)


@pytest.fixture(scope="module")
def finished(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    config = configured(corpus, quoted=["macro-F1", "accuracy"])
    run_experiment(find_experiments()["classification"], folder, config=config, workers=1)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(folder: Path) -> list[Outcome]:
    lines = (folder / "cells.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    return sorted(map(Outcome.read, lines), key=lambda one: one.cell.fold)


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(b64decode(text), dtype="<u2").astype(int)


def answered(folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """The true classes, what each way said, and the default's probabilities, read from the cells alone."""
    known = cells(folder)
    seen = parts.material_of(known[0].cell.settings)
    truth = np.concatenate([split.test for split in parts.splits_of(seen, known[0].cell.settings)])
    said: dict[str, list[np.ndarray]] = {}
    for one in known:
        assert one.data["classes"] == seen.classes
        said.setdefault(one.cell.model, []).append(numbers(one.data["said"]))
    sure = [numbers(one.data["sure"]).reshape(-1, len(seen.classes)) for one in known if one.cell.model == parts.OURS]
    labels = [seen.classes.index(seen.labels[row]) for row in truth]
    return np.array(labels), {way: np.concatenate(one) for way, one in said.items()}, np.concatenate(sure) / 65535


# -- numbers follow from the cells -----------------------------------------------------------------------------------------


def test_scores_follow_from_the_cells(finished):
    truth, said, _ = answered(finished)
    table = rows(finished / "scores.csv")
    assert [row["way"] for row in table] == [*parts.WAYS, parts.SHUFFLED]
    for row in table:
        codes = said[row["way"]]
        assert float(row["macro-F1"]) == pytest.approx(f1_score(truth, codes, average="macro", zero_division=0))
        assert float(row["accuracy"]) == pytest.approx((truth == codes).mean())
        assert float(row["low"]) <= float(row["macro-F1"]) <= float(row["high"])
    f1 = {row["way"]: row for row in rows(finished / "f1_by_class.csv")}
    for way, codes in said.items():
        by_class = f1_score(truth, codes, average=None, zero_division=0)
        assert [float(f1[way][name]) for name in sorted(SUBJECTS)] == pytest.approx(by_class.tolist())


def test_the_interval_is_as_wide_as_the_articles_allow(finished):
    for row in rows(finished / "scores.csv"):
        share, low, high = (float(row[name]) for name in ("accuracy", "accuracy low", "accuracy high"))
        error = math.sqrt(share * (1 - share) / 61)
        assert high - low == pytest.approx(2 * 1.96 * error, rel=0.3, abs=0.02)


def test_the_confusion_matrix_counts_every_tested_text(finished):
    truth, said, _ = answered(finished)
    counts = Counter(zip(truth.tolist(), said[parts.OURS].tolist(), strict=True))
    names = sorted(SUBJECTS)
    table = {row["true class"]: row for row in rows(finished / "confusion.csv")}
    assert {(a, b): int(table[a][b]) for a in names for b in names} == {
        (a, b): counts[names.index(a), names.index(b)] for a in names for b in names
    }
    assert sum(counts.values()) == 61


def test_how_sure_the_default_is_follows_from_the_cells(finished):
    truth, said, sure = answered(finished)
    values = {r.metric: r.value for r in read_records(finished / "records.jsonl") if r.model == parts.OURS and r.fold is None}
    assert sure.sum(axis=1) == pytest.approx(np.ones(61), abs=1e-4)
    assert (sure.argmax(axis=1) == said[parts.OURS]).mean() > 0.98  # equal ones after rounding apart
    assert values["Brier"] == pytest.approx(((sure - np.eye(3)[truth]) ** 2).sum(axis=1).mean())
    given_, right = sure[np.arange(61), said[parts.OURS]], said[parts.OURS] == truth
    gaps = [
        abs(given_[inside].sum() - right[inside].sum()) / 61
        for inside in ((np.minimum((given_ * 10).astype(int), 9) == bin_) for bin_ in range(10))
    ]
    assert values["calibration error"] == pytest.approx(sum(gaps))
    order = np.argsort(-given_, kind="stable")
    levels = [at for at in range(1, 62) if at == 61 or given_[order[at - 1]] > given_[order[at]]]
    fits = [at / 61 for at in levels if right[order[:at]].mean() >= 0.95]
    assert values[parts.COVERAGE] == pytest.approx(max(fits, default=0.0))


def test_differences_follow_from_the_scores(finished):
    score = {row["way"]: float(row["macro-F1"]) for row in rows(finished / "scores.csv")}
    table = rows(finished / "differences.csv")
    assert [row["less that of"] for row in table] == [way for way in parts.WAYS if way != parts.OURS]
    for row in table:
        assert float(row["difference in macro-F1"]) == pytest.approx(score[parts.OURS] - score[row["less that of"]])
        error = (float(row["high"]) - float(row["low"])) / (2 * stats.norm.ppf(0.975))
        reach = stats.norm.ppf(1 - 0.05 / (2 * len(table))) + stats.norm.ppf(0.8)
        assert float(row["detectable"]) == pytest.approx(reach * error)
    sizes = {row["less that of"]: float(row["p"]) for row in table}
    assert sizes[parts.MAJORITY] <= 0.05


def test_headlines_stand_beside_their_controls(finished):
    found = read_headlines(finished / "headlines.jsonl")
    score = {row["way"]: row for row in rows(finished / "scores.csv")}
    asked = [(metric, way) for metric in ("macro-F1", "accuracy") for way in (parts.SHUFFLED, parts.BAYES, parts.SVM)]
    assert len(found) == len(asked)
    for line, (metric, way) in zip(found, asked, strict=True):
        assert (line.metric, line.value) == (metric, float(score[parts.OURS][metric]))
        assert line.control_value == float(score[way][metric])
    first = found[0]
    assert first.control_value < 0.5 < first.value
    assert first.verdict == "beats its control"


def test_what_was_chosen_follows_from_the_cells(finished):
    table, ours = rows(finished / "choices.csv"), [one for one in cells(finished) if one.cell.model == parts.OURS]
    assert len(table) == len(ours) == 3
    fixed = {way: [one.metrics["macro-F1"] for one in cells(finished) if one.cell.model == way] for way in parts.FIXED}
    for number, (row, one) in enumerate(zip(table, ours, strict=True)):
        assert float(row["macro-F1"]) == one.metrics["macro-F1"]
        assert float(row["expected macro-F1"]) == one.data["choice"]["expected"]
        assert all(name in row["chosen (penalty, balance)"] for name, _, _ in one.data["choice"]["chosen"])
        assert float(row["its macro-F1"]) == max(scores[number] for scores in fixed.values())
        assert int(row["learned from"]) + int(row["tested on"]) == 61


def test_seconds_are_known_to_vary_and_stand_in_no_table(finished):
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["varying"]) == {parts.LEARNING, parts.ANSWERING}
    for one in cells(finished):
        assert one.metrics[parts.LEARNING] > 0
    assert not any("seconds" in path.read_text(encoding="utf-8") for path in finished.glob("*.csv"))


@pytest.mark.slow
def test_the_same_again_whatever_the_number_of_processes(corpus, tmp_path):
    ways = [parts.MAJORITY, "words", parts.OURS]
    known = find_experiments()["classification"]
    for workers in (1, 2):
        run_experiment(known, tmp_path / str(workers), config=configured(corpus, ways=ways, folds=2), workers=workers)
    one, two = (
        [(r.key, r.value, r.low, r.high) for r in read_records(tmp_path / name / "records.jsonl") if "seconds" not in r.metric]
        for name in "12"
    )
    assert one == two
    assert (tmp_path / "1" / "choices.csv").read_bytes() == (tmp_path / "2" / "choices.csv").read_bytes()


def test_bundled_passages_in_the_quick_form(few_seeds, tmp_path):
    known = find_experiments()["classification"]
    changes = {
        "corpus": str(few_seeds / "articles"),
        "labels": str(few_seeds / "labels.csv"),
        "ways": [parts.MAJORITY, parts.BAYES, parts.OURS],
    }
    run = run_experiment(known, tmp_path / "run", config=known.configured(changes=changes, quick=True), workers=1)
    assert not run.missing
    seen = parts.material_of(cells(tmp_path / "run")[0].cell.settings)
    agreed = {
        (row["article"], row["themes"])
        for row in rows(few_seeds / "labels.csv")
        if not row.get("disputed") and ";" not in row["themes"] and row["themes"] not in {"other", "furniture"}
    }
    assert set(zip(seen.articles, seen.labels, strict=True)) <= agreed
    assert len(seen.texts) > 60
    assert [line.control for line in run.headlines] == ["labels shuffled", "naive Bayes"]
    assert "That is the default." in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


# -- what is tested ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held_out", ["article", "outlet", "time"])
def test_nothing_that_is_tested_was_learned_from(corpus, held_out):
    chosen = {"corpus": str(corpus), "labels": "", "codebook": "", "merge": (), "most": 0, "seed": 0, "folds": 3}
    seen = parts.material_of(chosen)
    at = {id_: row for row, id_ in enumerate(seen.articles)}
    assert seen.copies == 2
    assert seen.groups[at["copy"]] == seen.groups[at["a000"]]
    splits = parts.splits_of(seen, {**chosen, "held_out": held_out})
    for split in splits:
        assert not {seen.groups[row] for row in split.train} & {seen.groups[row] for row in split.test}
        if held_out == "outlet":
            assert len({seen.sources[row] for row in split.test}) == 1
            assert not {seen.sources[row] for row in split.test} & {seen.sources[row] for row in split.train}
        if held_out == "time":
            assert max(seen.dates[row] for row in split.train) < min(seen.dates[row] for row in split.test)
    tested_rows = sorted(row for split in splits for row in split.test)
    assert len(splits) == (1 if held_out == "time" else 3)
    assert len(set(tested_rows)) == len(tested_rows)
    assert held_out == "time" or tested_rows == list(range(61))


def test_classes_are_merged_and_texts_drawn(corpus):
    chosen = {"corpus": str(corpus), "labels": "", "codebook": "", "merge": ("sport=other", "health = other"), "most": 0}
    seen = parts.material_of({**chosen, "seed": 0})
    assert Counter(seen.labels) == {"other": 40, "trade": 21}
    few, others = (parts.material_of({**chosen, "most": 20, "seed": seed}) for seed in (0, 1))
    assert len(set(few.articles)) == 20
    assert set(few.articles) != set(others.articles)
    with pytest.raises(DataError, match="no two classes"):
        parts.material_of({**chosen, "merge": ("sport=trade", "health=trade"), "seed": 0})


@given(st.lists(st.integers(0, 65535), max_size=50))
def test_what_is_packed_is_unpacked(values):
    assert parts.unpacked(parts.packed(np.array(values))).tolist() == values


def test_the_nearest_prototype_is_that_of_the_class_whose_mean_is_nearest():
    texts = [row["text"] for row in written(12)]
    labels = [list(SUBJECTS)[at % 3] for at in range(12)]
    unseen = [row["text"] for row in written(9, seed=1)]
    meaning, other = (np.asarray(embed(some, get_encoder()), float) for some in (texts, unseen))
    unit = [(rows_ - meaning.mean(axis=0)) for rows_ in (meaning, other)]
    unit = [rows_ / np.linalg.norm(rows_, axis=1, keepdims=True) for rows_ in unit]
    expected, way = [], parts.WAYS["meaning, nearest prototype"]
    for row in unit[1]:
        means = {name: unit[0][[at for at in range(12) if labels[at] == name]].mean(axis=0) for name in SUBJECTS}
        expected.append(max(means, key=lambda name: row @ means[name] / np.linalg.norm(means[name])))
    assert way(parts.Given(texts, labels, [], None, "use", 0)).predict(unseen).tolist() == expected


# -- what the numbers allow to say ------------------------------------------------------------------------------------------


def made(said: dict[str, list[int]], truth: list[int], sure: float = 0.8):
    """Results of answers that are given, one part, every text its own article."""
    names = ["a", "b"]
    outcomes = []
    for way, codes in said.items():
        data = {"classes": names, "said": parts.packed(np.array(codes))}
        if way == parts.OURS:
            spread = np.where(np.eye(2)[codes] > 0, sure, 1 - sure)
            choice = {"chosen": [["words", 0.5, 0.5]], "expected": 0.5, "held_out": "articles", "texts": 9, "tried": 16}
            data |= {"sure": parts.packed(np.rint(spread * 65535)), "choice": {**choice, "complete": True}}
        metrics = {"macro-F1": 0.5, "accuracy": 0.5, parts.LEARNING: 1.0, parts.ANSWERING: 1.0}
        outcomes.append(Outcome(Cell(way, "toy", fold=0, settings={"way": way}), metrics=metrics, data=data))
    n = len(truth)
    words = [str(at) for at in range(n)]
    seen = parts.Material(words, [names[at] for at in truth], words, [""] * n, [None] * n, list(range(n)), 0, names)
    splits = [Split(np.arange(0), np.arange(n), "fold 0")]
    return parts.Results("toy", "article", ("use",), seen, splits, outcomes, draws=400)


def test_a_default_that_is_best_or_worst_is_said_to_be():
    truth = [0, 1] * 30
    wrong = [1 - at for at in truth]
    best = made({"words": wrong, parts.OURS: truth}, truth)
    told = parts.opening(best)
    assert "That is the default. The default is better than words, by a test" in told
    assert "it can answer 100 % of the texts" in told
    assert "off by 0.200 on average" in told
    worst = made({"words": truth, parts.OURS: wrong}, truth)
    told = parts.opening(worst)
    assert "The highest macro-F1 is that of words: 1.00" in told
    assert "1.000 lower, which is more than one standard error" in told
    assert "It is worse than words by the same test." in told
    assert "it can answer 0 % of the texts" in told
    assert (best.compared[0].difference, worst.compared[0].difference) == (1, -1)


def test_a_default_that_is_almost_as_good_is_within_an_error():
    truth = [0, 1] * 30
    one, other = truth.copy(), truth.copy()
    for at in (0, 3, 7, 10):
        one[at] = 1 - truth[at]
    for at in (1, 2, 6, 9, 12):
        other[at] = 1 - truth[at]
    found = made({"words": one, parts.OURS: other, parts.SHUFFLED: truth}, truth)
    row = found.compared[0]
    assert [row.other for row in found.compared] == ["words"]  # the control is no way, however good
    assert found.best == "words"
    assert row.low < 0 < row.high
    assert row.low <= row.difference <= row.high
    assert -row.difference < row.error
    assert "which is within one standard error of the difference" in parts.opening(found)
    assert "From words it cannot be told apart" in parts.opening(found)


def test_of_equals_the_default_is_named():
    truth = [0, 1] * 5
    assert made({"words": truth, parts.OURS: truth}, truth).best == parts.OURS


def test_a_way_that_failed_on_a_part_is_left_out_and_told(tmp_path):
    early = [{**row, "label": "trade"} if row["date"] < "2020-02-14" else row for row in written(54)]
    path = saved(tmp_path / "late.jsonl", early)
    config = configured(path, held_out="time", ways=[parts.MAJORITY, parts.SVM, parts.OURS])
    run = run_experiment(find_experiments()["classification"], tmp_path / "run", config=config, workers=1)
    assert [outcome.cell.model for outcome in run.missing] == [parts.SVM]
    assert [line.control for line in run.headlines] == ["labels shuffled"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert f"{parts.SVM}, from 2020-02-" in page
    assert "failed: ValueError" in page
    assert [row["way"] for row in rows(tmp_path / "run" / "scores.csv")] == [parts.MAJORITY, parts.OURS, parts.SHUFFLED]


def test_an_encoder_that_is_not_installed_is_told(corpus, tmp_path, monkeypatch):
    import classification_parts.ways as ways

    monkeypatch.setattr(ways, "is_installed", lambda name: name == "use")
    config = configured(corpus, encoders=["use", "e5"], ways=[parts.MAJORITY, parts.OURS], folds=2)
    run_experiment(find_experiments()["classification"], tmp_path / "run", config=config, workers=1)
    records = [r for r in read_records(tmp_path / "run" / "records.jsonl") if r.metric == "all"]
    assert [(r.model, r.status) for r in records] == [(f"{parts.OURS}, e5", "not installed: arabic-news-research[e5]")]
    names = [row["way"] for row in rows(tmp_path / "run" / "scores.csv")]
    assert names == [parts.MAJORITY, f"{parts.OURS}, use", parts.SHUFFLED]
    assert "Encoder e5 is not installed" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


# -- configuration ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"held_out": "page"}, "unknown 'page'"),
        ({"merge": ["a"]}, "'a' is not OLD=NEW"),
        ({"ways": ["words"]}, r"research \(default\) is not among the ways"),
        ({"ways": ["guess"]}, "unknown way 'guess'"),
        ({"encoders": []}, "no encoder"),
        ({"encoders": ["use", "use"]}, "one twice"),
        ({"quoted": ["F2"]}, "unknown metric 'F2'"),
        ({"folds": 1}, "too small"),
        ({"draws": 399}, "too small"),
    ],
)
def test_what_cannot_be_run_is_refused(change, told):
    with pytest.raises(ConfigError, match=told):
        find_experiments()["classification"].configured(changes=change)


def test_a_corpus_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="not here"):
        run_experiment(find_experiments()["classification"], tmp_path / "run", config=configured(tmp_path / "none.jsonl"))


@pytest.mark.parametrize("file", sorted(path.name for path in EXPERIMENTS.glob("classification*.toml")))
def test_every_configuration_is_valid(file):
    known = find_experiments()["classification"]
    config = known.configured(EXPERIMENTS / file)
    assert set(config.ways) >= {parts.MAJORITY, parts.BAYES, parts.SVM, parts.OURS}
    assert config.draws == 1000
    quick = known.configured(EXPERIMENTS / file, quick=True)
    assert quick.encoders == ("use",)
    assert quick.corpus == config.corpus
    assert 0 < quick.most <= 240
    assert quick.held_out == ("outlet" if "ant" in file else "article")


def test_the_page_is_told_in_arabic_from_what_was_measured(finished, corpus, tmp_path):
    assert english_of_retold("classification", finished, configured(corpus, quoted=["macro-F1", "accuracy"]), tmp_path) == set()
