"""Plain words for what the graph holds as codes: names with their article, days, how sure, how real, kinds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Of the most particular kind first: a thing's name for its kind is the first of its classes here.
KINDS = (
    "Meeting Visit Call Negotiation Summit Mediation Signing Release Easing Embargo Commitment Consultation Support Cooperation "
    "Aid Concession Withdrawal Request Accusation Rejection Threat Protest Mobilization Sanction Coercion Assault Event "
    "EventAcrossArticles PersonAcrossArticles Statement Tenure Instrument Person State Organization Group Office Place Article "
    "ArticleGraph ImportedGraph Claim IdentityLink Actor"
).split()
EVENT_KINDS = tuple(KINDS[: KINDS.index("Event") + 1])
QUADS = {1: "Verbal cooperation", 2: "Material cooperation", 3: "Verbal conflict", 4: "Material conflict"}
#: What an article of each modality says of an event, and the word for it.
MODALITIES = {
    "planned": "It is told as planned: whether it took place, this article does not say.",
    "possible": "It is told as possible, not as something that happened.",
    "negated": "The article says that it did not or will not happen.",
}
EXTRACTORS = {
    "frames": "rules over the sentence's grammar",
    "tagger": "a learned tagger",
    "llm": "a language model",
    "gdelt": "GDELT's own coding",
    "icews": "ICEWS' own coding",
}
_KIND_WORDS = {
    "Organization": ("Organisation", "Organisations"),
    "Group": ("Unnamed group", "Unnamed groups"),
    "Person": ("Person", "People"),
    "Instrument": ("Law or agreement", "Laws and agreements"),
    "Tenure": ("Holding of an office", "Holdings of offices"),
    "Mobilization": ("Mobilisation", "Mobilisations"),
    "EventAcrossArticles": ("Event across articles", "Events across articles"),
    "PersonAcrossArticles": ("Person across articles", "People across articles"),
    "ArticleGraph": ("Data of an article", "Data of articles"),
    "ImportedGraph": ("Imported data", "Imported data"),
    "IdentityLink": ("Link to elsewhere", "Links to elsewhere"),
    "Summit": ("Summit", "Summits"),
    "Assault": ("Attack", "Attacks"),
    "Embargo": ("Embargo", "Embargoes"),
    "Easing": ("Easing of measures", "Easings of measures"),
    "Aid": ("Help given", "Help given"),
    "Support": ("Show of support", "Shows of support"),
    "Cooperation": ("Cooperation", "Cooperations"),
    "Event": ("Event", "Events"),
}
#: How sure, in words: from this confidence on.
_SURENESS = ((0.9, "very sure"), (0.75, "sure"), (0.55, "fairly sure"), (0.35, "unsure"), (0.0, "very unsure"))
#: Names that take "the": by their last word, or as a whole.
_WITH_THE = set(
    "States Kingdom Emirates Republic Union Nations Islands Bank Court League Council Fund Organization Organisation Commission "
    "Community Agency Army Front Group Movement Party Committee Programme Network Congo Tribunal Forces Corps Forum Quartet Pact "
    "Netherlands Philippines Maldives Bahamas Gambia Comoros Taliban Guards Panel Association Federation Parliament Government "
    "Territory Society Authority Alliance Ministry".split()
)
#: Places at which, and not in which, something is: by their last word.
_SITES = set(
    "Palace House Hotel Airport Hall Centre Center Building Embassy Ranch Resort Base Headquarters headquarters Stadium "
    "University School Square Mosque Church Cathedral Temple Port Castle Mansion Residence Lodge David Complex Pavilion".split()
)


@dataclass(frozen=True)
class Link:
    """Words, and the IRI they lead to (None for plain words); ``quiet`` where they stand aside from what is told."""

    text: str
    iri: str | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Phrase:
    """How events of a class are told; see ``phrases.tsv``."""

    base: str
    past: str
    link: str
    alone: str
    alone_past: str
    several: str


@cache
def phrases() -> dict[str, Phrase]:
    """Class -> its phrase."""
    lines = Path(__file__).with_name("phrases.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return {name: Phrase(*("" if cell == "-" else cell for cell in cells)) for name, *cells in rows}


def local_name(iri: str) -> str:
    """What follows the last '#' or '/'."""
    return iri.rstrip("/#").rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def kind_words(kind: str, number: int = 1) -> str:
    """A class as a noun, in the number that a count asks for."""
    one, many = _KIND_WORDS.get(kind, (kind, f"{kind}s"))
    return one if number == 1 else many


def with_the(name: str) -> str:
    """A name as it stands in a sentence: "the United States", "Cambodia"."""
    words = name.split()
    if not words or words[0].lower() == "the" or not words[0][:1].isupper():
        return name
    takes = words[-1] in _WITH_THE or (words[-1].startswith("Republic") or (" of " in name and words[0] in _WITH_THE))
    return f"the {name}" if takes else name


def at_place(name: str) -> str:
    """A place as a sentence has it: "in Phnom Penh", "at the Peace Palace"."""
    last = name.split()[-1] if name.split() else ""
    if last not in _SITES:
        return f"in {with_the(name)}"
    return f"at {name}" if last == "David" or name.lower().startswith("the ") else f"at the {name}"


def sureness(confidence: str) -> str:
    """A confidence from 0 to 1 in words."""
    try:
        value = float(confidence)
    except ValueError:
        return ""
    return next(words for least, words in _SURENESS if value >= least)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _long(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _span(first: dt.date, last: dt.date) -> str:
    if first == last:
        return _long(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_long(last)}"
    head = f"{first.day} {first:%B}" if first.year == last.year else _long(first)
    return f"{head} – {_long(last)}"


def days(earliest: str, latest: str, precision: str = "") -> str:
    """Two days and their precision in words, as they stand alone: "26 January 2016", "January 2016"."""
    first, last = _day(earliest or latest), _day(latest or earliest)
    if not first or not last:
        return ""
    if precision == "year" and first.year == last.year:
        return str(first.year)
    if precision == "month" and (first.year, first.month) == (last.year, last.month):
        return f"{first:%B} {first.year}"
    return _span(first, last)


def when(earliest: str, latest: str, precision: str = "") -> str:
    """The same as a sentence has it: "on 26 January 2016", "in January 2016", "between 3 and 5 May 2016"."""
    shown = days(earliest, latest, precision)
    if not shown:
        return ""
    if (earliest or latest) == (latest or earliest):
        return f"on {shown}"
    if precision == "week":
        return f"in the week of {shown}"
    if precision in ("year", "month") and "–" not in shown:
        return f"in {shown}"
    first, last = _day(earliest), _day(latest)
    assert first and last
    return f"between {_before(first, last)} and {_long(last)}"


def _before(first: dt.date, last: dt.date) -> str:
    """The first of two days, without what the second one repeats."""
    if first.year != last.year:
        return _long(first)
    return str(first.day) if first.month == last.month else f"{first.day} {first:%B}"


def elsewhere(iri: str) -> str:
    """What a thing is called in a collection elsewhere: "Wikidata Q668", "GeoNames 1269750"."""
    for start, name in (("wikidata.org/entity/", "Wikidata"), ("sws.geonames.org/", "GeoNames")):
        if start in iri:
            return f"{name} {local_name(iri)}"
    return iri.partition("//")[2] or iri


def property_words(name: str) -> str:
    """A property's local name with its words apart."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
