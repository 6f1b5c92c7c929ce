"""The dependency graph of a paper's claims as SVG: nodes marked by status and linked to their sections."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
from markupsafe import Markup, escape

from checks.report.appearance import APPEARANCE
from checks.report.layout import Point, acyclic, layered
from checks.verdict import Verdict

_HEIGHT = 24.0
_LETTER = 7.6
_COLUMN_GAP = 40.0
_ROW_GAP = 10.0
_BEND_GAP = 9.0
_GRID_WIDTH = 1100.0
_LONGEST_LABEL = 14


@dataclass(frozen=True)
class _Node:
    label: str
    title: str
    style: str
    link: str | None


def anchor(key: str) -> str:
    """Return the HTML id of a claim's section; distinct keys get distinct ids."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", key)
    return f"claim-{safe}" if safe == key else f"claim-{safe}-{zlib.crc32(key.encode()):08x}"


def full_key(verdict: Verdict, reference: str, known: Mapping[str, Verdict]) -> str:
    """Return the key that an entry of ``depends_on`` means: an id of the same paper, or a full key."""
    own = f"{verdict.paper}.{reference}"
    return reference if own not in known and reference in known else own


def dependency_svg(verdicts: Sequence[Verdict], known: Mapping[str, Verdict]) -> Markup:
    """Return the dependency graph of ``verdicts`` as an ``<svg>`` element.

    An arrow leads from a claim to one that uses it; an arrow that a chain of others implies is left out. A
    claim named in ``depends_on`` that no verdict judges is drawn dashed and marked "missing". Claims without
    any dependency stand in a grid below.

    Parameters
    ----------
    verdicts
        The claims to draw.
    known
        All verdicts of the ledger by key; an entry of another paper is drawn and linked too.
    """
    graph = nx.DiGraph()
    for verdict in verdicts:
        graph.add_node(verdict.key)
        for reference in verdict.depends_on:
            graph.add_edge(full_key(verdict, reference, known), verdict.key)
    paper = verdicts[0].paper if verdicts else ""
    nodes = {key: _node(key, paper, known) for key in graph}
    graph = nx.transitive_reduction(acyclic(graph))
    lone = [v.key for v in verdicts if graph.degree(v.key) == 0]
    graph.remove_nodes_from(lone)

    widths = {key: _width(nodes[key]) for key in graph}
    plan = layered(graph, widths, gap=_COLUMN_GAP, along=_HEIGHT + _ROW_GAP, bend=_BEND_GAP)
    marker = f"arrow-{zlib.crc32(paper.encode()):08x}"
    parts = [_arc(nodes, a, b, points, marker) for (a, b), points in plan.paths.items()]
    parts += [_box(nodes[str(key)], anchor(str(key)), place) for key, place in plan.places.items()]
    grid, width, height = _grid([(key, nodes[key]) for key in lone], top=plan.height, wide=max(plan.width, _GRID_WIDTH))
    return Markup(
        '<svg class="graph" role="img" aria-label="Dependency graph of {count} claims" '
        'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
        '<defs><marker id="{marker}" class="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 1 8 4 0 7Z"/></marker></defs>{parts}{grid}</svg>'
    ).format(
        count=len(verdicts),
        width=max(plan.width, width, 1.0),
        height=max(height, 1.0),
        marker=marker,
        parts=Markup("").join(parts),
        grid=grid,
    )


def _node(key: str, paper: str, known: Mapping[str, Verdict]) -> _Node:
    short = key.removeprefix(f"{paper}.")
    verdict = known.get(key)
    if verdict is None:
        brief = short if len(short) <= _LONGEST_LABEL else f"{short[: _LONGEST_LABEL - 1]}…"
        return _Node(f"{brief} (missing)", f"{key}: no verdict in this ledger", "missing", None)
    look = APPEARANCE[verdict.status]
    return _Node(
        f"{look.mark} {short}",
        f"{key}, {look.word}: {verdict.title}",
        verdict.status.value,
        f"#{anchor(key)}",
    )


def _width(node: _Node) -> float:
    return _LETTER * len(node.label) + 16


def _box(node: _Node, identity: str, place: Point) -> Markup:
    """Return one node, centred at ``place``."""
    width = _width(node)
    x, y = place[0] - width / 2, place[1] - _HEIGHT / 2
    body = Markup(
        '<g class="node {style}" data-node="{identity}"><title>{title}</title>'
        '<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.0f}" rx="5"/>'
        '<text x="{cx:.1f}" y="{cy:.1f}">{label}</text></g>'
    ).format(
        style=node.style,
        identity=identity,
        title=node.title,
        x=x,
        y=y,
        width=width,
        height=_HEIGHT,
        cx=place[0],
        cy=place[1] + 4.5,
        label=node.label,
    )
    return Markup('<a href="{}">{}</a>').format(node.link, body) if node.link else body


def _arc(nodes: Mapping[str, _Node], source: object, target: object, points: Sequence[Point], marker: str) -> Markup:
    """Return one arrow: a smooth curve, level at its ends and where it passes a column."""
    start = (points[0][0] + _width(nodes[str(source)]) / 2, points[0][1])
    end = (points[-1][0] - _width(nodes[str(target)]) / 2, points[-1][1])
    stops = [start, *points[1:-1], end]
    path = f"M{start[0]:.1f} {start[1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(stops):
        middle = (x0 + x1) / 2
        path += f"H{x1:.1f}" if y0 == y1 else f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return Markup('<path class="arc" d="{}" data-from="{}" data-to="{}" marker-end="url(#{})"/>').format(
        path, anchor(str(source)), anchor(str(target)), marker
    )


def _grid(nodes: Sequence[tuple[str, _Node]], *, top: float, wide: float) -> tuple[Markup, float, float]:
    """Return the claims without dependencies as rows of nodes below ``top``, with width and lowest point."""
    if not nodes:
        return Markup(""), 0.0, top
    cell = max(_width(node) for _, node in nodes) + 12
    across = max(1, int(wide // cell))
    first = top + 34
    parts = [
        Markup('<text class="caption" x="4" y="{:.1f}">{}</text>').format(
            first - 12, escape("Neither depends on a claim nor is used by one:")
        )
    ]
    for index, (key, node) in enumerate(nodes):
        row, column = divmod(index, across)
        place = (column * cell + cell / 2, first + row * (_HEIGHT + _ROW_GAP) + _HEIGHT / 2)
        parts.append(_box(node, anchor(key), place))
    rows = -(-len(nodes) // across)
    return Markup("").join(parts), min(len(nodes), across) * cell, first + rows * (_HEIGHT + _ROW_GAP)
