"""Widgets: what pages show, in a frame for other people's pages; and oEmbed, by which their tools find it.

https://oembed.com/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.sax.saxutils import escape

import pyoxigraph as ox
from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request
from markupsafe import Markup

import kg
from kg.errors import QueryError
from kg.sparql.questions import question
from kg.store import State
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.pages.ask import shown_rows
from kg.web.pages.named_queries import asked_question, filled
from kg.web.pictures import pages as pictures
from kg.web.reconcile.extending import summary
from kg.web.reconcile.properties import properties
from kg.web.service import service
from kg.web.views import answers
from kg.web.views.kinds import page_of
from kg.web.views.lists import asked
from kg.web.views.numbers import whole_number
from kg.web.views.words import elsewhere

pages = Blueprint("widgets", __name__)

#: Rows of a table.
MOST_ROWS = 100
#: Everything in a widget comes from here, and any page may show it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors *"
)
_PICTURES = {kind.name: kind for kind in pictures.KINDS if kind.drawn}
_HEIGHTS = {"timeline": 620, "network": 700, "map": 580, "compare": 560, "calendar": 620, "card": 420, "q": 460}
_WIDTH, _NARROWEST, _WIDEST = 720, 200, 999_999_999
#: What a card tells of things that are no facts.
_TOLD = ("country", "actsFor", "office", "holder", "memberOf", "sameAs", "outlet", "date")
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Widget:
    """What can be shown in a frame: its path under ``/embed/``, its parameters, and how high it is by itself, in pixels."""

    path: str
    given: Mapping[str, str]
    height: int
    title: str
    #: Path of the page that it is of.
    page: str

    def titled(self, title: str) -> Widget:
        """The same under another title."""
        return replace(self, title=title)

    def oembed(self, form: str) -> str:
        """Where oEmbed tells of it."""
        page = f"{service().iris.base.rstrip('/')}{quote(self.page, safe='/:@,;+~-._')}"
        url = f"{page}?{urlencode(self.given)}" if self.given else page
        return f"/oembed?{urlencode({'url': url, 'format': form})}"

    @property
    def preview(self) -> str:
        """The frame's address, as pages here link to it."""
        query = f"?{urlencode(self.given)}" if self.given else ""
        return f"/embed/{quote(self.path, safe='/:@,;+~-._')}{query}"

    @property
    def address(self) -> str:
        """The frame's address, as others link to it."""
        return service().iris.base.rstrip("/") + self.preview

    def code(self, width: str = "100%", height: int | None = None) -> str:
        """The HTML that shows it in a page."""
        names = {"src": self.address, "title": self.title, "width": width, "height": str(height or self.height)}
        told = " ".join(f'{name}="{Markup.escape(value)}"' for name, value in names.items())
        return f'<iframe {told} loading="lazy" style="border:0"></iframe>'


def widget_of(path: str, given: Mapping[str, str]) -> Widget | None:
    """The widget of a page by its path here and parameters; None where the page has none."""
    kind, _, rest = path.strip("/").partition("/")
    if kind in _PICTURES and not rest:
        known = {name: given[name] for name in _PICTURES[kind].taken if given.get(name)}
        return Widget(kind, known, _HEIGHTS[kind], _PICTURES[kind].title, f"/{kind}")
    if kind in ("ask", "q") and (found := question(rest.partition(".")[0])):
        known = {p.name: given[p.name] for p in found.parameters if given.get(p.name)}
        return Widget(f"q/{found.name}", known, _HEIGHTS["q"], found.words, f"/ask/{found.name}")
    if kind in ("page", "id") and rest and not rest.startswith("graph/"):
        return Widget(f"card/{rest}", {}, _HEIGHTS["card"], "From Diplomatic KG", f"/page/{rest}")
    return None


def embedding() -> Widget | None:
    """The widget of the page that is being made."""
    return widget_of(request.path, request.args)


def _framed(template: str, home: str, shown: Mapping[str, object]) -> bytes:
    """A frame's page; ``home`` is the path of the page that it is of."""
    told = {"home": home, "base": service().iris.base}
    return render_template(f"embed/{template}.html", **(dict(shown) | told)).encode()


def _sent(body: bytes, tag: str) -> Response:
    return with_tag(Response(body, content_type=_HTML), tag)


@pages.after_request
def _policed(response: Response) -> Response:
    """Frames may be shown anywhere: what is told anew, what has not changed (a browser takes over the headers), and errors."""
    if request.path.startswith("/embed/"):
        response.headers["Content-Security-Policy"] = _POLICY
    return response


def _tag(state: State) -> str:
    return tag_of("widget", kg.__version__, state.origin, str(state.generation), request.full_path)


@pages.get("/embed/<any(timeline, network, map, compare, calendar):name>")
def picture(name: str) -> Response:
    """A picture for a frame in another page, with the parameters of the picture's own page."""
    state, kind = service().snapshots.current(), _PICTURES[name]
    tag = _tag(state)
    if same := not_modified(tag):
        return same
    filters, found = pictures.read(kind, state)
    query = f"?{urlencode(filters.given)}" if filters.given else ""
    told = {"title": kind.title, "pictures": pictures.drawn(kind, filters, found), "notes": found.notes}
    return _sent(_framed("picture", f"/{name}{query}", told), tag)


@pages.get("/embed/card/<path:rest>")
def card(rest: str) -> Response:
    """A thing in a few words for a frame in another page; of an event who, when, where, and the sentence that says so."""
    state, base = service().snapshots.current(), service().iris.base
    try:
        node = ox.NamedNode(f"{base}id/{rest}")
    except ValueError:
        node = None
    if node is None or not state.knows(node):
        abort(HTTPStatus.NOT_FOUND, f"The graph says nothing about {f'id/{rest}'!r}.")
    tag = _tag(state)
    if same := not_modified(tag):
        return same
    page = page_of(service().reader(), node.value, asked())
    told = {} if "fact" in page.shown else {properties()[name].name: properties()[name] for name in _TOLD}
    found = summary(state, node.value, told)
    if "Acts for" in found:  # says the same, and more
        found.pop("Country", None)
    return _sent(
        _framed("card", f"/page/{rest}", {"page": page, "title": page.title, "found": found, **page.shown}), tag
    )


@pages.get("/embed/q/<name>")
def table(name: str) -> Response:
    """The answer to an example question as a table for a frame in another page, with the question's parameters."""
    state, wanted = service().snapshots.current(), asked_question(name)
    tag = _tag(state)
    if same := not_modified(tag):
        return same
    found = answers.ask(f"{filled(wanted)}LIMIT {MOST_ROWS + 1}\n", MOST_ROWS)
    names, rows = shown_rows(found) if found else ([], [])
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    told = {"title": wanted.words, "names": names, "rows": rows, "cut": found is None or found.cut, "most": MOST_ROWS}
    return _sent(_framed("table", f"/ask/{name}{query}", told), tag)


def _label(iri: str) -> str:
    reader = service().reader()
    reader.labels(iri)
    return reader.bundle.label(iri)


def _size(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    number = whole_number(text, _NARROWEST, _WIDEST)
    if text and number is None:
        raise QueryError(f"{name}: {text[:40]!r} is no number from {_NARROWEST} to {_WIDEST:,}.")
    return number


def _asked_for() -> Widget:
    """The widget of the address that the request asks about."""
    url, base = request.args.get("url", "").strip(), service().iris.base
    if not url:
        raise QueryError("url: give the address of a page here.")
    parts = urlsplit(url)
    found = None
    if f"{parts.scheme}://{parts.netloc}/" == base and len(url) <= 4_000:
        found = widget_of(parts.path, dict(parse_qsl(parts.query)))
    if found and found.path.startswith("card/"):
        try:
            node = ox.NamedNode(f"{base}id/{found.path.removeprefix('card/')}")
        except ValueError:
            node = None
        known = node is not None and service().snapshots.current().knows(node)
        found = found.titled(_label(node.value)) if known and node else None
    return found or abort(HTTPStatus.NOT_FOUND, f"There is nothing to embed at {url[:200]!r}.")


@pages.get("/oembed")
def oembed() -> Response:
    """How to show a page here in another page, by oEmbed."""
    form = request.args.get("format", "json").strip().lower()
    if form not in ("json", "xml"):
        abort(HTTPStatus.NOT_IMPLEMENTED, "oEmbed can be had as json and xml.")
    found, widest, highest = _asked_for(), _size("maxwidth"), _size("maxheight")
    width, height = min(_WIDTH, widest or _WIDTH), min(found.height, highest or found.height)
    told: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": found.title,
        "provider_name": "Diplomatic KG",
        "provider_url": service().iris.base,
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": found.code(str(width), height),
    }
    if form == "json":
        response = jsonify(told)
    else:
        inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in told.items())
        text = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{inner}</oembed>\n'
        response = Response(text, content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def register(app: Flask) -> None:
    """Let an application's templates tell how a page can be embedded."""
    app.add_template_global(embedding)
    app.add_template_global(elsewhere)
