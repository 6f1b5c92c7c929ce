"""How a status looks in every report: a word, a mark and colours, so that colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass

from checks.verdict import Status


@dataclass(frozen=True)
class Appearance:
    """The looks of one status.

    Attributes
    ----------
    word
        The status as a reader sees it.
    mark
        One or two characters that stand before the word, and in the nodes of the dependency graph.
    ink, paper
        Text and background colour on a light page (contrast at least 4.5 : 1, the AA threshold of WCAG).
    dark_ink, dark_paper
        The same on a dark page.
    terminal
        A style of the ``rich`` library.
    """

    word: str
    mark: str
    ink: str
    paper: str
    dark_ink: str
    dark_paper: str
    terminal: str


APPEARANCE: dict[Status, Appearance] = {
    Status.PROVED: Appearance("proved", "✓", "#0b5d2a", "#dff3e4", "#8fe3a8", "#12331d", "bold green"),
    Status.PROVED_FOR: Appearance("proved for listed sizes", "✓n", "#0a5560", "#d9f1f4", "#84dbe6", "#0f3238", "cyan"),
    Status.SUPPORTED: Appearance("supported by runs", "≈", "#1d4893", "#e1eafb", "#a3c1ff", "#182a4d", "blue"),
    Status.REFUTED: Appearance("refuted", "✗", "#9c1414", "#fde3e3", "#ff9d9d", "#471717", "bold red"),
    Status.REFUTED_STATISTICALLY: Appearance(
        "refuted by runs", "✗≈", "#853600", "#fde8d6", "#ffb781", "#44260f", "red"
    ),
    Status.UNDECIDED: Appearance("undecided", "?", "#484848", "#e9e9e6", "#cfcfca", "#343430", "bold yellow"),
}


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, between 0 (black) and 1 (white), as WCAG 2 defines it."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[k : k + 2], 16)) for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, paper: str) -> float:
    """Return the contrast ratio of two colours, between 1 and 21, as WCAG 2 defines it."""
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def status_css() -> str:
    """Return the style rules that give each status its colours, on light and dark pages."""

    def rules(dark: bool) -> str:
        return "".join(
            f".{status.value}{{--ink:{look.dark_ink if dark else look.ink};"
            f"--paper:{look.dark_paper if dark else look.paper}}}"
            for status, look in APPEARANCE.items()
        )

    return f"{rules(False)}@media screen and (prefers-color-scheme:dark){{{rules(True)}}}"
