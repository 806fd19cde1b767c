"""Finds who holds which office: a title beside a name shows that its bearer held it on the day of the article."""

from __future__ import annotations

from kg.facts.clauses import clause
from kg.facts.lexicon import lexicon
from kg.facts.modality import negated
from kg.facts.reading import Reading
from kg.facts.slots import mentions_at
from kg.mentions.actors import Mention, TitleMention
from kg.model import Span, Tenure

#: A title that stands with its state or body beside the name, and one whose state had to be found elsewhere.
_BESIDE, _INFERRED = 0.9, 0.7


def _key(title: TitleMention, former: bool) -> tuple[str, str, bool]:
    return title.actor.key, " ".join(title.text.lower().replace("-", " ").split()), former


def _anybody(_: Mention) -> bool:
    return True


def _loses_it(reading: Reading, title: TitleMention) -> bool:
    """Whether the sentence that gives a person an office tells that the office is lost: "has been sacked", "resigned"."""
    sentence, classes = title.sentence, lexicon().classes
    for token in sentence.tokens:
        lemma = token.lemma.lower()
        if not token.is_verb or lemma not in classes["removing"] | classes["stepping_down"]:
            continue
        ahead = any(t.tag == "MD" for t in sentence.children(token.i, "aux")) or token.tag == "VB"
        if ahead or negated(sentence, token.i):
            continue
        said = clause(sentence, token.i)
        leaving = said.obj if lemma in classes["removing"] else said.subj
        if any(m.actor == title.actor for m in mentions_at(sentence, reading.cast, leaving, _anybody)):
            return True
    return False


def find_tenures(reading: Reading) -> tuple[Tenure, ...]:
    """Each person's offices, told once with every sentence that shows them, in the order of the text."""
    grouped: dict[tuple[str, str, bool], list[TitleMention]] = {}
    for title in sorted(reading.cast.titles, key=lambda t: t.span.start):
        grouped.setdefault(_key(title, title.former or _loses_it(reading, title)), []).append(title)
    found = []
    for number, ((_, _, former), titles) in enumerate(grouped.items(), 1):
        of = next((t.of for t in titles if t.of), None)
        evidence: tuple[Span, ...] = tuple(sorted({t.sentence.evidence for t in titles}))
        found.append(
            Tenure(
                key=f"t{number}",
                person=titles[0].actor,
                office=titles[0].text,
                of=of,
                former=former,
                observed_on=reading.reference,
                evidence=evidence,
                confidence=_BESIDE if any(t.beside and t.of == of for t in titles) else _INFERRED,
            )
        )
    return tuple(found)
