"""The columns of the event table, in their order; ``docs/event-table.md`` is tested against them."""

from __future__ import annotations

from dataclasses import dataclass

#: One row: column -> value; dates are ISO 8601 strings, None stands for nothing.
Row = dict[str, str | int | float | None]


@dataclass(frozen=True)
class Column:
    """``kind`` is "string", "integer", "number" or "date"; ``about`` says in some words what stands there."""

    name: str
    about: str
    kind: str = "string"


def _actor(side: str, who: str) -> tuple[Column, ...]:
    return (
        Column(side, f"address of the actor {who}"),
        Column(f"{side}_name", "its name, or the words that describe a group"),
        Column(f"{side}_kind", "person, state, organization or group"),
        Column(f"{side}_role", "its role in the event"),
        Column(f"{side}_office", "the office in which it takes part, in the article's words"),
        Column(f"{side}_party", "whom it acts for: a state's or body's code, else its name"),
        Column(f"{side}_iso", "ISO 3166-1 alpha-3 code, where the party is a state"),
        Column(f"{side}_cow", "number in the Correlates of War state system", "integer"),
        Column(f"{side}_cow_abbreviation", "abbreviation in the Correlates of War state system"),
    )


COLUMNS = (
    Column("event", "address of the event"),
    Column("dyad", "which of the event's dyads, from 1", "integer"),
    Column("dataset", "articles, or the import that it came by"),
    Column("graph", "address of the named graph that says so"),
    Column("plover", "PLOVER event type"),
    Column("class", "the most exact class of the ontology"),
    Column("cameo", "CAMEO code"),
    Column("cameo_root", "the CAMEO code's first two digits"),
    Column(
        "quad_class",
        "1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict",
        "integer",
    ),
    Column("goldstein", "weight on the Goldstein scale, from -10 (conflict) to 10 (cooperation)", "number"),
    *_actor("source", "who acts, or who is named first among equals"),
    *_actor("target", "who is acted on"),
    Column("date_from", "the first day on which it can have been", "date"),
    Column("date_until", "the last day on which it can have been", "date"),
    Column("date_precision", "day, week, month, year or range"),
    Column("date_text", "the words that date it"),
    Column("place", "the place, or the words that give it"),
    Column("place_iso", "ISO 3166-1 alpha-3 code of the place's country"),
    Column("latitude", "degrees north, WGS 84", "number"),
    Column("longitude", "degrees east, WGS 84", "number"),
    Column("modality", "actual, planned, possible or negated"),
    Column("confidence", "how sure the extractor is, from 0 to 1", "number"),
    Column("sources", "how many articles tell of it", "integer"),
    Column("sentence", "the first sentence that tells it"),
    Column("article", "address of the article"),
    Column("published", "day of publication", "date"),
    Column("url", "the article's own address"),
    Column("extractor", "what read it"),
)
