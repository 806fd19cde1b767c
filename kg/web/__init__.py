"""The web: a SPARQL endpoint for programs, an address for every thing, pages for people. One blueprint a module.

``views`` reads what pages say, ``http`` knows the protocol, ``rsgi`` stands before the application, ``operation`` is for who runs it;
``endpoint``, ``data``, ``pictures``, ``reconcile`` and ``pages`` have the addresses; ``documents`` makes pages of ``docs/``. ``service`` is what they share.
"""
