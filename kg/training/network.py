"""The tagger's network: a pretrained encoder cut in two, its upper half twice, and what is read from their states."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import nn
from transformers import BertModel

from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, NAMED, PATHS, RELATIONS, ROLES, TRIGGER_LABELS

#: Layers of the encoder below the cut; what they give is the same whatever is asked.
SHARED = 3


def _marks(labels: tuple[str, ...] | list[str], size: int, scale: float = 0.05) -> nn.Embedding:
    """Vectors that are added to the states of marked pieces; ``scale`` is theirs beside the states', whose own is about 0.5."""
    made = nn.Embedding(len(labels), size)
    nn.init.normal_(made.weight, std=scale)
    return made


class Reader(nn.Module):  # type: ignore[misc]
    """Word pieces and their marks -> states below the cut, and a score of each label of a trigger for each piece."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.embeddings = encoder.embeddings
        self.lower, self.upper = encoder.encoder.layer[:SHARED], encoder.encoder.layer[SHARED:]
        self.named, self.relations, self.frames = (_marks(x, size) for x in (NAMED, RELATIONS, TRIGGER_LABELS))
        self.drop = nn.Dropout(0.15)
        self.triggers = nn.Linear(size, len(TRIGGER_LABELS))

    def forward(
        self,
        ids: torch.Tensor,
        named: torch.Tensor,
        relations: torch.Tensor,
        frames: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.embeddings(input_ids=ids)
        states = states + self.named(named) + self.relations(relations) + self.frames(frames)
        for layer in self.lower:
            states = layer(states, attention_mask=mask)
        above = states
        for layer in self.upper:
            above = layer(above, attention_mask=mask)
        return states, self.triggers(self.drop(above))


class Answerer(nn.Module):  # type: ignore[misc]
    """States below the cut and a trigger -> labels of its arguments, its modality, and whether it is an event of the type."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.upper = copy.deepcopy(encoder.encoder.layer[SHARED:])
        self.marks, self.types = _marks(("-", "trigger"), size, 0.4), _marks(TRIGGER_LABELS, size, 0.3)
        self.paths, self.roles = _marks(PATHS, size, 0.15), _marks(ROLES, size, 0.15)
        self.drop = nn.Dropout(0.15)
        self.arguments = nn.Linear(size, len(ARGUMENT_LABELS))
        self.modality = nn.Linear(size, len(MODALITIES))
        self.valid = nn.Linear(size, 1)

    def forward(
        self,
        states: torch.Tensor,
        marked: torch.Tensor,
        types: torch.Tensor,
        paths: torch.Tensor,
        roles: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, ...]:
        where = marked.unsqueeze(-1).to(states.dtype)
        asked = self.marks(marked) + self.paths(paths) + self.roles(roles) + where * self.types(types).unsqueeze(1)
        states = states + asked
        for layer in self.upper:
            states = layer(states, attention_mask=mask)
        states = self.drop(states)
        trigger = (states * where).sum(1) / where.sum(1).clamp(min=1)
        return self.arguments(states), self.modality(trigger), self.valid(trigger).squeeze(-1)


def additive(mask: torch.Tensor) -> torch.Tensor:
    """A mask of ones and zeros as what is added to the scores of attention."""
    return (1.0 - mask[:, None, None, :].float()) * -1e4


def export(reader: Reader, answerer: Answerer, folder: Path) -> None:
    """Write both halves as ONNX with 8-bit weights; without a mask, for one sentence at a time."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    one = torch.ones(1, 9, dtype=torch.long)
    length = {1: "length"}
    states, _ = reader.eval()(one, one, one, one)
    names = ["ids", "named", "relations", "frames"]
    halves = (
        ("read", reader, (one, one, one, one), names, dict.fromkeys([*names, "states", "triggers"], length)),
        (
            "answer",
            answerer.eval(),
            (states, one.repeat(2, 1), torch.ones(2, dtype=torch.long), one.repeat(2, 1), one.repeat(2, 1)),
            ["states", "marked", "types", "paths", "roles"],
            {"states": length, "types": {0: "events"}, "modality": {0: "events"}, "valid": {0: "events"}}
            | {n: {0: "events", 1: "length"} for n in ("marked", "paths", "roles", "arguments")},
        ),
    )
    for name, half, sample, inputs, axes in halves:
        outputs = [n for n in axes if n not in inputs]
        if name == "answer":
            outputs = ["arguments", "modality", "valid"]
        full = folder / f"{name}.full.onnx"
        torch.onnx.export(
            half,
            sample,
            str(full),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(full, folder / f"{name}.onnx", weight_type=QuantType.QInt8)
        full.unlink()
