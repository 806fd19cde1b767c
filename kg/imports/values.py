"""Single values of a row, checked."""

from __future__ import annotations

import datetime as dt
import math

from kg.imports.record import RowError
from kg.registry.codes import CameoKind, cameo_kind


def day(text: str, form: str) -> dt.date:
    """A day in a format of ``strptime``. Raises RowError."""
    try:
        return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        raise RowError(f"its date {text!r} is none") from None


def cameo(text: str) -> tuple[str, CameoKind]:
    """A CAMEO code and what it stands for. Raises RowError."""
    kind = cameo_kind(text) if text[:2].isdigit() and text.isalnum() and len(text) <= 5 else None
    if kind is None:
        raise RowError(f"{text!r} is no CAMEO code")
    return text, kind


def number(text: str, name: str, low: float, high: float) -> float | None:
    """A number within bounds; None where there is none. Raises RowError."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise RowError(f"its {name} {text!r} is no number from {low:g} to {high:g}")
    return value


def count(text: str, name: str) -> int | None:
    """A whole number from 0. Raises RowError."""
    value = number(text, name, 0, 2**31 - 1)
    return int(value) if value is not None else None
