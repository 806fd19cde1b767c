"""Fetches pages as a polite guest does: robots.txt, one request at a time, a pause for each site, no page twice in vain."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urljoin
from urllib.robotparser import RobotFileParser

from kg.config import Settings
from kg.errors import SourceError
from kg.sources.connection import Answer, get, split
from kg.sources.memory import Memory, Page

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: What is read of a robots.txt (RFC 9309, section 2.5, asks for half a megabyte at least).
_LONGEST_ROBOTS = 512_000
#: A host that wants longer pauses, in seconds, is not asked at all.
LONGEST_PAUSE = 60.0
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/xml;q=0.8, */*;q=0.5"
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]{2,40})", re.IGNORECASE)


@dataclass
class _Site:
    """What is known of a site: its rules, why it is not asked at all, and when it may be asked again."""

    rules: RobotFileParser
    pause: float = 0.0
    refusal: str | None = None
    again: float = 0.0

    def wait(self) -> None:
        if (left := self.again - time.monotonic()) > 0:
            time.sleep(left)
        self.again = time.monotonic() + self.pause

    def heed(self, answer: Answer) -> None:
        seconds = answer.headers.get("retry-after", "")
        if answer.status in (429, 503) and seconds.isdecimal():
            self.again = max(self.again, time.monotonic() + min(int(seconds), LONGEST_PAUSE))


class Fetcher:
    """Fetches for one run; what it learns of a host (robots.txt, pause) holds as long."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        self._settings, self._memory = settings, memory
        self._sites: dict[str, _Site] = {}

    def fetch(self, url: str, stamp: str = "") -> Page:
        """One page, from memory where the server says that it has not changed.

        Args:
            stamp: what a feed says of the page's last change; while that is the same as before, the server is not asked.

        Raises:
            SourceError: it cannot be had; the message is a clause.
        """
        url = urldefrag(url)[0]
        known = self._memory.get(url)
        if known and stamp and known.stamp == stamp:
            return known
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified} if known else {}
        final, answer = self._follow(url, {k: v for k, v in headers.items() if v})
        if answer.status == 304 and known:
            page = replace(known, stamp=stamp)
        elif answer.status == 200:
            page = _page(final, answer, stamp)
        else:
            raise SourceError(f"the server answers with status {answer.status}")
        self._memory.put(url, page)
        return page

    def _follow(self, url: str, headers: Mapping[str, str]) -> tuple[str, Answer]:
        for _ in range(MOST_REDIRECTS + 1):
            site = self._admitted(url)
            site.wait()
            answer = self._get(url, {"Accept": _ACCEPT, **headers}, self._settings.max_article_bytes)
            site.heed(answer)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return url, answer
            url = _target(url, target)
        raise SourceError(f"it redirects more than {MOST_REDIRECTS} times")

    def _get(self, url: str, headers: Mapping[str, str], limit: int) -> Answer:
        return get(url, {"User-Agent": self._settings.user_agent, **headers}, self._settings, limit)

    def _admitted(self, url: str) -> _Site:
        """The site of an address, if its robots.txt lets us in."""
        parts = split(url)
        name = f"{parts.scheme}://{parts.netloc}"
        if name not in self._sites:
            self._sites[name] = self._introduced(name)
        site = self._sites[name]
        if site.refusal:
            raise SourceError(site.refusal)
        if not site.rules.can_fetch(self._settings.user_agent, url):
            raise SourceError("the site's robots.txt does not allow it")
        return site

    def _introduced(self, name: str) -> _Site:
        rules, agent = RobotFileParser(), self._settings.user_agent
        try:
            rules.parse(self._robots(name))
        except SourceError as error:
            return _Site(rules, refusal=str(error))
        rate = rules.request_rate(agent)
        asked = max(
            float(rules.crawl_delay(agent) or 0), rate.seconds / rate.requests if rate and rate.requests else 0.0
        )
        if asked > LONGEST_PAUSE:
            wish = f"the site's robots.txt asks for pauses of {asked:g} seconds"
            return _Site(rules, refusal=f"{wish}; longer ones than {LONGEST_PAUSE:g} are not made")
        return _Site(rules, max(asked, self._settings.fetch_delay))

    def _robots(self, name: str) -> list[str]:
        """The lines of a site's robots.txt; none where there is no such file (RFC 9309, section 2.3.1)."""
        url = f"{name}/robots.txt"
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._get(url, {}, _LONGEST_ROBOTS)
            if answer.status in _REDIRECTS and (target := answer.headers.get("location")):
                url = _target(url, target)
            elif answer.status >= 500 or answer.status == 429:
                raise SourceError(
                    f"the site's robots.txt cannot be read (status {answer.status}), so nothing is fetched"
                )
            else:
                return answer.body.decode(errors="replace").splitlines() if answer.status == 200 else []
        return []


def _target(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location.strip()))[0]
    except ValueError:
        raise SourceError("it redirects to what is no address") from None


def _page(url: str, answer: Answer, stamp: str) -> Page:
    kind = answer.headers.get("content-type", "")
    charset = _CHARSET.search(kind)
    return Page(
        url=url,
        type=kind.split(";")[0].strip().lower(),
        charset=charset[1] if charset else None,
        body=answer.body,
        fetched=dt.datetime.now(dt.UTC).replace(microsecond=0),
        etag=answer.headers.get("etag"),
        modified=answer.headers.get("last-modified"),
        stamp=stamp,
    )
