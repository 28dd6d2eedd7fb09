"""Ways to topics compared: tables follow from records, a way that fails is recorded, and what is left out counts."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import statistics
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from research.errors import ConfigError, DataError
from research.runs import Cell, Outcome, find_experiments, read_headlines, read_records, run_experiment
from research.runs.modules import load_module
from tests.arabic import english_of_retold

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
discovery = load_module("discovery_parts", EXPERIMENTS / "discovery_parts" / "__init__.py")

SUBJECTS = {
    "trade": "ميناء سفينة شحن حاوية رصيف بضاعة جمارك تصدير استيراد تجارة سوق مخزن",
    "health": "طبيب مستشفى دواء مريض علاج لقاح عيادة جراح وباء صحة ممرضة فحص",
    "sport": "ملعب فريق مدرب هدف مباراة لاعب بطولة كأس حارس جمهور حكم دوري",
}


def written(number: int, seed: int = 0) -> list[dict[str, str]]:
    """Articles of three sections, each of words of its own."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(number):
        label = list(SUBJECTS)[at % 3]
        text = " ".join(rng.choice(SUBJECTS[label].split(), 40))
        found.append({"id": f"a{at:03}", "label": label, "text": f"{text}."})
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "written.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written(48)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def unshared(tmp_path_factory) -> Path:
    """Articles no two of which share a word: nothing is left of what scikit-learn's NMF counts in two texts at least."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("corpus") / "unshared.jsonl"
    lines = []
    for at in range(12):
        words = ["".join(rng.choice(list("بتثجحخدرزسشصضطظعغفقكلمن"), 8)) for _ in range(30)]
        lines.append(json.dumps({"id": f"u{at:02}", "label": "ab"[at % 2], "text": " ".join(words)}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def configured(corpus: Path, **changes):
    values = {"corpus": str(corpus), "labels": "", "codebook": "", "unit": "document", "draws": 3, **changes}
    return find_experiments()["discovery"].configured(changes=values)


@pytest.fixture(scope="module")
def finished(corpus, unshared, tmp_path_factory) -> Path:
    """A run in which all ways find topics, and one with a way that raises and a way that is not there."""
    folder, known = tmp_path_factory.mktemp("runs"), find_experiments()["discovery"]
    ways = ["research", "NMF", "k-means"]
    run_experiment(known, folder / "run", config=configured(corpus, ways=ways), workers=1)
    run_experiment(known, folder / "few", config=configured(unshared, ways=["research", "NMF", "KeyNMF"]), workers=1)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def folds(folder: Path) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = {}
    for record in read_records(folder / "records.jsonl"):
        if record.fold is not None and record.metric != "all":
            found.setdefault((record.model, record.metric), []).append(record.value)
    return found


# -- the tables -----------------------------------------------------------------------------------------------------------


def test_means_and_intervals_follow_from_the_records(finished):
    values = folds(finished / "run")
    table = rows(finished / "run" / "scores.csv")
    assert {row["way"] for row in table} == {"research", "NMF", "k-means", discovery.DEALT, discovery.SHUFFLED}
    for row in table:
        over = values[row["way"], row["metric"]]
        # Half of the articles is drawn: each of the two halves of the variance's factor, 1 and 1 / draws.
        error = statistics.stdev(over) * math.sqrt(1 + 1 / 3)
        reach = stats.t.ppf(0.975, 2) * error
        mean = statistics.fmean(over)
        told = [float(row[name]) for name in ("value", "low", "high")]
        assert told == pytest.approx([mean, mean - reach, mean + reach], abs=1e-9)
        assert (row["number of topics given"] == "True") == (row["way"] in {"NMF", "k-means"})


def test_differences_follow_from_the_records(finished):
    values = folds(finished / "run")
    table = rows(finished / "run" / "effects.csv")
    assert len(table) == 2 * len(discovery.TESTED)
    raw = {}
    for row in table:
        other = row["comparison"].removeprefix("research instead of ")
        less = np.subtract(values["research", row["metric"]], values[other, row["metric"]])
        assert float(row["difference"]) == pytest.approx(less.mean(), abs=1e-9)
        error = less.std(ddof=1) * math.sqrt(1 + 1 / 3)
        if error > 1e-12:
            raw[row["comparison"], row["metric"]] = 2 * stats.t.sf(abs(less.mean()) / error, 2)
    # Holm by its definition: the smallest p by the number of tests, the next by one less, never falling.
    largest = 0.0
    for place, key in enumerate(sorted(raw, key=lambda key: raw[key])):
        largest = max(largest, min(1.0, raw[key] * (len(raw) - place)))
        told = next(row for row in table if (row["comparison"], row["metric"]) == key)
        assert float(told["p"]) == pytest.approx(largest, rel=1e-6)
    assert raw


def test_headlines_stand_beside_their_controls(finished):
    found = read_headlines(finished / "run" / "headlines.jsonl")
    assert {line.control for line in found} == {"sections shuffled", "words dealt anew"}
    means = {(r.model, r.metric): r.value for r in read_records(finished / "run" / "records.jsonl") if r.fold is None}
    page = (finished / "run" / "report.html").read_text(encoding="utf-8")
    for line in found:
        assert line.value == means["research", line.metric]
        assert line.control_value == means[f"{line.control} (control)", line.metric]
        assert line.verdict in page
    assert abs(means[discovery.SHUFFLED, "AMI"]) < 0.2 < means["k-means", "AMI"]


def test_cost_is_told_once_a_way_and_is_known_to_vary(finished):
    table = rows(finished / "run" / "costs.csv")
    assert [row["way"] for row in table] == ["research", "NMF", "k-means"]
    assert all(float(row["seconds"]) > 0 and float(row["peak memory (MB)"]) > 30 for row in table)
    assert len({row["peak memory (MB)"] for row in table}) == 3
    manifest = json.loads((finished / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["varying"]) == {"seconds", "peak memory (MB)"}


# -- ways that fail -------------------------------------------------------------------------------------------------------


def test_a_way_that_raises_is_recorded_with_its_message_and_the_others_are_reported(finished):
    failed = [r for r in read_records(finished / "few" / "records.jsonl") if r.model == "NMF"]
    assert {record.fold for record in failed} == {None, 0, 1, 2}
    for record in failed:
        assert math.isnan(record.value)
        assert record.metric == "all"
        assert record.status.startswith("failed: ")
        assert "no terms remain" in record.status
    assert {row["way"] for row in rows(finished / "few" / "scores.csv")} >= {"research", discovery.DEALT}
    page = (finished / "few" / "report.html").read_text(encoding="utf-8")
    assert "NMF, draw 0, draw 1, draw 2: failed: ValueError" in page


@pytest.mark.skipif(importlib.util.find_spec("turftopic") is not None, reason="turftopic is installed")
def test_a_way_that_is_not_installed_is_told(finished):
    records = [r for r in read_records(finished / "few" / "records.jsonl") if r.model == "KeyNMF"]
    assert [(record.metric, record.status) for record in records] == [("all", "not installed: turftopic")]
    assert "KeyNMF: not installed (turftopic)" in (finished / "few" / "report.html").read_text(encoding="utf-8")


def test_a_process_that_fails_says_why(unshared):
    with pytest.raises(RuntimeError, match=r"failed: ValueError: .*no terms remain"):
        discovery.fit_alone("NMF", task_of(unshared).given)


def test_a_value_that_failed_on_one_draw_leaves_the_others():
    outcomes = [
        Outcome(Cell("NMF", "toy", fold=0), metrics={"AMI": 0.5}),
        Outcome(Cell("NMF", "toy", fold=1), "failed: no"),
        Outcome(Cell("NMF", "toy"), metrics={"seconds": 9.0}),
        Outcome(Cell("research", "toy", fold=1), metrics={"AMI": 0.7}, data={"shuffled": {"AMI": 0.0}}),
    ]
    found = discovery.by_way(outcomes, 2)
    assert list(found) == ["research", "NMF", discovery.SHUFFLED]
    assert found["NMF"]["AMI"] == pytest.approx([0.5, math.nan], nan_ok=True)
    assert found["NMF"]["AMI"][1].reason == "failed on this draw"
    less = discovery.differences(found["research"]["AMI"], found["NMF"]["AMI"])
    assert [value.reason for value in less] == ["failed on this draw"] * 2


# -- scores ---------------------------------------------------------------------------------------------------------------


def test_documents_that_are_left_out_count_as_one_more_cluster():
    classes = np.array(["a", "a", "b", "b", "c", "c", None], dtype=object)
    labels = np.array([0, 0, 1, -1, -1, -1, 2])
    found = discovery.class_scores(classes, labels)
    truth, given_ = [0, 0, 1, 1, 2, 2], [0, 0, 1, 9, 9, 9]
    assert found["AMI"] == pytest.approx(adjusted_mutual_info_score(truth, given_))
    assert found["ARI"] == pytest.approx(adjusted_rand_score(truth, given_))
    assert found["ARI"] < discovery.class_scores(classes[:3], labels[:3])["ARI"] == 1


def test_stability_counts_what_is_left_out_and_compares_rows_that_both_hold():
    labels, rows_ = np.array([0, 0, 1, 1, -1, -1]), np.array([5, 0, 2, 1, 4])
    same = labels[rows_]
    assert discovery.alike(labels, same, rows_) == 1
    moved = np.array([0, 0, 1, 0, 1])  # what was left out is divided among the topics
    assert discovery.alike(labels, moved, rows_) == pytest.approx(adjusted_rand_score([9, 0, 1, 0, 9], moved))
    assert discovery.alike(labels, moved, rows_) < 1


@given(st.lists(st.sampled_from("abcdefghij"), min_size=2, max_size=40), st.integers(0, 99))
@settings(max_examples=40)
def test_other_rows_are_all_of_them_and_whole_articles(articles, seed):
    whole, part = discovery.other_rows(articles, seed)
    assert sorted(whole.tolist()) == list(range(len(articles)))
    assert len(set(part.tolist())) == len(part) > 0
    kept = {articles[row] for row in part}
    assert sorted(part.tolist()) == [row for row, article in enumerate(articles) if article in kept]
    assert len(kept) == math.ceil(0.9 * len(set(articles)))


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8), st.integers(1, 50), st.integers(1, 50))
@settings(max_examples=60)
def test_widening_keeps_the_mean_and_multiplies_the_deviation(values, drawn, left):
    wide = discovery.widened(values, drawn, drawn + left)
    assert statistics.fmean(wide) == pytest.approx(statistics.fmean(values), abs=1e-9)
    factor = math.sqrt(drawn / left + 1 / len(values))
    assert statistics.stdev(wide) == pytest.approx(factor * statistics.stdev(values), abs=1e-9)


def test_the_widened_interval_holds_the_mean_of_the_population_as_often_as_it_says():
    """Means of overlapping draws: without widening, intervals of so few articles would be far too narrow."""
    rng, covered, bare = np.random.default_rng(0), 0, 0
    for _ in range(400):
        pool = rng.normal(size=60)
        over = [float(rng.permutation(pool)[:40].mean()) for _ in range(5)]
        found = discovery.over_draws(over, 40, 60)
        covered += found.low <= 0 <= found.high
        bare += abs(statistics.fmean(over)) <= stats.t.ppf(0.975, 4) * statistics.stdev(over) / math.sqrt(5)
    assert 0.92 <= covered / 400 <= 0.99
    assert bare / 400 < 0.8


def test_words_of_clusters_follow_the_formula():
    terms = [["س", "ص"], ["س", "س"], ["ع", "ص"], []]
    labels = np.array([0, 0, 1, -1])
    counts = [Counter({"س": 3, "ص": 1}), Counter({"ع": 1, "ص": 1})]
    mean = (4 + 2) / 2
    overall = Counter({"س": 3, "ص": 2, "ع": 1})
    for topic, count in enumerate(counts):
        score = {word: n / count.total() * math.log(1 + mean / overall[word]) for word, n in count.items()}
        assert discovery.class_words(terms, labels)[topic] == sorted(score, key=lambda word: -score[word])


def test_words_are_scored_as_single_written_words_and_empty_ones_are_none():
    held_out = [["قمه", "روسيا"], ["قمه", "روسيا"], ["كره"], ["في"]]
    found = discovery.word_scores([["قمّة_روسيا", ""], ["في", "كرة"]], held_out)
    assert found["words a topic"] == 2
    assert found["stop words"] == 0.25
    assert found["diversity"] == 1
    assert found["NPMI"] == pytest.approx((1 - 1) / 2)  # always together, and never
    nothing = discovery.word_scores([["", ""]], held_out)
    assert math.isnan(nothing["NPMI"])
    assert nothing["stop words"].reason == "no topic has a word"


def test_words_of_the_largest_topics_come_first():
    found = discovery.Found(np.array([1, 1, 0, -1, -1, -1]), [["س"], ["ص"]])
    assert discovery.largest(found) == [["ص"], ["س"]]


# -- draws and ways -------------------------------------------------------------------------------------------------------


def task_of(corpus: Path, number: int = 0, **changes):
    config = configured(corpus, **changes)
    chosen = {key: value for key, value in vars(config).items() if key not in {"name", "draws", "ways"}}
    return discovery.task(chosen, number, dealt=False)


def test_words_are_counted_in_articles_that_are_not_in_the_draw(corpus):
    one, other = task_of(corpus, 0), task_of(corpus, 1)
    assert len(one.given.texts) == 24 == len(one.held_out)
    assert one.given.texts != other.given.texts
    inside = {tuple(sorted(Counter(text.strip(".").split()).items())) for text in one.given.texts}
    for tokens in one.held_out:
        assert len(tokens) == 40
        assert tuple(sorted(Counter(tokens).items())) not in inside
    assert one.given.n_topics == 3


@pytest.mark.parametrize("way", ["research", "NMF", "LDA", "k-means"])
def test_a_way_gives_every_text_a_topic_and_repeats(corpus, way):
    todo = task_of(corpus)
    found, again = discovery.fit(way, todo.given), discovery.fit(way, todo.given)
    assert found.labels.tolist() == again.labels.tolist()
    assert found.words == again.words
    assert len(found.labels) == len(todo.given.texts)
    assert set(found.labels.tolist()) <= set(range(len(found.words))) | {-1}
    if way in {"NMF", "k-means"}:
        assert discovery.class_scores(todo.classes, found.labels[todo.at])["AMI"] > 0.9
        sections = [set(text.split()) for text in SUBJECTS.values()]
        for words in found.words:
            assert max(sum(word in section for word in words) for section in sections) >= 0.8 * len(words)


@pytest.mark.slow
def test_bertopic_repeats_although_its_defaults_take_no_seed(tmp_path):
    path = tmp_path / "more.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written(120)), encoding="utf-8")
    todo = task_of(path)
    for way in ("BERTopic defaults", "BERTopic, our terms, k-means"):
        found, again = discovery.fit(way, todo.given), discovery.fit(way, todo.given)
        assert found.labels.tolist() == again.labels.tolist()
        assert len(found.words) == len(set(found.labels.tolist()) - {-1})
    assert len(found.words) == 3


def test_a_fit_leaves_the_generator_of_numpy_as_it_was(corpus):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    discovery.fit("NMF", task_of(corpus).given)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_terms_are_written_forms_that_a_tokeniser_keeps_whole():
    texts = ["زارت بعثة كوريا الشمالية موسكو", "وصلت سفن كوريا الشمالية"]
    given_ = discovery.Given(texts, np.zeros((2, 2), np.float32), 2, 0)
    assert "كوريا_الشمالية" in given_.terms[0]
    assert all(" " not in term for row in given_.terms for term in row)
    assert given_.joined == [" ".join(row) for row in given_.terms]


# -- configuration --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ways": ["NMF"]}, "research is not among the ways"),
        ({"ways": ["research", "guess"]}, "unknown way 'guess'"),
        ({"unit": "page"}, "unknown unit"),
        ({"unit": "document"}, "labels of lines are of passages"),
        ({"draws": 1}, "too small"),
    ],
)
def test_what_cannot_be_run_is_refused(change, told):
    with pytest.raises(ConfigError, match=told):
        find_experiments()["discovery"].configured(changes=change)


def test_a_corpus_without_sections_or_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "plain.jsonl"
    lines = [json.dumps({"id": row["id"], "text": row["text"]}, ensure_ascii=False) for row in written(6)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="no two classes"):
        run_experiment(find_experiments()["discovery"], tmp_path / "run", config=configured(path))
    with pytest.raises(ConfigError, match="not here"):
        run_experiment(find_experiments()["discovery"], tmp_path / "run", config=configured(tmp_path / "none.jsonl"))


@pytest.mark.parametrize("file", sorted(path.name for path in EXPERIMENTS.glob("discovery*.toml")))
def test_every_configuration_is_valid(file):
    known = find_experiments()["discovery"]
    config = known.configured(EXPERIMENTS / file)
    assert set(config.ways) <= set(discovery.WAYS)
    assert {"research", "BERTopic defaults", "k-means"} <= set(config.ways)
    assert config.draws == 5
    quick = known.configured(EXPERIMENTS / file, quick=True)
    assert quick.draws == 2
    assert set(quick.ways) == {"research", "NMF", "k-means"} & set(config.ways)
    assert quick.corpus == config.corpus


def test_more_articles_than_there_are_means_half_of_them():
    assert [discovery.in_a_draw(*pair) for pair in ((0, 9), (5, 9), (9, 9), (50, 9))] == [4, 5, 4, 4]
    with pytest.raises(ConfigError, match="1 articles"):
        discovery.in_a_draw(0, 1)


def test_the_page_is_told_in_arabic_from_what_was_measured(finished, corpus, tmp_path):
    assert (
        english_of_retold("discovery", finished / "run", configured(corpus, ways=["research", "NMF", "k-means"]), tmp_path)
        == set()
    )
