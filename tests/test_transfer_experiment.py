"""Between two languages: numbers follow from the cells, no translation is learned from, and sentences say what numbers do."""

from __future__ import annotations

import csv
import json
from base64 import b64decode
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from research.classifiers.classifier import TextClassifier
from research.classifiers.prototypes import PrototypeClassifier
from research.errors import ConfigError, DataError
from research.features import embed, get_encoder
from research.runs import Cell, Outcome, find_experiments, read_headlines, read_records, run_experiment
from research.runs.modules import load_module
from tests.arabic import english_of_retold

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
SEEDS = EXPERIMENTS.parent / "seeds"
parts = load_module("transfer_parts", EXPERIMENTS / "transfer_parts" / "__init__.py")

ENGLISH, ARABIC = "English", "Arabic"
SUBJECTS = {
    "health": (
        "doctor hospital medicine patient treatment vaccine clinic surgeon nurse pharmacy",
        "طبيب مستشفى دواء مريض علاج لقاح عيادة جراح ممرضة صيدلية",
    ),
    "sport": (
        "stadium team coach goal match player championship cup goalkeeper league",
        "ملعب فريق مدرب هدف مباراة لاعب بطولة كأس حارس دوري",
    ),
    "trade": (
        "port ship cargo container dock goods customs export import market",
        "ميناء سفينة شحنة حاوية رصيف بضاعة جمارك تصدير استيراد سوق",
    ),
}


WRITTEN = 42


def written(number: int, seed: int = 0) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The same texts in both languages, word by word; some words are those of any class, so that no way is always right."""
    rng, found = np.random.default_rng(seed), ([], [])
    for at in range(number):
        label = list(SUBJECTS)[at % 3]
        chosen = [(label, word) for word in rng.choice(10, 3, replace=False)]
        chosen += [(str(rng.choice(list(SUBJECTS))), int(rng.integers(10))) for _ in range(4)]
        for language, rows in enumerate(found):
            words = [SUBJECTS[name][language].split()[word] for name, word in chosen]
            rows.append({"id": f"t{at:03}", "label": label, "text": " ".join(words) + "."})
    return found


def saved(path: Path, rows: list[dict[str, str]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory) -> list[str]:
    english, arabic = written(WRITTEN)
    # A class that is rare, and a text that was not translated.
    for rows, text in ((english, "Rain fell over the hills."), (arabic, "هطل المطر فوق التلال.")):
        rows.append({"id": "rain", "label": "weather", "text": text})
    english.append({"id": "alone", "label": "sport", "text": "The coach left the stadium."})
    folder = tmp_path_factory.mktemp("corpora")
    return [saved(folder / "en.jsonl", english), saved(folder / "ar.jsonl", arabic)]


def configured(corpora: list[str], **changes):
    values = {"corpora": corpora, "name": "toy", "labels": "", "codebook": "", "same_ids": True, "folds": 2, "draws": 400}
    return find_experiments()["transfer"].configured(changes={**values, **changes})


def settings(corpora: list[str], **changes):
    values = {"corpora": corpora, "labels": "", "codebook": "", "languages": [ENGLISH, ARABIC], "same_ids": True}
    return {**values, "fewest": 5, "most": 0, **changes}


BUNDLED = settings(["seeds/articles"], labels="seeds/labels.csv", codebook="seeds/themes.toml", same_ids=False, fewest=10)


@pytest.fixture(scope="module")
def finished(corpora, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    run_experiment(find_experiments()["transfer"], folder, config=configured(corpora, repeats=2), workers=1)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(folder: Path) -> list[Outcome]:
    lines = (folder / "cells.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    return sorted(map(Outcome.read, lines), key=lambda one: (one.cell.seed, one.cell.fold))


def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(b64decode(text), dtype="<u2").astype(int)


#: Who is asked for each way: what learned, whether in the tested language, and how it answers.
ASKED = {
    parts.MAJORITY: (parts.MAJORITY, False, parts.PLAIN),
    "nearest prototype, adapted": ("nearest prototype", False, parts.ADAPTED),
    parts.MEANT_PLAIN: (parts.MEANING, False, parts.PLAIN),
    parts.MEANT: (parts.MEANING, False, parts.ADAPTED),
    parts.MEANT_OWN: (parts.MEANING, True, parts.PLAIN),
    parts.AS_IT_IS: (parts.DEFAULT, False, parts.PLAIN),
    parts.TESTED: (parts.DEFAULT, False, parts.TO_TESTED),
    parts.OURS: (parts.DEFAULT, False, parts.ADAPTED),
    parts.OWN: (parts.DEFAULT, True, parts.PLAIN),
    parts.CONTROL: (parts.SHUFFLED, False, parts.ADAPTED),
}


def answered(folder: Path, learned: str, tested: str) -> tuple[list[str], dict[str, list[str]]]:
    """The true classes of the tested texts and what each way said, read from the cells and the corpus alone."""
    known = cells(folder)
    chosen = known[0].cell.settings
    seen = parts.material_of(chosen)
    truth, said = [], defaultdict(list)
    for seed in sorted({one.cell.seed for one in known}):
        for fold, part in enumerate(parts.parts_of(seen, chosen["folds"], seed)):
            truth += [seen.labels[row] for row in part.test[tested]]
            here = {
                (one.cell.settings["learner"], one.cell.settings["learned"]): one.data
                for one in known
                if (one.cell.seed, one.cell.fold) == (seed, fold)
            }
            for way, (learner, own, how) in ASKED.items():
                data = here[learner, tested if own else learned]
                said[way] += [data["classes"][code] for code in numbers(data["said"][tested][how])]
    return truth, said


# -- numbers follow from the cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("learned", "tested"), [(ENGLISH, ARABIC), (ARABIC, ENGLISH)])
def test_scores_follow_from_the_cells(finished, learned, tested):
    truth, said = answered(finished, learned, tested)
    assert len(truth) == 2 * WRITTEN
    table = [row for row in rows(finished / "scores.csv") if row["direction"] == f"{learned} to {tested}"]
    assert {row["way"] for row in table} == set(ASKED)
    f1 = {row["way"]: row for row in rows(finished / "f1_by_class.csv") if row["direction"] == f"{learned} to {tested}"}
    for row in table:
        given_ = said[row["way"]]
        assert float(row["macro-F1"]) == pytest.approx(f1_score(truth, given_, average="macro", zero_division=0))
        assert float(row["accuracy"]) == pytest.approx(np.mean([a == b for a, b in zip(truth, given_, strict=True)]))
        assert float(row["low"]) <= float(row["macro-F1"]) <= float(row["high"])
        by_class = f1_score(truth, given_, average=None, zero_division=0)
        assert [float(f1[row["way"]][name]) for name in sorted(SUBJECTS)] == pytest.approx(by_class.tolist())


def test_both_answers_to_a_text_are_drawn_together(finished):
    """A text is tested once a draw; an interval that took its two answers for two texts would be narrower."""
    truth, said = answered(finished, ENGLISH, ARABIC)
    chosen = cells(finished)[0].cell.settings
    seen = parts.material_of(chosen)
    order = [row for seed in (0, 1) for part in parts.parts_of(seen, 2, seed) for row in part.test[ARABIC]]
    right = defaultdict(list)
    for row, true, got in zip(order, truth, said[parts.OURS], strict=True):
        right[row].append(true == got)
    means = np.array([np.mean(one) for one in right.values()])
    assert {len(one) for one in right.values()} == {2}
    line = next(row for row in rows(finished / "scores.csv") if row["way"] == parts.OURS)
    error = means.std() / np.sqrt(len(means))
    assert float(line["accuracy high"]) - float(line["accuracy low"]) == pytest.approx(2 * 1.96 * error, rel=0.2, abs=0.02)


def test_losses_follow_from_the_scores(finished):
    score = {(row["direction"], row["way"]): float(row["macro-F1"]) for row in rows(finished / "scores.csv")}
    table = rows(finished / "losses.csv")
    pairs = [(parts.OURS, parts.OWN), (parts.MEANT, parts.MEANT_OWN)]
    directions = ["English to Arabic", "Arabic to English"]
    assert [(row["direction"], row["from the other language"], row["in the language"]) for row in table] == [
        (direction, *pair) for direction in directions for pair in pairs
    ]
    records = {(r.model, r.corpus, r.metric): r for r in read_records(finished / "records.jsonl")}
    for row in table:
        one, other = row["from the other language"], row["in the language"]
        mine, own = score[row["direction"], one], score[row["direction"], other]
        assert float(row["lost"]) == pytest.approx(own - mine)
        assert float(row["share kept"]) == pytest.approx(mine / own)
        assert float(row["low"]) <= float(row["lost"]) <= float(row["high"])
        record = records[one, f"toy, {row['direction']}", f"macro-F1 less that of {other}"]
        assert (record.value, record.low, record.high) == pytest.approx([-float(row[name]) for name in ("lost", "high", "low")])
    for row in rows(finished / "differences.csv"):
        assert float(row["difference in macro-F1"]) == pytest.approx(
            score[row["direction"], row["way"]] - score[row["direction"], row["less that of"]]
        )


def test_headlines_stand_beside_their_controls(finished):
    score = {(row["direction"], row["way"]): float(row["macro-F1"]) for row in rows(finished / "scores.csv")}
    found = read_headlines(finished / "headlines.jsonl")
    assert [line.control for line in found] == [
        "labels shuffled", "learned in Arabic itself", "labels shuffled", "learned in English itself",
    ]  # fmt: skip
    for line, direction in zip(found, ["English to Arabic"] * 2 + ["Arabic to English"] * 2, strict=True):
        control = parts.CONTROL if line.control == "labels shuffled" else parts.OWN
        assert (line.value, line.control_value) == (score[direction, parts.OURS], score[direction, control])
    assert found[0].control_value < 0.5 < found[0].value
    assert {line.verdict for line in found if line.control == "labels shuffled"} == {"beats its control"}


def test_answers_come_from_other_texts_of_the_tested_language(finished):
    """Learned from the labels of one language and from texts of the other: of neither is one tested."""
    one = next(
        c for c in cells(finished) if (c.cell.settings["learner"], c.cell.settings["learned"]) == (parts.DEFAULT, ENGLISH)
    )
    seen = parts.material_of(one.cell.settings)
    english, arabic = written(WRITTEN)
    tested = {seen.articles[row] for row in parts.parts_of(seen, 2, one.cell.seed)[one.cell.fold].test[ARABIC]}
    assert one.data["labels"] == sum(row["id"] not in tested for row in english)
    learned = [row for row in english if row["id"] not in tested]
    groups = [int(row["id"][1:]) for row in learned]
    model = TextClassifier().fit([row["text"] for row in learned], [row["label"] for row in learned], groups=groups)
    unseen = [row["text"] for row in arabic if row["id"] in tested]
    others = [row["text"] for row in arabic if row["id"] not in tested]
    for how, seeing in (
        (parts.PLAIN, model),
        (parts.ADAPTED, model.adapted(others)),
        (parts.TO_TESTED, model.adapted(unseen)),
    ):
        said = [one.data["classes"][code] for code in numbers(one.data["said"][ARABIC][how])]
        assert said == seeing.predict(unseen).tolist()
    assert set(one.data["said"][ENGLISH]) == {parts.PLAIN}


def test_seconds_are_known_to_vary_and_stand_in_no_table(finished):
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["varying"]) == {parts.LEARNING, parts.ANSWERING}
    assert all(one.metrics[parts.LEARNING] > 0 for one in cells(finished))
    assert not any("seconds" in path.read_text(encoding="utf-8") for path in finished.glob("*.csv"))


def test_what_is_left_out_is_told(finished):
    text = page(finished)
    assert "Class weather is left out: there are 1 texts of it in English and 1 in Arabic." in text
    assert "1 texts are left out: the other language has none of their id." in text
    assert "42 English texts and 42 Arabic texts in 3 classes (toy)" in text
    assert "Both languages hold the same texts in translation." in text


@pytest.mark.slow
def test_bundled_passages_in_the_quick_form(tmp_path):
    known = find_experiments()["transfer"]
    run = run_experiment(known, tmp_path / "run", config=known.configured(quick=True), workers=1)
    assert not run.missing
    assert {row["language"]: int(row["texts"]) for row in rows(tmp_path / "run" / "texts.csv")} == {ENGLISH: 96, ARABIC: 120}
    assert len(run.headlines) == 4
    assert "were written apart, on the same themes" in page(tmp_path / "run")
    score = {(row["direction"], row["way"]): float(row["macro-F1"]) for row in rows(tmp_path / "run" / "scores.csv")}
    assert score["English to Arabic", parts.OURS] > score["English to Arabic", parts.CONTROL]
    assert ("English to Arabic", parts.OWN_EVERY) in score


# -- what is learned from and tested ----------------------------------------------------------------------------------------


def test_bundled_passages_are_of_one_theme_and_their_language():
    seen = parts.material_of(BUNDLED)
    expected = Counter()
    for row in rows(SEEDS / "labels.csv"):
        if not row["disputed"] and ";" not in row["themes"] and row["themes"] not in {"other", "furniture"}:
            line = (SEEDS / "articles" / row["article"]).read_text(encoding="utf-8").split("\n")[int(row["line"]) - 1]
            latin = sum(letter.isascii() and letter.isalpha() for letter in line)
            arabic = sum("\u0600" <= letter <= "\u06ff" for letter in line)
            expected[ENGLISH if latin > arabic else ARABIC, row["themes"]] += 1
    assert Counter(zip(seen.tongues, seen.labels, strict=True)) == expected
    assert len(expected) == 10
    assert not seen.left_out


def test_classes_that_are_rare_in_one_language_are_left_out():
    seen = parts.material_of({**BUNDLED, "fewest": 17})
    counts = Counter(zip(seen.tongues, seen.labels, strict=True))
    assert min(counts[ENGLISH, name] for name in seen.classes) >= 17
    assert set(seen.left_out) == {"arms_transfers", "sanctions"}
    assert all(found[0] < 17 for found in seen.left_out.values())
    with pytest.raises(DataError, match="no two classes with 300 texts in English and in Arabic"):
        parts.material_of({**BUNDLED, "fewest": 300})


@pytest.mark.parametrize("bundled", [True, False])
def test_nothing_that_is_tested_is_learned_from_in_either_language(corpora, bundled):
    seen = parts.material_of(BUNDLED if bundled else settings(corpora))
    tested = {language: [] for language in seen.languages}
    for part in parts.parts_of(seen, 5, seed=1):
        learned = {seen.articles[row] for rows_ in part.train.values() for row in rows_}
        for language in seen.languages:
            assert not learned & {seen.articles[row] for row in part.test[language]}
            assert set(part.drawn[language]) <= set(part.train[language])
            assert {seen.tongues[row] for row in (*part.test[language], *part.train[language])} == {language}
            tested[language] += part.test[language].tolist()
        one, other = (Counter(seen.labels[row] for row in part.drawn[language]) for language in seen.languages)
        assert one == other
        whole = [Counter(seen.labels[row] for row in part.train[language]) for language in seen.languages]
        assert one == whole[0] & whole[1]
    for language, found in tested.items():
        assert sorted(found) == seen.rows(language).tolist()


def test_labels_are_drawn_article_by_article():
    seen = parts.material_of(BUNDLED)
    drawn = []
    for part in parts.parts_of(seen, 5, seed=0):
        kept, held = (
            Counter((seen.labels[row], seen.groups[row]) for row in rows_[ARABIC]) for rows_ in (part.drawn, part.train)
        )
        broken = Counter(label for label, group in kept if kept[label, group] < held[label, group])
        assert max(broken.values(), default=0) <= 1  # the last article of a class, of which not all was needed
        assert len({group for _, group in kept}) < len({group for _, group in held}) / 3
        drawn.append(set(part.drawn[ARABIC].tolist()))
    again = parts.parts_of(seen, 5, seed=0)
    assert [set(part.drawn[ARABIC].tolist()) for part in again] == drawn
    assert [set(part.drawn[ARABIC].tolist()) for part in parts.parts_of(seen, 5, seed=1)] != drawn


def test_of_translations_the_same_are_drawn(corpora):
    seen = parts.material_of(settings(corpora, most=20))
    one, other = ({seen.articles[row] for row in seen.rows(language)} for language in seen.languages)
    assert one == other
    assert len(one) == 20


def test_one_id_in_two_corpora_is_two_articles_unless_it_is_said(corpora):
    seen = parts.material_of(settings(corpora, same_ids=False, fewest=1))
    assert len(set(seen.articles)) == len(seen.articles) == 2 * WRITTEN + 3
    assert seen.left_out == {}


@given(st.lists(st.integers(0, 65535), max_size=50))
def test_what_is_packed_is_unpacked(values):
    assert parts.unpacked(parts.packed(np.array(values))).tolist() == values


def test_prototypes_are_held_against_texts_from_a_centre_of_their_own():
    english, arabic = written(24)
    labels = [row["label"] for row in english]
    one, other = (np.asarray(embed([row["text"] for row in rows_], get_encoder()), float) for rows_ in (english, arabic))
    units = [rows_ - rows_.mean(axis=0) for rows_ in (one, other)]
    units = [rows_ / np.linalg.norm(rows_, axis=1, keepdims=True) for rows_ in units]
    means = {name: units[0][[label == name for label in labels]].mean(axis=0) for name in SUBJECTS}
    expected = [max(means, key=lambda name: row @ means[name] / np.linalg.norm(means[name])) for row in units[1]]
    texts = [row["text"] for row in arabic]
    model = PrototypeClassifier().fit([row["text"] for row in english], labels)
    assert model.adapted(texts).predict(texts).tolist() == expected
    assert not np.allclose(model.centre_, model.adapted(texts).centre_)
    assert np.array_equal(model.centre_, model.adapted(texts[:19]).centre_)


# -- what the numbers allow to say ------------------------------------------------------------------------------------------


def made(said: dict[str, list[int]], truth: list[int], more: int = 0, meaning: float = 0.5):
    """Results of answers that are given, one part, every text its own article; English has ``more`` labels than Arabic."""
    n, names, languages = len(truth), ["a", "b"], (ENGLISH, ARABIC)
    labels = [names[code] for code in truth] * 2
    groups = list(range(n)) * 2
    articles = [str(group) for group in groups]
    seen = parts.Material(articles, labels, articles, [ENGLISH] * n + [ARABIC] * n, languages, groups, 0, names, {}, 0)
    test = {ENGLISH: np.arange(n), ARABIC: np.arange(n, 2 * n)}
    drawn = {language: np.arange(40) for language in languages}
    part = parts.Part("draw 0, fold 0", test, {**drawn, ENGLISH: np.arange(40 + more)}, drawn)
    outcomes = []
    for learner in (parts.DEFAULT, parts.MEANING):
        for learned in languages:
            for every in (False, True) if learner == parts.DEFAULT and learned == ENGLISH and more else (False,):
                answers = {language: {} for language in languages}
                for way, (who, own, how) in ASKED.items():
                    for tested in languages:
                        if who == learner and (tested == learned) == own:
                            name = parts.OURS_EVERY if every and way == parts.OURS else way
                            answers[tested][how] = parts.packed(np.array(said.get(name, said.get(way, [0] * n))))
                chosen = {"learner": learner, "encoder": "use", "learned": learned}
                data = {
                    "classes": names,
                    "labels": 40,
                    "said": answers,
                    "meaning": meaning if learner == parts.DEFAULT else None,
                }
                model = parts.learner_named(learner, learned, every=every)
                outcomes.append(Outcome(Cell(model, "toy", 0, 0, {**chosen, "all_labels": every}), data=data))
    return parts.Results("toy", ("use",), seen, {0: [part]}, 300, outcomes)


TRUTH = [0, 1] * 30
WRONG = [1 - code for code in TRUTH]


def test_what_is_lost_gained_or_open_is_said_to_be():
    half = TRUTH[:40] + WRONG[40:]
    lost = parts.opening(made({parts.OURS: half, parts.OWN: TRUTH}, TRUTH))[1]
    assert (
        "learned from 40 English labels, the default classifier gives Arabic texts their classes with a macro-F1 of 0.67"
        in lost
    )
    assert "Learned from as many Arabic labels it has 1.00 [1.00, 1.00]. Against that it loses 0.333 [" in lost
    assert "67 % of the score is kept." in lost
    gained = parts.opening(made({parts.OURS: TRUTH, parts.OWN: half}, TRUTH))[1]
    assert "Against that it gains 0.333 [" in gained
    assert "is kept" not in gained
    open_ = parts.opening(made({parts.OURS: half, parts.OWN: half}, TRUTH))[1]
    assert "Against that its loss (0.000 [0.000, 0.000], p = 1) cannot be told from none" in open_


def test_what_adapting_does_is_said():
    told = parts.opening(made({parts.OURS: TRUTH, parts.AS_IT_IS: WRONG, parts.OWN: TRUTH}, TRUTH))[4]
    assert "As it is, it gives words and their pieces 50 % of the weight" in told
    assert "has 0.00 [0.00, 0.00]; adapting changes that by 1.000 [1.000, 1.000]" in told
    assert "No other way that had the same labels is higher." in told
    told = parts.opening(made({parts.OURS: WRONG, parts.AS_IT_IS: TRUTH, parts.OWN: TRUTH}, TRUTH, meaning=1.0))[4]
    assert "As it is, it has 1.00 [1.00, 1.00]; adapting changes that by -1.000 [-1.000, -1.000]" in told
    assert f"is {parts.AS_IT_IS}, with 1.00 [1.00, 1.00]; its lead over the adapted default (1.000 [1.000, 1.000]" in told
    assert "is more than chance gives" in told
    told = parts.opening(made({parts.OURS: TRUTH, parts.AS_IT_IS: TRUTH, parts.MEANT: TRUTH, parts.MEANT_PLAIN: WRONG}, TRUTH))[
        2
    ]
    assert "adapting changes that by 0.000 [0.000, 0.000], p = 1, which cannot be told from nothing" in told
    assert "changes the macro-F1 of meaning alone by 1.000 [1.000, 1.000]" in told


def test_what_is_lost_to_the_language_alone_is_said():
    told = parts.opening(made({parts.OURS: TRUTH, parts.MEANT: TRUTH[:40] + WRONG[40:], parts.MEANT_OWN: TRUTH}, TRUTH))[1]
    assert "what sees nothing but meaning has 0.67" in told
    assert "and 1.00 [1.00, 1.00] from Arabic ones. Against the latter it loses 0.333" in told


def test_what_all_labels_give_is_said_where_a_language_has_more():
    half = TRUTH[:40] + WRONG[40:]
    results = made({parts.OURS: half, parts.OURS_EVERY: TRUTH, parts.OWN: half}, TRUTH, more=60)
    to_arabic, _, to_english, _ = parts.opening(results)[1:]
    assert "With all labels that there are, it has 1.00 [1.00, 1.00] from 100 English ones, and 0.67" in to_arabic
    assert " more." in to_arabic
    assert "from 40 Arabic ones, and 0.67" in to_english
    assert "they cannot be told apart" in to_english
    assert "With all labels" not in " ".join(parts.opening(made({parts.OURS: half}, TRUTH)))


def test_a_failed_part_leaves_its_way_out():
    whole = made({parts.OURS: TRUTH, parts.OWN: TRUTH}, TRUTH)
    kept = [one for one in whole.outcomes if one.cell.model != f"{parts.DEFAULT}, learned in English"]
    failed = parts.Results(whole.name, whole.encoders, whole.seen, whole.parts, whole.draws, kept)
    to_arabic, to_english = failed.directions
    assert parts.OURS not in failed.summary[to_arabic]
    assert parts.OWN not in failed.summary[to_english]
    told = parts.opening(failed)
    assert told[1] == f"English to Arabic: {parts.OURS} failed on a part."
    assert "Learned from as many" not in told[2]
    assert told[2].startswith("Arabic to English: learned from 40 Arabic labels")


def test_translations_are_said_to_be_such():
    assert any("the same texts in translation" in line for line in parts.limits(made({}, TRUTH)))


@pytest.mark.slow
def test_an_encoder_that_is_not_installed_is_told(corpora, tmp_path, monkeypatch):
    import classification_parts.ways as ways

    monkeypatch.setattr(ways, "is_installed", lambda name: name == "use")
    config = configured(corpora, encoders=["use", "e5"], most=24)
    run_experiment(find_experiments()["transfer"], tmp_path / "run", config=config, workers=1)
    records = [r for r in read_records(tmp_path / "run" / "records.jsonl") if r.metric == "all"]
    assert [(r.model, r.status) for r in records] == [(f"{parts.OURS}, e5", "not installed: arabic-news-research[e5]")]
    names = {row["way"] for row in rows(tmp_path / "run" / "scores.csv")}
    assert f"{parts.OURS}, use" in names
    assert not any(name.endswith("e5") for name in names)
    assert "Encoder e5 is not installed" in page(tmp_path / "run")


# -- configuration ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"languages": ["English"]}, "are no two languages"),
        ({"languages": ["English", "English"]}, "are no two languages"),
        ({"corpora": []}, "there are 0"),
        ({"same_ids": True}, "holds no id twice"),
        ({"corpora": ["a", "b"]}, "labels of lines are those of one corpus"),
        ({"encoders": []}, "no encoder"),
        ({"encoders": ["use", "use"]}, "one twice"),
        ({"fewest": 0}, "too small"),
        ({"folds": 1}, "too small"),
        ({"repeats": 0}, "too small"),
        ({"draws": 399}, "too small"),
    ],
)
def test_what_cannot_be_run_is_refused(change, told):
    with pytest.raises(ConfigError, match=told):
        find_experiments()["transfer"].configured(changes=change)


def test_a_corpus_that_is_not_there_is_refused(corpora, tmp_path):
    config = configured([corpora[0], str(tmp_path / "none.jsonl")])
    with pytest.raises(ConfigError, match=r"none\.jsonl: the corpus is not here"):
        run_experiment(find_experiments()["transfer"], tmp_path / "run", config=config)


@pytest.mark.parametrize("file", sorted(path.name for path in EXPERIMENTS.glob("transfer*.toml")))
def test_every_configuration_is_valid(file):
    known = find_experiments()["transfer"]
    config = known.configured(EXPERIMENTS / file)
    assert (config.draws, config.folds, config.languages) == (1000, 5, (ENGLISH, ARABIC))
    assert config.same_ids == ("un" in file)
    quick = known.configured(EXPERIMENTS / file, quick=True)
    assert (quick.encoders, quick.repeats, quick.corpora) == (("use",), 1, config.corpora)
    assert 0 < quick.most <= 120


def test_the_page_is_told_in_arabic_from_what_was_measured(finished, corpora, tmp_path):
    assert english_of_retold("transfer", finished, configured(corpora, repeats=2), tmp_path) == {"research classify"}
