"""Definitions D1 to D8: each against what the model's derivation gives and what the paper does with it."""

from __future__ import annotations

from typing import Any

from checks.claim import Statement, forall, statement, states, trajectory
from checks.papers.ghosh2023 import objects as o

STEP_SIZE = ["0 < eta <= 1/5"]
# an arbitrary sample x and weights w in an orthonormal basis of R^n
ANY_SAMPLE: dict[str, Any] = {
    "atoms": {"all": "n"},
    "sets": {},
    "families": {"c": None, "x": None},
    "indices": {"k": "all"},
}
INNER = ["z = sum(j:all, c[j]*x[j])", "N = sum(j:all, c[j]**2)", "q = sum(j:all, x[j]**2)"]
# the data coordinates with the leading one set apart; d holds |c_t(l)|
LEADING: dict[str, Any] = {
    "atoms": {"lead": "1", "J": "m - 1"},
    "sets": {"data": ["lead", "J"]},
    "families": {"d": None},
    "indices": {},
}


def squared_error(output: str) -> str:
    """Return |x - w output|^2 / 2 as the paper defines the loss, in coordinates."""
    return f"(sum(j:all, (x[j] - c[j]*({output}))**2)/2)"


def equation_4(output: str, slope: str) -> str:
    """Return coordinate k of phi' [x w^T + <w, x> I] (f - x) with f = w * output, as printed in Eq. (4)."""
    return f"({slope})*(x[k]*sum(j:all, c[j]*(c[j]*({output}) - x[j])) + z*(c[k]*({output}) - x[k]))"


@states(o.PAPER, "D1")
def model() -> Statement:
    """State the loss of the network for any sample, at a data point, and averaged, against the derived losses."""
    data = o.STEP.as_formal({"i": "batch"})
    relu = o.RELU.as_formal({"i": "batchp"})
    dead = o.RELU.as_formal({"i": "batchq"})
    live = "sum(j:all, (delta(i,j) - c[j]*c[i])**2)/2"
    return statement(
        forall(
            "any sample, identity activation",
            f"{squared_error('z')} == {o.LOSS_IN_PRODUCTS}",
            let=INNER,
            index=ANY_SAMPLE,
        ),
        forall(
            "any sample, activation 0",
            f"{squared_error('0')} == {o.LOSS_IN_PRODUCTS_DEAD}",
            let=INNER,
            index=ANY_SAMPLE,
        ),
        forall("data point, linear", f"{o.SAMPLE_LOSS} == {live}", index=data),
        forall("data point, ReLU, c(i) > 0", f"{o.SAMPLE_LOSS_RELU} == {live}", index=relu),
        forall("data point, ReLU, c(i) <= 0", f"{o.SAMPLE_LOSS_RELU} == sum(j:all, delta(i,j)**2)/2", index=dead),
        forall(
            "mean over the data", f"{o.LOSS} == (1/m)*sum(i:data, {live})", given=["m >= 1"], index=o.STEP.as_formal()
        ),
        scope="all 1 <= m <= n, both activations",
        derivation=(
            "In inner products $z = \\langle w, x\\rangle$, $N = \\|w\\|^2$, $q = "
            f"\\|x\\|^2$ the loss is ${o.LOSS_IN_PRODUCTS_LATEX}$.",
        ),
    )


@states(o.PAPER, "D2")
def pointwise_gradient() -> Statement:
    """State Eq. (4) for any sample, by the sign of z = <w, x> for the ReLU."""
    slope = "diff({}, c[k]) == {}"
    return statement(
        forall("linear", slope.format(squared_error("z"), equation_4("z", "1")), let=INNER, index=ANY_SAMPLE),
        forall(
            "ReLU, z > 0",
            slope.format(squared_error("z"), equation_4("z", "1")),
            given=["z > 0"],
            let=INNER,
            index=ANY_SAMPLE,
        ),
        forall(
            "ReLU, z < 0",
            slope.format(squared_error("0"), equation_4("0", "0")),
            given=["z < 0"],
            let=INNER,
            index=ANY_SAMPLE,
        ),
        forall(
            "the loss with activation value p",
            f"{squared_error('p')} == q/2 - z*p + N*p**2/2",
            let=INNER,
            index=ANY_SAMPLE,
            detail=("With $z \\phi(z) = \\phi(z)^2$ the loss of the ReLU is $q/2 + \\phi(z)^2 (N/2 - 1)$.",),
        ),
        forall(
            "ReLU, z = 0: the loss moves by at most a multiple of |h|^2",
            "-K*(1 + M/2) <= p2*(M/2 - 1) <= K*(1 + M/2)",
            given=["0 <= p2 <= K", "0 <= M"],
            detail=(
                "At $w$ with $\\langle w, x\\rangle = 0$ and any $h$: $p_2 = \\phi(\\langle w + h, x\\rangle)^2 "
                "\\le \\langle h, x\\rangle^2 \\le K = \\|x\\|^2 \\|h\\|^2$, "
                "$M = \\|w + h\\|^2$, and the loss changes by $p_2 (M/2 - 1) = O(\\|h\\|^2)$: its gradient is 0.",
            ),
        ),
        forall("ReLU, z = 0: Eq. (4) gives 0", f"{equation_4('0', '0')} == 0", let=INNER, index=ANY_SAMPLE),
        scope="all n, w and x (not only data points), both activations",
        derivation=(
            "Coordinate k of the gradient is derived by differentiating $\\tfrac12 \\sum_j "
            "(x_j - c_j \\phi(z))^2$, $z = \\sum_j c_j x_j$.",
        ),
    )


@states(o.PAPER, "D3")
def minibatch_update() -> Statement:
    """State Eq. (3) with Eq. (4), the step of Appendix D, and the batch laws."""
    gradient = "(delta(i,k)*sum(j:all, c[j]*(c[j]*c[i] - delta(i,j))) + c[i]*(c[k]*c[i] - delta(i,k)))"
    kinds = [("batch", "k in the batch"), ("rest", "k in [m] outside the batch"), ("outside", "k > m")]
    return statement(
        *(
            forall(
                f"Eq. (3), {words}",
                f"{o.NEXT} == c[k] - eta*sum(i:batch, {gradient})",
                index=o.STEP.as_formal({"k": atom}),
            )
            for atom, words in kinds
        ),
        *(
            forall(
                f"Appendix D: gradient descent on L with step alpha, {words}",
                f"{o.NEXT} == c[k] - alpha*diff({o.LOSS}, c[k])",
                given=["m >= 1"],
                let=["eta = alpha/m"],
                index=o.FULL.as_formal({"k": atom}),
            )
            for atom, words in (kinds[0], kinds[2])
        ),
        forall(
            "{t mod m} is a set of indices 0, ..., m-1",
            "0 <= r <= m - 1",
            given=["m >= 1", "0 <= r <= m - 1"],
            integers=["m", "r"],
            detail=("$r = t \\bmod m$; for cyclic SGD the paper counts the data from 0: $a_0, a_1$ in Theorem 4.",),
        ),
        forall(
            "b indices drawn with replacement would be another law: P(i in the batch) for b = 2",
            "1 - (1 - 1/m)**2 == 2/m",
            given=["m >= 3"],
            integers=["m"],
            role="context",
            detail=(
                "The introduction says that a mini-batch of size $b$ is drawn 'uniformly with replacement'. Section 3 "
                "fixes $b := |\\mathcal{B}_t|$ and draws from 'the set of subsets of $[m]$ of size $b$', Section 4 "
                "recalls the draw 'from the distinct batches of size $b < m$': what is put back is the batch, "
                "so that the $\\mathcal{B}_t$ are independent. $b$ indices drawn with replacement do not have "
                "$|\\mathcal{B}_t| = b$.",
            ),
        ),
        forall(
            "with data a_1, ..., a_m the indices t mod m would not be those of the data",
            "1 <= r <= m",
            given=["m >= 1", "0 <= r <= m - 1"],
            integers=["m", "r"],
            role="context",
        ),
        scope="all m, n, b, eta; a batch law in which the batches, not their members, are put back",
    )


@states(o.PAPER, "D4")
def projections() -> Statement:
    """State the projection onto a set of data directions and the two forms of Phi and Psi."""
    index = o.STEP.as_formal({"k": "batch"})
    image = "sum(i:data, c[i]*delta(i,{}))"
    parts = []
    for atom, words in (("batch", "k in the batch"), ("rest", "k in [m] outside the batch"), ("outside", "k > m")):
        here = {**index, "indices": {"k": atom}}
        fixed = "c[k]" if atom != "outside" else "0"
        parts.append(forall(f"coordinate of the projection, {words}", f"{image.format('k')} == {fixed}", index=here))
        parts.append(
            forall(
                f"projecting twice, {words}",
                f"sum(i:data, sum(j:data, c[j]*delta(j,i))*delta(i,k)) == {image.format('k')}",
                index=here,
            )
        )
    two = {**o.STEP.as_formal(), "families": {"c": None, "x": None}}
    return statement(
        *parts,
        forall(
            "the projection is symmetric",
            "sum(k:all, sum(i:data, c[i]*delta(i,k))*x[k]) == sum(k:all, c[k]*sum(i:data, x[i]*delta(i,k)))",
            index=two,
        ),
        forall("Phi", f"sum(k:all, {image.format('k')}**2) == sum(i:data, c[i]**2)", index=o.STEP.as_formal()),
        forall(
            "Psi",
            f"sum(i:all, c[i]**2) - sum(k:all, {image.format('k')}**2) == sum(j:outside, c[j]**2)",
            index=o.STEP.as_formal(),
        ),
        forall(
            "u is the squared norm of the batch's projection",
            "sum(k:all, sum(i:batch, c[i]*delta(i,k))**2) == sum(i:batch, c[i]**2)",
            index=o.STEP.as_formal(),
        ),
        scope="all m, n and every subset of the directions (named batch, or all of the data)",
    )


@states(o.PAPER, "D5")
def positive_set() -> Statement:
    """State that the ReLU's step sees the batch through its intersection with the positive set."""
    atoms = [
        ("batchp", "k in the batch and positive"),
        ("batchq", "k in the batch, not positive"),
        ("restp", "k outside, positive"),
        ("restq", "k outside, not positive"),
        ("outside", "k > m"),
    ]
    return statement(
        forall("<w, a_i> is c(i)", "sum(j:all, c[j]*delta(i,j)) == c[i]", index=o.STEP.as_formal({"i": "batch"})),
        *(
            forall(
                f"ReLU step on B = linear step on its intersection with S^+, {words}",
                f"{o.NEXT_RELU} == c[k] - eta*sum(i:batchp, diff({o.SAMPLE_LOSS}, c[k]))",
                index=o.RELU.as_formal({"k": atom}),
            )
            for atom, words in atoms
        ),
        scope="all m, n, batches and step sizes",
    )


@states(o.PAPER, "D6")
def cosine_similarity() -> Statement:
    """State what Eq. (7) gives at the data, in two readings of the similarity with the data set."""
    return statement(
        forall(
            "|w|^2 |x|^2 - <w, x>^2 is a sum of squares, so a cosine lies in [-1, 1]",
            "N*q - z**2 == sum(i:all, sum(j:all, (c[i]*x[j] - c[j]*x[i])**2))/2",
            let=INNER,
            index={**ANY_SAMPLE, "indices": {}},
            reading="as defined",
        ),
        forall("|a_i| = 1", "sum(j:all, delta(i,j)**2) == 1", index=o.STEP.as_formal({"i": "batch"})),
        forall("<w, a_i> = c(i)", "sum(j:all, c[j]*delta(i,j)) == c[i]", index=o.STEP.as_formal({"i": "batch"})),
        forall(
            "cossim(w, D) = 1 at every limit point of Theorem 2",
            "max(s, 0) == 1",
            given=["s**2 == 1", "m >= 2"],
            integers=["m"],
            reading="as used",
            detail=(
                "At $w = s\\, a_k$ with $s = \\pm 1$ the cosines with the data are $s$ (once) and 0 ($m "
                "- 1$ times); the paper's maximum has no absolute value.",
            ),
        ),
        scope="nonzero w and x",
        reason=(
            "well defined for nonzero vectors, but a maximum of signed cosines is "
            "0 at -a_j, where Corollary 3 takes it to be 1"
        ),
    )


@states(o.PAPER, "D7")
def log_ratio() -> Statement:
    """State that the log-ratio does not depend on the choice of a maximiser, and where it is defined."""
    return statement(
        forall(
            "the denominator depends on the maximum only, not on the index that attains it",
            "sum(l:J, d[l]) == sum(l:data, d[l]) - sum(l:lead, d[l])",
            index=LEADING,
        ),
        forall(
            "defined where two data coordinates are nonzero",
            "a/S > 0",
            given=["0 < a", "0 < S"],
            reading="where defined",
        ),
        forall(
            "defined at every start that the theorems admit",
            "a/S > 0",
            given=["0 < a < 1", "0 <= S <= (m - 1)*a", "m >= 2"],
            integers=["m"],
            reading="at every admissible start",
        ),
        scope="states with at least two nonzero data coordinates",
        reason=(
            "R_t is log(x/0) when only one data coordinate is nonzero (w_0 = a_1/2 is an "
            "admissible start of Theorem 2), and log(0/0) when none is"
        ),
    )


@states(o.PAPER, "D8")
def standing_assumptions() -> Statement:
    """State that Assumption 2 is kept by the step, and that it loses no generality."""
    branches = [
        {"inputs": ["c**2 <= u", "0 <= u <= N"], "next": {"c": f"c*({o.in_batch()})", "N": o.next_norm()}},
        {"inputs": ["0 <= u <= N", "u + c**2 <= N"], "next": {"c": f"c*({o.off_batch()})", "N": o.next_norm()}},
    ]
    return statement(
        trajectory(
            "positive coordinates stay positive under Assumption 1",
            state=["c", "N"],
            parameters=STEP_SIZE,
            start=["0 < c", "c**2 <= N", "0 <= N < 1"],
            branches=branches,
            always=["c > 0"],
            invariant=["c > 0", "0 <= N", "N <= 1 + eta/4"],
            reading="as a restriction",
        ),
        forall(
            "every start of Theorem 2 reduces to Assumption 2 by signs",
            "abs(c) > 0",
            given=["0 < N < 1", "c**2 <= N"],
            reading="without loss of generality",
            detail=(
                "The paper replaces $c_0(l)$ by $c_0(l)\\, \\mathrm{sign}(c_0(l)) = |c_0(l)|$ "
                "and says that the result satisfies Assumption 2.",
            ),
        ),
        scope="starts with all coordinates positive",
        reason=(
            "as a restriction of the start it is consistent and kept by every step; as 'without loss "
            "of generality' it misses starts with a zero coordinate"
        ),
    )
