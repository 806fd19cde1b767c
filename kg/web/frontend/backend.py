"""The build backend (PEP 517): setuptools', with the browser's files built before a wheel is made of them.

An editable installation builds nothing: ``kg.bootstrap`` does that, so that no Node is fetched where there is one.
"""

from __future__ import annotations

from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from kg.web.frontend import build

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What setuptools asks for, and Node where something is to be built and the machine has none."""
    found = list(build_meta.get_requires_for_build_wheel(config_settings))
    return [*found, build.NODE_PACKAGE] if build.needs_node() else found


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """A wheel that holds what the browser needs; it fails where that cannot be built."""
    if not build.is_current():
        build.build()
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))
