"""Tokens: made, listed, rotated and revoked by the command, counted at once, kept as digests alone."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.errors import SettingsError
from kg.web.http.tokens import TokenFile, secret_of


def kg(file: Path, *arguments: str) -> Result:
    return CliRunner(env={"KG_TOKENS": str(file)}).invoke(main, ["token", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "tokens"


def test_one_is_made_shown_once_and_listed(file: Path) -> None:
    secret = kg(file, "new", "editor", "--scope", "read", "--scope", "write", "--expires", "30").output.strip()
    assert re.fullmatch(r"[\w-]{43}", secret)
    assert secret not in file.read_text()
    assert hashlib.sha256(secret.encode()).hexdigest() in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = kg(file, "list").output
    assert re.search(r"editor +read write +\d{4}-\d\d-\d\d \d\d:\d\d +\d{4}-\d\d-\d\d", listed)
    assert secret not in listed
    assert hashlib.sha256(secret.encode()).hexdigest() not in listed
    found = TokenFile(file).find(secret)
    assert found is not None
    assert [s for s in ("read", "update", "graphs", "write", "admin") if found.allows(s)] == [
        *("read", "update", "graphs", "write")
    ]
    assert list(file.parent.iterdir()) == [file], "something was left beside the file"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("new", "x y", "--scope", "read"), "no name for a token"),
        (("new", "../x", "--scope", "read"), "no name for a token"),
        (("new", "x\nroot read " + "0" * 64, "--scope", "read"), "no name for a token"),
        (("new", "x\x1b[31m", "--scope", "read"), "no name for a token"),
        (("new", "ｘ", "--scope", "read"), "no name for a token"),
        (("new", "y" * 65, "--scope", "read"), "no name for a token"),
        (("new", "x", "--scope", "root"), "scopes are some of read, write, admin, update, graphs"),
        (("new", "x", "--scope", "read,write"), "scopes are some of"),
        (("new", "there", "--scope", "read"), "There is a token 'there' already"),
        (("rotate", "x"), "There is no token 'x'"),
        (("revoke", "x"), "There is no token 'x'"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(arguments: tuple[str, ...], told: str, file: Path) -> None:
    kg(file, "new", "there", "--scope", "read")
    before = file.read_bytes()
    done = kg(file, *arguments)
    assert done.exit_code == 1
    assert told in done.output
    assert "\x1b" not in done.output
    assert file.read_bytes() == before


def test_files_of_the_version_before_still_count(file: Path) -> None:
    file.parent.mkdir()
    secrets = {name: f"{name}-secret" for name in ("robot", "editor")}
    digests = {name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in secrets.items()}
    old = f"robot graphs {digests['robot']}\neditor update,graphs {digests['editor']}\n"
    file.write_text(old)
    tokens = TokenFile(file)
    robot, editor = (tokens.find(secrets[name]) for name in ("robot", "editor"))
    assert robot is not None
    assert editor is not None
    assert (robot.allows("graphs"), robot.allows("update"), robot.allows("read")) == (True, False, False)
    assert editor.allows("update")
    listed = kg(file, "list").output
    assert re.search(r"robot +graphs +not known +never", listed)
    kg(file, "new", "third", "--scope", "read")
    assert tokens.find(secrets["robot"]) is not None
    new = kg(file, "rotate", "robot", "--grace", "0").output.strip()
    assert tokens.find(secrets["robot"]) is None
    rotated = tokens.find(new)
    assert rotated is not None
    assert rotated.scopes == {"graphs"}


def test_one_that_ends_is_not_found_when_it_has(file: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    tokens = TokenFile(file, lambda: now[0])
    secret = tokens.new("short", ("read",), 2)
    now[0] += timedelta(days=2, seconds=-1)
    assert tokens.find(secret) is not None
    now[0] += timedelta(seconds=1)
    assert tokens.find(secret) is None
    with pytest.raises(SettingsError, match="time of the token 'short' is over"):
        tokens.rotate("short", timedelta(hours=1))
    assert "(over)" not in kg(file, "list").output or now[0] < datetime.now(UTC)


def test_rotation_leaves_the_one_before_its_grace(file: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    tokens = TokenFile(file, lambda: now[0])
    first = tokens.new("robot", ("write",), 10)
    now[0] += timedelta(days=4)
    second = tokens.rotate("robot", timedelta(hours=24))
    assert first != second
    assert all(tokens.find(secret) for secret in (first, second))
    now[0] += timedelta(hours=23)
    third = tokens.rotate("robot", timedelta(hours=24))
    now[0] += timedelta(hours=1)
    # a second rotation does not make the first one's grace longer
    assert [tokens.find(secret) is not None for secret in (first, second, third)] == [False, True, True]
    now[0] += timedelta(days=1)
    assert [tokens.find(secret) is not None for secret in (first, second, third)] == [False, False, True]
    now[0] += timedelta(days=8)  # the new one has ten days from its making on
    assert tokens.find(third) is not None
    now[0] += timedelta(days=1)
    assert tokens.find(third) is None


def test_revoking_takes_all_secrets_of_a_name_and_no_other(file: Path) -> None:
    first = kg(file, "new", "robot", "--scope", "write").output.strip()
    second = kg(file, "rotate", "robot").output.strip()
    other = kg(file, "new", "robot2", "--scope", "write").output.strip()
    tokens = TokenFile(file)
    assert all(tokens.find(s) for s in (first, second, other))
    assert kg(file, "revoke", "robot").exit_code == 0
    assert [tokens.find(s) is not None for s in (first, second, other)] == [False, False, True]


def test_many_at_once_lose_nothing(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: TokenFile(file).new(f"t{n}", ("read",)), range(24)))
    tokens = TokenFile(file)
    assert {token.name for s in made if (token := tokens.find(s))} == {f"t{n}" for n in range(24)}


def test_what_is_not_understood_in_the_file_counts_for_nothing_and_stays(file: Path) -> None:
    file.parent.mkdir()
    digest = hashlib.sha256(b"x").hexdigest()
    lines = [
        "# a remark",
        f"a write {digest} yesterday -",
        f"b write {digest[:-1]}",
        f"c write {digest.upper()}",
        "d write ",
    ]
    file.write_text("\n".join(lines))
    assert TokenFile(file).find("x") is None
    assert TokenFile(file).tokens() == ()
    secret = TokenFile(file).new("e", ("read",))
    assert file.read_text().splitlines()[:5] == lines
    assert TokenFile(file).find(secret) is not None


def test_a_write_that_fails_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = TokenFile(file).new("a", ("read",))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="cannot be written: No space left on device"):
        TokenFile(file).new("b", ("read",))
    assert TokenFile(file).find(secret) is not None
    assert list(file.parent.iterdir()) == [file]


def test_a_link_is_followed_and_stays_one(file: Path, tmp_path: Path) -> None:
    TokenFile(file).new("a", ("read",))
    (tmp_path / "link").symlink_to(file)
    TokenFile(tmp_path / "link").new("b", ("read",))
    assert (tmp_path / "link").is_symlink()
    assert [token.name for token in TokenFile(file).tokens()] == ["a", "b"]


@pytest.mark.parametrize(
    ("header", "bearer", "basic"),
    [
        ("Bearer abc", "abc", "abc"),
        ("bearer  abc ", "abc", "abc"),
        ("Basic dXNlcjphYmM=", "", "abc"),
        ("Basic dXNlcjphOmI=", "", "a:b"),
        ("Basic OmFiYw==", "", "abc"),
        ("Basic dXNlcg==", "", ""),
        ("Basic !!!", "", ""),
        ("Basic /////w==", "", ""),
        ("Basic " + "A" * 100_000, "", ""),
        ("Digest abc", "", ""),
        ("", "", ""),
    ],
)
def test_the_header(header: str, bearer: str, basic: str) -> None:
    assert secret_of(header, basic=False) == bearer
    assert secret_of(header, basic=True) == basic
