import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.report import PlotError, plot_pdf, plot_svg

LINES = {"series": [{"label": "$\\eta$", "x": [0, 1, "5/2"], "y": ["1/3", 2, 0.5]}], "xlabel": "step $t$"}
POINTS = {**LINES, "kind": "points", "yscale": "log"}
CONTOUR = {
    "kind": "contour",
    "grid": {"x": [0, 1, 2], "y": [0, 1], "z": [[0, 1, 2], [1, 3, 5]]},
    "levels": [1, 0, 3],
}


@pytest.mark.parametrize("plot", [LINES, POINTS, CONTOUR])
def test_a_plot_is_well_formed_and_takes_the_page_s_colour(plot: dict) -> None:
    text = plot_svg(plot)
    assert ElementTree.fromstring(text[text.index("<svg") :]).tag == "{http://www.w3.org/2000/svg}svg"
    assert "currentColor" in text
    assert "#010203" not in text


def test_svg_has_the_same_bytes_in_another_process() -> None:
    program = f"import sys; from checks.report import plot_svg; sys.stdout.write(plot_svg({CONTOUR!r}))"
    root = Path(__file__).parents[3]
    other = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=True, text=True)
    assert other.stdout == plot_svg(CONTOUR)
    assert "dc:date" not in other.stdout


def test_pdf_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = (plot_pdf(LINES, tmp_path / name).read_bytes() for name in ("a.pdf", "b.pdf"))
    assert one == two
    assert one.startswith(b"%PDF")
    assert b"CreationDate" not in one


def test_a_label_that_matplotlib_cannot_set_is_shown_as_source() -> None:
    plot_svg({**LINES, "xlabel": r"$\mystery{$", "title": "costs $5"})


@pytest.mark.parametrize(
    ("plot", "cause"),
    [
        ({"kind": "pie"}, "`kind` is 'pie'"),
        ({}, "`series` is empty or missing"),
        ({"series": [{"x": [1, 2], "y": [1]}]}, "series 1 has 2 values of x and 1 of y"),
        ({"series": [{"x": [1], "y": ["a"]}]}, "`y` of series 1 holds what is no number"),
        ({"series": [{"x": [1], "y": ["1/0"]}]}, "`y` of series 1 holds what is no number"),
        ({"series": [{"y": [1]}]}, "`x` of series 1 is NoneType"),
        ({"kind": "contour"}, "needs `grid`"),
        ({"kind": "contour", "grid": {"x": [0, 1], "y": [0, 1], "z": [[0, 1]]}}, "a row for each of the 2"),
        (
            {"kind": "contour", "grid": {"x": [0, 1], "y": [0, 1], "z": [[0, 1], [1]]}},
            "a value for each of the 2",
        ),
        ({"kind": "contour", "grid": {"x": [0, 1], "y": [0, 1], "z": [[1, 1], [1, 1]]}}, "constant"),
        ({**LINES, "xscale": "cubic"}, "`xscale` is 'cubic'"),
    ],
)
def test_what_is_no_plot_names_the_entry(plot: dict, cause: str) -> None:
    with pytest.raises(PlotError, match=cause):
        plot_svg(plot)
