"""The form that judges fill in: criteria, their scales, their described levels, and the total of one scoresheet.

All classes are frozen and independent of files and tables. The constructors raise errors for definitions without a
meaningful total; the loader makes the full list of errors with lines and columns.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

LANGUAGES = ("en", "zh-Hant-HK", "zh-Hans-CN")

# Scores are typed by people in steps such as 0.1, which a float cannot represent exactly.
_STEP_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages; a competition with fewer languages leaves the others empty."""

    en: str = ""
    zh_hant_hk: str = ""
    zh_hans_cn: str = ""

    def in_locale(self, locale: str) -> str:
        """Return the text in a language of ``LANGUAGES``, or in the first language that has one."""
        tag = str(locale).replace("_", "-")
        if tag not in LANGUAGES:
            raise KeyError(f"{locale}: texts are kept in {', '.join(LANGUAGES)}")
        return self.by_language.get(tag) or next(iter(self.by_language.values()), "")

    get = in_locale

    def __str__(self) -> str:
        """Return the English text, for example for a log."""
        return self.in_locale("en")

    @property
    def by_language(self) -> dict[str, str]:
        """Return the texts that are not empty, by language tag, in the order of ``LANGUAGES``."""
        texts = zip(LANGUAGES, (self.en, self.zh_hant_hk, self.zh_hans_cn), strict=True)
        return {tag: text for tag, text in texts if text}


@dataclass(frozen=True, slots=True)
class Scale:
    """The values a judge may give: from minimum to maximum in equal steps."""

    minimum: float
    maximum: float
    step: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.minimum, self.maximum, self.step))):
            raise ValueError("a scale has a finite minimum, maximum and step")
        if self.step <= 0 or self.minimum >= self.maximum:
            raise ValueError("a scale rises from its minimum to its maximum in positive steps")
        if not _is_whole((self.maximum - self.minimum) / self.step):
            raise ValueError(f"steps of {self.step:g} do not lead from {self.minimum:g} to {self.maximum:g}")

    @property
    def n_values(self) -> int:
        """Return how many different values there are."""
        return round((self.maximum - self.minimum) / self.step) + 1

    def values(self) -> tuple[float, ...]:
        """Return every value, lowest first."""
        return tuple(round(self.minimum + k * self.step, 10) for k in range(self.n_values))

    def contains(self, value: float) -> bool:
        """Return whether a judge may give this value."""
        if not (math.isfinite(value) and self.minimum <= value <= self.maximum):
            return False
        return _is_whole((value - self.minimum) / self.step)

    def to_hundred(self, value: float) -> float:
        """Map the scale onto 0..100; means and estimates between two steps are allowed."""
        return 100.0 * (value - self.minimum) / (self.maximum - self.minimum)

    def from_hundred(self, value: float) -> float:
        """Map 0..100 back onto the scale."""
        return self.minimum + value * (self.maximum - self.minimum) / 100.0


@dataclass(frozen=True, slots=True)
class Level:
    """Description of a value of the scale."""

    value: float
    description: Text
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the form.

    Attributes
    ----------
    weight : float
        Share of the total in percent.
    scale : Scale
    levels : tuple of Level
        Rising in value.
    phrases : tuple of Text or None
        Sentences that a judge can put into the comment with one tap. None, not an empty tuple: a definition without
        the field keeps its digest.
    justify_ends : bool or None
        Whether the lowest and the highest value need a comment before the sheet can be submitted.
    """

    key: str
    name: Text
    description: Text
    weight: float
    scale: Scale
    levels: tuple[Level, ...] = ()
    phrases: tuple[Text, ...] | None = None
    justify_ends: bool | None = None

    def __post_init__(self) -> None:
        values = [level.value for level in self.levels]
        if any(low >= high for low, high in pairwise(values)):
            raise ValueError(f"{self.key}: the levels rise in value")
        if not all(map(self.scale.contains, values)):
            raise ValueError(f"{self.key}: every level is a value of the scale")
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"{self.key}: a weight is a positive percentage")

    def needs_reason(self, value: float) -> bool:
        """Return whether a score, in units of the scale, needs a comment that says why."""
        return bool(self.justify_ends) and value in (self.scale.minimum, self.scale.maximum)


@dataclass(frozen=True)
class Rubric:
    """The criteria of a round in the order judges see them; their weights sum to 100."""

    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        if not self.criteria:
            raise ValueError("a rubric has at least one criterion")
        if len(self.keys) != len(self.criteria):
            raise ValueError("two criteria have the same key")
        weight = math.fsum(criterion.weight for criterion in self.criteria)
        if not math.isclose(weight, 100.0, abs_tol=1e-6):
            raise ValueError(f"the weights sum to {weight:g}, not to 100")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the criteria in order."""
        return tuple(dict.fromkeys(criterion.key for criterion in self.criteria))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Return each criterion's share of the total; the shares sum to 1."""
        return {criterion.key: criterion.weight / 100.0 for criterion in self.criteria}

    def criterion(self, key: str) -> Criterion:
        """Return the criterion with this key, or raise KeyError."""
        for criterion in self.criteria:
            if criterion.key == key:
                return criterion
        raise KeyError(key)

    def missing(self, scores: Mapping[str, float]) -> tuple[str, ...]:
        """Return the keys of the criteria that a scoresheet has not scored, in order."""
        return tuple(key for key in self.keys if key not in scores)

    def total(self, scores: Mapping[str, float]) -> float:
        """Return the weighted sum of one complete scoresheet on 0..100.

        Parameters
        ----------
        scores : Mapping[str, float]
            One value of the scale for every criterion, in the units of the scale.

        Returns
        -------
        total : float
            0 when every score is at its minimum, 100 when every score is at its maximum. The order of ``scores`` does
            not change the last digit.

        Raises
        ------
        ValueError
            When a criterion has no score, since missing is not zero, or a score belongs to no criterion or is not a
            value of its scale. Schemas have checked this before; here it is a programming error.

        Examples
        --------
        >>> scale = Scale(1, 5, 1)
        >>> need = Criterion("need", Text("Need"), Text("Who needs it?"), 75, scale)
        >>> form = Criterion("form", Text("Form"), Text("Is it clear?"), 25, scale)
        >>> Rubric((need, form)).total({"need": 5, "form": 3})
        87.5
        """
        if missing := self.missing(scores):
            raise ValueError(f"no score for {', '.join(missing)}")
        if unknown := sorted(set(scores) - set(self.keys)):
            raise ValueError(f"no such criterion: {', '.join(unknown)}")
        for criterion in self.criteria:
            if not criterion.scale.contains(scores[criterion.key]):
                raise ValueError(f"{criterion.key}: {scores[criterion.key]} is not a value of the scale")
        return math.fsum(c.weight * c.scale.to_hundred(scores[c.key]) for c in self.criteria) / 100.0

    def total_if_complete(self, scores: Mapping[str, float]) -> float | None:
        """Return the total of a scoresheet on 0..100, None while a criterion lacks a score."""
        return None if self.missing(scores) else self.total(scores)

    def mean_of_scored(self, scores: Mapping[str, float]) -> float | None:
        """Return the weighted mean of the criteria that are scored, on 0..100; None without any.

        A calibration uses it as the total of a submitted scoresheet; it equals ``total`` when all criteria are scored.
        """
        scored = [criterion for criterion in self.criteria if criterion.key in scores]
        weight = math.fsum(criterion.weight for criterion in scored)
        if not weight:
            return None
        return math.fsum(c.weight * c.scale.to_hundred(scores[c.key]) for c in scored) / weight


def _is_whole(number: float) -> bool:
    return math.isclose(number, round(number), rel_tol=0.0, abs_tol=_STEP_TOLERANCE * max(1.0, abs(number)))
