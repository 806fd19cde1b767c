"""One settings table: defaults < file < ``KG_*`` environment variables < what the command line gives."""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import SettingsError

FILE_VARIABLE = "KG_CONFIG"
#: The extractors of events there are.
ROADS = ("frames", "tagger", "llm")


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. Sizes are in bytes, times in seconds."""

    #: Folder of the Oxigraph store; it is made when it is missing.
    store: Path = Path("var/store")
    #: Base IRI of the things this service mints; what is minted under it is served under it.
    base_iri: str = "http://127.0.0.1:8000/"
    #: Address and port of the server.
    host: str = "127.0.0.1"
    port: int = 8000
    #: spaCy pipeline: empty for the one that ships with the package, else a package name or a folder.
    model: str = ""
    #: Extractors of events, by name with commas between: "frames" (rules over the parse), "tagger" (learned), "llm" (a language
    #: model, which needs ``llm_url`` and ``llm_model`` and sends it each article's text).
    extractors: str = "frames,tagger"
    #: Base address of an OpenAI-compatible endpoint ("https://host/v1"), its model, and its key where it wants one.
    llm_url: str = ""
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    #: Folder of its answers, so that no article is asked about twice.
    llm_cache: Path = Path("var/llm")
    #: Tokens that one run may use; an article beyond them fails, and is read in a later run.
    llm_budget: int = 2_000_000
    #: An answer that takes longer is given up.
    llm_timeout: float = 120.0
    #: The curator's file: what is one across articles, what is not, and what things are called; see docs/identity.md.
    curation: Path = Path("var/curation.tsv")
    #: Largest file that is read as one article.
    max_article_bytes: int = 5_000_000
    #: Largest request body and query text the server reads.
    max_request_bytes: int = 1_000_000
    #: A query that runs longer is ended.
    query_timeout: float = 30.0
    #: Queries that are evaluated at once, at first, and how many may go on when they have turned out to be slow; others rest.
    query_workers: int = 4
    slow_queries: int = 4
    #: Memory that one of them may take.
    query_memory: int = 2_000_000_000
    #: What a query that names no dataset sees: "union" (all graphs) or "own" (the default graph alone, as in the W3C tests).
    default_graph: str = "union"
    #: Who may write over HTTP: "off" (nobody), "token" (who sends a token of the file below), "open" (everybody: for tests).
    writes: str = "token"
    #: File of tokens, one a line: a name, its scopes with commas between, and the token's SHA-256 (see ``kg token``).
    tokens: Path = Path("var/tokens")
    #: Largest graph that is written at once over HTTP, and how long a write may take.
    max_graph_bytes: int = 100_000_000
    write_timeout: float = 60.0
    #: Memory for answers that are kept until the store changes; 0 keeps none.
    result_cache: int = 64_000_000

    def __post_init__(self) -> None:
        if not self.base_iri.startswith(("http://", "https://")) or not self.base_iri.endswith("/"):
            raise SettingsError(f"base_iri: {self.base_iri!r} is not an http(s) IRI that ends in '/'.")
        if self.default_graph not in ("union", "own"):
            raise SettingsError(f"default_graph: {self.default_graph!r} is neither 'union' nor 'own'.")
        if self.writes not in ("off", "token", "open"):
            raise SettingsError(f"writes: {self.writes!r} is not 'off', 'token' or 'open'.")
        if not self.roads or not set(self.roads) <= set(ROADS):
            raise SettingsError(
                f"extractors: {self.extractors!r} is not some of {', '.join(map(repr, ROADS))}, with commas."
            )
        if "llm" in self.roads and not (self.llm_url.startswith(("http://", "https://")) and self.llm_model):
            raise SettingsError(
                "extractors: 'llm' needs the settings llm_url (an http or https address) and llm_model."
            )

    @property
    def roads(self) -> tuple[str, ...]:
        """The extractors of events to use."""
        return tuple(name.strip() for name in self.extractors.split(",") if name.strip())


def _convert(name: str, value: Any, default: Any, where: str) -> Any:
    kind = type(default)
    if issubclass(kind, Path):
        return Path(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{name}: {value!r} in {where} is not a {kind.__name__}.") from None


def _merged(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    merged: dict[str, Any] = {}
    for name, value in values.items():
        if name not in defaults:
            close = difflib.get_close_matches(name, defaults, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise SettingsError(f"Unknown setting {name!r} in {where}.{hint}")
        merged[name] = _convert(name, value, defaults[name], where)
    return merged


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file; default the one that ``KG_CONFIG`` names, else none.
        environment: default ``os.environ``; variables ``KG_STORE``, ``KG_PORT`` and so on.
        overrides: values that win over everything; None is ignored.

    Raises:
        SettingsError: unknown name, wrong type, unreadable file.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    path = file or (Path(env[FILE_VARIABLE]) if env.get(FILE_VARIABLE) else None)
    if path is not None:
        try:
            values |= _merged(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"The settings file {path} cannot be read: {error}.") from None
    from_env = {k[3:].lower(): v for k, v in env.items() if k.startswith("KG_") and k != FILE_VARIABLE}
    values |= _merged(from_env, "the environment")
    values |= _merged({k: v for k, v in overrides.items() if v is not None}, "the arguments")
    return Settings(**values)
