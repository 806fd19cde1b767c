"""Offices that the table of leaders names for the text: "the X administration", "the chancellor and her French counterpart"."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from kg.mentions.drafts import Draft, Raw
from kg.mentions.office_phrases import reign_after
from kg.mentions.offices import Title
from kg.model import ActorKind
from kg.registry import Leader, leaders


def _at_the_head(office: str) -> bool:
    """Whether an office of the table is that of who governs, not of a minister or of a deputy."""
    words = office.split()
    return office == "prime minister" or not {"minister", "secretary", "vice", "deputy", "chief"} & set(words)


def _known(draft: Draft, on: dt.date | None) -> Leader | None:
    """The highest office by which a person is known, of that day if any was held then."""
    found = [
        one
        for name in sorted({draft.name, *draft.names})
        for one in leaders(name)
        if one.party == draft.party and _at_the_head(one.office)
    ]
    current = [one for one in found if on and one.holds(on)]
    return max(current or found, key=lambda one: (one.start, one.office), default=None)


def office_of_equal(title: Title, name: str, on: dt.date | None) -> Title:
    """The title of somebody's counterpart, by its own name where the table has it: a chancellor's is a president elsewhere."""
    if title.name is None or not _at_the_head(title.text.lower()):
        return title
    found = [one for one in leaders(name, on) if one.party == title.name.party and _at_the_head(one.office)]
    if not found or any(one.office == title.text.lower() for one in found):
        return title
    return replace(title, text=max(found, key=lambda one: (one.start, one.office)).office)


def give_reigns(raws: list[Raw], reference: dt.date | None) -> None:
    """Give people without a title the office that a noun after their name tells."""
    for raw in raws:
        draft = raw.draft
        if raw.kind != "person" or draft.kind is not ActorKind.PERSON or draft.party is None or draft.titles:
            continue
        reign = reign_after(raw.sentence, raw.last)
        if reign is None or not any(r.draft is draft and not reign_after(r.sentence, r.last) for r in raws):
            continue  # nobody but the government itself is spoken of
        at, office = reign
        known = _known(draft, reference)
        if not office and known is None:
            continue  # a government is called after its head, but which office that is the words do not say
        over = bool(known and reference and known.end and known.end < reference and not known.holds(reference))
        text = office or (known.office if known else "")
        draft.titles.append((Title(raw.first, at, at, text, None, over, "office"), raw.sentence))
