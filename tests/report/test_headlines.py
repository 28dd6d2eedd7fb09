"""Headlines and effects as a reader sees them: nothing that fails its control can be overlooked."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex

from research.evaluate import step_effects
from research.report import Page
from research.report.figures import effects_with_intervals
from research.report.headlines import add_headlines, headline_table, quoted
from research.report.index_page import write_index
from research.report.style import colour, figure_style
from research.runs import Headline, open_run

GOOD = Headline("themes <b>", "words", "F1", 0.5, 0.4, 0.6, "shuffled labels", 0.1, 0.0, 0.2)
BAD = Headline("topics of العقوبات", "graph", "AMI", 0.5, 0.1, 0.6, "words dealt anew", 0.1, 0.0, 0.2)


def test_what_does_not_beat_its_control_comes_first_and_says_so():
    page = Page("Results")
    add_headlines(page, [GOOD, BAD])
    html = page.html()
    assert html.index("does not beat its control") < html.index("beats its control (shuffled labels")
    assert "themes &lt;b&gt;" in html
    assert '<bdi lang="ar" dir="rtl">العقوبات</bdi>' in html


def test_the_table_holds_every_number_and_the_verdict():
    table = headline_table([GOOD, BAD])
    assert table["verdict"].tolist() == ["beats its control", "does not beat its control"]
    assert table.loc[0, ["value", "low", "high", "control_value", "control_low", "control_high"]].tolist() == [
        0.5,
        0.4,
        0.6,
        0.1,
        0.0,
        0.2,
    ]
    assert headline_table([]).columns.tolist() == table.columns.tolist()


def test_undefined_headlines_are_quoted_as_such():
    nothing = Headline("nothing", "m", "F1", math.nan, math.nan, math.nan, "none", 0.1)
    assert quoted("toy", [nothing]) == ["| nothing | m | F1 undefined | none: 0.10 | [toy](reports/toy/report.html) |"]


def test_the_index_gathers_headlines_of_all_runs(tmp_path):
    for name, line in (("one", GOOD), ("two", BAD)):
        with open_run(name, tmp_path / name, {}) as run:
            run.headline(line)
            (run.folder / "report.html").write_text("x")
    shutil.copytree(tmp_path / "two", tmp_path / "reference")
    write_index(tmp_path, {"one": "First.", "two": "Second."})
    text = (tmp_path / "headlines.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in text] == ["run", "one", "two", "reference"]
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert html.count("does not beat its control") == 2
    assert 'href="reference/report.html"' in html


def test_effects_are_drawn_at_their_values_those_beyond_noise_in_colour():
    whole = {"AMI": [0.5, 0.52, 0.51, 0.5]}
    effects = step_effects(whole, {"helping": {"AMI": [0.3, 0.31, 0.32, 0.3]}, "idle": {"AMI": [0.49, 0.53, 0.5, 0.51]}})
    with figure_style():
        figure, ax = plt.subplots()
        effects_with_intervals(effects, ax, xlabel="AMI", title="Effect")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["helping", "idle"]
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(point.get_xdata()[0]) for point in points] == pytest.approx([effect.halves.mean for effect in effects])
    assert [to_hex(point.get_color()) == to_hex(colour(0)) for point in points] == [True, False]
    ends = [float(end) for lines in ax.collections for segment in lines.get_segments() for end in segment[:, 0]]
    assert ends == pytest.approx([end for effect in effects for end in (effect.halves.low, effect.halves.high)])
    plt.close(figure)


def test_pages_and_tables_are_where_the_index_says():
    reports = Path(__file__).resolve().parents[2] / "reports"
    assert (reports / "LOG.md").read_text(encoding="utf-8").startswith("# Log")
