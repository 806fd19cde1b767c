"""Event data of other collections, mapped to this project's ontology in graphs of their own. See ``docs/imports.md``."""
