"""Appendix D: full-batch gradient descent (linear activation), and the technical lemmas behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.claim import Part, Statement, forall, limit, statement, states, tends, trajectory, unformalised
from checks.papers.ghosh2023 import objects as o

STEP_SIZE = ["0 < eta <= 1/5"]
# an admissible start on indexed sums: |w_0| < 1 (Assumption 1) and w_0 nonzero (Section 3)
START = [*STEP_SIZE, "0 < Phi + Psi < 1"]
# Delta Phi and Delta Psi as derived, and the abbreviations of the proofs
CHANGE = [
    f"dPhi = {o.next_phi()} - Phi",
    f"dPsi = {o.next_psi()} - Psi",
    "X = 1 - Phi - Psi/2",
    "M = Phi + 5*Psi/8",
    "dM = dPhi + 5*dPsi/8",
]


def along_gd(
    name: str, always: Sequence[str] = (), then: Sequence[str] = (), positive: bool = False, **more: Any
) -> Part:
    """State relations that hold at every time of every full-batch run under Assumption 1 (``Phi0``: Phi at the start).

    ``positive``: for the starts that are not orthogonal to the data only.
    """
    floor = "0 < Phi0" if positive else "0 <= Phi0"
    return trajectory(
        name,
        state=["Phi", "Psi"],
        parameters=[*STEP_SIZE, floor],
        let=CHANGE,
        start=["Phi0 == Phi", "0 <= Psi", "0 < Phi + Psi < 1"],
        branches=[{"next": {"Phi": o.next_phi(), "Psi": o.next_psi()}, "then": list(then)}],
        always=list(always),
        invariant=["Phi0 <= Phi", "0 <= Psi", "Phi + 5*Psi/8 < 1"],
        **more,
    )


def from_all_starts(name: str, relation: str) -> tuple[Part, Part]:
    """State a relation from the starts with a component along the data, then from every start."""
    return along_gd(f"{name} (Phi_0 > 0)", [relation], positive=True), along_gd(name, [relation])


def planar(role: str = "context") -> Part:
    """Link the scalar expressions for Phi' and Psi' to the sums of the derived coordinates."""
    return forall(
        "Phi' and Psi' in Phi and Psi",
        [f"{o.next_sum('data')} == {o.next_phi()}", f"{o.next_sum('outside')} == {o.next_psi()}"],
        let=o.FULL_SUMS,
        index=o.FULL.as_formal(),
        role=role,
    )


@states(o.PAPER, "P26")
def ratio_invariant() -> Statement:
    """State the ratio at the first two times, for every admissible start, against the derived step."""
    k = o.FULL.as_formal({"k": "batch"})
    return statement(
        forall(
            "t = 0, w_0 not orthogonal to the data",
            "c[k]/c[k] == sqrt(Phi/Phi)",
            given=[*START, "Phi > 0"],
            let=o.FULL_SUMS,
            index=k,
        ),
        forall(
            "t = 1, w_0 not orthogonal to the data",
            f"({o.NEXT})/c[k] == sqrt(({o.next_sum('data')})/Phi)",
            given=[*START, "Phi > 0"],
            let=o.FULL_SUMS,
            index=k,
        ),
        unformalised("all other t and starts", "a quotient and a root at every time; the repair avoids both"),
        forall(
            "every step multiplies all c(i)^2 and Phi by the same factor",
            f"({o.NEXT})**2*Phi == c[k]**2*({o.next_sum('data')})",
            let=o.FULL_SUMS,
            index=k,
            role="repair",
        ),
        along_gd(
            "that factor is the square of a positive number at all times", [f"{o.full_factors()[0]} > 0"], role="repair"
        ),
        scope="all m, n, eta",
        derivation=(
            r"Coordinates along the data are multiplied by one $q_t = 1 + \eta(2 - 2\Phi_t - \Psi_t) > 0$, so that "
            r"$c_t(i)\sqrt{\Phi_0} = c_0(i)\sqrt{\Phi_t}$ holds always; dividing by $c_0(i)$ needs $c_0(i) \neq 0$.",
        ),
    )


@states(o.PAPER, "S26")
def ratio_definitions() -> Statement:
    """State both displayed forms of the update with the printed Gamma."""
    let = [*o.FULL_SUMS, "Gamma = eta*(2 - 2*Phi - Psi)"]
    k = o.FULL.as_formal({"k": "batch"})
    return statement(
        forall("Delta c_i, as printed", f"{o.NEXT} - c[k] == eta*c[k]*Gamma", given=START, let=let, index=k),
        forall("c_{t+1}(i)", f"{o.NEXT} == c[k]*(1 + Gamma)", let=let, index=k),
        forall("Delta c_i without the second eta", f"{o.NEXT} - c[k] == c[k]*Gamma", let=let, index=k, role="repair"),
        scope="all m, n, eta",
    )


@states(o.PAPER, "L27")
def planar_dynamics() -> Statement:
    """State both updates of Lemma 27 against the sums of the derived coordinates."""
    index = o.FULL.as_formal()
    return statement(
        forall(
            "Delta Phi",
            f"{o.next_sum('data')} - Phi == 2*eta*Phi*(2 - 2*Phi - Psi) + eta**2*Phi*(2 - 2*Phi - Psi)**2",
            let=o.FULL_SUMS,
            index=index,
        ),
        forall(
            "Delta Psi",
            f"{o.next_sum('outside')} - Psi == -2*eta*Phi*Psi + eta**2*Phi**2*Psi",
            let=o.FULL_SUMS,
            index=index,
        ),
        scope="all m, n, eta",
        derivation=(
            r"Summed over the data and over the rest, the squares of the derived coordinates close: "
            r"$\Phi' = \Phi\,(1 + \eta(2 - 2\Phi - \Psi))^2$ and $\Psi' = \Psi\,(1 - \eta\Phi)^2$.",
        ),
    )


@states(o.PAPER, "P28")
def monotone_convergence() -> Statement:
    """State both limits for every admissible start, monotonicity, and the two quantitative bounds."""
    common: dict[str, Any] = {
        "given": ["0 < eta <= 1/5", "0 < sum(i:all, c[i]**2) < 1"],
        "loss": o.SAMPLE_LOSS,
        "index": o.FULL.as_formal(),
    }
    contraction = "1 - Phi_next <= (1 - 4*eta*Phi0/5)*(1 - Phi)"
    return statement(
        limit("Phi_t tends to 1", ["sum(i:data, c[i]**2) == 1"], **common),
        limit("Psi_t tends to 0", ["sum(i:outside, c[i]**2) == 0"], **common),
        along_gd(
            "Phi increases, Psi decreases, 1 - Phi contracts by 1 - kappa at each step; bounds on both",
            ["0 <= 1 - Phi", "0 <= Psi <= 8*(1 - Phi)/5"],
            then=["Phi_next >= Phi", "Psi_next <= Psi", contraction],
        ),
        forall("1 - kappa <= exp(-kappa), as logarithms", "log(1 - kappa) <= -kappa", given=["0 < kappa < 1"]),
        planar(),
        along_gd(
            "if Phi_0 > 0: 1 - Phi_t contracts by the fixed factor 1 - kappa < 1, and bounds Psi",
            ["4*eta*Phi0/5 > 0", "0 < 1 - Phi", "0 <= Psi <= 8*(1 - Phi)/5"],
            then=[contraction, "Phi_next > Phi", "Psi_next <= Psi"],
            positive=True,
            role="repair",
        ),
        tends(
            "if Phi_0 > 0: Phi_t tends to 1 and Psi_t to 0",
            {"Phi": "1", "Psi": "0"},
            state=["Phi", "Psi"],
            parameters=[*STEP_SIZE, "0 < Phi0"],
            start=["Phi0 == Phi", "0 <= Psi", "Phi + Psi < 1"],
            branches=[{"next": {"Phi": o.next_phi(), "Psi": o.next_psi()}}],
            hint={
                "invariants": [["Phi0 <= Phi", "0 <= Psi", "Phi + 5*Psi/8 < 1"]],
                "potentials": [{"values": ["1 - Phi"], "drops": ["4*eta*Phi0/5"], "power": 1}],
                "bounds": [{"power": 1, "by": ["1"]}, {"power": 1, "by": ["8/5"]}],
            },
            latex=r"0 < \Phi_0\ \Longrightarrow\ \lim_t \Phi_t = 1,\quad \lim_t \Psi_t = 0",
            role="repair",
        ),
        scope="all m, n, eta",
        derivation=(
            r"A start orthogonal to the data has $\Phi_0 = 0$; "
            r"the derived $\Phi' = \Phi\,(1 + \eta(2 - 2\Phi - \Psi))^2$ then stays $0$, "
            r"and $\Psi' = \Psi$.",
        ),
    )


@states(o.PAPER, "S28")
def convergence_chain() -> Statement:
    """State each relation of the chain at every time of a run."""
    return statement(
        along_gd("the factor of Phi", ["2 - 2*Phi - Psi >= 2*(1 - Phi) - 8*(1 - Phi)/5 == 2*(1 - Phi)/5 > 0"]),
        along_gd("Delta Phi without the square", ["dPhi >= 2*eta*Phi*(2 - 2*Phi - Psi)"]),
        *from_all_starts("next relation, as printed", "2*eta*Phi*(2 - 2*Phi - Psi) >= 2*eta*2/5*(1 - Phi)"),
        *from_all_starts("equality, as printed", "2*eta*2/5*(1 - Phi) == 4*eta/5*Phi*(1 - Phi)"),
        along_gd("last relation", ["4*eta/5*Phi*(1 - Phi) >= 4*eta/5*Phi0*(1 - Phi)"]),
        planar(),
        along_gd("with the factor Phi", ["2*eta*Phi*(2 - 2*Phi - Psi) >= 2*eta*Phi*2/5*(1 - Phi)"], role="repair"),
        along_gd("what the chain is for", ["dPhi >= 4*eta/5*Phi0*(1 - Phi)"], role="repair"),
        scope="all m, n, eta",
    )


@states(o.PAPER, "L29")
def weighted_norm() -> Statement:
    """State the lemma for every state with weighted norm below one."""
    return statement(
        planar("claim"),
        forall(
            "weighted norm stays below one",
            f"{o.next_phi()} + 5*({o.next_psi()})/8 < 1",
            given=[*STEP_SIZE, "0 <= Phi", "0 <= Psi", "Phi + 5*Psi/8 < 1"],
            sharpen=("eta", "upper"),
        ),
        scope="all m, n, eta",
    )


@states(o.PAPER, "S29a")
def change_of_phi() -> Statement:
    """State the chain for Delta Phi, with the range of X, at every time of a run."""
    return statement(
        along_gd("range of X", ["0 < X <= 1"]),
        forall("Delta Phi in X", "dPhi == 4*eta*Phi*X + 4*eta*X*(eta*Phi*X)", let=CHANGE),
        along_gd("first inequality", ["4*eta*Phi*X + 4*eta*X*(eta*Phi*X) <= 4*eta*Phi*X + 4*eta*X/5"]),
        *from_all_starts("second inequality, as printed", "4*eta*Phi*X + 4*eta*X/5 <= 5*eta*Phi*X"),
        planar(),
        along_gd(
            "with the factor Phi kept",
            ["4*eta*Phi*X + 4*eta*X*(eta*Phi*X) <= 4*eta*Phi*X + 4*eta*Phi*X/5", "dPhi <= 5*eta*Phi*X"],
            role="repair",
        ),
        scope="all m, n, eta",
    )


@states(o.PAPER, "S29b")
def change_of_psi() -> Statement:
    """State the chain for Delta Psi and the combination for the weighted norm at every time of a run."""
    return statement(
        along_gd(
            "Delta Psi", ["dPsi <= -2*eta*Phi*Psi + eta*Phi*Psi/5", "-2*eta*Phi*Psi + eta*Phi*Psi/5 <= -eta*Phi*Psi"]
        ),
        along_gd("change of the weighted norm", ["dM <= 5*eta*Phi*X - 5*eta*Phi*Psi/8"]),
        forall("collected", "5*eta*Phi*X - 5*eta*Phi*Psi/8 == 5*eta*Phi*(1 - M)", let=CHANGE),
        along_gd("last inequality", ["5*eta*Phi*(1 - M) <= 5*eta*M*(1 - M)"]),
        planar("claim"),
        scope="all m, n, eta",
    )


@states(o.PAPER, "L30")
def discrete_gronwall() -> Statement:
    """State both relations at t = 1 with the printed product, and the recursion with the product from i = 0."""
    step = ["x1 - x0 >= c0*(1 - x0)", "0 < c0 <= 1", "0 < c1 <= 1", "x0 <= 1"]
    return statement(
        forall(
            "first relation at t = 1, as printed (the product is 1 - c_1)",
            "1 - x1 <= (1 - c1)*(1 - x0)",
            given=step,
            detail=(
                "Every such $x_0, x_1$ continues to a sequence: put $x_{t+1} = x_t + c_t(1 - x_t)$ for $t \\geq 1$.",
            ),
        ),
        forall(
            "second relation: 1 - c <= exp(-c), as logarithms (the product vanishes where c = 1)",
            "log(1 - c) <= -c",
            given=["0 < c < 1"],
        ),
        unformalised("all t", "products and sums over i = 1..t of a sequence"),
        forall("at t = 1 with the product over i = 0", "1 - x1 <= (1 - c0)*(1 - x0)", given=step, role="repair"),
        trajectory(
            "for all t with the product p over i < t: the slack s = p (1 - x_0) - (1 - x_t) stays nonnegative",
            state=["s", "p"],
            parameters=[],
            start=["s == 0", "p == 1"],
            branches=[
                {
                    "inputs": ["0 < c <= 1", "0 <= r"],
                    "next": {"s": "(1 - c)*s + r", "p": "(1 - c)*p"},
                }
            ],
            always=["s >= 0", "p >= 0"],
            role="repair",
            detail=("$r = x_{t+1} - x_t - c_t(1 - x_t) \\geq 0$ is the hypothesis.",),
        ),
        forall(
            "the slack after a step",
            "(1 - c)*p*(1 - x0) - (1 - (x + c*(1 - x) + r)) == (1 - c)*(p*(1 - x0) - (1 - x)) + r",
            role="context",
        ),
        scope="all sequences",
    )


@states(o.PAPER, "L31")
def logistic_bound() -> Statement:
    """State the bound for every sequence that the lemma allows, and what its proof says of f."""
    let = ["fx = (1 + lam)*x - lam*x**2", "fy = (1 + lam)*y - lam*y**2"]
    return statement(
        trajectory(
            "x_t < 1 for all t",
            state=["x"],
            parameters=["lam <= 1"],
            start=["x < 1"],
            branches=[{"inputs": ["xn - x <= lam*x*(1 - x)"], "next": {"x": "xn"}}],
            always=["x < 1"],
        ),
        forall("f strictly increasing up to 1", "fx < fy", given=["lam <= 1", "x < y", "y <= 1"], let=let),
        forall("f(1) = 1", "(1 + lam) - lam == 1"),
        forall(
            "for 0 <= lambda <= 1, in d = 1 - x: f(x) < 1",
            "1 - ((1 + lam)*(1 - d) - lam*(1 - d)**2) > 0",
            given=["0 <= lam <= 1", "0 < d"],
            role="repair",
        ),
        scope="all sequences",
        derivation=(
            r"$1 - f(x) = (1 - x)(1 - \lambda x)$: for $\lambda < 0$ the second is negative left of $1/\lambda$.",
        ),
    )


@states(o.PAPER, "L34")
def maximum_of_gaussians() -> Statement:
    """State the bound where the event is sure, which the lemma does not exclude, and the exponent elsewhere."""
    return statement(
        forall(
            "for t <= -sqrt(2 s^2 log(2n)) the event is sure: its probability is 1",
            "1 <= exp(-t**2/(2*s**2))",
            given=["n >= 1", "s > 0", "t <= -sqrt(2*s**2*log(2*n))"],
            integers=["n"],
            detail=(
                r"$\max_i |X_i| \geq 0 \geq t + \sqrt{2\sigma^2\log(2n)}$, so that the probability on the left is $1$.",
            ),
        ),
        unformalised("all other t", "distributions are not in the checker's language"),
        forall(
            "for t >= 0, a^2 = 2 s^2 log(2n): the exponent of the union bound, (t + a)^2 >= t^2 + a^2",
            "(t + a)**2 >= t**2 + a**2",
            given=["t >= 0", "a >= 0"],
            role="repair",
            detail=(
                r"$2n\exp(-(t+a)^2/2\sigma^2) \leq \exp(-t^2/2\sigma^2)$ since $2n = \exp(a^2/2\sigma^2)$ and "
                r"$(t + a)^2 \geq t^2 + a^2$ for $t \geq 0$.",
            ),
        ),
        scope="all n, sigma, t",
    )
