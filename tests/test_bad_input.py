"""Input that is no article: one clear sentence with its name, the others go on, exit code 1, nothing of it in the store."""

import errno
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings

GOOD = "Foreign Minister Ann Example met her guest Bo Sample in Paris on Monday, and they spoke about trade."
SENTENCE = "The minister met the envoy in the capital, and they spoke about the border and the bridge between them. "

BAD: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "it is empty"),
    "blank.txt": (b"\n \n\t\n", "it is empty"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0", "it is binary, not text"),
    "cyrillic.txt": ("Министр встретился с послом в столице.".encode("cp1251"), "its encoding is not known"),
    "french.txt": (
        "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise dans la région.".encode(),
        "it is not English",
    ),
    "huge.txt": (SENTENCE.encode() * 500_000, "it is longer than 5,000,000 bytes"),
    "endless.txt": ((SENTENCE * 30_000).encode(), "characters; the limit is 100,000"),
    "word.txt": (b"The envoy said a" + b"h" * 50_000, "it has a word of 50,001 characters; the limit is 5,000"),
    "page.pdf": (b"%PDF-1.7", "there is no reader for files that end in '.pdf'"),
    "page.html": (b"<html><body><nav><a href='/'>Home</a></nav></body></html>", "no article's text is found in it"),
    "feed.rss": (b"<rss><channel>", "it is no RSS or Atom feed"),
    "table.csv": (
        b"id,body\n1,The minister met the envoy.\n",
        "it has no column 'text' (its columns are 'id', 'body')",
    ),
    "archive.warc": (b"The minister met the envoy.", "it is damaged, or no WARC record"),
    "bad.jsonl": (b'{"id": "x"\n{"id": "y"}\n', "it is not JSON"),
}


def kg(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


def articles(settings: Settings) -> list[str]:
    """The headings of all articles in the store, by the program's own query command."""
    query = "SELECT DISTINCT ?a { ?a a <http://schema.org/NewsArticle> }".replace("http:", "https:")
    done = kg("query", query, "--store", settings.store, "--format", "json")
    assert done.exit_code == 0, done.output
    return [row["a"]["value"] for row in json.loads(done.stdout)["results"]["bindings"]]


@pytest.mark.parametrize("name", sorted(BAD))
def test_one_sentence_and_the_others_go_on(name: str, tmp_path: Path) -> None:
    data, reason = BAD[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.txt").write_text(GOOD)
    done = kg("extract", tmp_path)
    assert done.exit_code == (0 if name == "french.txt" else 1)  # another language is no mistake
    told = done.stderr.splitlines()
    assert told[0].startswith(str(tmp_path / name))
    assert reason in told[0]
    assert told[0].endswith(".")
    assert len(told) == (2 if name == "bad.jsonl" else 1)
    assert len(done.stdout.splitlines()) == 1


def test_all_at_once_leave_only_the_good_one_in_the_store(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    for name, (data, _) in BAD.items():
        (folder / name).write_bytes(data)
    (folder / "good.txt").write_text(GOOD)
    done = kg("ingest", folder, "--store", settings.store)
    assert done.exit_code == 1
    for name, (_, reason) in BAD.items():
        assert [line for line in done.stderr.splitlines() if f"{folder}/{name}" in line and reason in line]
    assert len(articles(settings)) == 1


def test_an_endless_line_takes_neither_time_nor_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.txt"
    path.write_bytes((SENTENCE * 40_000).encode())
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert kg("extract", path).exit_code == 1
    assert time.monotonic() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_a_long_line_within_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(SENTENCE * 500)
    assert kg("extract", path).exit_code == 0


def _without_rights(folder: Path) -> Callable[[], None]:
    folder.chmod(0)
    return lambda: folder.chmod(0o755)


def test_a_folder_without_rights(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "good.txt").write_text(GOOD)
    arguments = ["extract", str(closed), str(tmp_path / "good.txt")]
    reopen = _without_rights(closed)
    try:
        if os.geteuid() == 0:
            done = _as_nobody(arguments, tmp_path)
        else:
            done = _as_ourselves(arguments)
    finally:
        reopen()
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines() == [f"{closed}: it may not be read (no rights)."]
    assert len(done.stdout.splitlines()) == 1


def _as_ourselves(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from kg.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _as_nobody(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Root may read everything: drop the capabilities that say so, and nothing else, in a process of its own."""
    code = (
        "import ctypes, sys\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "data = (ctypes.c_uint32 * 6)()\n"
        "assert libc.capset(header, data) == 0\n"
        "from kg.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_full_disk_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    """Files may grow to a few kilobytes only: the write fails as it does on a full disk."""
    article = tmp_path / "good.txt"
    article.write_text(GOOD)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from kg.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, "ingest", str(article), "--store", str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    told = [
        line for line in done.stderr.splitlines() if os.strerror(errno.EFBIG) in line or "cannot be written" in line
    ]
    assert told, done.stderr


def test_bad_lines_on_standard_input(tmp_path: Path) -> None:
    lines = [json.dumps({"id": "a", "text": GOOD}), "{", json.dumps({"id": "c"}), json.dumps({"id": "d", "text": GOOD})]
    done = kg("extract", stdin="\n".join(lines).encode())
    assert done.exit_code == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "d"]
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "standard input, line 2",
        "standard input, line 3",
    ]


def test_two_articles_of_one_id_are_not_mixed_up(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "twice.jsonl"
    path.write_text("".join(json.dumps({"id": "same", "text": text}) + "\n" for text in (GOOD, GOOD + " It rained.")))
    done = kg("ingest", path, "--store", settings.store)
    assert done.exit_code == 1
    assert "another article of this run has the same id" in done.stderr
    assert len(articles(settings)) == 1
