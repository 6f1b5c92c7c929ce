"""A proof in a terminal: an indented tree of steps, each with its mathematics on lines of Unicode."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text
from rich.tree import Tree

from checks.report.mathtext import text_plain
from checks.report.oneline import plain
from checks.wording import Formula, Step, Table, folded

STEPS, DEPTH = 24, 6


def proof_tree(step: Step, full: bool = False, hint: str = "") -> RenderableType:
    """Return a proof as a tree, a long one folded.

    Parameters
    ----------
    step
        The proof.
    full
        Whether to show every step.
    hint
        What to type to see every step, printed where some are left out.
    """
    shown = step if full else folded(step, STEPS, DEPTH)
    tree = Tree(_label(shown), guide_style="dim")
    _grow(tree, shown)
    if shown.size == sum(1 for _ in shown.walk()) or not hint:
        return tree
    return Group(tree, Text(hint, style="dim"))


def _grow(tree: Tree, step: Step) -> None:
    for part in step.below:
        _grow(tree.add(_label(part)), part)
    if step.left_out:
        tree.add(Text(f"{step.left_out} more step{'' if step.left_out == 1 else 's'}", style="dim italic"))


def _label(step: Step) -> RenderableType:
    return Group(_headline(step), *(Padding(line, (0, 0, 0, 2)) for line in _body(step)))


def _headline(step: Step) -> Text:
    """Return what is shown, what for, and by which rule, on one line."""
    line = Text()
    if step.role:
        line.append(f"{text_plain(step.role)}: " if step.shows else text_plain(step.role), style="cyan")
    if step.shows:
        line.append(plain(step.shows.latex), style="bold")
    if step.assumed:
        line.append(" where " + ", ".join(plain(tex) for tex in step.assumed))
    return line.append(f"{'  ' if line else ''}[{text_plain(step.title)}]".replace(" ", "\u00a0"), style="dim")


def _body(step: Step) -> Iterator[RenderableType]:
    for block in step.body:
        if isinstance(block, Formula):
            yield Padding(Text(plain(block.latex)), (0, 0, 0, 2))
        elif isinstance(block, Table):
            yield Text(text_plain(block.caption) + ":")
            yield Padding(_grid(block), (0, 0, 0, 2))
        else:
            yield Text(text_plain(block))


def _grid(table: Table) -> RenderableType:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for k, column in enumerate(table.columns):
        words = any(" " in row[k] for row in table.rows)
        grid.add_column(Text(text_plain(column)), justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(text_plain(cell)) for cell in row))
    return grid
