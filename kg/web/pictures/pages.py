"""The addresses of the pictures: each a page, its SVG and its CSV, with the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kg.store import State
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.pictures import disputes, parameters, shown
from kg.web.pictures.frame import NARROW, WIDE, Frame
from kg.web.pictures.parameters import Filters
from kg.web.pictures.shown import Shown
from kg.web.pictures.svg import Picture
from kg.web.service import service

pages = Blueprint("pictures", __name__)

_COMMON = {"actor": "", "type": "", "topic": "", "modality": "", "from": "", "until": "", "least": ""}
#: Dealings and places are of what took place, unless something else is asked for.
_DONE = _COMMON | {"modality": "actual"}


@dataclass(frozen=True)
class Kind:
    """One picture: its name in addresses, its words, its parameters with what they are by themselves, and what it shows."""

    name: str
    title: str
    lead: str
    taken: dict[str, str]
    show: Callable[[Filters, State], Shown]
    drawn: bool = True


KINDS = (
    Kind(
        "timeline",
        "Events over time",
        "What happened when, in cooperation and in conflict, by the word of the articles.",
        {"actor": "", "with": "", **{k: v for k, v in _COMMON.items() if k != "actor"}},
        shown.over_time,
    ),
    Kind(
        "network",
        "Who deals with whom",
        "States and bodies that meet, help, press and fight each other. The wider a line, the more they deal with each other.",
        _DONE,
        shown.dealings,
    ),
    Kind(
        "map",
        "Where events happened",
        "The towns in which parties dealt with each other, and states where no town is told.",
        _DONE,
        shown.places,
    ),
    Kind(
        "compare",
        "Between two actors",
        "Everything that the articles tell of two states, bodies or people dealing with each other, over time and by kind.",
        {"a": "", "b": "", **{k: v for k, v in _DONE.items() if k != "actor"}, "by": ""},
        shown.between,
    ),
    Kind(
        "calendar",
        "What is planned",
        "Meetings, visits and other acts that articles announced, in the month for which they announced them.",
        {"month": "", "actor": "", "type": "", "topic": "", "least": ""},
        shown.planned,
    ),
    Kind(
        "disagreements",
        "Where sources disagree",
        "Events that several articles tell of, and on which they contradict each other: each value, and who gives it.",
        {"about": "", "actor": "", "topic": "", "from": "", "until": ""},
        disputes.contradictions,
        drawn=False,
    ),
)  # fmt: skip


def read(kind: Kind, state: State) -> tuple[Filters, Shown]:
    """What the request's address asks of a picture, and what there is to show. Raises QueryError."""
    filters = parameters.read(request.args, kind.taken, state)
    return filters, kind.show(filters, state)


def _onward(kind: Kind, filters: Filters) -> dict[str, str]:
    """The filters as other pictures know them: the two actors of a comparison are an actor and another one there."""
    given = dict(filters.given)
    if kind.name == "compare":
        given = {{"a": "actor", "b": "with"}.get(k, k): v for k, v in given.items() if k != "by"}
        modality = given.pop("modality", "actual")
        given |= {} if modality == "any" else {"modality": modality}
    return given


def _page_frame(kind: Kind, filters: Filters, width: float) -> Frame:
    return Frame(width, service().link, "/", _onward(kind, filters))


def drawn(kind: Kind, filters: Filters, found: Shown) -> list[str]:
    """The picture twice: for a screen, and for a phone; the style sheet shows one of them."""
    if found.draw is None:
        return []
    pictures: list[Picture] = []
    for width, look in ((WIDE, "wide"), (NARROW, "narrow")):
        picture = found.draw(_page_frame(kind, filters, width))
        pictures.append(picture.named(f"{picture.name}-{look}", look))
    return [picture.render(alone=False) for picture in pictures]


def _kept(kind: Kind, content_type: str, make: Callable[[Kind, State], str]) -> Response:
    """A body that is made once for a state of the store and what is asked of it, and kept among the results."""
    state = service().snapshots.current()
    asked = [f"{name}={request.args[name]}" for name in kind.taken if request.args.get(name)]
    tag = tag_of(f"{state.origin}-{state.generation}", kind.name, content_type, *asked)
    if same := not_modified(tag):
        return same
    known = service().results.get(tag)
    body = known[0] if known else make(kind, state).encode()
    service().results.keep(tag, (body, content_type), len(body))
    return with_tag(Response(body, content_type=content_type), tag)


def _page(kind: Kind, state: State) -> str:
    filters, found = read(kind, state)
    address = f"?{urlencode(filters.given)}" if filters.given else ""
    return render_template(
        f"pictures/{kind.name}.html" if found.more else "pictures/picture.html",
        kind=kind,
        filters=filters,
        found=found,
        pictures=drawn(kind, filters, found),
        address=address,
        onward=_page_frame(kind, filters, WIDE),
        about=parameters.ABOUT,
        classes=parameters.event_classes(),
        topics=parameters.topics(),
        names=parameters.party_names(),
        modalities=parameters.MODALITIES,
        least=parameters.LEAST,
        link=service().link,
    )


def _svg(kind: Kind, state: State) -> str:
    filters, found = read(kind, state)
    frame = Frame(WIDE, lambda iri: iri, service().iris.base, _onward(kind, filters))
    if found.draw is None:
        picture = Picture(kind.name, kind.title, "Nothing in the graph fits what was asked.", WIDE, 60, ())
    else:
        picture = found.draw(frame)
    return picture.render(alone=True)


def _csv(kind: Kind, state: State) -> str:
    return read(kind, state)[1].rows.csv()


_HTML, _SVG, _CSV = "text/html; charset=utf-8", "image/svg+xml", "text/csv; charset=utf-8; header=present"


def _view(kind: Kind, content_type: str, make: Callable[[Kind, State], str], told: str) -> Callable[[], Response]:
    def view() -> Response:
        return _kept(kind, content_type, make)

    view.__doc__ = told
    return view


for _kind in KINDS:
    pages.add_url_rule(f"/{_kind.name}", _kind.name, _view(_kind, _HTML, _page, f"{_kind.title}: {_kind.lead}"))
    pages.add_url_rule(f"/{_kind.name}.csv", f"{_kind.name}_csv", _view(_kind, _CSV, _csv, f"{_kind.title}, as CSV."))
    if _kind.drawn:
        pages.add_url_rule(
            f"/{_kind.name}.svg", f"{_kind.name}_svg", _view(_kind, _SVG, _svg, f"{_kind.title}, as SVG.")
        )
