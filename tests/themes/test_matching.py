"""Where a codebook's words stand: by stem, in both languages, outside titles and exclusions, with the right characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.text.normalize import ANALYSIS_STEPS, normalize
from research.text.readings import EXACT, readings, seed_key
from research.text.tokens import tokenize
from research.themes import Codebook, Matcher, Theme, Together
from research.themes.matching import _parted


def matcher(titles=(), **theme):
    given = {key: {"": tuple(value)} if key in {"seeds", "hints"} else value for key, value in theme.items()}
    return Matcher(Codebook("1", {}, (Theme("t", {}, "", **{"seeds": {}, **given}),), tuple(titles)))


def found(text, **theme):
    return [text[start:end] for match in matcher(**theme).find(text) for start, end in match.spans]


@pytest.mark.parametrize(
    ("seed", "text", "span"),
    [
        ("عقوبات", "رُفِعت العُقوباتُ أمس", "العُقوباتُ"),
        ("عقوبات", "لا جدوى من عقوبتها", "عقوبتها"),
        ("عقوبات", "ويقول إن للعقوبات أثرا", "للعقوبات"),
        ("صاروخ", "أطلق الجيش صاروخاً", "صاروخاً"),
        ("صاروخ", "وبالصاروخ نفسه", "وبالصاروخ"),
        ("قصف", "ستقصفها الطائرات", "ستقصفها"),
        ("قصف", "قصفوا القرية", "قصفوا"),
        ("شحنة أسلحة", "وصلت شحنات الأسلحة ليلا", "شحنات الأسلحة"),
        ("sanctions", "The sanctioned banks", "sanctioned"),
        ("arms deal", "new ARMS deals followed", "ARMS deals"),
        ("f-16", "sixteen F-16 jets", "F-16"),
        ("f-16", "sixteen F-16s landed", "F-16s"),
        ("missile", "the missile’s range", "missile’s"),
        ("مسيّرة", "أسقطت مسيرةٌ", "مسيرةٌ"),
        ("نووي", "البرنامج النووىّ", "النووىّ"),
    ],
)
def test_a_seed_finds_its_inflected_and_joined_forms(seed, text, span):
    assert found(text, seeds=[seed]) == [span]


@pytest.mark.parametrize(
    ("seed", "text"),
    [
        ("قمة", "قمامة في الشارع"),
        ("حظر", "نظر في الأمر"),
        ("شحنة أسلحة", "شحنة قمح وأسلحة"),
        ("trade war", "trade. War broke out"),
        ("مجلس الأمن", "عقد المجلس\nالأمن مهم"),
        ("قرار مجلس", "القرار، مجلس جديد"),
        ("ban", "the bank"),
        ("غارة", "غابة"),
    ],
)
def test_a_seed_does_not_find_other_words(seed, text):
    assert found(text, seeds=[seed]) == []


def test_an_exact_seed_is_not_stemmed():
    assert found("وقع الاتفاق وأوقعت الضربة ووقع", seeds=["=وقع"]) == ["وقع", "ووقع"]
    assert found("أوقعت وقعت يوقع", seeds=["=وقع"]) == []


def test_titles_and_exclusions_hide_seeds():
    text = "قال وزير الدفاع إن خط الدفاع قوي وإن الدفاع المشترك باق"
    assert found(text, seeds=["دفاع"]) == ["الدفاع", "الدفاع", "الدفاع"]
    assert found(text, seeds=["دفاع"], titles=["وزير الدفاع"], exclude=("خط الدفاع",)) == ["الدفاع"]
    # A phrase that reaches beyond the title still counts.
    assert found("دعم وزير الدفاع الجوي", seeds=["دفاع جوي"], titles=["وزير الدفاع"]) == ["الدفاع الجوي"]


def test_words_that_must_meet():
    rule = Together(("supply", "arms"), (("تزويد", "شحن"), ("سلاح", "ذخائر")), 5)
    text = "ينفي تزويد الجيش الحليف بالذخائر. شحن القمح. السلاح باق هنا."
    spans = matcher(together=(rule,)).find(text)
    assert [[text[start:end] for start, end in match.spans] for match in spans] == [["تزويد", "بالذخائر"]]
    assert spans[0].seed == "supply + arms"
    far = "تزويد القرى النائية في الجبال العالية بالقمح والدواء والسلاح"
    assert matcher(together=(rule,)).find(far) == []
    # Every list has its own word, and a nearer one that does not fit gives way to a farther one.
    three = (Together(("a", "b", "c"), (("قمح",), ("سكر",), ("زيت",)), 5),)
    assert matcher(together=three).find("زيت سكر ماء ماء قمح ماء سكر")
    twice = (Together(("a", "b", "c"), (("قمح",), ("سكر",), ("سكر",)), 5),)
    assert matcher(together=twice).find("قمح سكر") == []
    assert matcher(together=twice).find("قمح سكر سكر")
    wide = Together(("supply", "arms"), rule.lists, 12)
    assert matcher(together=(wide,)).find(far)


def test_a_longer_seed_covers_the_shorter_one_inside_it():
    seeds = [match.seed for match in matcher(seeds=["عقوبات", "لجنة العقوبات"]).find("لجنة العقوبات والعقوبات")]
    assert seeds == ["لجنة العقوبات", "عقوبات"]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("لم تفرض الدولة عقوبات", True),
        ("نفت الوزارة فرض عقوبات", True),
        ("من دون عقوبات", True),
        ("there are no sanctions", True),
        ("they didn't lift sanctions", True),
        ("no talks\nsanctions", False),
        ("فرضت الدولة عقوبات", False),
        ("لم تحضر الدولة، وفرضت عقوبات", False),
        ("لا يعرف أحد متى وأين وكيف ومن أجل ماذا تأتي العقوبات", False),
    ],
)
def test_denials_are_marked_and_left_out_on_request(text, negated):
    seeds = ["عقوبات", "sanctions"]
    assert [match.negated for match in matcher(seeds=seeds).find(text)] == [negated]
    assert len(matcher(seeds=seeds, negation="excludes").find(text)) == (not negated)


LETTERS = st.text(alphabet="ابتثجحخدرسشصطعفقكلمنهويأإآىةءؤئًٌٍَُِّْـ .،", max_size=60)


@given(LETTERS, st.sampled_from(["عقوبات", "صاروخ", "شحنة أسلحة"]), LETTERS)
def test_spans_are_characters_of_the_text(before, seed, after):
    text = f"{before} {seed} {after}"
    spans = [span for match in matcher(seeds=[seed]).find(text) for span in match.spans]
    assert spans
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        words = text[start:end].split()
        assert len(words) == len(seed.split())
        assert all(
            seed_key(part) in readings(normalize(word)) for part, word in zip(map(normalize, seed.split()), words, strict=True)
        )


@given(st.text(min_size=1, max_size=20).filter(lambda word: word.isalpha()))
def test_every_word_reads_as_itself(word):
    folded = normalize(word)
    if folded.isalpha():
        assert EXACT + folded in readings(folded)
        assert seed_key(folded) in readings(folded)


@given(st.lists(st.sampled_from(["عقوبات", "قمة", "قصف", "قمح", "مدرسة", "."]), max_size=30), st.randoms())
def test_the_order_of_seeds_does_not_matter(words, random):
    text, seeds = " ".join(words), ["عقوبات", "قمة", "قصف"]
    shuffled = random.sample(seeds, len(seeds))
    assert [m.spans for m in matcher(seeds=seeds).find(text)] == [m.spans for m in matcher(seeds=shuffled).find(text)]


@given(st.text(st.sampled_from("عق ،.؟\n(:a"), max_size=40))
def test_a_clause_ends_before_a_word_where_a_mark_stands_between(text):
    tokens = list(tokenize(text))
    ends = [0, *(token.end for token in tokens)]
    between = [text[end : token.start] for end, token in zip(ends, tokens, strict=False)]
    expected = [any(mark in gap for mark in "،؟\n(:") or ". " in gap or ".\n" in gap for gap in between]
    assert _parted(text, tokens) == expected


def test_a_step_that_is_left_out_is_left_out_of_seeds_and_texts():
    book = Codebook("1", {}, (Theme("t", {}, "", {"": ("sanctions",)}),))
    assert len(Matcher(book).find("SANCTIONS")) == 1
    assert Matcher(book, [step for step in ANALYSIS_STEPS if step != "case"]).find("SANCTIONS") == []
