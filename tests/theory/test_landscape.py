"""The landscape against losses written out in explicit coordinates at small sizes: exact, and derived otherwise."""

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp

from theory.derive import coordinates as co
from theory.derive import kinks, landscape
from theory.vectors import X2, N, Z

R = sp.Rational
# points of the unit sphere with positive coordinates on S, by (m, n, coordinates on the first |S| axes)
SPHERE = [
    (1, 1, (1,)),
    (1, 3, (1,)),
    (2, 2, (R(3, 5), R(4, 5))),
    (3, 3, (R(3, 5), R(4, 5))),
    (3, 5, (R(2, 7), R(3, 7), R(6, 7))),
    (4, 4, (R(1, 2), R(1, 2), R(1, 2), R(1, 2))),
]


def explicit_loss(w, m, relu=False):
    """L at numbers or symbols, a_i = e_i, residual by residual."""
    total = 0
    for i in range(m):
        output = max(w[i], 0) if relu else w[i]
        total += sum(((1 if j == i else 0) - w[j] * output) ** 2 for j in range(len(w)))
    return total / (2 * m)


def padded(coordinates, n):
    return [*coordinates, *[sp.S.Zero] * (n - len(coordinates))]


def at_sizes(expr, m, n, s):
    return sp.sympify(expr).subs({co.m: m, co.n: n, landscape.s: s})


@pytest.mark.parametrize("m, n, coordinates", SPHERE)
def test_linear_hessian_has_the_explicit_spectrum(m, n, coordinates):
    names = sp.symbols(f"w:{n}")
    at = dict(zip(names, padded(coordinates, n), strict=True))
    explicit = sp.hessian(sp.expand(explicit_loss(names, m)), names).subs(at)
    derived = landscape.sphere_hessian("linear")
    found: dict[sp.Expr, int] = {}
    for value, count in derived.spectrum:
        value, count = (at_sizes(x, m, n, len(coordinates)) for x in (value, count))
        if count:
            found[value] = found.get(value, 0) + int(count)
    assert found == explicit.eigenvals()
    assert at_sizes(derived.trace, m, n, len(coordinates)) == explicit.trace()
    assert at_sizes(derived.largest, m, n, len(coordinates)) == max(found)


@pytest.mark.parametrize("m, n, coordinates", SPHERE)
def test_relu_piece_has_the_explicit_spectrum(m, n, coordinates):
    names, s = sp.symbols(f"w:{n}"), len(coordinates)
    at = dict(zip(names, padded(coordinates, n), strict=True))
    explicit = sp.hessian(sp.expand(explicit_loss(names, s) * R(s, m)), names).subs(at)
    derived = landscape.sphere_hessian("relu")
    assert at_sizes(derived.trace, m, n, s) == explicit.trace()
    assert sp.Add(*(at_sizes(x, m, n, s) * at_sizes(k, m, n, s) for x, k in derived.spectrum)) == explicit.trace()
    assert max(explicit.eigenvals()) == at_sizes(derived.largest, m, n, s)


def test_sample_hessian_is_the_explicit_one():
    names = sp.symbols("w:3")
    explicit = sp.hessian(sp.expand(explicit_loss(names, 1)), names)
    h = landscape.sample_hessian()
    x, w = sp.Matrix([1, 0, 0]), sp.Matrix(names)
    built = h.xx * x * x.T + h.xw * (x * w.T + w * x.T) + h.ww * w * w.T + h.identity * sp.eye(3)
    values = {Z: names[0], N: sum(y**2 for y in names)}
    assert (built.subs(values) - explicit).expand() == sp.zeros(3)
    assert landscape.sample_hessian(active=False).trace(co.n) == 0


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_loss_in_sums_and_minimum(activation):
    relu = activation == "relu"
    found = landscape.minimum(activation)
    points = [[R(x, 2) for x in xs] for xs in product((-2, -1, 0, 1, 2), repeat=3)]
    for w in points:
        inside = w[:2]
        positive = sum(x**2 for x in inside if x > 0 or not relu)
        sums = {landscape.P: positive, landscape.Nneg: sum(x**2 for x in inside) - positive, landscape.Psi: w[2] ** 2}
        value = found.loss.subs(sums).subs(co.m, 2)
        assert value == explicit_loss(w, 2, relu)
        minimiser = all(sums[name] == best for name, best in found.sums)
        assert (value == found.value.subs(co.m, 2)) == minimiser
        assert value >= found.value.subs(co.m, 2)
    assert found.value == (co.m - 1) / (2 * co.m)
    assert found.curvature.is_positive


def one_sided_second_derivative(w, v, m):
    """D_v^2 L(w) by exact interpolation of the true ReLU loss at five tiny t >= 0: L is a quartic there."""
    t = sp.Symbol("t")
    step = Fraction(1, 10**6)
    samples = []
    for k in range(5):
        moved = [Fraction(str(x)) + k * step * Fraction(str(y)) for x, y in zip(w, v, strict=True)]
        value = explicit_loss(moved, m, relu=True)
        samples.append((R(k, 10**6), R(value.numerator, value.denominator)))
    return 2 * sp.Poly(sp.interpolate(samples, t), t).coeff_monomial(t**2)


@pytest.mark.parametrize("w", [(R(3, 5), R(4, 5), 0, 0), (1, 0, 0, 0), (R(1, 2), 0, 0, 0), (R(1, 2), 1, 0, 0)])
def test_directional_curvature_in_every_direction(w):
    m, s = 3, len([x for x in w if x > 0])
    derived = kinks.curvature().directional
    for v in product((-1, 0, 2), repeat=4):
        sums = {
            kinks.vv: sum(y**2 for y in v),
            kinks.vs: sum(y**2 for y in v[:s]),
            kinks.vk: sum(y**2 for y in v[s:m] if y > 0),
            kinks.wv: sum(x * y for x, y in zip(w, v, strict=True)),
            N: sum(x**2 for x in w),
            co.m: m,
        }
        assert derived.subs(sums) == one_sided_second_derivative(w, v, m)


@pytest.mark.parametrize("signs", list(product(kinks.SIGNS, repeat=2)))
def test_one_sample_along_a_ray(signs):
    c, d = R(signs[0], 3), R(signs[1], 2)
    w, v = (c, R(1, 2)), (d, R(-1, 3))
    found = kinks.ray(*signs)
    sums = {
        Z: c,
        kinks.vi: d,
        N: sum(x**2 for x in w),
        kinks.vv: sum(y**2 for y in v),
        kinks.wv: sum(x * y for x, y in zip(w, v, strict=True)),
    }
    assert found.value.subs(sums) == one_sided_second_derivative(w, v, 1)


def test_half_of_a_gaussian_average_at_a_kink():
    x, y = sp.symbols("x y", real=True)
    density = sp.exp(-(x**2 + y**2) / 2) / (2 * sp.pi)
    derived = kinks.curvature()
    smooth = derived.directional.subs({N: 1, kinks.vv: x**2 + y**2, kinks.vs: x**2, kinks.wv: x, co.m: 2})
    upper, lower = (sp.expand(smooth.subs(kinks.vk, k)) for k in (y**2, 0))
    mean = sum(
        sp.integrate(sp.integrate(side * density, (x, -sp.oo, sp.oo)), (y, *ends))
        for side, ends in ((upper, (0, sp.oo)), (lower, (-sp.oo, 0)))
    )
    assert sp.simplify(mean) == at_sizes(derived.average.subs(N, 1), 2, 2, 1)
    assert kinks.average(0) == kinks.trace(0) / 2
    assert kinks.average(1) == kinks.trace(1)
    assert kinks.average(-1) == 0


def test_maximal_curvature_is_attained_along_w_and_nowhere_exceeded():
    derived = kinks.curvature()
    along = {N: 1, kinks.vv: 1, kinks.vs: 1, kinks.vk: 0, kinks.wv: 1}
    assert derived.directional.subs(along) == derived.maximum
    w, m = (R(3, 5), R(4, 5), 0, 0), 3
    for v in product((-1, 0, 1, 2), repeat=4):
        if any(v):
            assert one_sided_second_derivative(w, v, m) <= R(4, m) * sum(y**2 for y in v)


def test_signs_are_checked():
    with pytest.raises(ValueError, match="use -1, 0 or 1"):
        kinks.ray(2, 0)
    assert [r.active for r in kinks.table()] == [False] * 5 + [True] * 4
    assert kinks.ray(1, 1).first.subs(X2, 1) == kinks.ray(1, -1).first
