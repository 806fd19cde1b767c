"""``kg publish``: states of the store for read-only replicas."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from kg.commands.common import with_settings, with_wait
from kg.config import Settings
from kg.errors import KgError


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), default=3, show_default=True, help="How many are left there.")
@click.option(
    "--hold",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds for which each is left in any case, for who is copying it.",
)
@click.option("--every", type=click.FloatRange(min=0.1), help="Go on, and look so often, in seconds.  [default: once]")
@with_wait
@with_settings
def publish(folder: Path, keep: int, hold: float, every: float | None, wait: float, settings: Settings) -> None:
    """Publish the store's state in FOLDER, for replicas ('kg serve --replica FOLDER'), while it is served and written.

    A publication is a numbered folder that never changes, with a list of its files, their sizes and SHA-256. Where nothing was
    written since the one before, that one is confirmed. Files of data are hard links to the store's where FOLDER lies on the same
    file system.

    \b
    Examples:
      kg publish /shared/published
      kg publish /shared/published --every 10 --keep 5
    """
    from kg.operating.publish import publish as made_public

    stop = threading.Event()
    if every is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    while True:
        try:
            done = made_public(folder, settings, wait, keep, hold)
            told = done.publication
            if done.is_new:
                click.echo(f"{done.folder}: {told.quads:,} quads, {told.bytes:,} bytes, {done.new_bytes:,} of them new")
            elif every is None:
                click.echo(f"{done.folder}: still the newest, {told.quads:,} quads of {told.made}")
        except KgError as error:
            if every is None:
                raise
            click.echo(f"{error}", err=True)
        if every is None or stop.wait(every):
            return
