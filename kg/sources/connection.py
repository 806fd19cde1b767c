"""One HTTP request to an address that was checked: no private networks, limits on time and on size, also unpacked.

The connection goes to the very address that was checked, so a name that resolves otherwise a moment later (DNS rebinding) gains
nothing. Proxies and credentials of the environment are not used.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from kg.config import Settings
from kg.errors import SourceError

_CHUNK = 1 << 16
_SAFE = "/%:@!$&'()*+,;=~?[]"
#: The ports of addresses that name none.
PORTS = {"http": 80, "https": 443}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: IPv6 addresses that stand for IPv4 ones behind a translator (RFC 6052, RFC 8215).
_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True)
class Answer:
    """An answer's status, headers with names in lower case, and unpacked body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _inner(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _TRANSLATED):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, address))[1] or address
    return address


def _may_be_asked(address: _Address, settings: Settings) -> bool:
    inner = _inner(address)
    if any(inner in network for network in settings.allowed_networks if network.version == inner.version):
        return True
    return address.is_global and inner.is_global and not inner.is_multicast and not inner.is_reserved


def checked_addresses(host: str, port: int, settings: Settings) -> list[str]:
    """The addresses of a host, all of which may be asked.

    Raises:
        SourceError: there is none, or one is private: loopback, local network, link, reserved.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
        parsed = [ipaddress.ip_address(address) for address in addresses]
    except (OSError, ValueError):
        raise SourceError(f"the host {host!r} is not known") from None
    for address in parsed:
        if not _may_be_asked(address, settings):
            raise SourceError(
                f"{host!r} is the private address {address}, which the setting private_networks leaves out"
            )
    return addresses


class _Connection(http.client.HTTPConnection):
    """A connection to one of some addresses, under the host's name; no longer open than it may be."""

    def __init__(self, parts: SplitResult, addresses: list[str], timeout: float) -> None:
        self.default_port = PORTS[parts.scheme]
        super().__init__(parts.hostname or "", parts.port or self.default_port, timeout=timeout)
        self._addresses, self._secure = addresses, parts.scheme == "https"
        self.expired = threading.Event()
        self._raw: socket.socket | None = None
        self._timer = threading.Timer(timeout, self.end)
        self._timer.daemon = True

    def connect(self) -> None:
        self._timer.start()
        problem = OSError("no address")
        for address in self._addresses:
            if self.expired.is_set():
                raise TimeoutError
            try:
                self._raw = self.sock = socket.create_connection((address, self.port), self.timeout)
                if self.expired.is_set():
                    raise TimeoutError
                break
            except OSError as error:
                problem = error
        else:
            raise problem
        if self._secure:
            self._raw = self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def end(self) -> None:
        """Break it off, whatever it is doing."""
        # each single read may be in time and the whole not: the socket is shut under it
        self.expired.set()
        if self._raw is not None:
            with contextlib.suppress(OSError):
                self._raw.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        """Close it; ``close`` is called by the library when the answer begins, which is too early for the clock to stop."""
        self._timer.cancel()
        self.close()
        if self._raw is not None:
            self._raw.close()


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := answer.read(_CHUNK):
        yield piece
    if answer.length:
        raise SourceError("the answer ended too early")


def _body(answer: http.client.HTTPResponse, limit: int) -> bytes:
    """The body, unpacked, within the limit."""
    coding, found = (answer.getheader("Content-Encoding") or "identity").strip().lower(), bytearray()
    if coding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise SourceError(f"the answer is packed as {coding!r}, which was not asked for")
    unpacker = None if coding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
    for piece in _pieces(answer):
        try:
            # one byte more than the limit is enough to see that it is over: a bomb is never unpacked
            found += unpacker.decompress(piece, limit + 1 - len(found)) if unpacker else piece
        except zlib.error:
            raise SourceError("the answer's compression is damaged") from None
        if len(found) > limit:
            raise SourceError(f"it is longer than {limit:,} bytes")
    if unpacker and found and not unpacker.eof:
        raise SourceError("the answer ended too early")
    return bytes(found)


def split(url: str) -> SplitResult:
    """An address in its parts.

    Raises:
        SourceError: it is not an http or https address with a host.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.port == 0:
            raise SourceError("it is not an http or https address")
        parts.hostname.encode("idna")
    except ValueError:
        raise SourceError("it is not an http or https address") from None
    if parts.username is not None or parts.password is not None:
        raise SourceError("its address holds a name or password, which is not sent")
    return parts


class Exchange:
    """One request and its answer, which another thread may break off; redirects are not followed.

    Args:
        url: in its parts, see ``split``.
        addresses: those of its host that may be asked, see ``checked_addresses``.
        timeout: seconds for the whole.
        limit: bytes of the answer's body, packed and unpacked.
    """

    def __init__(self, url: SplitResult, addresses: list[str], timeout: float, limit: int) -> None:
        self._url, self._timeout, self._limit = url, timeout, limit
        self._connection = _Connection(url, addresses, timeout)

    def cancel(self) -> None:
        """Break it off: ``run`` raises as if it had taken too long."""
        self._connection.end()

    def run(self, method: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Ask, once.

        Raises:
            SourceError: no answer, or none within the limits; the message is a clause.
        """
        path, query = quote(self._url.path or "/", safe=_SAFE), quote(self._url.query, safe=_SAFE)
        connection = self._connection
        own = {"Accept-Encoding": "gzip", "Connection": "close"}
        try:
            connection.request(method, path + (f"?{query}" if query else ""), body, {**own, **headers})
            answer = connection.getresponse()
            found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, _body(answer, self._limit))
            if connection.expired.is_set():
                raise SourceError("cut off")
            return found
        except (OSError, http.client.HTTPException, SourceError) as error:
            if connection.expired.is_set() or isinstance(error, TimeoutError):
                raise SourceError(f"it took longer than {self._timeout:g} seconds") from None
            if isinstance(error, SourceError):
                raise
            raise SourceError(f"the server gives no answer ({_why(error)})") from None
        finally:
            connection.finish()


def get(url: str, headers: Mapping[str, str], settings: Settings, limit: int) -> Answer:
    """One GET of a checked address; redirects are not followed.

    Raises:
        SourceError: no answer, or none within the limits; the message is a clause.
    """
    parts = split(url)
    addresses = checked_addresses(parts.hostname or "", parts.port or PORTS[parts.scheme], settings)
    return Exchange(parts, addresses, settings.fetch_timeout, limit).run("GET", headers)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return {"IncompleteRead": "it ended too early", "RemoteDisconnected": "it hung up"}.get(
        type(error).__name__, f"it is not HTTP: {type(error).__name__}"
    )
