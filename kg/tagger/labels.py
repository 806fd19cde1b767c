"""What the tagger tells apart."""

from __future__ import annotations

#: Event types; of a consultation its kind too.
TYPES = (
    "accuse agree aid assault coerce concede consult:call consult:mediation consult:meeting consult:negotiation consult:summit "
    "consult:visit cooperate mobilize protest reject request retreat sanction support threaten"
).split()
ARGUMENTS = ("source", "target", "date", "place")
MODALITIES = ("actual", "planned", "possible", "negated")

#: Label of each word piece when triggers are sought (0: none), and when a trigger's arguments are (0: none; begin, inside).
TRIGGER_LABELS = ("O", *TYPES)
ARGUMENT_LABELS = ("O", *(f"{prefix}-{name}" for name in ARGUMENTS for prefix in "BI"))


def prompt(event_type: str | None) -> str:
    """The words before a sentence: what is sought in it."""
    return event_type.replace(":", " ") if event_type else "events"
