"""What a figure comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FEW = 10  # fewer than this: shown, grey, not ranked


@dataclass(frozen=True)
class Value:
    """numerator ÷ denominator; no rate where there is nothing to divide by."""

    numerator: int = 0
    denominator: int = 0

    def __add__(self, other: Value) -> Value:
        return Value(self.numerator + other.numerator, self.denominator + other.denominator)

    def __sub__(self, other: Value) -> Value:
        return Value(self.numerator - other.numerator, self.denominator - other.denominator)

    @property
    def rate(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def percent(self) -> float | None:
        """As printed: to a tenth of a percent."""
        return None if self.rate is None else round(self.rate * 100, 1)

    @property
    def few(self) -> bool:
        return self.denominator < FEW

    def json(self) -> dict[str, Any]:
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": None if self.rate is None else round(self.rate, 4),
        }


NOTHING = Value()
