"""What a step does: a metric with the step less the same without it, over random halves of the articles, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from research.evaluate.comparison import holm
from research.evaluate.resampling import Halves, over_halves
from research.evaluate.undefined import reason
from research.messages import Message, message, word

__all__ = ["Effect", "step_effects"]

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a step on a metric.

    Attributes
    ----------
    step, metric : str
        Which on which.
    halves : Halves
        The metric with the step less the metric without it.
    p : float
        Two-sided, adjusted by Holm's method over all effects that were computed together; undefined with its reason.
    detectable : float
        The smallest effect that would be shown in four cases of five if it were the strongest of all: at the first step of
        Holm's method, the level divided by the number of effects.
    """

    step: str
    metric: str
    halves: Halves
    p: float
    detectable: float

    @property
    def shown(self) -> bool:
        """Whether the effect is one beyond noise."""
        return not math.isnan(self.p) and self.p <= _LEVEL

    @property
    def tested(self) -> bool:
        """Whether there was anything to test: the step changed the metric on some half."""
        return not math.isnan(self.p) and bool(self.halves.mean or self.halves.deviation)

    def shown_as(self) -> str:
        """Write the effect with its interval, and a star where it is beyond noise."""
        found = self.halves
        return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]{' *' if self.shown else ''}"

    def sentence(self) -> Message:
        """Say what the numbers allow to say, and no more."""
        found = self.halves
        what = {"step": word(self.step), "metric": word(self.metric)}
        if math.isnan(found.mean):
            return message("Nothing can be said of {step} and {metric}: {reason}.", **what, reason=word(reason(found.mean)))
        if not self.tested:
            return message("{step} changes nothing in {metric} on these texts.", **what)
        between = {"low": found.low, "high": found.high}
        if self.shown and found.mean > 0:
            return message(
                "{step} raises {metric} by {size:.3f} [{low:+.3f}, {high:+.3f}].", **what, **between, size=found.mean
            )
        if self.shown:
            return message(
                "{step} lowers {metric} by {size:.3f} [{low:+.3f}, {high:+.3f}].", **what, **between, size=-found.mean
            )
        if found.low > 0 or found.high < 0:
            return message(
                "Alone, {step} would seem to change {metric} by between {low:+.3f} and {high:+.3f}; among all effects that "
                "were tested this may be chance (p {p:.2f}).",
                **what,
                **between,
                p=self.p,
            )
        return message(
            "No effect of {step} on {metric} can be shown: it lies between {low:+.3f} and {high:+.3f}; effects below "
            "{detectable:.3f} would probably go unseen.",
            **what,
            **between,
            detectable=self.detectable,
        )


def step_effects(whole: Mapping[str, Sequence[float]], without: Mapping[str, Mapping[str, Sequence[float]]]) -> list[Effect]:
    """Compute the effects of steps.

    Parameters
    ----------
    whole : mapping of str to sequence of float
        For every metric, its value on each half with all steps.
    without : mapping of str to mapping of str to sequence of float
        For every step and metric, the values on the same halves without the step.

    Returns
    -------
    list of Effect
        One a step and metric, p-values adjusted over all of them. A step that changes nothing at all is no test and does
        not count among them.

    Examples
    --------
    >>> without = {"stems": {"AMI": [0.3, 0.4, 0.31]}, "tatweel": {"AMI": [0.5, 0.6, 0.5]}}
    >>> found = step_effects({"AMI": [0.5, 0.6, 0.5]}, without)
    >>> for effect in found:
    ...     print(effect.sentence())
    stems raises AMI by 0.197 [+0.172, +0.222].
    tatweel changes nothing in AMI on these texts.
    """
    rows = [
        (step, metric, over_halves([on - off for on, off in zip(whole[metric], values, strict=True)]))
        for step, metrics in without.items()
        for metric, values in metrics.items()
    ]
    tested = [at for at, (_, _, found) in enumerate(rows) if not math.isnan(found.p) and (found.mean or found.deviation)]
    adjusted = dict(zip(tested, holm([rows[at][2].p for at in tested]), strict=True))
    level = _LEVEL / max(len(tested), 1)
    return [
        Effect(step, metric, found, adjusted.get(at, found.p), found.detectable_at(level))
        for at, (step, metric, found) in enumerate(rows)
    ]
