"""Figures can be read at five and at forty topics, in both languages: no label covers another or leaves the picture."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from research.report import figures
from research.report.language import speaking
from research.report.style import figure_style
from research.report.theme_figures import themes_by_article

LABELS = [
    "الكوريتين، الرئيس الكوري الجنوبي، مون، الوفد",
    "الزعيم الكوري الشمالي كيم جونغ أون، الرئيس الأميركي دونالد ترامب، القمة المرتقبة، مزمع",
    "CNN، مترو، دبي، الإمارات العربية المتحدة",
    "sanctions, ships, ports, a very long keyword indeed that nobody would have wished for",
    "",
]


def found(k: int):
    rng = np.random.default_rng(0)
    assigned = np.repeat(np.arange(k), 12)
    topics = [SimpleNamespace(number=n, size=4000 // (n + 1), label=LABELS[n % len(LABELS)]) for n in range(k)]
    return SimpleNamespace(
        topics=tuple(topics), unit="passage", units=[None] * len(assigned), assigned=assigned,
        strengths=np.full(len(assigned), 0.5), places=rng.normal(size=(len(assigned), 2)),
        corpus=SimpleNamespace(usable=[None] * 558),
    )  # fmt: skip


def boxes(drawing, texts):
    drawing.canvas.draw()
    return [text.get_window_extent() for text in texts if text.get_visible() and text.get_text().strip()]


def apart(drawing, texts) -> None:
    frame, found = drawing.bbox, boxes(drawing, texts)
    assert found
    for box in found:
        assert box.x0 >= frame.x0 - 1
        assert box.x1 <= frame.x1 + 1
        assert box.y0 >= frame.y0 - 1
        assert box.y1 <= frame.y1 + 1
    for one, other in combinations(found, 2):
        wide = min(one.x1, other.x1) - max(one.x0, other.x0)
        high = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert min(wide, high) < 1.5, "labels cover one another"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("k", [5, 40])
def test_sizes_of_topics(k, language):
    with speaking(language), figure_style():
        drawing, ax = plt.subplots(figsize=(8, 1.2 + 0.34 * k))
        assert figures.topic_sizes(found(k), ax) is ax
        apart(drawing, [*ax.get_yticklabels(), *ax.texts])
        apart(drawing, [ax.xaxis.label, ax.title])
        assert ax.get_window_extent().width > 0.4 * drawing.bbox.width
    plt.close(drawing)


@pytest.mark.parametrize("k", [5, 40])
def test_numbers_on_the_map(k):
    with figure_style():
        drawing, ax = plt.subplots(figsize=(7.5, 6.5))
        assert figures.topic_map(found(k), ax) is ax
        assert len(ax.texts) == k
        centres = np.array([[(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2] for box in boxes(drawing, ax.texts)])
        gaps = [np.abs(one - other).max() for one, other in combinations(centres, 2)]
        assert min(gaps) > 5
    plt.close(drawing)


@pytest.mark.parametrize("n", [2, 30])
@pytest.mark.parametrize("k", [1, 5, 9])
def test_themes_by_article(n, k):
    titles = [
        f"عنوان طويل جدًا لمقال عن شحنات ومفاوضات وعقوبات لا تنتهي {at}" if at % 2 else f"A headline, {at}" for at in range(n)
    ]
    names = ["نقل الأسلحة", "العقوبات", "Diplomacy", "Nuclear and missiles", "Military posture", "a", "b", "c", "الأخير"][:k]
    counts = np.arange(n * k).reshape(n, k) % 7
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.6, 1.7 + 0.27 * n))
        assert themes_by_article(titles, [13] * n, names, counts, ax) is ax
        apart(drawing, ax.get_yticklabels())
        assert {text.get_text() for text in ax.texts} == {str(value) for value in counts.ravel() if value}
        assert ax.get_window_extent().width > 0.3 * drawing.bbox.width
    plt.close(drawing)


def test_a_name_with_arabic_in_it_begins_on_the_right():
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 3))
        figures.topic_sizes(found(5), ax)
        shown = [label.get_text() for label in ax.get_yticklabels()][::-1]
    plt.close(drawing)
    assert [text.startswith("\u200f") for text in shown] == [True, True, True, False, False]
    assert max(map(len, shown)) < 60
