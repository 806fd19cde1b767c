"""The runner itself, on a few tests in the form of the W3C's manifests; the whole suite is not the project's to copy.

``python -m tests.conformance.runner SUITE`` runs that; docs/conformance.md has its figures.
"""

from pathlib import Path

import pytest

from tests.conformance.runner import Service, open_service, run

PREFIXES = """
@prefix : <http://example.org/manifest#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#> .
@prefix ut: <http://www.w3.org/2009/sparql/tests/test-update#> .
@prefix ht: <http://www.w3.org/2011/http#> .
@prefix cnt: <http://www.w3.org/2011/content#> .
@prefix hts: <http://www.w3.org/2011/http-statusCodes#> .
"""
MANIFEST = """
<> a mf:Manifest ; mf:entries ( :right :wrong :named :changed :refused :asked ) .
:right a mf:QueryEvaluationTest ; mf:name "right" ; mf:action [ qt:query <all.rq> ; qt:data <data.ttl> ] ; mf:result <right.csv> .
:wrong a mf:QueryEvaluationTest ; mf:name "wrong" ; mf:action [ qt:query <all.rq> ; qt:data <data.ttl> ] ; mf:result <wrong.csv> .
:named a mf:QueryEvaluationTest ; mf:name "named" ;
  mf:action [ qt:query <named.rq> ; qt:graphData <data.ttl> ] ; mf:result <right.csv> .
:changed a mf:UpdateEvaluationTest ; mf:name "changed" ;
  mf:action [ ut:request <move.ru> ; ut:data <data.ttl> ] ;
  mf:result [ ut:graphData [ ut:graph <data.ttl> ; rdfs:label "http://example.org/g" ] ] .
:refused a mf:NegativeSyntaxTest11 ; mf:name "refused" ; mf:action <broken.rq> .
:asked a mf:ProtocolTest ; mf:name "asked" ; mf:action [ ht:requests ( [
    ht:methodName "POST" ; ht:absolutePath "/sparql/" ;
    ht:headers ( [ ht:fieldName "content-type" ; ht:fieldValue "application/sparql-query" ] ) ;
    ht:body [ cnt:characterEncoding "UTF-8" ; cnt:chars "ASK {}" ] ;
    ht:resp [ mf:expectedBoolean true ; mf:expectedStatus hts:StatusCode2xx ] ] ) ] .
"""
FILES = {
    "manifest.ttl": PREFIXES + MANIFEST,
    "data.ttl": "<urn:s> <urn:p> _:b .",
    "all.rq": "SELECT ?s ?o { ?s ?p ?o }",
    "named.rq": "SELECT ?s ?o { GRAPH <data.ttl> { ?s ?p ?o } }",
    "right.csv": "o,s\r\n_:x,urn:s\r\n",
    "wrong.csv": "o,s\r\n_:x,urn:t\r\n",
    "move.ru": "MOVE DEFAULT TO <http://example.org/g>",
    "broken.rq": "SELECT ?s { ?s ?p }",
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "sparql11" / "some"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder.parent


def test_what_fits_passes_and_what_does_not_is_told(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_service(tmp_path) as address:
        service = Service(address)
        counts = run(service, suite, show=True)
        service.close()
    assert dict(counts["some"]) == {"passed": 5, "missed": 1}
    assert capsys.readouterr().out == "some/wrong: other rows\n"
