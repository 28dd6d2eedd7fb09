"""Saved classifiers: texts get the scores that they had, to the last bit and in any process; any other file is refused."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from research.classification import model_file
from research.classification.model_file import load_classifier, write_classifier
from research.classifiers.classifier import TextClassifier
from research.classifiers.ridge import Candidate, Mix, RidgeModel
from research.classifiers.unlike import Familiar
from research.errors import ConfigError, DataError, ResearchError
from research.features import LsaEncoder
from research.features.surface import Grams, SurfaceSpace
from research.features.views import ViewSpace
from research.storage import archive as stored

ROOT = Path(__file__).resolve().parents[2]
JSON_NAME = "classifiers.json"

TEXTS = [
    "أوقفت الشرطة البحرية سفينة تنقل الفحم خلافا للعقوبات",
    "فرضت الحكومة عقوبات على شركة شحن وجمدت أموالها",
    "قالت اللجنة إن ناقلة النفط خرقت العقوبات في عرض البحر",
    "رفعت العقوبات عن سفينة بعد تفتيش حمولتها في الميناء",
    "فاز فريق المدينة بهدفين في مباراة الدوري",
    "تعادل الفريقان في مباراة الكأس من غير أهداف",
    "سجل المهاجم هدف الفوز من ركلة حرة في آخر المباراة",
    "احتج المدرب على الحكم الذي ألغى هدف فريقه",
]
LABELS = ["عقوبات"] * 4 + ["رياضة"] * 4
NEW = ["صادرت البحرية سفينة فحم", "هدف في مباراة", "كلام آخر تماما", "", "العُقُوبات على الســفن ١٢٫٥", "Kim's ship S-400"]
SETTINGS = {"encoder": "none", "seconds": 2.5, "tables": ["labels.csv"], "groups": None, "nested": {"ok": True}}
THRESHOLDS = {"عقوبات": 0.75, "رياضة": None}


class TinyEncoder:
    """An encoder of one's own: how often some letters occur."""

    name, parallel, letters = "tiny", False, "ابتسفمك"

    def __init__(self, version: str = "1", weight: float = 1.0):
        self.version, self.weight, self.dimension = version, weight, len(self.letters)

    def encode(self, texts):
        rows = np.array([[text.count(letter) + self.weight for letter in self.letters] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def fingerprint(self):
        return f"weight {self.weight}"


ALL = Candidate(Mix(words=0.25, characters=0.25, meaning=0.5))
CASES = {
    "words and pieces": lambda: ({"encoder": None}, TEXTS, LABELS),
    "words": lambda: ({"encoder": None, "candidate": Candidate(Mix(words=1.0))}, TEXTS, LABELS),
    "pieces": lambda: ({"encoder": None, "candidate": Candidate(Mix(characters=1.0))}, TEXTS, LABELS),
    "all three": lambda: ({"encoder": TinyEncoder(), "candidate": ALL, "store": False}, TEXTS, LABELS),
    "meaning": lambda: ({"encoder": TinyEncoder(), "candidate": Candidate(Mix(meaning=1.0)), "store": False}, TEXTS, LABELS),
    "an encoder that is not used": lambda: (
        {"encoder": TinyEncoder(), "candidate": Candidate(Mix(words=1.0)), "store": False}, TEXTS, LABELS
    ),
    "three classes": lambda: ({"encoder": None}, TEXTS, [*LABELS[:6], "آخر", "آخر"]),
    "one class": lambda: ({"encoder": None}, TEXTS[:2], LABELS[:2]),
    "one text": lambda: ({"encoder": None}, TEXTS[:1], LABELS[:1]),
    "no word at all": lambda: ({"encoder": None}, ["؟", "!!"], ["a", "b"]),
}  # fmt: skip


def fitted(case):
    options, texts, labels = CASES[case]()
    return TextClassifier(**options).fit(texts, labels)


@pytest.fixture(scope="module", params=CASES)
def both(request, tmp_path_factory):
    """A classifier, its file, and what is loaded of it."""
    model, path = fitted(request.param), tmp_path_factory.mktemp("saved") / "a.classifier"
    thresholds = {str(model.classes_[0]): 0.75, str(model.classes_[-1]): None}
    write_classifier(model, path, settings=SETTINGS, thresholds=thresholds)
    given = None if model.encoder is None else TinyEncoder()
    return model, path, load_classifier(path, encoder=given), thresholds


@pytest.fixture(scope="module")
def small():
    return fitted("words and pieces")


@pytest.fixture(scope="module")
def content(small, tmp_path_factory):
    """The bytes of a whole file."""
    return saved_bytes(small, tmp_path_factory.mktemp("whole") / "a")


@pytest.fixture
def path(content, tmp_path):
    (tmp_path / "a.classifier").write_bytes(content)
    return tmp_path / "a.classifier"


def saved_bytes(model, path) -> bytes:
    write_classifier(model, path, settings=SETTINGS, thresholds=THRESHOLDS)
    return path.read_bytes()


# -- what is loaded is what was saved ------------------------------------------------------------------------------------


def test_scores_probabilities_and_classes_are_equal(both):
    model, _, loaded, _ = both
    texts = [*TEXTS, *NEW]
    assert np.array_equal(loaded.scores(texts), model.scores(texts))
    assert np.array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    assert loaded.predict(texts).tolist() == model.predict(texts).tolist()
    assert loaded.classes == tuple(model.classes_.tolist())


def test_settings_thresholds_and_how_sure_it_is_are_kept(both):
    model, _, loaded, thresholds = both
    assert loaded.settings == SETTINGS
    assert loaded.thresholds == thresholds
    assert (loaded.classifier.sharpness_, loaded.classifier.calibrated_) == (model.sharpness_, model.calibrated_)
    assert loaded.classifier.store == model.store
    assert not hasattr(loaded.classifier, "held_out_")


def test_texts_that_are_unlike_those_learned_from_are_the_same_ones(both):
    model, _, loaded, _ = both
    texts = [*TEXTS, *NEW, "zzz", "ب"]
    told = model.familiar_.unlike(model.views(texts))
    assert loaded.classifier.familiar_.unlike(loaded.classifier.views(texts)).tolist() == told.tolist()
    assert told.any()


def test_texts_of_another_language_are_compared_as_before(both):
    model, _, loaded, _ = both
    others = [f"{NEW[at % len(NEW)]} {at}" for at in range(24)]
    one, other = model.adapted(others), loaded.classifier.adapted(others)
    assert (one.by_meaning_ is None) == (model.encoder is None)
    np.testing.assert_array_equal(one.predict_proba(others), other.predict_proba(others))


def test_a_loaded_classifier_is_the_same_file_again(both, tmp_path):
    _, path, loaded, _ = both
    write_classifier(loaded.classifier, tmp_path / "b", settings=loaded.settings, thresholds=loaded.thresholds)
    assert (tmp_path / "b").read_bytes() == path.read_bytes()


def test_cases_are_what_they_say():
    """A case that no longer has its trait would test nothing."""
    models = {case: fitted(case).model_ for case in ("words", "pieces", "all three", "an encoder that is not used")}
    sizes = {case: [len(getattr(model, part)) > 0 for part in model_file._PARTS[:3]] for case, model in models.items()}
    assert list(sizes.values()) == [[True, False, False], [False, True, False], [True, True, True], [True, False, False]]
    assert models["an encoder that is not used"].support.shape == (0, TinyEncoder().dimension)
    assert not fitted("no word at all").space_.surface.words.vocabulary


def test_probabilities_are_those_that_the_parts_in_the_file_give(path):
    """Derived again from the arrays alone, with numpy: weights times inverse frequencies, length 1, softmax."""
    loaded = load_classifier(path)
    parts, plain = members(path), json.loads(members(path)[JSON_NAME])
    arrays = {name: np.load(io.BytesIO(data)) for name, data in parts.items() if name != JSON_NAME}
    text, scores = "الفحم الفحم هدف", arrays["offsets.npy"].copy()
    padded = [f" {word} " for word in text.split()]
    grams = {
        "words": [*text.split(), "الفحم الفحم", "الفحم هدف"],
        "characters": [word[at : at + n] for word in padded for n in (3, 4, 5) for at in range(len(word) - n + 1)],
    }
    assert {"الفحم", "هدف"} <= set(plain["words"])
    for view, weights in (("words", "word_weights.npy"), ("characters", "character_weights.npy")):
        column = {gram: at for at, gram in enumerate(plain[view])}
        row = np.zeros(len(column))
        for gram in set(grams[view]) & column.keys():
            row[column[gram]] = (1 + np.log(grams[view].count(gram))) * arrays[weights][column[gram]]
        scores += row / np.linalg.norm(row) @ arrays[f"{view}.npy"]
    assert loaded.predict_proba([text])[0] == pytest.approx(softmax(plain["sharpness"] * scores), abs=1e-4)


@given(st.lists(st.sampled_from([*TEXTS, *NEW]), max_size=6), st.text(max_size=20))
def test_any_texts_get_equal_scores(texts, other):
    if "loaded" not in CACHE:
        CACHE["model"], path = fitted("all three"), CACHE["folder"] / "any"
        write_classifier(CACHE["model"], path)
        CACHE["loaded"] = load_classifier(path, encoder=TinyEncoder())
    assert np.array_equal(CACHE["loaded"].scores([TEXTS[0], *texts, other]), CACHE["model"].scores([TEXTS[0], *texts, other]))


CACHE: dict = {}


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory):
    CACHE["folder"] = tmp_path_factory.mktemp("cached")


@pytest.mark.parametrize("encoder", [None, "use"])
def test_another_process_says_the_same(encoder, tmp_path):
    model = TextClassifier(encoder=encoder, candidate=ALL if encoder else None, store=False).fit(TEXTS, LABELS)
    write_classifier(model, tmp_path / "a", settings=SETTINGS, thresholds=THRESHOLDS)
    (tmp_path / "texts.json").write_text(json.dumps([*NEW, *TEXTS]), encoding="utf-8")
    code = (
        "import json, sys; from research.classification.model_file import load_classifier\n"
        "texts = json.load(open(sys.argv[2], encoding='utf-8')); loaded = load_classifier(sys.argv[1])\n"
        "rows = [[x.hex() for x in row] for row in loaded.scores(texts).tolist()]\n"
        "sure = [[x.hex() for x in row] for row in loaded.predict_proba(texts).tolist()]\n"
        "print(json.dumps([rows, sure, loaded.predict(texts).tolist(), loaded.thresholds, loaded.settings]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a", tmp_path / "texts.json"],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONUTF8": "1"},
    )  # fmt: skip
    rows, sure, classes, thresholds, told = json.loads(done.stdout)
    texts = [*NEW, *TEXTS]
    assert rows == [[number.hex() for number in row] for row in model.scores(texts).tolist()]
    assert sure == [[number.hex() for number in row] for row in model.predict_proba(texts).tolist()]
    assert classes == model.predict(texts).tolist()
    assert (thresholds, told) == (THRESHOLDS, SETTINGS)


def test_no_text_that_was_learned_from_is_in_the_file(path):
    parts = members(path)
    plain = json.loads(parts[JSON_NAME])
    assert set(plain) == {"format", "version", "package", *model_file._FIELDS}
    assert max(len(gram.split()) for gram in plain["words"]) == 2
    assert max(map(len, plain["characters"])) == 5
    whole = parts[JSON_NAME].decode()
    assert not any(text in whole for text in TEXTS)


def test_a_large_vocabulary_is_written_and_read_quickly(tmp_path):
    letters, count = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 300_000
    digits = np.arange(count)[:, None] // len(letters) ** np.arange(5) % len(letters)
    vocabulary = tuple(sorted("".join(letters[at] for at in row) for row in digits.tolist()))
    weights = np.ones(count, np.float32)
    model = TextClassifier(encoder=None)
    model.classes_, model.sharpness_, model.calibrated_ = np.array(["a", "b"]), 4.0, False
    model.space_ = ViewSpace(SurfaceSpace(Grams(vocabulary, weights), Grams(vocabulary, weights)), np.zeros(0, np.float32))
    parts = np.random.default_rng(0).normal(size=(2, count, 2)).astype(np.float32)
    none, model.by_meaning_ = np.zeros((0, 0), np.float32), None
    model.familiar_ = Familiar(none, -1.0)
    model.model_ = RidgeModel(2.0, parts[0], parts[1], none, np.zeros((0, 2), np.float32), np.array([0.5, 0.5]))
    began = time.process_time()
    write_classifier(model, tmp_path / "a")
    loaded = load_classifier(tmp_path / "a")
    assert time.process_time() - began < 30  # two or three seconds, on any machine that is not ten times slower
    assert loaded.classifier.space_.surface.words.vocabulary == vocabulary
    assert np.array_equal(loaded.classifier.model_.characters, parts[1])


# -- what is not saved ---------------------------------------------------------------------------------------------------


def not_written(model, path, **options) -> str:
    with pytest.raises(ConfigError) as caught:
        write_classifier(model, path, **options)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert not path.exists()
    return line


def test_what_cannot_be_read_again_is_not_written(small, tmp_path):
    path = tmp_path / "a"
    assert "learned nothing yet" in not_written(TextClassifier(encoder=None), path)
    assert "cannot be saved" in not_written(small, path, settings={"a": float("nan")})
    assert "cannot be saved" in not_written(small, path, settings={"a": "\ud800"})
    assert "cannot be saved" in not_written(small, path, settings={("a", 1): 2})
    assert "cannot be saved" in not_written(small, path, thresholds={"عقوبات": float("inf")})
    assert "thresholds, 'طقس'" in not_written(small, path, thresholds={"طقس": 0.5})
    spoiled = fitted("words")
    spoiled.model_.words[0, 0] = np.nan
    assert "holds what is no number" in not_written(spoiled, path)


def test_settings_become_what_json_can_hold(small, tmp_path):
    given = {"path": Path("labels.csv"), "many": (1, 2), "number": np.float32(0.5), "count": np.int64(3)}
    write_classifier(small, tmp_path / "a", settings=given)
    assert load_classifier(tmp_path / "a").settings == {"path": "labels.csv", "many": [1, 2], "number": 0.5, "count": 3}
    assert load_classifier(tmp_path / "a").thresholds == {}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", ["replace", "writing"])
def test_an_interrupted_write_leaves_the_old_file(error, at, small, path, monkeypatch):
    old = path.read_bytes()

    def fail(*_, **__):
        raise error

    if at == "replace":
        monkeypatch.setattr(stored.os, "replace", fail)
    else:
        monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises((ConfigError, KeyboardInterrupt)):
        write_classifier(small, path, settings={"new": True})
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


# -- the encoder ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    write_classifier(fitted("all three"), tmp_path / "own")
    return tmp_path / "own"


def unusable(path, **options) -> str:
    with pytest.raises(ConfigError) as caught:
        load_classifier(path, **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_encoder_of_ones_own_is_to_be_given(own, path):
    assert "'tiny' is not one that comes with the package; give it as well" in unusable(own)
    assert "tiny 1 " in unusable(own, encoder=TinyEncoder("2"))
    assert "this is tiny 2 " in unusable(own, encoder=TinyEncoder("2"))
    assert "use-multilingual-3" in unusable(own, encoder="use")
    assert "words alone" in unusable(path, encoder="use")
    assert load_classifier(own, encoder=TinyEncoder()).predict(TEXTS).tolist() == LABELS


def test_other_weights_of_the_same_name_and_version_are_refused(own):
    line = unusable(own, encoder=TinyEncoder(weight=2.0))
    assert "fitted with the encoder tiny 1" in line
    assert "use that one" in line


def test_a_name_in_the_file_is_never_looked_up(own, tmp_path):
    line = unusable(changed(own, JSON_NAME, lambda p: p["encoder"].update(name=f"sentence-transformers:{tmp_path}")))
    assert "is not one that comes with the package" in line


def test_words_learned_as_an_encoder_can_be_given_again(tmp_path):
    coder = LsaEncoder(TEXTS, 3)
    model = TextClassifier(encoder=coder, candidate=ALL, store=False).fit(TEXTS, LABELS)
    write_classifier(model, tmp_path / "a")
    loaded = load_classifier(tmp_path / "a", encoder=LsaEncoder(TEXTS, 3))
    assert np.array_equal(loaded.scores(NEW[:3]), model.scores(NEW[:3]))
    assert "fitted with the encoder lsa" in unusable(tmp_path / "a", encoder=LsaEncoder(TEXTS[:4], 3))


def test_the_encoder_that_is_saved_is_the_one_that_was_used(tmp_path, small):
    model = fitted("all three")
    model.encoder = None
    assert "another encoder than none" in not_written(model, tmp_path / "a")
    assert "another encoder than use" in not_written(model, tmp_path / "a", encoder="use")
    assert "another encoder than tiny" in not_written(small, tmp_path / "a", encoder=TinyEncoder())
    write_classifier(model, tmp_path / "a", encoder=TinyEncoder())
    assert load_classifier(tmp_path / "a", encoder=TinyEncoder()).predict(TEXTS).tolist() == LABELS


# -- what is refused -----------------------------------------------------------------------------------------------------


def refused(path) -> str:
    with pytest.raises(DataError) as caught:
        load_classifier(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.endswith(f"; {model_file._REMEDY}")
    assert "\n" not in line
    return line


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def changed(path, name, change):
    """Write the file again with one member changed: what a mapping holds, or the bytes of an array."""
    parts = members(path)
    if name == JSON_NAME:
        plain = json.loads(parts[name])
        plain = change(plain) or plain
        parts[name] = json.dumps(plain, ensure_ascii=False).encode()
    else:
        parts[name] = change(parts[name])
    return packed(path, parts)


def test_what_is_no_such_file(tmp_path):
    assert "cannot be read" in refused(tmp_path / "missing")
    assert "cannot be read" in refused(tmp_path)
    for number, data in enumerate([b"", b"words", b"PK\x03\x04", bytes(range(256)) * 50, "نص".encode()]):
        (tmp_path / f"{number}").write_bytes(data)
        assert "no file of classifiers" in refused(tmp_path / f"{number}")
    assert "no file of classifiers" in refused(packed(tmp_path / "zip", {"a.txt": b"x"}))
    other = json.dumps({"format": "research topics", "version": 1}).encode()
    assert "no file of classifiers" in refused(packed(tmp_path / "topics", {"topics.json": other}))
    assert "no file of classifiers" in refused(packed(tmp_path / "kind", {JSON_NAME: other}))
    assert "no file of classifiers" in refused(packed(tmp_path / "list", {JSON_NAME: b"[]"}))


class Trap:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_a_pickle_is_not_opened(path, tmp_path):
    mark = tmp_path / "was run"
    pickle.loads(pickle.dumps(Trap(mark)))  # it works
    mark.unlink()
    (tmp_path / "bare").write_bytes(pickle.dumps(Trap(mark)))
    assert "no file of classifiers" in refused(tmp_path / "bare")
    np.save(tmp_path / "objects.npy", np.array([Trap(mark), Trap(mark)], dtype=object), allow_pickle=True)
    objects = (tmp_path / "objects.npy").read_bytes()
    (tmp_path / "array").write_bytes(objects)
    assert "no file of classifiers" in refused(tmp_path / "array")
    parts = members(path)
    assert "not of shape" in refused(packed(tmp_path / "inside", {**parts, "words.npy": objects}))
    same_size = objects.ljust(len(parts["words.npy"]), b"\0")[: len(parts["words.npy"])]
    assert "not of shape" in refused(packed(tmp_path / "of its size", {**parts, "words.npy": same_size}))
    assert not mark.exists()


def test_a_file_cut_short_anywhere(content, tmp_path):
    path = tmp_path / "cut"
    step = max(1, len(content) // 400)
    ends = {*range(0, len(content), step), *range(len(content) - 200, len(content))}
    assert len(ends) > 400
    for end in sorted(ends):
        path.write_bytes(content[:end])
        refused(path)


def test_a_changed_byte_in_any_member(path, content, tmp_path):
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    broken = tmp_path / "broken"
    for entry in entries:
        start = entry.header_offset + 30 + len(entry.filename)
        # What is packed ends with a mark that holds no data.
        end = start + entry.compress_size - (1 if entry.compress_type == zipfile.ZIP_STORED else 5)
        for at in np.linspace(start, end, 12).astype(int).tolist():
            broken.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
            assert "damaged" in refused(broken)


@given(data=st.data())
@settings(max_examples=150)
def test_damaged_bytes_are_refused_or_change_nothing(data, content):
    """Dates and the like in the directory of a zip mean nothing."""
    changed_bytes = bytearray(content)
    place = st.integers(0, len(content) - 1) | st.integers(len(content) - 900, len(content) - 1)
    for at, bits in data.draw(st.lists(st.tuples(place, st.integers(1, 255)), min_size=1, max_size=4), "flips"):
        changed_bytes[at] ^= bits
    path = CACHE["folder"] / "flipped"
    path.write_bytes(changed_bytes)
    try:
        loaded = load_classifier(path)
    except DataError:
        return
    write_classifier(loaded.classifier, path, settings=loaded.settings, thresholds=loaded.thresholds)
    assert path.read_bytes() == content


def swapped(name):
    def change(plain):
        plain[name][0], plain[name][1] = plain[name][1], plain[name][0]

    return change


def twice(plain):
    plain["words"][1] = plain["words"][0]


CHANGES = {
    "another kind": (lambda p: p.update(format="research topics"), "no file of classifiers"),
    "a later version": (lambda p: p.update(version=9), "of format 9, and this package"),
    "no version": (lambda p: p.pop("version") and None, "of format None"),
    "a field too many": (lambda p: p.update(code="x"), "other fields"),
    "a field too few": (lambda p: p.pop("store") and None, "other fields"),
    "no class": (lambda p: p.update(classes=[]), "classes: not what"),
    "classes that do not ascend": (swapped("classes"), "classes: not what"),
    "a class twice": (lambda p: p.update(classes=["a", "a"]), "classes: not what"),
    "a class that is a number": (lambda p: p.update(classes=[1, 2]), "classes: not what"),
    "a class with a zero at its end": (lambda p: p.update(classes=["a", "a\0"]), "classes: not what"),
    "a class too many": (lambda p: p["classes"].append("ﻉ"), "not of shape"),
    "names that would fill memory": (
        lambda p: p.update(classes=[*map(str, range(100_000, 101_000)), "a" * 20_000]), "classes: not what"),
    "words that do not ascend": (swapped("words"), "words: not what"),
    "pieces that do not ascend": (swapped("characters"), "characters: not what"),
    "a word twice": (twice, "words: not what"),
    "a word that is none": (lambda p: p["words"].__setitem__(0, None), "words: not what"),
    "words that are a text": (lambda p: p.update(words="abc"), "words: not what"),
    "a word too few": (lambda p: p["words"].pop() and None, "not of shape"),
    "a piece too many": (lambda p: p["characters"].append("ﻼ"), "not of shape"),
    "a threshold of no class": (lambda p: p["thresholds"].update(x=0.5), "thresholds, 'x'"),
    "a threshold that is true": (lambda p: p["thresholds"].update({"رياضة": True}), "thresholds, 'رياضة'"),
    "a threshold in words": (lambda p: p["thresholds"].update({"رياضة": "0.5"}), "thresholds, 'رياضة'"),
    "thresholds in a list": (lambda p: p.update(thresholds=[0.5]), "thresholds: not what"),
    "settings in a list": (lambda p: p.update(settings=[]), "settings: not what"),
    "sharpness of 0": (lambda p: p.update(sharpness=0), "sharpness: not what"),
    "no sharpness": (lambda p: p.update(sharpness=None), "sharpness: not what"),
    "infinite": (lambda p: p.update(sharpness=float("inf")), "no number that it can hold"),
    "no number": (lambda p: p["model"].update(width=float("nan")), "no number that it can hold"),
    "a width below 0": (lambda p: p["model"].update(width=-1.0), "model, width: not what"),
    "calibrated by 1": (lambda p: p.update(calibrated=1), "calibrated: not what"),
    "a model of more": (lambda p: p["model"].update(more=1), "model, has other fields"),
    "a view that is not there": (lambda p: p["model"].update(words=False), "not of shape"),
    "a view by number": (lambda p: p["model"].update(words=1), "model, words: not what"),
    "meanings without an encoder": (lambda p: p["model"].update(support=2), "names no encoder"),
    "a support of less than none": (lambda p: p["model"].update(support=-1), "model, support: not what"),
    "an encoder of text": (lambda p: p.update(encoder="use"), "encoder: not what"),
    "an encoder of too little": (lambda p: p.update(encoder={"name": "use"}), "encoder, has other fields"),
    "an encoder of no dimension": (
        lambda p: p.update(encoder={"name": "a", "version": "1", "fingerprint": "f", "dimension": 0}), "encoder, dimension"),
    "an encoder of a dimension": (
        lambda p: p.update(encoder={"name": "a", "version": "1", "fingerprint": "f", "dimension": 9}), "not of shape (9,)"),
    "known meanings without an encoder": (lambda p: p["familiar"].update(rows=8), "names no encoder"),
    "nearness in words": (lambda p: p["familiar"].update(least="0.5"), "familiar, least: not what"),
    "another analysis": (lambda p: p.update(analysis="0" * 64), "analysed otherwise"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES)
def test_json_that_is_not_what_it_must_be(path, change, told):
    assert told in refused(changed(path, JSON_NAME, change))


def test_half_a_character_is_refused(path):
    parts = members(path)
    halved = parts[JSON_NAME].replace(b'"labels.csv"', b'"\\ud800"')
    assert halved != parts[JSON_NAME]
    assert "half a character" in refused(packed(path, {**parts, JSON_NAME: halved}))


ARRAYS = {
    "another type": (lambda data: data.replace(b"<f4", b"<i4"), "type <f4"),
    "another order of bytes": (lambda data: data.replace(b"<f4", b">f4"), "type <f4"),
    "objects": (lambda data: data.replace(b"'<f4'", b"'|O' "), "type <f4"),
    "by columns": (lambda data: data.replace(b"False", b"True "), "not of shape"),
    "turned": (lambda data: data.replace(b", 2)", b", 3)"), "not of shape"),
    "too long": (lambda data: data + b"\0" * 8, "not of shape"),
    "too short": (lambda data: data[:-8], "not of shape"),
    "no number": (lambda data: data[:-4] + np.float32("nan").tobytes(), "no number"),
    "infinite": (lambda data: data[:-4] + np.float32("-inf").tobytes(), "no number"),
    "empty": (lambda data: b"", "not of shape"),
}


@pytest.mark.parametrize("name", ["words.npy", "characters.npy"])
@pytest.mark.parametrize(("change", "told"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_not_what_they_must_be(path, name, change, told):
    before = members(path)[name]
    assert change(before) != before
    line = refused(changed(path, name, change))
    assert told in line
    assert repr(name) in line


@pytest.mark.parametrize("name", ["word_weights.npy", "character_weights.npy"])
@pytest.mark.parametrize("weight", [0.0, -1.0, 1e9])
def test_weights_that_no_gram_can_have(path, name, weight):
    line = refused(changed(path, name, lambda data: data[:-4] + np.float32(weight).tobytes()))
    assert "a weight that none can have" in line


def test_members_too_many_too_few_or_twice(path, tmp_path):
    parts = members(path)
    assert "'../evil' is missing, or is no part" in refused(packed(tmp_path / "more", {**parts, "../evil": b"x"}))
    for name in parts:
        less = refused(packed(tmp_path / "less", {other: data for other, data in parts.items() if other != name}))
        assert (f"{name!r} is missing" if name != JSON_NAME else "no file of classifiers") in less
    packed(tmp_path / "twice", parts)
    with zipfile.ZipFile(tmp_path / "twice", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("words.npy", parts["words.npy"])
    assert "no file of classifiers" in refused(tmp_path / "twice")


def test_what_would_unpack_to_too_much_is_not_unpacked(path, tmp_path, monkeypatch):
    parts = members(path)
    padded = {**parts, JSON_NAME: parts[JSON_NAME] + b" " * (64 << 20)}
    bomb = packed(tmp_path / "bomb", padded, zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(stored, "_unpacked", lambda *_: pytest.fail("it was unpacked"))
    assert "times its size" in refused(bomb)
    monkeypatch.undo()
    zeros = members(path)["words.npy"] + bytes(64 << 20)
    packed(tmp_path / "arrays", {JSON_NAME: parts[JSON_NAME]})
    with zipfile.ZipFile(tmp_path / "arrays", "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if name != JSON_NAME:
                archive.writestr(name, zeros if name == "words.npy" else data)
    assert (tmp_path / "arrays").stat().st_size < 1 << 20
    assert "not of shape" in refused(tmp_path / "arrays")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, '{"version": 1e999}'])
def test_json_that_no_reader_can_hold(text, tmp_path):
    refused(packed(tmp_path / "deep", {JSON_NAME: text.encode()}))


def places(plain, before=()):
    """Every place in a JSON value, the first two of each list."""
    if before:
        yield before
    inside = list(plain.items()) if isinstance(plain, dict) else list(enumerate(plain))[:2] if isinstance(plain, list) else ()
    for key, value in inside:
        yield from places(value, (*before, key))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(data=st.data())
@settings(max_examples=200)
def test_json_of_any_other_shape_is_refused_or_works(data, content):
    """Checksums guard against accidents only: whoever writes the file can put any value anywhere."""
    path = CACHE["folder"] / "other"
    path.write_bytes(content)
    parts = members(path)
    plain = json.loads(parts[JSON_NAME])
    *way, last = data.draw(st.sampled_from(list(places(plain))), "place")
    inside = plain
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(JSON, "value")
    parts[JSON_NAME] = json.dumps(plain).encode()
    try:
        loaded = load_classifier(packed(path, parts))
    except ResearchError:
        return
    assert set(loaded.predict(TEXTS).tolist()) <= set(loaded.classes)
    assert loaded.predict_proba(TEXTS).sum(axis=1) == pytest.approx(1)
