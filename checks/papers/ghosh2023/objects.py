"""The derived objects of the autoencoder in the grammar, under the names that the paper's claims use.

Nothing of the paper is typed here: every line is printed from a derivation of `theory`.
"""

from __future__ import annotations

import sympy as sp

from theory.derive import coordinates as co
from theory.indexed import IndexSum, formal
from theory.models import autoencoder

PAPER = "ghosh2023"

# the index sets of a mini-batch step, of a full-batch step, and of their ReLU versions
STEP = co.domain("linear")
FULL = co.domain("linear", full_batch=True)
RELU = co.domain("relu")
RELU_FULL = co.domain("relu", full_batch=True)

# c_{t+1}(k), unevaluated, from the per-sample loss; with `index=STEP.as_formal({"k": "batch"})` and the like
NEXT = formal(co.step("linear"))
NEXT_RELU = formal(co.step("relu"))
# l(w; a_i) in coordinates, and L(w)
SAMPLE_LOSS = formal(co.sample_loss("linear"))
SAMPLE_LOSS_RELU = formal(co.sample_loss("relu"))
LOSS = formal(co.loss("linear"))
LOSS_RELU = formal(co.loss("relu"))

# u_t and N_t as sums over index sets
SUMS = ["u = sum(i:batch, c[i]**2)", "N = sum(i:all, c[i]**2)"]
# u_t for a ReLU: only the positive coordinates of the batch count
SUMS_RELU = ["u = sum(i:batch, f[i]**2)", "N = sum(i:all, c[i]**2)"]
# Phi_t and Psi_t of a full-batch step (there `batch` is all the data)
FULL_SUMS = ["Phi = sum(i:batch, c[i]**2)", "Psi = sum(i:outside, c[i]**2)"]


def in_batch() -> str:
    """Return the factor of a coordinate in the batch, in u, N, eta, as derived (linear activation)."""
    return _factor("batch")


def off_batch() -> str:
    """Return the factor of a coordinate outside the batch, in u and eta, as derived."""
    return _factor("rest")


def _factor(atom: str) -> str:
    return formal(sp.cancel(co.named_step(atom) / co.c[co.k]))


def next_norm() -> str:
    """Return N_{t+1} in u, N, eta, as derived: the in-batch part and the part outside."""
    return f"(({in_batch()})**2*u + ({off_batch()})**2*(N - u))"


def full_factors() -> tuple[str, str]:
    """Return the two factors of a full-batch step in Phi, Psi, eta, as derived."""
    return tuple(formal(sp.cancel(co.named_step(a, full_batch=True) / co.c[co.k])) for a in ("batch", "outside"))  # type: ignore[return-value]


def next_phi() -> str:
    """Return Phi_{t+1} of a full-batch step in Phi, Psi, eta, as derived."""
    return f"(({full_factors()[0]})**2*Phi)"


def next_psi() -> str:
    """Return Psi_{t+1} of a full-batch step in Phi, Psi, eta, as derived."""
    return f"(({full_factors()[1]})**2*Psi)"


def next_sum(over: str) -> str:
    """Return the sum of ``c_{t+1}(k)**2`` over an index set, unevaluated, from the loss."""
    return formal(IndexSum(co.step("linear") ** 2, co.k, sp.Symbol(over)))


# l(w; x) for any sample in z = <w, x>, N = |w|^2, q = |x|^2: identity activation, and activation value 0
LOSS_IN_PRODUCTS = f"({formal(autoencoder.per_sample_loss())})"
LOSS_IN_PRODUCTS_DEAD = f"({formal(autoencoder.per_sample_loss(sp.S.Zero))})"
LOSS_IN_PRODUCTS_LATEX = str(sp.latex(autoencoder.per_sample_loss()))


def next_over(over: str) -> str:
    """Return the sum of ``c_{t+1}(k)`` over an index set, unevaluated, from the loss."""
    return formal(IndexSum(co.step("linear"), co.k, sp.Symbol(over)))


# the common factor of the data coordinates under full-batch descent, for display
FULL_FACTOR_LATEX = str(sp.latex(sp.cancel(co.named_step("batch", full_batch=True) / co.c[co.k])))
