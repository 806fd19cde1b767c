"""A query's life: the guard, the format, a worker that can be ended, and what is told when it fails."""

from kg.sparql.answers import Answer
from kg.sparql.formats import Format, choose_format
from kg.sparql.guard import Query, check
from kg.sparql.pool import Pool
from kg.sparql.remote import Answering, RemotePool, open_pool
from kg.sparql.update import check_update
from kg.sparql.written import graphs_written

__all__ = [
    "Answer",
    "Answering",
    "Format",
    "Pool",
    "Query",
    "RemotePool",
    "check",
    "check_update",
    "choose_format",
    "graphs_written",
    "open_pool",
]
