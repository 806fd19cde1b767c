"""The learned tagger on sentences that it was not trained on, and the corpus that it was."""

from collections.abc import Callable

import pytest

from kg.facts.frames import find_candidates
from kg.facts.marking import mark
from kg.facts.reading import read
from kg.language import Pipeline
from kg.sources.article import make_article
from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, TRIGGER_LABELS
from kg.tagger.marks import Marked, path
from kg.tagger.tagger import Tagged, Tagger, load
from kg.training.examples import Example, examples, is_test, records

#: Measured when the model was trained, a little below what was reached: never lowered in silence.
FLOOR_DETECT, FLOOR_MODALITY = 0.54, 0.88

Marking = Callable[[str], Marked]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load()


@pytest.fixture(scope="module")
def marked(pipeline: Pipeline) -> Marking:
    """Marks the first sentence of a text."""

    def first(text: str) -> Marked:
        (parsed,) = pipeline.parse([make_article(text, source="a")])
        reading = read(parsed)
        return mark(reading, parsed.sentences[0], list(find_candidates(reading)))

    return first


def _only(events: tuple[Tagged, ...], event_type: str) -> Tagged:
    (found,) = [e for e in events if e.type == event_type and e.valid >= 0.5]
    return found


def _words(text: str, event: Tagged, label: str) -> list[str]:
    return [text[p.start : p.end] for p in event.parts if p.label == label]


@pytest.mark.parametrize(
    ("text", "event_type", "modality", "source", "target"),
    [
        ("Kenya expelled two Ugandan diplomats on Monday.", "sanction", "actual", "Kenya", "Ugandan"),
        ("The president of Chile will visit Peru next week.", "consult", "planned", "president of Chile", "Peru"),
        ("Norway denied that it had withdrawn its troops from Mali.", "retreat", "negated", "", "Mali"),
        ("Egypt accused Sudan of sheltering the gunmen.", "accuse", "actual", "Egypt", "Sudan"),
    ],
)
def test_sentences(
    text: str, event_type: str, modality: str, source: str, target: str, tagger: Tagger, marked: Marking
) -> None:
    event = _only(tagger.tag([marked(text)])[0], event_type)
    assert event.modality == modality
    assert source in " ".join(_words(text, event, "source"))
    # whose land is visited or left may be marked as the place: it is taken for the target then
    assert target in " ".join(_words(text, event, "target") + _words(text, event, "place"))


def test_nothing_is_found_where_nothing_happens(tagger: Tagger, marked: Marking) -> None:
    texts = ["The river is four hundred miles long.", "It rained on Monday, and on the day after."]
    assert tagger.tag([marked(text) for text in texts]) == [(), ()]


def test_the_company_of_other_sentences_changes_nothing(tagger: Tagger, marked: Marking) -> None:
    sentences = [
        marked("Kenya expelled two Ugandan diplomats on Monday."),
        marked("It rained on Monday, and on the day after."),
        marked("Egypt accused Sudan of sheltering gunmen, " * 12 + "and left."),
    ]
    together = tagger.tag(sentences)
    assert [tagger.tag([sentence])[0] for sentence in sentences] == together


def test_marks_of_a_sentence(marked: Marking) -> None:
    one = marked("Kenya expelled two Ugandan diplomats in Nairobi on Monday.")
    words = one.sentence.words
    named = dict(zip(words, one.named, strict=True))
    assert (named["Kenya"], named["expelled"], named["Nairobi"], named["Monday"]) == ("state!", "-", "capital!", "date")
    trigger = words.index("expelled")
    assert one.frames == {trigger: "sanction"}
    assert one.roles[trigger][words.index("Kenya")] == "source"
    assert path(one.sentence, words.index("Kenya"), trigger) == "under nsubj"
    assert path(one.sentence, words.index("Ugandan"), trigger) == "under obj"
    assert path(one.sentence, trigger, words.index("diplomats")) == "over"
    assert path(one.sentence, words.index("Kenya"), words.index("diplomats")) == "beside nsubj"


def _held_out() -> list[Example]:
    return list(examples(record for record in records() if is_test(record)))


def test_the_held_out_part_of_the_corpus(tagger: Tagger) -> None:
    held = _held_out()
    found = tagger.tag([e.marked for e in held])
    right = gold = system = real = matched = 0
    for example, events in zip(held, found, strict=True):
        wanted = {(e.type) for e in example.events}
        sure = [e for e in events if e.valid >= 0.5]
        given = {f"{e.type}:{e.kind}" if e.kind else e.type for e in sure}
        right, gold, system = right + len(wanted & given), gold + len(wanted), system + len(given)
        for event in example.events:
            same = [e for e in sure if (f"{e.type}:{e.kind}" if e.kind else e.type) == event.type]
            matched += bool(same)
            real += any(e.modality == event.modality for e in same)
    f1 = 2 * right / (gold + system)
    assert gold > 100
    assert f1 >= FLOOR_DETECT, f1
    assert real / matched >= FLOOR_MODALITY, real / matched


def test_the_corpus_is_whole_and_its_test_part_is_fixed() -> None:
    every = list(records())
    assert len(every) == len({r["id"] for r in every}) == 6_012
    open_to_testing = [r for r in every if r.get("part") != "train"]
    held = [r for r in every if is_test(r)]
    assert len(open_to_testing) == 1_131
    assert 0.08 < len(held) / len(open_to_testing) < 0.18
    clusters = {(r["cluster"], is_test(r)) for r in every if r.get("cluster")}
    assert len(clusters) == len({c for c, _ in clusters}), "one event's articles are on both sides"


def test_tokens_of_the_examples_are_the_words_that_were_marked() -> None:
    for example in examples(list(records())[::60]):
        sentence = example.marked.sentence
        for event in example.events:
            assert event.trigger
            assert all(0 <= first <= last < len(sentence.tokens) for first, last, _ in event.spans)
            assert any(sentence.tokens[i].text[0].isalnum() for i in event.trigger)


def test_the_labels_are_those_of_the_model(tagger: Tagger) -> None:
    shapes = {o.name: o.shape[-1] for o in tagger._read.get_outputs()}
    shapes |= {o.name: o.shape[-1] for o in tagger._answer.get_outputs() if o.name != "valid"}
    states = shapes.pop("states")
    assert states == 384
    assert shapes == {
        "triggers": len(TRIGGER_LABELS),
        "arguments": len(ARGUMENT_LABELS),
        "modality": len(MODALITIES),
    }
