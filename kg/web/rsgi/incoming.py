"""A request as the server hands it over: its body, read as it comes, and the environment that the application is given."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from typing import Any

from kg.web.http.errors import StalledUploadError

#: Bodies up to this size are read before the application is asked.
_READ_BEFORE = 1_000_000
#: Bytes of a body for which a client may take its time.
PART = 65_536


class Body(io.RawIOBase):
    """A request's body, read as it comes.

    Args:
        patience: seconds that the client may take for 64 KiB of it.
    """

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        self._protocol, self._loop, self._kept = protocol, loop, b""
        self._parts: Any = None
        self._patience, self._taken, self._left = patience, 0, patience
        #: Whether it has come to its end.
        self.whole = False

    def readable(self) -> bool:
        return True

    async def _next(self) -> bytes:
        began = time.monotonic()
        # once it is asked for, the server gives the body in parts alone
        self._parts = self._parts or self._protocol.__aiter__()
        try:
            async with asyncio.timeout(self._left):
                part = bytes(await self._parts.__anext__())
        except StopAsyncIteration:
            self.whole = True
            return b""
        except TimeoutError:
            raise self._stalled() from None
        self._taken += len(part)
        self._left = max(0.0, self._left - (time.monotonic() - began))
        if self._taken >= PART:
            self._taken, self._left = 0, self._patience
        return part

    @classmethod
    async def of(cls, scope: Any, protocol: Any, patience: float) -> Body:
        """The body of a request, read as far as it is before the application is asked. Raises StalledUploadError."""
        coming = cls(protocol, asyncio.get_running_loop(), patience)
        length = scope.headers.get("content-length")
        if length is None and scope.headers.get("transfer-encoding") is None:
            coming.whole = True
        elif length is not None and length.isdecimal() and int(length) <= PART:
            await coming._read_small()
        else:
            await coming._read_ahead(_READ_BEFORE)
        return coming

    async def _read_small(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                self._kept, self.whole = bytes(await self._protocol()), True
        except TimeoutError:
            raise self._stalled() from None

    def _stalled(self) -> StalledUploadError:
        return StalledUploadError(
            f"The rest of the body has not come: 64 KiB of one may take {self._patience:g} seconds."
        )

    async def _read_ahead(self, most: int) -> None:
        """Read up to so many bytes and a part before anybody asks for them."""
        kept = bytearray()
        while len(kept) <= most and not self.whole:
            kept += await self._next()
        self._kept = bytes(kept)

    def at_hand(self) -> bytes:
        """The body, where all of it has been read ahead."""
        return self._kept if self.whole else b""

    def readinto(self, buffer: Any) -> int:
        if not self._kept and not self.whole:
            self._kept = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        number = min(len(buffer), len(self._kept))
        buffer[:number], self._kept = self._kept[:number], self._kept[number:]
        return number


def environment(scope: Any, body: Any) -> dict[str, Any]:
    """The environment of a request (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # it would pass for the header whose name has hyphens, past what looks at that one
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]}, {value}" if key in environ else value
    return environ
