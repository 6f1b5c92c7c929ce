"""Identities between matrices, true and false, from papers on gradient training and from textbooks.

``gdproof verify benchmarks/matrices.py`` judges them; ``EXPECTED`` says what is true of each.
"""

from __future__ import annotations

from typing import Any

from checks.claim import Part, Statement, matrices, statement, states
from theory.matrix_words import mean, mean_over_batches, mean_over_orders, product, total

# fmt: off
KEY = "matrices"
EXPECTED: dict[str, str] = {}
ETA = "eta: number"
THREE = ("A: n x n", "B: n x n", "C: n x n")


def identity(name: str, expected: str, title: str, show: Any, letters: Any, scope: str = "", **more: Any) -> None:
    """State one identity as a claim of its own."""

    def stated() -> Statement:
        return statement(part, scope=scope or "all sizes and matrices that the hypotheses allow")

    part: Part = matrices(title, show, letters=letters, **more)
    stated.__doc__ = title
    stated.__qualname__ = name
    EXPECTED[name] = expected
    states(KEY, name)(stated)


def _steps(letters: tuple[str, ...]) -> str:
    return product(f"I - eta*{letter}" for letter in reversed(letters))


def _hessians(k: int) -> list[str]:
    return [f"H{i}" for i in range(1, k + 1)]


def _declared(names: list[str], shape: str) -> list[str]:
    return [f"{name}: {shape}" for name in names]


# --- beneventano2024: linear networks, one and two steps -----------------------------------------------------------

REGRESSION = ("X: n x d", "Y: n x k", "W: k x d")
LOSS = "tr((X*W' - Y)'*(X*W' - Y))/n"
MOMENTS = ["L = X'*X/n", "M = Y'*X/n"]

identity(
    "EQ9", "proved", "Trace expansion of the mean square loss (beneventano2024.EQ9)",
    f"{LOSS} == tr(X'*X*W'*W)/n - 2*tr(X'*Y*W)/n + tr(Y'*Y)/n", REGRESSION,
)
identity(
    "EQ9m", "refuted", "Trace expansion with another order of the letters",
    f"{LOSS} == tr(X'*X*W*W')/n - 2*tr(X'*Y*W)/n + tr(Y'*Y)/n", ("X: n x d", "Y: n x d", "W: d x d"),
)
identity(
    "EQ10", "refuted", "The loss is a norm of the normal equation's residual plus a constant (beneventano2024.EQ10)",
    f"{LOSS} == tr((W*L - M)'*(W*L - M)) + tr(Y'*Y)/n - tr(M*M')", REGRESSION, let=MOMENTS,
)
identity(
    "EQ10r", "proved", "The same for whitened inputs", f"{LOSS} == tr((W*L - M)'*(W*L - M)) + tr(Y'*Y)/n - tr(M*M')",
    REGRESSION, let=MOMENTS, given=["X'*X == n*I"],
)
identity(
    "D9", "proved", "A step of gradient descent commutes with a rotation of the inputs (beneventano2024.D9)",
    "W*Q' - eta*T'*(T*W*Q'*(Q*L*Q') - M*Q') == (W - eta*T'*(T*W*L - M))*Q'",
    ("W: h x d", "T: k x h", "L: d x d symmetric", "M: k x d", "Q: d x d orthogonal", ETA),
)
identity(
    "D9m", "refuted", "The same with a matrix that is not orthogonal",
    "W*Q' - eta*T'*(T*W*Q'*(Q*L*Q') - M*Q') == (W - eta*T'*(T*W*L - M))*Q'",
    ("W: h x d", "T: k x h", "L: d x d symmetric", "M: k x d", "Q: d x d", ETA),
)

BLOCKS = ("X: n x r", "Z: n x i", "Y: n x k", "U: h x r", "V: h x i", "T: k x h", "D: h x i", "t: number")
ERRORS = ["E = X*U'*T' + Z*V'*T' - Y", "F = X*U'*T' + Z*(V + t*D)'*T' - Y"]
SLOPE = "(tr(F'*F) - tr(E'*E))/(2*n)"
identity(
    "EQ22", "proved", "Gradient of the loss in the irrelevant columns under Assumption 1 (beneventano2024.EQ22)",
    f"{SLOPE} == t*tr(D'*(T'*T)*V*(Z'*Z))/n", BLOCKS, let=ERRORS, given=["X'*Z == 0", "Y'*Z == 0"], modulo=("t", 2),
)
identity(
    "EQ26", "proved", "The same on a batch, where relevant and irrelevant inputs correlate (beneventano2024.EQ26)",
    f"{SLOPE} == t*tr(D'*(T'*T)*(V*(Z'*Z) + U*(X'*Z)))/n", BLOCKS, let=ERRORS, given=["Y'*Z == 0"], modulo=("t", 2),
)
identity(
    "EQ26m", "refuted", "The same where the labels correlate with the irrelevant inputs",
    f"{SLOPE} == t*tr(D'*(T'*T)*(V*(Z'*Z) + U*(X'*Z)))/n", BLOCKS, let=ERRORS, modulo=("t", 2),
)
identity(
    "EQ12", "proved", "Derivative of a product of layers in the first one (beneventano2024.EQ12)",
    "W3*W2*(W1 + t*E) - W3*W2*W1 == t*W3*W2*E", ("W3: c x b", "W2: b x a", "W1: a x d", "E: a x d", "t: number"),
)
identity(
    "EQ28", "proved", "Residual split into relevant and irrelevant part (beneventano2024.EQ28)",
    "W*(U*x + V*z) - A*x == (W*U - A)*x + W*V*z",
    ("W: k x h", "U: h x r", "V: h x i", "A: k x r", "x: r x 1", "z: i x 1"),
)
identity(
    "EQ31", "proved", "The step on irrelevant columns, transposed (beneventano2024.EQ31)",
    "(V - eta*(R'*R)*V*C)' == V' - eta*C*V'*R'*R", ("V: h x i", "R: k x h", "C: i x i symmetric", ETA),
)
identity(
    "S_RELU6", "proved", "A ReLU step split into shrinking part and rest (beneventano2024.S-RELU6)",
    "D*W'*(W*D*(U*x + V*z) - y)*z' == (D*W'*W*D)*V*(z*z') + D*W'*(W*D*U*x - y)*z'",
    ("D: h x h diagonal", "W: k x h", "U: h x r", "V: h x i", "x: r x 1", "z: i x 1", "y: k x 1"),
)

TWO_STEPS = [
    "S = R'*R", "S1 = R1'*R1", "G = (R - N)'*R", "G1 = (R1 - N)'*R1",
    "Z1 = Z - eta*(C1*Z*S + B*Z*G)", "Z2 = Z1 - eta*(C2*Z1*S1 - B*Z1*G1)",
]
TWO_LETTERS = (
    "Z: i x h", "R: k x h", "R1: k x h", "N: k x h", "B: i x i", *_declared(["C", "C1", "C2"], "i x i symmetric"), ETA,
)
FIRST_ORDER = "- 2*eta*C*Z*S - eta*C2*Z*(S1 - S) + eta*B*Z*(G1 - G)"
identity(
    "EQ35", "refuted", "Increment of two steps as printed (beneventano2024.EQ35)",
    "Z2 - Z == - 2*eta*C*Z*S - eta*C2*Z*(S1 - S) + eta**2*C1**2*Z*S*S1 + eta*B*Z*(S1 - S + N'*(R - R1))"
    " - eta**2*B*C1*Z*S*G1 + eta**2*C2*B*Z*S1*G - eta**2*B**2*Z*G*G1",
    TWO_LETTERS, let=TWO_STEPS, given=["C1 + C2 == 2*C"],
)
identity(
    "EQ35r", "proved", "Increment of two steps, with the right products",
    f"Z2 - Z == {FIRST_ORDER} + eta**2*(C2*C1*Z*S*S1 + C2*B*Z*G*S1 - B*C1*Z*S*G1 - B**2*Z*G*G1)", TWO_LETTERS,
    let=TWO_STEPS, given=["C1 + C2 == 2*C"],
)
identity(
    "EQ36", "refuted", "The square replaced by C1 (C - C1), as printed (beneventano2024.EQ36)",
    "eta**2*C2*C1*Z*S*S1 == eta**2*C1*(C - C1)*Z*S*S1", TWO_LETTERS, let=TWO_STEPS, given=["C1 + C2 == 2*C"],
)
identity(
    "EQ38", "proved", "Two batches, mean over both orders: the variance of the batch Hessian (beneventano2024.EQ38)",
    f"{mean_over_orders(_hessians(2), _steps)} == (I - eta*H)**2 - eta**2*((H1 - H)**2 + (H2 - H)**2)/2",
    ("H1: n x n", "H2: n x n", "H: n x n", ETA), given=["H1 + H2 == 2*H"], scope="two batches, both orders",
)
for _k in (2, 3, 4):
    _names = _hessians(_k)
    _squares = total(f"{h}**2" for h in _names)
    _second = f"eta**2*(({total(_names)})**2 - ({_squares}))"
    identity(
        f"EPOCH{_k}", "proved", f"An epoch of {_k} batches to second order, mean over all orders",
        f"{mean_over_orders(_names, _steps)} == I - eta*({total(_names)}) + {_second}/2",
        (*_declared(_names, "n x n"), ETA), modulo=("eta", 3), scope=f"{_k} batches, all orders",
    )
identity(
    "EPOCH3m", "refuted", "An epoch of 3 batches to second order, without the factor 1/2",
    f"{mean_over_orders(_hessians(3), _steps)} == I - eta*(H1 + H2 + H3)"
    " + eta**2*((H1 + H2 + H3)**2 - H1**2 - H2**2 - H3**2)",
    (*_declared(_hessians(3), "n x n"), ETA), modulo=("eta", 3),
)
identity(
    "EPOCH3c", "refuted", "An epoch of 3 batches equals three steps of gradient descent to second order",
    f"{mean_over_orders(_hessians(3), _steps)} == (I - eta*(H1 + H2 + H3)/3)**3",
    (*_declared(_hessians(3), "n x n"), ETA), modulo=("eta", 3),
)
identity(
    "EPOCH3f", "proved", "An epoch of 3 batches equals three steps of gradient descent to first order",
    f"{_steps(('H1', 'H2', 'H3'))} == (I - eta*(H1 + H2 + H3)/3)**3", (*_declared(_hessians(3), "n x n"), ETA),
    modulo=("eta", 2),
)
identity(
    "BATCH", "proved",
    "Mean square of a batch Hessian, batches of 2 of 3: its variance is (1 - 1/2)/2 of that of one",
    f"{mean_over_batches(_hessians(3), 2, lambda b: f'({mean(b)})**2')}"
    " == H**2 + (((H1 - H)**2 + (H2 - H)**2 + (H3 - H)**2)/3)/4",
    _declared(_hessians(3), "n x n"), let=["H = (H1 + H2 + H3)/3"], scope="batches of 2 of 3 samples",
)

# --- deep linear networks: what gradient flow keeps and gradient descent does not ------------------------------------

LAYERS = ("W1: h x d", "W2: k x h", "G: k x d", "t: number")
NEXT = ["V1 = W1 - t*W2'*G", "V2 = W2 - t*G*W1'"]
identity(
    "BALANCE", "proved", "Gradient flow keeps W2'W2 - W1W1'", "V2'*V2 - V1*V1' == W2'*W2 - W1*W1'", LAYERS, let=NEXT,
    modulo=("t", 2),
)
identity(
    "BALANCEd", "refuted", "Gradient descent keeps W2'W2 - W1W1'", "V2'*V2 - V1*V1' == W2'*W2 - W1*W1'", LAYERS,
    let=NEXT,
)
identity(
    "BALANCEr", "proved", "One step of gradient descent moves W2'W2 - W1W1' by a term of second order",
    "V2'*V2 - V1*V1' == W2'*W2 - W1*W1' + t**2*(W1*G'*G*W1' - W2'*G*G'*W2)", LAYERS, let=NEXT,
)

# --- oymak2019: nonlinear least squares, low-rank regression ---------------------------------------------------------

identity(
    "O_EQ1", "proved", "Residual of least squares after a step (oymak2019.EQ1)",
    "X*(p - eta*X'*(X*p - y)) - y == (I - eta*X*X')*(X*p - y)", ("X: n x d", "p: d x 1", "y: n x 1", ETA),
)
identity(
    "O_S14", "proved", "Square of the residual after a step (oymak2019.S14)",
    "((I - eta*C)*r)'*((I - eta*C)*r) == r'*r - 2*eta*r'*C*r + eta**2*r'*C'*C*r", ("C: n x n", "r: n x 1", ETA),
)
identity(
    "O_S14m", "refuted", "The same with C C' in place of C'C",
    "((I - eta*C)*r)'*((I - eta*C)*r) == r'*r - 2*eta*r'*C*r + eta**2*r'*C*C'*r", ("C: n x n", "r: n x 1", ETA),
)
identity(
    "O_D9", "proved", "The low-rank model as an inner product (oymak2019.D9)", "tr(P'*X*P) == tr(X'*(P*P'))",
    ("X: d x d", "P: d x r"),
)
LOW_RANK = ("X: d x d", "P: d x r", "V: d x r", "t: number")
DERIVATIVE = "tr((P + t*V)'*X*(P + t*V)) - tr(P'*X*P)"
identity(
    "O_S30", "refuted", "Jacobian of the low-rank model as printed: X P (oymak2019.S30)",
    f"{DERIVATIVE} == t*tr(V'*X*P)", LOW_RANK, modulo=("t", 2),
)
identity(
    "O_S30r", "proved", "Jacobian of the low-rank model: (X + X') P", f"{DERIVATIVE} == t*tr(V'*(X + X')*P)",
    LOW_RANK, modulo=("t", 2),
)
ROWS = ("X: n x d", "K: n x n", "p: d x 1", "y: n x 1", ETA)
PROJECTION = {"given": ["K*(X*X') == I"], "let": ["P = X'*K*X"]}
identity("O_S2a", "proved", "The projection on the row space is symmetric", "P' == P", ROWS, **PROJECTION)
identity("O_S2b", "proved", "The projection on the row space is idempotent", "P*P == P", ROWS, **PROJECTION)
identity(
    "O_S2c", "proved", "Gradient descent does not move the part in the null space (oymak2019.S2)",
    "(I - P)*(p - eta*X'*(X*p - y)) == (I - P)*p", ROWS, **PROJECTION,
)
identity("O_S2d", "proved", "The pseudo-inverse solution fits", "X*(X'*K*y) == y", ROWS, **PROJECTION)
identity("O_S2e", "proved", "The rank of the projection is n", "tr(P) == n", ROWS, **PROJECTION)
identity("O_S2m", "refuted", "The rank of the projection is d", "tr(P) == d", ROWS, **PROJECTION)
identity(
    "O_S27", "proved", "Error recursion of a generalised linear model (oymak2019.S27)",
    "p - eta*X'*D1*(f - y) - q == (I - eta*X'*D1*D2*X)*(p - q)",
    ("X: n x d", "D1: n x n diagonal", "D2: n x n diagonal", "p: d x 1", "q: d x 1", "f: n x 1", "y: n x 1", ETA),
    given=["D2*X*(p - q) == f - y"],
)
identity(
    "O_S27s", "proved", "Its matrix is symmetric, as diagonal matrices commute", "(X'*D1*D2*X)' == X'*D1*D2*X",
    ("X: n x d", "D1: n x n diagonal", "D2: n x n diagonal"),
)
identity(
    "O_S27m", "refuted", "The same with symmetric matrices in place of diagonal ones", "(X'*D1*D2*X)' == X'*D1*D2*X",
    ("X: n x d", "D1: n x n symmetric", "D2: n x n symmetric"),
)
identity(
    "O_S20", "proved", "The mean of Jacobians with one row is J/n, two rows (oymak2019.S20)",
    "(E1*J + E2*J)/2 == J/2", ("E1: 2 x 2 projection", "E2: 2 x 2 projection", "J: 2 x p"), given=["E1 + E2 == I"],
    scope="n = 2",
)

# --- patel2018: SGD on random quadratics ------------------------------------------------------------------------------

identity(
    "P_L32", "proved", "Completing the square (patel2018.L3.2)",
    "p'*Q*p/2 + r'*p == (p - s)'*Q*(p - s)/2 - s'*Q*s/2", ("Q: n x n symmetric", "p: n x 1", "s: n x 1", "r: n x 1"),
    given=["Q*s == -r"],
)
QUADRATICS = ("Q1: n x n symmetric", "Q2: n x n symmetric", "d: n x 1", "c: number")
HOMOGENEOUS = " + ".join(f"(d - c*{q}*d)'*Q*(d - c*{q}*d)/2" for q in ("Q1", "Q2"))
EXCESS = "(Q1*Q*Q1 + Q2*Q*Q2)/2 - Q**3"
identity(
    "P_L36b", "proved", "Expected error after a step, homogeneous, batch size 1 (patel2018.L3.6b)",
    f"{HOMOGENEOUS} == d'*Q*d - 2*c*d'*Q**2*d + c**2*d'*Q**3*d + c**2*d'*({EXCESS})*d", QUADRATICS,
    let=["Q = (Q1 + Q2)/2"], scope="two equally likely samples, batch size 1",
)
identity(
    "P_L36m", "refuted", "The same without the excess of the second moment",
    f"{HOMOGENEOUS} == d'*Q*d - 2*c*d'*Q**2*d + c**2*d'*Q**3*d", QUADRATICS, let=["Q = (Q1 + Q2)/2"],
)


def _batch_error(batch: tuple[str, ...]) -> str:
    step = "c*(" + mean([f"Q{k}*d + z{k}" for k in batch]) + ")"
    return f"(d - {step})'*Q*(d - {step})"


identity(
    "P_L36a", "proved", "Expected error after a step, batch size 2, with noise at the solution (patel2018.L3.6a)",
    f"{mean_over_batches(['1', '2'], 2, _batch_error, replacement=True)}"
    f" == d'*Q*d - 2*c*d'*Q**2*d + c**2*d'*Q**3*d + c**2/2*d'*({EXCESS})*d"
    " + 2*c**2/2*d'*(Q1*Q*z1 + Q2*Q*z2)/2 + c**2/2*(z1'*Q*z1 + z2'*Q*z2)/2",
    (*QUADRATICS, "z1: n x 1", "z2: n x 1"), let=["Q = (Q1 + Q2)/2"], given=["z1 + z2 == 0"],
    scope="two equally likely samples, batches of 2 with replacement",
)
identity(
    "P_L39", "proved", "A vector in the range of Q is kept by Q times its pseudo-inverse (patel2018.L3.9)",
    "Q*G*b == b", ("Q: n x n symmetric", "G: n x n", "b: n x 1", "v: n x 1"), given=["Q*G*Q == Q", "b == Q*v"],
)

# --- ghosh2023: orthonormal data --------------------------------------------------------------------------------------

DATA = ("A: m x n", "w: n x 1", "v: n x 1", "t: number")
ORTHONORMAL = {"given": ["A*A' == I"]}
identity("G_P", "proved", "A'A is a projection of trace m", ["(A'*A)**2 == A'*A", "tr(A'*A) == m"], DATA, **ORTHONORMAL)
identity("G_Pm", "refuted", "A'A is the identity", "A'*A == I", DATA, **ORTHONORMAL)
identity(
    "G_LOSS", "proved", "The loss of the tied autoencoder in u = |Aw|^2 and |w|^2",
    "tr((A - A*w*w')'*(A - A*w*w'))/2 == m/2 - w'*A'*A*w + (w'*A'*A*w)*(w'*w)/2", DATA, **ORTHONORMAL,
)
identity(
    "G_GRAD", "proved", "Its gradient, for all orthonormal data (ghosh2023.D2, summed over the data)",
    "LT - L0 == t*v'*((w'*w - 2)*A'*A*w + (w'*A'*A*w)*w)", DATA, modulo=("t", 2),
    let=["L0 = tr((A - A*w*w')'*(A - A*w*w'))/2", "q = w + t*v", "LT = tr((A - A*q*q')'*(A - A*q*q'))/2"],
    **ORTHONORMAL,
)

POINT = ("a: n x 1", "w: n x 1", "v: n x 1", "t: number")
identity(
    "G_D2", "proved", "Pointwise gradient of the linear autoencoder (ghosh2023.D2)",
    "LT - L0 == t*v'*((a*w' + w'*a*I)*(w*(w'*a) - a))",
    POINT, let=["q = w + t*v", "L0 = (a - w*(w'*a))'*(a - w*(w'*a))/2", "LT = (a - q*(q'*a))'*(a - q*(q'*a))/2"],
    modulo=("t", 2),
)
SECOND = ["q = w + t*v", "N = w'*w", "G = w'*a*(N - 2)*a + (w'*a)**2*w",
          "H = (N - 2)*a*a' + 2*(w'*a)*(a*w' + w*a') + (w'*a)**2*I(n)"]
identity(
    "G_EQ37", "proved", "Gradient, Hessian and trace of g_i (ghosh2023.EQ37)",
    ["(q'*a)**2*(q'*q/2 - 1) == (w'*a)**2*(N/2 - 1) + t*v'*G + t**2/2*v'*H*v", "tr(H) == (N - 2) + (n + 4)*(w'*a)**2"],
    POINT, let=SECOND, given=["a'*a == 1"], modulo=("t", 3),
)
identity(
    "G_EQ37m", "refuted", "The trace for data of any norm", "tr(H) == (N - 2) + (n + 4)*(w'*a)**2", POINT, let=SECOND,
)
identity(
    "G_S13a", "proved", "Curvature at a minimum along directions in the span (ghosh2023.S13a)",
    "v'*((A1*A1' - 2*A1*A1') + 2*(w*c'*A1' + A1*c*w') + c'*c*I)*v == 4*(w'*v)**2",
    ("A1: n x s", "c: s x 1", "w: n x 1", "v: n x 1", "d: s x 1"),
    given=["A1'*A1 == I", "w == A1*c", "c'*c == 1", "v == A1*d"],
)
# --- textbooks --------------------------------------------------------------------------------------------------------

identity("T_CYCLE", "proved", "Traces are cyclic", "tr(A*B*C) == tr(C*A*B)", ("A: m x n", "B: n x p", "C: p x m"))
identity("T_CYCLEm", "refuted", "Traces do not depend on the order", "tr(A*B*C) == tr(A*C*B)", THREE)
identity("T_TRANS", "proved", "Transpose of a product", "(A*B)' == B'*A'", ("A: m x n", "B: n x p"))
identity("T_TRANSm", "refuted", "Transpose of a product, order kept", "(A*B)' == A'*B'", THREE)
identity(
    "T_SYM3", "proved", "Traces of three symmetric matrices do not depend on the order", "tr(A*B*C) == tr(A*C*B)",
    [f"{x} symmetric" for x in THREE],
)
identity(
    "T_SYM4", "refuted", "Nor do those of four", "tr(A*B*C*D) == tr(A*C*B*D)",
    [f"{x} symmetric" for x in (*THREE, "D: n x n")],
)
identity("T_TRACE", "refuted", "The trace is multiplicative", "tr(A*B) == tr(A)*tr(B)", THREE)
JACOBI = ["F = B*C - C*B", "G = C*A - A*C", "H = A*B - B*A"]
identity("T_JACOBI", "proved", "Jacobi's identity", "A*F - F*A + B*G - G*B + C*H - H*C == 0", THREE, let=JACOBI)
identity(
    "T_JACOBIm", "refuted", "The same with a sign changed", "A*F - F*A + B*G - G*B + C*H + H*C == 0", THREE,
    let=JACOBI,
)
identity("T_BINOM", "refuted", "Square of a sum", "(A + B)**2 == A**2 + 2*A*B + B**2", THREE)
identity(
    "T_BINOMc", "proved", "Square of a sum of commuting matrices", "(A + B)**3 == A**3 + 3*A**2*B + 3*A*B**2 + B**3",
    THREE, given=["A*B == B*A"],
)
identity(
    "T_ONE", "proved", "A left inverse of a square matrix is a right inverse", "B*A == I", THREE, given=["A*B == I"],
)
identity(
    "T_ONEm", "refuted", "The same for rectangular matrices", "B*A == I", ("A: m x n", "B: n x m"),
    given=["A*B == I"],
)
WOODBURY = (
    "A: n x n",
    "Ai: n x n inverse of A",
    "C: k x k",
    "Ci: k x k inverse of C",
    "U: n x k",
    "V: k x n",
    "K: k x k",
)
identity(
    "T_WOOD", "proved", "Woodbury's formula", "(A + U*C*V)*(Ai - Ai*U*K*V*Ai) == I", WOODBURY,
    given=["K*(Ci + V*Ai*U) == I"],
)
identity(
    "T_WOODm", "refuted", "Woodbury's formula with C in place of its inverse", "(A + U*C*V)*(Ai - Ai*U*K*V*Ai) == I",
    WOODBURY, given=["K*(C + V*Ai*U) == I"],
)
RANK_ONE = ("A: n x n", "Ai: n x n inverse of A", "x: n x 1", "y: n x 1")
identity(
    "T_SHER", "proved", "The formula of Sherman and Morrison", "(A + x*y')*(Ai - Ai*x*y'*Ai/(1 + y'*Ai*x)) == I",
    RANK_ONE, given=["1 + y'*Ai*x != 0"],
)
identity(
    "T_SHERm", "refuted", "The same without its hypothesis", "(A + x*y')*(Ai - Ai*x*y'*Ai/(1 + y'*Ai*x)) == I",
    RANK_ONE,
)
identity(
    "T_PUSH", "proved", "Push-through", "X*A == A*Y", ("A: m x n", "B: n x m", "X: m x m", "Y: n x n"),
    given=["X*(I + A*B) == I", "Y*(I + B*A) == I"],
)
identity(
    "T_PUSHm", "refuted", "Push-through, letters exchanged", "A*X == Y*A",
    ("A: n x n", "B: n x n", "X: n x n", "Y: n x n"), given=["X*(I + A*B) == I", "Y*(I + B*A) == I"],
)
identity(
    "T_RES", "proved", "Resolvent identity", "Ai - Bi == Ai*(B - A)*Bi",
    ("A: n x n", "B: n x n", "Ai: n x n inverse of A", "Bi: n x n inverse of B"),
)
identity(
    "T_RESm", "refuted", "Resolvent identity, wrong sign", "Ai - Bi == Ai*(A - B)*Bi",
    ("A: n x n", "B: n x n", "Ai: n x n inverse of A", "Bi: n x n inverse of B"),
)
identity(
    "T_INVT", "proved", "The inverse of a symmetric matrix is symmetric", "Ai' == Ai",
    ("A: n x n symmetric", "Ai: n x n inverse of A"),
)
identity(
    "T_SIM", "proved", "Similar matrices have the same power traces", "tr((S*A*Si)**3) == tr(A**3)",
    ("A: n x n", "S: n x n", "Si: n x n inverse of S"),
)
identity(
    "T_CAYLEY", "proved", "Cayley's transform of a skew matrix is orthogonal", "((I - K)*S)'*((I - K)*S) == I",
    ("K: n x n skew", "S: n x n"), given=["S*(I + K) == I"],
)
identity(
    "T_CAYm", "refuted", "Cayley's transform of any matrix is orthogonal", "((I - K)*S)'*((I - K)*S) == I",
    ("K: n x n", "S: n x n"), given=["S*(I + K) == I"],
)
identity(
    "T_HOUSE", "proved", "A Householder reflection is its own inverse", "(I - 2*x*x'/(x'*x))**2 == I", ("x: n x 1",),
    given=["x'*x != 0"],
)
identity("T_HOUSEm", "refuted", "The same, the vector zero allowed", "(I - 2*x*x'/(x'*x))**2 == I", ("x: n x 1",))
identity(
    "T_PROJ", "proved", "The complement of a projection", ["(I - P)**2 == I - P", "P*(I - P) == 0"],
    ("P: n x n projection",),
)
identity(
    "T_PROJs", "refuted", "The product of two projections is one", "(P*Q)**2 == P*Q",
    ("P: n x n projection", "Q: n x n projection"),
)
identity(
    "T_PROJc", "proved", "The product of two commuting projections is one", "(P*Q)**2 == P*Q",
    ("P: n x n projection", "Q: n x n projection"), given=["P*Q == Q*P"],
)
identity(
    "T_FROB", "proved", "Frobenius norms are invariant under rotations", "tr((Q*A*R)'*(Q*A*R)) == tr(A'*A)",
    ("A: m x n", "Q: m x m orthogonal", "R: n x n orthogonal"),
)
identity(
    "T_NEUM", "proved", "Neumann's series to third order",
    "(I - eta*A)*(I + eta*A + eta**2*A**2 + eta**3*A**3) == I", ("A: n x n", ETA), modulo=("eta", 4),
)
identity(
    "T_DINV", "proved", "Derivative of the inverse", "(A + t*B)*(Ai - t*Ai*B*Ai) == I",
    ("A: n x n", "Ai: n x n inverse of A", "B: n x n", "t: number"), modulo=("t", 2),
)
identity(
    "T_DINVm", "refuted", "Derivative of the inverse, to second order", "(A + t*B)*(Ai - t*Ai*B*Ai) == I",
    ("A: n x n", "Ai: n x n inverse of A", "B: n x n", "t: number"), modulo=("t", 3),
)
identity(
    "T_GRAD", "proved", "Gradient of a matrix least squares problem",
    "tr(((W + t*V)*A - Y)'*((W + t*V)*A - Y)) - tr((W*A - Y)'*(W*A - Y)) == 2*t*tr(V'*(W*A - Y)*A')",
    ("W: k x d", "V: k x d", "A: d x n", "Y: k x n", "t: number"), modulo=("t", 2),
)
identity(
    "T_HESS", "proved", "Its Hessian: the second difference is exact",
    "tr(((W + t*V)*A - Y)'*((W + t*V)*A - Y)) == tr(E'*E) + 2*t*tr(V'*E*A') + t**2*tr(V*A*A'*V')",
    ("W: k x d", "V: k x d", "A: d x n", "Y: k x n", "t: number"), let=["E = W*A - Y"],
)
RAYLEIGH = ["q = x + t*v", "F = x'*A*x/(x'*x)"]
identity(
    "T_RAY", "proved", "Gradient of the Rayleigh quotient", "q'*A*q/(q'*q) == F + 2*t*v'*(A*x - F*x)/(x'*x)",
    ("A: n x n symmetric", "x: n x 1", "v: n x 1", "t: number"), let=RAYLEIGH, given=["x'*x != 0"], modulo=("t", 2),
)
identity(
    "T_RAYm", "refuted", "The same for matrices that are not symmetric",
    "q'*A*q/(q'*q) == F + 2*t*v'*(A*x - F*x)/(x'*x)",
    ("A: n x n", "x: n x 1", "v: n x 1", "t: number"), let=RAYLEIGH, given=["x'*x != 0"], modulo=("t", 2),
)
EIGENVECTORS = ("A: n x n symmetric", "x: n x 1", "y: n x 1", "a: number", "b: number")
identity(
    "T_EIG", "proved", "Eigenvectors of a symmetric matrix to different eigenvalues are orthogonal", "x'*y == 0",
    EIGENVECTORS, given=["A*x == a*x", "A*y == b*y", "a != b"],
)
identity(
    "T_EIGm", "refuted", "The same for equal eigenvalues", "x'*y == 0", EIGENVECTORS,
    given=["A*x == a*x", "A*y == b*y"],
)


def _penrose(g: str) -> list[str]:
    return [f"A*{g}*A == A", f"{g}*A*{g} == {g}", f"(A*{g})' == A*{g}", f"({g}*A)' == {g}*A"]


PAIR = ("A: m x n", "G: n x m", "F: n x m")
identity(
    "T_PINV", "proved", "The pseudo-inverse is unique", "G == F", PAIR, given=[*_penrose("G"), *_penrose("F")],
)
identity(
    "T_PINVm", "refuted", "Three of Penrose's equations do not determine it", "G == F", PAIR,
    given=[*_penrose("G")[:3], *_penrose("F")[:3]],
)
identity(
    "T_RIDGE", "proved", "Ridge regression in samples and in features", "K*X' == X'*L",
    ("X: n x d", "K: d x d", "L: n x n", "a: number"), given=["K*(X'*X + a*I) == I", "L*(X*X' + a*I) == I"],
)
identity(
    "T_SCHUR", "proved", "Elimination of a block", "(D - C*Ai*B)*y == g - C*Ai*f",
    ("A: n x n", "Ai: n x n inverse of A", "B: n x k", "C: k x n", "D: k x k", "x: n x 1", "y: k x 1", "f: n x 1",
     "g: k x 1"),
    given=["A*x + B*y == f", "C*x + D*y == g"],
)
identity(
    "T_LAX", "proved", "A flow L' = [K, L] keeps the power traces of L", "tr((L + t*(K*L - L*K))**4) == tr(L**4)",
    ("L: n x n symmetric", "K: n x n skew", "t: number"), modulo=("t", 2),
)
identity(
    "T_ANTI", "proved", "Trace of a product from its anticommutator", "tr(A*B) == tr(C)/2", THREE,
    given=["A*B + B*A == C"],
)
identity("T_ANTIm", "refuted", "The same without one half", "tr(A*B) == tr(C)", THREE, given=["A*B + B*A == C"])
identity(
    "T_GAMMA", "proved", "A matrix that anticommutes with a reflection has trace zero", "tr(A) == 0", THREE,
    given=["A*B == -B*A", "B*B == I"],
)
identity(
    "T_COMM", "proved", "The commutator of two matrices is never the identity", "n == 0", THREE,
    given=["A*B - B*A == I"], scope="no matrices satisfy the hypothesis",
)
identity(
    "T_CH", "proved", "The theorem of Cayley and Hamilton for 2 x 2 matrices",
    "A**2 - tr(A)*A + (tr(A)**2 - tr(A**2))/2*I == 0", ("A: 2 x 2",), scope="2 x 2 matrices",
)
identity(
    "T_CH3", "refuted", "The same for 3 x 3 matrices", "A**2 - tr(A)*A + (tr(A)**2 - tr(A**2))/2*I == 0", ("A: 3 x 3",),
)
identity(
    "T_HALL", "proved", "The square of a commutator of 2 x 2 matrices commutes with everything", "F**2*C == C*F**2",
    ("A: 2 x 2", "B: 2 x 2", "C: 2 x 2"), let=["F = A*B - B*A"], scope="2 x 2 matrices",
)
identity(
    "T_HALL3", "refuted", "The same for 3 x 3 matrices", "F**2*C == C*F**2", ("A: 3 x 3", "B: 3 x 3", "C: 3 x 3"),
    let=["F = A*B - B*A"],
)
identity(
    "T_POS", "undecided", "A matrix whose norm is zero is zero: true, beyond words", "A == 0", ("A: m x n",),
    given=["tr(A'*A) == 0"],
)
