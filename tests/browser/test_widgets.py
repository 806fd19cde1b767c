"""Widgets in a page of another origin, as a visitor of that page sees them."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.checks import console_errors, show
from tests.conftest import Served

_LISTENS = """<script>addEventListener("message", (told) => { if (told.data.type === "diplomatic-kg") {
  document.querySelector("iframe").height = told.data.height; document.title = "told"; } });</script>"""
_EVENT = """SELECT ?e { ?e a <https://w3id.org/diplomatic-kg/ontology#Meeting> } ORDER BY ?e LIMIT 1"""


@dataclass
class Elsewhere:
    """A site of somebody else's."""

    url: str
    pages: dict[str, str] = field(default_factory=dict)

    def put(self, frame: str, more: str = "") -> str:
        """The address of a new page with a frame in it."""
        path = f"/{len(self.pages)}.html"
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        self.pages[path] = f"<!doctype html>{head}<title>theirs</title>{more}<body><p>Theirs</p>{frame}</body>"
        return self.url + path


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    site = Elsewhere("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = site.pages.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # another name of this machine: another site, not only another port
    site.url = f"http://localhost:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def meeting(service: Served) -> str:
    reply = service.get(f"/sparql?{urllib.parse.urlencode({'query': _EVENT})}", "application/sparql-results+json")
    return str(json.loads(reply.body)["results"]["bindings"][0]["e"]["value"].partition("/id/")[2])


def _frame(address: str, height: int = 400) -> str:
    return f'<iframe src="{address}" width="100%" height="{height}" title="a widget" style="border:0"></iframe>'


def _within(browser: Chrome, script: str) -> object:
    """What a script says inside the frame."""
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    try:
        return browser.execute_script(script)
    finally:
        browser.switch_to.default_content()


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("path", ["timeline", "map", "card", "q/who-met-whom"])
def test_a_widget_fits_its_frame_and_says_where_it_is_from(
    path: str, width: int, browser: Chrome, service: Served, elsewhere: Elsewhere, meeting: str
) -> None:
    address = f"{service.url}/embed/{f'card/{meeting}' if path == 'card' else path}"
    page = elsewhere.put(_frame(address), _LISTENS)
    for _ in range(2):  # the second time it has not changed, and is shown all the same
        show(browser, page, width)
        WebDriverWait(browser, 10).until(lambda driver: driver.title == "told")
        text = str(_within(browser, "return document.body.innerText"))
        assert "Diplomatic KG" in text
        assert "Apache-2.0" in text
    fits = "return [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight + 1]"
    WebDriverWait(browser, 10).until(lambda driver: _within(driver, fits) == [True, True])
    marks = "return document.querySelectorAll('svg.picture a, dl dd, tbody tr').length"
    assert int(str(_within(browser, marks))) > 0
    home = _within(browser, "return document.querySelector('footer a').href")
    assert service.send("GET", str(home).removeprefix(service.url), Accept="text/html").status == 200
    assert browser.execute_cdp_cmd("Network.getAllCookies", {})["cookies"] == []
    assert [e for e in console_errors(browser) if "favicon" not in e] == []


def test_a_widget_needs_no_scripts(browser: Chrome, service: Served, elsewhere: Elsewhere) -> None:
    show(browser, elsewhere.put(_frame(f"{service.url}/embed/timeline")), 900, scripts=False)
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    assert browser.find_element(By.CSS_SELECTOR, "svg.picture.wide").is_displayed()
    browser.switch_to.default_content()


def test_other_pages_are_not_shown_in_frames(browser: Chrome, service: Served, elsewhere: Elsewhere) -> None:
    show(browser, elsewhere.put(_frame(f"{service.url}/timeline")), 900)
    assert "Events over time" not in str(_within(browser, "return document.body?.innerText ?? ''"))
    console_errors(browser)


def test_the_code_of_a_page_shows_it_elsewhere(
    browser: Chrome, service: Served, elsewhere: Elsewhere, meeting: str
) -> None:
    show(browser, f"{service.url}/page/{meeting}", 1280)
    details = browser.find_element(By.CSS_SELECTOR, "details.embed-code")
    details.find_element(By.TAG_NAME, "summary").click()
    code = str(details.find_element(By.TAG_NAME, "textarea").get_property("value"))
    details.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(browser, 5).until(lambda _: "op" in details.find_element(By.CSS_SELECTOR, "[role=status]").text)
    assert code.startswith("<iframe ")
    # the store's base is not where this server is
    page = elsewhere.put(code.replace("http://127.0.0.1:8000", service.url))
    show(browser, page, 900)
    assert "John Kerry" in str(_within(browser, "return document.body.innerText"))


def test_tools_find_the_code_by_oembed(service: Served, meeting: str) -> None:
    base = "http://127.0.0.1:8000"
    for path in (f"/page/{meeting}", "/timeline?actor=KHM", "/ask/who-met-whom?party=Hun+Sen"):
        head = service.get(path, "text/html").text
        found = head.partition('type="application/json+oembed"')[2].partition('href="')[2].partition('"')[0]
        told = json.loads(service.get(found.replace("&amp;", "&")).body)
        assert (told["version"], told["type"]) == ("1.0", "rich")
        source = told["html"].partition('src="')[2].partition('"')[0].replace("&amp;", "&")
        shown = service.get(source.removeprefix(base), "text/html")
        assert shown.status == 200
        assert "frame-ancestors *" in shown.headers["content-security-policy"]
        assert "set-cookie" not in shown.headers
    asked = urllib.parse.urlencode({"url": f"{base}/map", "maxwidth": 300, "maxheight": 250})
    small = json.loads(service.get(f"/oembed?{asked}").body)
    assert (small["width"], small["height"]) == (300, 250)
    xml = service.get(f"/oembed?{asked}&format=xml")
    assert xml.headers["content-type"].startswith("text/xml")
    assert "&lt;iframe" in xml.text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"url": "http://127.0.0.1:8000/map", "format": "yaml"}, 501),
        ({"url": "http://127.0.0.1:8000/map", "maxwidth": "wide"}, 400),
        ({"url": "http://127.0.0.1:8000/page/person/nobody"}, 404),
        ({"url": "http://127.0.0.1:8000/about"}, 404),
        ({"url": "http://elsewhere.example/map"}, 404),
        ({"url": "http://127.0.0.1:8000.elsewhere.example/map"}, 404),
    ],
)
def test_what_cannot_be_embedded_is_refused(asked: dict[str, str], status: int, service: Served) -> None:
    reply = service.get(f"/oembed?{urllib.parse.urlencode(asked)}")
    assert (reply.status, json.loads(reply.body)["status"]) == (status, status)


def test_what_an_address_has_is_escaped_in_the_code(service: Served) -> None:
    bad = urllib.parse.quote('"><script>alert(1)</script>')
    url = urllib.parse.quote(f"http://127.0.0.1:8000/timeline?actor={bad}", safe="")
    told = json.loads(service.get(f"/oembed?url={url}").body)
    assert "<script" not in told["html"]
    for path in (
        f"/timeline?actor={bad}",
        f"/embed/timeline?actor={bad}",
        f"/embed/card/x{bad}",
        f"/ask/who-met-whom?party={bad}",
    ):
        assert "<script>alert" not in service.get(path, "text/html").text
