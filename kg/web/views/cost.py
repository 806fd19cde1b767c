"""How many queries a page took, told in its header: https://www.w3.org/TR/server-timing/"""

from __future__ import annotations

from flask import Response

from kg.web.views.reader import Reader


def with_cost(response: Response, reader: Reader) -> Response:
    """A page with the number of queries that it took."""
    response.headers["Server-Timing"] = f'queries;desc="{reader.queries}"'
    return response
