"""Judge an almost-sure statement through a finite-horizon surrogate: a share of replicas, tested sequentially."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.claim import Part
from checks.statistics.budget import ErrorBudget
from checks.statistics.eprocess import ShareTest
from checks.verdict import Evidence, Status
from numerics import RunResult, simulate
from theory.derive import update_map

Property = Callable[[RunResult], npt.NDArray[np.bool_]]
BUDGET = ErrorBudget()


def share_of_runs(
    name: str,
    has: Property,
    *,
    surrogate: str,
    settings: Sequence[Mapping[str, Any]],
    more_than: float = 0.99,
    activation: str = "linear",
    record: Sequence[str],
    block: int = 500,
    most: int = 20_000,
    **more: Any,
) -> Part:
    """State: in every setting, more than a given share of replicas has a property at the horizon.

    Parameters
    ----------
    name
        What is asserted.
    has
        Maps a run to a Boolean for each replica.
    surrogate
        The finite-horizon statement in words: sizes, horizon, threshold, share.
    settings
        Arguments of `numerics.simulate` (m, n, eta, algorithm, b, steps, init), one test each.
    more_than
        The share to exceed.
    record
        Observables that the property reads.
    block, most
        Replicas between two looks, and at most.
    """

    def judge(part: Part, context: Any) -> Evidence:
        sentences, results, decided = [], [], True
        for position, arguments in enumerate(settings):
            alpha = BUDGET.allot(f"{name}#{position}")
            test = ShareTest(more_than, alpha)
            seed = int(context.seed) + 1000 * position
            while not test.result().decided and test.successes + test.failures < most:
                done = test.successes + test.failures
                result = simulate(
                    update_map(activation),
                    **arguments,
                    replicas=block,
                    seed=seed + 1_000_003 * (done // block),
                    backend=context.backend,
                    record=record,
                )
                hits = int(np.count_nonzero(has(result)))
                test.update(hits, block - hits)
            outcome = test.result()
            decided = decided and outcome.decided
            shown = ", ".join(f"{k} = {v}" for k, v in arguments.items())
            sentences.append(f"{shown}: {outcome.sentence()}.")
            results.append(
                {
                    "arguments": {k: str(v) for k, v in arguments.items()},
                    "seed": seed,
                    "successes": outcome.successes,
                    "failures": outcome.failures,
                    "log_e": outcome.log_e,
                    "alpha": alpha,
                    "share": more_than,
                }
            )
        return Evidence(
            part=part.name,
            status=Status.SUPPORTED if decided else Status.UNDECIDED,
            method="sequential test (e-process)",
            statement=part.latex,
            detail=(*part.detail, f"Finite-horizon surrogate: {surrogate}", *sentences),
            data={"tests": results, **({"scope": surrogate} if decided else {})},
        )

    return Part(name, None, judge=judge, **more)
