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
    MEANT,
    MEANT_EVERY,
    MEANT_OWN,
    MEANT_PLAIN,
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
    ours = named(OURS, first, results.encoders)
    if ours not in results.summary[direction]:
        return f"{direction}: {ours} failed on a part."
    labels = results.labels(direction.learned, every=False)
    told = [
        f"{direction}: learned from {labels:,.0f} {direction.learned} labels, the default classifier gives {direction.tested} texts their classes with a macro-F1 of {_shown(results, direction, ours)}."
    ]
    lost = results.against(direction, ours, named(OWN, first, results.encoders))
    if lost is not None:
        told.append(
            f"Learned from as many {direction.tested} labels it has {_shown(results, direction, lost.other)}. {_lost(results, lost)}"
        )
    told += [_unseen(results, direction), _meaning(results, direction)]
    most = {named(way, first, results.encoders) for way in (OURS_EVERY, MEANT_EVERY, OWN_EVERY)}
    told += [
        _with_all(results, row)
        for row in results.compared
        if row.lost and row.direction == direction and {row.one, row.other} & most
    ]
    told += [_other_encoder(results, direction, encoder) for encoder in results.encoders[1:]]
    told += [_centre(results, direction), _best(results, direction)]
    return " ".join(filter(None, told))


def _shown(results: Results, direction: Direction, way: str) -> str:
    found = results.summary[direction][way]["macro-F1"]
    return interval(found.value, found.low, found.high)


def _amount(row: Compared, *, turned: bool) -> str:
    """Write a difference with its interval and p."""
    sign = -1 if turned else 1
    low, high = sorted((sign * row.low, sign * row.high))
    p = "p undefined" if math.isnan(row.p) else f"p = {row.p:.2g}"
    return f"{sign * row.difference:z.3f} [{low:z.3f}, {high:z.3f}], {p}"


def _lost(results: Results, row: Compared) -> str:
    """Say what is lost against learning in the language, and whether that can be told from nothing."""
    if not row.p <= 0.05:
        return f"The loss ({_amount(row, turned=True)}) cannot be told from none; one below {row.detectable:.3f} would probably go unseen on these texts."
    if row.difference >= 0:
        return f"Gained: {_amount(row, turned=False)}."
    mine, own = (results.summary[row.direction][way]["macro-F1"].value for way in (row.one, row.other))
    return f"Lost: {_amount(row, turned=True)}; {100 * mine / own:.0f} % of the score is kept."


def _unseen(results: Results, direction: Direction) -> str:
    """Say how much of what the default chose to look at is not there in the tested language."""
    weights = results.weights_of_meaning(direction.learned, results.encoders[0], every=False)
    if not weights or min(weights) == 1:
        return ""
    told = f"By the {direction.learned} labels it chose to give words and their pieces {100 * (1 - sum(weights) / len(weights)):.0f} % of the weight, of which it sees nothing in another script"
    blind = sum(weight == 0 for weight in weights)
    return told + (
        f"; in {blind} of {len(weights)} parts it gave them all, and every text gets the same class." if blind else "."
    )


def _meaning(results: Results, direction: Direction) -> str:
    """Say what meaning alone gives, and what it loses against both that learned in the language."""
    meant, own, same = (named(way, results.encoders[0], results.encoders) for way in (MEANT, OWN, MEANT_OWN))
    row = results.against(direction, meant, own)
    if row is None:
        return ""
    told = f"Looking at meaning alone, with nothing to choose, gives {_shown(results, direction, meant)}. Against the default with {direction.tested} labels: {_lost(results, row)}"
    row = results.against(direction, meant, same)
    if row is None:
        return told
    return f"{told} Against meaning alone with {direction.tested} labels ({_shown(results, direction, same)}): {_lost(results, row)}"


def _with_all(results: Results, row: Compared) -> str:
    """Say what comes of all labels that a language has, where the other has fewer."""
    direction = row.direction
    mine, own = (
        results.labels(language, every=EVERY in way)
        for language, way in ((direction.learned, row.one), (direction.tested, row.other))
    )
    who = "meaning alone" if row.one.startswith(MEANT) else "the default"
    told = f"With all labels that there are, {who} has {_shown(results, direction, row.one)} from {mine:,.0f} {direction.learned} ones, and the default {_shown(results, direction, row.other)} from {own:,.0f} {direction.tested} ones"
    if not row.p <= 0.05:
        return f"{told}: they cannot be told apart ({_amount(row, turned=False)})."
    return f"{told}: {_amount(row, turned=row.difference < 0)} {'less' if row.difference < 0 else 'more'}."


def _other_encoder(results: Results, direction: Direction, encoder: str) -> str:
    """Say the same of another encoder."""
    own, told = named(OWN, encoder, results.encoders), []
    for way, who in ((OURS, "the default"), (MEANT, "meaning alone")):
        row = results.against(direction, named(way, encoder, results.encoders), own)
        if row is not None:
            told.append(f"{who} has {_shown(results, direction, row.one)} ({_lost(results, row).rstrip('.')})")
    if not told:
        return ""
    return f"With encoder {encoder} {' and '.join(told)}; the default with {direction.tested} labels has {_shown(results, direction, own)}."


def _centre(results: Results, direction: Direction) -> str:
    """Say what a centre of the tested language's own does."""
    told = []
    for way, plain, who in ((OURS, AS_IT_IS, "the default"), (MEANT, MEANT_PLAIN, "meaning alone")):
        row = results.against(direction, *(named(name, results.encoders[0], results.encoders) for name in (way, plain)))
        if row is not None:
            sure = "" if row.p <= 0.05 else ", which cannot be told from nothing"
            told.append(f"{who} by {_amount(row, turned=False)}{sure}")
    if not told:
        return ""
    return f"Seeing {direction.tested} texts from a centre of their own, for which texts without labels are enough, changes {'; '.join(told)}."


def _best(results: Results, direction: Direction) -> str:
    """Say which way from the other language is highest, where it is not ours."""
    ours = named(OURS, results.encoders[0], results.encoders)
    summary = results.summary[direction]
    rows = [row for row in results.compared if (row.direction, row.one) == (direction, ours) and not row.lost]
    row = max(rows, key=lambda one: summary[one.other]["macro-F1"].value, default=None)
    if row is None or row.difference >= 0:
        return "No other way that had the same labels is higher." if row else ""
    told = f"Of the ways that had the same labels, {row.other} is highest: {_shown(results, direction, row.other)}"
    return f"{told}, {_amount(row, turned=True)} more{'.' if row.p <= 0.05 else ', which cannot be told from none.'}"


def limits(results: Results) -> list[str]:
    """Say what these numbers do not show."""
    seen = results.seen
    one, other = seen.languages
    paired = {seen.articles[at] for at in seen.rows(one)} == {seen.articles[at] for at in seen.rows(other)}
    told = [
        "Intervals and tests speak of other articles of this kind; they do not allow for learning anew from other labels.",
        "The tested language gives texts without labels from the same collection. A centre of texts of another kind may do less.",
    ]
    if paired:
        told += [
            "Both languages hold the same texts in translation. Texts that were written in each language apart differ in more than the language, and the loss may be larger. Encoders of several languages are trained on public translations, and may have seen these.",
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
        f"'{OWN.capitalize()}' is the same classifier with labels of the tested language. '{MEANING.capitalize()}' is ridge regression on embeddings with nothing to choose (penalty {PENALTY:g}); '{PROTOTYPES}' gives the class whose mean embedding is nearest. "
        f"'{CONTROL}' is taught classes that were dealt out at random; '{MAJORITY}' gives the most frequent class of what it learned from. Intervals draw whole articles anew; tests exchange the answers of two ways for whole articles, and p is after Holm over all {len(results.compared)} comparisons of this page. "
        f"Encoders: {', '.join(results.encoders)}."
    )
