"""What the numbers allow to say, in sentences."""

from __future__ import annotations

import math

from research.messages import Message, joined, message, word
from research.runs.records import interval

from .results import Compared, Direction, Results
from .ways import (
    AS_IT_IS,
    CONTROL,
    DEFAULT,
    EVERY,
    MAJORITY,
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


def opening(results: Results) -> list[Message]:
    """Say what was found: a paragraph on the texts, and two a direction."""
    seen = results.seen
    sizes = {language: seen.rows(language) for language in seen.languages}
    articles = {language: len({seen.articles[row] for row in rows}) for language, rows in sizes.items()}
    some, others = (
        message(
            "{texts:,} {language} texts of {articles:,} articles",
            texts=len(rows),
            language=word(language),
            articles=articles[language],
        )
        if articles[language] < len(rows)
        else message("{texts:,} {language} texts", texts=len(rows), language=word(language))
        for language, rows in sizes.items()
    )
    told = message(
        "{some} and {others} in {classes} classes ({corpus}). A classifier learned from labels of one language, and gave "
        "classes to texts of the other. It had learned neither from these texts nor from translations of them.",
        some=some,
        others=others,
        classes=len(seen.classes),
        corpus=results.name,
    )
    return [told, *(line for direction in results.directions for line in _direction(results, direction))]


def _direction(results: Results, direction: Direction) -> list[Message]:
    """Give what is lost, then what makes it more or less."""
    first = results.encoders[0]
    ours, own = (named(way, first, results.encoders) for way in (OURS, OWN))
    if ours not in results.summary[direction]:
        return [message("{direction}: {way} failed on a part.", direction=direction.name, way=ours)]
    found = [
        message(
            "{direction}: learned from {labels:,.0f} {learned} labels, the default classifier gives {tested} texts their "
            "classes with a macro-F1 of {score}.",
            direction=direction.name,
            labels=results.labels(direction.learned, every=False),
            learned=word(direction.learned),
            tested=word(direction.tested),
            score=_shown(results, direction, ours),
        )
    ]
    lost = results.against(direction, ours, own)
    if lost is not None:
        found.append(
            message(
                "Learned from as many {tested} labels it has {score}. Against that {lost}",
                tested=word(direction.tested),
                score=_shown(results, direction, own),
                lost=_lost(results, lost),
            )
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
    return [line for line in (joined(part, by=" ") for part in (found, more)) if line]


def _shown(results: Results, direction: Direction, way: str) -> str:
    found = results.summary[direction][way]["macro-F1"]
    return interval(found.value, found.low, found.high)


def _amount(row: Compared, *, turned: bool) -> Message:
    """Write a difference with its interval and p."""
    sign = -1 if turned else 1
    low, high = sorted((sign * row.low, sign * row.high))
    numbers = {"difference": sign * row.difference, "low": low, "high": high}
    if math.isnan(row.p):
        return message("{difference:z.3f} [{low:z.3f}, {high:z.3f}], p undefined", **numbers)
    return message("{difference:z.3f} [{low:z.3f}, {high:z.3f}], p = {p:.2g}", **numbers, p=row.p)


def _lost(results: Results, row: Compared) -> Message:
    """Say what is lost against learning in the language, and whether that can be told from nothing."""
    if not row.p <= 0.05:
        return message(
            "its loss ({amount}) cannot be told from none; one below {detectable:.3f} would probably go unseen on these texts.",
            amount=_amount(row, turned=True),
            detectable=row.detectable,
        )
    if row.difference >= 0:
        return message("it gains {amount}.", amount=_amount(row, turned=False))
    mine, own = (results.summary[row.direction][way]["macro-F1"].value for way in (row.one, row.other))
    return message(
        "it loses {amount}; {kept:.0f} % of the score is kept.", amount=_amount(row, turned=True), kept=100 * mine / own
    )


def _meaning(results: Results, direction: Direction) -> Message:
    """Say how much of that is lost to the language, and not to words that are not looked at."""
    meant, same = (named(way, results.encoders[0], results.encoders) for way in (MEANT, MEANT_OWN))
    row = results.against(direction, meant, same)
    if row is None:
        return Message("")
    return message(
        "Words do not carry over: what sees nothing but meaning has {from_other} from {learned} labels and {from_same} from "
        "{tested} ones. Against the latter {lost}",
        from_other=_shown(results, direction, meant),
        learned=word(direction.learned),
        from_same=_shown(results, direction, same),
        tested=word(direction.tested),
        lost=_lost(results, row),
    )


def _with_all(results: Results, row: Compared) -> Message:
    """Say what comes of all labels that a language has, where the other has fewer."""
    direction = row.direction
    mine, own = (
        results.labels(language, every=EVERY in way)
        for language, way in ((direction.learned, row.one), (direction.tested, row.other))
    )
    reached = message(
        "With all labels that there are, it has {from_other} from {mine:,.0f} {learned} ones, and {from_same} from {own:,.0f} "
        "{tested} ones",
        from_other=_shown(results, direction, row.one),
        mine=mine,
        learned=word(direction.learned),
        from_same=_shown(results, direction, row.other),
        own=own,
        tested=word(direction.tested),
    )
    if not row.p <= 0.05:
        amount = _amount(row, turned=False)
        return message("{reached}: they cannot be told apart ({amount}).", reached=reached, amount=amount)
    if row.difference < 0:
        return message("{reached}: {amount} less.", reached=reached, amount=_amount(row, turned=True))
    return message("{reached}: {amount} more.", reached=reached, amount=_amount(row, turned=False))


def _other_encoder(results: Results, direction: Direction, encoder: str) -> Message:
    """Say the same of another encoder."""
    ours, own = (named(way, encoder, results.encoders) for way in (OURS, OWN))
    row = results.against(direction, ours, own)
    if row is None:
        return Message("")
    return message(
        "With encoder {encoder} it has {from_other}, and {from_same} from {tested} labels. Against that {lost}",
        encoder=encoder,
        from_other=_shown(results, direction, ours),
        from_same=_shown(results, direction, own),
        tested=word(direction.tested),
        lost=_lost(results, row),
    )


def _as_it_is(results: Results, direction: Direction) -> Message:
    """Say what comes of not adapting."""
    first = results.encoders[0]
    row = results.against(direction, *(named(way, first, results.encoders) for way in (OURS, AS_IT_IS)))
    weights = results.weights_of_meaning(direction.learned, first, every=False)
    if row is None or not weights:
        return Message("")
    score = _shown(results, direction, row.other)
    reached = (
        message(
            "For texts of another language the default is adapted: it answers by meaning alone. As it is, it has {score}",
            score=score,
        )
        if min(weights) == 1
        else message(
            "For texts of another language the default is adapted: it answers by meaning alone. As it is, it gives words and "
            "their pieces {weight:.0f} % of the weight, sees none of them in another script, and has {score}",
            weight=100 * (1 - sum(weights) / len(weights)),
            score=score,
        )
    )
    amount = _amount(row, turned=False)
    if row.p <= 0.05:
        return message("{reached}; adapting changes that by {amount}.", reached=reached, amount=amount)
    return message(
        "{reached}; adapting changes that by {amount}, which cannot be told from nothing.", reached=reached, amount=amount
    )


def _centre(results: Results, direction: Direction) -> Message:
    """Say what a centre of the tested language's own does."""
    row = results.against(direction, *(named(way, results.encoders[0], results.encoders) for way in (MEANT, MEANT_PLAIN)))
    if row is None:
        return Message("")
    tested, amount = word(direction.tested), _amount(row, turned=False)
    if row.p <= 0.05:
        return message(
            "Seeing {tested} texts from a centre of their own, for which texts without labels are enough, changes the "
            "macro-F1 of meaning alone by {amount}.",
            tested=tested,
            amount=amount,
        )
    return message(
        "Seeing {tested} texts from a centre of their own, for which texts without labels are enough, changes the macro-F1 of "
        "meaning alone by {amount}, which cannot be told from nothing.",
        tested=tested,
        amount=amount,
    )


def _best(results: Results, direction: Direction) -> Message:
    """Say which way from the other language is highest, where it is not ours."""
    ours = named(OURS, results.encoders[0], results.encoders)
    summary = results.summary[direction]
    rows = [row for row in results.compared if (row.direction, row.one) == (direction, ours) and not row.lost]
    row = max(rows, key=lambda one: summary[one.other]["macro-F1"].value, default=None)
    if row is None:
        return Message("")
    if row.difference >= 0:
        return message("No other way that had the same labels is higher.")
    known = {"way": word(row.other), "score": _shown(results, direction, row.other), "lead": _amount(row, turned=True)}
    if row.p <= 0.05:
        return message(
            "The highest of the ways that had the same labels is {way}, with {score}; its lead over the adapted default "
            "({lead}) is more than chance gives.",
            **known,
        )
    return message(
        "The highest of the ways that had the same labels is {way}, with {score}; its lead over the adapted default ({lead}) "
        "cannot be told from none.",
        **known,
    )


def limits(results: Results) -> list[Message]:
    """Say what these numbers do not show."""
    seen = results.seen
    one, other = seen.languages
    paired = {seen.articles[at] for at in seen.rows(one)} == {seen.articles[at] for at in seen.rows(other)}
    told = [
        message(
            "Intervals and tests speak of other articles of this kind; they do not allow for learning anew from other labels."
        ),
        message(
            "The tested language gives texts without labels from the same collection. A centre of texts of another kind may "
            "do less."
        ),
    ]
    if paired:
        told += [
            message(
                "Both languages hold the same texts in translation. Texts that were written in each language apart differ in "
                "more than the language, and the loss may be larger. Encoders of several languages are trained on public "
                "translations, and may have seen these."
            ),
            message(
                "The texts that give the tested language its centre are translations of those that were learned from; '{way}' "
                "shows what comes of others.",
                way=word(TESTED),
            ),
        ]
    else:
        told.append(
            message(
                "The {one} and the {other} texts are not translations of one another: they were written apart, on the same "
                "themes. What is lost may be lost to the language, or to articles that are of another kind.",
                one=word(one),
                other=word(other),
            )
        )
    return told


def method(results: Results) -> Message:
    one, other = results.seen.languages
    seen, repeats = results.seen, len(results.parts)
    folds = len(results.every_part) // repeats
    return joined(
        [
            message(
                "Articles are dealt into {folds} parts, classes and languages as even as the articles allow; {repeats} times, "
                "with what is drawn anew each time, and scores are over all answers together.",
                folds=folds,
                repeats=repeats,
            )
            if repeats > 1
            else message(
                "Articles are dealt into {folds} parts, classes and languages as even as the articles allow.", folds=folds
            ),
            message(
                "A text of one part is answered by what learned from the other parts in {one} or in {other}: what is tested "
                "is learned from in neither language, nor is its translation where there is one. {copies:,} texts have a near "
                "copy in another article; articles that share one count as one. Both languages give equally many labels of "
                "every class; where one has more, whole articles of it are drawn at random until there are as many. 'All "
                "labels' learns from all of them.",
                one=word(one),
                other=word(other),
                copies=seen.copies,
            ),
            message(
                "'{default}' is TextClassifier as it comes. It sees words, pieces of words and meaning. '{as_it_is}' answers "
                "for the other language as for its own. '{ours}' answers by a model that learned from meaning alone, and sees "
                "embeddings from the mean of the tested language's texts of the other parts, whose labels it does not look "
                "at; '{tested}' from the mean of the tested texts themselves, as `research classify` does. '{own}' is the "
                "same classifier with labels of the tested language. 'Meaning alone' is ridge regression on embeddings with "
                "nothing to choose (penalty {penalty:g}); '{prototypes}' gives the class whose mean embedding is nearest; "
                "adapted, both see embeddings from the other language's mean. '{control}' is taught classes that were dealt "
                "out at random; '{majority}' gives the most frequent class of what it learned from.",
                default=word(DEFAULT),
                as_it_is=word(AS_IT_IS),
                ours=word(OURS),
                tested=word(TESTED),
                own=word(OWN),
                penalty=PENALTY,
                prototypes=word(PROTOTYPES),
                control=word(CONTROL),
                majority=word(MAJORITY),
            ),
            message(
                "Intervals draw whole articles anew; tests exchange the answers of two ways for whole articles, and p is "
                "after Holm over all {comparisons} comparisons of this page.",
                comparisons=len(results.compared),
            ),
            message("Encoders: {encoders}.", encoders=joined(results.encoders)),
        ],
        by=" ",
    )
