r"""The loss and the step in coordinates :math:`c_k = \langle w, a_k\rangle` along the data basis.

With :math:`w = \sum_j c_j a_j` and a sample :math:`x = a_i`, orthonormality turns inner products into
:math:`\langle w, a_i\rangle = c_i`, :math:`\langle a_i, a_k\rangle = \delta_{ik}`, :math:`\|w\|^2 = \sum_j c_j^2`.
Everything is kept unevaluated here; `theory.indexed.normal_form` evaluates it for all sizes at once.
"""

from __future__ import annotations

import sympy as sp

from theory.derive.update_map import Reduction, UpdateMap
from theory.indexed import Domain, EntryDerivative, IndexSum, entries, name_sums, normal_form

eta = sp.Symbol("eta", positive=True)
m, n, b = sp.symbols("m n b", integer=True, positive=True)
c, f = entries("c"), entries("f")
i, j, k = sp.symbols("i j k", integer=True)
ALL, DATA, BATCH = sp.symbols("all data batch")
u, N, Phi, Psi = sp.symbols("u N Phi Psi", nonnegative=True)


def domain(activation: str = "linear", full_batch: bool = False) -> Domain:
    """Return the index sets of a step.

    Linear: ``batch`` (size b), ``rest`` (m - b), ``outside`` (n - m).  ReLU: ``batch`` and ``rest`` are split by the
    sign of the coordinate into ``...+`` parts (named ``batchp``, ``restp``; sizes bp, rp) and the others (``batchq``,
    ``restq``).  Full batch: no ``rest``.  The family ``f`` is the activation of the coordinates.
    """
    if activation == "linear":
        atoms: dict[str, sp.Expr] = (
            {"batch": m, "outside": n - m} if full_batch else {"batch": b, "rest": m - b, "outside": n - m}
        )
        data = tuple(a for a in atoms if a != "outside")
        return Domain(atoms, {"data": data, "all": tuple(atoms)}, {"c": None, "f": dict.fromkeys(atoms, "c")})
    bp, rp = sp.symbols("bp rp", integer=True, nonnegative=True)
    if full_batch:
        atoms = {"batchp": bp, "batchq": m - bp, "outside": n - m}
        sets = {"batch": ("batchp", "batchq"), "positive": ("batchp",)}
    else:
        atoms = {"batchp": bp, "batchq": b - bp, "restp": rp, "restq": m - b - rp, "outside": n - m}
        sets = {"batch": ("batchp", "batchq"), "positive": ("batchp", "restp")}
    sets["data"] = tuple(a for a in atoms if a != "outside")
    sets["all"] = tuple(atoms)
    return Domain(atoms, sets, {"c": None, "f": {a: "c" if a in ("batchp", "restp") else "0" for a in atoms}})


def sample_loss(activation: str = "linear") -> sp.Expr:
    r"""Return :math:`\ell(w; a_i) = \tfrac12 \sum_j (\delta_{ij} - c_j \phi(c_i))^2`; ``f[i]`` is a ReLU's output."""
    output = c[i] if activation == "linear" else f[i]
    return IndexSum((sp.KroneckerDelta(i, j) - c[j] * output) ** 2, j, ALL) / 2


def loss(activation: str = "linear") -> sp.Expr:
    r"""Return :math:`L(w) = \tfrac1m \sum_{i \in [m]} \ell(w; a_i)`."""
    return IndexSum(sample_loss(activation), i, DATA) / m


def step(activation: str = "linear") -> sp.Expr:
    r"""Return :math:`c_k - \eta \sum_{i \in B} \partial \ell(w; a_i) / \partial c_k`, unevaluated."""
    return c[k] - eta * IndexSum(EntryDerivative(sample_loss(activation), c[k]), i, BATCH)


def _sums(d: Domain, over: tuple[str, ...]) -> sp.Expr:
    return sum((normal_form(IndexSum(c[i] ** 2, i, sp.Symbol(a)), d, {}) for a in over), sp.S.Zero)


def named_step(atom: str, activation: str = "linear", full_batch: bool = False) -> sp.Expr:
    """Return the new coordinate of one atom in the named sums: (u, N) for a batch, (Phi, Psi) for the full batch.

    For a ReLU, u is the sum over the positive coordinates of the batch and N the squared norm.
    """
    d = domain(activation, full_batch)
    form = normal_form(step(activation), d, {"k": atom})
    everything = tuple(d.atoms)
    if full_batch and activation == "linear":
        names = [(Phi, _sums(d, ("batch",))), (Psi, _sums(d, ("outside",)))]
    else:
        active = ("batch",) if activation == "linear" else ("batchp",)
        names = [(u, _sums(d, active)), (N, _sums(d, everything))]
    return c[k] * sp.collect(sp.expand(sp.cancel(name_sums(form, names) / c[k])), eta)


def update_map(activation: str = "linear") -> UpdateMap:
    """Derive the mini-batch step by kind of coordinate: the object that numerics compiles.

    Raises
    ------
    ValueError
        For an activation other than ``linear`` and ``relu``.
    """
    if activation not in ("linear", "relu"):
        raise ValueError(f"activation {activation!r}: use 'linear' or 'relu'")
    d = domain(activation)
    coordinate = sp.Symbol("c", real=True)
    public = {"batchp": "batch+", "batchq": "batch-", "restp": "rest+", "restq": "rest-"}
    rules: dict[str, sp.Expr] = {}
    factors: dict[str, sp.Expr] = {}
    for atom in d.atoms:
        rule = named_step(atom, activation).subs(c[k], coordinate)
        name = public.get(atom, atom)
        rules[name] = rule
        factor = sp.collect(sp.expand(sp.cancel(rule / coordinate)), eta)
        if coordinate not in factor.free_symbols:
            factors[name] = factor
    active = ("batch",) if activation == "linear" else ("batch+",)
    reductions = (Reduction(u, coordinate**2, active), Reduction(N, coordinate**2, tuple(rules)))
    return UpdateMap("autoencoder", activation, coordinate, (eta,), reductions, rules, factors)
