"""SPARQL, graphs, fragments: the ways in for programs that ask."""
