"""An endpoint that the operator names is asked for some names at once, and told of in one sentence where it fails."""

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kg.errors import CurationError
from kg.identity.endpoint import NAMES, ask
from tests.conftest import free_port

ASKED: list[str] = []
ROWS = [
    {
        "id": {"type": "uri", "value": "http://www.wikidata.org/entity/Q9"},
        "label": {"type": "literal", "value": "Rosario Quintalba"},
        "alias": {"type": "literal", "value": alias},
        "country": {"type": "uri", "value": "http://www.wikidata.org/entity/Q419"},
        "born": {"type": "literal", "value": "1970-02-03T00:00:00Z"},
    }
    for alias in ("R. Quintalba", "La Quintalba")
]


class _Endpoint(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        ASKED.append(urllib.parse.parse_qs(body)["query"][0])
        answer = b"no results" if self.path == "/broken" else json.dumps({"results": {"bindings": ROWS}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    ASKED.clear()
    server = HTTPServer(("127.0.0.1", 0), _Endpoint)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_items_come_with_all_their_names_and_no_more_requests_than_allowed(address: str) -> None:
    names = [f"Person {n}" for n in range(3 * NAMES)] + ['Ann "Nan" Example']
    (found,) = ask(address, names, 1)
    assert (found.id, found.country, found.earliest) == ("Q9", "PER", 1986)
    assert found.names == ("Rosario Quintalba", "R. Quintalba", "La Quintalba")
    assert len(ASKED) == 1
    assert '"Ann \\"Nan\\" Example"@en' in ASKED[0]


def test_what_is_no_answer_is_told_in_one_sentence(address: str) -> None:
    with pytest.raises(CurationError, match="answers with something other than SPARQL results"):
        list(ask(f"{address}/broken", ["Ann Example"], 1))
    with pytest.raises(CurationError, match="gives no answer"):
        list(ask(f"http://127.0.0.1:{free_port()}/", ["Ann Example"], 1))
