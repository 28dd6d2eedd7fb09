"""What each step does: discovery or tagging with every step of cleaning and analysis, and without one of them at a time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd

import research
from research.cleaning import CleanResult
from research.corpus.documents import Corpus
from research.corpus.labels import load_labels
from research.discovery import LATENT, find_topics
from research.errors import ConfigError
from research.evaluate import (
    Effect,
    agreement,
    count_cooccurrence,
    deal_words,
    diversity,
    halves,
    macro_f1,
    mean_defined,
    npmi,
    over_halves,
    partition_stability,
    shuffled,
    step_effects,
)
from research.features import EmbeddingStore, Encoder, LsaEncoder, embed, get_encoder, window_means
from research.report import Page
from research.report.figures import effects_with_intervals
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Cell, Headline, Measured, Outcome, Run, project_path, require
from research.text import ANALYSIS_STEPS, ArabicAnalyzer, normalize
from research.text.tokens import words
from research.themes import Labelled, ThemeTagger, load_codebook, load_labelled
from research.themes.tagger import PARTS

ALL, OTHER_SEED, DEALT = "all steps", "another seed (control)", "words dealt anew (control)"
SHUFFLED = "labels shuffled (control)"
WORDS = 10  # keywords a topic that are scored
TESTED = {"discovery": ("AMI", "NPMI", "stability"), "tagging": ("macro-F1",)}  # by task

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


@dataclass(frozen=True)
class Config:
    task: str = "discovery"  # or tagging
    corpus: str = "seeds/articles"
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own labels
    codebook: str = "seeds/themes.toml"
    unit: str = "passage"
    articles: int = 0  # at most so many, drawn at random; 0: all
    encoder: str = "use"
    resolution: float = 0.0  # 0: chosen by stability
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, articles=0, resolution=0, draws=2)
        if self.task not in TESTED:
            raise ConfigError(f"unknown task {self.task!r}", where="task", remedy=f"tasks are {', '.join(TESTED)}")
        if self.task == "tagging" and not self.labels:
            raise ConfigError("no labels", where="labels", remedy="tagging is scored on labelled lines: name their file")
        if self.task == "tagging" and (self.articles or self.unit != "passage"):
            raise ConfigError(
                "articles or unit given", where="task tagging", remedy="it takes every labelled line: leave them out"
            )

    def quick(self) -> Config:
        return replace(self, draws=4)


@dataclass(frozen=True, eq=False)
class Material:
    """Texts with what is needed to form topics of them and to score these."""

    texts: list[str]
    articles: list[str]
    classes: npt.NDArray[np.object_]  # None where a text is not scored
    embeddings: npt.NDArray[np.float32]
    cleaned: CleanResult
    tokens: list[list[str]]  # of its passages


def settings_of(config: Config, **changed: Any) -> dict[str, Any]:
    """Everything that a cell depends on."""
    switches = dict.fromkeys(_switches(config), True)
    steps = {"steps": list(ANALYSIS_STEPS), **switches, "dealt": False, "leiden_seed": config.seed}
    return {**{key: value for key, value in asdict(config).items() if key != "draws"}, **steps, **changed}


def _switches(config: Config) -> dict[str, str]:
    return SWITCHES if config.task == "discovery" else TAGGING_SWITCHES


def _control(config: Config) -> str:
    return DEALT if config.task == "discovery" else SHUFFLED


def arms(config: Config) -> dict[str, dict[str, Any]]:
    found = {ALL: settings_of(config)}
    for step, name in NORMALISATION.items():
        found[name] = settings_of(config, steps=[kept for kept in ANALYSIS_STEPS if kept != step])
    for switch, name in _switches(config).items():
        found[name] = settings_of(config, **{switch: False})
    found[OTHER_SEED] = settings_of(config, leiden_seed=config.seed + 1)
    found[_control(config)] = settings_of(config, dealt=True)
    return found


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    run.used_encoder(get_encoder(config.encoder))
    plan, name = arms(config), path.name.split(".")[0]
    if config.task == "tagging":
        encoder = get_encoder(config.encoder)
        embed(labelled(config.corpus, config.labels, config.codebook).texts, encoder, _store(encoder))
    else:
        for furniture, dealt in ((True, False), (False, False), (True, True)):
            material(*_source(settings_of(config, furniture=furniture, dealt=dealt)))  # embeds what is new, over all cores
    cells = [Cell(arm, name, fold=half, settings=settings) for half in range(config.draws) for arm, settings in plan.items()]
    outcomes = run.sweep(measure, cells, label="arms and halves")
    values = _values(outcomes, list(plan), config.draws)
    for arm, metrics in values.items():
        for metric, over in metrics.items():
            found = over_halves(over)
            run.record(arm, name, metric, found.mean, low=found.low, high=found.high)
    steps = [*NORMALISATION.values(), *_switches(config).values(), OTHER_SEED]
    tested = TESTED[config.task]
    effects = step_effects(values[ALL], {step: {metric: values[step][metric] for metric in tested} for step in steps})
    for effect in effects:
        found = effect.halves
        run.record(f"effect: {effect.step}", name, effect.metric, found.mean, low=found.low, high=found.high)
    _headlines(run, values, name, config)
    _page(config, run, values, effects).write(run.folder / "report.html")


# -- one cell -----------------------------------------------------------------------------------------------------------


def measure(cell: Cell) -> Measured:
    """What is found with one half of the articles, scored against labels and on the other half."""
    chosen = cell.settings
    if chosen.get("task") == "tagging":
        return Measured({"macro-F1": _tagged(cell)})
    seen, reference = material(*_source(chosen)), material(*_source({**chosen, "furniture": True, "dealt": False}))
    half = _half(seen.articles, cell.fold, chosen["seed"])
    other = ~_half([passage.document for passage in reference.cleaned.passages], cell.fold, chosen["seed"])
    rows = np.flatnonzero(half)
    labels, keywords = _topics(seen, rows, chosen)
    whole = _whole(_frozen(chosen))
    scored = [at for at, row in enumerate(rows) if seen.classes[row] is not None]
    found = agreement([seen.classes[rows[at]] for at in scored], labels[scored])
    held_out = [tokens for tokens, out in zip(reference.tokens, other, strict=True) if out]
    topics = [_surface(words) for words in keywords]
    counts = count_cooccurrence(held_out, {word for topic in topics for word in topic})
    return Measured(
        {
            "AMI": found.ami,
            "NPMI": mean_defined(npmi(topics, counts), "topic"),
            "stability": partition_stability([labels, whole[rows]]),
            "diversity": diversity(topics),
            "topics": float(len(topics)),
        }
    )


def _tagged(cell: Cell) -> float:
    """Learn themes from one half of the labelled articles and decide those of the other half."""
    chosen = cell.settings
    known = labelled(chosen["corpus"], chosen["labels"], chosen["codebook"])
    half = _half(known.groups, cell.fold, chosen["seed"])
    seen, asked = known[np.flatnonzero(half)], known[np.flatnonzero(~half)]
    truth = seen.truth[shuffled(range(len(seen.texts)), seed=cell.fold or 0)] if chosen["dealt"] else seen.truth
    encoder = get_encoder(chosen["encoder"])
    tagger = ThemeTagger(
        load_codebook(project_path(chosen["codebook"])),
        encoder,
        _store(encoder),
        [part for part in PARTS if chosen[f"part_{part}"]],
        folds=5,
        seed=chosen["leiden_seed"],
        analyzer=_analyzer(chosen, clitics=chosen["clitics"], stems=chosen["stems"]),
    ).fit(seen.texts, truth, seen.groups)
    return macro_f1(asked.stated, tagger.predict(asked.texts) & asked.usable)


@lru_cache(maxsize=2)
def labelled(corpus: str, labels: str, codebook: str) -> Labelled:
    return load_labelled(project_path(corpus), project_path(labels), load_codebook(project_path(codebook)).keys)


def _analyzer(chosen: Mapping[str, Any], **switches: bool) -> ArabicAnalyzer:
    options: dict[str, Any] = {} if chosen["stop_words"] else {"stop_groups": ()}
    return ArabicAnalyzer(steps=chosen["steps"], **switches, **options)


def _store(encoder: Encoder) -> EmbeddingStore:
    return EmbeddingStore.of(encoder)


def _topics(
    seen: Material, rows: npt.NDArray[np.intp], chosen: Mapping[str, Any]
) -> tuple[npt.NDArray[np.int64], list[list[str]]]:
    # Every computation sees the texts in an order of their own and equal ones once, as `research.discover` does.
    texts = sorted({seen.texts[row] for row in rows})
    at = {text: number for number, text in enumerate(texts)}
    first = {seen.texts[row]: row for row in rows[::-1]}
    embeddings = seen.embeddings[[first[text] for text in texts]]
    if not chosen["embeddings"]:
        embeddings = LsaEncoder(texts).encode(texts)
    switches = {name: chosen[name] for name in ("clitics", "stems", "phrases")}
    found = find_topics(
        texts,
        embeddings,
        latent=LATENT if chosen["latent"] and chosen["embeddings"] else 0,
        analyzer=_analyzer(chosen, **switches),
        resolution=chosen["resolution"] or None,
        seed=chosen["leiden_seed"],
    )
    return found.labels[[at[seen.texts[row]] for row in rows]], [
        found.keywords(topic, WORDS) for topic in range(len(found.words))
    ]


@lru_cache(maxsize=64)
def _whole(chosen: tuple[tuple[str, Any], ...]) -> npt.NDArray[np.int64]:
    settings = {key: list(value) if key == "steps" else value for key, value in chosen}
    seen = material(*_source(settings))
    return _topics(seen, np.arange(len(seen.texts)), settings)[0]


def _frozen(chosen: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in sorted(chosen.items()))


def _half(articles: Sequence[str], number: int | None, seed: int) -> npt.NDArray[np.bool_]:
    return halves(articles, draws=(number or 0) + 1, seed=seed)[-1]


def _surface(keywords: Sequence[str]) -> list[str]:
    """Single words, folded: the one vocabulary that all arms are scored in."""
    return list(dict.fromkeys(word for keyword in keywords for word in words(normalize(keyword))))[:WORDS]


# -- the texts ----------------------------------------------------------------------------------------------------------


def _source(chosen: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("corpus", "labels", "codebook", "unit", "articles", "encoder", "seed", "furniture", "dealt")
    return tuple(chosen[name] for name in names)


@lru_cache(maxsize=4)
def material(
    corpus: str, labels: str, codebook: str, unit: str, articles: int, encoder: str, seed: int, furniture: bool, dealt: bool
) -> Material:
    loaded = research.load(project_path(corpus))
    themes = _themes(loaded, labels, codebook) if labels else {}
    if articles and len(loaded.usable) > articles:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(loaded.usable))[:articles])
        loaded = Corpus(loaded.name, tuple(loaded.usable[at] for at in drawn))
    cleaned = research.clean(loaded, furniture=furniture)
    texts, of, classes = [], [], []
    if unit == "passage":
        for passage in cleaned.passages:
            texts.append(passage.text)
            of.append(passage.document)
            found = [theme for start, end, theme in themes.get(passage.document, []) if start <= passage.start < end]
            classes.append(found[0] if found else None)
    else:
        parts: dict[str, list[str]] = {}
        for passage in cleaned.passages:
            parts.setdefault(passage.document, []).append(passage.text)
        for id, lines in parts.items():
            texts.append("\n".join(lines))
            of.append(id)
            classes.append(loaded[id].label)
    if dealt:
        texts = [" ".join(text) for text in deal_words([text.split() for text in texts], seed=seed)]
    coder = get_encoder(encoder)
    embeddings = (embed if unit == "passage" else window_means)(texts, coder, _store(coder))
    tokens = [words(normalize(passage.text)) for passage in cleaned.passages]
    return Material(texts, of, np.array(classes, dtype=object), embeddings, cleaned, tokens)


def _themes(corpus: Corpus, labels: str, codebook: str) -> dict[str, list[tuple[int, int, str]]]:
    """Lines that speak of exactly one theme, both readers agreeing."""
    names = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in load_labels(project_path(labels), corpus, names):
        if len(line.themes) == 1 and not line.disputed:
            found.setdefault(line.document, []).append((line.start, line.end, next(iter(line.themes))))
    return found


# -- the report ---------------------------------------------------------------------------------------------------------


def _values(outcomes: Sequence[Outcome], names: Sequence[str], draws: int) -> dict[str, dict[str, list[float]]]:
    metrics = list(dict.fromkeys(metric for outcome in outcomes for metric in outcome.metrics))
    found = {arm: {metric: [float("nan")] * draws for metric in metrics} for arm in names}
    for outcome in outcomes:
        for metric, value in outcome.metrics.items():
            found[outcome.cell.model][metric][outcome.cell.fold or 0] = value
    return found


def _headlines(run: Run, values: Mapping[str, Mapping[str, Sequence[float]]], corpus: str, config: Config) -> None:
    against = "the theme on which two language models agree" if config.labels else "the articles' sections"
    told = {
        "AMI": f"Topics of half of the articles agree with {against} ({corpus})",
        "NPMI": f"Keywords of half of the articles belong together in the other half ({corpus})",
        "stability": f"Topics of half of the articles are those of all of them ({corpus})",
        "macro-F1": f"Themes of half of the articles, learned from the other half ({corpus})",
    }
    other = _control(config)
    for metric in TESTED[config.task]:
        ours, control = (over_halves(values[arm].get(metric, [])) for arm in (ALL, other))
        numbers = (ours.mean, ours.low, ours.high, other.removesuffix(" (control)"))
        run.headline(Headline(told[metric], ALL, metric, *numbers, control.mean, control.low, control.high))


_TAGGING_METHOD = (
    "The tagger learns from one random half of the labelled articles and decides the themes of the other half; copies of one wire are on one side. An "
    "effect is macro-F1 with all steps minus macro-F1 without one, on the same half. Steps of normalisation act on the codebook's words and on those that are "
    "learned, not on what the encoder reads; clitics, stems and stop words on learned words only, because the codebook's are always compared by stem; denials are known in fully folded form. The standard deviation over random halves "
    "is the standard error at full size (the delete-half jackknife). p-values are adjusted over all effects by Holm's method."
)


def _page(config: Config, run: Run, values: Mapping[str, Mapping[str, Sequence[float]]], effects: Sequence[Effect]) -> Page:
    metrics = TESTED[config.task]
    what = "topics" if config.task == "discovery" else "themes found in"
    page = Page(
        f"What each step does to the {what} of a corpus ({project_path(config.corpus).name.partition('.')[0]})".replace(
            "in of", "in"
        )
    )
    shown = [effect for effect in effects if effect.shown]
    tested = [effect for effect in effects if effect.tested]
    page.paragraph(
        f"Each step of cleaning and analysis was left out, one at a time, on {config.draws} random halves of the articles. Of {len(tested)} effects "
        f"that could be tested, {len(shown) or 'none'} can be told from noise after correction for their number. "
        + (
            "Another seed alone shows an effect: do not trust this table."
            if any(effect.step == OTHER_SEED for effect in shown)
            else "Another seed alone shows none, as it must."
        )
    )
    page.notes([effect.sentence() for effect in shown])
    steps = list(dict.fromkeys(effect.step for effect in effects))
    idle = [step for step in steps if not any(effect.step == step for effect in tested)]
    if idle:
        page.paragraph(
            f"Without these, every half gave the same {'topics and keywords' if config.task == 'discovery' else 'macro-F1'}: {', '.join(idle)}."
        )
    least = {metric: [e.detectable for e in tested if e.metric == metric and not e.shown] for metric in metrics}
    page.paragraph(
        "What is not shown may still be there. The smallest effect that would be shown in four cases of five, after correction: "
        + "; ".join(f"{metric} {min(sizes):.2f} to {max(sizes):.2f}" for metric, sizes in least.items() if sizes)
        + ", depending on the step."
    )
    page.section("Against controls")
    add_headlines(page, run.headlines)
    for metric in metrics:
        rows = [effect for effect in tested if effect.metric == metric]
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8, 0.32 * len(rows) + 1.4))
            xlabel = f"difference in {metric}, with the step minus without it ({config.draws} halves, 95 % interval)"
            effects_with_intervals(rows, ax, xlabel=xlabel, title=f"Effect on {metric}")
        page.figure(drawing, f"effect-on-{metric.lower()}", f"Effect of every step on {metric}, with intervals.", run.folder)
    table = pd.DataFrame(
        [(e.step, e.metric, e.halves.mean, e.halves.low, e.halves.high, e.p, e.detectable, e.sentence()) for e in effects],
        columns=["step", "metric", "effect", "low", "high", "p", "detectable", "sentence"],
    )
    write_csv(table, run.folder / "effects.csv")
    levels = pd.DataFrame(
        [(arm, *(over_halves(over).mean for over in metrics.values())) for arm, metrics in values.items()],
        columns=["without", *values[ALL]],
    )
    levels["without"] = [{ALL: "(nothing)"}.get(arm, arm) for arm in levels["without"]]
    write_csv(levels, run.folder / "levels.csv")
    page.section("Every effect")
    by_step = {(effect.step, effect.metric): effect for effect in tested}
    cells = [
        (step, *(by_step[step, metric].shown_as() if (step, metric) in by_step else "–" for metric in metrics))
        for step in steps
        if step not in idle
    ]
    page.table(
        pd.DataFrame(cells, columns=["step", *(f"effect on {metric}" for metric in metrics)]),
        "With the step minus without it, and its 95 % interval (a single test); * shown after correction. effects.csv holds p-values and what each allows to say.",
    )
    page.table(levels, "The metrics themselves, mean over the halves.")
    page.section("How this was done")
    if config.task == "tagging":
        page.paragraph(_TAGGING_METHOD)
        return page
    page.paragraph(
        "An effect is the metric with all steps minus the metric without one, on the same half. Steps of normalisation act on words, not on what the "
        "encoder reads, and keywords are scored in one vocabulary whatever the step. The standard deviation over random halves is "
        "the standard error at full size (the delete-half jackknife), so intervals speak of other articles of this kind, and of no other corpus. "
        "p-values are adjusted over all effects by Holm's method. AMI: adjusted mutual information with the labels, "
        + ("of passages that speak of exactly one theme. " if config.labels else "which are the articles' sections. ")
        + f"NPMI: of the first {WORDS} words of each topic, in surface form, counted in the passages of the other half; it rewards frequent words, stop "
        "words too, and counts words that never meet as -1, so on a small corpus it is low. Stability: adjusted Rand index between the topics of the "
        f"half and those of all articles. Words dealt anew: the same words shuffled over texts of the same lengths; where classes differ in length, that alone can agree a little. The number of topics is {'chosen by stability' if not config.resolution else f'that of resolution {config.resolution:g}'}."
    )
    return page


if __name__ == "__main__":
    from research.cli import main

    main(["run", "ablation"])
