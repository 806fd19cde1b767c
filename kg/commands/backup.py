"""``kg backup``, ``kg restore``, ``kg upgrade`` and ``kg check``: that nothing is lost, and what is there holds together."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from kg.commands.common import with_settings, with_wait
from kg.config import Settings


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="How many backups are left there.  [default: all]")
@with_wait
@with_settings
def backup(folder: Path, keep: int | None, wait: float, settings: Settings) -> None:
    """Make a backup of the store, while the service answers and articles are ingested.

    It is a new folder below FOLDER, of one state of the store, and has its name when all of it is on the disk. Files that the
    backup before has already are hard links to it. A manifest tells each file's size and SHA-256.

    \b
    Examples:
      kg backup /backup/kg
      kg backup /backup/kg --keep 14
    """
    from kg.operating.backup import make

    made = make(folder, settings, wait, keep)
    told = made.manifest
    click.echo(f"{made.folder}: {told.quads:,} quads, {told.bytes:,} bytes, {made.new_bytes:,} of them new")


@click.command()
@click.argument("backup", type=click.Path(file_okay=False, path_type=Path))
@with_settings
def restore(backup: Path, settings: Settings) -> None:
    """Put a backup in the place of the store, which must be empty or not there.

    BACKUP is one backup's folder, as 'kg backup' tells it. All of it is verified first; the store is there as a whole or not
    at all.

    \b
    Example:
      kg restore /backup/kg/20260126T031500.000Z-4711 --store var/store
    """
    from kg.operating.backup import restore as put_back

    told = put_back(backup, settings.store)
    click.echo(f"{settings.store}: {told.quads:,} quads of {told.made}")


@click.command()
@click.option(
    "--backup",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the backup.  [default: the store's name with .backups, beside it]",
)
@click.option("--no-backup", is_flag=True, help="Make none: there is one already.")
@with_wait
@with_settings
def upgrade(folder: Path | None, no_backup: bool, wait: float, settings: Settings) -> None:
    """Bring a store that an older version wrote to this version's format, in place, with a backup first.

    End the service and whatever else uses the store before. An upgrade that is broken off is finished by the same command; a
    store that is of this version's format is left alone.

    \b
    Examples:
      kg upgrade
      kg upgrade --store /data/diplomacy --backup /backup/kg
    """
    from kg.operating.upgrade import upgrade as bring_up_to_date
    from kg.store.folder import NEWEST

    if folder and no_backup:
        raise click.UsageError("--backup and --no-backup exclude each other.")
    place = None if no_backup else folder or settings.store.with_name(f"{settings.store.name}.backups")
    done = bring_up_to_date(settings, place, wait)
    if done.before == NEWEST:
        click.echo(f"{settings.store} is of format {NEWEST}, this version's; there is nothing to do.", err=True)
        return
    for line in done.told:
        click.echo(line)
    if done.backup:
        click.echo(f"The backup of before is {done.backup.folder}.")
    click.echo(f"{settings.store} is of format {NEWEST} now; it was of format {done.before}.")


@click.command()
@click.option(
    "--shapes/--no-shapes", default=None, help="Hold graphs against the SHACL shapes.  [default: where pyshacl is]"
)
@click.option(
    "--most", type=click.IntRange(min=1), default=100, show_default=True, help="Findings that are told in full."
)
@with_settings
def check(shapes: bool | None, most: int, settings: Settings) -> None:
    """Look for what has come apart in the store: one line for each finding, and exit code 1 where there is one.

    Each article's graph has the record of its ingestion and each record its article; no graph of this program's has blank nodes;
    each passage's words stand in the article's text where it says; what is drawn from several articles is told in them; the
    databases beside the store are whole; and graphs conform to the ontology's SHACL shapes.

    \b
    Examples:
      kg check
      kg check --no-shapes --most 1000
    """
    from kg.errors import KgError
    from kg.operating.check import check as held_together
    from kg.operating.check import damaged
    from kg.operating.findings import Findings
    from kg.store import newest_snapshot
    from kg.triples.iris import Iris

    if settings.remote_query:
        raise KgError("'kg check' reads a store in a folder; a remote one is its own server's to check.")
    there = importlib.util.find_spec("pyshacl") is not None
    if shapes and not there:
        raise KgError(
            "The shapes cannot be checked: that needs the extra diplomatic-kg[shapes], which installs pyshacl."
        )
    findings = Findings(most)
    findings.extend(damaged(settings.store))
    with newest_snapshot(settings) as snapshot:
        held_together(snapshot, settings, findings)
        if there and shapes is not False:
            from kg.operating.shapes import Shapes

            Shapes(Iris(settings.base_iri)).check(snapshot.store, findings)
    for line in findings.lines:
        click.echo(line)
    if findings.total > len(findings.lines):
        click.echo(f"… and {findings.total - len(findings.lines):,} more findings; --most tells more of them.")
    click.echo("; ".join(f"{number:,} {what}" for what, number in findings.counts.items()), err=True)
    if not there and shapes is None:
        click.echo("The shapes were not checked: that needs the extra diplomatic-kg[shapes].", err=True)
    if findings.total:
        raise SystemExit(1)
    click.echo("Nothing was found that has come apart.", err=True)
