import random
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.report.appearance import APPEARANCE, contrast
from checks.report.depgraph import anchor, dependency_svg
from checks.report.layout import acyclic, layered, layers, spread
from checks.verdict import Ledger, Verdict

GAP, ALONG, BEND, WIDTH = 40.0, 34.0, 9.0, 60.0


def draw(graph: nx.DiGraph):
    return layered(graph, dict.fromkeys(graph, WIDTH), gap=GAP, along=ALONG, bend=BEND)


def random_graph(seed: int, nodes: int = 120, arcs: int = 220) -> nx.DiGraph:
    source = random.Random(seed)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for _ in range(arcs):
        a, b = sorted(source.sample(range(nodes), 2))
        graph.add_edge(a, b)
    return graph


@pytest.mark.parametrize("seed", range(5))
def test_nodes_do_not_overlap_and_arcs_go_right(seed: int) -> None:
    graph = random_graph(seed)
    plan = draw(graph)
    columns: dict[float, list[float]] = {}
    for x, y in plan.places.values():
        columns.setdefault(x, []).append(y)
        assert WIDTH / 2 <= x <= plan.width - WIDTH / 2
        assert 0 <= y <= plan.height
    for ys in columns.values():
        ys.sort()
        assert all(b - a >= ALONG - 1e-6 for a, b in pairwise(ys))
    assert set(plan.paths) == set(graph.edges)
    for points in plan.paths.values():
        xs = [x for x, _ in points]
        assert xs == sorted(xs)
        assert len(set(xs)) == len(xs)


@pytest.mark.parametrize("seed", range(5))
def test_no_arc_passes_through_a_foreign_node(seed: int) -> None:
    # A bend keeps (ALONG + BEND) / 2 from a node's centre; a node is 24 high in the drawing, 12 to each side.
    plan = draw(random_graph(seed))
    for (source, target), points in plan.paths.items():
        for (x0, y0), (x1, y1) in zip(points[1:-1:2], points[2:-1:2], strict=True):
            assert y0 == y1
            for node, (x, y) in plan.places.items():
                if node not in (source, target) and x0 <= x <= x1:
                    assert abs(y - y0) >= (ALONG + BEND) / 2 - 1e-6 > 12


def test_cycles_and_loops_are_broken_not_fatal() -> None:
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "c"), ("c", "d")])
    assert nx.is_directed_acyclic_graph(acyclic(graph))
    assert acyclic(graph).number_of_edges() == 3
    assert set(draw(graph).places) == {"a", "b", "c", "d"}


def test_layer_is_the_longest_path() -> None:
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("e", "d")])
    assert layers(graph) == {"a": 0, "b": 1, "c": 2, "d": 3, "e": 0}


def test_the_empty_graph_is_empty() -> None:
    assert draw(nx.DiGraph()).places == {}


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 20)), min_size=1, max_size=12))
def test_spread_is_feasible_and_optimal(pairs: list[tuple[int, int]]) -> None:
    wanted = [float(w) for w, _ in pairs]
    gaps = [float(g) for _, g in pairs[1:]]
    found = spread(wanted, gaps)
    assert all(b - a >= g - 1e-9 for a, b, g in zip(found, found[1:], gaps, strict=False))
    # Optimal for a convex problem: moving any block between two slack gaps does not lower the cost, that is,
    # the residuals of each tight block sum to zero and no head of a block wants to move up.
    start = 0
    for k in range(1, len(found) + 1):
        if k == len(found) or found[k] - found[k - 1] > gaps[k - 1] + 1e-9:
            heads = [sum(found[i] - wanted[i] for i in range(start, j + 1)) for j in range(start, k)]
            # 12 residuals of at most 50 + 12 * 20, added in floats: an error below 1e-9 by far
            assert abs(heads[-1]) < 1e-9
            assert max(heads) < 1e-9
            start = k


def svg(verdicts: tuple[Verdict, ...]) -> ElementTree.Element:
    return ElementTree.fromstring(str(dependency_svg(verdicts, {v.key: v for v in verdicts})))


def test_graph_marks_missing_and_isolated_claims(ledger: Ledger) -> None:
    root = svg(ledger.verdicts)
    labels = {text.text for text in root.iter("text")}
    assert {"✓ L14", "✗ C16", "≈ T2", "✓n T12", "✗≈ S6", "? S2", "L20 (missing)"} <= labels
    links = {a.get("href") for a in root.iter("a")}
    assert links == {f"#claim-ghosh2023.{v.id}" for v in ledger.verdicts}
    assert root.find(".//text[@class='caption']") is not None


def test_arrows_that_a_chain_implies_are_left_out(ledger: Ledger) -> None:
    arcs = {(p.get("data-from"), p.get("data-to")) for p in svg(ledger.verdicts).iter("path") if p.get("data-from")}
    key = "claim-ghosh2023.{}".format
    assert (key("P15"), key("C16")) in arcs
    assert (key("L14"), key("C16")) not in arcs  # L14 -> P15 -> C16


def test_hostile_ids_are_escaped_and_anchors_stay_distinct(ledger: Ledger) -> None:
    odd = replace(ledger.verdicts[0], id='<b>"&', title="<script>", depends_on=("</svg>",))
    root = svg((odd,))
    assert {t.text for t in root.iter("text")} == {'✓ <b>"&', "</svg> (missing)"}
    assert len({anchor("p.a b"), anchor("p.a-b"), anchor("p.a<b")}) == 3
    assert re.fullmatch(r"[A-Za-z0-9._-]+", anchor(odd.key))


def test_colours_reach_the_contrast_that_they_promise() -> None:
    for look in APPEARANCE.values():
        assert contrast(look.ink, look.paper) >= 4.5
        assert contrast(look.dark_ink, look.dark_paper) >= 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert len({look.mark for look in APPEARANCE.values()}) == len(APPEARANCE)
