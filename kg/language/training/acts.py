"""Made-up sentences about what states and persons do: the clauses without reported speech."""

from __future__ import annotations

from kg.language.training.grammar import Node, clause
from kg.language.training.phrases import Phrases, noun, the, with_case


def verb(form: str, tag: str = "VBD") -> Node:
    """A full verb."""
    return Node(form, "VERB", tag)


def helper(form: str, tag: str, dep: str = "aux") -> tuple[str, Node]:
    """An auxiliary with its relation."""
    return dep, Node(form, "AUX", tag)


def marked(head: Node, mark: str) -> Node:
    """A subordinate clause with its ``that``, ``to`` or ``of``."""
    part = mark == "to"
    return head.pre("mark", Node(mark, "PART" if part else "SCONJ", "TO" if part else "IN"))


class Acts(Phrases):
    """Draws clauses."""

    def with_details(self, head: Node, share: float = 0.5) -> Node:
        """Hangs a place and a time on a verb, now and then."""
        if self.maybe(share):
            head.post("obl", self.place())
        if self.maybe(share):
            head.post(*self.time())
        return head

    def plan(self, name: str = "plans", tag: str = "VB") -> Node:
        """``withdraw its troops``: a verb with what follows it, from a list of such phrases."""
        first, *rest = self.one_of(name).split()
        head = verb(first, tag)
        preposition = rest.pop(0) if rest[0] in ("in", "on") else ""
        thing = noun(rest[-1])
        for text in reversed(rest[:-1]):
            if text == "its":
                thing.pre("nmod:poss", Node(text, "PRON", "PRP$"))
            elif text == "the":
                thing = the(thing)
            else:
                thing.pre("amod", Node(text, "ADJ", "JJ"))
        if self.maybe(0.2):
            thing.post("nmod", with_case(self.country(), self.chance.choice(["with", "against", "in"])))
        return head.post("obl", with_case(thing, preposition)) if preposition else head.post("obj", thing)

    def transitive(self) -> Node:
        """``A criticized B over trade issues.``"""
        head = verb(self.one_of("transitive")).post("obj", self.actor())
        if self.maybe(0.25):
            head.post("obl", with_case(self.topic(), self.chance.choice(["over", "for", "on"])))
        if self.maybe(0.2):
            purpose = marked(verb("discuss", "VB"), "to").post("obj", self.topic())
            head.post("advcl", purpose)
        return clause(self.with_details(head, 0.4), self.actor())

    def passive(self) -> Node:
        """``A was received by B in Paris.``"""
        form = self.one_of("transitive" if self.maybe(0.75) else "passive only")
        subject = self.actor()
        head = verb(form, "VBN")
        if self.maybe(0.7):
            head.post("obl:agent", with_case(self.actor(), "by"))
        be = "were" if subject.plural else "was"
        return clause(self.with_details(head, 0.4), subject, [helper(be, "VBD", "aux:pass")], passive=True)

    def accusation(self) -> Node:
        """``A accused B of supporting rebels.``"""
        head = verb("accused").post("obj", self.actor())
        return clause(head.post("advcl", marked(self.plan("gerunds", "VBG"), "of")), self.actor())

    def request(self) -> Node:
        """``A urged B to resume talks.``"""
        head = verb(self.one_of("requests")).post("iobj", self.actor())
        return clause(head.post("xcomp", marked(self.plan(), "to")), self.actor())

    def appeal(self) -> Node:
        """``A called on B to release prisoners.``"""
        head = verb("called").post("obl", with_case(self.actor(), "on"))
        return clause(head.post("xcomp", marked(self.plan(), "to")), self.actor())

    def commitment(self) -> Node:
        """``A agreed to host the summit.``"""
        return clause(verb(self.one_of("commitments")).post("xcomp", marked(self.plan(), "to")), self.actor())

    def progressive(self) -> Node:
        """``A is threatening to cut ties.``"""
        subject = self.actor()
        head = verb(self.one_of("doing"), "VBG").post("xcomp", marked(self.plan(), "to"))
        return clause(head, subject, [helper("are" if subject.plural else "is", "VBP" if subject.plural else "VBZ")])

    def light(self) -> Node:
        """``A held talks with B``: the noun carries the meaning."""
        parts = self.one_of("light").split()
        head = verb(parts[0])
        target = with_case(self.actor(), parts[-1])
        if parts[:2] == ["took", "part"]:
            head.post("obj", noun("part")).post("obl", with_case(noun("talks").post("nmod", target), "in"))
        else:
            middle = parts[1:-1]
            if middle[0] == "off":
                head.post("compound:prt", Node("off", "ADP", "RP"))
                middle = middle[1:]
            thing = the(noun(middle[1]), middle[0]) if middle[0] in ("a", "an") else noun(middle[0])
            head.post("obj", thing)
            if parts[-1] in ("on", "over") or self.maybe(0.3):
                head.post("obl", target)
            else:
                thing.post("nmod", target)
        return clause(self.with_details(head, 0.4), self.actor())

    def between(self) -> Node:
        """``talks between A and B``."""
        parts = self.one_of("meetings").split()
        head = the(noun(parts[1]), "a") if len(parts) > 1 else noun(parts[0])
        return head.post("nmod", with_case(self.coordinated("party"), "between"))

    def meeting_of(self) -> Node:
        """``Talks between A and B collapsed on Monday.``"""
        return clause(self.with_details(verb(self.one_of("ended"))), self.between())

    def meeting_held(self) -> Node:
        """``Talks were held between A and B in Vienna.``"""
        head = verb("held", "VBN")
        if self.maybe(0.5):
            subject = self.between()
        else:
            subject = noun(self.one_of("meetings").split()[-1])
            head.post("obl", with_case(self.coordinated("party"), "between"))
        tense = [helper("will", "MD"), helper("be", "VB", "aux:pass")] if self.maybe(0.3) else None
        be = helper("were" if subject.plural else "was", "VBD", "aux:pass")
        return clause(self.with_details(head), subject, tense or [be], passive=True)

    def measure_passive(self) -> Node:
        """``Sanctions imposed on A by B will be lifted next week.``"""
        subject = noun(self.one_of("measures"))
        imposed = verb(self.chance.choice(["imposed", "announced"]), "VBN")
        imposed.post("obl", with_case(self.party(), "on")).post("obl:agent", with_case(self.party(), "by"))
        subject.post("acl", imposed)
        head = verb(self.one_of("measure verbs"), "VBN").post(*self.time())
        return clause(head, subject, [helper("will", "MD"), helper("be", "VB", "aux:pass")], passive=True)

    def measure(self) -> Node:
        """``A imposed sanctions on B over the nuclear program.``"""
        head = verb(self.chance.choice(["imposed", "placed"])).post("obj", noun(self.one_of("measures")))
        head.post("obl", with_case(self.actor(), "on"))
        if self.maybe(0.5):
            head.post("obl", with_case(the(self.topic()), "over"))
        return clause(head, self.actor())

    def agreement(self) -> Node:
        """``A and B signed a peace treaty in Oslo.``"""
        thing = noun(self.one_of("agreements")).pre("compound", noun(self.one_of("agreement kinds")))
        head = verb(self.chance.choice(["signed", "reached", "ratified"])).post("obj", the(thing, "a"))
        if self.maybe(0.5):
            head.post("obl", with_case(self.actor(), "with"))
        return clause(self.with_details(head), self.actor() if self.maybe(0.6) else self.coordinated())

    def aid(self) -> Node:
        """``A pledged $30 million in military aid to B.``"""
        million = Node("million", "NUM", "CD").pre("compound", Node(str(self.chance.randint(2, 900)), "NUM", "CD"))
        money = Node("$", "SYM", "$").post("nummod", million)
        kind = Node(self.chance.choice(["humanitarian", "military"]), "ADJ", "JJ")
        money.post("nmod", with_case(noun("aid").pre("amod", kind), "in"))
        head = verb(self.chance.choice(["pledged", "provided", "offered"])).post("obj", money)
        return clause(head.post("obl", with_case(self.actor(), "to")), self.actor())

    def sending(self) -> Node:
        """``A withdrew its ambassador from B.``"""
        thing = noun(self.one_of("objects sent")).pre("nmod:poss", Node("its", "PRON", "PRP$"))
        where = with_case(self.city() if self.maybe(0.4) else self.country(), self.chance.choice(["from", "to"]))
        head = verb(self.one_of("sent")).post("obj", thing).post("obl", where)
        return clause(head, self.actor())
