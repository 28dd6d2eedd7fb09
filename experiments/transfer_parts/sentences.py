"""What the numbers allow to say, in sentences."""

from __future__ import annotations

import math

from research.runs.records import interval

from .results import Compared, Direction, Results
from .ways import (
    AS_IT_IS,
    CONTROL,
    DEFAULT,
    EVERY,
    MAJORITY,
    MEANING,
    OURS,
    OURS_EVERY,
    OWN,
    OWN_EVERY,
    PENALTY,
    PROTOTYPES,
    TESTED,
    named,
)


def opening(results: Results) -> list[str]:
    """Say what was found: a paragraph on the texts, and one a direction."""
    seen = results.seen
    sizes = {language: seen.rows(language) for language in seen.languages}
    articles = {language: len({seen.groups[row] for row in rows}) for language, rows in sizes.items()}
    told = " and ".join(
        f"{len(rows):,} {language} texts" + (f" of {articles[language]:,} articles" if articles[language] < len(rows) else "")
        for language, rows in sizes.items()
    )
    told += f" in {len(seen.classes)} classes ({results.name}). A classifier learned from labels of one language, and gave classes to texts of the other. It had learned neither from these texts nor from translations of them."
    return [told, *(_direction(results, direction) for direction in results.directions)]


def _direction(results: Results, direction: Direction) -> str:
    first = results.encoders[0]
    ours, own = (named(way, first, results.encoders) for way in (OURS, OWN))
    summary, begin = results.summary[direction], f"{direction}: "
    if ours not in summary:
        return begin + f"{ours} failed on a part."
    mine, same = summary[ours]["macro-F1"], results.labels(direction.learned, every=False)
    told = [
        f"{begin}learned from {same:,.0f} {direction.learned} labels, {direction.tested} texts get their classes with a macro-F1 of {interval(mine.value, mine.low, mine.high)}."
    ]
    lost = results.against(direction, ours, own)
    if lost is not None:
        told.append(
            f"Learned from as many {direction.tested} labels, the same classifier has {interval(*_ends(results, direction, own))}. {_lost(lost)}{_kept(results, lost)}"
        )
    most = [named(way, first, results.encoders) for way in (OURS_EVERY, OWN_EVERY)]
    told += [_with_all(results, row) for row in results.compared if _of(row, direction) and {row.one, row.other} & set(most)]
    told += [_other_encoder(results, direction, encoder) for encoder in results.encoders[1:]]
    told += [_centre(results, direction), _best(results, direction)]
    return " ".join(filter(None, told))


def _of(row: Compared, direction: Direction) -> bool:
    return row.lost and row.direction == direction


def _ends(results: Results, direction: Direction, way: str) -> tuple[float, float, float]:
    found = results.summary[direction][way]["macro-F1"]
    return found.value, found.low, found.high


def _amount(row: Compared, *, turned: bool) -> str:
    """Write a difference with its interval and p."""
    sign = -1 if turned else 1
    low, high = sorted((sign * row.low, sign * row.high))
    p = "p undefined" if math.isnan(row.p) else f"p = {row.p:.2g}"
    return f"{sign * row.difference:z.3f} [{low:z.3f}, {high:z.3f}], {p}"


def _lost(row: Compared) -> str:
    if row.p <= 0.05:
        return f"{'Lost' if row.difference < 0 else 'Gained'}: {_amount(row, turned=row.difference < 0)}"
    return f"The loss ({_amount(row, turned=True)}) cannot be told from none; one below {row.detectable:.3f} would probably go unseen on these texts"


def _kept(results: Results, row: Compared) -> str:
    mine, own = (_ends(results, row.direction, way)[0] for way in (row.one, row.other))
    return f"; {100 * mine / own:.0f} % of the score is kept." if own and row.difference < 0 and row.p <= 0.05 else "."


def _with_all(results: Results, row: Compared) -> str:
    """Say what comes of all labels that a language has, where the other has fewer."""
    direction = row.direction
    mine, own = (
        results.labels(language, every=way.find(EVERY) >= 0)
        for language, way in ((direction.learned, row.one), (direction.tested, row.other))
    )
    ends = [interval(*_ends(results, direction, way)) for way in (row.one, row.other)]
    told = f"With all labels that there are, {mine:,.0f} {direction.learned} ones give {ends[0]} and {own:,.0f} {direction.tested} ones {ends[1]}"
    if not row.p <= 0.05:
        return f"{told}: they cannot be told apart ({_amount(row, turned=False)})."
    return f"{told}: {_amount(row, turned=row.difference < 0)} {'less' if row.difference < 0 else 'more'}."


def _other_encoder(results: Results, direction: Direction, encoder: str) -> str:
    ours, own = (named(way, encoder, results.encoders) for way in (OURS, OWN))
    row = results.against(direction, ours, own)
    if row is None:
        return ""
    return f"With encoder {encoder} it is {interval(*_ends(results, direction, ours))} against {interval(*_ends(results, direction, own))}. {_lost(row)}{_kept(results, row)}"


def _centre(results: Results, direction: Direction) -> str:
    """Say what a centre of the tested language's own does."""
    ours, plain = (named(way, results.encoders[0], results.encoders) for way in (OURS, AS_IT_IS))
    row = results.against(direction, ours, plain)
    if row is None:
        return ""
    what = f"Seeing {direction.tested} texts from a centre of their own, for which texts without labels are enough,"
    if not row.p <= 0.05:
        return f"{what} makes no difference that could be told ({_amount(row, turned=False)})."
    return f"{what} {'adds' if row.difference > 0 else 'takes'} {_amount(row, turned=row.difference < 0)}."


def _best(results: Results, direction: Direction) -> str:
    """Say which way from the other language is highest, where it is not ours."""
    ours = named(OURS, results.encoders[0], results.encoders)
    summary = results.summary[direction]
    rows = [row for row in results.compared if (row.direction, row.one) == (direction, ours) and not row.lost]
    row = max(rows, key=lambda one: summary[one.other]["macro-F1"].value, default=None)
    if row is None or row.difference >= 0:
        return "No other way that had the same labels is higher." if row else ""
    told = f"Of the ways that had the same labels, {row.other} is highest: {interval(*_ends(results, direction, row.other))}"
    return f"{told}, {_amount(row, turned=True)} more{'.' if row.p <= 0.05 else ', which cannot be told from none.'}"


def limits(results: Results) -> list[str]:
    """Say what these numbers do not show."""
    seen = results.seen
    one, other = seen.languages
    paired = not seen.unpaired and sorted(seen.articles[at] for at in seen.rows(one)) == sorted(
        seen.articles[at] for at in seen.rows(other)
    )
    told = [
        "Intervals and tests speak of other articles of this kind; they do not allow for learning anew from other labels.",
        "The tested language gives texts without labels from the same collection. A centre of texts of another kind may do less.",
    ]
    if paired:
        told += [
            "Both languages say the same, in sentences translated by the rules of one house. Texts that were written in each language apart differ in more than the language, and the loss may be larger. Encoders of several languages are trained on public translations, and may have seen these.",
            f"The texts that give the tested language its centre are translations of those that were learned from; '{TESTED}' shows what comes of others.",
        ]
    else:
        told.append(
            f"The {one} and the {other} texts are not translations of one another: they were written apart, on the same themes. What is lost may be lost to the language, or to articles that are of another kind."
        )
    return told


def method(results: Results) -> str:
    one, other = results.seen.languages
    seen, repeats = results.seen, len(results.parts)
    folds = len(results.every_part) // repeats
    return (
        f"Articles are dealt into {folds} parts, classes and languages as even as the articles allow{f'; {repeats} times, with what is drawn anew each time, and scores are over all answers together' if repeats > 1 else ''}. A text of one part is "
        f"answered by what learned from the other parts in {one} or in {other}: what is tested is learned from in neither language, nor is its translation where there is one. {seen.copies:,} texts have a near copy in another article; "
        "articles that share one count as one. Both languages give equally many labels of every class; where one has more, whole articles of it are drawn at random until there are as many. "
        f"'{EVERY.capitalize()}' learns from all of them. '{DEFAULT}' is TextClassifier as it comes. It sees words, pieces of words and meaning; in another script only the meaning is left. '{AS_IT_IS}' sees embeddings from the mean of what it learned from. "
        f"'{OURS}' sees them from the mean of the tested language's texts of the other parts, whose labels it does not look at; '{TESTED}' from the mean of the tested texts themselves, as `research classify` does. "
        f"'{OWN.capitalize()}' is the same classifier with labels of the tested language. '{MEANING}' is ridge regression on embeddings with nothing to choose (penalty {PENALTY:g}); '{PROTOTYPES}' gives the class whose mean embedding is nearest. "
        f"'{CONTROL}' is taught classes that were dealt out at random; '{MAJORITY}' gives the most frequent class of what it learned from. Intervals draw whole articles anew; tests exchange the answers of two ways for whole articles, and p is after Holm over all {len(results.compared)} comparisons of this page. "
        f"Encoders: {', '.join(results.encoders)}."
    )
