"""Claims and papers: selection by name, the combination of parts into one verdict, what counts and what does not."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from checks.claim import Part, Statement, forall, statement, unformalised
from checks.suite import ClaimError, Entry, Paper, Settings, combine, judge, load, papers, select, suite_header
from checks.verdict import Evidence, Status, Verdict

# the worst status of the parts decides; this is the order from worst to best
ORDER = [
    Status.REFUTED,
    Status.REFUTED_STATISTICALLY,
    Status.UNDECIDED,
    Status.SUPPORTED,
    Status.PROVED_FOR,
    Status.PROVED,
]


def stated(*cells: tuple[Status, str, str]) -> tuple[Statement, list[Evidence]]:
    """Return a statement and its evidence from (status, role, reading)."""
    parts = [Part(f"part {n}", role=role, reading=reading) for n, (_, role, reading) in enumerate(cells)]
    found = [Evidence(p.name, status, "method") for p, (status, _, _) in zip(parts, cells, strict=True)]
    return statement(*parts), found


@pytest.mark.parametrize("statuses", list(product(Status, repeat=2)), ids=lambda s: "-".join(x.value for x in s))
def test_the_worst_part_decides_in_every_order(statuses):
    worst = min(statuses, key=ORDER.index)
    for order in permutations(statuses):
        assert combine(*stated(*((s, "claim", "") for s in order)))[0] is worst


@pytest.mark.parametrize("statuses", list(product(Status, repeat=3)), ids=lambda s: "-".join(x.value for x in s))
def test_three_parts(statuses):
    worst = min(statuses, key=ORDER.index)
    assert combine(*stated(*((s, "claim", "") for s in statuses)))[0] is worst


@pytest.mark.parametrize("role", ["repair", "context"])
@pytest.mark.parametrize("counted", list(Status))
@pytest.mark.parametrize("other", list(Status))
def test_repairs_and_context_never_count(role, counted, other):
    for cells in permutations([(counted, "claim", ""), (other, role, "")]):
        assert combine(*stated(*cells))[0] is counted


@pytest.mark.parametrize("role", ["repair", "context"])
@pytest.mark.parametrize("status", list(Status))
def test_a_claim_without_a_counted_part_is_undecided(role, status):
    found, reason = combine(*stated((status, role, "")))
    assert found is Status.UNDECIDED
    assert reason


@pytest.mark.parametrize("pair", list(product(Status, repeat=2)), ids=lambda s: "-".join(x.value for x in s))
def test_readings_decide_only_where_they_agree(pair):
    for cells in permutations([(pair[0], "claim", "one"), (pair[1], "claim", "other")]):
        status, reason = combine(*stated(*cells))
        assert status is (pair[0] if pair[0] is pair[1] else Status.UNDECIDED)
        if pair[0] is not pair[1]:
            assert "readings differ" in reason
            assert f"one: {pair[0].value}" in reason
            assert f"other: {pair[1].value}" in reason


@pytest.mark.parametrize("shared", list(Status))
@pytest.mark.parametrize("pair", list(product([Status.PROVED, Status.REFUTED, Status.UNDECIDED], repeat=2)))
def test_a_part_without_a_reading_belongs_to_every_reading(shared, pair):
    worst = [min(shared, p, key=ORDER.index) for p in pair]
    for cells in permutations([(shared, "claim", ""), (pair[0], "claim", "one"), (pair[1], "claim", "other")]):
        status, _ = combine(*stated(*cells))
        assert status is (worst[0] if worst[0] is worst[1] else Status.UNDECIDED)


def test_an_undecided_claim_gives_the_statements_reason_or_that_of_its_part():
    parts = (Part("first"), Part("second"))
    found = [
        Evidence("first", Status.PROVED, "m"),
        Evidence("second", Status.UNDECIDED, "m", detail=("shown", "why not")),
    ]
    assert combine(Statement(parts), found) == (Status.UNDECIDED, "second: why not")
    assert combine(Statement(parts, reason="what no part covers"), found)[1] == "what no part covers"


# --- judging -------------------------------------------------------------------------------------------------------


def judged(*parts: Part, **more) -> Verdict:
    entry = Entry("demo", "L1", "title", "where", "kind", "text", ("L0",))
    paper = Paper("demo", "Demo", (entry,), {"L1": lambda: statement(*parts, **more)})
    return judge(paper, entry, Settings(seconds=2.0))


def test_a_refuted_claim_shows_its_point_and_what_is_true_instead():
    verdict = judged(
        forall("as context", "y < 1", role="context"),
        forall("as printed", "x < 1", given=["0 <= x", "x <= 1"]),
        forall("true instead", "x <= 1", given=["0 <= x", "x <= 1"], role="repair"),
        forall("false too", "x < 1/2", given=["0 <= x", "x <= 1"], role="repair"),
    )
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample == {"x": "1"}
    assert verdict.scope == "fails: as printed"
    assert "true instead" in verdict.repair
    assert "false too" not in verdict.repair
    assert verdict.reason is None


def test_a_proved_claim_has_scope_and_no_repair():
    verdict = judged(forall("part", "x**2 >= 0"), forall("repair", "x**2 >= -1", role="repair"), scope="all x")
    assert (verdict.status, verdict.scope, verdict.repair, verdict.counterexample) == (
        Status.PROVED,
        "all x",
        None,
        None,
    )
    assert verdict.depends_on == ("L0",)
    assert verdict.claim_text == "text"


def test_a_proved_repair_does_not_rescue_an_undecided_claim():
    verdict = judged(unformalised("part", "no method"), forall("repair", "x**2 >= 0", role="repair"))
    assert verdict.status is Status.UNDECIDED
    assert verdict.repair is None
    assert "no method" in verdict.reason


def test_a_claim_that_is_not_stated_is_undecided_with_a_reason():
    entry = Entry("demo", "L9", "title", "where", "kind", "text", ())
    verdict = judge(Paper("demo", "Demo", (entry,), {}), entry, Settings())
    assert verdict.status is Status.UNDECIDED
    assert verdict.evidence == ()
    assert verdict.reason


def test_at_level_full_each_bound_has_its_sharp_step_size_and_the_least_is_the_claims():
    given = ["0 < eta <= 1", "0 <= x <= 1"]
    parts = (
        forall("first", "eta*x <= 3", given=given),
        forall("second", "eta*x <= 2", given=given),
        forall("context", "eta*x <= 1", given=given, role="context"),
        forall("no bound", "x < 2", given=["0 <= x <= 1"]),
    )
    entry = Entry("demo", "L1", "title", "where", "kind", "text", ())
    paper = Paper("demo", "Demo", (entry,), {"L1": lambda: statement(*parts)})
    verdict = judge(paper, entry, Settings(seconds=20.0, level="full"))
    values = [e.data["sharp"]["value"] if "sharp" in e.data else None for e in verdict.evidence]
    assert values == ["3", "2", None, None]
    assert (verdict.sharp["value"], verdict.sharp["part"], verdict.sharp["parameter"]) == ("2", "second", "eta")
    assert judge(paper, entry, Settings(seconds=2.0)).sharp is None


def test_a_part_whose_search_fails_costs_no_verdict(monkeypatch):
    def fail(*_):
        raise ValueError("no")

    monkeypatch.setattr("checks.suite.sharp_step", fail)
    entry = Entry("demo", "L1", "title", "where", "kind", "text", ())
    parts = (forall("part", "eta < 2", given=["0 < eta <= 1"]),)
    paper = Paper("demo", "Demo", (entry,), {"L1": lambda: statement(*parts)})
    verdict = judge(paper, entry, Settings(seconds=2.0, level="full"))
    assert (verdict.status, verdict.sharp) == (Status.PROVED, None)


def test_a_verdict_survives_its_json():
    verdict = judged(forall("as printed", "x < 1", given=["0 <= x", "x <= 1"]))
    again = Verdict.from_json(verdict.as_json())
    assert again.as_json() == verdict.as_json()


# --- papers and names ----------------------------------------------------------------------------------------------


def test_every_claim_of_a_paper_is_listed_once_and_its_dependencies_exist():
    for key in papers():
        paper = load(key)
        ids = [e.id for e in paper.entries]
        assert len(set(ids)) == len(ids)
        for entry in paper.entries:
            assert set(entry.depends_on) <= set(ids), entry.id
        assert set(paper.statements) <= set(ids)


def test_selection_by_paper_and_by_claim():
    everything = select(["ghosh2023"])
    assert [e.key for _, e in select([])] == [e.key for k in papers() for e in load(k).entries]
    assert [e.id for _, e in everything] == [e.id for e in load("ghosh2023").entries]
    assert [e.id for _, e in select(["ghosh2023.L20", "ghosh2023.L14"])] == ["L20", "L14"]
    # asked for twice, judged once
    assert [e.id for _, e in select(["ghosh2023.L20", "ghosh2023.L20"])] == ["L20"]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gosh2023", "ghosh2023"),
        ("ghosh2023.L141", "ghosh2023.L14"),
        ("ghosh2023.l20", "ghosh2023.L20"),
        (".", "ghosh2023"),
    ],
)
def test_an_unknown_name_shows_the_nearest(name, near):
    with pytest.raises(ClaimError, match="nearest") as error:
        select([name])
    assert near in str(error.value)


def test_the_header_of_a_ledger_names_versions_seed_and_budget():
    header = suite_header(Settings(seed=7, level="full"))
    assert {"gdproof", "sympy", "numpy", "seed", "level", "error_budget"} <= set(header)
    assert (header["seed"], header["level"]) == (7, "full")
