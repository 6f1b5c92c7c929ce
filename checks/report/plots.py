"""Plots from the ``plot`` entry of evidence data, as SVG text for the page and as PDF for TeX.

A plot is a JSON-able mapping::

    {"kind": "lines" | "points" | "contour",                # default: lines
     "series": [{"label": text, "x": [...], "y": [...]}, ...],
     "grid": {"x": [...], "y": [...], "z": [[...], ...]},   # contour: z has a row for each y
     "levels": [...],                                       # contour, optional
     "xlabel": text, "ylabel": text, "title": text,         # optional; mathematics between dollar signs
     "xscale": "linear" | "log", "yscale": ...}             # optional

Numbers may be exact texts such as ``"1/5"``. The same mapping gives the same bytes: ids are hashed with a
fixed salt and no date is written.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.report.errors import PlotError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Mid tones that stand out on white and on near-black; dashes and markers differ too, so colour never
# speaks alone.
COLOURS = ("#2f6fd0", "#c8531c", "#2a8f5b", "#a24bb0", "#8a7a00", "#c2417c", "#3a8fa3", "#7d7d7d")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)), (0, (3, 5)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_INK = "#010203"  # replaced by currentColor in SVG, so that a plot follows the page's colour
_SIZE = (6.0, 3.5)
_RC: dict[Any, Any] = {
    "svg.hashsalt": "gdproof",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "mathtext.fontset": "dejavusans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlesize": 10.0,
    "axes.titlecolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": "#808080",
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "axes.unicode_minus": True,
    "path.simplify": True,
}


def plot_svg(plot: Mapping[str, Any]) -> str:
    """Return the plot as SVG text in the colour of the text around it.

    Raises
    ------
    PlotError
        If the mapping does not describe a plot; the message names the entry.
    """
    import matplotlib

    stream = io.StringIO()
    with matplotlib.rc_context(_RC):
        figure = _figure(plot)
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return stream.getvalue().replace(_INK, "currentColor")


def plot_pdf(plot: Mapping[str, Any], path: Path) -> Path:
    """Write the plot to ``path`` as PDF; raises `PlotError` as `plot_svg` does."""
    import matplotlib

    with matplotlib.rc_context(_RC):
        figure = _figure(plot)
        figure.savefig(path, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return path


def _figure(plot: Mapping[str, Any]) -> Figure:
    from matplotlib.figure import Figure

    kind = plot.get("kind", "lines")
    if kind not in ("lines", "points", "contour"):
        raise PlotError(f"`kind` is {kind!r}; what works: 'lines', 'points', 'contour'")
    figure = Figure(figsize=_SIZE)
    axes = figure.add_subplot()
    for name in ("xscale", "yscale"):
        if plot.get(name, "linear") not in ("linear", "log"):
            raise PlotError(f"`{name}` is {plot[name]!r}; what works: 'linear', 'log'")
    axes.set_xscale(plot.get("xscale", "linear"))
    axes.set_yscale(plot.get("yscale", "linear"))
    if kind == "contour":
        _draw_contour(figure, axes, plot)
    series = plot.get("series", ())
    if kind != "contour" and not series:
        raise PlotError("`series` is empty or missing; what works: [{'label': ..., 'x': [...], 'y': [...]}]")
    for index, entry in enumerate(series):
        _draw_series(axes, entry, index, points=kind == "points")
    if any(str(entry.get("label", "")) for entry in series):
        axes.legend()
    axes.set_xlabel(_label(plot.get("xlabel", "")))
    axes.set_ylabel(_label(plot.get("ylabel", "")))
    axes.set_title(_label(plot.get("title", "")))
    axes.grid(kind != "contour")
    return figure


def _draw_series(axes: Axes, entry: Mapping[str, Any], index: int, *, points: bool) -> None:
    where = f"series {index + 1}"
    x, y = _numbers(entry.get("x"), f"`x` of {where}"), _numbers(entry.get("y"), f"`y` of {where}")
    if len(x) != len(y):
        raise PlotError(f"{where} has {len(x)} values of x and {len(y)} of y; what works: as many of each")
    colour = COLOURS[index % len(COLOURS)]
    label = _label(entry.get("label", "")) or "_nolegend_"
    if points:
        marker = _MARKERS[index % len(_MARKERS)]
        axes.plot(x, y, linestyle="none", marker=marker, markersize=4, color=colour, label=label)
    else:
        axes.plot(x, y, linestyle=_DASHES[index % len(_DASHES)], linewidth=1.6, color=colour, label=label)


def _draw_contour(figure: Figure, axes: Axes, plot: Mapping[str, Any]) -> None:
    grid = plot.get("grid")
    if not isinstance(grid, Mapping):
        raise PlotError("a contour plot needs `grid`: {'x': [...], 'y': [...], 'z': [[...], ...]}")
    x, y = _numbers(grid.get("x"), "`x` of grid"), _numbers(grid.get("y"), "`y` of grid")
    rows = grid.get("z")
    if not isinstance(rows, Sequence) or len(rows) != len(y):
        raise PlotError(f"`z` of grid needs a row for each of the {len(y)} values of y")
    z = [_numbers(row, f"row {k + 1} of `z`") for k, row in enumerate(rows)]
    if any(len(row) != len(x) for row in z):
        raise PlotError(f"each row of `z` needs a value for each of the {len(x)} values of x")
    if len(x) < 2 or len(y) < 2:
        raise PlotError("a contour plot needs at least two values of x and two of y")
    levels = _numbers(plot["levels"], "`levels`") if plot.get("levels") else None
    if min(map(min, z)) == max(map(max, z)):
        raise PlotError("`z` of grid is constant: there is no contour to draw")
    filled = axes.contourf(x, y, z, levels=sorted(levels) if levels else None, cmap="viridis", alpha=0.85)
    axes.contour(x, y, z, levels=filled.levels, colors="#ffffff", linewidths=0.5, linestyles="solid")
    figure.colorbar(filled, ax=axes)


def _numbers(values: Any, name: str) -> list[float]:
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise PlotError(f"{name} is {type(values).__name__}; what works: a list of numbers, not empty")
    try:
        return [float(Fraction(v)) if isinstance(v, str) else float(v) for v in values]
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise PlotError(f"{name} holds what is no number: {error}") from error


def _label(text: object) -> str:
    """Return a label that matplotlib can set; mathematics that it cannot is shown as source."""
    from matplotlib.mathtext import MathTextParser

    label = str(text)
    try:
        MathTextParser("path").parse(label)
    except ValueError:
        return label.replace("$", r"\$")
    return label
