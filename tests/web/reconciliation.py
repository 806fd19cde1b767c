"""What answers of a reconciliation service of version 0.2 look like, as JSON Schemas written from the specification's text.

The community group's own schemas are not the project's to copy. Where the environment's RECONCILIATION_SCHEMAS names the folder
that has them (``manifest.json`` and so on), every answer is held to those as well.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry, Resource

_TEXT: dict[str, Any] = {"type": "string"}
_NAMED = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": _TEXT, "name": _TEXT, "description": _TEXT},
}
_TYPE = _NAMED | {"properties": _NAMED["properties"] | {"broader": {"type": "array", "items": _NAMED}}}
_TYPES = {"type": "array", "items": _NAMED, "minItems": 1}


def _list(name: str, items: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {name: {"type": "array", "items": items, "uniqueItems": True}}
    return {"type": "object", "required": [name], "properties": listed | more, "additionalProperties": False}


_FEATURE = {
    "type": "object",
    "required": ["id", "value"],
    "properties": {"id": _TEXT, "value": {"type": ["boolean", "number"]}},
}
_CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "score", "match", "type", "features"],
    "properties": {
        "id": {"type": "string", "pattern": "^https?://"},
        "name": {"type": "string", "minLength": 1},
        "description": _TEXT,
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "match": {"type": "boolean"},
        "type": _TYPES,
        "features": {"type": "array", "items": _FEATURE},
    },
    "additionalProperties": False,
}
_CELL = {
    "oneOf": [
        {"type": "object", "required": [name], "properties": {name: kind}, "additionalProperties": False}
        for name, kind in {
            "str": _TEXT,
            "float": {"type": "number"},
            "int": {"type": "integer"},
            "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?$"},
        }.items()
    ]
    + [_NAMED | {"additionalProperties": False}]
}
_SERVICE = {
    "type": "object",
    "required": ["service_url", "service_path", "flyout_service_path"],
    "properties": {"flyout_service_path": {"type": "string", "pattern": r"\$\{id\}"}},
}
_TEMPLATE = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}}}
SCHEMAS: dict[str, dict[str, Any]] = {
    "manifest": {
        "type": "object",
        "required": ["versions", "name", "identifierSpace", "schemaSpace", "view", "preview", "suggest", "extend"],
        "properties": {
            "versions": {"type": "array", "contains": {"const": "0.2"}},
            "defaultTypes": _TYPES,
            "view": _TEMPLATE,
            "preview": _TEMPLATE | {"required": ["url", "width", "height"]},
            "suggest": {"type": "object", "additionalProperties": _SERVICE, "required": ["entity", "property", "type"]},
            "extend": {"type": "object", "required": ["propose_properties", "property_settings"]},
        },
    },
    "reconciliation-result-batch": {"type": "object", "additionalProperties": _list("result", _CANDIDATE)},
    "suggest-entities-response": _list("result", _NAMED | {"properties": _NAMED["properties"] | {"notable": _TYPES}}),
    "suggest-properties-response": _list("result", _NAMED),
    "suggest-types-response": _list("result", _TYPE),
    "data-extension-property-proposal": _list("properties", _NAMED, type=_TEXT, limit={"type": "number"}),
    "data-extension-response": {
        "type": "object",
        "required": ["meta", "rows"],
        "properties": {
            "meta": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
            "rows": {
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": {"type": "array", "items": _CELL}},
            },
        },
        "additionalProperties": False,
    },
}


def _official(name: str) -> Draft7Validator | None:
    folder = os.environ.get("RECONCILIATION_SCHEMAS")
    if not folder:
        return None
    registry: Registry[Any] = Registry()
    for path in Path(folder).glob("*.json"):
        # a draft is not told by these files' "$schema", which is that of no draft
        content = json.loads(path.read_text(encoding="utf-8")) | {"$schema": "http://json-schema.org/draft-07/schema#"}
        resource = Resource.from_contents(content)
        registry = registry.with_resources([(content.get("$id", path.name), resource), (path.name, resource)])
    found = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))
    return Draft7Validator(found, registry=registry)


def check(name: str, answer: Any) -> None:
    """That an answer is what the specification says it is."""
    Draft7Validator(SCHEMAS[name]).validate(answer)
    if official := _official(name):
        official.validate(answer)
