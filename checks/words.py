"""The words of a person at work: run a model, judge a claim, read a verdict, in one line each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from checks.verdict import Verdict
from numerics import RunResult, simulate
from theory.derive import update_map
from theory.study import Autoencoder

if TYPE_CHECKING:
    from numerics.hessian import DiagonalPlusLowRank


def run(model: Autoencoder, **arguments: Any) -> RunResult:
    """Simulate a model from its derived update map; see `numerics.simulate` for the arguments."""
    return simulate(update_map(model.activation), **arguments)


def hessian(model: Autoencoder, state: npt.ArrayLike, m: int, **arguments: Any) -> DiagonalPlusLowRank:
    """Return the Hessian of the mean loss at a state, as a linear operator; see `numerics.hessian`."""
    from numerics.hessian import coordinate_hessian

    return coordinate_hessian(update_map(model.activation), state, m=m, **arguments)


def verify(name: str, out: str = "report") -> Verdict:
    """Judge one claim, ``KEY.ID``, and return its verdict."""
    from checks.session import STORE
    from checks.session import run as judge_all
    from checks.suite import Settings, select

    return judge_all(select([name])[:1], Settings(), Path(out) / STORE, jobs=1).verdicts[0]


def explain(name: str) -> None:
    """Print one claim in words: statement, derivation, evidence, verdict."""
    from checks.report import explain as show

    show(verify(name))
