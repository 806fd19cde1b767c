"""Fetching, from a real server: polite, within limits, and never from a private network that was not allowed."""

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import Failure, Memory, read_articles
from kg.sources.connection import checked_addresses
from kg.sources.fetch import Fetcher
from tests.sources.conftest import Site


def fetch(url: str, settings: Settings, memory: Memory | None = None) -> bytes:
    return Fetcher(settings, memory or Memory(None)).fetch(url).body


def test_a_page_becomes_an_article(site: Site, open_settings: Settings, page: bytes) -> None:
    url = site.page("/bridge", page)
    (found,) = read_articles([url], open_settings)
    assert isinstance(found, Article)
    assert found.url == url  # the canonical address is on another site
    assert found.fetched is not None
    assert str(found.published) == "2021-03-04"
    assert site.paths == ["/robots.txt", "/bridge"]
    assert site.asked[1][1]["user-agent"].startswith("diplomatic-kg/")


def test_a_charset_that_only_the_server_tells(site: Site, open_settings: Settings) -> None:
    text = (
        "The envoy of Łódź met the minister of Kraków on Monday, and they spoke about trade and the border for an hour."
    )
    url = site.page(
        "/a", f"<html><body><p>{text}</p></body></html>".encode("iso-8859-2"), "text/html; charset=ISO-8859-2"
    )
    (found,) = read_articles([url], open_settings)
    assert isinstance(found, Article)
    assert found.text == text


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("0.0.0.0", "0.0.0.0"),
        ("[::1]", "::1"),
        ("[::ffff:10.0.0.1]", "::ffff:a00:1"),
        ("[64:ff9b::a00:1]", "64:ff9b::a00:1"),
        ("[2002:a00:1::]", "2002:a00:1::"),
        ("2130706433", "127.0.0.1"),
        ("224.0.0.1", "224.0.0.1"),
    ],
)
def test_private_addresses_are_not_asked(host: str, address: str) -> None:
    with pytest.raises(SourceError, match="is the private address"):
        fetch(f"http://{host}:9/", Settings())


def test_public_addresses_may_be_asked() -> None:
    for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        assert checked_addresses(address, 80, Settings()) == [address]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{}/x", "http://10.0.0.1/", "http://[::1]:{}/x", "file:///etc/passwd"]
)
def test_redirects_are_checked_again(site: Site, open_settings: Settings, target: str) -> None:
    url = site.redirect("/go", target.format(site.port))
    with pytest.raises(SourceError, match=r"is the private address|is not an http or https address"):
        fetch(url, open_settings)


def test_the_checked_address_is_the_one_that_is_asked(
    site: Site, open_settings: Settings, page: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is another address the second time (DNS rebinding) is not looked up a second time."""
    site.page("/a", page)
    asked: list[object] = []
    real = socket.getaddrinfo

    def rebinding(host: str | bytes | None, port: int, *args: int, **kwargs: int) -> object:
        if host != "rebinding.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) <= 2 else "127.0.0.3", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert fetch(f"http://rebinding.example:{site.port}/a", open_settings) == page
    assert len(asked) == 2  # once for robots.txt, once for the page
    with pytest.raises(SourceError, match=r"private address 127\.0\.0\.3"):
        fetch(f"http://rebinding.example:{site.port}/a", open_settings)


def test_redirects_end(site: Site, open_settings: Settings, page: bytes) -> None:
    site.page("/end", page)
    site.redirect("/2", "/end")
    assert fetch(site.redirect("/1", "/2"), open_settings) == page
    site.redirect("/loop", "/loop")
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        fetch(site.url + "/loop", open_settings)


def test_robots_are_obeyed(site: Site, open_settings: Settings, page: bytes) -> None:
    rules = b"User-agent: *\nDisallow: /private/\n\nUser-agent: diplomatic-kg\nDisallow: /no/\n"
    site.page("/robots.txt", rules, "text/plain")
    for path in ("/no/a", "/private/a"):
        site.page(path, page)
    with pytest.raises(SourceError, match=r"robots\.txt does not allow it"):
        fetch(site.url + "/no/a", open_settings)
    assert fetch(site.url + "/private/a", open_settings) == page  # the group for us is the one that counts
    assert "/no/a" not in site.paths
    with pytest.raises(SourceError, match=r"robots\.txt does not allow it"):
        fetch(site.redirect("/go", "/no/a"), open_settings)


def test_a_server_that_fails_to_give_its_rules_is_left_alone(site: Site, open_settings: Settings, page: bytes) -> None:
    site.answers["/robots.txt"] = (503, {}, b"")
    with pytest.raises(SourceError, match=r"robots\.txt cannot be read"):
        fetch(site.page("/a", page), open_settings)
    assert site.paths == ["/robots.txt"]


@pytest.fixture
def secure(tmp_path: Path, page: bytes) -> Iterator[tuple[int, Path]]:
    """A server with a certificate of its own for "localhost": its port and the certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*command, *names], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's own name
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.server_address[1], certificate
    server.shutdown()
    server.server_close()


def test_certificates_are_checked_for_the_host_s_name(
    secure: tuple[int, Path], open_settings: Settings, page: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(open_settings, private_networks="127.0.0.1/32,::1/128")
    port, certificate = secure
    with pytest.raises(SourceError, match="its certificate is refused"):
        fetch(f"https://localhost:{port}/a", settings)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(f"https://localhost:{port}/a", settings) == page
    with pytest.raises(SourceError, match="its certificate is refused"):
        fetch(f"https://127.0.0.1:{port}/a", settings)


def test_pauses(site: Site, open_settings: Settings, page: bytes) -> None:
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 1\n", "text/plain")
    fetcher, urls = Fetcher(open_settings, Memory(None)), [site.page(f"/{n}", page) for n in range(2)]
    start = time.monotonic()
    for url in urls:
        fetcher.fetch(url)
    assert 1 <= time.monotonic() - start < 5
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 86400\n", "text/plain")
    with pytest.raises(SourceError, match="asks for pauses of 86400 seconds"):
        fetch(urls[0], open_settings)


def _slow_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        handler.wfile.write(f"X-{number}: x\r\n".encode())
        time.sleep(0.1)


def _slow_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65_536)


def _cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x")


@pytest.mark.parametrize("answer", [_slow_head, _slow_body])
def test_slow_servers_are_given_up(site: Site, open_settings: Settings, answer: object) -> None:
    site.answers["/a"] = answer  # type: ignore[assignment]
    settings = Settings(private_networks=open_settings.private_networks, fetch_timeout=0.7)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"it took longer than 0\.7 seconds"):
        fetch(site.url + "/a", settings)
    assert time.monotonic() - start < 5


def test_endless_answers_are_given_up(site: Site, open_settings: Settings) -> None:
    site.answers["/a"] = _endless
    with pytest.raises(SourceError, match="it is longer than 5,000,000 bytes"):
        fetch(site.url + "/a", open_settings)


def test_a_bomb_is_not_unpacked(site: Site, open_settings: Settings) -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert len(bomb) < 300_000
    with pytest.raises(SourceError, match="it is longer than 5,000,000 bytes"):
        fetch(site.page("/a", bomb, Content_Encoding="gzip"), open_settings)


def test_packed_answers(site: Site, open_settings: Settings, page: bytes) -> None:
    assert fetch(site.page("/a", gzip.compress(page), Content_Encoding="gzip"), open_settings) == page
    with pytest.raises(SourceError, match="ended too early"):
        fetch(site.page("/b", gzip.compress(page)[:-50], Content_Encoding="gzip"), open_settings)
    with pytest.raises(SourceError, match="packed as 'br'"):
        fetch(site.page("/c", page, Content_Encoding="br"), open_settings)
    site.answers["/d"] = _cut_off
    with pytest.raises(SourceError, match="ended too early"):
        fetch(site.url + "/d", open_settings)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/a", "it is not an http or https address"),
        ("http:///a", "it is not an http or https address"),
        ("http://example.org:99999/", "it is not an http or https address"),
        ("http://me:secret@example.org/", "its address holds a name or password, which is not sent"),
        ("http://no-such-host.invalid/", "the host 'no-such-host.invalid' is not known"),
    ],
)
def test_addresses_that_cannot_be_fetched(url: str, reason: str) -> None:
    assert list(read_articles([url], Settings())) == [Failure(url, reason)]


def test_what_the_server_has_not(site: Site, open_settings: Settings) -> None:
    (found,) = read_articles([site.url + "/none"], open_settings)
    assert str(found) == f"{site.url}/none: the server answers with status 404"
    (found,) = read_articles([site.page("/picture", b"GIF89a", "image/gif")], open_settings)
    assert str(found) == f"{site.url}/picture: there is no reader for what the server calls 'image/gif'"
    (found,) = read_articles(["http://127.0.0.1:9/"], open_settings)
    assert "gives no answer" in str(found)


def test_what_has_not_changed_is_not_sent_again(
    site: Site, open_settings: Settings, page: bytes, tmp_path: Path
) -> None:
    url = site.page("/a", page, ETag='"1"', Last_Modified="Thu, 04 Mar 2021 10:00:00 GMT")
    for _ in range(2):
        memory = Memory(tmp_path / "store")
        assert fetch(url, open_settings, memory) == page
        memory.close()
    first, second = [headers for path, headers in site.asked if path == "/a"]
    assert "if-none-match" not in first
    assert (second["if-none-match"], second["if-modified-since"]) == ('"1"', "Thu, 04 Mar 2021 10:00:00 GMT")
    site.page("/a", page + b"<!-- new -->", ETag='"2"')
    memory = Memory(tmp_path / "store")
    assert fetch(url, open_settings, memory) == page + b"<!-- new -->"
    memory.close()
