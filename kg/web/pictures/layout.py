"""Where the nodes of a small network stand: a force layout that gives the same places each time.

Fruchterman and Reingold 1991, "Graph Drawing by Force-directed Placement", Software: Practice and Experience 21, with a pull to
the middle that keeps parts without a link to the rest in sight, and room for each node's label at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
_STEPS, _APART, _EVEN = 400, 60, 0.5


def placed(number: int, edges: Sequence[tuple[int, int, float]], size: tuple[float, float], boxes: Points) -> Points:
    """Places for nodes.

    Args:
        number: how many nodes there are; the first ones are the weightiest.
        edges: pairs of nodes, with how strongly they draw together, from 0 to 1.
        size: width and height that the places lie in.
        boxes: for each node how far it and its label reach: left, right, up and down.
    """
    places = _forces(number, edges, size[0] / size[1])
    low, high = places.min(axis=0), places.max(axis=0)
    inner = np.array(size) - np.array([boxes[:, 0].max() + boxes[:, 1].max(), boxes[:, 2].max() + boxes[:, 3].max()])
    spread = np.where(high - low > 1e-9, high - low, 1.0)
    # half where the forces put it, half by its rank from left to right and from top to bottom: that spreads a crowd in the middle
    rank = places.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") / max(number - 1, 1)
    places = ((1 - _EVEN) * (places - low) / spread + _EVEN * rank) * np.maximum(inner, 10)
    places = places + np.array([boxes[:, 0].max(), boxes[:, 2].max()])
    return _parted(places, boxes, size)


def _start(number: int) -> Points:
    """A spiral of Fermat, the weightiest in the middle: no chance is needed to begin apart."""
    turn = np.pi * (3 - 5**0.5) * np.arange(number)
    out = (np.arange(number) + 0.5) ** 0.5
    places: Points = np.column_stack([out * np.cos(turn), out * np.sin(turn)]) / max(number, 1) ** 0.5
    return places


def _forces(number: int, edges: Sequence[tuple[int, int, float]], aspect: float) -> Points:
    places, ideal = _start(number), 1.5 / max(number, 1) ** 0.5
    pull = np.zeros((number, number))
    for one, other, strength in edges:
        pull[one, other] = pull[other, one] = 0.35 + 0.65 * strength
    # a wide picture has more room to the sides: what is further apart there counts as near
    stretch = np.array([1.0, aspect**0.75])
    for step in range(_STEPS):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((apart**2).sum(axis=2)) + 1e-9
        force = ideal**2 / distance**2 - pull * distance / ideal
        moves = (apart * force[:, :, None]).sum(axis=1) - places * stretch * 0.9
        length = np.sqrt((moves**2).sum(axis=1)) + 1e-9
        heat = 0.12 * (1 - step / _STEPS) + 0.002
        places = places + moves / length[:, None] * np.minimum(length * 0.1, heat)[:, None]
    return places


def _parted(places: Points, boxes: Points, size: tuple[float, float]) -> Points:
    """Moved apart, the shorter way, where boxes lie on each other, and kept inside."""
    low, high = boxes[:, [0, 2]] + 2, np.array(size) - boxes[:, [1, 3]] - 2
    for _ in range(_APART):
        # how far each box reaches into each other one that lies to its right, or below it; on equal places the later one does
        apart = places[None, :, :] - places[:, None, :]
        later = np.triu(np.ones((len(places), len(places)), dtype=bool), 1)[:, :, None]
        after = (apart > 0) | ((apart == 0) & later)
        reach = (
            np.stack([boxes[:, None, 1] + boxes[None, :, 0] + 4, boxes[:, None, 3] + boxes[None, :, 2] + 2], axis=2)
            - apart
        )
        back = (
            np.stack([boxes[:, None, 0] + boxes[None, :, 1] + 4, boxes[:, None, 2] + boxes[None, :, 3] + 2], axis=2)
            + apart
        )
        into = np.where(after, reach, back)
        meet = np.asarray((into > 0).all(axis=2)) & ~np.eye(len(places), dtype=bool)
        if not meet.any():
            break
        sideways = into[:, :, 0] < into[:, :, 1] * 1.2
        push = np.where(np.stack([meet & sideways, meet & ~sideways], axis=2), into, 0.0) * np.where(after, -0.5, 0.5)
        places = np.clip(places + push.sum(axis=1), low, high)
    return places
