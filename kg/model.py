"""The typed records that travel down the pipeline; nothing else crosses a folder's wall.

Every offset is a position in characters in ``Article.text``, which is the source's own text, unchanged: a record's words can
always be cut out of it again with ``article.text[span.start:span.end]``.

The key vocabularies (event types and kinds, modalities, roles) are those of ``ontology/codes.ttl``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of a page's text is. Only ``CLUTTER`` is left out of extraction."""

    HEADLINE = "headline"
    CAPTION = "caption"
    PARAGRAPH = "paragraph"
    CLUTTER = "clutter"


class Modality(StrEnum):
    """How real an event is, by the text's own word."""

    ACTUAL = "actual"
    PLANNED = "planned"
    POSSIBLE = "possible"
    NEGATED = "negated"


class Precision(StrEnum):
    """The granularity of a date, the finest unit the words give."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


class EventType(StrEnum):
    """The sixteen PLOVER event types (Halterman et al. 2023, PLOVER codebook), in this project's spelling."""

    AGREE = "agree"
    CONSULT = "consult"
    SUPPORT = "support"
    CONCEDE = "concede"
    COOPERATE = "cooperate"
    AID = "aid"
    RETREAT = "retreat"
    REQUEST = "request"
    ACCUSE = "accuse"
    REJECT = "reject"
    THREATEN = "threaten"
    PROTEST = "protest"
    SANCTION = "sanction"
    MOBILIZE = "mobilize"
    COERCE = "coerce"
    ASSAULT = "assault"


class ActorKind(StrEnum):
    """What kind of thing an actor is."""

    PERSON = "person"
    STATE = "state"
    ORGANIZATION = "organization"
    GROUP = "group"


class Role(StrEnum):
    """An actor's part in an event or statement."""

    INITIATOR = "initiator"
    RECIPIENT = "recipient"
    PARTICIPANT = "participant"
    VISITOR = "visitor"
    HOST = "host"
    MEDIATOR = "mediator"
    SPEAKER = "speaker"
    ADDRESSEE = "addressee"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of the article's text: ``text == article.text[start:end]``."""

    start: int
    end: int
    text: str = field(compare=False)


@dataclass(frozen=True)
class DateSpan:
    """The days that some words stand for: bounds inclusive, and how fine the words are."""

    earliest: dt.date
    latest: dt.date
    precision: Precision
    text: str


@dataclass(frozen=True)
class Block:
    """A paragraph-like piece of the article's text."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True)
class Article:
    """One article as it came from a source.

    ``id`` is stable for the same source (see ``kg.triples.iris``); ``text`` is unchanged; ``published`` is what the source
    says, None where it says nothing; ``digest`` is the SHA-256 of the text in UTF-8, in hexadecimal; ``fetched`` is when it was
    taken from the web, where that is known. ``given`` (the file or address that it was read from on this machine) and ``offset``
    (how many bytes of all the inputs were read up to it) are for progress and reports: no fact is made of them.
    """

    id: str
    text: str
    digest: str
    blocks: tuple[Block, ...] = ()
    title: str | None = None
    published: dt.date | None = None
    url: str | None = None
    outlet: str | None = None
    author: str | None = None
    language: str = "en"
    license: str | None = None
    source: str | None = None
    fetched: dt.datetime | None = None
    given: str | None = field(default=None, compare=False)
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True)
class State:
    """A curated state: ISO 3166-1 codes and identifiers elsewhere (None where none is certain)."""

    code: str
    name: str
    alpha2: str | None = None
    wikidata: str | None = None
    geonames: str | None = None


@dataclass(frozen=True)
class Organization:
    """A curated international organisation or movement; ``code`` is its short common name (``UN``, ``ASEAN``)."""

    code: str
    name: str
    wikidata: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A place in the article; ``within`` is the containing place, ``state`` the ISO 3166-1 alpha-3 code of its country."""

    name: str
    state: str | None = None
    within: Place | None = None
    geonames: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Actor:
    """One actor of one article, all its mentions taken together.

    ``key`` is unique within the article. ``name`` is the fullest form in the text without title (a state's common English
    name for a state). ``party`` is the code of the state (ISO 3166-1 alpha-3) or organisation it acts for (an actor that
    is itself a state or a curated organisation has its own code); None where the text leaves it open.
    ``size`` are the words that give a group's size ("some 700,000", "more than 100").
    ``curated`` tells that ``party`` is the actor's own identity in the registry, not just whom it acts for.
    """

    key: str
    kind: ActorKind
    name: str
    party: str | None = None
    aliases: tuple[str, ...] = ()
    size: str | None = None
    curated: bool = False


@dataclass(frozen=True)
class Participant:
    """One actor's part in one event or statement; ``mention`` the words that name it there; ``office`` as the text gives it.

    ``side`` is "source" (acts) or "target" (is acted on), the two columns of event data.
    """

    actor: Actor
    role: Role
    side: str
    mention: Span
    on_behalf_of: str | None = None
    office: str | None = None


@dataclass(frozen=True)
class Instrument:
    """A treaty, law, resolution or other text that the article speaks of.

    ``status`` is a key of the instrument statuses in ``ontology/codes.ttl``; ``positions`` the actors for or against.
    """

    key: str
    name: str
    kind: str
    status: str | None
    parties: tuple[str, ...]
    positions: tuple[tuple[Actor, str], ...]
    body: Actor | None
    topics: tuple[str, ...]
    evidence: tuple[Span, ...]
    confidence: float


@dataclass(frozen=True)
class Event:
    """One event of one article, however often the article tells it (one evidence span, a whole sentence, for each telling).

    ``kind`` refines the type (meeting, visit, call, negotiation, summit, mediation; signing, release, easing, embargo);
    ``date_text`` are the words that date it, kept too where they cannot be resolved to days;
    ``topics`` are concept ids of ``ontology/topics.ttl``, ``about`` the text's own words on the matter;
    ``according_to`` and ``part_of`` are keys of a statement and of an event of the same article.
    """

    key: str
    type: EventType
    kind: str | None
    modality: Modality
    participants: tuple[Participant, ...]
    trigger: Span
    evidence: tuple[Span, ...]
    confidence: float
    date: DateSpan | None = None
    date_text: str | None = None
    place: Place | None = None
    place_text: str | None = None
    topics: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    instrument: str | None = None
    according_to: str | None = None
    part_of: str | None = None
    extractor: str = "frames"


@dataclass(frozen=True)
class Statement:
    """An act of saying: who, with which verb, to whom, through which channel, in which words.

    ``quotes`` are the verbatim parts (without quotation marks), ``paraphrase`` the reported content in the article's words;
    ``channel`` a key of the channels in ``ontology/codes.ttl`` (press, social_media, speech, interview, broadcast, written);
    ``register`` tells what was said ("speech") from what is ascribed otherwise ("thought", "stance", "evidence").
    """

    key: str
    speaker: Participant
    verb: Span | None
    quotes: tuple[Span, ...]
    paraphrase: Span | None
    evidence: tuple[Span, ...]
    confidence: float
    addressees: tuple[Participant, ...] = ()
    channel: str | None = None
    date: DateSpan | None = None
    topics: tuple[str, ...] = ()
    stance: str | None = None
    negated: bool = False
    register: str = "speech"


@dataclass(frozen=True)
class Tenure:
    """A person's holding of an office as the article shows it; ``of`` is a party code, or the name of a region,
    city or body."""

    key: str
    person: Actor
    office: str
    of: str | None
    former: bool
    observed_on: DateSpan | None
    evidence: tuple[Span, ...]
    confidence: float


@dataclass(frozen=True)
class ArticleFacts:
    """Everything that one article asserts, ready to be written as triples or as JSON records.

    ``reference`` is the day that relative dates count from; ``reference_inferred`` tells that it was read from the text
    because the source gives no date.
    """

    article: Article
    reference: DateSpan | None
    reference_inferred: bool
    actors: tuple[Actor, ...]
    places: tuple[Place, ...]
    events: tuple[Event, ...]
    statements: tuple[Statement, ...]
    tenures: tuple[Tenure, ...]
    instruments: tuple[Instrument, ...]
