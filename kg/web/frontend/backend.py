"""The build backend (PEP 517): setuptools', with the browser's files built before a wheel is made of them.

An editable installation builds nothing: ``kg.bootstrap`` does that, so that no Node is fetched where there is one.
"""

from __future__ import annotations

import shutil
from pathlib import Path
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
from setuptools.command.build_py import build_py

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


#: What stands at the top of the repository and is read with the documents; installed, it lies beside them.
TOP = ("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "NOTICE", "SECURITY.md")


class BuildPy(build_py):  # type: ignore[misc]  # setuptools has no types
    """setuptools' step that gathers the package, with the documents that no folder of a package holds."""

    def run(self) -> None:
        """Gather everything; an editable installation reads these files where they stand."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "kg", "docs", "top")
            self.mkpath(str(target))
            for name in TOP:
                shutil.copyfile(name, target / name)


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What setuptools asks for, and Node where something is to be built and the machine has none."""
    found = list(build_meta.get_requires_for_build_wheel(config_settings))
    return [*found, build.NODE_PACKAGE] if build.needs_node() else found


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """A wheel that holds what the browser needs; it fails where that cannot be built."""
    if not build.is_current():
        build.build()
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))
