"""The command line, ``kg``. Every command is a few lines over the parts that do the work; see ``kg.commands``."""

from __future__ import annotations

from typing import Any

import click

from kg import __version__
from kg.commands.backup import backup, check, restore, upgrade
from kg.commands.common import printable
from kg.commands.doctor import doctor
from kg.commands.dump import dump
from kg.commands.evaluate import evaluate
from kg.commands.extract import extract
from kg.commands.identity import identity
from kg.commands.imports import imports
from kg.commands.ingest import ingest
from kg.commands.link import link
from kg.commands.publish import publish
from kg.commands.query import query
from kg.commands.search import search
from kg.commands.serve import serve
from kg.commands.store import export, remove
from kg.commands.token import token
from kg.errors import KgError, failure_of_disk


class _Group(click.Group):
    """Tells an error that the user can act on in one line, with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KgError as error:
            raise click.ClickException(printable(str(error))) from error
        except (OSError, RuntimeError) as error:
            # found out while something is read to its end, wherever that is
            if told := failure_of_disk(error):
                raise click.ClickException(printable(told)) from error
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """Diplomatic events from news text, as an RDF graph.

    Feed it articles with 'kg ingest', ask with 'kg query' or browse with 'kg serve'. 'kg extract' prints what it finds
    in articles without storing it.

    Settings come from a TOML file (--config, or the variable KG_CONFIG), then from variables such as KG_STORE and
    KG_PORT, then from options; each wins over those before it.
    """


for _command in (
    *(ingest, identity, link, extract, query, search, export, dump, imports, remove, serve, token, evaluate),
    *(backup, restore, upgrade, publish, check, doctor),
):
    main.add_command(_command)
