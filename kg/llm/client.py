"""Asks an OpenAI-compatible endpoint: with a time limit, a size limit, retries and no redirects."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import urllib3

from kg.errors import LanguageModelError

#: An answer is some kilobytes; what is longer is not one.
LARGEST_ANSWER = 4_000_000
#: Refusals that pass (RFC 9110, RFC 6585), and how long to wait before each new try, in seconds.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_WAITS = (1.0, 4.0)
#: What a server may ask to wait at most, in seconds.
_LONGEST_WAIT = 30.0
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Completion:
    """The text of an answer and the tokens it took."""

    text: str
    tokens: int


class Client:
    """One endpoint; ``url`` is its base, as in "https://host/v1"."""

    def __init__(self, url: str, key: str, timeout: float, *, waits: tuple[float, ...] = _WAITS) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._timeout, self._waits = timeout, waits
        # a pool of its own: proxies and credentials of the environment are not used
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=1)

    def complete(self, body: dict[str, Any]) -> Completion:
        """The endpoint's answer.

        Raises:
            LanguageModelError: no usable answer after all tries.
        """
        data = json.dumps(body, ensure_ascii=False).encode()
        for wait in (*self._waits, None):
            try:
                status, raw, asked = self._post(data)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                problem, asked = f"the endpoint cannot be reached ({type(error).__name__})", None
            else:
                if status == 200:
                    return _completion(raw)
                problem = f"the endpoint answered with status {status}"
                if status not in _PASSING:
                    break
            if wait is not None:
                time.sleep(min(_LONGEST_WAIT, asked if asked is not None else wait))
        raise LanguageModelError(f"The language model gave no answer: {problem}.")

    def _post(self, data: bytes) -> tuple[int, bytes, float | None]:
        """Status, body and what "Retry-After" asks for; a body that is too long or drips too slowly is an error."""
        end = time.monotonic() + self._timeout
        timeout = urllib3.Timeout(total=self._timeout)
        answer = self._pool.request(
            "POST",
            self._url,
            body=data,
            headers=self._headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=True,
        )
        try:
            found = bytearray()
            while chunk := answer.read1(_CHUNK):
                found += chunk
                if len(found) > LARGEST_ANSWER:
                    raise LanguageModelError(f"The language model's answer is longer than {LARGEST_ANSWER:,} bytes.")
                if time.monotonic() > end:
                    raise LanguageModelError(f"The language model's answer took longer than {self._timeout:g} s.")
            asked = answer.headers.get("Retry-After", "")
            return answer.status, bytes(found), float(asked) if asked.isdecimal() else None
        finally:
            answer.close()  # what is left of it must not be read with the next


def _completion(raw: bytes) -> Completion:
    try:
        answer = json.loads(raw)
        choice = answer["choices"][0]
        text = choice["message"]["content"]
        if choice.get("finish_reason") == "length" or not isinstance(text, str):
            raise LanguageModelError("The language model's answer was cut off.")
        used = (answer.get("usage") or {}).get("total_tokens")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise LanguageModelError("The language model's answer is not a chat completion.") from None
    return Completion(text, used if isinstance(used, int) and used >= 0 else len(raw) // 4)
