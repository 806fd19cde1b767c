"""What the commands share: the settings' options, and how failures are told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from kg.config import load_settings
from kg.sources.failure import Failure

#: A file or folder that may not be there: what is wrong with it is told with the other failures.
INPUT = click.Path(path_type=Path, readable=False)


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--store`` and ``--config``, and the settings they make as its argument ``settings``."""

    @click.option("--store", type=click.Path(path_type=Path), help="Folder of the store.  [default: var/store]")
    @click.option("--config", type=click.Path(path_type=Path), help="A TOML file with settings.")
    @functools.wraps(command)
    def wrapped(*args: Any, store: Path | None, config: Path | None, **kwargs: Any) -> Any:
        return command(*args, settings=load_settings(config, store=store), **kwargs)

    return wrapped


def tell(failures: Iterable[Failure]) -> None:
    """Print one line on standard error for each failure."""
    for failure in failures:
        click.echo(f"{failure}.", err=True)
