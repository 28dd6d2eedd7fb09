"""What learns, and the ways to the classes of another language: how its texts are answered, and who had learned what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classification_parts import MAJORITY, PENALTY, Model, majority
from classification_parts import OURS as OURS_AS_IT_COMES

from research.classifiers.classifier import TextClassifier
from research.classifiers.prototypes import PrototypeClassifier
from research.classifiers.ridge import Candidate, Mix
from research.evaluate import shuffled
from research.messages import Message, joined, message, word

MEANING, PROTOTYPES, DEFAULT = word("meaning alone"), word("nearest prototype"), OURS_AS_IT_COMES
SHUFFLED = word("research (default), labels shuffled")

#: How texts of another language are answered: by what learned as it is, or adapted to texts of that language without labels,
#: which are not the tested ones, or are.
PLAIN, ADAPTED, TO_TESTED = "as it is", "adapted", "adapted to the tested texts"


@dataclass(frozen=True, eq=False)
class Given:
    """What is learned from."""

    texts: list[str]
    labels: list[str]
    groups: list[int]
    encoder: str
    seed: int


def default(given: Given) -> Model:
    return TextClassifier(encoder=given.encoder).fit(given.texts, given.labels, groups=given.groups)


def dealt(given: Given) -> Model:
    labels = [str(label) for label in shuffled(given.labels, seed=given.seed)]
    return TextClassifier(encoder=given.encoder).fit(given.texts, labels, groups=given.groups)


def meaning(given: Given) -> Model:
    model = TextClassifier(encoder=given.encoder, candidate=Candidate(Mix(meaning=1.0), PENALTY))
    return model.fit(given.texts, given.labels, groups=given.groups)


def prototypes(given: Given) -> Model:
    return PrototypeClassifier(encoder=given.encoder).fit(given.texts, given.labels)


LEARNERS: dict[str, Callable[[Given], Model]] = {
    MAJORITY: majority,
    PROTOTYPES: prototypes,
    MEANING: meaning,
    DEFAULT: default,
    SHUFFLED: dealt,
}


@dataclass(frozen=True)
class Way:
    """A way to classes of texts of a language.

    Attributes
    ----------
    name : str
        On the page.
    learner : str
        What learns.
    how : str
        As it is, or adapted.
    own : bool
        Whether it learned in the language of the tested texts.
    every : bool
        Whether it learned from all labels there, even if the other language has fewer.
    """

    name: str
    learner: str
    how: str = PLAIN
    own: bool = False
    every: bool = False


EVERY = "all labels"
OURS, OWN = word("research (default), adapted"), word("research (default), in the language itself")
AS_IT_IS, TESTED = word("research (default), as it is"), word("research (default), adapted to the tested texts")
CONTROL = word("research (default), adapted, labels shuffled")
OURS_EVERY = word("research (default), adapted, all labels")
OWN_EVERY = word("research (default), in the language itself, all labels")
MEANT_PLAIN, MEANT = word("meaning alone, as it is"), word("meaning alone, adapted")
MEANT_OWN = word("meaning alone, in the language itself")
NEAREST = word("nearest prototype, adapted")
WAYS = (
    Way(MAJORITY, MAJORITY),
    Way(NEAREST, PROTOTYPES, ADAPTED),
    Way(MEANT_PLAIN, MEANING),
    Way(MEANT, MEANING, ADAPTED),
    Way(AS_IT_IS, DEFAULT),
    Way(TESTED, DEFAULT, TO_TESTED),
    Way(OURS, DEFAULT, ADAPTED),
    Way(OURS_EVERY, DEFAULT, ADAPTED, every=True),
    Way(MEANT_OWN, MEANING, own=True),
    Way(OWN, DEFAULT, own=True),
    Way(OWN_EVERY, DEFAULT, own=True, every=True),
    Way(CONTROL, SHUFFLED, ADAPTED),
)
#: What the adapted default is held against, beside learning in the language.
RIVALS = (NEAREST, MEANT, AS_IT_IS, TESTED)


def learner_named(learner: str, language: str, *, every: bool) -> Message:
    """Name a learner by the language that it learned in."""
    if every:
        return message("{learner}, learned in {language}, all labels", learner=word(learner), language=word(language))
    return message("{learner}, learned in {language}", learner=word(learner), language=word(language))


def named(way: str, encoder: str, encoders: Sequence[str]) -> Message:
    """Name a way on the page: with its encoder where there are several."""
    return joined([word(way), encoder]) if len(encoders) > 1 and encoder else word(way)
