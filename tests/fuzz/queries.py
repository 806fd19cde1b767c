"""SPARQL as Hypothesis makes it: from a grammar, glued and spaced at will, and from queries that are there, tampered with."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

_HERE = Path(__file__).parent
#: Where a query may reach out; nothing must ever ask it.
CANARY = "http://canary.invalid/"


def _lines() -> list[str]:
    lines = (_HERE.parent / "sparql" / "hostile.txt").read_text(encoding="utf-8").splitlines()
    texts = [line.partition("\t")[2] for line in lines if line and not line.startswith("#")]
    return [t.replace("{0}", CANARY).replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\") for t in texts]


def _examples() -> list[str]:
    folder = _HERE.parent.parent / "ontology"
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.rq"))]


KNOWN = tuple(_lines() + _examples())
#: Tokens, and pieces of tokens, that a grammar does not foresee side by side.
PIECES = (
    "SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "*", "{", "}", "(", ")", "[", "]", ".", ";", ",", "?s", "?p", "?o", "$x",
    "a", "true", "false", "1", "1.5", ".5", "1e3", "-1", "+", "-", "/", "|", "^", "!", "?", "<", ">", "<=", ">=", "=", "!=", "&&",
    "||", "^^", "<<", ">>", "<<(", ")>>", "{|", "|}", "~", "@en", "@en--ltr", "'", '"', "'''", '"""', "'a'", '"b"', "'''c'''",
    "'\\''", "'\\q'", "'\\u0027'", "'\\uD800'", "#", "# c\n", "\n", "\r", "\t", "e:", "e:a", ":", ":b", "e:a\\#", "e:a\\'", "e:a.b.c",
    "e:%41", "_:b", "<a:b>", "<a:#b>", "<a:b'c>", "<http://a/\\u0041#>", f"<{CANARY}>", "SERVICE", "SERVICE SILENT", "SERVICESILENT",
    "trueSERVICE", "SERVICEe:x", "e:a.b.SERVICE", "\\u0053ERVICE", "SeRvIcE", "LOAD", "LOADe:x", "LOADSILENT", "INSERT DATA", "DELETE",
    "GRAPH ?g", "OPTIONAL", "UNION", "MINUS", "FILTER", "EXISTS", "NOT EXISTS", "BIND", "AS", "VALUES ?v", "ORDER BY", "LIMIT 1",
    "PREFIX e: <urn:e:>", f"PREFIX : <{CANARY}>", "BASE <urn:b>", "FROM", "NAMED", "NOW()", "IN", "COUNT(*)", "DISTINCT",
    "\u00b7", "\u0301", "\u200d", "é", "\ufeff", "\xa0", "\0", "\U00010000", "²",
)  # fmt: skip
_SPACE = st.sampled_from((" ", " ", "", "\n", "#x\n", "\t", "\r"))


def _glued(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    made = [st.just(part) if isinstance(part, str) else part for part in parts]
    spaced = [piece for part in made for piece in (part, _SPACE)]
    return st.tuples(*spaced).map("".join)


_STRING = st.one_of(
    st.sampled_from(
        (
            "'a'",
            '"b"',
            "''",
            "'>'",
            "'#'",
            "'''x\ny'''",
            "'it\\'s'",
            "'\\u0041'",
            "'SERVICE <x> {}'",
            '"a"@en',
            "'1'^^e:t",
        )
    ),
    st.text("a\"'\\#<>{}\n uSERVIC0", max_size=8).map(lambda t: f"'{t}'"),
)
_IRI = st.sampled_from(
    (f"<{CANARY}>", "<a:b>", "<a:b#c>", "<a:b'c>", "<#x>", "<>", "e:a", "e:", ":x", "e:a\\'b", "e:a.b.c", "<\\u0061:b>")
)
_VAR = st.sampled_from(("?a", "?b", "$c", "?é", "?SERVICE"))
_NUMBER = st.sampled_from(("1", "2.5", ".5", "1e3", "true", "false"))
_TERM = st.one_of(_VAR, _IRI, _STRING, _NUMBER, st.sampled_from(("_:x", "[]", "()", "(1 2)", "[e:p 1]")))


def _expressions() -> st.SearchStrategy[str]:
    leaf = st.one_of(_VAR, _IRI, _STRING, _NUMBER)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            _glued(inner, st.sampled_from("< > = != <= >= + - * / && ||".split()), inner),
            _glued("(", inner, ")"),
            _glued("!", inner),
            _glued("STR(", inner, ")"),
            _glued("IF(", inner, ",", inner, ",", inner, ")"),
            _glued(inner, "IN", "(", inner, ",", inner, ")"),
            _glued("EXISTS", "{", _VAR, _IRI, inner, "}"),
        ),
        max_leaves=6,
    )


_PATH = st.one_of(
    _IRI,
    _VAR,
    st.just("a"),
    _glued(_IRI, st.sampled_from("/|"), _IRI),
    _glued(_IRI, st.sampled_from("*+?")),
    _glued("^", _IRI),
    _glued("!(", _IRI, "|", _IRI, ")"),
)
_TRIPLE = _glued(_TERM, _PATH, _TERM)


def _groups() -> st.SearchStrategy[str]:
    bound = _glued("BIND(", _expressions(), "AS", _VAR, ")")
    values = _glued("VALUES", _VAR, "{", st.one_of(_STRING, _NUMBER), st.one_of(_STRING, _IRI), "}")
    leaf = st.one_of(_TRIPLE, _glued("FILTER(", _expressions(), ")"), bound, values)

    def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        # a third of the groups reach out, so that the check has something to find
        out = st.sampled_from(("SERVICE", "service", "SERVICE SILENT", "SERVICESILENT", "SERVICE#x\n"))
        return st.one_of(
            _glued(inner, ".", inner),
            _glued(inner, inner),
            _glued("{", inner, "}", "UNION", "{", inner, "}"),
            _glued(
                st.sampled_from(("OPTIONAL", "MINUS", "FILTER EXISTS", "GRAPH ?g", "GRAPH e:g", "")), "{", inner, "}"
            ),
            _glued(out, st.one_of(_IRI, _VAR), "{", inner, "}"),
            _glued("{ SELECT * {", inner, "}", "}"),
        )

    return st.recursive(leaf, wider, max_leaves=6)


def _grammar() -> st.SearchStrategy[str]:
    head = st.sampled_from(
        ("", "PREFIX e: <urn:e:>", f"PREFIX e: <{CANARY}> PREFIX : <urn:x:>", "BASE <urn:b:> PREFIX e:<urn:e:>")
    )
    form = st.sampled_from(
        ("SELECT *", "SELECT ?a", "ASK", "CONSTRUCT { ?a ?b ?c }", "DESCRIBE ?a", "SELECT DISTINCT *", "CONSTRUCT")
    )
    tail = st.sampled_from(("", "ORDER BY ?a", "LIMIT 3", "GROUP BY ?a", "VALUES ?a { 1 }", "# end", "#'''"))
    return _glued(head, form, st.sampled_from(("WHERE", "")), "{", _groups(), "}", tail)


def _tampered() -> st.SearchStrategy[str]:
    change = st.tuples(st.integers(0, 4_000), st.integers(0, 6), st.sampled_from(PIECES))

    def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
        for place, length, put in changes:
            at = place % (len(text) + 1)
            text = text[:at] + put + text[at + length :]
        return text

    return st.builds(changed, st.one_of(st.sampled_from(KNOWN), _grammar()), st.lists(change, max_size=4))


def _pieces() -> st.SearchStrategy[str]:
    return st.lists(st.tuples(st.sampled_from(PIECES), _SPACE), max_size=25).map(
        lambda found: "".join(a + b for a, b in found)
    )


def sparql() -> st.SearchStrategy[str]:
    """Queries, near queries, and what only looks like one."""
    return st.one_of(_grammar(), _tampered(), _pieces())


def updates() -> st.SearchStrategy[str]:
    """Updates of every kind, right and nearly right, on a few graphs."""
    graph = st.sampled_from(("<urn:g:1>", "<urn:g:2>", "e:3", "<4>", "?g"))
    data = st.sampled_from(
        (
            "<urn:s> <urn:p> 1",
            "e:a a e:b",
            "_:x <urn:p> 'GRAPH <urn:g:2>'",
            "<urn:s> <urn:p> <<( e:a e:b 1 )>>",
            "",
            "?a ?b ?c",
        )
    )
    quads = st.one_of(data, _glued("GRAPH", graph, "{", data, "}"), _glued(data, ".", "GRAPH", graph, "{", data, "}"))
    with_ = st.one_of(st.just(""), _glued("WITH", graph))
    using = st.one_of(st.just(""), _glued(st.sampled_from(("USING", "USING NAMED")), graph))
    where = _glued(
        "WHERE",
        "{",
        st.one_of(_groups(), st.just("?a ?b ?c"), _glued("GRAPH", graph, "{ ?a ?b ?c }"), st.just("")),
        "}",
    )
    reference = st.one_of(_glued("GRAPH", graph), st.sampled_from(("DEFAULT", "NAMED", "ALL")), graph)
    silent = st.sampled_from(("", "SILENT"))
    one = st.one_of(
        _glued(st.sampled_from(("INSERT DATA", "DELETE DATA", "DELETE WHERE")), "{", quads, "}"),
        _glued(with_, "INSERT {", quads, "}", using, where),
        _glued(with_, "DELETE {", quads, "}", "INSERT {", quads, "}", using, where),
        _glued(st.sampled_from(("CLEAR", "DROP")), silent, reference),
        _glued("CREATE", silent, "GRAPH", graph),
        _glued(st.sampled_from(("ADD", "COPY", "MOVE")), silent, reference, "TO", reference),
        _glued("LOAD", silent, f"<{CANARY}>", st.one_of(st.just(""), _glued("INTO GRAPH", graph))),
    )
    head = st.sampled_from(("PREFIX e: <urn:g:>", "", "BASE <urn:g:> PREFIX e:<urn:g:>", f"PREFIX e: <{CANARY}>"))
    whole = st.builds(lambda head, ones: head + " " + " ; ".join(ones), head, st.lists(one, min_size=1, max_size=3))
    change = st.tuples(st.integers(0, 2_000), st.integers(0, 4), st.sampled_from(PIECES))

    def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
        for place, length, put in changes:
            at = place % (len(text) + 1)
            text = text[:at] + put + text[at + length :]
        return text

    return st.one_of(whole, st.builds(changed, whole, st.lists(change, max_size=3)), sparql())


def harmless(text: str) -> str:
    """A query short enough to be asked of a service again and again."""
    return text[:400]
