"""What a target is: a strategy for inputs, and a check that raises where what must hold of one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Target = tuple[st.SearchStrategy[Any], Callable[[Any], None]]
