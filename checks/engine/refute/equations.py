"""Points that satisfy polynomial equations: rational values for some names, the equations solved for the others.

One unknown at a time: an equation linear in an unknown eliminates it; one in a single unknown gives its real roots.
After an irrational root the other unknowns must follow linearly, over the field of that root.  What then remains is
brought to the shape "p(z) = 0, x = g(z)" by a Groebner basis with a new unknown z = x + 2 y + 3 w.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.algebraic_number import plus, trimmed
from checks.checker.roots import Coefficients
from checks.engine import polynomials
from checks.engine.refute.candidate import Candidate, Root, real_roots
from checks.engine.refute.domain import coefficients

HIGHEST_DEGREE, MOST_UNKNOWNS, MOST_TERMS = 16, 3, 40


def solutions(
    equations: Sequence[poly.Poly], fixed: Mapping[str, Fraction], unknowns: Sequence[str], systems: bool = True
) -> Iterator[Candidate]:
    """Yield points with the fixed values at which polynomials vanish.

    Parameters
    ----------
    equations
        Polynomials that should be zero.
    fixed
        Values of the other names.
    unknowns
        The names to solve for; those that the equations leave free become 0, then 1.
    systems
        Whether to solve equations that do not separate, by a Groebner basis.
    """
    rest = [substituted(p, fixed) for p in equations]
    for solved in _solved(rest, list(unknowns), systems):
        rational = {name: value for name, value in solved.values.items() if isinstance(value, Fraction)}
        lines = {name: tuple(value) for name, value in solved.values.items() if not isinstance(value, Fraction)}
        yield Candidate({**fixed, **rational}, solved.root if lines else None, lines or None)


def substituted(p: poly.Poly, values: Mapping[str, Fraction]) -> poly.Poly:
    """Return a polynomial at values of some of its names."""
    result: poly.Poly = {}
    for monomial, coefficient in p.items():
        term = coefficient
        kept: poly.Monomial = tuple(item for item in monomial if item[0] not in values)
        for g, e in monomial:
            if g in values:
                term *= values[g] ** e
        result[kept] = result.get(kept, Fraction(0)) + term
    return {monomial: value for monomial, value in result.items() if value}


class _Solved:
    """Values of the unknowns, numbers or polynomials in one root."""

    def __init__(self, root: Root | None = None, values: Mapping[str, Fraction | Coefficients] | None = None) -> None:
        self.root, self.values = root, dict(values or {})

    def with_value(self, name: str, value: Fraction | Coefficients) -> _Solved:
        line = value if isinstance(value, Fraction) else trimmed(value)
        if not isinstance(line, Fraction) and len(line) <= 1:
            line = line[0] if line else Fraction(0)
        return _Solved(self.root, {**self.values, name: line})

    def at(self, p: poly.Poly) -> Coefficients:
        """Return the value of a polynomial in names with values, as a polynomial in the root."""
        total: Coefficients = []
        for monomial, coefficient in p.items():
            term: Coefficients = [coefficient]
            for g, e in monomial:
                value = self.values[g]
                line = [value] if isinstance(value, Fraction) else list(value)
                for _ in range(e):
                    term = self._times(term, line)
            total = plus(total, term, 1)
        return total

    def _times(self, a: Coefficients, b: Coefficients) -> Coefficients:
        if self.root is not None:
            return self.root.alpha.times(a, b)
        return trimmed([a[0] * b[0]]) if a and b else []

    def divided(self, a: Coefficients, b: Coefficients) -> Coefficients | None:
        """Return a / b, or None where b is zero."""
        if not b:
            return None
        if self.root is None:
            return trimmed([a[0] / b[0]]) if a else []
        return self._times(a, _inverse(b, self.root))


def _inverse(line: Coefficients, root: Root) -> Coefficients:
    """Return the inverse of a nonzero polynomial modulo the irreducible polynomial of a root."""
    import flint

    def read(entries: Sequence[Fraction]) -> flint.fmpq_poly:
        return flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in entries])

    divisor, inverse, _ = read(line).xgcd(read(root.polynomial))
    assert divisor.degree() == 0
    return [Fraction(int(c.p), int(c.q)) / Fraction(int(divisor[0].p), int(divisor[0].q)) for c in inverse.coeffs()]


def _solved(equations: Sequence[poly.Poly], unknowns: list[str], systems: bool) -> Iterator[_Solved]:
    rest = [p for p in equations if p]
    if any(set(p) == {()} for p in rest) or any(len(p) > MOST_TERMS for p in rest):
        return
    if not rest:
        for default in (Fraction(0), Fraction(1)) if unknowns else (Fraction(0),):
            yield _Solved(None, dict.fromkeys(unknowns, default))
        return
    elimination = _linear(rest, unknowns)
    if elimination is not None:
        name, expression = elimination
        others = [u for u in unknowns if u != name]
        for found in _solved([polynomials.replace(p, name, expression) for p in rest], others, systems):
            yield found.with_value(name, found.at(expression))
        return
    single = min((p for p in rest if len(poly.generators(p)) == 1), key=_degree, default=None)
    if single is not None:
        name = next(iter(poly.generators(single)))
        others = [u for u in unknowns if u != name]
        line = [c.get((), Fraction(0)) for c in coefficients(single, name)]
        stuck = False
        for value in real_roots(line) if len(line) <= HIGHEST_DEGREE + 1 else ():
            if isinstance(value, Fraction):
                for found in _solved([substituted(p, {name: value}) for p in rest], others, systems):
                    yield found.with_value(name, value)
            else:
                start = _Solved(value, {name: [Fraction(0), Fraction(1)]})
                followed = list(_followed(start, [p for p in rest if p is not single], others))
                yield from followed
                stuck = stuck or not followed
        if stuck and systems and len(unknowns) <= MOST_UNKNOWNS:
            yield from _shaped(rest, unknowns)
    elif systems and len(unknowns) <= MOST_UNKNOWNS:
        yield from _shaped(rest, unknowns)


def _degree(p: poly.Poly) -> int:
    return max(sum(e for _, e in monomial) for monomial in p)


def _linear(equations: Sequence[poly.Poly], unknowns: Sequence[str]) -> tuple[str, poly.Poly] | None:
    """Return an unknown that an equation gives as a polynomial in the others, with that polynomial."""
    for p in sorted(equations, key=len):
        for name in unknowns:
            line = coefficients(p, name)
            if len(line) == 2 and set(line[1]) == {()}:
                return name, poly.multiply(line[0], poly.constant(-1 / line[1][()]))
    return None


def _followed(start: _Solved, equations: Sequence[poly.Poly], unknowns: list[str]) -> Iterator[_Solved]:
    """Solve for the other unknowns where each follows linearly from those before it; all equations are then checked."""
    left = list(unknowns)
    while left:
        for name, p in ((name, p) for name in left for p in equations):
            line = coefficients(p, name)
            if len(line) == 2 and poly.generators(p) - {name} <= set(start.values):
                value = start.divided(start.at(line[0]), start.at(line[1]))
                if value is not None:
                    start = start.with_value(name, [-c for c in value])
                    left.remove(name)
                    break
        else:
            free = [n for n in left if not any(n in poly.generators(p) for p in equations)]
            if not free:
                return
            start = start.with_value(free[0], Fraction(0))
            left.remove(free[0])
    yield start


def _shaped(equations: Sequence[poly.Poly], unknowns: Sequence[str]) -> Iterator[_Solved]:
    import sympy as sp

    from checks.engine.algebra import to_sympy

    symbols = [sp.Symbol(name) for name in unknowns]
    last = sp.Symbol("z_")
    bound = 1
    for degree in sorted(map(_degree, equations))[: len(unknowns)]:
        bound *= degree
    if bound > HIGHEST_DEGREE or len(equations) < len(unknowns):
        return
    primitive = last - sum((k + 1) * s for k, s in enumerate(symbols))
    expressions = [sp.expand(to_sympy(p)[0]) for p in equations]
    basis = sp.groebner([*expressions, primitive], *symbols, last, order="lex", domain="QQ")
    # in shape position the basis is x - g(z), y - h(z), ..., p(z)
    *heads, final = (sp.Poly(e, *symbols, last) for e in basis.exprs)
    if len(heads) != len(symbols) or final.free_symbols != {last}:
        return
    lines: dict[str, Coefficients] = {}
    for head in heads:
        name = next((s for s in symbols if head.coeff_monomial(s)), None)
        if name is None or (head - sp.Poly(head.coeff_monomial(name) * name, *symbols, last)).free_symbols - {last}:
            return
        lines[str(name)] = [
            -c / _fraction(head.coeff_monomial(name)) for c in _line(head.as_expr().subs(name, 0), last)
        ]
    if set(lines) != set(unknowns):
        return
    for root in real_roots(_line(final.as_expr(), last)):
        if isinstance(root, Fraction):
            values = {name: sum((c * root**k for k, c in enumerate(line)), Fraction(0)) for name, line in lines.items()}
            yield _Solved(None, values)
        else:
            found = _Solved(root)
            for name, line in lines.items():
                found = found.with_value(name, root.alpha.reduced(line))
            yield found


def _line(expression: object, symbol: object) -> Coefficients:
    import sympy as sp

    return [_fraction(c) for c in reversed(sp.Poly(expression, symbol).all_coeffs())]


def _fraction(value: object) -> Fraction:
    import sympy as sp

    exact = sp.Rational(value)
    return Fraction(int(exact.p), int(exact.q))
