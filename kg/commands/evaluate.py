"""``kg eval``: how well extraction agrees with annotated texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from kg.commands.common import INPUT, tell, with_settings
from kg.config import Settings
from kg.evaluation.figures import Figure, Records, by_type, details, differences, load_records, score


def _answers(gold: Path, settings: Settings) -> Records:
    from kg.facts.record import record
    from kg.pipeline import Extractor
    from kg.sources import Failure, read_articles

    found = {}
    for item in Extractor(settings).extract(read_articles([gold], settings)):
        if isinstance(item, Failure):
            tell([item])
        else:
            answer = record(item)
            found[answer["id"]] = answer
    return found


def _print_figures(console: Console, title: str, figures: Mapping[str, Figure]) -> None:
    table = Table(title, "precision", "recall", "F1", "gold", "system")
    for name, f in figures.items():
        table.add_row(name, f"{f.precision:.3f}", f"{f.recall:.3f}", f"{f.f1:.3f}", str(f.gold), str(f.system))
    console.print(table)


def _print_json(gold: Records, system: Records) -> None:
    figures = {
        name: {"precision": f.precision, "recall": f.recall, "f1": f.f1, "gold": f.gold, "system": f.system}
        for name, f in score(gold, system).items()
    }
    shares = {name: {"right": s.right, "total": s.total} for name, s in details(gold, system).items()}
    click.echo(json.dumps({"texts": len(gold), "figures": figures, "shares": shares}, indent=1))


@click.command("eval")
@click.argument("gold", type=INPUT)
@click.option("--system", type=INPUT, help="Answers to score, as 'kg extract' prints them.  [default: extract now]")
@click.option("--by-type", "types", is_flag=True, help="Show the dyad figures of each event type too.")
@click.option(
    "--errors", type=click.IntRange(0), default=0, metavar="N", help="Show N texts with missed or extra dyads."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@with_settings
def evaluate(gold: Path, system: Path | None, types: bool, errors: int, as_json: bool, settings: Settings) -> None:
    """Score extraction against annotated texts.

    GOLD is JSON Lines: each line an object with "id", "text", and the annotated "events", "offices" and "statements" in
    the fields of 'kg extract'. A text without an answer counts as an empty answer.

    \b
    dyad         event type, source party and target party
    dyad-actual  the same over events that are said to have happened
    detect       event type, once a text
    who-whom     the two parties, whatever the type
    names        event type and participant's name
    offices      person, office, and whose office it is
    statements   who speaks
    """
    wanted = load_records(gold)
    given = load_records(system) if system else _answers(gold, settings)
    if as_json:
        _print_json(wanted, given)
        return
    console = Console()
    console.print(f"{len(wanted)} texts, {sum(key in given for key in wanted)} answered")
    _print_figures(console, "view", score(wanted, given))
    for name, share in details(wanted, given).items():
        value = f" = {share.value:.3f}" if share.value is not None else ""
        console.print(f"{name}: {share.right} of {share.total} right{value}")
    if types:
        _print_figures(console, "type", by_type(wanted, given))
    for _, (key, missed, extra) in zip(range(errors), differences(wanted, given), strict=False):
        click.echo(f"\n{key}  {wanted[key].get('text', '')}\n  missed {missed}\n  extra  {extra}")
