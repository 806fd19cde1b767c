"""What the commands share: the settings' options, and how failures are told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import category

import click
from rich.text import Text

from kg.config import Settings, load_settings
from kg.sources import Failure, is_address


class _Input(click.Path):
    """A file or folder that may not be there (what is wrong with it is told with the other failures), or an address."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if is_address(value) else super().convert(value, param, ctx)


INPUT = _Input(path_type=Path, readable=False)


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--store`` and ``--config``, and the settings they make as its argument ``settings``."""

    @click.option("--store", type=click.Path(path_type=Path), help="Folder of the store.  [default: var/store]")
    @click.option("--config", type=click.Path(path_type=Path), help="A TOML file with settings.")
    @functools.wraps(command)
    def wrapped(*args: Any, store: Path | None, config: Path | None, **kwargs: Any) -> Any:
        return command(*args, settings=load_settings(config, store=store), **kwargs)

    return wrapped


def with_formats(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--field`` and ``--encoding``, which go into its settings; below ``with_settings``."""

    @click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="FIELD=NAME",
        help="What a field is called in the records: text=body.",
    )
    @click.option("--encoding", help="Encoding of plain text and tables.  [default: UTF-8, or by its mark]")
    @functools.wraps(command)
    def wrapped(*args: Any, settings: Settings, fields: tuple[str, ...], encoding: str | None, **kwargs: Any) -> Any:
        settings = replace(settings, fields=",".join(fields) or settings.fields, encoding=encoding or settings.encoding)
        return command(*args, settings=settings, **kwargs)

    return wrapped


def printable(text: str) -> str:
    """A text from outside as a terminal may show it, in one line.

    What moves the cursor, colours, ends a line or turns the direction of writing stands there as an escape, so that no file's
    name and no article's words can pass for what this program says.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or category(c) == "Zs" else c.encode("unicode_escape").decode() for c in text)


def cells(*texts: str) -> list[Text]:
    """Texts from outside as the cells of a table, in which nothing is mark-up."""
    return [Text(printable(text)) for text in texts]


def tell(failures: Iterable[Failure]) -> None:
    """Print one line on standard error for each failure."""
    for failure in failures:
        click.echo(f"{printable(str(failure))}.", err=True)


#: How long a writer is waited for, in seconds, by the commands that copy a store which others use.
with_wait = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=120.0,
    show_default=True,
    help="Seconds for which a process that has the store open, and writes nothing, is waited for.",
)
