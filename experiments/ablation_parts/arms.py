"""The arms: everything as it is, and the same with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.messages import Message, word
from research.text import ANALYSIS_STEPS

ALL, OTHER_SEED, DEALT = word("all steps"), word("another seed (control)"), word("words dealt anew (control)")
SHUFFLED = word("labels shuffled (control)")
TESTED = {
    "discovery": ("AMI", "NPMI", word("stability")),
    "tagging": ("macro-F1",),
    "classification": ("macro-F1", word("accuracy")),
}  # by task

# Every arm but the first is the first with one thing changed.
NORMALISATION = {
    "compose": word("composing letters and marks"),
    "presentation": word("unfolding contextual letter shapes"),
    "bidi": word("dropping invisible marks"),
    "diacritics": word("dropping vowel signs"),
    "tatweel": word("dropping tatweel"),
    "spaces": word("unifying blanks"),
    "quotes": word("unifying quotes"),
    "digits": word("unifying digits"),
    "alef": word("unifying alef"),
    "hamza": word("unifying hamza"),
    "ya": word("unifying ya and kaf"),
    "ta_marbuta": word("unifying ta marbuta"),
    "case": word("folding case"),
}
SWITCHES = {
    "clitics": word("taking clitics off"),
    "stems": word("stemming"),
    "stop_words": word("leaving stop words out"),
    "phrases": word("joining names and phrases"),
    "furniture": word("taking furniture out"),
    "latent": word("words beside embeddings"),
    "embeddings": word("embeddings beside words"),
}
TAGGING_SWITCHES = {
    **{switch: SWITCHES[switch] for switch in ("clitics", "stems", "stop_words")},
    "part_codebook": word("the codebook beside what is learned"),
    "part_words": word("learned words beside the rest"),
    "part_embeddings": word("embeddings beside the rest"),
}
CLASSIFICATION_SWITCHES = {
    "furniture": SWITCHES["furniture"],
    "proclitics": word("leaving proclitics on"),
    "endings": word("leaving endings on"),
    "function_words": word("leaving stop words in"),
    "pairs": word("pairs of words beside words"),
    "damping": word("damping repeated words"),
    "rarity": word("weighing by rarity"),
    "single": word("leaving out what one text holds"),
    "view_words": word("words beside the rest"),
    "view_characters": word("pieces of words beside the rest"),
    "view_meaning": word("meaning beside the rest"),
    "centring": word("centring meanings"),
    "balance": word("weighing rare classes up"),
    "choosing": word("choosing on held-out texts"),
    "together": word("several candidates together"),
}
# A single step of normalisation does too little to classes to be shown, and every arm makes the others harder to show.
CLASSIFICATION_NORMALISATION = {
    word("all normalisation"): tuple(ANALYSIS_STEPS),
    word("dropping marks, unfolding shapes"): ("compose", "presentation", "bidi", "diacritics", "tatweel"),
    word("unifying letters"): ("alef", "hamza", "ya", "ta_marbuta"),
    word("unifying blanks, quotes, digits, case"): ("spaces", "quotes", "digits", "case"),
}


def settings_of(chosen: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """Everything that a cell depends on, from what was configured: every step is done, except where it is changed."""
    switches = dict.fromkeys(switches_of(chosen), True)
    steps = {"steps": list(ANALYSIS_STEPS), **switches, "dealt": False, "leiden_seed": chosen["seed"]}
    return {**chosen, **steps, **changed}


def switches_of(chosen: Mapping[str, Any]) -> dict[str, Message]:
    """Name what can be switched off besides normalisation."""
    if chosen["task"] == "classification":
        # Labelled lines are single lines of news: there is no furniture around them.
        lines = chosen["unit"] == "passage"
        return {switch: name for switch, name in CLASSIFICATION_SWITCHES.items() if switch != "furniture" or not lines}
    return SWITCHES if chosen["task"] == "discovery" else TAGGING_SWITCHES


def control_of(task: str) -> str:
    return DEALT if task == "discovery" else SHUFFLED


def steps_of(plan: Mapping[str, Any]) -> list[str]:
    """Name the arms that are tested against the first one."""
    return [arm for arm in plan if arm not in {ALL, DEALT, SHUFFLED}]


def _normalisation_of(task: str) -> dict[Message, tuple[str, ...]]:
    """Name what is left out of normalisation, together."""
    if task == "classification":
        return CLASSIFICATION_NORMALISATION
    return {name: (step,) for step, name in NORMALISATION.items()}


def arms(chosen: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {ALL: settings_of(chosen)}
    for name, steps in _normalisation_of(chosen["task"]).items():
        found[name] = settings_of(chosen, steps=[kept for kept in ANALYSIS_STEPS if kept not in steps])
    for switch, name in switches_of(chosen).items():
        found[name] = settings_of(chosen, **{switch: False})
    found[OTHER_SEED] = settings_of(chosen, leiden_seed=chosen["seed"] + 1)
    found[control_of(chosen["task"])] = settings_of(chosen, dealt=True)
    return found
