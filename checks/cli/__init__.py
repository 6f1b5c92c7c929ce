"""The command ``gdproof``: one module a command, found by name."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

from checks.version import __version__

USAGE, REFUTED, UNDECIDED, FINE = 2, 1, 3, 0
"""Exit codes of ``check`` and ``verify``."""


class Commands(click.Group):
    """Loads a command's module only when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the modules in this folder."""
        return sorted(
            info.name.removesuffix("_") for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"checks.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest commands when one is unknown."""
        import difflib

        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=3) or self.list_commands(ctx)
            raise click.UsageError(f"unknown command {name!r}; nearest: {', '.join(near)}")
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gdproof")
def group() -> None:
    """Derive what a gradient method does, run it, and judge what a paper says about it.

    \b
    Examples:
      gdproof verify ghosh2023            judge every claim of a paper
      gdproof explain ghosh2023.P15       one claim: statement, derivation, evidence, verdict
      gdproof simulate autoencoder --algorithm sgd --set m=8 --set n=8 --replicas 1000 --steps 500
      gdproof repl                        closed forms at a prompt
      gdproof appendix ghosh2023 --pdf    a LaTeX appendix
    """


def main() -> None:
    """Run the command line; errors of the project end in one message and exit code 2, never in a traceback."""
    from checks.report import ReportError
    from checks.suite import ClaimError
    from numerics import NumericsError
    from theory.algorithms import AlgorithmError

    try:
        code = group.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        click.echo("interrupted; what was judged so far is in the store", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("interrupted; what was judged so far is in the store", err=True)
        sys.exit(130)
    except (NumericsError, ClaimError, ReportError, AlgorithmError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
    except MemoryError as error:
        click.echo(f"error: not enough memory ({error or 'no details'}); smaller sizes need less", err=True)
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)
