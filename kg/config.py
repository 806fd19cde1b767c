"""One settings table: defaults < file < ``KG_*`` environment variables < what the command line gives."""

from __future__ import annotations

import codecs
import dataclasses
import difflib
import ipaddress
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kg import __version__
from kg.errors import SettingsError

FILE_VARIABLE = "KG_CONFIG"
#: The extractors of events there are.
ROADS = ("frames", "tagger", "llm")
#: The fields of a record that are read.
FIELDS = ("id", "text", "title", "date", "url", "outlet", "author", "license", "language")

_ENVIRONMENT = "the environment"
_IRI = re.compile(r"(?:https?://|mailto:)[^\s<>\"{}|\\^`]+")


#: Settings that are one of some words.
_WORDS = {
    "default_graph": ("union", "own"),
    "search": ("on", "off"),
    "indexing": ("on", "off"),
    "writes": ("off", "token", "open"),
    "reads": ("open", "token"),
    "metrics": ("open", "token"),
    "article_text": ("show", "licensed", "off"),
    "replica_copy": ("on", "off"),
}

#: The least value of numbers that make no sense at 0.
_LEAST = dict.fromkeys(("port", "query_workers", "slow_queries", "streams", "dumps_kept"), 1)
#: Settings that are told to nobody.
SECRET = frozenset({"remote_password", "llm_key"})
#: Settings that say where things are on a machine, and how much of it is used: what is answered does not depend on them.
_OF_THE_MACHINE = frozenset(
    (
        "store remote_query remote_update remote_graphs remote_user remote_password remote_timeout replica_of replica_copy host "
        "port llm_cache curation processes query_workers slow_queries streams tokens writes result_cache dumps parts_cache"
    ).split()
)


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. Sizes are in bytes, times in seconds."""

    #: Folder of the Oxigraph store; it is made when it is missing.
    store: Path = Path("var/store")
    #: Addresses of a remote store for queries, updates and graphs (SPARQL 1.1 Protocol and Graph Store Protocol); where the first
    #: is set, it takes the folder's place.
    remote_query: str = ""
    remote_update: str = ""
    remote_graphs: str = ""
    #: Who this program is there, by Basic or Digest authentication; a password alone is a token (Bearer).
    remote_user: str = ""
    remote_password: str = field(default="", repr=False)
    #: How long the program's own queries to it may take, and the largest answer that is taken from it.
    remote_timeout: float = 30.0
    remote_max_bytes: int = 100_000_000
    #: What others write there is seen after this many seconds.
    remote_max_age: float = 10.0
    #: Folder in which a primary publishes ("kg publish"): where it is set the service is a read-only replica of it. Whether its
    #: files are copied ("on"), else they are hard links or, from another file system, read where they are ("off").
    replica_of: str = ""
    replica_copy: str = "off"
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
    #: Largest file, line, row or page that is read as one article; nothing larger is fetched.
    max_article_bytes: int = 5_000_000
    #: Characters of the longest article that is read; a longer one is refused, and never cut. 0 sets no limit.
    max_article_characters: int = 200_000
    #: Names of fields in JSON Lines and tables that are called otherwise there, with commas: "text=body,date=published_at".
    fields: str = ""
    #: Encoding of plain text and tables; empty for UTF-8, UTF-16 with its mark, and (plain text) what is plainly cp1252.
    encoding: str = ""
    #: How this program calls itself to the sites that it fetches from; a way to reach you belongs into it.
    user_agent: str = f"diplomatic-kg/{__version__}"
    #: A page that takes longer is given up; seconds between two requests to a site, where its robots.txt does not ask for more.
    fetch_timeout: float = 30.0
    fetch_delay: float = 1.0
    #: Networks of private addresses that may be fetched from all the same, with commas: "10.1.0.0/16". Empty for none.
    private_networks: str = ""
    #: Entries of a feed that are read, from the first.
    max_feed_entries: int = 100
    #: Part of its word sequences that an article shares with another when both are one story; above 1 for equal ones only.
    near_duplicate: float = 0.7
    #: Processes that read articles at once; 0 for one a processor.
    processes: int = 0
    #: Largest request body and query text the server reads.
    max_request_bytes: int = 1_000_000
    #: A query that runs longer is ended.
    query_timeout: float = 30.0
    #: Queries that are evaluated at once, at first, and how many may go on when they have turned out to be slow; others rest.
    query_workers: int = 4
    slow_queries: int = 4
    #: Memory that one of them may take.
    query_memory: int = 2_000_000_000
    #: Most quads that are held in memory, where queries are answered sooner than on disk; 0 holds none.
    memory_quads: int = 2_000_000
    #: Most rows (or triples) and bytes of one answer; more than that is an error and not a shorter answer. 0 sets no limit.
    max_rows: int = 0
    max_answer_bytes: int = 0
    #: SPARQL endpoints that queries may ask by SERVICE, with spaces or commas between; empty for none. And the largest answer
    #: that is taken from one.
    service_endpoints: str = ""
    service_max_bytes: int = 10_000_000
    #: Answers that are sent in parts at once, and how long one waits for its client to take 64 KiB before it is broken off.
    streams: int = 16
    stall_timeout: float = 30.0
    #: What is under way when the service is told to end has so long to come to its end; then it is broken off, and told so.
    shutdown_timeout: float = 8.0
    #: What a query that names no dataset sees: "union" (all graphs) or "own" (the default graph alone, as in the W3C tests).
    default_graph: str = "union"
    #: Who may write over HTTP: "off" (nobody), "token" (who sends a token of the file below), "open" (everybody: for tests).
    writes: str = "token"
    #: Who may read: "open" (everybody) or "token" (who sends one with the scope "read"); and ``/metrics``: "open" (who may read)
    #: or "token" (who sends one with the scope "admin").
    reads: str = "open"
    metrics: str = "open"
    #: File of tokens, one a line: a name, scopes, the token's SHA-256, and from and until when it counts (see ``kg token``).
    tokens: Path = Path("var/tokens")
    #: Proxies whose word on where a request comes from (X-Forwarded-For, Forwarded) is believed: networks with commas between.
    trusted_proxies: str = ""
    #: Of each client: requests a second, at most how many at once after a pause, queries at once, and seconds a minute that its
    #: queries may keep a processor busy while others ask too. 0 sets no limit.
    client_rate: float = 1_000.0
    client_burst: int = 20_000
    client_queries: int = 24
    client_query_seconds: float = 60.0
    #: Largest graph that is written at once over HTTP, and how long a write may take.
    max_graph_bytes: int = 100_000_000
    write_timeout: float = 60.0
    #: Articles' own texts, for their pages: "show" keeps and shows them, "licensed" those alone whose licence lets anybody,
    #: "off" none; pages then show the sentences that facts were read from.
    article_text: str = "show"
    #: Whether the service keeps an index for search: "on" or "off".
    search: str = "on"
    #: Whether robots.txt lets search engines read the pages: "on" or "off".
    indexing: str = "on"
    #: Memory for answers that are kept until the store changes; 0 keeps none.
    result_cache: int = 64_000_000
    #: What the data are called, in a line and in some sentences; who publishes them (empty: whoever runs the service), by name
    #: and by IRI; under which licence, by IRI (empty: none is stated); and where questions go (mailto: or a page).
    dataset_title: str = "Diplomatic events read from news articles"
    dataset_description: str = (
        "Who met, asked, accused or promised whom, when and where, on whose word: events, statements, offices and agreements, "
        "each with the sentence of the news article that it was read from by a program, and how sure the program is."
    )
    dataset_publisher: str = ""
    dataset_publisher_iri: str = ""
    dataset_license: str = ""
    dataset_contact: str = ""
    #: Folder of the dumps and of the parts that were asked for, how many dumps are kept, and the bytes of parts that are.
    dumps: Path = Path("var/dumps")
    dumps_kept: int = 3
    parts_cache: int = 500_000_000
    #: Facts that a part (an actor's, a topic's, a period's) may have; larger ones are refused.
    max_part_facts: int = 20_000
    #: Members of a page of the stream of changes; 0 keeps no log of changes.
    changes_page: int = 100

    def __post_init__(self) -> None:
        if not self.base_iri.startswith(("http://", "https://")) or not self.base_iri.endswith("/"):
            raise SettingsError(f"base_iri: {self.base_iri!r} is not an http(s) IRI that ends in '/'.")
        for name in ("remote_query", "remote_update", "remote_graphs"):
            if (address := getattr(self, name)) and not address.startswith(("http://", "https://")):
                raise SettingsError(f"{name}: {address!r} is no http(s) address.")
        if (self.remote_update or self.remote_graphs) and not self.remote_query:
            raise SettingsError("remote_query: a remote store needs an address for queries.")
        if self.replica_of and self.remote_query:
            raise SettingsError("replica_of: a service is a replica or has a remote store, not both.")
        for name, allowed in _WORDS.items():
            if (given := getattr(self, name)) not in allowed:
                raise SettingsError(f"{name}: {given!r} is not {' or '.join(map(repr, allowed))}.")
        if not self.roads or not set(self.roads) <= set(ROADS):
            raise SettingsError(
                f"extractors: {self.extractors!r} is not some of {', '.join(map(repr, ROADS))}, with commas."
            )
        if "llm" in self.roads and not (self.llm_url.startswith(("http://", "https://")) and self.llm_model):
            raise SettingsError(
                "extractors: 'llm' needs the settings llm_url (an http or https address) and llm_model."
            )

        self._check_numbers()
        self._check_dataset()
        self._check_endpoints()
        if self.encoding:
            try:
                codecs.lookup(self.encoding)
            except (LookupError, ValueError):
                raise SettingsError(f"encoding: {self.encoding!r} is no encoding that Python knows.") from None
        _ = self.field_names, self.allowed_networks, self.proxies

    def _check_numbers(self) -> None:
        for setting in dataclasses.fields(self):
            value = getattr(self, setting.name)
            least = _LEAST.get(setting.name, 0)
            if isinstance(value, int | float) and not (least <= value < math.inf):
                raise SettingsError(
                    f"{setting.name}: {str(value).removesuffix('.0'):.40} is no number from {least} on."
                )
        if self.port > 65535:
            raise SettingsError(f"port: {self.port} is no port; they go from 1 to 65535.")

    def _check_dataset(self) -> None:
        for name in ("dataset_publisher_iri", "dataset_license", "dataset_contact"):
            if (iri := getattr(self, name)) and not _IRI.fullmatch(iri):
                raise SettingsError(f"{name}: {iri!r} is not an http, https or mailto IRI.")
        if self.changes_page < 0:
            raise SettingsError(f"changes_page: {self.changes_page} is no number of members.")

    def _check_endpoints(self) -> None:
        for iri in self.endpoints:
            if not _is_endpoint(iri):
                raise SettingsError(f"service_endpoints: {iri!r} is no plain http or https IRI of an endpoint.")
        if self.endpoints and self.remote_query:
            raise SettingsError(
                "service_endpoints: a remote store would ask other endpoints by itself, which cannot be watched over from here."
            )

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that queries may ask by SERVICE."""
        return tuple(dict.fromkeys(re.findall(r"[^\s,]+", self.service_endpoints)))

    @property
    def field_names(self) -> dict[str, str]:
        """Field of an article -> what it is called in the records that are read."""
        pairs = [pair.partition("=") for pair in self.fields.split(",") if pair.strip()]
        names = {field.strip(): name.strip() for field, _, name in pairs}
        if unknown := [field for field in names if field not in FIELDS or not names[field]]:
            raise SettingsError(f"fields: {unknown[0]!r} is not FIELD=NAME, where FIELD is one of {', '.join(FIELDS)}.")
        return names

    @property
    def allowed_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The private networks that may be fetched from."""
        return self._networks("private_networks")

    @property
    def proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of the proxies that are believed."""
        return self._networks("trusted_proxies")

    def _networks(self, name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        try:
            return tuple(ipaddress.ip_network(n.strip()) for n in getattr(self, name).split(",") if n.strip())
        except ValueError as error:
            raise SettingsError(f"{name}: {error}.") from None

    @property
    def of_answers(self) -> str:
        """The settings that answers may depend on, in a text that is the same on every machine."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return repr({name: value for name, value in values.items() if name not in _OF_THE_MACHINE | SECRET})

    @property
    def roads(self) -> tuple[str, ...]:
        """The extractors of events to use."""
        return tuple(name.strip() for name in self.extractors.split(",") if name.strip())


def _is_endpoint(iri: str) -> bool:
    try:
        parts = urlsplit(iri)
        asked = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return asked and parts.username is None and not parts.fragment and iri.isascii() and bool(_IRI.fullmatch(iri))


def _convert(name: str, value: Any, default: Any, where: str) -> Any:
    kind = type(default)
    if issubclass(kind, Path) and isinstance(value, str | Path):
        return Path(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError):
        what = "path" if issubclass(kind, Path) else kind.__name__
        raise SettingsError(f"{name}: {value!r:.60} in {where} is not a {what}.") from None


def _unknown(name: str, known: list[str], where: str) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1)
    if where != _ENVIRONMENT:
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"Unknown setting {name!r} in {where}.{hint}"
    hint = f" Did you mean {close[0]!r}, as KG_{close[0].upper()}?" if close else ""
    return f"Unknown setting {name!r} in {where}, as KG_{name.upper()}.{hint}"


def _merged(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    merged: dict[str, Any] = {}
    for name, value in values.items():
        if name not in defaults:
            raise SettingsError(_unknown(name, list(defaults), where))
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
    values: dict[str, Any] = {}
    for _, layer in _layers(file, environment, overrides):
        values |= layer
    return Settings(**values)


def origins(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Any) -> dict[str, str]:
    """Where the settings come from that are not the defaults: name -> a file, "the environment" or "the arguments".

    Takes the same as ``load_settings`` and raises the same.
    """
    return {name: where for where, layer in _layers(file, environment, overrides) for name in layer}


def _layers(
    file: Path | None, environment: Mapping[str, str] | None, overrides: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each place says, the weakest first."""
    env = os.environ if environment is None else environment
    path = file or (Path(env[FILE_VARIABLE]) if env.get(FILE_VARIABLE) else None)
    if path is not None:
        try:
            yield str(path), _merged(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, a number too long
            raise SettingsError(f"The settings file {path} cannot be read: {error}.") from None
    from_env = {k[3:].lower(): v for k, v in env.items() if k.startswith("KG_") and k != FILE_VARIABLE}
    yield _ENVIRONMENT, _merged(from_env, _ENVIRONMENT)
    yield "the arguments", _merged({k: v for k, v in overrides.items() if v is not None}, "the arguments")
