"""Search: a file of names and words beside the store, made from its graphs and brought up to date with them."""

from kg.search.columns import FACETS, Filters
from kg.search.documents import ENTITIES, GROUPS, KINDS
from kg.search.find import Candidate, Found, Index, Suggestion
from kg.search.following import Follower, Taken, up_to_date
from kg.search.hits import Hit
from kg.search.naming import likeness
from kg.search.words import Asked, QueryTextError, asked, marked

__all__ = [
    "ENTITIES",
    "FACETS",
    "GROUPS",
    "KINDS",
    "Asked",
    "Candidate",
    "Filters",
    "Follower",
    "Found",
    "Hit",
    "Index",
    "QueryTextError",
    "Suggestion",
    "Taken",
    "asked",
    "likeness",
    "marked",
    "up_to_date",
]
