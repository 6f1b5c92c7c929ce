"""``gdproof repl``: IPython with the vocabulary loaded."""

from __future__ import annotations

from typing import Any

import click

BANNER = """gdproof: closed forms of gradient training.  Try

  a = Autoencoder()          the linear model;  Autoencoder("relu") for the ReLU
  a.update()                 update map        a.reduced()        (u, N) and (Phi, Psi)
  a.invariant()              GD invariant      a.fixed_points()   with multipliers
  a.hessian()                at a minimum      a.hessian_trace()  for all m, n, |S|
  a.log_ratio_drift(["1/2", "1/3"], eta="1/5", b=1)
  run(a, algorithm="sgd", m=8, n=8, b=1, eta=0.2, replicas=1000, steps=500)
  h = hessian(a, state, m=8)    eigenvalues(h, 3)    exact_trace(h)    hutchinson(h, 100)
  verify("ghosh2023.P15")    explain("ghosh2023.L17")    sp is SymPy
"""


def vocabulary() -> dict[str, Any]:
    """Return the names that the REPL and a notebook start with."""
    import sympy as sp

    from checks.words import explain, hessian, run, verify
    from numerics.hessian import eigenvalues, exact_trace, hutchinson
    from theory.derive import coordinates
    from theory.study import Autoencoder

    names = {name: getattr(coordinates, name) for name in ("eta", "m", "n", "b", "u", "N", "Phi", "Psi")}
    numbers = {"hessian": hessian, "eigenvalues": eigenvalues, "exact_trace": exact_trace, "hutchinson": hutchinson}
    words = {"sp": sp, "Autoencoder": Autoencoder, "run": run, "verify": verify, "explain": explain}
    return {**words, **numbers, **names}


@click.command("repl")
@click.option("--execute", "-e", "line", help="Run one line, print its value and leave.")
def command(line: str | None) -> None:
    """Open IPython with the models, derivations and verdicts at hand.

    \b
    Examples:
      gdproof repl
      gdproof repl -e 'Autoencoder().update()'
    """
    names = vocabulary()
    if line is not None:
        try:
            value = eval(line, names)
        except Exception as error:
            raise click.UsageError(f"{line}: {type(error).__name__}: {error}") from error
        if value is not None:
            click.echo(repr(value))
        return
    from IPython import start_ipython
    from traitlets.config import Config

    config = Config()
    config.TerminalInteractiveShell.banner1 = BANNER
    config.TerminalIPythonApp.display_banner = True
    start_ipython(argv=[], user_ns=names, config=config)
