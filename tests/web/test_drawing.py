"""What drawings are made of: colours, text, the projection and the outlines of the map, ticks of an axis, places in a network."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.registry import state
from kg.store import open_store
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.pictures import layout, scales, svg
from kg.web.pictures.outlines import outlines
from kg.web.pictures.projection import equal_earth
from server import create_app

SVG = "{http://www.w3.org/2000/svg}"
BASE = Settings().base_iri


def test_every_colour_of_a_drawing_has_its_own_in_the_dark(root: Path) -> None:
    sheet = (root / "kg" / "web" / "static" / "pictures.css").read_text(encoding="utf-8")
    ruled = set(re.findall(r"\.picture \.(\w+)", sheet)) | set(re.findall(r", \.picture \.(\w+)", sheet))
    coloured = {name for name, look in svg.LOOKS.items() if {"fill", "stroke"} & look.keys() and "#" in str(look)}
    assert coloured <= ruled


def test_text_is_escaped(tmp_path: Path) -> None:
    settings, graph = Settings(store=tmp_path / "store"), ox.NamedNode(f"{BASE}graph/article/x")
    node, label = ox.NamedNode(f"{BASE}id/event/x-e1"), '</title><script>alert("1")</script> & more'
    date = ox.NamedNode(PREFIXES["xsd"] + "date")
    facts = {
        PREFIXES["rdf"] + "type": ox.NamedNode(DIPL + "Event"),
        PREFIXES["rdfs"] + "label": ox.Literal(label),
        DIPL + "modality": ox.NamedNode(DIPL + "modality-actual"),
        DIPL + "quadClass": ox.Literal(1),
        DIPL + "earliestDate": ox.Literal("2020-02-03", datatype=date),
        DIPL + "latestDate": ox.Literal("2020-02-03", datatype=date),
    }
    with open_store(settings) as store:
        store.replace_graphs({graph: [ox.Quad(node, ox.NamedNode(p), o, graph) for p, o in facts.items()]})
    app = create_app(settings)
    text, drawing = app.test_client().get("/timeline").text, app.test_client().get("/timeline.svg").data
    app.extensions["kg"].close()
    assert "<script>alert" not in text
    assert html.escape("<script>", quote=False) in text
    assert label in "".join(e.text or "" for e in ET.fromstring(drawing).iter(f"{SVG}title"))


def test_equal_earth() -> None:
    # corners of the sphere, from the paper's Figure 4 and equations: width 2 × 2.7066, height 2 × 1.3173
    assert equal_earth(0, 0) == (0, 0)
    assert equal_earth(180, 0) == pytest.approx((2.70663, 0), abs=1e-4)
    assert equal_earth(0, 90) == pytest.approx((0, 1.31736), abs=1e-4)
    # areas are true: a cell of ten degrees at the equator and one far north, against their areas on the sphere
    from math import radians, sin

    for south in (0.0, 60.0):
        (x1, y1), (x2, y2) = equal_earth(10, south), equal_earth(10, south + 0.1)
        area = (x1 + x2) / 2 * (y2 - y1)
        assert area == pytest.approx(radians(10) * (sin(radians(south + 0.1)) - sin(radians(south))), rel=1e-3)


def test_outlines_are_of_states_and_do_not_cross_the_map() -> None:
    found = outlines()
    assert len(found) > 170
    assert [code for code in found if code and not state(code)] == []
    steps = [abs(a[0] - b[0]) for rings in found.values() for ring in rings for a, b in itertools.pairwise(ring)]
    assert max(steps) < 60
    # a point in the middle of each is where it should be: Ulan Bator's longitude lies within Mongolia's
    longitudes = [x for ring in found["MNG"] for x, _ in ring]
    assert min(longitudes) < 106.9 < max(longitudes)


def test_ticks_stand_where_years_and_months_begin() -> None:
    years = scales.Days(dt.date(1990, 5, 1), dt.date(2020, 5, 1), 0, 900)
    assert [t.words for t in years.ticks()] == ["1995", "2000", "2005", "2010", "2015", "2020"]
    assert years.at(dt.date(1990, 5, 1)) == 0
    months = scales.Days(dt.date(2016, 1, 1), dt.date(2016, 12, 31), 0, 900)
    assert [t.words for t in months.ticks()] == "Jan 2016,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec".split(",")
    days = scales.Days(dt.date(2016, 1, 30), dt.date(2016, 2, 2), 0, 400)
    assert [t.words for t in days.ticks()] == ["30 Jan 2016", "31 Jan", "1 Feb", "2 Feb"]
    assert scales.nice(3) == [0, 1, 2, 3]
    assert scales.nice(230) == [0, 100, 200, 300]


def test_labels_of_a_network_do_not_lie_on_each_other() -> None:
    import numpy as np

    edges = [(0, n, 0.5) for n in range(1, 12)] + [(n, n + 1, 0.2) for n in range(1, 11)]
    boxes = np.tile([40.0, 40.0, 8.0, 24.0], (12, 1))
    places = layout.placed(12, edges, (900, 500), boxes)
    assert (places == layout.placed(12, edges, (900, 500), boxes)).all()
    assert (places[:, 0] >= 40).all()
    assert (places[:, 0] <= 860).all()
    for one in range(12):
        for other in range(one):
            apart = np.abs(places[one] - places[other])
            assert apart[0] >= 80 or apart[1] >= 32, (one, other)
