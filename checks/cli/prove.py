"""``gdproof prove``: judge one claim that is typed on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from checks.cli._options import budget, json_out, proofs
from checks.cli.check import console, exit_code, prepare, write_results


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split(";") if line.strip()]


def _names(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in text.replace(",", " ").split()]


class _Prove(click.Command):
    """A command without short options, so that a line may begin with a minus sign."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse unknown long options, which would be read as lines; a bare ``-h`` is no line."""
        args = ["--help" if argument == "-h" else argument for argument in args]
        known = [option for parameter in self.get_params(ctx) for option in parameter.opts if option.startswith("--")]
        for argument in args[: args.index("--") if "--" in args else None]:
            option = re.fullmatch(r"(--[a-z][a-z-]*)(=[^=].*)?", argument)
            if option is not None and option[1] not in known:
                raise click.NoSuchOption(option[1], possibilities=sorted(known), ctx=ctx)
        return super().parse_args(ctx, args)


@click.command("prove", cls=_Prove, context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("given", metavar='"GIVEN"')
@click.argument("show", metavar='"SHOW"')
@click.option("--let", multiple=True, metavar="'NAME = EXPRESSION'", help="An abbreviation; repeat it, in order.")
@click.option("--integers", multiple=True, metavar="NAME,...", help="Names that range over the integers.")
@click.option("--exists", multiple=True, metavar="NAME,...", help="Names of constants that are claimed to exist.")
@click.option(
    "--sharpen",
    metavar="NAME:upper|lower",
    help="Look for the sharp value of this name: the bound up to which SHOW holds.",
)
@json_out("Write the result as JSON ('-': standard output), and its certificate to the folder OUT.certificates.")
@budget("Processor seconds of search for it, and again for its sharp value.")
@proofs("short", "full", text="Whether a long proof is cut.")
def command(
    given: str,
    show: str,
    let: tuple[str, ...],
    integers: tuple[str, ...],
    exists: tuple[str, ...],
    sharpen: str | None,
    out: Path | None,
    budget: float,
    proofs: str,
) -> int:
    """Judge: for all values that satisfy GIVEN, SHOW holds.  Several lines are separated by ';'; GIVEN may be empty.

    \b
    Exit code: 2 wrong usage; 1 refuted; 3 undecided; 0 proved.

    \b
    Examples:
      gdproof prove "0 < x < 1; 0 < c <= 1" "x*(1 + c*(1 - x)) < 1"
      gdproof prove "" "x**2 + 1 >= 2*x"
      gdproof prove "n >= 1" "n**2 >= n" --integers n --json -
      gdproof prove "x >= 0" "a <= x**2 - x" --exists a
      gdproof prove "0 < c <= 1; 0 < x < 1" "x1 < 1" --let "x1 = x*(1 + c*(1 - x))" --sharpen c:upper
    """
    from checks import report
    from checks.claimfile import judge_claim, read_claim

    if not _lines(show):
        raise click.UsageError(f"SHOW is {show!r}; write what is claimed, for example 'x < 1; x > 0'")
    raw: dict[str, Any] = {"id": "prove", "let": list(let), "given": _lines(given), "show": _lines(show)}
    raw |= {"integers": _names(integers), "exists": _names(exists)}
    if sharpen is not None:
        parameter, _, bound = sharpen.partition(":")
        raw["sharpen"] = {"parameter": parameter.strip(), "bound": bound.strip() or "upper"}
    claim = read_claim(raw, "gdproof", "command line")
    prepare(out)
    result = judge_claim(claim, budget)
    screen = console(out)
    report.explain(result.as_verdict(), screen, full=proofs == "full", hint="--proofs full shows every step")
    if claim.sharpen is not None and result.sharp is None:
        screen.print(f"No sharp value of {claim.sharpen[0]} was found.")
    if result.vacuous:
        screen.print("warning: no point satisfies the hypotheses", style="yellow")
    write_results([result], out)
    return exit_code([result])
