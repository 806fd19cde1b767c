"""Other names, countries and dates for the article in ``seeds/``: what is read from one must be read from the others."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: In the order of replacing; longer names before those they hold. Dates keep their weekday.
KENYA: Mapping[str, str] = {
    "South China Sea": "Lake Victoria",
    "North Korea": "Iran",
    "Southeast Asian": "East African",
    "Secretary of State": "Foreign Secretary",
    "Cambodian": "Kenyan",
    "Cambodia": "Kenya",
    "John Kerry": "Peter Hale",
    "Kerry": "Hale",
    "Hun Sen": "Daniel Otieno",
    "Hor Namhong": "Samuel Wekesa",
    "Ath Thon": "Joseph Mwangi",
    "Phnom Penh": "Nairobi",
    "Peace Palace": "Harambee House",
    "California": "Bavaria",
    "United States": "United Kingdom",
    "U.S.": "U.K.",
    "US": "UK",
    "Asean": "Mercosur",
    "VOA Khmer": "Reuters",
    "Facebook": "Twitter",
    "Jan. 26, 2016": "Sept. 12, 2017",
    "China": "Sudan",
}
PERU: Mapping[str, str] = {
    "South China Sea": "Black Sea",
    "North Korea": "Pakistan",
    "Southeast Asian": "Latin American",
    "Secretary of State": "Foreign Minister",
    "Foreign Minister Hor Namhong": "Trade Minister Luis Paredes",
    "Cambodian": "Peruvian",
    "Cambodia": "Peru",
    "John Kerry": "Katsuo Mori",
    "Kerry": "Mori",
    "Hun Sen": "Julio Salas",
    "Hor Namhong": "Luis Paredes",
    "Ath Thon": "Rosa Huaman",
    "Phnom Penh": "Lima",
    "Peace Palace": "Pizarro Palace",
    "California": "Queensland",
    "United States": "Republic of Korea",
    "U.S.": "South Korean",
    "US’s": "South Korea’s",
    "to the US": "to South Korea",
    "assured the US": "assured South Korea",
    "US-": "South Korea-",
    "US": "South Korean",
    "Asean": "African Union",
    "VOA Khmer": "the Associated Press",
    "Facebook": "Facebook",
    "Jan. 26, 2016": "March 5, 2019",
    "he said": "she said",
    "China": "Turkey",
}


def swapped(text: str, names: Mapping[str, str]) -> str:
    """The text with each name in the place of another, all at once, so that no replacement is replaced again."""
    pattern = re.compile("|".join(re.escape(n) + (r"\b" if n[-1].isalnum() else "") for n in names))
    return pattern.sub(lambda match: names[match.group()], text)
