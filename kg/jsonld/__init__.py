"""JSON-LD 1.1 that people can use: nested, in the short names of the ontology's context, in the form that a request asks for."""
