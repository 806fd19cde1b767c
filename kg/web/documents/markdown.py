"""Markdown to HTML: headings that can be linked to, tables that scroll, code with its parts told apart, links that lead on.

CommonMark with GitHub's tables, by markdown-it-py; code by Pygments, as classes that ``static/docs.css`` colours. HTML in a
document is shown as text, never passed on.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from kg.web.documents.shelf import Document, Shelf, resolved

#: What GitHub leaves out of a heading's anchor.
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
_COMMENT = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
#: A block without a language is commands, unless it draws.
_DRAWN = re.compile(r"─|├|└")
#: Where documents suppose the service, and the blocks in which its own address takes that place.
_HERE = "http://127.0.0.1:8000/"
_ASKING = re.compile(r"^(?:\$ )?curl |^library\(|^(?:from|import) |Graph\(", re.MULTILINE)
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="hl-")
_LONGEST_LEAD = 300


@dataclass
class Section:
    """What stands under one heading; ``words`` are those of its text, for the search."""

    level: int
    title: str
    anchor: str
    words: list[str] = field(default_factory=list)


@dataclass
class Rendered:
    """A document as HTML, its first heading apart, with what leads to its parts."""

    title: str
    html: str
    sections: list[Section]
    #: The first paragraph, as search engines show it.
    lead: str


@dataclass(frozen=True)
class Site:
    """What links lead to: the documents, the paths of this service's other pages, and its own address."""

    shelf: Shelf
    pages: frozenset[str]
    base: str


def anchor_of(title: str) -> str:
    """A heading's anchor as GitHub makes it."""
    return _NOT_IN_ANCHORS.sub("", title.strip().lower()).replace(" ", "-")


def _plain(tokens: Sequence[Token]) -> str:
    return "".join(
        " " if t.type in ("softbreak", "hardbreak") else t.content
        for t in tokens
        if t.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


def _size(place: Path) -> tuple[int, int] | None:
    """A picture's width and height: of a PNG from its head, of an SVG from its view box."""
    head = place.read_bytes()[:400]
    if head.startswith(b"\x89PNG"):
        return struct.unpack(">II", head[16:24])
    found = re.search(rb'viewBox="0 0 (\d+) (\d+)"', head)
    return (int(found[1]), int(found[2])) if found else None


class _Renderer:
    """Goes through one document's tokens."""

    def __init__(self, document: Document, site: Site) -> None:
        self._document, self._site = document, site
        self._sections: list[Section] = []
        self._anchors: dict[str, int] = {}
        self._tables = 0

    def render(self, text: str) -> Rendered:
        parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        assert isinstance(parser.renderer, RendererHTML)
        # its rules are typed as bound methods, which these are not all
        rules = cast(dict[str, Any], parser.renderer.rules)
        rules |= {"fence": self._fence, "code_block": self._fence, "code_inline": self._code, "table_open": self._table}
        rules["table_close"] = lambda *_: "</table></div>\n"
        drawn = rules["image"]
        # a drawing is as wide as its words need and scrolls by itself
        rules["image"] = lambda *given: (
            f'<span class="drawing" tabindex="0" role="region" aria-label="Drawing">{drawn(*given)}</span>'
        )
        tokens = parser.parse(_COMMENT.sub("", text))
        title, lead = self._document.title, ""
        body: list[Token] = []
        for at, token in enumerate(tokens):
            if token.type == "heading_open" and token.tag == "h1":
                title = _plain(tokens[at + 1].children or [])
                self._section(token, title)
            elif token.type == "heading_open":
                self._heading(token, tokens[at + 1])
            elif token.type == "inline":
                self._inline(token)
                if tokens[at - 1].type != "heading_open":
                    self._words(_plain(token.children or []))
                if not lead and at and tokens[at - 1].type == "paragraph_open":
                    lead = _plain(token.children or [])
            elif token.type in ("fence", "code_block"):
                self._words(token.content)
            elif token.type in ("th_open", "td_open") and token.attrs.pop("style", None) == "text-align:right":
                # the policy allows no style attribute
                token.attrSet("class", "number")
            body.append(token)
        self._tables = 0
        html = parser.renderer.render(_without_title(body), parser.options, {})
        cut = lead if len(lead) <= _LONGEST_LEAD else lead[:_LONGEST_LEAD].rsplit(" ", 1)[0] + " …"
        return Rendered(title, html, self._sections, cut)

    def _words(self, text: str) -> None:
        if self._sections:
            self._sections[-1].words.append(text)

    def _section(self, token: Token, title: str) -> str:
        anchor = anchor_of(title)
        count = self._anchors.get(anchor, 0)
        self._anchors[anchor] = count + 1
        anchor = f"{anchor}-{count}" if count else anchor
        self._sections.append(Section(int(token.tag[1:]), title, anchor))
        return anchor

    def _heading(self, token: Token, inline: Token) -> None:
        title = _plain(inline.children or [])
        anchor = self._section(token, title)
        token.attrSet("id", anchor)
        link = Token("html_inline", "", 0)
        told = escape(f"Link to “{title}”")
        link.content = f' <a class="anchor" href="#{escape(anchor)}" aria-label="{told}">#</a>'
        inline.children = [*(inline.children or []), link]

    def _inline(self, token: Token) -> None:
        children = token.children or []
        dropped: list[bool] = []
        for child in children:
            if child.type == "link_open":
                known = self._lead(child)
                dropped.append(not known)
            elif child.type == "image":
                self._image(child)
            if child.type in ("link_open", "link_close") and dropped[-1]:
                # what it leads to is not where the package is installed: the words stay
                child.type, child.content = "text", ""
            if child.type == "link_close" or (child.type == "text" and child.nesting == -1):
                dropped.pop()

    def _lead(self, link: Token) -> bool:
        """Let a link lead to where the site has it; False where it has it nowhere."""
        href = str(link.attrGet("href") or "")
        if href.startswith(("http://", "https://", "mailto:")):
            link.attrSet("rel", "external")
            return True
        if href.startswith("#"):
            return True
        target, _, anchor = href.partition("#")
        address = self._site.shelf.address(resolved(self._document.path, target))
        if address:
            link.attrSet("href", f"{address}#{anchor}" if anchor else address)
        return address is not None

    def _image(self, image: Token) -> None:
        path = resolved(self._document.path, str(image.attrGet("src") or ""))
        image.attrSet("src", self._site.shelf.address(path) or "")
        image.attrSet("loading", "lazy")
        place = self._site.shelf.files.get(path)
        if place and (size := _size(place)):
            image.attrSet("width", str(size[0]))
            image.attrSet("height", str(size[1]))

    def _code(self, tokens: Sequence[Token], at: int, *_: object) -> str:
        """Code within a line; the path of a page of this service is a link to it."""
        text = tokens[at].content
        code = f"<code>{escape(text)}</code>"
        within = sum(t.nesting for t in tokens[:at] if t.type.startswith("link_"))
        path = text.partition("?")[0]
        page = path in self._site.shelf.addresses | self._site.pages and "…" not in text and not within
        return f'<a href="{escape(text)}">{code}</a>' if page else code

    def _fence(self, tokens: Sequence[Token], at: int, *_: object) -> str:
        language, text = tokens[at].info.strip(), tokens[at].content
        if _ASKING.search(text):
            text = text.replace(_HERE, self._site.base).replace(_HERE.rstrip("/"), self._site.base.rstrip("/"))
        if not language and not _DRAWN.search(text):
            language = "bash"
        try:
            code = highlight(text, get_lexer_by_name(language), _FORMATTER)
        except ClassNotFound:
            code = escape(text)
        return f'<pre class="code" tabindex="0"><code>{code}</code></pre>\n'

    def _table(self, *_: object) -> str:
        self._tables += 1
        told = escape(f"Table {self._tables} of {self._document.title}")
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{told}"><table>\n'


def _without_title(tokens: list[Token]) -> list[Token]:
    """The tokens behind the first heading: the page has it in a place of its own."""
    first = next((n for n, t in enumerate(tokens) if t.type == "heading_open" and t.tag == "h1"), None)
    return tokens if first is None else tokens[:first] + tokens[first + 3 :]


def render(document: Document, site: Site) -> Rendered:
    """A document as HTML."""
    return _Renderer(document, site).render(site.shelf.read(document))
