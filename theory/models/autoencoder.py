r"""The single-neuron tied autoencoder on orthonormal data.

The network :math:`f(x; w) = w\, \phi(\langle w, x\rangle)` with weights w in R^n and activation
:math:`\phi(z) = z` (linear) or :math:`\phi(z) = \max(0, z)` (ReLU); the data :math:`a_1, \dots, a_m` are orthonormal,
m <= n.  Source: ghosh2023, Eq. (1) and (2).
"""

from __future__ import annotations

import sympy as sp

from theory.vectors import Vector, W, X, Z, inner

NAME = "autoencoder"
ACTIVATIONS = ("linear", "relu")


def network(activation_value: sp.Expr) -> Vector:
    """Return the output ``f(x; w)`` where the activation takes the given value."""
    return W * activation_value


def per_sample_loss(activation_value: sp.Expr = Z) -> sp.Expr:
    r"""Return :math:`\ell(w; x) = \tfrac12 \|x - f(x; w)\|^2` in z = <w, x>, N = |w|^2, q = |x|^2.

    Parameters
    ----------
    activation_value
        The value of the activation: ``z`` where it is the identity, 0 on the dead side of a ReLU.
    """
    residual = X - network(activation_value)
    return inner(residual, residual) / 2
