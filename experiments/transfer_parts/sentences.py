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
    """Say what was found: a paragraph on the texts, and two a direction."""
    seen = results.seen
    sizes = {language: seen.rows(language) for language in seen.languages}
    articles = {language: len({seen.articles[row] for row in rows}) for language, rows in sizes.items()}
    told = " and ".join(
        f"{len(rows):,} {language} texts" + (f" of {articles[language]:,} articles" if articles[language] < len(rows) else "")
        for language, rows in sizes.items()
    )
    told += f" in {len(seen.classes)} classes ({results.name}). A classifier learned from labels of one language, and gave classes to texts of the other. It had learned neither from these texts nor from translations of them."
    return [told, *(line for direction in results.directions for line in _direction(results, direction))]


def _direction(results: Results, direction: Direction) -> list[str]:
    """Give what is lost, then what makes it more or less."""
    first = results.encoders[0]
    ours, own = (named(way, first, results.encoders) for way in (OURS, OWN))
    if ours not in results.summary[direction]:
        return [f"{direction}: {ours} failed on a part."]
    labels = results.labels(direction.learned, every=False)
    found = [
        f"{direction}: learned from {labels:,.0f} {direction.learned} labels, the default classifier gives {direction.tested} texts their classes with a macro-F1 of {_shown(results, direction, ours)}."
    ]
    lost = results.against(direction, ours, own)
    if lost is not None:
        found.append(
            f"Learned from as many {direction.tested} labels it has {_shown(results, direction, own)}. Against that {_lost(results, lost)}"
        )
    found.append(_meaning(results, direction))
    most = {named(way, first, results.encoders) for way in (OURS_EVERY, OWN_EVERY)}
    found += [
        _with_all(results, row)
        for row in results.compared
        if row.lost and row.direction == direction and {row.one, row.other} & most
    ]
    found += [_other_encoder(results, direction, encoder) for encoder in results.encoders[1:]]
    more = [_as_it_is(results, direction), _centre(results, direction), _best(results, direction)]
    return [line for line in (" ".join(filter(None, part)) for part in (found, more)) if line]


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
        return f"its loss ({_amount(row, turned=True)}) cannot be told from none; one below {row.detectable:.3f} would probably go unseen on these texts."
    if row.difference >= 0:
        return f"it gains {_amount(row, turned=False)}."
    mine, own = (results.summary[row.direction][way]["macro-F1"].value for way in (row.one, row.other))
    return f"it loses {_amount(row, turned=True)}; {100 * mine / own:.0f} % of the score is kept."


def _meaning(results: Results, direction: Direction) -> str:
    """Say how much of that is lost to the language, and not to words that are not looked at."""
    meant, same = (named(way, results.encoders[0], results.encoders) for way in (MEANT, MEANT_OWN))
    row = results.against(direction, meant, same)
    if row is None:
        return ""
    return f"Words do not carry over: what sees nothing but meaning has {_shown(results, direction, meant)} from {direction.learned} labels and {_shown(results, direction, same)} from {direction.tested} ones. Against the latter {_lost(results, row)}"


def _with_all(results: Results, row: Compared) -> str:
    """Say what comes of all labels that a language has, where the other has fewer."""
    direction = row.direction
    mine, own = (
        results.labels(language, every=EVERY in way)
        for language, way in ((direction.learned, row.one), (direction.tested, row.other))
    )
    told = f"With all labels that there are, it has {_shown(results, direction, row.one)} from {mine:,.0f} {direction.learned} ones, and {_shown(results, direction, row.other)} from {own:,.0f} {direction.tested} ones"
    if not row.p <= 0.05:
        return f"{told}: they cannot be told apart ({_amount(row, turned=False)})."
    return f"{told}: {_amount(row, turned=row.difference < 0)} {'less' if row.difference < 0 else 'more'}."


def _other_encoder(results: Results, direction: Direction, encoder: str) -> str:
    """Say the same of another encoder."""
    ours, own = (named(way, encoder, results.encoders) for way in (OURS, OWN))
    row = results.against(direction, ours, own)
    if row is None:
        return ""
    return f"With encoder {encoder} it has {_shown(results, direction, ours)}, and {_shown(results, direction, own)} from {direction.tested} labels. Against that {_lost(results, row)}"


def _as_it_is(results: Results, direction: Direction) -> str:
    """Say what comes of not adapting."""
    first = results.encoders[0]
    row = results.against(direction, *(named(way, first, results.encoders) for way in (OURS, AS_IT_IS)))
    weights = results.weights_of_meaning(direction.learned, first, every=False)
    if row is None or not weights:
        return ""
    words = f"gives words and their pieces {100 * (1 - sum(weights) / len(weights)):.0f} % of the weight, sees none of them in another script, and"
    told = f"For texts of another language the default is adapted: it answers by meaning alone. As it is, it {'' if min(weights) == 1 else words + ' '}has {_shown(results, direction, row.other)}"
    sure = "" if row.p <= 0.05 else ", which cannot be told from nothing"
    return f"{told}; adapting changes that by {_amount(row, turned=False)}{sure}."


def _centre(results: Results, direction: Direction) -> str:
    """Say what a centre of the tested language's own does."""
    row = results.against(direction, *(named(way, results.encoders[0], results.encoders) for way in (MEANT, MEANT_PLAIN)))
    if row is None:
        return ""
    sure = "" if row.p <= 0.05 else ", which cannot be told from nothing"
    return f"Seeing {direction.tested} texts from a centre of their own, for which texts without labels are enough, changes the macro-F1 of meaning alone by {_amount(row, turned=False)}{sure}."


def _best(results: Results, direction: Direction) -> str:
    """Say which way from the other language is highest, where it is not ours."""
    ours = named(OURS, results.encoders[0], results.encoders)
    summary = results.summary[direction]
    rows = [row for row in results.compared if (row.direction, row.one) == (direction, ours) and not row.lost]
    row = max(rows, key=lambda one: summary[one.other]["macro-F1"].value, default=None)
    if row is None or row.difference >= 0:
        return "No other way that had the same labels is higher." if row else ""
    lead = f"its lead over the adapted default ({_amount(row, turned=True)})"
    return f"The highest of the ways that had the same labels is {row.other}, with {_shown(results, direction, row.other)}; {lead} {'is more than chance gives' if row.p <= 0.05 else 'cannot be told from none'}."


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
        f"'{EVERY.capitalize()}' learns from all of them. '{DEFAULT}' is TextClassifier as it comes. It sees words, pieces of words and meaning. '{AS_IT_IS}' answers for the other language as for its own. "
        f"'{OURS}' answers by a model that learned from meaning alone, and sees embeddings from the mean of the tested language's texts of the other parts, whose labels it does not look at; '{TESTED}' from the mean of the tested texts themselves, as `research classify` does. "
        f"'{OWN}' is the same classifier with labels of the tested language. '{MEANING.capitalize()}' is ridge regression on embeddings with nothing to choose (penalty {PENALTY:g}); '{PROTOTYPES}' gives the class whose mean embedding is nearest; adapted, both see embeddings from the other language's mean. "
        f"'{CONTROL}' is taught classes that were dealt out at random; '{MAJORITY}' gives the most frequent class of what it learned from. Intervals draw whole articles anew; tests exchange the answers of two ways for whole articles, and p is after Holm over all {len(results.compared)} comparisons of this page. "
        f"Encoders: {', '.join(results.encoders)}."
    )
