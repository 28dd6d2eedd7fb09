"""Saved topics: texts get the topics that the result has, in any order and process; any other file is refused in one line."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

import research
from research.corpus import Corpus, Document
from research.discovery import saved, topic_model
from research.errors import ConfigError, DataError, ResearchError
from research.features import LsaEncoder, lsa, represent
from research.features.lexical import learn_latent
from research.storage import archive as stored
from research.text.analyzer import ArabicAnalyzer

ROOT = Path(__file__).resolve().parents[2]

SHIPS = [
    "أوقف خفر السواحل سفينة شحن يشتبه في أنها تنقل الفحم خلافا للعقوبات، واقتادها إلى الميناء لتفتيش حمولتها وأوراقها.",
    "أضافت اللجنة ثلاث سفن إلى قائمة العقوبات بعد أن أطفأت أجهزة التتبع في عرض البحر ونقلت النفط من ناقلة إلى ناقلة.",
    "قال خبير في النقل البحري إن السفن التي تخرق العقوبات تغير أسماءها وأعلامها، وإن تتبعها يحتاج إلى صور الأقمار الصناعية.",
    "احتجزت السلطات في الميناء شحنة فحم على متن سفينة ترفع علما أجنبيا، وفتحت تحقيقا في خرق العقوبات على الصادرات.",
    "رفضت شركة الشحن اتهامها بخرق العقوبات، وقالت إن السفينة كانت تنقل القمح وإن أوراق حمولتها سليمة وموقعة في الميناء.",
    "فرضت الحكومة عقوبات على شركتين تملكان سفنا نقلت النفط سرا، وجمدت أموالهما ومنعت المصارف من التعامل معهما.",
    "تظهر صور الأقمار الصناعية ناقلة نفط ترسو بجانب سفينة أخرى في عرض البحر، وهي طريقة معروفة لخرق العقوبات.",
]
MATCHES = [
    "فاز فريق المدينة على ضيفه بهدفين في مباراة الدوري، وسجل المهاجم الشاب الهدف الثاني من ركلة حرة في الدقيقة الأخيرة.",
    "تعادل الفريقان في مباراة الذهاب من غير أهداف، وأضاع المهاجم ركلة جزاء تصدى لها الحارس قبل نهاية الشوط الأول.",
    "يستعد المنتخب لمباراة الحسم بعد إصابة حارسه، وقال المدرب إن اللاعبين الشبان جاهزون للعب أمام جمهور الملعب الكبير.",
    "أعلن النادي تعاقده مع مهاجم جديد حتى نهاية الموسم، وقال المدرب إنه سيشارك في مباراة الكأس أمام فريق الساحل.",
    "صعد الفريق إلى صدارة الدوري بعد فوزه في ثلاث مباريات متتالية، وسجل لاعبوه سبعة أهداف ولم يدخل مرماهم أي هدف.",
    "خسر حامل اللقب مباراة الكأس بركلات الترجيح، وبكى اللاعبون في الملعب أمام جمهورهم بعد أن أضاع القائد الركلة الأخيرة.",
    "احتج المدرب على الحكم الذي ألغى هدف فريقه بداعي التسلل، وطلب من رابطة الدوري أن تعيد النظر في نتيجة المباراة.",
]
# Long enough to take part in forming topics, which headlines do not.
SHIPS, MATCHES = ([f"{text} نشرت الخبر صحيفة محلية صباح السبت." for text in texts] for texts in (SHIPS, MATCHES))
LINES = ["عقوبات على سفن الفحم", "فوز في مباراة الدوري"]


def corpus(*texts: str) -> Corpus:
    return Corpus("test", tuple(Document(f"a{n}", text) for n, text in enumerate(texts)))


def discovered(texts, **options):
    return research.discover(corpus(*texts), with_map=False, store=False, **options)


def bundled(every: int = 1, **options):
    whole = research.load(ROOT / "seeds" / "articles")
    return research.discover(Corpus("part", whole.documents[::every]), with_map=False, **options)


def arabic(**options):
    whole = research.load(ROOT / "seeds" / "articles")
    chosen = [document for document in whole if np.mean([char.isascii() for char in document.text]) < 0.3]
    return research.discover(Corpus("part", tuple(chosen[::3])), with_map=False, **options)


NEARLY = SHIPS[0].replace("وأوراقها", "ووثائقها")

CASES = {
    "passages in several scripts": lambda: bundled(4),
    "passages with latent dimensions": arabic,
    "documents with latent dimensions": lambda: arabic(unit="document"),
    "words alone": lambda: arabic(encoder="lsa"),
    "words alone, documents": lambda: arabic(encoder="lsa", unit="document"),
    "headlines": lambda: discovered(SHIPS + MATCHES + LINES, min_topic_size=3),
    "another analyser": lambda: discovered(
        SHIPS + MATCHES, analyzer=ArabicAnalyzer(stems=False, min_count=2), min_topic_size=3
    ),
    "no furniture sought": lambda: discovered(SHIPS + MATCHES, furniture=False, n_topics=2),
    "near copies": lambda: discovered([*SHIPS, *MATCHES, NEARLY, NEARLY, SHIPS[1]], min_topic_size=3),
    "one topic": lambda: discovered(SHIPS[:2]),
    "one text": lambda: discovered(SHIPS[:1]),
    "one text, words alone": lambda: discovered(SHIPS[:1], encoder="lsa"),
    "no word that counts": lambda: discovered(["في إلى على", "هذا الذي كان"]),
    "no word at all to learn": lambda: discovered(["في إلى على", "هذا الذي كان"], encoder="lsa"),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def both(request, tmp_path_factory):
    """A result and its saved model, loaded."""
    result = request.param()
    path = tmp_path_factory.mktemp("saved") / "a.topics"
    result.save(path)
    return result, research.load_topics(path)


@pytest.fixture(scope="module")
def small():
    """Headlines among passages; latent dimensions, several topics."""
    return CASES["headlines"]()


@pytest.fixture
def path(small, tmp_path):
    small.save(tmp_path / "a.topics")
    return tmp_path / "a.topics"


def test_texts_that_were_learned_from_have_the_topics_of_the_result(both):
    result, model = both
    texts = [unit.text for unit in result.units]
    table = model.assign(texts)
    assert table["topic"].tolist() == result.assigned.tolist()
    assert (table["reason"] == "").all()


def test_neither_order_nor_company_matters(both):
    result, model = both
    texts = [unit.text for unit in result.units]
    whole = model.assign(texts)
    order = np.random.default_rng(1).permutation(len(texts))
    assert model.assign([texts[at] for at in order]).equals(whole.iloc[order].reset_index(drop=True))
    some = range(0, len(texts), max(1, len(texts) // 7))
    for at in some:
        assert model.assign([texts[at]]).equals(whole.iloc[[at]].reset_index(drop=True))
    parts = [model.assign(texts[start : start + 13])["topic"].tolist() for start in range(0, len(texts), 13)]
    assert [topic for part in parts for topic in part] == result.assigned.tolist()


def test_the_rows_of_known_texts_are_the_same_to_the_last_bit(both):
    result, model = both
    seen = result.found.representation
    texts = [unit.text for unit in result.units]
    first = {int(row): texts[index] for index, row in reversed(list(enumerate(result.rows)))}
    for rows in (sorted(first), sorted(first)[::-1], sorted(first)[:1]):
        terms = model.analyzer.transform([first[row] for row in rows])
        assert terms == [seen.terms[row] for row in rows]
        assert np.array_equal(model.projection.rows(terms, seen.embedding[rows]), seen.matrix[rows])


def test_topics_and_settings_are_those_of_the_result(both):
    result, model = both
    assert model.table().equals(result.table())
    for topic, known in zip(result.topics, model.topics, strict=True):
        assert (topic.label, topic.keywords, topic.size, topic.articles) == (
            known.label,
            known.keywords,
            known.size,
            known.articles,
        )
        assert known.exemplars == ()
    assert json.loads(json.dumps(result.settings)) == json.loads(json.dumps(model.settings))
    assert model.unit == result.unit


def test_a_corpus_gets_what_the_result_says(both):
    result, model = both
    again = model.assign_corpus(result.corpus)
    assert (
        again.assignments()
        .drop(columns="strength")
        .equals(result.assignments().drop(columns=["strength", "stability"]).astype({"topic": "Int64"}))
    )
    assert again.documents()[["id", "topic", "reason"]].equals(result.documents()[["id", "topic", "reason"]])
    assert again.table()["size"].tolist() == [topic.size for topic in result.topics]


def test_a_saved_model_is_the_same_file_again(both, tmp_path):
    result, model = both
    result.save(tmp_path / "one")
    model.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_cases_are_what_they_say():
    """A case that no longer has its trait would test nothing."""
    assert min(map(len, SHIPS + MATCHES)) >= 120 > max(map(len, LINES))
    copies = topic_model(CASES["near copies"]())
    assert NEARLY not in SHIPS
    assert len(copies.kept) == 1
    assert topic_model(CASES["one topic"]()).linear is None
    assert topic_model(CASES["headlines"]()).projection.latent is not None
    assert topic_model(CASES["no word that counts"]()).projection.latent is None
    assert len(topic_model(CASES["another analyser"]()).topics) > 1


def test_a_near_copy_keeps_the_topic_of_its_original_even_against_the_model():
    model = topic_model(CASES["near copies"]())
    own = int(model.assign([SHIPS[0]])["topic"][0])
    assert model.assign([NEARLY])["topic"][0] == own
    other = next(topic.number for topic in model.topics if topic.number != own)
    forced = saved.replace(model, kept=dict.fromkeys(model.kept, other))
    [row] = forced.assign([NEARLY]).itertuples(index=False)
    assert row.topic == other
    assert row.strength < 0.5


def test_new_texts_go_to_their_subject(small):
    model = topic_model(small)
    known = model.assign(SHIPS + MATCHES)["topic"]
    new = model.assign(["صادرت البحرية سفينة تنقل النفط خلافا للعقوبات", "سجل اللاعب هدفا وفاز الفريق بالمباراة"])["topic"]
    assert new[0] == known[: len(SHIPS)].mode()[0]
    assert new[1] == known[len(SHIPS) :].mode()[0]
    assert new[0] != new[1]


def test_strengths_are_the_probabilities_of_the_linear_model(small):
    """Derived again from the formulas: centre, length 1, scores, softmax."""
    model, seen = topic_model(small), small.found.representation
    rows = seen.matrix - model.centre
    rows /= np.sqrt((rows.astype(float) ** 2).sum(axis=1, keepdims=True))
    scores = (rows - model.linear.centre) @ model.linear.weights + model.linear.offsets
    expected = softmax(model.linear.sharpness * scores, axis=1).max(axis=1)
    texts = [unit.text for unit in small.units]
    assert model.assign(texts)["strength"].to_numpy(float) == pytest.approx(expected[small.rows], abs=1e-5)


def test_latent_rows_are_those_of_scikit_learn():
    terms = ArabicAnalyzer().fit_transform(SHIPS + MATCHES)
    pipeline = lsa(5, n_texts=len(terms))[1:].fit(terms)
    space = learn_latent(terms, 5)
    new = [*terms, [], ["كلمة مجهولة"], terms[0] * 3 + terms[1]]
    assert space.rows(new) == pytest.approx(pipeline.transform(new), abs=1e-5)
    assert not space.rows(new)[len(terms) : len(terms) + 2].any()


@given(st.lists(st.lists(st.sampled_from("ابتثجحخدذر"), max_size=8), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_a_latent_row_depends_on_its_terms_alone(texts, random):
    space = learn_latent([["ا", "ب"], ["ب", "ت"], ["ث", "ج", "ح"], ["خ", "ا"]], 3, min_df=1)
    rows = space.rows(texts)
    order = random.sample(range(len(texts)), len(texts))
    assert np.array_equal(space.rows([texts[at] for at in order]), rows[order])
    for at, text in enumerate(texts):
        assert np.array_equal(space.rows([random.sample(text, len(text))])[0], rows[at])


def test_rows_are_the_centred_views_side_by_side():
    texts, rng = SHIPS + MATCHES, np.random.default_rng(0)
    embedding = rng.normal(size=(len(texts), 6)).astype(np.float32)
    seen = represent(texts, embedding, latent=4)
    views = embedding, lsa(4, n_texts=len(texts))[1:].fit_transform(seen.terms)
    parts = [view - view.mean(axis=0) for view in views]
    expected = np.hstack([part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts])
    # The signs of singular vectors are free: similarities are not.
    assert seen.matrix @ seen.matrix.T == pytest.approx(expected @ expected.T, abs=1e-4)


@given(st.lists(st.sampled_from([*SHIPS, *LINES, "وبالسفينة للشركة", "kim jong un", "بيونغيانغ بيونغ يانغ"]), max_size=5))
def test_an_analyser_from_its_state_gives_the_same_terms(texts):
    analyzer = ArabicAnalyzer(min_count=2).fit(SHIPS + MATCHES + ["بيونغ يانغ"])
    again = ArabicAnalyzer.from_state(json.loads(json.dumps(analyzer.state())))
    assert again.transform(texts) == analyzer.transform(texts)
    assert again.get_params() == analyzer.get_params()
    assert [again.surface(term) for text in again.transform(texts) for term in text] == [
        analyzer.surface(term) for text in analyzer.transform(texts) for term in text
    ]


def test_texts_without_content_have_no_topic_and_a_reason(small):
    table = topic_model(small).assign(["", " \n", SHIPS[0], "نص \ud800"], store=False)
    assert table["topic"].isna().tolist() == [True, True, False, True]
    assert table["strength"].isna().tolist() == [True, True, False, True]
    assert table["reason"].tolist() == ["no text", "no text", "", "no valid Unicode"]
    assert len(topic_model(small).assign([])) == 0


def test_every_article_has_its_row(small):
    given = Corpus("x", (Document("a", SHIPS[0]), Document("b", "", problem="empty"), Document("c", MATCHES[0])))
    result = topic_model(small).assign_corpus(given, store=False)
    table = result.documents()
    assert table["id"].tolist() == ["a", "b", "c"]
    assert table["reason"].tolist() == ["", "empty", ""]
    assert table["topic"].isna().tolist() == [False, True, False]
    assert list(result.assignments()) == ["id", "passage", "start", "end", "topic", "strength"]
    assert result.table()["size"].sum() == 2


@pytest.mark.parametrize("texts", ["نص واحد", [1], [None]])
def test_what_is_no_list_of_texts_is_refused(small, texts):
    with pytest.raises(DataError, match="list of strings"):
        topic_model(small).assign(texts)


@pytest.mark.parametrize("encoder", ["use", "lsa"])
def test_another_process_says_the_same(encoder, tmp_path):
    result = discovered(SHIPS + MATCHES + LINES, encoder=encoder, min_topic_size=3)
    result.save(tmp_path / "a.topics")
    texts = [unit.text for unit in result.units][::-1]
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    code = (
        "import json, sys, research; texts = json.load(open(sys.argv[2])); "
        "table = research.load_topics(sys.argv[1]).assign(texts, store=False); "
        "print(json.dumps([table['topic'].tolist(), table['strength'].tolist()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.topics", tmp_path / "texts.json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "7"},
    )
    topics, strengths = json.loads(done.stdout)
    assert topics == result.assigned.tolist()[::-1]
    assert strengths == topic_model(result).assign(texts)["strength"].tolist()


# -- what is not saved ---------------------------------------------------------------------------------------------------


def test_topics_of_a_codebook_are_refused(tmp_path):
    result = discovered(SHIPS + MATCHES, codebook=ROOT / "seeds" / "themes.toml", labels=False, encoder="lsa")
    with pytest.raises(ConfigError, match=r"codebook.*discover without"):
        result.save(tmp_path / "a.topics")
    assert list(tmp_path.iterdir()) == []


def test_no_topics_and_another_class_of_analyser_are_refused(small, tmp_path):
    with pytest.raises(ConfigError, match="no topics to save"):
        discovered([""]).save(tmp_path / "a.topics")

    class Mine(ArabicAnalyzer):
        pass

    with pytest.raises(ConfigError, match="Mine, which cannot be saved"):
        discovered(SHIPS[:2], analyzer=Mine()).save(tmp_path / "a.topics")


class Letters:
    """An encoder of one's own: counts of letters."""

    name, version, dimension, parallel = "letters", "1", 32, False

    def encode(self, texts):
        rows = np.array([[text.count(chr(0x627 + letter)) + 0.1 for letter in range(32)] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def fingerprint(self):
        return "f" * 64


def test_an_encoder_of_ones_own_is_given_again(tmp_path):
    result = discovered(SHIPS + MATCHES, encoder=Letters(), min_topic_size=3)
    with pytest.raises(ConfigError, match=r"'letters'.*give it as well"):
        result.save(tmp_path / "a.topics")
    result.save(tmp_path / "a.topics", encoder=Letters())
    with pytest.raises(ConfigError, match=r"'letters'.*give it as well"):
        research.load_topics(tmp_path / "a.topics")
    with pytest.raises(ConfigError, match="made with the encoder letters 1, and this is use"):
        research.load_topics(tmp_path / "a.topics", encoder="use")
    model = research.load_topics(tmp_path / "a.topics", encoder=Letters())
    assert model.assign(SHIPS + MATCHES, store=False)["topic"].tolist() == result.assigned.tolist()
    other = Letters()
    other.fingerprint = lambda: "0" * 64
    with pytest.raises(ConfigError, match="weights"):
        research.load_topics(tmp_path / "a.topics", encoder=other)


def test_an_lsa_encoder_of_ones_own_is_saved_too(tmp_path):
    own = LsaEncoder(SHIPS, 3)
    result = discovered(SHIPS + MATCHES, encoder=own, min_topic_size=3)
    result.save(tmp_path / "a.topics", encoder=own)
    assert research.load_topics(tmp_path / "a.topics").assign(MATCHES)["topic"].tolist() == result.assigned[7:].tolist()


def test_a_place_that_cannot_be_written_is_one_line_and_leaves_the_old_file(small, path, monkeypatch):
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="name a file"):
        small.save(path.parent)
    with pytest.raises(ConfigError, match="cannot be written"):
        small.save(path / "below")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ConfigError, match="No space left"):
        small.save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["a.topics"]


# -- what is no such file ------------------------------------------------------------------------------------------------


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, parts, kind=zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def changed(path, name, change) -> Path:
    """Change a member in a way that no checksum finds."""
    parts = members(path)
    if name == "topics.json":
        plain = json.loads(parts[name])
        change(plain)
        parts[name] = json.dumps(plain).encode()
    else:
        parts[name] = change(parts[name])
    return packed(path, parts)


def refused(path) -> str:
    with pytest.raises(ResearchError) as caught:
        research.load_topics(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "; " in line
    assert "\n" not in line
    return line


def test_arrays_are_files_of_numpy_without_objects(path):
    parts = members(path)
    names = {name for name in parts if name.endswith(".npy")}
    assert {"centre.npy", "numbers.npy", "linear_weights.npy", "latent_components.npy"} <= names
    assert set(parts) == {"topics.json", *names}
    for name in names:
        array = np.load(io.BytesIO(parts[name]), allow_pickle=False)
        again = io.BytesIO()
        np.save(again, array)
        assert np.array_equal(np.load(io.BytesIO(again.getvalue())), array)
        assert array.dtype.kind in "fi"


def test_no_text_is_in_the_file(path):
    everything = b"".join(members(path).values()).decode("utf-8", "ignore")
    assert not any(text[:40] in everything for text in SHIPS + MATCHES)


def test_a_file_that_is_not_there_or_foreign(tmp_path):
    assert "No such file" in refused(tmp_path / "absent")
    assert "directory" in refused(tmp_path)
    for content in (b"", b"text", b"PK\x03\x04", b"\x80\x04N.", pickle.dumps({"a": 1})):
        (tmp_path / "foreign").write_bytes(content)
        assert "no file of topics" in refused(tmp_path / "foreign")
    for parts in ({"a.txt": b"x"}, {"topics.json": b"[]"}, {"topics.json": b'{"format": "other"}'}, {"topics.json": b"\xff"}):
        assert "no file of topics" in refused(packed(tmp_path / "foreign", parts))


CHANGES = {
    "another format": (lambda p: p.update(version=2), "of format 2, and this package"),
    "a field missing": (lambda p: p.pop("texts"), "other fields"),
    "a field too many": (lambda p: p.update(code="x"), "other fields"),
    "another encoder version": (lambda p: p["encoder"].update(version="0"), "made with the encoder use-multilingual-3 0"),
    "another encoder": (lambda p: p["encoder"].update(name="best"), "'best' is not one that comes with the package"),
    "other weights": (lambda p: p["encoder"].update(fingerprint="0"), "weights"),
    "another dimension": (lambda p: p["encoder"].update(dimension=3), "not of shape"),
    "a great dimension": (lambda p: p["encoder"].update(dimension=2**52), "not of shape"),
    "too many topics": (lambda p: p["topics"].append({**p["topics"][0], "number": len(p["topics"])}), "not of shape"),
    "topics in disorder": (lambda p: p["topics"].reverse(), "not numbered in order"),
    "no topics": (lambda p: p["topics"].clear(), "topics: not what it must be"),
    "no such neighbour": (lambda p: p["topics"][0].update(nearest=99), "not numbered"),
    "no model": (lambda p: p.update(sharpness=None), "more topics than it can tell apart"),
    "not a number": (lambda p: p.update(sharpness=float("nan")), "NaN is no number"),
    "infinite": (lambda p: p.update(sharpness=float("inf")), "no number"),
    "half a character": (lambda p: p["topics"][0].update(label="\ud800"), "half a character"),
    "a term twice": (lambda p: p["latent"]["vocabulary"].__setitem__(0, p["latent"]["vocabulary"][1]), "vocabulary"),
    "a topic that is not": (lambda p: p.update(kept={"0": 99}), "more topics"),
    "an unknown step": (lambda p: p["analyzer"]["params"].update(steps=["__import__"]), "'__import__', which is not known"),
    "no analyser": (lambda p: p.update(analyzer={}), "no state of an analyser"),
    "another analysis": (lambda p: p["analyzer"]["params"].update(stems=False), "analysed otherwise"),
    "a unit of its own": (lambda p: p["settings"].update(unit="page"), "settings, unit"),
    "an encoder that learned": (lambda p: p["encoder"].update(learned={}), "not as its name says"),
}


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES)
def test_json_that_is_not_what_it_must_be(path, change, told):
    assert told in refused(changed(path, "topics.json", change))


ARRAYS = {
    "another type": (lambda data: data.replace(b"<f8", b"<i8"), "type <f8"),
    "objects": (lambda data: data.replace(b"'<f8'", b"'|O' "), "type <f8"),
    "by columns": (lambda data: data.replace(b"False", b"True "), "not of shape"),
    "too long": (lambda data: data + b"\0" * 8, "not of shape"),
    "too short": (lambda data: data[:-8], "not of shape"),
    "no number": (lambda data: data[:-8] + np.float64("nan").tobytes(), "no number"),
    "infinite": (lambda data: data[:-8] + np.float64("inf").tobytes(), "no number"),
    "pickled": (lambda data: pickle.dumps(data), "not of shape"),
    "empty": (lambda data: b"", "not of shape"),
}


@pytest.mark.parametrize(("change", "told"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_not_what_they_must_be(path, change, told):
    assert told in refused(changed(path, "linear_weights.npy", change))


def test_clusters_must_be_numbered_as_the_topics(path):
    line = refused(changed(path, "numbers.npy", lambda data: data[:-8] + np.int64(77).tobytes()))
    assert "not numbered as the topics" in line


def test_members_too_many_too_few_or_twice(path, tmp_path):
    parts = members(path)
    assert "'../evil' is missing, or is no part" in refused(packed(tmp_path / "more", {**parts, "../evil": b"x"}))
    without = {name: data for name, data in parts.items() if name != "centre.npy"}
    assert "'centre.npy' is missing" in refused(packed(tmp_path / "less", without))
    packed(tmp_path / "twice", parts)
    with zipfile.ZipFile(tmp_path / "twice", "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("centre.npy", parts["centre.npy"])
    assert "no file of topics" in refused(tmp_path / "twice")


def test_what_would_unpack_to_too_much_is_not_unpacked(path, tmp_path, monkeypatch):
    parts = members(path)
    monkeypatch.setattr(stored, "_MOST_JSON", len(parts["topics.json"]) + 100)
    padded = {**parts, "topics.json": parts["topics.json"] + b" " * 1000}
    assert "'topics.json' is of" in refused(packed(tmp_path / "json", padded, zipfile.ZIP_DEFLATED))
    assert "and at most" in refused(packed(tmp_path / "json", padded, zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(stored, "_MOST_ARRAY", 500)
    assert "and at most 500 are read" in refused(path)
    monkeypatch.undo()
    monkeypatch.setattr(stored, "_MOST_TOTAL", path.stat().st_size)
    assert "unpacked" in refused(packed(tmp_path / "total", padded, zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(stored, "_MOST_TOTAL", 1000)
    assert "at most 1000" in refused(path)
    with pytest.raises(ConfigError, match="too large to be saved"):
        topic_model(CASES["headlines"]()).save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_member_that_unpacks_to_more_than_it_says_is_read_no_further(path, tmp_path):
    parts = members(path)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("topics.json", b" " * (64 << 20))
        for name, data in parts.items():
            if name != "topics.json":
                archive.writestr(name, data)
    honest, small_size = (64 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    (tmp_path / "bomb").write_bytes(bomb.getvalue().replace(honest, small_size))
    code = (
        "import resource, sys, research.discovery.saved as s\n"
        "from research.errors import DataError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: s.load_topics(sys.argv[1])\n"
        "except DataError as error: print(error.what)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "bomb"], capture_output=True, text=True, check=True, cwd=ROOT)
    what, grown = done.stdout.splitlines()
    assert "damaged" in what
    assert int(grown) < (32 << 10 if sys.platform != "darwin" else 32 << 20)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, '{"format": "research topics", "version": 1e999}']
)
def test_json_that_no_reader_can_hold(text, tmp_path):
    refused(packed(tmp_path / "deep", {"topics.json": text.encode()}))


@given(data=st.data())
@settings(max_examples=150)
def test_damaged_bytes_are_refused_or_change_nothing(data, small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    CACHE.setdefault("bytes", saved_bytes(small, folder / "whole"))
    content = bytearray(CACHE["bytes"])
    if data.draw(st.booleans(), "cut"):
        content = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    else:
        # The directory is at the end, and small beside the arrays: half of the damage is there.
        place = st.integers(0, len(content) - 1) | st.integers(len(content) - 1200, len(content) - 1)
        for at, bit in data.draw(st.lists(st.tuples(place, st.integers(1, 255)), min_size=1, max_size=4), "flips"):
            content[at] ^= bit
    (folder / "a").write_bytes(content)
    try:
        model = research.load_topics(folder / "a")
    except DataError:
        return
    assert saved_bytes(model, folder / "again") == CACHE["bytes"]


CACHE: dict[str, bytes] = {}


def saved_bytes(what, path) -> bytes:
    what.save(path)
    return path.read_bytes()


def places(plain, before=()):
    """Every place in a JSON value, the first three of each list or mapping."""
    yield before
    inside = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    for key, value in list(inside)[: 20 if len(before) < 1 else 8 if isinstance(plain, dict) else 3]:
        yield from places(value, (*before, key))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(data=st.data())
@settings(max_examples=200)
def test_json_of_any_other_shape_is_refused_or_works(data, tmp_path_factory):
    """Checksums guard against accidents only: whoever writes the file can put any value anywhere."""
    folder = tmp_path_factory.mktemp("other")
    if "words" not in CACHE:
        CACHE["words"] = saved_bytes(discovered(SHIPS + MATCHES, encoder="lsa", min_topic_size=3), folder / "whole")
    (folder / "a").write_bytes(CACHE["words"])
    parts = members(folder / "a")
    plain = json.loads(parts["topics.json"])
    *way, last = data.draw(st.sampled_from([place for place in places(plain) if place]), "place")
    inside = plain
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(JSON, "value")
    parts["topics.json"] = json.dumps(plain).encode()
    try:
        model = research.load_topics(packed(folder / "a", parts))
    except ResearchError:
        return
    table = model.assign([SHIPS[0], MATCHES[0]])
    assert table["topic"].isin(range(len(model.topics))).all()
    assert len(model.table()) == len(model.topics)
