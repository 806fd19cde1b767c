"""Web archives, made by warcio as crawlers make them."""

# ruff: noqa: E501 -- invented texts read best on long lines

import io
import random
import resource
from collections.abc import Sequence
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from kg.config import Settings
from kg.model import Article
from kg.sources import Failure, Skipped, read_articles

# the library's writer leaves a temporary file to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

Record = tuple[str, str, str, bytes]
BODY = (
    "<html><head><title>Talks number {0}</title></head><body><p>Delegations from Lakeland and Hillmark held talks on the use of the "
    "lake in the town of Ufer on Tuesday, for the time number {0}.</p><p>They could not agree on how much water each may take.</p></body></html>"
)


def html(
    number: int, kind: str = "text/html; charset=utf-8", status: str = "200 OK", body: bytes | None = None
) -> Record:
    url = f"https://lake.example/2021/talks-{number}.html"
    return (url, status, kind, BODY.format(number).encode() if body is None else body)


def archive(path: Path, records: Sequence[Record], packed: bool = True) -> list[int]:
    """Write an archive; where each response begins."""
    places = []
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a test"}))
        for url, status, kind, body in records:
            head = StatusAndHeaders(status, [("Content-Type", kind), ("Content-Length", str(len(body)))], "HTTP/1.1")
            request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "lake.example")], is_http_request=True)
            dated = {"WARC-Date": "2021-06-01T12:30:00Z"}
            writer.write_record(
                writer.create_warc_record(url, "request", http_headers=request, warc_headers_dict=dated)
            )
            places.append(stream.tell())
            made = writer.create_warc_record(
                url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=dated
            )
            writer.write_record(made)
    return places


@pytest.mark.parametrize("name", ["news.warc", "news.warc.gz"])
def test_pages_become_articles(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    records = [html(1), html(2, "image/png"), html(3, status="404 Not Found"), html(4)]
    archive(path, records, packed=name.endswith("gz"))
    found = list(read_articles([path], Settings()))
    assert [a.title for a in found if isinstance(a, Article)] == ["Talks number 1", "Talks number 4"]
    assert len(found) == 2
    first = found[0]
    assert isinstance(first, Article)
    assert first.url == first.source == "https://lake.example/2021/talks-1.html"
    assert str(first.fetched) == "2021-06-01 12:30:00+00:00"
    assert first.published is None  # the day of the crawl is not the day of publication


def test_what_is_skipped_and_what_fails(tmp_path: Path) -> None:
    front = b"<html><body><nav><a href='/'>Home</a></nav></body></html>"
    french = "<html><body><p>" + "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise. " * 4
    records = [html(1, body=front), html(2, body=french.encode()), html(3, body=b"<p>" + b"x" * 9000), html(4)]
    archive(tmp_path / "news.warc.gz", records)
    found = list(read_articles([tmp_path], Settings(max_article_bytes=5000)))
    assert [type(item) for item in found] == [Skipped, Skipped, Failure, Article]
    assert str(found[2]).endswith("news.warc.gz, https://lake.example/2021/talks-3.html: it is longer than 5,000 bytes")


@pytest.mark.parametrize("name", ["news.warc", "news.warc.gz"])
def test_a_damaged_record_costs_only_itself(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    places = archive(path, [html(n) for n in range(4)], packed=name.endswith("gz"))
    data = bytearray(path.read_bytes())
    if name.endswith("gz"):
        data[places[1] + 60 : places[1] + 90] = bytes(30)
    else:
        at = data.index(b"Content-Length", places[1])
        data[at : at + 14] = b"Content-Lemgth"
        data[places[1] : places[1] + 4] = b"WORC"
    path.write_bytes(data)
    found = list(read_articles([path], Settings()))
    assert [a.title for a in found if isinstance(a, Article)] == ["Talks number 0", "Talks number 2", "Talks number 3"]
    (broken,) = [str(f) for f in found if isinstance(f, Failure)]
    assert broken == f"{path}, at byte {places[1]:,}: it is damaged, or no WARC record"


@pytest.mark.parametrize("name", ["news.warc", "news.warc.gz"])
def test_an_archive_that_ends_too_early(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    archive(path, [html(1), html(2)], packed=name.endswith("gz"))
    path.write_bytes(path.read_bytes()[:-60])
    found = list(read_articles([path], Settings()))
    assert [type(item) for item in found] == [Article, Failure]
    assert "too early" in str(found[1])


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b\x08", b"nonsense\n" * 9, random.Random(1).randbytes(5000)])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.warc.gz").write_bytes(data)
    found = list(read_articles([tmp_path], Settings()))
    assert [type(item) for item in found] in ([Failure], [])
    assert found or not data


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    noise = random.Random(2)
    picture = [(f"https://lake.example/{n}.png", "200 OK", "image/png", noise.randbytes(4_000_000)) for n in range(25)]
    archive(tmp_path / "big.warc.gz", [html(1), *picture, html(2)])
    list(read_articles([Path(__file__).parent / "pages" / "bare.html"], Settings()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(list(read_articles([tmp_path], Settings()))) == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes; the archive has 100,000
