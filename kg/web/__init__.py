"""The web: a SPARQL endpoint for programs, an address for every thing, pages for people. One blueprint a module."""
