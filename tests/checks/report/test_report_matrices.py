"""Identities between matrices on paper: statements, proofs and counterexamples in formulas, on every target."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.claim import Part, matrices
from checks.engine.decide import IllFormed, decide
from checks.report.mathml import mathml
from checks.report.oneline import plain
from checks.wording import Formula, Step, Table, formal_latex, proof

FILE = Path(__file__).resolve().parents[3] / "benchmarks" / "matrices.py"

SHERMAN = matrices(
    "Sherman and Morrison",
    "(A + x*y')*(B - B*x*y'*B/q) == I",
    letters=["A: n x n", "B: n x n inverse of A", "x: n x 1", "y: n x 1"],
    let=["q = 1 + y'*B*x"],
    given=["q != 0"],
)
PUSH = matrices(
    "push-through",
    "X*A == A*Y",
    letters=["A: m x n", "B: n x m", "X: m x m", "Y: n x n"],
    given=["X*(I + A*B) == I", "Y*(I + B*A) == I"],
)
EIGEN = matrices(
    "eigenvectors",
    "x'*y == 0",
    letters=["A: n x n symmetric", "x: n x 1", "y: n x 1", "a: number", "b: number"],
    given=["A*x == a*x", "A*y == b*y", "a != b"],
)
SWAPPED = matrices("transpose", "(A*B)' == A'*B'", letters=["A: 2 x 2", "B: 2 x 2"])
SECOND = matrices("square", "(I - eta*H)**2 == I - 2*eta*H", letters=["H: 2 x 2", "eta: number"], modulo=("eta", 3))
ZERO = matrices("reflection", "(I - 2*x*x'/(x'*x))**2 == I", letters=["x: n x 1"])


def shown(part: Part) -> Step:
    evidence = decide(part, 5.0)
    return proof(evidence.formal, evidence.certificate)


def texts(step: Step) -> list[str]:
    """Return all that a step says, formulas and tables as one line of Unicode."""
    found = []
    for block in step.body:
        if isinstance(block, Formula):
            found.append(plain(block.latex))
        elif isinstance(block, Table):
            found += [
                " | ".join(re.sub(r"\$(.*?)\$", lambda m: plain(m[1]), cell) for cell in row) for row in block.rows
            ]
        else:
            found.append(block)
    return found


def test_a_statement_reads_like_mathematics() -> None:
    assert SHERMAN.formal is not None
    assert plain(formal_latex(SHERMAN.formal)) == (
        "A ∈ ℝ^{n×n}, B ∈ ℝ^{n×n} (inverse of A), x, y ∈ ℝ^n, q ≠ 0 ⟹ "
        "(A + xy^⊤)(B − (Bxy^⊤B)/q) = I where q = 1 + y^⊤Bx"
    )
    assert SECOND.formal is not None
    assert plain(formal_latex(SECOND.formal)) == "H ∈ ℝ^{2×2}, η ∈ ℝ ⟹ (I − ηH)² = I − 2ηH up to O(η³)"


def test_a_proof_says_which_hypotheses_it_uses() -> None:
    step = shown(PUSH)
    assert step.title == "combination of the hypotheses"
    said = texts(step)
    assert "Δ₁: X(I + AB) = I" in said
    assert "Δ₄: (I + BA)Y = I" in said
    assert any(line.startswith("Δ₅ = ") for line in said)
    assert "Δ₅" in said[-1]


def test_a_multiplier_is_named() -> None:
    assert any("(without denominators), times $a - b$, is the same as" in line for line in texts(shown(EIGEN)))


def test_a_counterexample_shows_both_sides() -> None:
    step = shown(SWAPPED)
    assert step.role == "fails"
    left, right = (row for row in texts(step) if "side |" in row)
    assert left.startswith("left side | (")
    assert left.split("|")[1] != right.split("|")[1]


def test_entries_keep_their_signs_apart() -> None:
    assert plain(r"\begin{pmatrix} 2 & -6 \\ -4 & -\tfrac{1}{2} \end{pmatrix}") == "(2 −6; −4 −1/2)"


def test_orders_of_magnitude_and_denominators() -> None:
    said = texts(shown(SECOND))
    assert "power of $\\eta$ below $3$" in said[0]
    assert [row.split(" | ")[0] for row in said[1:]] == [f"coefficient of η{k}" for k in "⁰¹²"]
    assert [row.endswith("| (0 0; 0 0)") for row in said[1:]] == [True, True, False]
    assert any("divides by zero" in line for line in texts(shown(ZERO)))
    assert "eta" not in (decide(SECOND, 5.0).counterexample or {})


def test_every_statement_of_the_benchmark_has_faithful_mathml() -> None:
    spec = importlib.util.spec_from_file_location("benchmark_for_the_page", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    from checks.claim import statements

    for state in statements("matrices").values():
        for part in state().parts:
            assert part.formal is not None
            assert mathml(formal_latex(part.formal)).startswith("<math")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"show": "A*A == A"}, "a matrix of size m x n is multiplied by a matrix of size m x n"),
        ({"show": "A*C == A"}, "'C' is not declared; declared are A, B, m, n"),
        ({"show": "A*B = A"}, "column 5 of 'A*B = A': '= A' is not part of the grammar"),
        ({"letters": ["A: m x n orthogonal"]}, "has as many rows as columns"),
        ({"letters": ["A m n"]}, "write for example 'A: m x n'"),
    ],
)
def test_a_malformed_part_is_named(change: dict[str, Any], message: str) -> None:
    stated = {"show": "A*B*A == A", "letters": ["A: m x n", "B: n x m"], **change}
    with pytest.raises(IllFormed) as caught:
        decide(matrices("my part", stated["show"], letters=stated["letters"]))
    assert "part 'my part' is not well formed" in str(caught.value)
    assert message in str(caught.value)


OWN = '''
from checks.claim import matrices, statement, states

LETTERS = ["A: m x n", "B: n x m"]


@states("mine", "T1")
def cyclic():
    """Traces are cyclic."""
    return statement(matrices("trace", "tr(A*B) == tr(B*A)", letters=LETTERS), scope="all sizes")


@states("mine", "T2")
def wrong():
    """Ranks add up."""
    return statement(matrices("trace", "tr(B*A) == n", letters=LETTERS, given=["A*B == I"]))
'''


def test_a_file_of_own_identities(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN, encoding="utf-8")

    def gdproof(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; from checks.cli import main; sys.argv[0] = 'gdproof'; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    done = gdproof("verify", "mine.py", "--jobs", "1")
    assert done.returncode == 1, done.stderr
    ledger = json.loads((tmp_path / "report" / "ledger.json").read_text(encoding="utf-8"))
    found = {c["id"]: c for c in ledger["claims"]}
    assert {name: c["status"] for name, c in found.items()} == {"T1": "proved", "T2": "refuted"}
    assert found["T1"]["scope"] == "all sizes"
    assert found["T2"]["counterexample"] == {"m": "1", "n": "2", **{k: found["T2"]["counterexample"][k] for k in "AB"}}
    again = gdproof("recheck", "report")
    assert again.returncode == 0
    assert "2 of 2 certificates accepted" in again.stdout
    explained = gdproof("explain", "mine.py")
    assert "tr (AB) = tr (BA)" in explained.stdout
    assert "A = [" in explained.stdout
