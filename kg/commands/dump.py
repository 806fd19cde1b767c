"""``kg dump``: everything that is in the store, as files to download."""

from __future__ import annotations

import click

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@click.option("--keep", type=click.IntRange(min=1), help="How many dumps are kept.  [default: 3, or the setting]")
@with_settings
def dump(keep: int | None, settings: Settings) -> None:
    """Make a dump of the store for 'kg serve' to offer at /dumps/.

    A dump is a folder below the setting 'dumps' (var/dumps): N-Quads and TriG, each packed with gzip and zstd, the table of
    events as CSV, and a manifest with counts and SHA-256. It is made of one state of the store while others go on writing,
    takes its name when all of it is on the disk, and the same store gives the same files byte for byte. A state that has a
    dump gets no second one; older ones than are kept are removed.

    \b
    Example:
      kg dump --keep 5
    """
    import dataclasses
    import datetime as dt

    from kg.exports.dumps import make_dump
    from kg.exports.still import still_store

    if keep:
        settings = dataclasses.replace(settings, dumps_kept=keep)
    with still_store(settings) as store:
        made, new = make_dump(store, settings, dt.datetime.now(dt.UTC).date())
    if new:
        size = sum(file.bytes for file in made.files)
        click.echo(f"{settings.dumps / made.name}: {made.quads:,} quads, {len(made.files)} files, {size:,} bytes")
    else:
        click.echo(f"{settings.dumps / made.name} is of this state already.")
