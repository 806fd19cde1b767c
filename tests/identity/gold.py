"""Annotated articles as the program's own records, and the figures of what is put together."""

import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kg.identity.reading import telling_words, trigger_word
from kg.identity.scorer import Scorer
from kg.identity.told import Days, TellingArticle, Told
from kg.triples.iris import slug
from kg.triples.labels import EVENT_CLASSES

HERE = Path(__file__).parent
WRITTEN = HERE.parent.parent / "kg" / "training" / "corpus" / "authored_articles.jsonl"
OWN = HERE / "data" / "clusters.jsonl"
EQUALS = {"agree", "cooperate"}


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _sentences(text: str, event: Mapping[str, Any]) -> str:
    at = text.lower().find(event["trigger"].lower())
    start = max(text.rfind(". ", 0, at), text.rfind("\n", 0, at)) + 1
    ends = [e for e in (text.find(". ", at), text.find("\n", at)) if e > 0]
    return text[start : min(ends, default=len(text))]


def told(record: Mapping[str, Any], number: int) -> Told:
    """One annotated event as it would be read from an article's graph that holds it without a mistake."""
    event = record["events"][number]
    source, target = ([p for p in event[side] if p.get("party") or p.get("name")] for side in ("source", "target"))
    first, last = _day(event.get("earliest")), _day(event.get("latest"))
    kind = (event["kind"] or "").capitalize() or EVENT_CLASSES[event["type"]]
    parties = [frozenset(p["party"] for p in side if p["party"]) for side in (source, target)]
    people = [p for p in source + target if p["name"] and len(p["name"].split()) > 1 and p["name"] in p["mention"]]
    place = f"https://example.org/id/place/{slug(event['place'])}" if event["place"] else None
    return Told(
        iri=f"https://example.org/id/event/{record['id']}-e{number:02}",
        article=TellingArticle(
            f"https://example.org/id/article/{record['id']}", _day(record["date"]), record["outlet"]
        ),
        family=EVENT_CLASSES[event["type"]],
        kind=kind,
        modality=event["modality"],
        sources=parties[0],
        targets=parties[1],
        people=frozenset((p["party"] or "", p["name"]) for p in people if p["name"] not in (p["party"],)),
        days=Days(first, last, "day" if first == last else "range") if first and last else None,
        place=place,
        places=frozenset({place, f"{place}-region"}) if place else frozenset(),
        words=telling_words(
            [_sentences(record["text"], event), *event["topics"]], (p["name"] for p in people), parties[0] | parties[1]
        ),
        trigger=trigger_word([event["trigger"]]),
        confidence=1.0,
    )


def pairs(groups: Iterable[Iterable[str]]) -> set[tuple[str, str]]:
    """Every pair of one group."""
    return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}


def gold_pairs(all_records: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Pairs of annotated events, of different articles, that are one by their ``event_id``."""
    by_id = defaultdict(list)
    for record in all_records:
        for number, event in enumerate(record["events"]):
            by_id[event.get("event_id") or (record["id"], number)].append(
                f"https://example.org/id/event/{record['id']}-e{number:02}"
            )
    return pairs(by_id.values())


def f1(found: set[Any], wanted: set[Any]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    hits = len(found & wanted)
    p, r = hits / max(1, len(found)), hits / max(1, len(wanted))
    return round(p, 3), round(r, 3), round(2 * p * r / max(1e-9, p + r), 3)


def clustered(events: Iterable[Told], scorer: Scorer | None = None) -> list[tuple[str, ...]]:
    """What the blocks, the scorer and the clustering make of some events, without a store."""
    from kg.identity.clusters import AverageLink, Rules, components, pair
    from kg.identity.keys import event_keys, one_sided
    from kg.identity.matching import LEAST

    scorer = scorer or Scorer()
    by_iri = {e.iri: e for e in events}
    blocks = defaultdict(list)
    for event in by_iri.values():
        for key in event_keys(event):
            blocks[key].append(event)
    scores = {}
    for key, block in blocks.items():
        for a, b in itertools.combinations(sorted(block, key=lambda e: e.iri), 2):
            if a.article == b.article or pair(a.iri, b.iri) in scores:
                continue
            if not one_sided(key) or len(a.parties) < 2 or len(b.parties) < 2:
                scores[pair(a.iri, b.iri)] = scorer.score(a, b)
    near = defaultdict(set)
    for (x, y), score in scores.items():
        if score >= LEAST:
            near[x].add(y)
            near[y].add(x)
    link = AverageLink(scores, {e.iri: e.article.iri for e in by_iri.values()}, Rules(), LEAST)
    return [c.members for group in components(by_iri, lambda e: near[e]) for c in link.clusters(group)]


def aligned(found: Iterable[Told], all_records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Event that was read -> the annotated event of the same article that it tells: same family, and the trigger's words."""
    by_article = {record["id"]: record for record in all_records}
    meant: dict[str, str] = {}
    for event in sorted(found, key=lambda e: (-e.confidence, e.iri)):
        record = by_article[event.article.iri.rpartition("/")[2]]
        for number, gold in enumerate(record["events"]):
            iri = f"https://example.org/id/event/{record['id']}-e{number:02}"
            same = EVENT_CLASSES[gold["type"]] == event.family and iri not in meant.values()
            if same and event.trigger and event.trigger in {trigger_word([w]) for w in gold["trigger"].split()}:
                meant[event.iri] = iri
                break
    return meant
