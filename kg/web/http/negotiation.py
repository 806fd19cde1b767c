"""Which of what is on offer a request prefers, a page or one of the formats of data (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from kg.sparql import Format, choose_format
from kg.sparql.formats import without_parameters

Answer = TypeVar("Answer", bound=Response)
HTML = ("text/html", "application/xhtml+xml")
#: Java's own client and others write ".2" for "0.2", which no rule allows; Werkzeug passes over what has it.
_SHORT = re.compile(r"(;\s*q\s*=\s*)\.(?=\d)", re.IGNORECASE)


def accepted() -> MIMEAccept:
    """The media ranges that the request takes, each with its quality."""
    return parse_accept_header(_SHORT.sub(r"\g<1>0.", request.headers.get("Accept", "")), MIMEAccept)


def choose(formats: Sequence[Format]) -> Format | None:
    """The format that the request prefers; the first where it has no preference; None where it takes none of them."""
    return choose_format(accepted(), formats)


def wants_page() -> bool:
    """Whether the request asks for HTML by name, as browsers do and most programs do not."""
    return any(media in HTML and quality > 0 for media, quality in without_parameters(accepted()))


def prefers_page(formats: Sequence[Format]) -> bool:
    """Whether a page is preferred to each of these formats.

    HTML must be asked for by name. A format that is named too and valued as much wins: who reads RDF gets more out of it than
    out of the page.
    """
    accept = without_parameters(accepted())
    named = {media for media, _ in accept}
    page = max((accept.quality(media) for media in HTML if media in named), default=0.0)
    data = [(accept.quality(media), media in named) for form in formats for media in form.media_types]
    return page > 0 and all(page > quality or (page == quality and not by_name) for quality, by_name in data)


def offered(formats: Sequence[Format], page: bool = False) -> str:
    """The media types on offer, as an answer with the status 406 lists them."""
    return ", ".join([*HTML[: int(page)], *(form.media_types[0] for form in formats)])


def varied(response: Answer) -> Answer:
    """An answer that depends on what the request accepts."""
    response.vary.add("Accept")
    return response
