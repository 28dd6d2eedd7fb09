"""Discovery from one article on: every size and kind of input gets an answer, and the same one in any order."""

from __future__ import annotations

import random
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import research
from research.corpus import Corpus, Document
from research.discovery import find_topics
from research.errors import ConfigError, DataError
from research.text.lexicon import stop_words
from research.text.normalize import normalize

SPORT = [
    "فاز فريق النجوم على ضيفه الهلال بهدفين في مباراة الدوري التي أقيمت مساء الجمعة أمام جمهور ملأ مدرجات الملعب الكبير.",
    "قال مدرب الواحة إن لاعبيه دفعوا ثمن أخطاء خط الدفاع، وإن الحارس أنقذ الفريق من هزيمة أثقل في مباراة الكأس أمام السهم.",
    "يغيب مهاجم الفجر عن الملاعب ثلاثة أسابيع بعد إصابته في التدريب، ويعول الفريق على لاعبين شبان في مباراة الدوري المقبلة.",
    "سجل لاعب الميناء هدف الفوز من ركلة حرة في الدقيقة الأخيرة، وصعد الفريق إلى المركز الثاني في ترتيب الدوري بفارق نقطة.",
    "أعلن النادي تعاقده مع حارس مرمى جديد حتى نهاية الموسم، على أن يشارك في مباراة الفريق المؤجلة من الجولة العاشرة.",
    "انتهت مباراة القمة بين الساحل والبدر بالتعادل من غير أهداف، واحتج لاعبو الفريقين على الحكم الذي ألغى هدفا بداعي التسلل.",
]
TALKS = [
    "بدأت في العاصمة جولة محادثات بين الوفدين لبحث معاهدة السلام ووقف إطلاق النار وتبادل الأسرى، بوساطة من مبعوث أممي.",
    "التقى وزير الخارجية نظيره في مقر السفارة، وسلمه رسالة تتضمن اقتراحا لاستئناف المحادثات المتوقفة منذ الربيع بين البلدين.",
    "أعلن الوسيط أن الجانبين اتفقا على مسودة أولى لمعاهدة تشمل ترسيم الحدود، وأن الوفدين سيعودان إلى المحادثات بعد أسبوع.",
    "دعت الأمم المتحدة الطرفين إلى الحوار من غير شروط، وعرض مبعوثها استضافة قمة بين الزعيمين لتوقيع معاهدة السلام المنتظرة.",
    "غادر الوفد المفاوض قاعة المحادثات غاضبا بعد خلاف على ملف الأسرى، ثم عاد إليها مساء إثر اتصال هاتفي بين الرئيسين.",
    "يصل السفير الجديد إلى العاصمة لأول مرة منذ قطع العلاقات، في خطوة تمهد لقمة تجمع الزعيمين وتعيد الحوار بين الدولتين.",
]
PRICES = [
    "ارتفع سعر برميل النفط ثلاثة دولارات في الأسواق العالمية بعد قرار خفض الإنتاج، فيما تراجعت أسهم شركات الطيران والشحن.",
    "خفض المصرف المركزي سعر الفائدة ربع نقطة سعيا إلى إنعاش الأسواق، بعدما أظهرت بيانات التضخم تباطؤا للشهر الرابع.",
    "هبطت أسهم شركات التقنية في بورصة العاصمة مع خشية المستثمرين من رسوم جمركية جديدة ترفع كلفة الرقائق المستوردة.",
    "تتوقع شركات الطاقة أن يبقى سعر النفط فوق ثمانين دولارا حتى نهاية العام، لأن المخزون في الموانئ الكبرى يتناقص.",
    "سجلت العملة أدنى مستوى لها أمام الدولار منذ عامين، وارتفعت أسعار القمح والزيت في الأسواق المحلية قبيل موسم الأعياد.",
    "زادت أرباح المصارف في الربع الأول بفضل ارتفاع الفائدة، غير أن أسهم معظم شركات العقار بقيت قرب أدنى أسعارها.",
]


def corpus(*texts: str) -> Corpus:
    return Corpus("test", tuple(Document(f"a{n}", text, problem="" if text else "empty") for n, text in enumerate(texts)))


def found(*texts: str, **options):
    return research.discover(corpus(*texts), with_map=False, store=False, **options)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 12])
def test_any_small_number_of_passages(n):
    result = found(*(SPORT + TALKS)[:n])
    assert len(result.units) == len(result.assignments()) == n
    assert sum(topic.size for topic in result.topics) == n
    assert all(topic.keywords for topic in result.topics)
    few = any("distinct text" in note for note in result.notes)
    told = any(note == result.choice.sentence(len(result.topics)) for note in result.notes)
    assert (few, told) == (n < 12, n >= 12)
    assert list(result.documents()["id"]) == [f"a{k}" for k in range(n)]


def test_one_passage_has_a_topic_with_words_and_no_strength():
    result = found(TALKS[0])
    assert [topic.size for topic in result.topics] == [1]
    assert np.isnan(result.strengths).all()
    assert np.isnan(result.stabilities).all()
    assert result.table()[["stability", "nearest"]].isna().all(axis=None)
    assert "one distinct text" in " ".join(result.notes)


def test_one_article_of_several_passages_is_divided_and_the_note_says_so():
    result = found("\n\n".join(SPORT + TALKS), min_topic_size=3)
    assert len(result.units) == 12
    assert {unit.document for unit in result.units} == {"a0"}
    assert "one article" in " ".join(result.notes)
    assert len(set(result.assigned[:6])) == len(set(result.assigned[6:])) == 1
    assert result.assigned[0] != result.assigned[6]
    assert np.isfinite(result.stabilities).all()


def test_two_short_texts_are_one_topic_of_two():
    result = found("فاز الفريق", "خسر المنتخب")
    assert [topic.size for topic in result.topics] == [2]
    assert result.strengths.tolist() == [1, 1]
    assert np.isnan(result.stabilities).all()
    assert result.choice.reason == "nothing to divide"
    assert result.cut(1).tolist() == [0, 0]


def test_three_subjects_are_three_topics_with_apt_words():
    result = found(*SPORT, *TALKS, *PRICES, min_topic_size=3)
    groups = [set(result.assigned[start : start + 6]) for start in (0, 6, 12)]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3
    words = {next(iter(group)): {k.term for k in result.topics[next(iter(group))].keywords} for group in groups}
    sport, talks, prices = (words[next(iter(group))] for group in groups)
    assert {"الفريق", "فريق", "الدوري", "مباراة", "لاعب"} & {word for term in sport for word in term.split()}
    assert {"المحادثات", "محادثات", "معاهدة", "السلام", "الوفدين", "الوفد", "الأسرى", "قمة"} & {
        word for term in talks for word in term.split()
    }
    assert {"النفط", "سعر", "الأسواق", "أسهم", "شركات", "الفائدة"} & {word for term in prices for word in term.split()}


def test_equal_passages_count_once_and_all_have_the_topic():
    result = found(*[TALKS[0]] * 7)
    assert [topic.size for topic in result.topics] == [7]
    assert result.assigned.tolist() == [0] * 7
    assert "6 of 7 texts repeat" in " ".join(result.notes)


@pytest.mark.parametrize("word", ["خبر", "في", "2024", "؟!", "War"])
def test_one_word_passages(word):
    result = found(word, word + " " + word, SPORT[0])
    assert len(result.units) == 3
    assert sum(topic.size for topic in result.topics) == 3


def test_topics_are_numbered_by_all_their_passages_copies_included():
    result = found(*SPORT, *TALKS[:4], *[TALKS[0]] * 9, min_topic_size=3)
    sizes = [topic.size for topic in result.topics]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes == np.bincount(result.assigned).tolist()
    assert result.assigned[len(SPORT)] == 0  # four reports, one of them ten times, outnumber six


def test_stop_words_only_have_a_topic_without_keywords_and_a_note():
    result = found("في إلى على من", "هذا الذي كان في")
    assert result.topics[0].keywords == ()
    assert "no keyword" in " ".join(result.notes)


def test_nothing_usable_is_an_answer_too():
    result = found("", "")
    assert result.topics == ()
    assert result.documents()["reason"].tolist() == ["empty", "empty"]
    assert result.notes == ("No article holds any text.",)


def test_an_unusable_article_keeps_its_row_in_its_place():
    result = found(SPORT[0], "", TALKS[0])
    table = result.documents()
    assert table["id"].tolist() == ["a0", "a1", "a2"]
    assert table["reason"].tolist() == ["", "empty", ""]
    assert table["topic"].isna().tolist() == [False, True, False]


def test_the_order_of_articles_does_not_matter():
    texts = SPORT + TALKS + PRICES
    straight = found(*texts)
    order = np.random.default_rng(2).permutation(len(texts))
    shuffled = Corpus("test", tuple(Document(f"a{n}", texts[n]) for n in order))
    mixed = research.discover(shuffled, with_map=False, store=False)
    assert straight.table().equals(mixed.table())
    expected = straight.assignments().set_index("id").loc[[f"a{n}" for n in order]].reset_index()
    assert expected.equals(mixed.assignments())
    for name in ("assigned", "strengths", "stabilities"):  # to the last digit, not to four
        assert np.array_equal(getattr(mixed, name), getattr(straight, name)[order], equal_nan=True)
    assert mixed.notes == straight.notes
    for groups in range(1, straight.found.hierarchy.most + 1):
        assert np.array_equal(
            mixed.cut(groups)[:, None] == mixed.cut(groups),
            straight.cut(groups)[order][:, None] == straight.cut(groups)[order],
        )


def test_the_order_of_articles_of_several_passages_does_not_matter():
    articles = ["\n\n".join(group[start : start + 2]) for group in (SPORT, TALKS, PRICES) for start in (0, 2, 4)]
    order = np.random.default_rng(4).permutation(len(articles))
    straight = found(*articles)
    mixed = research.discover(Corpus("test", tuple(Document(f"a{n}", articles[n]) for n in order)), with_map=False, store=False)
    keys = ["id", "passage"]
    tables = [result.assignments().sort_values(keys).reset_index(drop=True) for result in (straight, mixed)]
    assert tables[0].equals(tables[1])
    assert straight.table().equals(mixed.table())


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_as_many_topics_as_asked_for(wanted):
    result = found(*SPORT, *TALKS, *PRICES, n_topics=wanted, min_topic_size=3)
    assert len(result.topics) == wanted
    assert result.settings["n_topics"] == wanted
    assert result.choice.reason == "asked"
    assert result.choice.sentence(wanted) in result.notes


def test_fewer_topics_than_asked_for_are_admitted():
    result = found(*SPORT, *TALKS, *PRICES, n_topics=9, min_topic_size=5)
    assert len(result.topics) < 9
    assert f"9 topics were asked for, and only {len(result.topics)} were found that are large enough." in result.notes
    assert any(note.startswith("8 topics were asked for") for note in found(*SPORT, n_topics=8).notes)
    assert not any("were asked for" in note for note in found(*SPORT, *TALKS, *PRICES, n_topics=2, min_topic_size=3).notes)


def test_the_number_of_topics_is_explained():
    result = found(*SPORT, *TALKS, *PRICES, min_topic_size=3)
    assert result.settings["resolution"] is None
    assert result.settings["n_topics"] is None
    assert result.choice.sentence(len(result.topics)) in result.notes
    assert result.choice.table()["chosen"].sum() == 1


def test_the_tree_is_cut_elsewhere():
    result = found(*SPORT, *TALKS, *PRICES, min_topic_size=3)
    tree = result.found.hierarchy
    at_topics = result.cut(len(result.topics))
    assert np.array_equal(at_topics[:, None] == at_topics, result.assigned[:, None] == result.assigned)
    assert result.cut(1).tolist() == [0] * 18
    assert len(set(result.cut(tree.most).tolist())) == tree.most
    with pytest.raises(ConfigError, match="can be cut into 1 to"):
        result.cut(tree.most + 1)


def test_copies_are_cut_with_their_original_and_lines_with_their_topic():
    long = [text + " " + text[:40] for text in SPORT + TALKS]
    result = found(*long, long[0], "فاز الفريق في المباراة", n_topics=2)
    for groups in range(1, result.found.hierarchy.most + 1):
        cut = result.cut(groups)
        assert cut[12] == cut[0]
        if groups <= 2:  # above the topics, a line goes where its topic goes
            assert cut[13] in cut[result.assigned == result.assigned[13]][:-1]
    assert np.isnan(result.stabilities[13])
    assert np.isfinite(result.stabilities[:13]).all()


def test_tables_hold_stabilities_and_the_nearest_topic():
    result = found(*SPORT, *TALKS, *PRICES, min_topic_size=3)
    assert list(result.assignments()) == ["id", "passage", "start", "end", "topic", "strength", "stability"]
    assert list(result.table()) == ["topic", "size", "label", "keywords", "stability", "nearest"]
    assert result.assignments()["stability"].between(0, 1).all()
    assert result.table()["stability"].between(0, 1).all()
    for topic in result.topics:
        assert topic.nearest in set(range(len(result.topics))) - {topic.number}


def test_the_model_is_made_when_it_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "research.discovery.find.topic_words", lambda *given: asked.append(given) or SimpleNamespace(model="made")
    )
    result = found(*SPORT, *TALKS)
    assert not asked
    assert (result.model, result.model) == ("made", "made")
    assert len(asked) == 1
    assert found("").model is None


def test_offsets_lead_back_to_the_text_as_read():
    page = "رياضة\n\nفوز كبير للنجوم على الهلال في افتتاح الدوري\n\n" + "\n\n".join(SPORT) + "\n\nشارك المقال\n\nاترك تعليقك"
    result = found(page, *TALKS)
    for unit in result.units:
        assert result.corpus[unit.document].text[unit.start : unit.end] == unit.text
    assert "شارك المقال" not in " ".join(unit.text for unit in result.units)


def test_whole_documents_as_units():
    result = found(*["\n".join(group) for group in (SPORT, TALKS, PRICES)], unit="document")
    assert [unit.number for unit in result.units] == [0, 0, 0]
    assert result.unit == "document"
    assert all(unit.start == 0 for unit in result.units)


def test_auto_takes_documents_from_two_hundred_articles_on():
    texts = [f"{text} وقع هذا في المدينة رقم {n} من القائمة." for n, text in enumerate((SPORT + TALKS + PRICES) * 12)][:200]
    assert found(*texts[:199]).unit == "passage"
    assert found(*texts).unit == "document"


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"unit": "page"}, "units are"),
        ({"resolution": 0.0}, "above 0"),
        ({"min_topic_size": 0}, "at least 1"),
        ({"n_topics": 0}, "at least 1"),
        ({"n_topics": 3, "resolution": 1.0}, "one of them"),
        ({"resolution": float("nan")}, "above 0"),
        ({"encoder": "x"}, "encoders are"),
    ],
)
def test_impossible_options_are_refused(options, remedy):
    with pytest.raises(ConfigError, match=remedy):
        found(*SPORT, **options)


def test_exemplars_are_of_the_topic_and_of_different_articles():
    result = found(*SPORT, *TALKS, *PRICES, min_topic_size=3)
    for topic in result.topics:
        assert len(topic.exemplars) == 3
        assert {int(result.assigned[index]) for index in topic.exemplars} == {topic.number}
        assert len({result.units[index].document for index in topic.exemplars}) == 3


def test_ready_embeddings_must_fit_the_texts():
    with pytest.raises(DataError, match="one row a text"):
        find_topics(["a"], np.zeros((2, 3), np.float32))
    with pytest.raises(DataError, match="row 1"):
        find_topics(["a", "b"], np.array([[1.0], [np.nan]], np.float32))


def test_words_alone_do_without_an_encoder():
    result = found(*SPORT, *TALKS, *PRICES, encoder="lsa")
    assert result.settings["encoder"] == "lsa"
    assert len(result.topics) >= 2
    assert found("في إلى", "هذا الذي", encoder="lsa").topics[0].keywords == ()
    assert found("", encoder="lsa").topics == ()


def test_lsa_stands_in_for_a_missing_encoder_and_says_so(monkeypatch):
    monkeypatch.setattr("research.discovery.pipeline.is_installed", lambda name: False)
    result = found(*SPORT, *TALKS)
    assert result.settings["encoder"] == "lsa"
    assert "not installed" in result.notes[-1]


@pytest.fixture(scope="module")
def bundled():
    return research.discover(research.load("seeds/articles"), with_map=False)


def test_bundled_articles_have_clean_surface_keywords(bundled):
    text = "\n".join(document.text for document in bundled.corpus)
    shown = normalize(text, ("compose", "presentation", "bidi", "diacritics", "tatweel", "spaces"))
    stops = stop_words()
    assert len(bundled.topics) >= 4
    for topic in bundled.topics:
        assert len(topic.keywords) >= 5
        assert len({keyword.term for keyword in topic.keywords}) == len(topic.keywords)
        for keyword in topic.keywords:
            assert normalize(keyword.term) not in stops
            word = keyword.term.split()[-1]
            assert word in shown or (word.startswith("ال") and "لل" + word[2:] in shown)  # people wrote it so; ل takes ا of ال
            assert 2 <= keyword.support <= topic.size


def test_the_bundled_subjects_are_found(bundled):
    words = [" ".join(k.term for k in topic.keywords) for topic in bundled.topics]
    assert any("روسيا" in line and "أوكرانيا" in line for line in words)
    assert any("كوريا الشمالية" in line for line in words)
    assert any("إيران" in line or "طهران" in line for line in words)
    assert any("صاروخ" in line or "صواريخ" in line for line in words)


def test_two_copies_of_one_wire_are_never_both_exemplars(bundled):
    wires = {r.document: r.of_document for r in bundled.cleaned.repeats if r.passage is None}
    assert wires  # the two veto reports
    for topic in bundled.topics:
        origins = [wires.get(bundled.units[index].document, bundled.units[index].document) for index in topic.exemplars]
        assert len(set(origins)) == len(origins)


def test_the_five_articles_it_began_with(shared):
    result = research.discover(research.load(shared / "seeds"), with_map=False)
    assert len(result.documents()) == 5
    assert result.documents()["reason"].eq("").all()
    words = " ".join(k.term for topic in result.topics for k in topic.keywords)
    assert "أوكرانيا" in words
    assert "صواريخ" in words


@pytest.mark.slow
def test_hundreds_of_real_articles(shared):
    result = research.discover(research.load(shared / "data" / "nk_2018.jsonl.gz"), with_map=False)
    assert result.unit == "document"
    assert len(result.documents()) == 558
    assert result.documents()["topic"].notna().all()
    words = " ".join(k.term for topic in result.topics for k in topic.keywords)
    assert all(name in words for name in ("كوريا الجنوبية", "نزع السلاح النووي", "سنغافورة", "إيران"))


@pytest.mark.parametrize("n", [25, 250])
@pytest.mark.parametrize("encoder", ["lsa", "use"])
def test_articles_of_the_same_words_have_topics(n, encoder):
    """A form letter: every word stands in all of them, none is rare."""
    words = ["صدر", "البيان", "اليوم", "عن", "الوزارة", "بشأن", "الاجتماع"]
    draws = random.Random(0)
    corpus = Corpus("forms", tuple(Document(str(at), " ".join(draws.sample(words, len(words)))) for at in range(n)))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = research.discover(corpus, encoder=encoder, with_map=False)
    assert sum(topic.size for topic in result.topics) == n
    assert result.topics[0].keywords
