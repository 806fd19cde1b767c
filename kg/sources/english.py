"""Tells English text from text in another language, or from no language at all, by its commonest words."""

from __future__ import annotations

import re
import unicodedata

from kg.sources.lists import function_words

#: A text with fewer words that is not plainly another language has the benefit of the doubt: it may be all names.
FEWEST_WORDS = 40
#: Part of the words that are English function words. The least seen in 365 English news articles was 0.25.
LEAST_SHARE = 0.10
#: Another language is believed when its commonest words are this part of a text, and well more than the English ones
OTHER_SHARE = 0.15
#: ... and so many different ones: names bring "de la" and "Al" into English.
OTHER_WORDS = 3
#: Characters from the beginning that are looked at; a language shows long before.
SAMPLE = 20_000

_WORD = re.compile(r"[^\W\d_]{2,}")


def has_words(text: str) -> bool:
    """Whether there is a word at the beginning of a text, in any script."""
    return _WORD.search(text.lstrip()[:SAMPLE]) is not None


def why_not_english(text: str) -> str | None:
    """Why a text is not taken for English, as a clause for a message; None where it is taken.

    The script is compared first, then the share of English function words with that of each other language listed in
    ``kg/data/function_words.tsv``.
    """
    words = _WORD.findall(text.lstrip()[:SAMPLE].lower())
    if not words:
        return None
    letters = [c for word in words[:500] for c in word]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    if latin < len(letters) / 2:
        return "its letters are mostly not Latin, so it is not English"
    shares = {code: sum(w in known for w in words) / len(words) for code, known in function_words().items()}
    best = max(sorted(shares), key=lambda code: shares[code])
    different = len((function_words()[best] - function_words()["en"]).intersection(words))
    if best != "en" and different >= OTHER_WORDS and shares[best] >= max(OTHER_SHARE, 1.5 * shares["en"]):
        return f"it is not English (its language looks like '{best}')"
    if len(words) >= FEWEST_WORDS and shares["en"] < LEAST_SHARE:
        return "it is not English (it has hardly any of the language's commonest words)"
    return None
