"""What a reader must know of any classification, whether an article has one class or several labels."""

from __future__ import annotations

from research.classifiers.selection import Choice
from research.messages import Message, count, message

__all__ = ["NOTHING_HELD_OUT", "on_learning", "on_likeness", "on_training"]

#: Where no model could be asked for an article that it had not seen.
NOTHING_HELD_OUT = message(
    "No article could be held out: how often the answers are right is not known, and no score is a probability."
)


def on_training(n: int, *, unlabelled: int, blank: int, copies: int) -> list[Message]:
    """Say which training articles are not learned from, and which are held out together.

    Parameters
    ----------
    n : int
        How many training articles there are.
    unlabelled, blank, copies : int
        How many of them have no label, have one and no text, and have near copies among the others.

    Examples
    --------
    >>> on_training(9, unlabelled=0, blank=1, copies=0)
    ['1 labelled article holds no text that can be used.']
    """
    notes = []
    if unlabelled:
        notes.append(
            count(
                "{k} of {n} training article has no label: nothing is learned from it.",
                "{k} of {n} training articles have no label: nothing is learned from them.",
                n=n,
                k=unlabelled,
            )
        )
    if blank:
        notes.append(
            count(
                "{n} labelled article holds no text that can be used.",
                "{n} labelled articles hold no text that can be used.",
                n=blank,
            )
        )
    if copies:
        notes.append(
            count(
                "{n} training article has near copies among the others: they were held out together.",
                "{n} training articles have near copies among the others: they were held out together.",
                n=copies,
            )
        )
    return notes


def on_likeness(n: int, *, foreign: bool, centred: bool, unlike: int) -> list[Message]:
    """Say how far articles are like those that were learned from.

    Parameters
    ----------
    n : int
        How many articles are classified.
    foreign : bool
        Whether they are in another script.
    centred : bool
        Whether they are then compared from a centre of their own.
    unlike : int
        How many are unlike anything that was learned from.

    Examples
    --------
    >>> on_likeness(1, foreign=False, centred=False, unlike=1)
    ['1 of 1 article is unlike those that were learned from: trust its answer less.']
    """
    notes = []
    if foreign and centred:
        notes.append(
            message(
                "The articles are in another script than those that were learned from: they are compared by meaning alone, "
                "from a centre of their own, and how often that is right was not measured on held-out articles."
            )
        )
    elif foreign:
        notes.append(
            message(
                "The articles are in another script than those that were learned from: they are compared by meaning alone, and "
                "how often that is right was not measured on held-out articles."
            )
        )
    if unlike:
        notes.append(
            count(
                "{k} of {n} article is unlike those that were learned from: trust its answer less.",
                "{k} of {n} articles are unlike those that were learned from: trust their answers less.",
                n=n,
                k=unlike,
            )
        )
    return notes


def on_learning(choice: Choice, *, missing: bool) -> list[Message]:
    """Say what could not be tried.

    Parameters
    ----------
    choice : Choice
        What was tried.
    missing : bool
        Whether the bundled encoder was wanted and is not installed.

    Examples
    --------
    >>> on_learning(Choice((), (), 0, "articles", True), missing=True)
    ['The bundled sentence encoder is not installed: texts were compared by their words alone.']
    """
    notes = []
    if choice.tried and not choice.complete:
        notes.append(
            count(
                "The time was up after {n} way to learn: give more seconds to try all.",
                "The time was up after {n} ways to learn: give more seconds to try all.",
                n=len(choice.tried),
            )
        )
    if missing:
        notes.append(message("The bundled sentence encoder is not installed: texts were compared by their words alone."))
    return notes
