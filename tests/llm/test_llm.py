"""The language-model reader against a loopback server that speaks the protocol: well, slowly, brokenly and with ill will."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kg.config import Settings, load_settings
from kg.errors import LanguageModelError, SettingsError
from kg.language.sentence import Sentence
from kg.llm.client import LARGEST_ANSWER, Client
from kg.llm.reader import LanguageModelReader, aligned
from kg.llm.schema import Answer, Told, request_body
from kg.model import Block, BlockKind
from kg.pipeline import Extractor
from kg.sources import Failure
from kg.sources.article import make_article
from kg.tagger.marks import Marked

SENTENCE = "Kenya expelled two Ugandan diplomats in Nairobi on Monday."
TOLD = {
    "sentence": 1,
    "type": "sanction",
    "kind": "",
    "modality": "actual",
    "trigger": "expelled",
    "source": ["Kenya"],
    "target": ["two Ugandan diplomats"],
    "date": "Monday",
    "place": "Nairobi",
}


def completion(content: Any, **more: Any) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}], **more}
    ).encode()


@dataclass
class Endpoint:
    """A server whose answers a test sets: a list is used up in order, its last for good."""

    url: str
    answers: list[tuple[int, dict[str, str], bytes | Callable[[Any], None]]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def says(self, content: Any, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) or callable(content) else completion(content)
        self.answers.append((status, {k.replace("_", "-"): v for k, v in headers.items()}, body))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.asked.append({"path": self.path, **json.loads(body)})
            known.headers.append(dict(self.headers))
            status, headers, answer = known.answers[0] if len(known.answers) == 1 else known.answers.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # the client gave up, as it should
                answer(self.wfile) if callable(answer) else self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Endpoint(f"http://127.0.0.1:{server.server_port}/v1")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def asking(endpoint: Endpoint, tmp_path: Path) -> Settings:
    return Settings(
        store=tmp_path / "store",
        extractors="frames,llm",
        llm_url=endpoint.url,
        llm_model="some-model",
        llm_key="a secret",
        llm_cache=tmp_path / "answers",
        llm_timeout=2.0,
    )


def sentences(*texts: str) -> list[Marked]:
    """Sentences of which the reader needs nothing but their text."""
    return [Marked(Sentence(0, (), 0, len(t), Block(0, len(t), BlockKind.PARAGRAPH), 0, t), ()) for t in texts]


def reader(settings: Settings) -> LanguageModelReader:
    client = Client(settings.llm_url, settings.llm_key, settings.llm_timeout, waits=(0.01, 0.01))
    return LanguageModelReader(settings, client)


def test_events_with_the_places_of_their_words(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says({"events": [TOLD]})
    ((event,),) = reader(asking).tag(sentences(SENTENCE))
    assert (event.type, event.modality, SENTENCE[event.start : event.end]) == ("sanction", "actual", "expelled")
    assert [(p.label, SENTENCE[p.start : p.end]) for p in event.parts] == [
        ("source", "Kenya"),
        ("target", "two Ugandan diplomats"),
        ("date", "Monday"),
        ("place", "Nairobi"),
    ]
    (asked,) = endpoint.asked
    assert asked["path"] == "/v1/chat/completions"
    assert asked["model"] == "some-model"
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert f"[1] {SENTENCE}" in asked["messages"][1]["content"]
    assert endpoint.headers[0]["Authorization"] == "Bearer a secret"


def test_the_schema_is_strict() -> None:
    schema = request_body("m", ["A."])["response_format"]["json_schema"]["schema"]
    for part in (schema, schema["$defs"]["Told"]):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])
    assert {"consult", "sanction", "assault"} <= set(schema["$defs"]["Told"]["properties"]["type"]["enum"])


@pytest.mark.parametrize(
    "changed", [{"trigger": "attacked"}, {"source": ["Tanzania"]}, {"target": ["Ugandan", "Rwandan"]}]
)
def test_what_the_sentence_does_not_say_is_dropped(changed: dict[str, Any]) -> None:
    assert aligned(SENTENCE, Told(**TOLD)) is not None
    assert aligned(SENTENCE, Told(**TOLD | changed)) is None


def test_a_date_that_is_not_there_is_left_out() -> None:
    event = aligned(SENTENCE, Told(**TOLD | {"date": "Tuesday", "place": "Nai"}))
    assert event is not None
    assert [p.label for p in event.parts] == ["source", "target"]


def test_words_parted_by_a_line_break_are_found() -> None:
    text = "Kenya expelled two\n   Ugandan diplomats."
    event = aligned(text, Told(**TOLD | {"date": "", "place": ""}))
    assert event is not None
    assert text[event.parts[1].start : event.parts[1].end] == "two\n   Ugandan diplomats"


def test_no_article_is_asked_about_twice(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says({"events": [TOLD]})
    first = reader(asking).tag(sentences(SENTENCE))
    assert reader(asking).tag(sentences(SENTENCE)) == first
    assert len(endpoint.asked) == 1
    reader(asking).tag(sentences(SENTENCE, "Uganda protested."))
    reader(replace(asking, llm_model="another")).tag(sentences(SENTENCE))
    assert len(endpoint.asked) == 3


def test_a_spoilt_cache_is_asked_again(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says({"events": [TOLD]})
    first = reader(asking).tag(sentences(SENTENCE))
    (file,) = asking.llm_cache.rglob("*.json")
    file.write_text('{"events": [', encoding="utf-8")
    assert reader(asking).tag(sentences(SENTENCE)) == first
    assert len(endpoint.asked) == 2


def test_refusals_that_pass_are_tried_again(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says(b"", 429, Retry_After="0")
    endpoint.says(b"", 503)
    endpoint.says({"events": [TOLD]})
    assert reader(asking).tag(sentences(SENTENCE))[0]
    assert len(endpoint.asked) == 3


def test_a_refusal_for_good_is_not(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says(b'{"error": "no such key"}', 401)
    with pytest.raises(LanguageModelError, match="status 401"):
        reader(asking).tag(sentences(SENTENCE))
    assert len(endpoint.asked) == 1


def test_no_redirect_is_followed(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says(b"", 307, Location=endpoint.url + "/elsewhere")
    with pytest.raises(LanguageModelError, match="status 307"):
        reader(asking).tag(sentences(SENTENCE))
    assert len(endpoint.asked) == 1


def _drip(out: Any) -> None:
    for _ in range(200):
        out.write(b" ")
        out.flush()
        time.sleep(0.1)


def _flood(out: Any) -> None:
    for _ in range(LARGEST_ANSWER // 10_000 + 10):
        out.write(b" " * 10_000)


BROKEN: list[tuple[str, Any, str]] = [
    ("no JSON", b"<html>Bad gateway</html>", "not a chat completion"),
    ("no choices", b'{"choices": []}', "not a chat completion"),
    ("a list", b"[1, 2]", "not a chat completion"),
    ("deep", b"[" * 200_000, "not a chat completion"),
    ("no text", completion({})[:-1] + b', "choices": [{"message": {"content": null}}]}', "cut off"),
    ("cut", b'{"choices": [{"message": {"content": "{"}, "finish_reason": "length"}]}', "cut off"),
    ("prose", "Here are the events: none.", "does not follow the schema"),
    ("unknown type", {"events": [TOLD | {"type": "invade"}]}, "does not follow the schema"),
    ("more than asked for", {"events": [], "code": "import os"}, "does not follow the schema"),
    ("a number for words", {"events": [TOLD | {"trigger": 1}]}, "does not follow the schema"),
    ("too many", {"events": [TOLD] * 1000}, "does not follow the schema"),
    ("slow", _drip, "took longer"),
    ("endless", _flood, "longer than"),
]


@pytest.mark.parametrize(("content", "reason"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_broken_answers(content: Any, reason: str, endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says(content)
    started = time.monotonic()
    with pytest.raises(LanguageModelError, match=reason):
        reader(replace(asking, llm_timeout=1.0)).tag(sentences(SENTENCE))
    assert time.monotonic() - started < 5
    assert not list(asking.llm_cache.rglob("*.json")), "a broken answer is not kept"


def test_sentences_that_there_are_not(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says({"events": [TOLD | {"sentence": 7}, TOLD]})
    ((event,),) = reader(asking).tag(sentences(SENTENCE))
    assert event.type == "sanction"


def test_the_budget(endpoint: Endpoint, asking: Settings) -> None:
    endpoint.says(completion({"events": []}, usage={"total_tokens": 700}))
    limited = reader(replace(asking, llm_budget=1000))
    limited.tag(sentences("One."))
    limited.tag(sentences("Two."))
    with pytest.raises(LanguageModelError, match="llm_budget"):
        limited.tag(sentences("Three."))
    limited.tag(sentences("One."))  # what is known costs nothing
    assert len(endpoint.asked) == 2


def test_nobody_there(asking: Settings) -> None:
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        reader(replace(asking, llm_url="http://127.0.0.1:9/v1")).tag(sentences(SENTENCE))


def test_a_whole_run(endpoint: Endpoint, asking: Settings) -> None:
    """Its facts are marked as its own; an article that it fails on fails alone, and is not half read."""
    odd = TOLD | {"type": "accuse", "trigger": "cold-shouldered", "source": ["Peru"], "target": ["Chile"]}
    endpoint.says({"events": [odd | {"date": "", "place": ""}]})
    endpoint.says("nonsense")
    endpoint.says({"events": []})
    texts = ["Peru cold-shouldered Chile.", "Egypt warned Sudan.", "Norway thanked Sweden."]
    articles = [make_article(t, source=f"{n}.txt", given_id=f"a{n}") for n, t in enumerate(texts)]
    first, second, third = Extractor(asking).extract(articles)
    assert not isinstance(first, Failure)
    (event,) = first.events
    assert event.extractor == "llm"
    assert {p.actor.party for p in event.participants} == {"PER", "CHL"}
    assert isinstance(second, Failure)
    assert "does not follow the schema" in second.reason
    assert not isinstance(third, Failure)
    assert [e.extractor for e in third.events] == ["frames"]


def test_settings() -> None:
    with pytest.raises(SettingsError, match="llm_url"):
        load_settings(environment={"KG_EXTRACTORS": "frames,llm"})
    with pytest.raises(SettingsError, match="'oracle'"):
        load_settings(environment={"KG_EXTRACTORS": "oracle"})
    assert "a secret" not in repr(Settings(llm_key="a secret"))


def test_an_answer_survives_its_file() -> None:
    answer = Answer(events=[Told(**TOLD)])
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
