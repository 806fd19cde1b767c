"""Whole numbers as addresses have them."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]{1,9}")


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that a text is, within bounds; None for any other text, however many digits it has."""
    value = int(text) if _DIGITS.fullmatch(text) else None
    return value if value is not None and least <= value <= most else None
