"""A layered drawing of a directed graph: layers by longest path, few crossings, no overlaps.

The four steps of Sugiyama, Tagawa and Toda (1981), with the smallest member of each: cycles are broken at the
arc that closes them; a node's layer is the length of the longest path to it; arcs over several layers get a
bend in each; layers are swept back and forth, each node moving to the mean of its neighbours.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx

Node = Hashable
Point = tuple[float, float]
_SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """Where everything goes.

    Attributes
    ----------
    places
        Centre of each node.
    paths
        For each arc, its points from the source's centre to the target's. It crosses each column between
        them on a level line, given by two points, so that it touches no node there.
    width, height
        Size of the drawing; all nodes lie inside it, half a node and half a gap from its border at least.
    """

    places: Mapping[Node, Point]
    paths: Mapping[tuple[Node, Node], tuple[Point, ...]]
    width: float
    height: float


def acyclic(graph: nx.DiGraph) -> nx.DiGraph:
    """Return a copy without self-loops and without the arcs that close a cycle in depth-first order."""
    copy = nx.DiGraph()
    copy.add_nodes_from(graph.nodes)
    copy.add_edges_from((a, b) for a, b in graph.edges if a != b)
    while True:
        try:
            cycle = nx.find_cycle(copy)
        except nx.NetworkXNoCycle:
            return copy
        copy.remove_edge(*cycle[-1][:2])


def layers(graph: nx.DiGraph) -> dict[Node, int]:
    """Return the length of the longest path that ends in each node of an acyclic graph."""
    layer: dict[Node, int] = {}
    for node in nx.topological_sort(graph):
        layer[node] = max((layer[before] + 1 for before in graph.predecessors(node)), default=0)
    return layer


def layered(graph: nx.DiGraph, widths: Mapping[Any, float], *, gap: float, along: float, bend: float) -> Layout:
    """Draw ``graph``, its layers as columns from left to right.

    Parameters
    ----------
    graph
        Any directed graph; arcs that close cycles are left out of the drawing.
    widths
        Width of each node; a column is as wide as its widest.
    gap
        Distance of two columns.
    along
        Least distance of the centres of two nodes in a column.
    bend
        Least distance of a bend from its neighbours in a column.
    """
    graph = acyclic(graph)
    if not graph:
        return Layout({}, {}, 0.0, 0.0)
    layer = layers(graph)
    # A source that serves only a late layer stands just before it: short arcs cross less.
    for node in graph.nodes:
        if graph.out_degree(node) and not graph.in_degree(node):
            layer[node] = min(layer[after] for after in graph.successors(node)) - 1
    bent, chains = _with_bends(graph, layer)
    columns = _ordered(bent, layer)
    heights = _heights(bent, columns, set(graph.nodes), along=along, bend=bend)
    top = min(heights.values())
    place: dict[Node, Point] = {}
    stops: dict[Node, tuple[Point, ...]] = {}
    left = gap / 2
    for column in columns:
        width = max(widths.get(node, 0.0) for node in column)
        for node in column:
            y = heights[node] - top + along / 2
            place[node] = (left + width / 2, y)
            stops[node] = (place[node],) if node in graph else ((left, y), (left + width, y))
        left += width + gap
    paths = {arc: tuple(point for node in chain for point in stops[node]) for arc, chain in chains.items()}
    height = max(y for _, y in place.values()) + along / 2
    return Layout({n: place[n] for n in graph.nodes}, paths, left - gap / 2, height)


def _with_bends(
    graph: nx.DiGraph, layer: dict[Node, int]
) -> tuple[nx.DiGraph, dict[tuple[Node, Node], tuple[Node, ...]]]:
    """Return the graph with a bend for every layer that an arc passes, and the chain of each arc.

    Bends enter ``layer``. Arcs with the same source share their bends, so that they leave it as one bundle.
    """
    bent = nx.DiGraph()
    bent.add_nodes_from(graph.nodes)
    chains: dict[tuple[Node, Node], tuple[Node, ...]] = {}
    for source, target in graph.edges:
        chain: list[Node] = [source]
        for between in range(layer[source] + 1, layer[target]):
            bend = ("bend", source, between)
            layer[bend] = between
            chain.append(bend)
        chain.append(target)
        nx.add_path(bent, chain)
        chains[source, target] = tuple(chain)
    return bent, chains


def _ordered(graph: nx.DiGraph, layer: Mapping[Node, int]) -> list[list[Node]]:
    """Return the layers, each in an order found by barycentre sweeps; the one with fewest crossings wins."""
    columns: list[list[Node]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in nx.topological_sort(graph):
        columns[layer[node]].append(node)
    best, fewest = [list(c) for c in columns], _crossings(graph, columns)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = graph.predecessors if forward else graph.successors
        indices = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for index in indices:
            rank = {node: k for k, node in enumerate(columns[index - 1 if forward else index + 1])}
            own = {node: k for k, node in enumerate(columns[index])}
            centre = {
                node: _mean([rank[n] for n in neighbours(node) if n in rank], default=own[node])
                for node in columns[index]
            }
            columns[index].sort(key=lambda node, centre=centre: centre[node])  # type: ignore[misc]
        crossings = _crossings(graph, columns)
        if crossings < fewest:
            best, fewest = [list(c) for c in columns], crossings
    return best


def _crossings(graph: nx.DiGraph, columns: Sequence[Sequence[Node]]) -> int:
    """Return how many pairs of arcs between neighbouring layers cross."""
    total = 0
    for left, right in pairwise(columns):
        rank = {node: k for k, node in enumerate(right)}
        ends = [k for node in left for k in sorted(rank[n] for n in graph.successors(node))]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _heights(
    graph: nx.DiGraph, columns: Sequence[Sequence[Node]], real: set[Node], *, along: float, bend: float
) -> dict[Node, float]:
    """Return the height of each node: as near to the mean of its neighbours as its column's order allows."""
    height = {node: k * along for column in columns for k, node in enumerate(column)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = [
                _mean(
                    [height[n] for n in (*graph.predecessors(node), *graph.successors(node))],
                    default=height[node],
                )
                for node in column
            ]
            room = [along if node in real else bend for node in column]
            gaps = [(a + b) / 2 for a, b in pairwise(room)]
            height.update(zip(column, spread(wanted, gaps), strict=True))
    return height


def spread(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    r"""Return the positions nearest to ``wanted`` that keep their order and distances.

    Minimises $\sum_i (y_i - w_i)^2$ subject to $y_{i+1} - y_i \ge g_i$: an isotonic regression of
    $w_i - \sum_{j<i} g_j$, by pooling adjacent violators.

    Examples
    --------
    >>> spread([0.0, 0.0, 5.0], [1.0, 1.0])
    [-0.5, 0.5, 5.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for value, offset in zip(wanted, offsets, strict=False):
        mean, size = value - offset, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    means = [mean for mean, size in pools for _ in range(size)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def _mean(values: Sequence[float], *, default: float) -> float:
    return sum(values) / len(values) if values else default
