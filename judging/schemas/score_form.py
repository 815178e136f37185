"""The expected columns and scales of a file of scores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from judging.errors import Message

_STEP_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class FileScale:
    """The values that a score may have; a step of NaN means any value between minimum and maximum."""

    minimum: float
    maximum: float
    step: float = math.nan

    def __post_init__(self) -> None:
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum) and self.minimum < self.maximum):
            raise ValueError("a scale rises from a finite minimum to a finite maximum")
        if self.step <= 0 or math.isinf(self.step):
            raise ValueError("a scale has positive steps")

    def complaint_about(self, value: float) -> Message | None:
        """Return a correction when a value is not on the scale, otherwise None."""
        if not self.minimum <= value <= self.maximum:
            return Message(
                "the scale goes from {minimum} to {maximum}", minimum=f"{self.minimum:g}", maximum=f"{self.maximum:g}"
            )
        if not math.isnan(self.step):
            steps = (value - self.minimum) / self.step
            if abs(steps - round(steps)) > _STEP_TOLERANCE:
                below = self.minimum + math.floor(steps) * self.step
                return Message(
                    "the scale goes in steps of {step}: {below} or {above}",
                    step=f"{self.step:g}",
                    below=f"{below:g}",
                    above=f"{below + self.step:g}",
                )
        return None


@dataclass(frozen=True, kw_only=True)
class ScoreForm:
    """The expected columns and scales of a score file.

    Attributes
    ----------
    headings : mapping of str to str
        Our column name -> heading in the file, where the two differ.
    criteria : tuple of str
        In order; empty when the file determines them.
    weights : mapping of str to float
        By criterion; empty means equal.
    scales : mapping of str to FileScale
        By criterion.
    scale : FileScale or None
        Scale of every criterion that has none of its own.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    criteria: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, FileScale] = field(default_factory=dict)
    scale: FileScale | None = None

    @property
    def scales_differ(self) -> bool:
        """Whether points of one criterion are not comparable with points of another."""
        return len({(scale.minimum, scale.maximum) for scale in self.scales.values()}) > 1

    def scale_of(self, criterion: str) -> FileScale | None:
        """Return the scale of a criterion, or None when it is unknown."""
        return self.scales.get(criterion, self.scale)
