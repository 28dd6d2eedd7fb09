"""The arms: everything as it is, and the same with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.text import ANALYSIS_STEPS

ALL, OTHER_SEED, DEALT = "all steps", "another seed (control)", "words dealt anew (control)"
SHUFFLED = "labels shuffled (control)"
TESTED = {
    "discovery": ("AMI", "NPMI", "stability"),
    "tagging": ("macro-F1",),
    "classification": ("macro-F1", "accuracy"),
}  # by task

# Every arm but the first is the first with one thing changed.
NORMALISATION = {
    "compose": "composing letters and marks",
    "presentation": "unfolding contextual letter shapes",
    "bidi": "dropping invisible marks",
    "diacritics": "dropping vowel signs",
    "tatweel": "dropping tatweel",
    "spaces": "unifying blanks",
    "quotes": "unifying quotes",
    "digits": "unifying digits",
    "alef": "unifying alef",
    "hamza": "unifying hamza",
    "ya": "unifying ya and kaf",
    "ta_marbuta": "unifying ta marbuta",
    "case": "folding case",
}
SWITCHES = {
    "clitics": "taking clitics off",
    "stems": "stemming",
    "stop_words": "leaving stop words out",
    "phrases": "joining names and phrases",
    "furniture": "taking furniture out",
    "latent": "words beside embeddings",
    "embeddings": "embeddings beside words",
}
TAGGING_SWITCHES = {
    **{switch: SWITCHES[switch] for switch in ("clitics", "stems", "stop_words")},
    "part_codebook": "the codebook beside what is learned",
    "part_words": "learned words beside the rest",
    "part_embeddings": "embeddings beside the rest",
}
CLASSIFICATION_SWITCHES = {
    "furniture": SWITCHES["furniture"],
    "proclitics": "leaving proclitics on",
    "endings": "leaving endings on",
    "function_words": "leaving stop words in",
    "pairs": "pairs of words beside words",
    "damping": "damping repeated words",
    "rarity": "weighing by rarity",
    "single": "leaving out what one text holds",
    "view_words": "words beside the rest",
    "view_characters": "pieces of words beside the rest",
    "view_meaning": "meaning beside the rest",
    "centring": "centring meanings",
    "balance": "weighing rare classes up",
    "choosing": "choosing on held-out texts",
    "together": "several candidates together",
}
# A single step of normalisation does too little to classes to be shown, and every arm makes the others harder to show.
CLASSIFICATION_NORMALISATION = {
    "all normalisation": tuple(ANALYSIS_STEPS),
    "dropping marks, unfolding shapes": ("compose", "presentation", "bidi", "diacritics", "tatweel"),
    "unifying letters": ("alef", "hamza", "ya", "ta_marbuta"),
    "unifying blanks, quotes, digits, case": ("spaces", "quotes", "digits", "case"),
}


def settings_of(chosen: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """Everything that a cell depends on, from what was configured: every step is done, except where it is changed."""
    switches = dict.fromkeys(switches_of(chosen), True)
    steps = {"steps": list(ANALYSIS_STEPS), **switches, "dealt": False, "leiden_seed": chosen["seed"]}
    return {**chosen, **steps, **changed}


def switches_of(chosen: Mapping[str, Any]) -> dict[str, str]:
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


def _normalisation_of(task: str) -> dict[str, tuple[str, ...]]:
    """Name what is left out of normalisation, together."""
    if task == "classification":
        return CLASSIFICATION_NORMALISATION
    return {name: (step,) for step, name in NORMALISATION.items()}


def arms(chosen: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {ALL: settings_of(chosen)}
    for name, steps in _normalisation_of(chosen["task"]).items():
        found[name] = settings_of(chosen, steps=[kept for kept in ANALYSIS_STEPS if kept not in steps])
    for switch, name in switches_of(chosen).items():
        found[name] = settings_of(chosen, **{switch: False})
    found[OTHER_SEED] = settings_of(chosen, leiden_seed=chosen["seed"] + 1)
    found[control_of(chosen["task"])] = settings_of(chosen, dealt=True)
    return found
