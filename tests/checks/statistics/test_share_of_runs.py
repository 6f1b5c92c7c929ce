"""A share of runs judged sequentially: what it supports, what it never concludes, and that the ledger can hold it."""

from __future__ import annotations

import json
import types

import numpy as np

from checks.engine import decide
from checks.statistics import share_of_runs
from checks.verdict import Evidence, Status

CONTEXT = types.SimpleNamespace(seed=0, backend="numpy")
SMALL = {"m": 2, "n": 2, "eta": 0.1, "algorithm": "gd", "steps": 3, "init": "gaussian:0.1"}


def judged(has, name, **more):
    options = {"more_than": 0.5, "block": 100, "most": 300, **more}
    part = share_of_runs(name, has, surrogate="three steps", settings=[SMALL], record=["norm"], **options)
    return decide(part, context=CONTEXT)


def everywhere(result):
    return np.ones(result.replicas, dtype=bool)


def nowhere(result):
    return np.zeros(result.replicas, dtype=bool)


def test_a_property_of_every_replica_is_supported_and_names_its_surrogate():
    evidence = judged(everywhere, "everywhere")
    assert evidence.status is Status.SUPPORTED
    assert evidence.data["scope"] == "three steps"
    (test,) = evidence.data["tests"]
    # stopped as soon as it was decided: 100 successes at p0 = 1/2 already exceed any threshold of the budget
    assert (test["successes"], test["failures"]) == (100, 0)
    assert any("three steps" in words for words in evidence.detail)


def test_a_property_that_is_not_seen_is_undecided_and_never_refuted():
    evidence = judged(nowhere, "nowhere")
    assert evidence.status is Status.UNDECIDED
    assert "scope" not in evidence.data
    (test,) = evidence.data["tests"]
    assert (test["successes"], test["failures"]) == (0, 300)


def test_the_same_seed_gives_the_same_evidence():
    split = lambda result: result.final[:, 0] > 0  # noqa: E731
    assert judged(split, "split") == judged(split, "split")


def test_hopeless_runs_can_be_written_to_a_ledger():
    evidence = judged(nowhere, "hopeless", more_than=0.99)
    text = json.dumps(evidence.as_json(), allow_nan=False)
    assert Evidence.from_json(json.loads(text)).status is Status.UNDECIDED
