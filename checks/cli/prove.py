"""``gdproof prove``: judge one claim that is typed on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import click

from checks.cli.check import OUT, console, exit_code, prepare, write_results


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split(";") if line.strip()]


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
@click.option("--integers", multiple=True, metavar="NAME,...", help="Names that range over the integers.")
@click.option(
    "--json",
    "out",
    type=OUT,
    metavar="OUT",
    help="Write the result as JSON ('-': standard output), and its certificate to the folder OUT.certificates.",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="Processor seconds of search for it.",
)
@click.option(
    "--proofs",
    type=click.Choice(["short", "full"]),
    default="short",
    show_default=True,
    help="Whether a long proof is cut.",
)
def command(given: str, show: str, integers: tuple[str, ...], out: Path | None, budget: float, proofs: str) -> int:
    """Judge: for all values that satisfy GIVEN, SHOW holds.  Several lines are separated by ';'; GIVEN may be empty.

    \b
    Exit code: 2 wrong usage; 1 refuted; 3 undecided; 0 proved.

    \b
    Examples:
      gdproof prove "0 < x < 1; 0 < c <= 1" "x*(1 + c*(1 - x)) < 1"
      gdproof prove "" "x**2 + 1 >= 2*x"
      gdproof prove "n >= 1" "n**2 >= n" --integers n --json -
    """
    from checks import report
    from checks.claimfile import judge_claim, read_claim

    names = [name for text in integers for name in text.replace(",", " ").split()]
    if not _lines(show):
        raise click.UsageError(f"SHOW is {show!r}; write what is claimed, for example 'x < 1; x > 0'")
    raw = {"id": "prove", "given": _lines(given), "show": _lines(show), "integers": names}
    claim = read_claim(raw, "gdproof", "command line")
    prepare(out)
    result = judge_claim(claim, budget)
    screen = console(out)
    report.explain(result.as_verdict(), screen, full=proofs == "full", hint="--proofs full shows every step")
    if result.vacuous:
        screen.print("warning: no point satisfies the hypotheses", style="yellow")
    write_results([result], out)
    return exit_code([result])
