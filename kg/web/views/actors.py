"""Pages of those who act: states, organisations, people, unnamed groups, and a person across articles."""

from __future__ import annotations

import pyoxigraph as ox

from kg.web.views.facts import fact
from kg.web.views.lists import Asked, Found, counted, found, paged, shown, tabs
from kg.web.views.matters import there
from kg.web.views.page import Page, links, ranked
from kg.web.views.parts import link
from kg.web.views.reader import Reader
from kg.web.views.words import Link, elsewhere

#: Counterparts, office-holders, offices and statements beside the list.
_COUNTERPARTS, _HOLDERS, _OFFICES, _SAID = 12, 12, 40, 5
_EVENT = "?f dipl:participation ?x ; dipl:quadClass ?q ."
_COUNTERPART = """SELECT ?o (COUNT(DISTINCT ?f) AS ?n) {{ {acting} ?f dipl:participation ?x ; dipl:quadClass ?q .
 ?f dipl:participation ?y . ?y dipl:onBehalfOf ?o FILTER (?o != {but}) }} GROUP BY ?o"""


def count_party(reader: Reader, thing: str) -> tuple[Found, tuple[tuple[str, int], ...], list[tuple[str, str, str]]]:
    """What the page of a state or organisation counts: its events, its counterparts, who holds its offices. Kept."""
    node = f"<{thing}>"
    acting = f"?x dipl:onBehalfOf|dipl:actor {node} ."
    return (
        found(reader, ("events", thing), acting + _EVENT),
        counted(reader, ("with", thing), _COUNTERPART.format(acting=acting, but=node), _COUNTERPARTS),
        _holders(reader, node),
    )


def party(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """A state or an organisation: what it did, said, who acts for it, with whom it deals."""
    here = {"here": "What took place there"} if kind == "State" else {}
    list_, all_tabs = tabs(asked, events="What it did", said="What was said for it", **here, people="Who acts for it")
    node = f"<{thing}>"
    own = f"{{ SELECT DISTINCT ?a {{ ?a dipl:actsFor {node} }} }}"
    lists = {
        "said": f"{{ {own} ?f dipl:speaker ?a }} UNION {{ ?f dipl:speaker {node} }}",
        "here": there(thing),
    }
    events, others, holders = count_party(reader, thing)
    context: dict[str, object] = {"tabs": all_tabs, "list": list_, "quads": events.quads, "number": len(events.facts)}
    reader.about([thing])
    if list_ == "people":
        page = paged(_people(reader, node), asked, 60)
        reader.labels(*(iri for iri, _ in others), *page.items, *(iri for row in holders for iri in row[:2]))
        context |= {"people": page, "names": links(reader.bundle, list(page.items))}
    else:
        chosen = events if list_ == "events" else found(reader, (list_, thing), lists[list_])
        page = paged(chosen.of(asked.quad if list_ != "said" else 0), asked)
        reader.facts(page.items)
        reader.labels(*(iri for iri, _ in others), *(iri for row in holders for iri in row[:2]))
        context["facts"] = shown(reader, page)
        context["filter"] = chosen.quads if list_ != "said" else ()
    bundle = reader.bundle
    context |= {
        "counterparts": ranked(bundle, others),
        "holders": [(link(bundle, who), link(bundle, office), day) for who, office, day in holders],
        "members_of": links(bundle, bundle.nodes(thing, "dipl:memberOf")),
        "code": bundle.text(thing, "dipl:isoCode"),
        "same": _same(reader, thing),
    }
    return Page(thing, bundle.label(thing), kind, "party.html", context)


def _people(reader: Reader, node: str) -> list[str]:
    """The people who act for a party; groups without a name are each of one article alone."""
    query = f"SELECT DISTINCT ?a {{ {{ SELECT DISTINCT ?a {{ ?a dipl:actsFor {node} }} }} ?a a dipl:Person }}"

    def ask() -> list[str]:
        return sorted({row[0].value for row in reader.rows(query)})

    return reader.kept(("people", node), ask)


def _holders(reader: Reader, node: str) -> list[tuple[str, str, str]]:
    """Who holds offices of a party, as seen last: person, office, day."""

    def ask() -> list[tuple[str, str, str]]:
        latest: dict[tuple[str, str], str] = {}
        # each article's graph says whose the office is: without DISTINCT it would be joined as often
        query = f"""SELECT DISTINCT ?h ?o ?d ?x {{ {{ SELECT DISTINCT ?o {{ ?o dipl:officeOf {node} }} }}
            ?t dipl:office ?o ; dipl:holder ?h OPTIONAL {{ ?t dipl:former ?x }} OPTIONAL {{ ?t dipl:observedUntil ?d }} }}"""
        for row in reader.rows(query):
            if getattr(row[3], "value", "") == "true":
                continue
            key = row[0].value, row[1].value
            latest[key] = max(latest.get(key, ""), getattr(row[2], "value", ""))
        ordered = sorted(sorted(latest), key=lambda key: latest[key], reverse=True)
        return [(who, office, latest[who, office]) for who, office in ordered[:_HOLDERS]]

    return reader.kept(("holders", node), ask)


def _same(reader: Reader, thing: str) -> tuple[Link, ...]:
    return tuple(Link(elsewhere(iri), iri) for iri in reader.bundle.nodes(thing, "owl:sameAs"))


def person(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """A person or an unnamed group: what they did, what they said, their offices, with whom they deal."""
    list_, all_tabs = tabs(asked, events="What they did", said="What they said")
    node = f"<{thing}>"
    return _person(reader, thing, kind, asked, f"VALUES ?who {{ {node} }}", list_, {"tabs": all_tabs})


def person_across(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """One human being of several spellings: what is told of all of them."""
    list_, all_tabs = tabs(asked, events="What they did", said="What they said")
    return _person(reader, thing, kind, asked, f"<{thing}> dipl:knownAs ?who .", list_, {"tabs": all_tabs})


def _person(
    reader: Reader, thing: str, kind: str, asked: Asked, who: str, list_: str, context: dict[str, object]
) -> Page:
    acting = f"{who} ?x dipl:actor ?who ."
    events = found(reader, ("events", thing), acting + _EVENT)
    said = found(reader, ("said", thing), f"{who} ?f dipl:speaker ?who .")
    others = counted(reader, ("with", thing), _COUNTERPART.format(acting=acting, but="<urn:x>"), _COUNTERPARTS)
    rows = reader.rows(f"""SELECT DISTINCT ?s ?p {{ {{ {who} ?s dipl:holder ?who . BIND (dipl:holder AS ?p) }}
        UNION {{ ?s dipl:knownAs <{thing}> . BIND (dipl:knownAs AS ?p) }} }}""")
    tenures = sorted({row[0].value for row in rows if row[1].value.endswith("#holder")})[:_OFFICES]
    across = sorted({row[0].value for row in rows if row[1].value.endswith("#knownAs")})
    page = paged((events if list_ == "events" else said).of(asked.quad if list_ == "events" else 0), asked)
    beside = said.of(0)[:_SAID] if list_ == "events" and asked.page == 1 else []
    reader.about([thing])
    reader.facts([*page.items, *tenures, *beside])
    reader.labels(*across, *(iri for iri, _ in others), *reader.bundle.nodes(thing, "dipl:knownAs"))
    bundle = reader.bundle
    itself = set(bundle.nodes(thing, "dipl:actsFor"))
    context |= {
        "list": list_,
        "quads": events.quads,
        "filter": events.quads if list_ == "events" else (),
        "number": len(events.facts),
        "number_said": len(said.facts),
        "facts": shown(reader, page),
        "said": [fact(bundle, iri) for iri in beside],
        "held": _held(reader, tenures),
        "across": links(bundle, across),
        "known_as": links(bundle, bundle.nodes(thing, "dipl:knownAs")),
        "aliases": sorted(set(bundle.texts(thing, "skos:altLabel"))),
        "size": bundle.text(thing, "dipl:size"),
        "parties": links(bundle, sorted(itself)),
        "counterparts": ranked(bundle, tuple(row for row in others if row[0] not in itself)),
        "same": _same(reader, thing),
    }
    return Page(thing, bundle.label(thing), kind, "person.html", context)


def _held(reader: Reader, tenures: list[str]) -> list[dict[str, object]]:
    """A person's offices, each once: when articles show it held, and the holding that tells most surely."""
    bundle = reader.bundle
    told: dict[tuple[str, bool], list[str]] = {}
    for tenure in tenures:
        former = bundle.text(tenure, "dipl:former") == "true"
        for held in bundle.nodes(tenure, "dipl:office"):
            told.setdefault((held, former), []).append(tenure)
    found = []
    for (held, former), group in told.items():
        seen = [bundle.text(t, name) for t in group for name in ("dipl:observedFrom", "dipl:observedUntil")]
        first, last = min(filter(None, seen), default=""), max(seen)
        best = max(group, key=lambda t: (float(bundle.text(t, "dipl:confidence") or 0), t))
        row = {
            "office": link(bundle, held),
            "former": former,
            "first": first,
            "last": last,
            "number": len(group),
            "fact": fact(bundle, best),
        }
        found.append((former, last, held, row))
    return [row for *_, row in sorted(found, key=lambda f: (not f[0], f[1], f[2]), reverse=True)]


def office(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """An office with its holders over time, as articles show them."""
    tabs(asked, holders="Its holders")
    query = f"""SELECT DISTINCT ?t ?h ?a ?b ?x {{ ?t dipl:office <{thing}> ; dipl:holder ?h
        OPTIONAL {{ ?t dipl:observedFrom ?a }} OPTIONAL {{ ?t dipl:observedUntil ?b }} OPTIONAL {{ ?t dipl:former ?x }} }}"""
    holders = paged(reader.kept(("office", thing), lambda: _tenures(reader.rows(query))), asked, 40)
    reader.about([thing])
    reader.facts([row[1][0] for row in holders.items])
    reader.labels(*(row[0] for row in holders.items))
    bundle = reader.bundle
    rows = [
        {
            "who": link(bundle, who),
            "fact": fact(bundle, told[0]),
            "number": len(told),
            "first": first,
            "last": last,
            "former": former,
        }
        for who, told, first, last, former in holders.items
    ]
    context = {"holders": holders, "rows": rows, "bars": _bars([(r[2], r[3]) for r in holders.items])}
    context["of"] = links(bundle, bundle.nodes(thing, "dipl:officeOf"))
    return Page(thing, bundle.label(thing), kind, "office.html", context)


_Held = tuple[str, tuple[str, ...], str, str, bool]


def _tenures(rows: list[ox.QuerySolution]) -> list[_Held]:
    """Holder, the holdings told, first and last day seen in office, and whether they are known as a former holder alone."""
    told: dict[str, list[tuple[str, str, str, bool]]] = {}
    for row in rows:
        day = [getattr(row[name], "value", "") for name in ("a", "b")]
        told.setdefault(row["h"].value, []).append((row["t"].value, *day, getattr(row["x"], "value", "") == "true"))
    found = []
    for who, all_told in told.items():
        seen = [t for t in sorted(all_told) if not t[3]] or sorted(all_told)
        first = min((t[1] for t in seen if t[1]), default="")
        last = max((t[2] for t in seen if t[2]), default="")
        found.append((who, tuple(t[0] for t in seen), first, last, all(t[3] for t in all_told)))
    # the latest first; of whom no day is known last
    return sorted(sorted(found, key=lambda row: row[0]), key=lambda row: (row[3], row[2]), reverse=True)


def _bars(spans: list[tuple[str, str]]) -> list[tuple[float, float]]:
    """Where each span begins and how wide it is, in per cent of all of them; nothing where there is no time to show."""
    import datetime as dt

    days = [dt.date.fromisoformat(d[:10]).toordinal() for span in spans for d in span if d]
    if not days or min(days) == max(days):
        return []
    start, whole = min(days), max(days) - min(days)

    def place(day: str) -> float:
        return 100 * (dt.date.fromisoformat(day[:10]).toordinal() - start) / whole

    return [
        (min(98.5, round(place(a), 2)), max(1.5, round(place(b) - place(a), 2))) if a and b else (0.0, 0.0)
        for a, b in spans
    ]
