"""The file of tokens: one a line, with what it is for and how long; of the token itself there is the SHA-256 alone.

A line is a name, scopes with commas between, the digest, and the times from and until which it counts (UTC; "-" for none).
Lines of the first three alone, as versions before had them, count without end.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg.errors import SettingsError
from kg.exports.files import sync_folder

#: What a token may be for. "write" is "update" (SPARQL Update) and "graphs" (the Graph Store Protocol's writes) together.
SCOPES = ("read", "write", "admin", "update", "graphs")
_WIDER = {"update": "write", "graphs": "write"}
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NONE = "-"
#: Longer ones are none of ours, and are not digested.
_LONGEST = 512


def digest_of(secret: str) -> str:
    """What is kept of a token: it has 256 bits of chance, so that a plain digest of it cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Token:
    """One line of the file."""

    name: str
    scopes: frozenset[str]
    digest: str
    made: datetime | None = None
    expires: datetime | None = None

    def allows(self, scope: str) -> bool:
        """Whether it is for something."""
        return scope in self.scopes or _WIDER.get(scope) in self.scopes

    def over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= now

    def line(self) -> str:
        """It as it stands in the file."""
        times = [f"{time:%Y-%m-%dT%H:%M:%SZ}" if time else _NONE for time in (self.made, self.expires)]
        ordered = [scope for scope in SCOPES if scope in self.scopes]
        return " ".join([self.name, ",".join(ordered), self.digest, *times])


def _time(text: str) -> datetime | None:
    return None if text == _NONE else datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _read(line: str) -> Token | str:
    """A line's token; the line itself where it says none, which then counts for nothing and is left as it is."""
    parts = line.split()
    if len(parts) not in (3, 5) or not _DIGEST.fullmatch(parts[2]):
        return line
    try:
        made, expires = (_time(text) for text in parts[3:] or (_NONE, _NONE))
    except ValueError:
        return line
    return Token(parts[0], frozenset(parts[1].split(",")) & frozenset(SCOPES), parts[2], made, expires)


class TokenFile:
    """The tokens of one file, read anew when it has changed. Safe to use from several threads and processes."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._clock = path, clock
        self._known: tuple[tuple[int, ...], tuple[Token, ...]] = ((), ())

    def tokens(self) -> tuple[Token, ...]:
        """All that are in the file, those whose time is over too; none where it cannot be read."""
        try:
            found = self._path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if seen != self._known[0]:
                lines = self._path.read_text(encoding="utf-8").splitlines()
                self._known = seen, tuple(t for t in map(_read, lines) if isinstance(t, Token))
        except (OSError, UnicodeDecodeError):
            return ()
        return self._known[1]

    def find(self, secret: str) -> Token | None:
        """The token whose secret this is, while it counts. All are compared, so that time tells nothing."""
        tokens = self.tokens() if 0 < len(secret) <= _LONGEST else ()
        found, digest = None, digest_of(secret) if tokens else ""
        for token in tokens:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return None if found is None or found.over(self._clock()) else found

    def new(self, name: str, scopes: tuple[str, ...], days: float | None = None) -> str:
        """Make a token and give it back: it cannot be had again.

        Args:
            days: after which it no longer counts; None for without end.

        Raises:
            SettingsError: the name or a scope cannot be used, the name is taken, or the file cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is no name for a token: letters, digits, '.', '-', '_' and '@', up to 64.")
        if not scopes or not set(scopes) <= set(SCOPES):
            raise SettingsError(f"A token's scopes are some of {', '.join(SCOPES)}.")
        secret, now = secrets.token_urlsafe(32), self._now()
        with self._changing() as lines:
            if any(isinstance(line, Token) and line.name == name for line in lines):
                raise SettingsError(f"There is a token {name!r} already: rotate it, or revoke it first.")
            expires = None if days is None else now + timedelta(days=days)
            lines.append(Token(name, frozenset(scopes), digest_of(secret), now, expires))
        return secret

    def rotate(self, name: str, grace: timedelta) -> str:
        """Make a new secret for a token; those before count for some time more, then no longer.

        Where the token had a time, the new one has as long a time from now on.

        Raises:
            SettingsError: there is no token of that name, or the file cannot be written.
        """
        secret, now = secrets.token_urlsafe(32), self._now()
        with self._changing() as lines:
            own = [line for line in lines if isinstance(line, Token) and line.name == name]
            if not own:
                raise SettingsError(f"There is no token {name!r}.")
            last = max(own, key=lambda token: (token.made is not None, token.made or now))
            lasted = last.expires - last.made if last.expires and last.made and not last.over(now) else None
            if last.expires and lasted is None:
                raise SettingsError(f"The time of the token {name!r} is over: revoke it and make a new one.")
            until = now + grace
            ending = [replace(t, expires=min(t.expires or until, until)) for t in own]
            lines[:] = [line for line in lines if not (isinstance(line, Token) and line.name == name)]
            lines += [token for token in ending if not token.over(now)]
            lines.append(Token(name, last.scopes, digest_of(secret), now, now + lasted if lasted else None))
        return secret

    def revoke(self, name: str) -> int:
        """Take a token back, all its secrets; how many there were.

        Raises:
            SettingsError: there is no token of that name, or the file cannot be written.
        """
        with self._changing() as lines:
            kept = [line for line in lines if not (isinstance(line, Token) and line.name == name)]
            if len(kept) == len(lines):
                raise SettingsError(f"There is no token {name!r}.")
            gone, lines[:] = len(lines) - len(kept), kept
        return gone

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    @contextmanager
    def _changing(self) -> Iterator[list[Token | str]]:
        """The file's lines, to be changed; they are written when the block ends, by one process at a time."""
        path = self._path.resolve()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                lines = [_read(n) for n in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
                yield lines
                _write(path, lines)
            finally:
                os.close(folder)
        except UnicodeDecodeError:
            raise SettingsError(f"The file of tokens {path} is not UTF-8.") from None
        except OSError as error:
            raise SettingsError(f"The file of tokens {path} cannot be written: {error.strerror}.") from None


def _write(path: Path, lines: list[Token | str]) -> None:
    """Put a file in the place of the one before, in one step; nobody but its owner, who stays the same, may read it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    text = "".join(f"{line.line() if isinstance(line, Token) else line}\n" for line in lines)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            if path.exists() and os.geteuid() == 0:  # the service's own user must be able to read it as before
                before = path.stat()
                os.fchown(descriptor, before.st_uid, before.st_gid)
            out.write(text)
            out.flush()
            os.fsync(descriptor)
        aside.replace(path)
        sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def secret_of(header: str, *, basic: bool) -> str:
    """The secret that a header ``Authorization`` holds: a Bearer's token, or (where allowed) Basic's password; else nothing."""
    kind, _, given = header.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic" or not basic or len(given) > 2 * _LONGEST:
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
