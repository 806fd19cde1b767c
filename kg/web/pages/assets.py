"""The files of the pages: kept by browsers for a year under an address that changes with what is in them."""

from __future__ import annotations

import hashlib
import json
import logging
import mimetypes
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from kg.web.http.caching import not_modified, with_tag
from kg.web.http.compression import CODINGS, best_coding

pages = Blueprint("assets", __name__)

FOLDER = Path(__file__).parent.parent / "static"
#: Built when the package is made; see kg/web/frontend.
VENDOR = FOLDER / "vendor"
_KEPT = "public, max-age=31536000, immutable"
_LOG = logging.getLogger("kg.pages")


@lru_cache(maxsize=256)
def _content(path: Path, changed: int) -> tuple[bytes, str]:  # noqa: ARG001 the time is part of the key
    body = path.read_bytes()
    return body, hashlib.blake2b(body, digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def _coded(path: Path, changed: int, coding: str) -> bytes:
    return CODINGS[coding](_content(path, changed)[0])


def _path(name: str) -> Path | None:
    try:
        path = (FOLDER / name).resolve()
        return path if path.is_relative_to(FOLDER.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # no name of a file at all: too long, or with a NUL in it
        return None


def version(name: str) -> str:
    """What stands in a file's address for what is in it; empty where there is no such file."""
    path = _path(name)
    return _content(path, path.stat().st_mtime_ns)[1] if path else ""


def file(filename: str) -> Response:
    """A file of the pages."""
    path = _path(filename)
    if path is None:
        abort(HTTPStatus.NOT_FOUND, f"The pages have no file {filename!r}.")
    changed = path.stat().st_mtime_ns
    body, tag = _content(path, changed)
    response = not_modified(tag)
    if response is None:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        textual = kind.startswith("text/") or kind.endswith(("json", "javascript", "xml"))
        response = with_tag(Response(body, mimetype=kind), tag)
        if textual:
            response.vary.add("Accept-Encoding")
        if textual and (coding := best_coding(len(body))):
            response.set_data(_coded(path, changed, coding))
            response.headers["Content-Encoding"] = coding
            response.set_etag(f"{tag}-{coding}")
    if request.args.get("v") == tag:
        response.headers["Cache-Control"] = _KEPT
    return response


@lru_cache(maxsize=1)
def _licences(changed: int) -> list[dict[str, str]]:  # noqa: ARG001 the time is part of the key
    found: list[dict[str, str]] = json.loads((VENDOR / "licences.json").read_text(encoding="utf-8"))
    return found


@pages.get("/licences")
def licences() -> str:
    """The packages by others that the pages' scripts are made with, each with its licence."""
    path = VENDOR / "licences.json"
    return render_template("licences.html", packages=_licences(path.stat().st_mtime_ns) if path.exists() else [])


def editor_is_built() -> bool:
    """Whether the query editor's files are there."""
    return (VENDOR / "editor.js").exists()


def register(app: Flask) -> None:
    """Serve the files, and give their addresses the version of what is in them."""
    app.add_url_rule("/static/<path:filename>", "static", file)

    @app.url_defaults
    def versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and (found := version(values["filename"])):
            values.setdefault("v", found)

    if not editor_is_built():
        _LOG.warning(
            "The query editor's scripts have not been built: /query has a plain text field. "
            "In a checkout 'python3 -m kg.web.frontend.build' builds them."
        )
