"""Labels in plain English for what the facts make, so that every page and every result reads."""

from __future__ import annotations

from collections.abc import Sequence

from kg.model import Event, Participant, Statement, Tenure
from kg.registry import party_name

_LONGEST = 90
#: Event type -> the local name of its class in the ontology.
EVENT_CLASSES = {
    "agree": "Commitment",
    "consult": "Consultation",
    "support": "Support",
    "cooperate": "Cooperation",
    "aid": "Aid",
    "concede": "Concession",
    "retreat": "Withdrawal",
    "request": "Request",
    "accuse": "Accusation",
    "reject": "Rejection",
    "threaten": "Threat",
    "protest": "Protest",
    "mobilize": "Mobilization",
    "sanction": "Sanction",
    "coerce": "Coercion",
    "assault": "Assault",
}


def class_name(event: Event) -> str:
    """The local name of the ontology's class for an event: its kind's, else its type's."""
    return event.kind.capitalize() if event.kind else EVENT_CLASSES[event.type.value]


def shortened(text: str) -> str:
    """At most 90 characters, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0].rstrip(",;: ") + " …"


def _names(participants: Sequence[Participant]) -> str:
    return ", ".join(dict.fromkeys(p.actor.name for p in participants))


def event_label(event: Event) -> str:
    """Such as "Meeting: John Kerry – Hun Sen, 2016-01-26"."""
    source, target = (_names([p for p in event.participants if p.side == side]) for side in ("source", "target"))
    who = " – ".join(filter(None, (source, target))) or event.trigger.text
    day = ""
    if event.date:
        first, last = event.date.earliest.isoformat(), event.date.latest.isoformat()
        day = f", {first}" if first == last else f", {first} to {last}"
    note = "" if event.modality.value == "actual" else f" ({event.modality.value})"
    return f"{class_name(event)}: {who}{day}{note}"


def statement_label(statement: Statement) -> str:
    """Such as "Hun Sen: he had met for an hour with Kerry"."""
    words = [f"“{q.text}”" for q in statement.quotes] or ([statement.paraphrase.text] if statement.paraphrase else [])
    said = shortened(words[0]) if words else (statement.verb.text if statement.verb else "said")
    return f"{statement.speaker.actor.name}: {said}"


def office_label(title: str, of: str | None) -> str:
    """Such as "Prime Minister of Cambodia"."""
    return f"{title} of {party_name(of) or of}" if of else title


def tenure_label(tenure: Tenure) -> str:
    """Such as "Hun Sen, Prime Minister of Cambodia"."""
    former = "former " if tenure.former else ""
    return f"{tenure.person.name}, {former}{office_label(tenure.office, tenure.of)}"
