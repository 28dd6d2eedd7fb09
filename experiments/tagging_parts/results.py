"""What the cells allow to say: F1 of every way and theme, differences, calibration and transfer, with what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.evaluate import (
    SelectiveRisk,
    Undefined,
    bootstrap_by_group,
    calibration_error,
    compare_systems,
    f1_by_label,
    macro_f1,
    precision_by_label,
    recall_by_label,
    selective_risk,
)
from research.messages import message, word
from research.runs import Headline, Run
from research.tagging import Labelled, TagResult

from .cells import ALL, ARMS, FLOOR, SHUFFLED, TRANSFER, WORDLIST, Given, Scores

# Columns of the table of differences, which are looked up.
_DIFFERENCES = (
    word("best"), word("other"), word("difference"), word("low"), word("high"), word("p"), word("detectable"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Results:
    """What every way of tagging gave, a division each, and what it is held against."""

    name: str
    real: bool  # paragraphs of real news, of which no label was seen
    asked: Labelled
    themes: list[str]
    draws: int
    seen: Mapping[str, Sequence[tuple[Scores, Given]]]

    def given(self, arm: str) -> list[Given]:
        """Give what a way of tagging decided, a division each."""
        return [said for _, said in self.seen[arm]]

    def mean_f1(self, given: Sequence[Given], rows: npt.NDArray[np.intp]) -> float:
        """Mean over the divisions of what was decided for some rows."""
        truth, usable = self.asked.stated[rows], self.asked.usable[rows]
        found = [macro_f1(truth, said & usable) for said in given]
        return float(np.mean(found)) if np.isfinite(found).all() else Undefined("no theme occurs or was given")


def by_arm(results: Results, run: Run) -> pd.DataFrame:
    """One row a way of tagging: macro-F1 with its interval, recorded."""
    rows = []
    for arm in [FLOOR, SHUFFLED, *ARMS]:
        given = results.given(arm)
        found = bootstrap_by_group(
            lambda drawn, given=given: results.mean_f1([said[drawn] for said in given], drawn),
            results.asked.groups,
            draws=results.draws,
        )
        run.record(arm, results.name, "macro-F1", found.value, low=found.low, high=found.high)
        rows.append((arm, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["tagger", "macro-F1", "low", "high"])


def by_theme(results: Results, run: Run) -> pd.DataFrame:
    """One row a theme: precision, recall and F1 of all parts with their intervals, recorded."""
    truth, usable = results.asked.stated, results.asked.usable
    rows = []
    for number, theme in enumerate(results.themes):
        row: list[Any] = [theme, int(truth[:, number].sum())]
        for metric, function in (("precision", precision_by_label), ("recall", recall_by_label), ("F1", f1_by_label)):
            given = [(said & usable)[:, [number]] for said in results.given(ALL)]
            found = bootstrap_by_group(
                lambda drawn, given=given, function=function, number=number: float(
                    np.mean([function(truth[drawn][:, [number]], said[drawn])[0] for said in given])
                ),
                results.asked.groups,
                draws=results.draws,
            )
            run.record(ALL, results.name, f"{metric} {theme}", found.value, low=found.low, high=found.high)
            row += [found.value, found.low, found.high]
        rows.append(tuple(row))
    names = [f"{metric}{end}" for metric in ("precision", "recall", "F1") for end in ("", " low", " high")]
    return pd.DataFrame(rows, columns=[word("theme"), word("passages"), *names])


def f1_by_arm(results: Results, run: Run) -> pd.DataFrame:
    """One row a way of tagging, a column a theme: its mean F1 over the divisions, recorded but for all parts, which have intervals."""
    truth, usable = results.asked.stated, results.asked.usable
    means = {arm: np.nanmean([f1_by_label(truth, said & usable) for said in results.given(arm)], axis=0) for arm in ARMS}
    for arm, values in means.items():
        if arm != ALL:
            for theme, value in zip(results.themes, values, strict=True):
                run.record(arm, results.name, f"F1 {theme}", float(value) if value == value else Undefined("never given"))
    return pd.DataFrame(means, index=[theme.replace("_", " ") for theme in results.themes]).T


def compared(results: Results) -> pd.DataFrame:
    """One row a way of tagging but the best: the best less it."""
    whole = {arm: np.stack(results.given(arm), axis=1) for arm in ARMS}
    n = len(results.seen[ALL])
    found = compare_systems(
        lambda decided, drawn: results.mean_f1([decided[:, at] for at in range(n)], drawn),
        whole,
        results.asked.groups,
        draws=results.draws,
    )
    return pd.DataFrame([asdict(row) for row in found])


def headlines(results: Results, run: Run, arms: pd.DataFrame) -> None:
    """Set the codebook alone, and all parts, beside shuffled labels."""
    rows = arms.set_index("tagger")
    what = (
        message("Themes of paragraphs of real news, no label of them seen ({corpus})", corpus=results.name)
        if results.real
        else message("Themes of unseen articles ({corpus})", corpus=results.name)
    )
    for arm in (WORDLIST, ALL):
        ours, control = rows.loc[arm], rows.loc[SHUFFLED]
        run.headline(
            Headline(
                what, arm, "macro-F1", ours["macro-F1"], ours["low"], ours["high"],
                SHUFFLED, control["macro-F1"], control["low"], control["high"],
            )
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether scores of all parts mean what they say: scores and truth, and how often the surest err, in all and by theme."""

    scores: Scores
    truth: npt.NDArray[np.bool_]
    error: float
    curve: SelectiveRisk
    by_theme: Mapping[str, SelectiveRisk]


def calibration(results: Results, run: Run) -> Calibration:
    """Hold the scores of all parts, mean over the divisions, against what is so; recorded."""
    truth, usable = results.asked.stated, results.asked.usable
    scores = np.mean([given for given, _ in results.seen[ALL]], axis=0)
    given, so = scores[usable], truth[usable]
    error = calibration_error(given, so)
    run.record(ALL, results.name, "calibration error", error)
    curve = _risk(given, so)
    run.record(ALL, results.name, "excess area of the risk curve", curve.excess)
    curves = {}
    for number, theme in enumerate(results.themes):
        rows = np.flatnonzero(usable[:, number])
        said, stated = scores[rows, number], truth[rows, number]
        if stated.any():
            found = curves[theme.replace("_", " ")] = _risk(said, stated)
            run.record(ALL, results.name, f"excess area of the risk curve {theme}", found.excess)
    return Calibration(given, so, error, curve, curves)


def _risk(scores: Scores, truth: npt.NDArray[np.bool_]) -> SelectiveRisk:
    return selective_risk(np.maximum(scores, 1 - scores), (scores >= 0.5) == truth)


def transfer(results: Results, run: Run) -> pd.DataFrame:
    """One row a direction between the languages: macro-F1 from the labels of the other one, and of both; recorded."""
    rows = []
    for arm, (_, arabic) in TRANSFER.items():
        rows_of = np.flatnonzero(results.asked.arabic == arabic)
        there = results.mean_f1([said[rows_of] for said in results.given(arm)], rows_of)
        within = results.mean_f1([said[rows_of] for said in results.given(ALL)], rows_of)
        run.record(arm, results.name, "macro-F1", there)
        run.record(arm, results.name, "macro-F1 with labels of both languages", within)
        rows.append((arm, len(rows_of), there, within))
    names = [word("from, to"), word("passages"), "macro-F1", word("with labels of both languages")]
    return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True)
class Evidence:
    """How many decisions were tested by cutting their evidence out of the passage, and which share of them falls."""

    tested: int
    value: float
    low: float
    high: float


def evidence(results: Results, run: Run, tagged: TagResult) -> Evidence:
    tested = {row_theme: one.holds for row_theme, one in tagged.evidence.items() if one.holds is not None}
    falls = np.array(list(tested.values()), dtype=float)
    of = [tagged.passages[row].document for row, _ in tested]
    share = bootstrap_by_group(lambda drawn: float(falls[drawn].mean()), of, draws=results.draws)
    run.record(ALL, results.name, "decisions that fall without their evidence", share.value, low=share.low, high=share.high)
    return Evidence(len(falls), share.value, share.low, share.high)
