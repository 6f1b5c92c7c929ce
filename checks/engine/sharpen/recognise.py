"""Numbers of many digits recognised as closed forms; what is recognised is only a candidate, to be proved.

Tried are, in order: rational numbers, roots of small polynomials, rational combinations of 1 and of a few constants,
products of powers of such constants, logarithms of algebraic numbers, and square roots of all these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import mpmath as mp
import sympy as sp

from checks.engine.sharpen.closed import Closed
from checks.engine.sharpen.number import Threshold, thresholds

DIGITS = 60
# digits of a number that count: the last ones may be wrong
CLOSE = 40
LARGEST = 1000
MOST_DENOMINATOR = 10**6

Number = Threshold | Closed

# texts of constants, by the sets among whose rational combinations a number is looked for
SUMS = (
    ("log(2)", "log(3)", "log(5)", "log(7)"),
    ("E", "exp(-1)"),
    ("exp(2)", "exp(-2)"),
    ("exp(1/2)", "exp(-1/2)"),
    ("pi",),
    ("pi**2",),
    ("1/log(2)",),
    ("1/pi",),
    ("sin(1)", "cos(1)"),
    ("tan(1)",),
    ("sqrt(2)", "sqrt(3)", "sqrt(6)"),
)
# texts of numbers whose powers are multiplied, with the text of their logarithm
FACTORS = ("2", "3", "5", "7", "E", "pi", "log(2)", "log(3)", "1 + sqrt(2)")


def recognised(z: mp.mpf, hints: Sequence[str] = ()) -> Iterator[Number]:
    """Yield the closed forms that a number may have, at most a few, the simplest first.

    Parameters
    ----------
    z
        The number, right to `CLOSE` digits at least.
    hints
        Texts of constants that occur in the claim.
    """
    seen = set()
    with mp.workdps(DIGITS):
        for found in _forms(z, hints):
            key = found.polynomial or found.value("c")
            if key not in seen and abs(float(found) - float(z)) <= 1e-12 * max(1.0, abs(float(z))):
                seen.add(key)
                yield found


def _forms(z: mp.mpf, hints: Sequence[str]) -> Iterator[Number]:
    plain = algebraic(z)
    if plain is not None:
        yield plain
        return
    for text in _texts(z, hints):
        yield Closed.read(text)
    square = algebraic(z * z) if z > 0 else None
    for text in _texts(z * z, hints) if z > 0 and square is None else ():
        yield Closed.read(f"sqrt({text})")


def _texts(z: mp.mpf, hints: Sequence[str]) -> Iterator[str]:
    for basis in (*((h,) for h in hints), *SUMS):
        text = _sum(z, basis)
        if text is not None:
            yield text
    text = _product(z)
    if text is not None:
        yield text
    if abs(z) < 50:
        for scale in (1, 2, Fraction(1, 2)):
            inside = algebraic(mp.exp(z / scale), degree=2)
            if inside is not None and not inside.value("c").startswith("root"):
                yield f"{'' if scale == 1 else f'{scale}*'}log({inside.value('c')})"
    for n in (2, 3, 5):  # a quotient of logarithms
        base = mp.log(n)
        text = _sum(z * base, ("log(2)", "log(3)", "log(5)", "log(7)"), constant=False)
        if text is not None:
            yield f"({text})/log({n})"


def algebraic(z: mp.mpf, degree: int = 4) -> Threshold | None:
    """Return a number as the root of a small polynomial, as far as the digits show, or None."""
    small = mp.mpf(10) ** (-CLOSE)
    if abs(z) < small:
        return Threshold.rational(Fraction(0))
    near = _fraction(z).limit_denominator(MOST_DENOMINATOR)
    if abs(z - mp.mpf(near.numerator) / near.denominator) < small * max(1, abs(z)):
        return Threshold.rational(near) if abs(near.numerator) <= MOST_DENOMINATOR else None
    for n in range(2, degree + 1):
        line = mp.findpoly(z, n, maxcoeff=LARGEST, tol=small * max(1, abs(z)) ** n, maxsteps=5000)
        if not line:
            continue
        p = sp.Poly([int(v) for v in line], sp.Symbol("x"))
        for factor, _ in p.factor_list()[1]:
            for number in thresholds([int(v) for v in reversed(factor.all_coeffs())]):
                if abs(float(number) - float(z)) < 1e-12 * max(1.0, abs(float(z))):
                    return number
    return None


def _fraction(z: mp.mpf) -> Fraction:
    sign, mantissa, exponent, _ = mp.mpf(z)._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _sum(z: mp.mpf, basis: Sequence[str], constant: bool = True) -> str | None:
    """Return z as a rational combination of 1 and of constants."""
    values = [Closed.read(text) for text in basis]
    numbers = [mp.mpf(_mp(v)) for v in values]
    line = [z, *([mp.mpf(1)] if constant else []), *numbers]
    found = mp.pslq(line, tol=mp.mpf(10) ** (-CLOSE), maxcoeff=LARGEST, maxsteps=5000)
    if not found or not found[0]:
        return None
    coefficients = [Fraction(-c, found[0]) for c in found[1:]]
    texts = [*(["1"] if constant else []), *basis]
    terms = sorted(
        ((c, t) for c, t in zip(coefficients, texts, strict=True) if c), key=lambda term: (term[0] < 0, term[1] == "1")
    )
    if not terms or all(t == "1" for _, t in terms):
        return None
    shown = ""
    for c, text in terms:
        size = _times(abs(c), text)
        shown += (" - " if c < 0 else " + ") + size if shown else ("-" if c < 0 else "") + size
    return shown


def _times(c: Fraction, text: str) -> str:
    if text == "1":
        return str(c)
    if text.startswith("1/"):
        bottom = text[2:] if c.denominator == 1 else f"({c.denominator}*{text[2:]})"
        return f"{c.numerator}/{bottom}"
    top = text if c.numerator == 1 else f"{c.numerator}*{text}"
    return top if c.denominator == 1 else f"{top}/{c.denominator}"


def _product(z: mp.mpf) -> str | None:
    """Return z as a product of powers of constants."""
    if not z:
        return None
    logs = [mp.log(_mp(Closed.read(text))) for text in FACTORS]
    found = mp.pslq([mp.log(abs(z)), *logs], tol=mp.mpf(10) ** (-CLOSE), maxcoeff=24, maxsteps=20000)
    if not found or not found[0]:
        return None
    powers = {text: Fraction(-c, found[0]) for c, text in zip(found[1:], FACTORS, strict=True) if c}
    if any(p.denominator > 2 and text != "E" for text, p in powers.items()):
        return None
    sign = "-" if z < 0 else ""
    exponent = powers.pop("E", Fraction(0))
    top = [_power(text, p) for text, p in powers.items() if p > 0]
    bottom = [_power(text, -p) for text, p in powers.items() if p < 0]
    if exponent == 1:
        top.append("E")
    elif exponent:
        top.append(f"exp({exponent})")
    if len(bottom) > 1:
        bottom = [f"({'*'.join(bottom)})"]
    return sign + "/".join(["*".join(top) or "1", *bottom])


def _power(text: str, p: Fraction) -> str:
    if p.denominator == 2:
        inner = _power(text, Fraction(p.numerator))
        return f"sqrt({inner})"
    base = f"({text})" if " " in text else text
    return base if p == 1 else f"{base}**{p.numerator}" if not text.isdigit() else str(int(text) ** p.numerator)


def _mp(number: Number) -> mp.mpf:
    near = number.within(Fraction(1, 10 ** (DIGITS + 5)))
    return mp.mpf(near.low.numerator) / near.low.denominator
