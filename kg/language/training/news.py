"""Made-up sentences of diplomatic news: constructions that the treebanks hold few of, and that this project reads for.

Each method named in ``CONSTRUCTIONS`` builds one kind. The annotation follows what the treebanks do with such words where they
have them (``told reporters that …``: ``reporters`` is the indirect object; ``President Obama``: the title is ``nmod:desc``).
"""

from __future__ import annotations

from kg.language.training.acts import Acts, helper, marked, verb
from kg.language.training.grammar import Node, clause
from kg.language.training.phrases import comma, headed_left, noun, possessive, proper, the, with_case
from kg.language.training.words import words

CONSTRUCTIONS = (
    "transitive transitive passive accusation request appeal commitment progressive light light meeting_of meeting_held "
    "measure_passive measure agreement told told posted reported after_meeting following condition aid sending caption caption "
    "nominal nominal_subject aside according_to relative passive_report appointed"
).split()
_MODALS = ("will", "would", "could", "should", "may")


class News(Acts):
    """Draws sentences."""

    def content(self, pronouns: bool = True) -> Node:
        """What someone says: a short clause."""
        if pronouns and self.maybe(0.4):
            return self.pronoun_clause()
        subject = self.party()
        kind = self.chance.randrange(4)
        if kind == 0:
            head = verb(self.chance.choice(["provide", "resume", "support", "reject", "host"]), "VB")
            return clause(head.post("obj", self.topic()), subject, [helper(self.chance.choice(_MODALS), "MD")])
        if kind == 1:
            have = ("have", "VBP") if subject.plural else ("has", "VBZ")
            head = verb("agreed", "VBN").post("xcomp", marked(self.plan(), "to"))
            return clause(head, subject, [helper(*(have if self.maybe(0.5) else ("had", "VBD")))])
        if kind == 2:
            return clause(verb(self.one_of("transitive")).post("obj", the(self.topic())), subject)
        head = verb("return", "VB").post("obl", with_case(self.topic(), "to"))
        return clause(head, subject, [helper("will", "MD"), ("advmod", Node("not", "PART", "RB"))])

    def pronoun_clause(self) -> Node:
        """``he had met with B for an hour``."""
        subject = Node(self.chance.choice(["he", "she", "they", "we"]), "PRON", "PRP")
        kind = self.chance.randrange(4)
        if kind == 0:
            return clause(
                verb("pushed", "VBN").post("obl", with_case(self.topic(), "for")), subject, [helper("had", "VBD")]
            )
        if kind == 1:
            head = verb(self.chance.choice(["met", "spoken", "talked"]), "VBN")
            if self.maybe(0.4):
                head.post("obl", with_case(the(noun("hour"), "an"), "for"))
            return clause(head.post("obl", with_case(self.party(), "with")), subject, [helper("had", "VBD")])
        if kind == 2:
            head = verb(self.chance.choice(["assured", "told", "reminded"])).post("iobj", self.party())
            return clause(head.post("ccomp", marked(self.content(pronouns=False), "that")), subject)
        head = verb(self.chance.choice(["support", "back", "resume", "reject"]), "VB").post("obj", self.topic())
        return clause(head, subject, [helper(self.chance.choice(_MODALS), "MD")])

    def that_clause(self, share: float = 0.6) -> Node:
        """The content, with ``that`` or without."""
        return marked(self.content(), "that") if self.maybe(share) else self.content()

    def told(self) -> Node:
        """``A told reporters on Monday that he had met with B.``"""
        hearer = self.one_of("hearers")
        one = proper(hearer).named("ORG") if hearer[0].isupper() else noun(hearer)
        head = verb("told").post("iobj", one)
        if self.maybe(0.3):
            head.post(*self.time())
        return clause(head.post("ccomp", self.that_clause(0.5)), self.actor())

    def posted(self) -> Node:
        """``A wrote on his Facebook page Monday that …``."""
        page = headed_left(self.one_of("accounts").split())
        page.pre("nmod:poss", Node(self.chance.choice(["his", "her", "its"]), "PRON", "PRP$"))
        head = verb(self.chance.choice(["posted", "wrote", "said"])).post("obl", with_case(page, "on"))
        if self.maybe(0.6):
            head.post(*self.time())
        return clause(head.post("ccomp", self.that_clause(0.85)), self.actor())

    def reported(self) -> Node:
        """``A said on Tuesday that …``."""
        head = verb(self.one_of("reports"))
        if self.maybe(0.4):
            head.post(*self.time())
        return clause(head.post("ccomp", self.that_clause()), self.actor())

    def after_meeting(self) -> Node:
        """``After meeting with A, B said …``."""
        before = marked(verb("meeting", "VBG"), self.chance.choice(["After", "Before"]))
        before.post("obl", with_case(self.party(), "with")) if self.maybe(0.5) else before.post("obj", self.party())
        head = clause(verb("said").post("ccomp", self.that_clause()), self.titled())
        return head.pre("punct", comma()).pre("advcl", before)

    def following(self) -> Node:
        """``Following talks with A, B …``."""
        occasion = noun(self.chance.choice(["talks", "negotiations"])).post("nmod", with_case(self.party(), "with"))
        head = self.content(pronouns=False)
        return head.pre("punct", comma()).pre(
            "obl", with_case(occasion, self.chance.choice(["Following", "After", "During"]))
        )

    def condition(self) -> Node:
        """``If A attacks B, C will respond.``"""
        first = clause(verb(self.chance.choice(["attacks", "blocks", "threatens"]), "VBZ"), self.country())
        first = marked(first.post("obj", self.party()), "If")
        head = verb("respond", "VB").post("obl", with_case(noun("force"), "with"))
        return clause(head, self.party(), [helper("will", "MD")]).pre("punct", comma()).pre("advcl", first)

    def caption(self) -> Node:
        """``Foreign Minister A, left, greets B during a meeting in C.``"""
        subject = self.titled() if self.maybe(0.7) else self.name()
        side = Node(self.chance.choice(["left", "right", "center"]), "ADJ", "JJ").pre("punct", comma())
        if self.maybe(0.7):
            subject.post("amod", side).post("punct", comma())
        form = self.one_of("shown")
        other = self.titled() if self.maybe(0.6) else self.name()
        head = verb(form, "VBZ")
        head.post("obl", with_case(other, "to")) if form == "listens" else head.post("obj", other)
        if self.maybe(0.5):
            meeting = noun("meeting").pre("amod", Node("bilateral", "ADJ", "JJ"))
            head.post("obl", with_case(the(meeting, "a"), self.chance.choice(["during", "at", "before"])))
        head.post("obl", with_case(self.city(), "in"))
        if self.maybe(0.5):
            day = proper(self.one_of("weekdays")).pre("punct", comma()) if self.maybe(0.5) else None
            head.post("obl:unmarked", day) if day else head.post(*self.time())
        return clause(head, subject)

    def nominal(self) -> Node:
        """``during A's visit to B``."""
        owner = possessive(self.party())
        visit = noun("visit").pre("nmod:poss", owner).post("nmod", with_case(self.country(), "to"))
        head = self.content(pronouns=False)
        return head.post("obl", with_case(visit, self.chance.choice(["during", "after", "before"])))

    def nominal_subject(self) -> Node:
        """``A's decision to leave the country drew criticism from B.``"""
        thing = noun(self.one_of("nominal")).pre("nmod:poss", possessive(self.party()))
        if self.maybe(0.6):
            thing.post("acl", marked(self.plan(), "to"))
        else:
            thing.post("nmod", with_case(self.country(), "to"))
        reaction = noun(self.chance.choice(["criticism", "protests", "praise"]))
        reaction.post("nmod", with_case(self.party(), "from"))
        return clause(verb(self.one_of("nominal verbs")).post("obj", reaction), thing)

    def aside(self) -> Node:
        """``Besides trade issues, A and B discussed …``."""
        head = clause(verb("discussed").post("obj", self.topic()), self.coordinated("family_name"))
        return head.pre("punct", comma()).pre(
            "obl", with_case(self.topic(), self.chance.choice(["Besides", "Despite"]))
        )

    def according_to(self) -> Node:
        """``A agreed to …, according to B.``"""
        source = with_case(self.group() if self.maybe(0.6) else self.person(), "to")
        according = Node("according", "VERB", "VBG").post("fixed", source.left.pop(0)[1])
        source.pre("case", according)
        head = self.content(pronouns=False)
        return head.post("obl", source.pre("punct", comma()))

    def relative(self) -> Node:
        """``A, who visited B last week, assured C that …``."""
        visit = clause(verb("visited").post("obj", self.city()), Node("who", "PRON", "WP")).post(*self.time())
        subject = self.titled().post("acl:relcl", visit.pre("punct", comma())).post("punct", comma())
        head = verb(self.chance.choice(["told", "assured"])).post("iobj", self.party())
        return clause(head.post("ccomp", self.that_clause(0.9)), subject)

    def passive_report(self) -> Node:
        """``A is expected to visit B.``"""
        subject = self.actor()
        be = helper("are" if subject.plural else "is", "VBP" if subject.plural else "VBZ", "aux:pass")
        visit = marked(verb("visit", "VB"), "to").post("obj", self.country()).post(*self.time())
        head = verb(self.chance.choice(["expected", "scheduled", "set"]), "VBN")
        return clause(head.post("xcomp", visit), subject, [be], passive=True)

    def appointed(self) -> Node:
        """``A was elected president of B in 2010.``"""
        role = noun(self.chance.choice(["president", "chairman", "leader"])).post(
            "nmod", with_case(self.country(), "of")
        )
        head = verb(self.chance.choice(["elected", "named", "appointed"]), "VBN").post("xcomp", role).post(*self.time())
        return clause(head, self.person(), [helper("was", "VBD", "aux:pass")], passive=True)

    def speaker(self) -> Node:
        """Whoever is quoted after the words."""
        if self.maybe(0.2):
            return noun(self.one_of("groups")).post("nmod", with_case(self.city(), "in"))
        return self.person() if self.maybe(0.6) else self.group()

    def sentence(self) -> Node:
        """A whole sentence with its full stop; now and then with ``…, A said`` or a second verb."""
        root: Node = getattr(self, self.chance.choice(CONSTRUCTIONS))()
        draw = self.chance.random()
        if draw < 0.22:
            said = verb(self.chance.choice(words("reports")[:3]))
            if self.maybe(0.4):
                said.post(*self.time())
            said.pre("nsubj", self.speaker())
            quoted = self.maybe(0.3)
            if quoted:
                root.pre("punct", Node('"', "PUNCT", "``", tight=True))
                root.post("punct", Node(",", "PUNCT", ",", tight=True)).post("punct", Node('"', "PUNCT", "''"))
            else:
                said.pre("punct", comma())
            root = said.pre("ccomp", root)
        elif draw < 0.3:
            second = verb(self.chance.choice(["recalled", "expelled", "criticized", "thanked"]))
            second.pre("cc", Node("and", "CCONJ", "CC"))
            thing = noun(self.chance.choice(["ambassador", "envoy", "government"]))
            root.post("conj", second.post("obj", thing.pre("nmod:poss", Node("its", "PRON", "PRP$"))))
        return root.post("punct", Node(".", "PUNCT", "."))
