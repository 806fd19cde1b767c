"""Compaction by PyLD, which is asked once for each kind of value and not for each value: the same result in a tenth of the time.

PyLD weighs every term of a context for every IRI that it writes. Which term stands for a property depends on no more than the
property and whether the value is a thing or has this type or language, as the context has no containers but "@set" and no
contexts inside.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyld import jsonld

from kg.jsonld.context import context, loader
from kg.jsonld.nodes import Node

_SUBJECT = "urn:x"


class AmbiguousIriError(ValueError):
    """An IRI whose scheme is a prefix of the context: written in short form it would be read as another."""


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, str]:
    """Prefix -> namespace."""
    return {name: iri for name, iri in context().items() if isinstance(iri, str) and iri.endswith(("#", "/"))}


def _compact(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = jsonld.compact(node, {"@context": context()}, {"documentLoader": loader})
    return {key: value for key, value in found.items() if key != "@context"}


@lru_cache(maxsize=4096)
def _short_class(iri: str) -> str:
    found = _compact({"@id": _SUBJECT, "@type": [iri]})
    return str(found["type"])


@lru_cache(maxsize=4096)
def _curie(iri: str) -> str:
    return str(_compact({"@id": iri, "@type": ["urn:t"]})["id"])


@lru_cache(maxsize=4096)
def _form(predicate: str, kind: str, datatype: str, language: str) -> tuple[str, bool, dict[str, Any] | None]:
    """How a kind of value stands: the key, whether always in a list, and what stands beside the value (None: it is bare)."""
    value: dict[str, Any] = {"@id": _SUBJECT} if kind == "id" else {"@value": 0 if kind == "native" else "x"}
    value |= {"@type": datatype} if datatype else {}
    value |= {"@language": language} if language else {}
    found = _compact({"@id": _SUBJECT, predicate: [value]})
    ((key, written),) = ((k, v) for k, v in found.items() if k != "id")
    listed = isinstance(written, list)
    written = written[0] if listed else written
    if not isinstance(written, dict):
        return key, listed, None
    return key, listed, {k: v for k, v in written.items() if k not in ("id", "@value")}


class Compaction:
    """Writes node objects with the context's terms."""

    def node(self, node: Node) -> dict[str, Any]:
        """A node object, and those in it, compacted; the same as PyLD makes of it.

        Raises:
            AmbiguousIriError: an IRI in it cannot be written with this context.
        """
        made: dict[str, Any] = {"id": self.iri(node["@id"])}
        if kinds := node.get("@type"):
            short = [_short_class(kind) for kind in kinds]
            made["type"] = short if len(short) > 1 else short[0]
        for predicate, values in node.items():
            if predicate[0] != "@":
                for value in values:
                    self._add(made, predicate, value)
        return made

    def iri(self, iri: str) -> str:
        """An IRI as an "@id"."""
        if iri.startswith(tuple(_prefixes().values())):
            return _curie(iri)
        scheme, _, rest = iri.partition(":")
        if scheme in _prefixes() and not rest.startswith("//"):
            raise AmbiguousIriError(iri)
        return iri

    def _add(self, made: dict[str, Any], predicate: str, value: dict[str, Any]) -> None:
        kind = "id" if "@id" in value else "string" if isinstance(value["@value"], str) else "native"
        literal = kind != "id"
        datatype, language = (value.get("@type", ""), value.get("@language", "")) if literal else ("", "")
        key, listed, beside = _form(predicate, kind, datatype, language)
        written: Any
        if kind == "id" and len(value) > 1:
            written = self.node(value)
        elif kind == "id":
            written = self.iri(value["@id"])
            written = written if beside is None else {"id": written}
        else:
            written = value["@value"] if beside is None else beside | {"@value": value["@value"]}
        if key not in made:
            made[key] = [written] if listed else written
        elif isinstance(made[key], list):
            made[key].append(written)
        else:
            made[key] = [made[key], written]
