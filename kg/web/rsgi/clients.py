"""Whom a request is counted for: a token's name, else the address it comes from, an IPv6 one's network of 64 bits.

One subscriber has all addresses of such a network (RFC 6177), and would else be as many clients.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

from kg.config import Settings
from kg.web.http.tokens import TokenFile, secret_of

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Hops of a proxied request that are looked at, from the last.
_MOST_HOPS = 20


def _address(text: str) -> _Address | None:
    """An address as headers and sockets write it, with a port and brackets or without; None for what is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def _named(address: _Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


@lru_cache(maxsize=8192)
def _of_text(text: str) -> str:
    address = _address(text)
    return _named(address) if address else "unknown"


def _forwarded(values: list[str]) -> list[str]:
    """The hops of the header ``Forwarded`` (RFC 7239), the last one last."""
    hops = []
    for element in ",".join(values).split(","):
        pairs = (pair.strip().partition("=") for pair in element.split(";"))
        hops.append(next((value for name, _, value in pairs if name.lower() == "for"), ""))
    return hops


class Clients:
    """Tells clients apart.

    Args:
        tokens: those who send one are known by its name.
    """

    def __init__(self, settings: Settings, tokens: TokenFile) -> None:
        self._proxies, self._tokens = settings.proxies, tokens
        self._believed = lru_cache(maxsize=8192)(self._is_proxy)

    def of(self, scope: Any) -> str:
        """The client of a request."""
        header = scope.headers.get("authorization")
        if header is not None and (token := self._tokens.find(secret_of(header, basic=True))):
            return f"token {token.name}"
        peer: str = scope.client.rpartition(":")[0]
        if self._proxies and self._believed(peer):
            return self._behind(peer, scope.headers)
        return _of_text(peer)

    def _is_proxy(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._proxies)

    def _behind(self, peer: str, headers: Any) -> str:
        """Who asked a proxy: the last hop that is none of the proxies itself, as what stands before it anybody may have written.

        Where two headers say different things a proxy has let one of them through; then neither is believed.
        """
        told = [headers.get_all("x-forwarded-for"), headers.get_all("forwarded")]
        lists = [",".join(told[0]).split(",") if told[0] else [], _forwarded(told[1]) if told[1] else []]
        found = {self._last(hops[-_MOST_HOPS:]) for hops in lists if hops}
        name = found.pop() if len(found) == 1 else None
        return name or _of_text(peer)

    def _last(self, hops: list[str]) -> str | None:
        last = None
        for hop in reversed(hops):
            if _address(hop) is None:  # a name, or nothing that could be known
                return last
            last = _of_text(hop)
            if not self._believed(hop):
                return last
        return last
