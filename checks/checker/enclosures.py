"""Enclosures with rational ends of powers, roots, exponentials, logarithms and circular functions.

Every function returns ends between which the exact value lies for all arguments in the given enclosures; both ends are
equal where the value is a rational number that is recognised.  Sums run in integers of ``bits`` binary digits, rounded
down for the lower end and up for the upper one, with the remainder added.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import isqrt

Enclosure = tuple[Fraction, Fraction]
# longer numbers and larger exponents of e are left alone, higher roots and their powers go through logarithms
LONGEST, LARGEST, HIGHEST_ROOT = 1 << 20, 1 << 16, 64
# beyond this exponent of e powers of two are good enough
LARGE = 1 << 12
ZERO = (Fraction(0), Fraction(0))


class Undefined(ArithmeticError):
    """A term has no value at the point: division by zero, or a root or logarithm outside its domain."""


class Unknown(ArithmeticError):
    """The enclosures are too wide to decide; more digits may help."""


class TooLong(Unknown):
    """A number with too many digits to be written out; more digits do not help."""


def rounded(ends: Enclosure, bits: int) -> Enclosure:
    """Return an enclosure rounded outwards to so many significant binary digits."""
    return _short(ends[0], bits, False), _short(ends[1], bits, True)


def _short(x: Fraction, bits: int, up: bool) -> Fraction:
    size = x.numerator.bit_length(), x.denominator.bit_length()
    if max(size) <= bits:
        return x
    shift = bits - size[0] + size[1]
    top, bottom = x.numerator << max(shift, 0), x.denominator << max(-shift, 0)
    whole = -(-top // bottom) if up else top // bottom
    return Fraction(whole << max(-shift, 0), 1 << max(shift, 0))


def product(a: Enclosure, b: Enclosure) -> Enclosure:
    """Enclose a product."""
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def quotient(a: Enclosure, b: Enclosure) -> Enclosure:
    """Enclose a quotient."""
    if b == ZERO:
        raise Undefined("division by zero")
    if b[0] <= 0 <= b[1]:
        raise Unknown("division by an enclosure of zero")
    return product(a, (1 / b[1], 1 / b[0]))


def power(a: Enclosure, b: Enclosure, bits: int) -> Enclosure:
    """Enclose a power: any base for an integer exponent, else a positive one, or 0 with a positive exponent."""
    if b[0] == b[1] and b[0].denominator == 1:
        return _integer_power(a, int(b[0]))
    if a[1] < 0:
        if -(-b[0].numerator // b[0].denominator) > b[1]:
            raise Undefined("a power of a negative number that is no integer")
        raise Unknown("a power of a negative number")
    if a == ZERO and b[1] < 0:
        raise Undefined("a negative power of zero")
    if a[0] < 0 or (not a[0] and b[0] <= 0):
        raise Unknown("a power of an enclosure of zero")
    if not a[1]:
        return ZERO
    p, q = b[0].numerator, b[0].denominator
    if b[0] == b[1] and max(abs(p), q) <= HIGHEST_ROOT and a[0]:
        ends = _integer_power(a, p)
        return root(ends[0], q, bits)[0], root(ends[1], q, bits)[1]
    high = product(b, _log(a[1], bits))
    if not a[0]:
        return Fraction(0), exp(high, bits)[1]
    low = product(b, _log(a[0], bits))
    return exp((min(low[0], high[0]), max(low[1], high[1])), bits)


def _integer_power(a: Enclosure, exponent: int) -> Enclosure:
    if exponent < 0:
        if a == ZERO:
            raise Undefined("a negative power of zero")
        if a[0] <= 0 <= a[1]:
            raise Unknown("a negative power of an enclosure of zero")
        a, exponent = (1 / a[1], 1 / a[0]), -exponent
    if a[0] == a[1] and a[0] in (0, 1, -1) and exponent:
        exponent = 2 - exponent % 2
    if exponent * max(n.bit_length() for x in a for n in (x.numerator, x.denominator)) > LONGEST:
        raise TooLong("a power with too many digits")
    ends = [a[0] ** exponent, a[1] ** exponent]
    low = Fraction(0) if exponent % 2 == 0 and exponent and a[0] < 0 < a[1] else min(ends)
    return low, max(ends)


def function(name: str, arguments: list[Enclosure], bits: int) -> Enclosure:
    """Enclose a function of the grammar.

    Raises
    ------
    Undefined
        Where every number in the enclosures lies outside the domain.
    Unknown
        Where some do, or the numbers are too large.
    """
    if name == "min":
        return min(a[0] for a in arguments), min(a[1] for a in arguments)
    if name == "max":
        return max(a[0] for a in arguments), max(a[1] for a in arguments)
    if name == "pi":
        return pi(bits)
    (x,) = arguments
    if name == "abs":
        if x[0] >= 0:
            return x
        return (-x[1], -x[0]) if x[1] <= 0 else (Fraction(0), max(-x[0], x[1]))
    if name == "sqrt":
        if x[1] < 0:
            raise Undefined("the square root of a negative number")
        if x[0] < 0:
            raise Unknown("the square root of an enclosure of zero")
        return root(x[0], 2, bits)[0], root(x[1], 2, bits)[1]
    if name == "exp":
        return exp(x, bits)
    if name in ("sin", "cos"):
        return _wave(x, 0 if name == "sin" else 1, bits)
    if name == "tan":
        return _tangent(x, bits)
    if name != "log":
        raise ValueError(f"{name!r} is no function of the grammar")
    if x[1] <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    if x[0] <= 0:
        raise Unknown("the logarithm of an enclosure of zero")
    return _log(x[0], bits)[0], _log(x[1], bits)[1]


def root(x: Fraction, q: int, bits: int) -> Enclosure:
    """Enclose the q-th root of a number that is not negative; exact for powers of rationals."""
    top, bottom = _whole_root(x.numerator, q), _whole_root(x.denominator, q)
    if top**q == x.numerator and bottom**q == x.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    shift = bits - (x.numerator.bit_length() - x.denominator.bit_length()) // q
    low = _whole_root((x.numerator << max(q * shift, 0)) // (x.denominator << max(-q * shift, 0)), q)
    unit = Fraction(1 << max(-shift, 0), 1 << max(shift, 0))
    return low * unit, (low + 1) * unit


def _whole_root(n: int, q: int) -> int:
    """Return the largest integer whose q-th power is at most n (Newton from above)."""
    if q == 2 or n < 2:
        return isqrt(n) if q == 2 else n
    x = 1 << -(-n.bit_length() // q)
    while (y := ((q - 1) * x + n // x ** (q - 1)) // q) < x:
        x = y
    return x


def _fixed(x: Fraction, bits: int) -> tuple[int, int]:
    """Return x in units of 2**-bits, rounded down and up."""
    return (x.numerator << bits) // x.denominator, -((-x.numerator << bits) // x.denominator)


def exp(x: Enclosure, bits: int) -> Enclosure:
    """Enclose the exponential function."""
    return _exp(x[0], bits)[0], _exp(x[1], bits)[1]


def _exp(x: Fraction, bits: int) -> Enclosure:
    """Halve to 0 < t <= 1/2, sum ``t**k/k!``, square back."""
    if not x:
        return Fraction(1), Fraction(1)
    if abs(x) > LARGEST:
        if x > 0:
            raise TooLong("an exponential with too many digits")
        return Fraction(0), Fraction(1, 1 << LARGEST)  # exp(-LARGEST) < 2**-LARGEST
    if x < 0:
        low, high = _exp(-x, bits)
        return 1 / high, 1 / low
    if x > LARGE:  # 1.4426 < log2(e) < 1.4427
        return Fraction(1 << int(x * 14426 / 10000)), Fraction(2 << int(x * 14427 / 10000))
    halvings = (x.numerator // x.denominator).bit_length() + 1
    ends = _series(x / (1 << halvings), 0, 1, lambda k: (1, k + 1), bits + 2 * halvings)
    for _ in range(halvings):
        ends = rounded((ends[0] * ends[0], ends[1] * ends[1]), bits + 2 * halvings + 8)
    return ends


def _series(x: Fraction, first: int, step: int, factor: Callable[[int], tuple[int, int]], bits: int) -> Enclosure:
    """Sum ``a_k x**k`` over k = first, first + step, ..., with a_first = 1 and a_(k + step)/a_k = n/m from ``factor``.

    Each term must be at most half as large as the one before: what is left out is then below the last one.  With the
    step 2 the sum is an odd function (first = 1) or an even one (first = 0).
    """
    if x < 0:
        low, high = _series(-x, first, step, factor, bits)
        return (-high, -low) if first else (low, high)
    if not x:
        return ZERO if first else (Fraction(1), Fraction(1))
    unit = bits + 16 + max(0, x.denominator.bit_length() - x.numerator.bit_length())
    (a, b), (c, d) = _fixed(x, unit), _fixed(x**step, unit)
    down, up = (a, b) if first else (1 << unit, 1 << unit)
    below, above, k, sign = down, up, first, 1
    while up > 1:
        n, m = factor(k)
        k, sign = k + step, sign if n > 0 else -sign
        down, up = (down * c >> unit) * abs(n) // m, -((-up * d >> unit) * abs(n) // m)
        below, above = (below + down, above + up) if sign > 0 else (below - up, above - down)
    return Fraction(below - up, 1 << unit), Fraction(above + up, 1 << unit)


def _log(x: Fraction, bits: int) -> Enclosure:
    """Enclose log through 2 atanh((y - 1)/(y + 1)) where x = 2**shift y with 3/4 <= y <= 3/2."""
    if x == 1:
        return ZERO
    shift = x.numerator.bit_length() - x.denominator.bit_length()
    y = x / Fraction(2) ** shift
    if y > Fraction(3, 2):
        y, shift = y / 2, shift + 1
    elif y < Fraction(3, 4):
        y, shift = y * 2, shift - 1
    low, high = _atanh_twice((y - 1) / (y + 1), bits + 4)
    if shift:
        two = _atanh_twice(Fraction(1, 3), bits + 4)
        low, high = low + min(shift * two[0], shift * two[1]), high + max(shift * two[0], shift * two[1])
    return low, high


def _atanh_twice(z: Fraction, bits: int) -> Enclosure:
    """Enclose ``2 atanh(z)`` for |z| <= 1/3."""
    low, high = _series(z, 1, 2, lambda k: (k, k + 2), bits)
    return 2 * low, 2 * high


@lru_cache(maxsize=8)
def pi(bits: int) -> Enclosure:
    """Enclose pi = 16 atan(1/5) - 4 atan(1/239) (Machin)."""
    (a, b), (c, d) = (_series(Fraction(1, q), 1, 2, lambda k: (-k, k + 2), bits) for q in (5, 239))
    return 16 * a - 4 * d, 16 * b - 4 * c


def _wave(x: Enclosure, ahead: int, bits: int) -> Enclosure:
    """Enclose ``sin(t + ahead pi/2)``: its ends, and 1 or -1 where an extremum may lie between them."""
    quarters = [_quarter(end, bits) for end in x]
    ends = [_turned(k + ahead, r, bits) for k, r in quarters]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if x[0] == x[1]:
        return low, high
    # extrema lie at odd numbers of quarters: the rounded ends, where these lie inside, and those between
    first = quarters[0][0] + ahead + (quarters[0][1][0] > 0)
    last = quarters[1][0] + ahead - (quarters[1][1][1] < 0)
    between = {k % 4 for k in range(first, min(last, first + 3) + 1)}
    low, high = (Fraction(-1) if 3 in between else low), (Fraction(1) if 1 in between else high)
    return low, high


def _quarter(x: Fraction, bits: int) -> tuple[int, Enclosure]:
    """Return k and an enclosure of ``x - k pi/2``, which lies between -1 and 1."""
    if abs(x) >= 1 << LARGEST:
        raise TooLong("an angle with too many digits")
    extra = max(0, x.numerator.bit_length() - x.denominator.bit_length())
    low, high = pi(bits + extra + 8)
    k = round(2 * x / low)
    ends = sorted((x - k * low / 2, x - k * high / 2))
    return k, rounded((ends[0], ends[1]), bits + 8)


def _turned(quarter: int, r: Enclosure, bits: int) -> Enclosure:
    """Enclose ``sin(r + quarter pi/2)`` for -1 <= r <= 1, where sin rises and cos falls in the size of r."""
    if quarter % 2 == 0:
        low, high = _sine(r[0], 1, bits)[0], _sine(r[1], 1, bits)[1]
    else:
        far, near = max(-r[0], r[1]), max(Fraction(0), r[0], -r[1])
        low, high = _sine(far, 0, bits)[0], _sine(near, 0, bits)[1]
    return (low, high) if quarter % 4 < 2 else (-high, -low)


def _sine(t: Fraction, first: int, bits: int) -> Enclosure:
    """Enclose the sine (first = 1) or cosine (first = 0) for |t| <= 1."""
    return _series(t, first, 2, lambda k: (-1, (k + 1) * (k + 2)), bits)


def _tangent(x: Enclosure, bits: int) -> Enclosure:
    """Enclose the tangent, which rises between the zeros of the cosine."""
    below = _wave(x, 1, bits)
    if below[0] <= 0 <= below[1]:
        raise Unknown("the tangent where the cosine may vanish")
    ends = [quotient(_wave((end, end), 0, bits), _wave((end, end), 1, bits)) for end in x]
    return ends[0][0], ends[1][1]
