"""A ledger like the real one: eight claims, all six statuses, every field of a verdict used at least once."""

from __future__ import annotations

import pytest

from checks.report.plots import plot_svg
from checks.verdict import Evidence, Ledger, Status, Verdict

CONTRACTION_PLOT = {
    "kind": "lines",
    "series": [
        {"label": r"$\eta = 1/5$", "x": [0, 1, 2, 3, 4, 5], "y": [0.2, 0.31, 0.46, 0.63, 0.79, 0.91]},
        {
            "label": r"$\eta = 1/10$",
            "x": [0, 1, 2, 3, 4, 5],
            "y": ["1/5", "1/4", "31/100", "19/50", "9/20", "13/25"],
        },
    ],
    "xlabel": "step $t$",
    "ylabel": r"$\Phi_t$",
}

REGION_PLOT = {
    "kind": "contour",
    "grid": {
        "x": [0.0, 0.25, 0.5, 0.75, 1.0],
        "y": [0.0, 0.5, 1.0],
        "z": [[x * y - x * x for x in (0.0, 0.25, 0.5, 0.75, 1.0)] for y in (0.0, 0.5, 1.0)],
    },
    "series": [{"label": "$z = y$", "x": [0, 1], "y": [0, 1]}],
    "xlabel": "$y$",
    "ylabel": "$z$",
    "title": r"$V(F(y,z)) - V(y,z)$",
}

L14 = Verdict(
    paper="ghosh2023",
    id="L14",
    title="Coordinate updates",
    where="Lemma 14; also Section 4.2 display",
    kind="identity",
    status=Status.PROVED,
    scope="all m, n, b, eta and every batch sequence",
    method="index-sum normal form",
    seconds=0.1234,
    claim_text=(
        "For D3 with linear phi: c_{t+1}(i)=c_t(i)(1+eta(2-u_t-||w_t||^2)) for i in B_t; "
        "c_{t+1}(j)=c_t(j)(1-eta u_t) for j in [n]\\B_t; u_t=||Pi_{B_t}(w_t)||^2."
    ),
    derivation=(
        r"The loss of one sample is $\ell(w; a_i) = \tfrac12 \lVert a_i - w\langle w, a_i\rangle\rVert^2$.",
        r"Differentiating, summing over $B_t$ and taking the inner product with $a_k$ gives, for "
        r"orthonormal $a_i$, "
        r"\[ c_{t+1}(k) = c_t(k)\bigl(1 - \eta u_t + \eta\,[k \in B_t](2 - \lVert w_t\rVert^2)\bigr). \]"
        r" All coordinates outside the batch share one factor.",
    ),
    evidence=(
        Evidence(
            part="in the batch",
            status=Status.PROVED,
            method="normal form",
            statement=r"c_{t+1}(i) = c_t(i)\left(1 + \eta\,(2 - u_t - \lVert w_t\rVert^2)\right), "
            r"\quad i \in B_t",
            formal={"kind": "identity", "left": "c*(1+eta*(2-u-N))", "right": "c+eta*c*(2-u-N)"},
            certificate={"kind": "normal-form", "terms": [["c", "1"], ["c*eta", "2"], ["c*eta*u", "-1"]]},
            detail=(r"Printed minus derived is zero as a polynomial in $c_t(i), u_t, \lVert w_t\rVert^2, \eta$.",),
        ),
        Evidence(
            part="outside the batch",
            status=Status.PROVED,
            method="normal form",
            statement=r"c_{t+1}(j) = c_t(j)(1 - \eta u_t), \quad j \notin B_t",
            certificate={"kind": "normal-form", "terms": [["c", "1"], ["c*eta*u", "-1"]]},
        ),
    ),
    depends_on=("D2", "D3"),
)

S14B = Verdict(
    paper="ghosh2023",
    id="S14b",
    title="Proof of L14: case k outside the batch",
    where="proof of Lemma 14",
    kind="identity",
    status=Status.REFUTED,
    scope="",
    method="index-sum normal form",
    seconds=0.0871,
    claim_text=("If k not in B_t: <w_{t+1},a_k> = <w_t,a_k>(1 - eta sum_{i in B_t}<w_t,a_i>^2) = <w_t,a_k>(1-u_t)."),
    evidence=(
        Evidence(
            part="first equality",
            status=Status.PROVED,
            method="normal form",
            statement=r"\langle w_{t+1}, a_k\rangle = \langle w_t, a_k\rangle"
            r"\Bigl(1 - \eta\sum_{i\in B_t}\langle w_t, a_i\rangle^2\Bigr)",
        ),
        Evidence(
            part="second equality",
            status=Status.REFUTED,
            method="small rationals",
            statement=r"1 - \eta u_t = 1 - u_t",
            counterexample={"eta": "1/5", "m": "2", "B_t": "{1}", "c_t(1)": "1/2", "c_t(2)": "1/2"},
            detail=(r"The step size $\eta$ is missing: the sides differ by $(1-\eta)u_t > 0$.",),
        ),
    ),
    depends_on=("S14a", "L14"),
    counterexample={"eta": "1/5", "m": "2", "B_t": "{1}", "c_t(1)": "1/2", "c_t(2)": "1/2"},
    repair=r"The last expression is $\langle w_t, a_k\rangle(1 - \eta u_t)$, proved as part of L14.",
)

P15 = Verdict(
    paper="ghosh2023",
    id="P15",
    title="Bounded iterates",
    where="Proposition 15",
    kind="inequality",
    status=Status.PROVED,
    scope="all m, n, 0 < eta <= 1/5 and every batch sequence",
    method="Bernstein coefficients",
    seconds=2.718,
    claim_text="Under A1-hyp, for every minibatch sequence and all t, ||w_t||^2 <= 1+eta/4.",
    evidence=(
        Evidence(
            part="invariant region",
            status=Status.PROVED,
            method="Bernstein on a triangular chart",
            statement=r"0 \le u \le N \le 1 + \frac{\eta}{4} \;\Rightarrow\; "
            r"N + \eta u\,(\eta u (3N - 4) + \eta (2-N)^2"
            r" + 4(1-N)) \le 1 + \frac{\eta}{4}",
            certificate={"kind": "bernstein", "chart": ["u = s*N"], "degree": [2, 3, 2]},
            data={
                "plot": CONTRACTION_PLOT,
                "subdivision": {
                    "columns": ["box", "least coefficient", "open faces"],
                    "rows": [
                        ["0 <= s <= 1/2", "1/320", 0],
                        ["1/2 <= s <= 1", "0", 1],
                    ],
                },
            },
        ),
        Evidence(
            part="watched in runs",
            status=Status.SUPPORTED,
            method="streaming maximum",
            data={"replicas": 10000, "steps": 2000, "seed": 7, "largest excess": -3.1e-05},
            detail=("No replica left the region; this adds nothing to the proof.",),
        ),
    ),
    depends_on=("L14",),
    sharp={
        "status": "exact",
        "parameter": "eta",
        "value": "0.8284271247...",
        "minimal_polynomial": "x**2 + 4*x - 4",
        "interval": ["53/64", "107/128"],
        "attained": False,
    },
)

C16 = Verdict(
    paper="ghosh2023",
    id="C16",
    title="Coordinate bound, sign stability, Psi monotone",
    where="Corollary 16",
    kind="inequality/invariant",
    status=Status.REFUTED,
    scope="",
    method="degenerate cases",
    seconds=0.4,
    claim_text=(
        "Under P15's conditions, for all t and i in [n]: |c_t(i)|<1 and sign(c_t(i))=sign(c_0(i)); "
        "Psi_t is monotonically decreasing."
    ),
    evidence=(
        Evidence("coordinates", Status.PROVED, "Sturm sequences", statement=r"|c_t(i)| < 1"),
        Evidence(
            part="strictly decreasing",
            status=Status.REFUTED,
            method="degenerate cases",
            statement=r"\Psi_{t+1} < \Psi_t",
            counterexample={"w_0": "(0, 0, 1/2)", "m": "2", "n": "3", "Psi_0": "1/4", "Psi_1": "1/4"},
        ),
    ),
    depends_on=("L14", "P15", "L20"),
    counterexample={"w_0": "(0, 0, 1/2)", "m": "2", "n": "3", "Psi_0": "1/4", "Psi_1": "1/4"},
    repair=r"$\Psi_{t+1} \le \Psi_t$ always, with equality exactly where $u_t\Psi_t = 0$.",
)

T12 = Verdict(
    paper="ghosh2023",
    id="T12",
    title="Global minima",
    where="Theorem 12; proof F.1",
    kind="construction / inequality",
    status=Status.PROVED_FOR,
    scope="m, n in {1, 2, 3, 4} with m <= n",
    method="enumeration of sign patterns",
    seconds=11.9,
    claim_text="ReLU, n>=m: min_w L(w) = (m-1)/(2m), attained on M={sum_{i<=m} c_i a_i : c_i>=0, sum c_i^2=1}.",
    evidence=(
        Evidence(
            part="value of the minimum",
            status=Status.PROVED_FOR,
            method="enumeration",
            statement=r"\min_w L(w) = \frac{m-1}{2m}",
            data={
                "sizes": [
                    {"m": 1, "minimum": "0", "patterns": 2},
                    {"m": 2, "minimum": "1/4", "patterns": 4},
                    {"m": 3, "minimum": "1/3", "patterns": 8},
                ]
            },
        ),
    ),
    depends_on=("S12a", "EQ33"),
)

T2 = Verdict(
    paper="ghosh2023",
    id="T2",
    title="SGD converges almost surely to a signed data point",
    where="Theorem 2; proof in Appendix C.2",
    kind="a.s. limit",
    status=Status.SUPPORTED,
    scope="m = n = 8, b = 2, eta = 1/5, horizon 4000, within 1/100 in 99 of 100 replicas",
    method="e-process",
    seconds=42.5,
    claim_text=(
        "Linear phi, any b with 1<=b<m. If ||w_0||<1 and 0<eta<=1/5 then almost surely w_t converges to an "
        "element of {a_i : i in S^+} union {-a_j : j in [m]\\S^+}."
    ),
    evidence=(
        Evidence(
            part="finite-horizon surrogate",
            status=Status.SUPPORTED,
            method="e-process",
            data={"replicas": 10000, "seeds": [1, 2, 3], "e_value": 3.2e7, "error_probability": 1e-8},
            figure=plot_svg(REGION_PLOT),
        ),
    ),
    depends_on=("P15", "C16"),
)

S6 = Verdict(
    paper="ghosh2023",
    id="S6",
    title="Sketch: drift lower bound for b=1",
    where="end of the sketch of P9",
    kind="inequality",
    status=Status.REFUTED_STATISTICALLY,
    scope="m = 2, eta = 1/5",
    method="confidence sequence",
    seconds=8.25,
    claim_text="Asymptotically (R_t,t->inf) E Delta_t >~ (1/m)[log(1/(1-eta)) - eta] >= eta^2/(2m).",
    evidence=(Evidence("mean drift", Status.REFUTED_STATISTICALLY, "confidence sequence", data={"seed": 3}),),
    depends_on=("L14",),
)

S2 = Verdict(
    paper="ghosh2023",
    id="S2",
    title="Remarks on cyclic SGD beyond Theorem 4",
    where="paragraph after Theorem 4",
    kind="conjecture/remark",
    status=Status.UNDECIDED,
    scope="",
    method="",
    seconds=0.02,
    claim_text="(a) CSGD converges to a single data point for arbitrary m, n and arbitrary w_0 with ||w_0||<1.",
    evidence=(),
    depends_on=(),
    reason=r"a conjecture over all $m, n$; no finite-horizon surrogate is convincing",
)

LEDGER = Ledger(
    suite={
        "gdproof": "0.1.0",
        "seed": 7,
        "error budget": 1e-6,
        "versions": {"python": "3.11", "sympy": "1.14.0"},
    },
    verdicts=(L14, S14B, P15, C16, T12, T2, S6, S2),
)


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    return LEDGER
