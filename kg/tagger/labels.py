"""What the tagger tells apart, and the marks that it is given beside the words."""

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

#: Whom a token names, by the rules of ``kg.mentions``: how, and whether a party is known ("!") or not.
NAMED = (
    "- other date place person person! group group! pronoun pronoun! body organization organization! state! demonym! "
    "capital! metonym! region!"
).split()
#: A token's relation to its governor, in Universal Dependencies.
RELATIONS = (
    "- root nsubj nsubj:pass obj iobj obl obl:agent nmod nmod:poss appos amod compound conj ccomp xcomp advcl acl acl:relcl "
    "parataxis advmod aux aux:pass cop mark case det cc punct nummod flat fixed obl:tmod nmod:tmod dep"
).split()
#: How a token stands to a trigger: the trigger itself; under it, and by which of its relations; over it; or beside it, under
#: the same governor, and by which of that one's relations.
PATHS = ("-", "self", "over", *(f"under {r}" for r in RELATIONS[1:]), *(f"beside {r}" for r in RELATIONS[1:]))
#: What a frame of the lexicon takes a token for.
ROLES = ("-", "source", "target")
