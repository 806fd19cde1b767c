"""The web: a SPARQL endpoint for programs, an address for every thing, pages for people. One blueprint a module.

``views`` reads what pages say, ``http`` knows the protocol, ``rsgi`` stands before the application, ``operation`` is for who runs
it, ``documents`` makes HTML of ``docs/``; ``endpoint``, ``data``, ``pictures``, ``reconcile`` and ``pages`` have the addresses.
``service`` is what they share.
"""
