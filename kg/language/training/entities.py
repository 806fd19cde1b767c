"""Entity corpora: words with the spans that name a person (PER), an organisation (ORG) or a place (LOC).

* UNER-EWT, https://github.com/UniversalNER/UNER_English-EWT, CC BY-SA 4.0 (the development part trains, the test part tests);
* wikigold (Balasuriya et al. 2009), CC BY 4.0;
* CrossNER (Liu et al. 2021), https://github.com/zliucr/CrossNER, MIT;
* re3d, https://github.com/dstl/re3d, each folder under its own open government licence or in the public domain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab

from kg.language.training.conllu import PLAIN
from kg.language.training.words import column, words

#: A span: first word, the word after the last one, label.
Named = tuple[int, int, str]

UNER_TYPES = {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}
RE3D_TYPES = {"Person": "PER", "Organisation": "ORG", "Location": "LOC"}
#: The part of re3d whose texts are not free to use.
RE3D_LEFT_OUT = "BBC"
CROSSNER_TYPES = {
    **dict.fromkeys(["politician", "person", "scientist", "writer", "musicalartist", "researcher"], "PER"),
    **dict.fromkeys(["organisation", "politicalparty", "university", "band"], "ORG"),
    **dict.fromkeys(["location", "country"], "LOC"),
}


@dataclass
class Annotated:
    """A sentence or a text with the names in it."""

    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)

    def add(self, other: Annotated) -> None:
        """Appends another one, with a space between."""
        start = len(self.words)
        self.words += other.words
        self.spaces += [*other.spaces[:-1], True]
        self.names += [(start + first, start + end, label) for first, end, label in other.names]


def to_doc(vocab: Vocab, text: Annotated) -> Doc:
    """The spaCy document; of names that overlap the longer one stays."""
    doc = Doc(vocab, words=text.words, spaces=text.spaces)
    doc.ents = tuple(filter_spans([Span(doc, *name) for name in text.names]))
    return doc


def joined(parts: Iterable[Annotated], size: int) -> Iterator[Annotated]:
    """Texts of ``size`` sentences."""
    whole, count = Annotated(), 0
    for part in parts:
        whole.add(part)
        count += 1
        if count == size:
            yield whole
            whole, count = Annotated(), 0
    if count:
        yield whole


def read_tagged(path: Path, types: Mapping[str, str], at: tuple[int, int] = (0, 1)) -> Iterator[Annotated]:
    """The sentences of a file with one word a line; ``at`` are the columns of the word and of its B-, I- or O tag."""
    rows: list[list[str]] = []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        cells = line.split("\t") if "\t" in line else line.split()
        if cells and cells[0] and not line.startswith("# ") and len(cells) > max(at):
            rows.append(cells)
        elif rows and not line.strip():
            tokens = [row[at[0]].translate(PLAIN).strip().replace(" ", "_") or "_" for row in rows]
            tags = [row[at[1]] for row in rows]
            yield Annotated(tokens, [True] * len(tokens), spans_of_tags(tags, types))
            rows = []


def spans_of_tags(tags: list[str], types: Mapping[str, str]) -> list[Named]:
    """Spans from tags such as B-PER, I-PER, O; a change of type starts a new one even without B-."""
    out: list[Named] = []
    first, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        inside = tag[2:] if tag != "O" else ""
        if kind and (inside != kind or tag.startswith("B-")):
            if kind in types:
                out.append((first, place, types[kind]))
            kind = ""
        if inside and not kind:
            first, kind = place, inside
    return out


def read_re3d(folder: Path, nlp: Language) -> Iterator[Doc]:
    """The documents of the free parts of re3d; names are given by offsets and include descriptions, which fall away."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(RE3D_LEFT_OUT)):
        found: dict[str, list[dict[str, str | int]]] = {}
        for entity in _json_lines(part / "entities.json"):
            found.setdefault(str(entity["documentId"]), []).append(entity)
        for record in _json_lines(part / "documents.json"):
            doc = nlp.make_doc(str(record["text"]).translate(PLAIN))
            spans = [_re3d_span(doc, entity) for entity in found.get(str(record["_id"]), [])]
            doc.ents = tuple(filter_spans([span for span in spans if span is not None]))
            yield doc


def _json_lines(path: Path) -> Iterator[dict[str, str | int]]:
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if line.strip():
            yield json.loads(line)


def _re3d_span(doc: Doc, entity: Mapping[str, str | int]) -> Span | None:
    label = RE3D_TYPES.get(str(entity["type"]))
    begin, end = int(entity["begin"]), int(entity["end"])
    text = doc.text[begin:end]
    if article := re.match(r"(the|an?)\s+", text, re.IGNORECASE):
        begin, text = begin + article.end(), text[article.end() :]
    tokens = text.split()
    named = all(token[0].isupper() or token[0].isdigit() or token.lower() in words("inside names") for token in tokens)
    if label is None or not tokens or not named or text.isdigit():
        return None
    return doc.char_span(begin, end, label=label, alignment_mode="contract")


def clean(doc: Doc) -> Doc:
    """Takes titles off the names of persons, and what is no name at all out of the annotation."""
    places = {*column("places", "country"), *column("places", "capital")}
    kept = []
    for span in doc.ents:
        first = span.start + (_title_length(doc[span.start : span.end]) if span.label_ == "PER" else 0)
        text = doc[first : span.end].text
        if first < span.end and not _no_name(text, span.label_):
            kept.append(Span(doc, first, span.end, label="LOC" if text in places else span.label_))
    doc.ents = tuple(kept)
    return doc


def _title_length(span: Span) -> int:
    """Of how many words the title before a name is, as in ``Iraqi President Fuad Masum``; of all, if no name follows."""
    titles, adjectives = words("titles"), column("places", "adjective")
    length = 0
    for place, token in enumerate(span):
        text = token.text.rstrip(".")
        if text in titles:
            length = place + 1
        elif text not in adjectives:
            break
    rest = span[length].text.lower() if length < len(span) else "of"
    return len(span) if rest in words("inside names") and len(span) > 1 else min(length, len(span) - 1)


def _no_name(text: str, label: str) -> bool:
    adjectives = column("places", "adjective")
    if label != "LOC" and (text in adjectives or text.removesuffix("s") in adjectives):
        return True
    return text in words("no names") or text in words("titles") or (text.islower() and label != "ORG")
