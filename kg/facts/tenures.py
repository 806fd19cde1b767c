"""Finds who holds which office: a title beside a name shows that its bearer held it on the day of the article."""

from __future__ import annotations

from kg.facts.reading import Reading
from kg.mentions.actors import TitleMention
from kg.model import Span, Tenure

#: A title that stands with its state or body beside the name, and one whose state had to be found elsewhere.
_BESIDE, _INFERRED = 0.9, 0.7


def _key(title: TitleMention) -> tuple[str, str, bool]:
    return title.actor.key, " ".join(title.text.lower().replace("-", " ").split()), title.former


def find_tenures(reading: Reading) -> tuple[Tenure, ...]:
    """Each person's offices, told once with every sentence that shows them, in the order of the text."""
    grouped: dict[tuple[str, str, bool], list[TitleMention]] = {}
    for title in sorted(reading.cast.titles, key=lambda t: t.span.start):
        grouped.setdefault(_key(title), []).append(title)
    found = []
    for number, titles in enumerate(grouped.values(), 1):
        of = next((t.of for t in titles if t.of), None)
        evidence: tuple[Span, ...] = tuple(sorted({t.sentence.evidence for t in titles}))
        found.append(
            Tenure(
                key=f"t{number}",
                person=titles[0].actor,
                office=titles[0].text,
                of=of,
                former=titles[0].former,
                observed_on=reading.reference,
                evidence=evidence,
                confidence=_BESIDE if of else _INFERRED,
            )
        )
    return tuple(found)
