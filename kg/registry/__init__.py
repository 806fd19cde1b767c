"""Who is who: states, organisations, places and office-holders that are known beforehand, and the words for them."""

from kg.registry.cities import City, cities
from kg.registry.entry import Entry
from kg.registry.leaders import Leader, leader, leaders
from kg.registry.parties import (
    identifiers,
    organization,
    organization_home,
    organization_sort,
    organization_whole,
    organizations,
    party_name,
    state,
    states,
)
from kg.registry.phrases import fold, lookup, match_at

__all__ = [
    "City",
    "Entry",
    "Leader",
    "cities",
    "fold",
    "identifiers",
    "leader",
    "leaders",
    "lookup",
    "match_at",
    "organization",
    "organization_home",
    "organization_sort",
    "organization_whole",
    "organizations",
    "party_name",
    "state",
    "states",
]
