"""Proofs in words: every certificate prints as mathematics, and what is printed is what the checker accepted."""

import json
from fractions import Fraction
from itertools import pairwise

import pytest

from checks.checker import check
from checks.checker.accept import RULES
from checks.checker.grammar import parse
from checks.claim import forall, trajectory
from checks.engine import decide
from checks.engine.checking import CHECKER
from checks.engine.wording import certificate_words, formal_latex
from checks.wording import Formula, NoProof, Printer, Step, Table, folded, overview, proof
from checks.wording.notation import line_latex, node_latex, pieces, width
from checks.wording.numbers import cut_latex, is_long
from checks.wording.rules import WORDS

AMGM = ({"form": "forall", "given": ["x >= 0", "y >= 0"], "show": ["x**2 + y**2 >= 2*x*y"]},
        {"verdict": "proved", "steps": [{"kind": "combination",
                                         "terms": [{"coefficient": "1", "squares": ["y - x"]}]}]})  # fmt: skip
EXP = {"form": "forall", "given": ["x >= 0"], "show": ["exp(x) >= 1 + x"]}
EXP_PROOF = {
    "verdict": "proved",
    "steps": [
        {"kind": "axiom", "axiom": "exp-lower", "at": ["x"], "order": 1, "by": [{"kind": "known", "given": 1}]},
    ],
}
GROW = {"form": "forall", "given": ["x >= 0"], "show": ["x + x**2 >= 0"]}
GROW_PROOF = {
    "verdict": "proved",
    "steps": [
        {"kind": "grow", "variable": "x", "as": "s", "from": "0", "inward": 1,
         "by": [{"kind": "given"}, {"kind": "constant"},
                {"kind": "sturm", "variable": "s", "low": "0", "high": None}]},
    ],
}  # fmt: skip
RUN = trajectory(
    "",
    state=["N"],
    parameters=["0 < eta", "eta <= 1/2"],
    start=["0 <= N", "N < 1"],
    branches=[{"inputs": ["0 <= u", "u <= 1"], "next": {"N": "N*(1 - eta*u)"}, "then": ["N_next <= N"]}],
    always=["N <= 1"],
    invariant=["0 <= N", "N <= 1"],
)
CLAIMS = {
    "identity": forall("", "(x + y)**2 == x**2 + 2*x*y + y**2"),
    "bernstein": forall("", "x*y*(1 - x) + 1/10 > (x - y)*x*y/4 - y/50", given=["0 < x <= 1", "0 <= y <= x"]),
    "sturm": forall("", "x**4 - 16*x**2 + 5*x + 79 > 0", given=["-5 <= x <= 5"]),
    "root": forall("", "sqrt(x*y) <= (x + y)/2", given=["x >= 0", "y >= 0"]),
    "cases": forall("", "abs(x) >= x"),
    "point": forall("", "x*y > 1/9", given=["0 < x", "x < 1", "1/8 <= y", "y <= 1/2"]),
    "induction": RUN,
}


@pytest.fixture(scope="module")
def judged():
    found = {name: decide(part, 10.0) for name, part in CLAIMS.items()}
    CHECKER.close()
    return {name: json.loads(json.dumps([e.formal, e.certificate])) for name, e in found.items()}


def texts(step):
    """Everything that a proof says, on one line a block."""
    found = []
    for one in step.walk():
        found += [one.title, one.role, *([one.shows.latex] if one.shows else []), *one.assumed]
        for block in one.body:
            found.append(block if isinstance(block, str) else getattr(block, "latex", ""))
            if isinstance(block, Table):
                found += [cell for row in block.rows for cell in row]
    return found


@pytest.mark.parametrize("name", CLAIMS)
def test_every_certificate_is_a_proof_without_gaps(judged, name):
    step = proof(*judged[name])
    assert not [words for words in texts(step) if "cannot be shown" in words or words.startswith("rule ")]
    assert certificate_words(*judged[name])


def test_every_rule_of_the_checker_has_words():
    assert set(RULES) - set(WORDS) == set()


def test_a_rule_without_words_still_says_its_name_and_goes_on(monkeypatch):
    monkeypatch.delitem(WORDS, "axiom")
    check(EXP, EXP_PROOF | {"steps": [completed()]})
    step = proof(EXP, EXP_PROOF | {"steps": [completed()]})
    assert step.title == "rule 'axiom'"
    assert step.parts


def completed():
    last = {"kind": "name", "term": "exp(x)", "as": "v", "by": [{"kind": "given"}]}
    return EXP_PROOF["steps"][0] | {"by": [last]}


def test_an_unknown_kind_shows_its_goal():
    step = proof(EXP, {"verdict": "proved", "steps": [{"kind": "of-tomorrow"}]})
    assert step.title == "of tomorrow"
    assert "e^{x}" in step.shows.latex


@pytest.mark.parametrize("pair", [(None, None), (EXP, None), (EXP, {}), (EXP, {"verdict": "proved"}), ({}, EXP_PROOF)])
def test_what_is_no_certificate_is_no_proof(pair):
    with pytest.raises(NoProof):
        proof(*pair)


def test_a_combination_is_written_out():
    step = proof(*AMGM)
    (formula,) = [block for block in step.body if isinstance(block, Formula)]
    assert formula.latex == "x^{2} - 2 x y + y^{2} = (y - x)^{2}"


def test_an_axiom_says_the_inequality_and_where_it_is_used():
    words = " ".join(texts(proof(EXP, EXP_PROOF | {"steps": [completed()]})))
    assert r"e^{x} \ge 1 + x" in words


def test_growth_shows_path_start_and_derivative():
    check(GROW, GROW_PROOF)
    step = proof(GROW, GROW_PROOF)
    assert r"0 \le s \le x" in step.body[0]
    assert [part.role for part in step.parts] == ["order of the ends", "$f'$"]
    assert step.parts[-1].shows.latex == r"1 + 2 s \ge 0"


def test_bernstein_coefficients_are_the_right_ones():
    formal = {"form": "forall", "given": ["0 <= x", "x <= 1"], "show": ["1 - x + x**2 >= 0"]}
    chart = [{"variable": "x", "low": "0", "high": "1", "low_by": [["1", 0]], "high_by": [["1", 1]]}]
    certificate = {"verdict": "proved", "steps": [{"kind": "bernstein", "chart": chart, "boxes": "leaf"}]}
    check(formal, certificate)
    (table,) = [block for block in proof(formal, certificate).body if isinstance(block, Table)]
    assert table.rows == (("$1$", r"$\tfrac{1}{2}$", "$1$"),)
    few = proof(formal, certificate, Printer(cells=2))
    assert not [block for block in few.body if isinstance(block, Table)]
    assert r"smallest positive one is $\tfrac{1}{2}$, at index 1" in few.body[-1]


def test_a_sturm_table_has_as_many_sign_changes_as_it_says(judged):
    step = proof(*judged["sturm"])
    (table,) = [block for block in step.body if isinstance(block, Table)]
    for column in (2, 3):
        signs = [row[column] for row in table.rows if row[column] != "0"]
        assert sum(a != b for a, b in pairwise(signs)) == 2
    assert "2 sign changes at the lower end and 2 at the upper" in step.body[0]


def test_the_values_at_a_counterexample_are_exact(judged):
    formal, certificate = judged["point"]
    values = {name: Fraction(text) for name, text in certificate["values"].items()}
    (table,) = [block for block in proof(formal, certificate).body if isinstance(block, Table)]
    assert [row[-1] for row in table.rows] == ["fails"] + ["holds"] * (len(table.rows) - 1)
    left = values["x"] * values["y"]
    shown = str(left.numerator) if left.denominator == 1 else rf"\tfrac{{{left.numerator}}}{{{left.denominator}}}"
    assert table.rows[0][1].startswith(f"${shown}")


def test_an_algebraic_point_says_which_number_it_is():
    formal = {"form": "forall", "given": ["x**2 == 2", "x > 0"], "show": ["x**2 < 2"]}
    alpha = {"polynomial": ["-2", "0", "1"], "low": "1", "high": "2"}
    step = proof(formal, {"verdict": "refuted", "kind": "algebraic", "alpha": alpha, "values": {"x": ["0", "1"]}})
    assert r"\alpha^{2} - 2" in step.body[0]
    assert step.body[1].rows == (("$x$", r"$\alpha$", "1.41421356237"),)


def test_an_induction_has_start_step_and_end(judged):
    roles = [part.role for part in proof(*judged["induction"]).parts]
    assert roles == ["the start satisfies the invariant", "a step keeps it", "the invariant implies the claim"]


def test_a_folded_proof_counts_what_it_leaves_out(judged):
    step = proof(*judged["induction"])
    for steps, depth in ((1, 1), (3, 2), (5, 9), (99, 99)):
        cut = folded(step, steps, depth)
        assert cut.size == step.size
        assert sum(1 for _ in cut.walk()) <= max(steps, 1)
    assert folded(step, 999, 99) == step


def test_the_overview_names_the_rules_once():
    step = Step("a", parts=(Step("b"), Step("b"), Step("a hypothesis")))
    assert overview(step) == "Proof in 4 steps: a, b."


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("-(a + b)*c", "-(a + b) c"),
        ("a - (b - c)", "a - b + c"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("x*2", "2 x"),
        ("2*3*x", "6 x"),
        ("x**(-1)", "x^{-1}"),
        ("sin(x)**2", r"\sin^{2}(x)"),
        ("a_next**2", "(a')^{2}"),
        ("(1/3)*x*(1/2)", r"\tfrac{1}{6} x"),
        ("x > 0 implies y > 0 or z < 1", r"x > 0 \ \Rightarrow\ (y > 0 \ \vee\ z < 1)"),
    ],
)
def test_notation(text, tex):
    assert line_latex(text) == tex


def test_pieces_are_the_whole_formula():
    line = "(x + 1)**2*(x - 1)/(x**2 + 1) + 3*x*y*z - 4*a*b*c - 5*e**2 + x*y*z*a*b*c >= -3*x - 7*y - 8*z - 9"
    found = pieces(parse(line))
    assert len(found) > 4
    assert " ".join(found) == line_latex(line)


def test_long_formulas_are_cut_and_say_so():
    node = parse(" + ".join(f"{k}*x**{k}*(a + b + c + d)" for k in range(1, 60)))
    tex = Printer(letters=80).tex(node)
    assert width(tex) <= 80
    assert "more terms" in tex
    assert width(node_latex(node)) > 300


def test_a_long_number_breaks_off_with_digits_that_are_right():
    value = Fraction(12345678901234567, 98765432109876543)
    assert is_long(value)
    shown = cut_latex(value)
    assert shown.endswith(r"\ldots")
    digits = Fraction(shown.removesuffix(r"\ldots"))
    assert 0 <= value - digits < Fraction(1, 10**6)


def test_a_statement_is_one_line():
    assert formal_latex(EXP) == r"x \ge 0\ \Longrightarrow\ e^{x} \ge 1 + x"
