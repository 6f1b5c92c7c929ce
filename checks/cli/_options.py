"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def json_out(text: str) -> Decorator:
    """Return the option ``--json OUT``: where the answer is written."""
    path = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
    return click.option("--json", "out", type=path, metavar="OUT", help=text)


def steps_of(text: str | None) -> list[int]:
    """Read the steps of ``--at``: integers and ranges ``LOW:HIGH:STEP`` without HIGH; none where nothing is given."""
    from numerics import InputError
    from numerics.sweep import axis_of

    if text is None:
        return []
    works = "write integers such as 0,10,100, or ranges LOW:HIGH:STEP without HIGH, such as 0:1001:100"
    try:
        _, values = axis_of(f"at={text}")
    except InputError:
        raise click.UsageError(f"--at {text}: {works}") from None
    for value in values:
        if isinstance(value, str) or value.denominator != 1:
            raise click.UsageError(f"--at {text}: {value} is no step; {works}")
    return [int(value) for value in values]


def budget(text: str) -> Decorator:
    """Return the option ``--budget``: processor seconds of search."""
    return click.option("--budget", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help=text)


def proofs(*choices: str, text: str) -> Decorator:
    """Return the option ``--proofs``: how much of a certificate is printed; the first choice is the default."""
    return click.option("--proofs", type=click.Choice(choices), default=choices[0], show_default=True, help=text)
