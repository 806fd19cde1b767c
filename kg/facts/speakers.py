"""Who speaks: the mention that an attribution gives its words to, named or only described."""

from __future__ import annotations

from dataclasses import replace

from kg.facts.clauses import subjects
from kg.facts.lexicon import lexicon
from kg.facts.reading import Reading
from kg.facts.slots import mentions_at
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.mentions.drafts import slug
from kg.mentions.strangers import stranger_at
from kg.model import Actor, ActorKind

#: Who passes on the words of others speaks for no state: "Hungarian media" are not Hungary.
_MEDIA = frozenset(
    "daily newspaper agency radio television station magazine media medium weekly poll survey paper network".split()
)
#: What parsers take for a preposition before a subject ("as Mbeki gave …").
_CONJUNCTIONS = frozenset({"", "as", "after", "before", "since", "until", "than", "while"})
#: Who speaks for no state either where nothing tells whose they are: "officials said on Sunday".
_BARE = frozenset({"officials", "diplomats", "sources"})
_RELATIVE = frozenset({"who", "which", "that"})
#: Words that stand for people whom only their clause describes.
_SOME = frozenset(
    "some many most others several few those all both one another either neither everyone someone somebody each".split()
)
_PERSONAL = frozenset({"he", "she"})
_THINGS = frozenset({"it", "they"})


def speakers_of(reading: Reading, sentence: Sentence, token: Token, heads: list[int]) -> list[Mention]:
    """Who says, thinks or shows what a verb tells, given the heads of its subject; empty where nobody can be told."""
    if not sentence.children(token.i, "nsubj", "nsubj:pass") and (near := _right_before(reading, sentence, token)):
        heads = near
    heads = heads or _before(reading, sentence, token) or _behind(reading, sentence, token)
    found: list[Mention] = []
    for head in _together(sentence, heads):
        behind = sentence.tokens[head + 1 : head + 2]
        if behind and behind[0].lower in _MEDIA:
            head = behind[0].i  # "a Bonn daily reported", whichever word the parser took for the head
        bare = sentence.tokens[head].lower in _BARE and not sentence.children(head, "amod", "compound", "nmod")
        if bare or sentence.tokens[head].lemma.lower() in _MEDIA:
            named = []
        else:
            named = _of_several(reading, sentence, head) or mentions_at(
                sentence, reading.cast, [head], lambda m: m.kind != "region"
            )
        if not named and (head == heads[0] or sentence.tokens[head].upos in ("NOUN", "PROPN")):
            one = described(reading, sentence, head)
            named = [one] if one else []
        found += [m for m in named if m not in found]
    own = next((t.i for t in sentence.children(token.i, "nsubj") if t.lower in _RELATIVE), None)
    if found and own is not None and found[0].last < own:  # the words name the speaker by the pronoun
        found[0] = replace(found[0], first=own, last=own, head=own, span=sentence.span(own, own))
    return found


def _of_several(reading: Reading, sentence: Sentence, head: int) -> list[Mention]:
    """The states or bodies whose people speak together: "the leaders of India and Nepal"."""
    owners = [t.i for t in sentence.children(head, "nmod") if sentence.case(t.i) == "of"]
    if sentence.tokens[head].tag != "NNS" or not owners:
        return []
    parts = mentions_at(sentence, reading.cast, sentence.conjuncts(owners[0]), lambda m: m.actor.curated)
    return parts if len(parts) > 1 else []


def _together(sentence: Sentence, heads: list[int]) -> list[int]:
    """The heads of a subject that "and" joins; parsers take appositions for conjuncts too ("X, a member of the board")."""
    found = heads[:1]
    for head in heads[1:]:
        between = {t.lower for t in sentence.tokens[min(found[-1], head) + 1 : max(found[-1], head)]}
        if "and" in between and "," not in between:
            found.append(head)
    return found


def _right_before(reading: Reading, sentence: Sentence, token: Token) -> list[int]:
    """The mention that a finite verb follows at once: its subject, even where the parser lets the verb share another's."""
    if token.tag not in ("VBD", "VBZ", "VBP") or token.dep == "acl" or not token.i:
        return []
    mention = reading.cast.covering(sentence, token.i - 1)
    return [mention.head] if mention and mention.kind == "person" and not _governed(sentence, mention) else []


def _before(reading: Reading, sentence: Sentence, token: Token) -> list[int]:
    """The speaker before a verb that the parser left without a subject, or gave to a participle between them."""
    tokens = sentence.tokens
    if token.tag == "VBG" and token.i and tokens[token.i - 1].text == ",":
        above = [t for t in tokens[: token.i] if t.tag in ("VBD", "VBZ", "VBP") and sentence.children(t.i, "nsubj")]
        open_ones = [t for t in above if not reading.is_quoted(sentence, t.i)]
        return subjects(sentence, open_ones[-1].i) if open_ones else []  # "…, saying it would appeal"
    if token.tag not in ("VBD", "VBZ", "VBP", "VBN"):
        return []
    for child in sentence.children(token.i, "ccomp", "advcl"):
        own = [t for t in sentence.children(child.i, "nsubj") if t.i < child.i < token.i]
        if own and not any(t.text == "," for t in tokens[own[0].i : token.i]):
            return [own[0].i]  # "the report released in May found that …"
    i = token.i - 1
    while i > 0 and (tokens[i].upos in ("ADV", "AUX") or tokens[i].text == ")"):
        if tokens[i].text == ")":
            i = next((t.i for t in reversed(tokens[:i]) if t.text == "("), 0)
        i -= 1
    if i < 0 or not tokens[i].is_nominal:
        return []
    if token.i + 1 < len(tokens) and tokens[token.i + 1].lower == "that" and token.tag != "VBN":
        return [_top_noun(sentence, i)]
    start = i - 1
    while start > 0 and tokens[start].dep in ("compound", "amod", "det", "flat") and tokens[start].head <= i:
        start -= 1
    if start >= 0 and tokens[start].lower in ("what", "which"):
        return [i]  # "what analysts called"
    mention = reading.cast.covering(sentence, i)
    plain = token.dep not in ("acl", "advcl") and token.tag != "VBN"
    fits = plain and mention and mention.kind != "region" and not _governed(sentence, mention)
    return [mention.head] if mention and fits else []


def _governed(sentence: Sentence, mention: Mention) -> bool:
    """Whether a preposition stands before a mention: then it is no subject."""
    return any(sentence.case(i) not in _CONJUNCTIONS for i in range(mention.first, mention.last + 1))


def _top_noun(sentence: Sentence, i: int) -> int:
    """The head of the noun phrase that a noun ends: "document" of "a document on the group's website"."""
    while sentence.tokens[i].head < i and sentence.tokens[i].dep in ("nmod", "compound", "flat", "conj", "appos"):
        i = sentence.tokens[i].head
    return i


def _behind(reading: Reading, sentence: Sentence, token: Token) -> list[int]:
    """The speaker who follows a verb that the parser left without a subject: "…, said X"."""
    if "plain" not in lexicon().saying.get(token.lemma.lower(), frozenset()) or token.tag not in ("VBD", "VBZ"):
        return []
    if sentence.children(token.i, "nsubj", "nsubj:pass", "obj", "ccomp") or token.dep in ("acl", "conj", "xcomp"):
        return []
    for i in range(token.i + 1, min(token.i + 3, len(sentence.tokens))):
        if mention := reading.cast.covering(sentence, i):
            return [mention.head]
    return []


def described(reading: Reading, sentence: Sentence, head: int) -> Mention | None:
    """The speaker whom a noun, a quantifier or a pronoun without a named antecedent describes."""
    token = sentence.tokens[head]
    if any(first <= head <= last for _, first, last in reading.dates(sentence)):
        return None
    if token.lower in _PERSONAL:
        return _standing_for(sentence, head, _last_person(reading, sentence))
    if token.lower in _THINGS:
        return _standing_for(sentence, head, _last_subject(reading, sentence, token))
    if token.lower in ("i", "we"):
        return _author(reading, sentence, head)
    if token.lower in _SOME and token.upos in ("DET", "PRON", "ADJ", "NUM", "NOUN"):
        return _quantified(reading, sentence, token)
    media = token.lemma.lower() in _MEDIA or token.lower in _BARE
    stranger = stranger_at(reading.cast, sentence, head, acts_for_state=not media)
    if stranger is None and token.upos in ("NUM", "ADJ"):
        return _quantified(reading, sentence, token)  # "eight of ten voters", "the poor"
    return stranger


def _author(reading: Reading, sentence: Sentence, head: int) -> Mention:
    """Who says "I" or "we" outside quotation marks: the writer, by name where the source gives it."""
    name = reading.parsed.article.author
    actor = Actor(slug(name or "the author"), ActorKind.PERSON if name else ActorKind.GROUP, name or "the author")
    return Mention(sentence.index, head, head, head, sentence.span(head, head), actor, "pronoun", None, None)


def _standing_for(sentence: Sentence, head: int, meant: Mention | None) -> Mention | None:
    if meant is None:
        return None
    span = sentence.span(head, head)
    return replace(meant, sentence=sentence.index, first=head, last=head, head=head, span=span, kind="pronoun")


def _last_person(reading: Reading, sentence: Sentence) -> Mention | None:
    for index in range(sentence.index - 1, -1, -1):
        if people := [m for m in reading.cast.of(index) if m.actor.kind is ActorKind.PERSON]:
            return max(people, key=lambda m: m.first)
    return None


def _last_subject(reading: Reading, sentence: Sentence, token: Token) -> Mention | None:
    """The subject before a pronoun, of its own sentence or of the one before, that agrees with it in number."""
    plural = token.lower == "they"
    before = reading.parsed.sentences[sentence.index - 1] if sentence.index else sentence
    for place in (sentence, before):
        for noun in place.tokens:
            if noun.dep != "nsubj" or noun.upos not in ("NOUN", "PROPN") or (place is sentence and noun.i >= token.i):
                continue
            several = noun.tag in ("NNS", "NNPS") or len(place.conjuncts(noun.i)) > 1
            if several == plural:
                found = reading.cast.at(place, noun.i) or reading.cast.covering(place, noun.i)
                return found or stranger_at(reading.cast, place, noun.i)
    return None


def _quantified(reading: Reading, sentence: Sentence, token: Token) -> Mention:
    """ "Some", "many of them", "those close to him": a group without a name."""
    first, last = sentence.subtree(token.i)
    first = max(first, token.i - 1)
    stop = next((t.i for t in sentence.tokens[token.i + 1 : last + 1] if t.upos in ("VERB", "PUNCT", "AUX")), last + 1)
    last = max(token.i, stop - 1)
    span = sentence.span(first, last)
    actor = Actor(slug(span.text), ActorKind.GROUP, span.text)
    mention = Mention(sentence.index, first, last, token.i, span, actor, "group", None, None)
    reading.cast.add(mention)
    return mention
