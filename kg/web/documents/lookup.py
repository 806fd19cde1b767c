"""The search within the documents: sections that have all the words, those that have them in their headings first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.web.documents.markdown import Rendered
from kg.web.documents.shelf import Document

#: The longest text that is looked for, and the most sections that are shown.
LONGEST, MOST = 100, 40
_AROUND = 90


@dataclass(frozen=True)
class Hit:
    """A section that has the words: where it is, and what stands around the first of them, cut in three at it."""

    document: Document
    title: str
    address: str
    before: str
    word: str
    after: str


def _excerpt(text: str, word: str) -> tuple[str, str, str]:
    at = text.lower().find(word)
    if at < 0:
        return text[: 2 * _AROUND].rsplit(" ", 1)[0], "", ""
    start, end = max(0, at - _AROUND), at + len(word)
    before = text[start:at] if start == 0 else "… " + text[start:at].partition(" ")[2]
    after = text[end : end + _AROUND]
    return before, text[at:end], after if end + _AROUND >= len(text) else after.rpartition(" ")[0] + " …"


def look(asked: str, documents: Iterable[tuple[Document, Rendered]]) -> list[Hit]:
    """The sections that have each word of a text somewhere, as a part of a word too."""
    words = re.findall(r"[\w./-]+", asked[:LONGEST].lower())
    if not words:
        return []
    found: list[tuple[int, int, Hit]] = []
    for document, rendered in documents:
        for section in rendered.sections:
            text = " ".join(" ".join(section.words).split())
            head, low = f"{document.title} {section.title}".lower(), text.lower()
            if all(word in head or word in low for word in words):
                path = f"/docs/{document.name}"
                address = path if section.level == 1 else f"{path}#{section.anchor}"
                named = -sum(word in section.title.lower() for word in words)
                first = next((word for word in words if word in low), words[0])
                hit = Hit(document, section.title, address, *_excerpt(text, first))
                found.append((named, len(found), hit))
    return [hit for _, _, hit in sorted(found, key=lambda item: item[:2])][:MOST]
