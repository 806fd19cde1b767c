"""``kg doctor``: what an operator needs to know, in one screen."""

from __future__ import annotations

from pathlib import Path

import click

from kg.config import load_settings, origins


@click.command()
@click.option("--store", type=click.Path(path_type=Path), help="Folder of the store.  [default: var/store]")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML file with settings.")
def doctor(store: Path | None, config: Path | None) -> None:
    """Tell how this installation is: program, store, disk, model, pages, workers, and settings that are not the defaults.

    Each line begins with 'ok', 'look' (it works, and is worth a look) or 'FAIL'; the exit code is 1 where something fails.
    Nothing is changed, and passwords and keys are not shown.

    \b
    Examples:
      kg doctor
      kg doctor --config /etc/kg.toml
    """
    from kg.operating.doctor import Mark, examine

    settings, failed = load_settings(config, store=store), False
    for line in examine(settings, origins(config, store=store)):
        failed |= line.mark is Mark.BROKEN
        click.echo(f"{line.mark.value:<4}  {line.what:<12}  {line.words}")
    if failed:
        raise SystemExit(1)
