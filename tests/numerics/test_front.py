"""Lowering: what the front and the passes must keep, and what they must refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from numerics import Law, LoweringError, Watch, lower
from numerics.ir import Base, Domain, Kind, Rate, Sign
from numerics.targets.exact import Rational
from numerics.targets.interpreter import Interpreter
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]
c, eta, N = sp.symbols("c eta N", real=True)


def kernel_of(map_of: MapOf, rule: sp.Expr) -> object:
    """Lower the linear map with all rules replaced by one expression."""
    base = map_of("linear")
    return lower(replace(base, rules=dict.fromkeys(base.rules, rule), shared_factor={}), Law.SGD)


@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize("source", ["written", "derived"])
def test_lowered_rules_equal_the_update_map_exactly(map_of: MapOf, activation: str, source: str) -> None:
    """In rational arithmetic the IR and SymPy agree at a generic point, atom by atom."""
    update_map = map_of(activation, source)
    kernel = lower(update_map, Law.SGD)
    point = {"u": Fraction(3, 7), "N": Fraction(11, 13)}
    interpreter = Interpreter(kernel, Rational(), {"eta": Fraction(2, 9)}, 1)
    values = {symbol: sp.Rational(2, 9) for symbol in update_map.parameters}
    values |= {item.symbol: sp.Rational(point[item.symbol.name]) for item in update_map.reductions}
    values[update_map.coordinate] = sp.Rational(5, 17)
    for atom, expression in update_map.rules.items():
        base, sign = Base(atom.rstrip("+-")), Sign(atom[-1]) if atom[-1] in "+-" else Sign.ANY
        (rule,) = (item for item in kernel.rules if item.base is base and item.sign is sign)
        mine = interpreter.evaluate(rule.root, Fraction(5, 17), point)
        assert sp.Rational(mine) == expression.subs(values)


def test_equal_operations_and_reductions_are_evaluated_once(map_of: MapOf) -> None:
    kernel = lower(map_of("linear"), Law.SGD, [(Watch.MAXIMUM, "norm2"), (Watch.MAXIMUM, "phi")])
    assert len(set(kernel.ops)) == len(kernel.ops)
    assert [item.name for item in kernel.reductions] == ["u", "N", "phi"]  # norm2 is N
    assert [kernel.ops[item.root].name for item in kernel.watchers] == ["N", "phi"]
    roots = {rule.base: rule.root for rule in kernel.rules}
    assert roots[Base.REST] == roots[Base.OUTSIDE] != roots[Base.BATCH]


def test_shared_factors_are_lane_values(map_of: MapOf) -> None:
    """A rule then costs one multiplication a coordinate."""
    kernel = lower(map_of("relu"), Law.SGD)
    rates = kernel.rates()
    for rule in kernel.rules:
        body = [kernel.ops[i] for i in kernel.needs(rule.root) if rates[i] is Rate.COORDINATE]
        assert [op.kind for op in body] == [Kind.COORDINATE, Kind.MUL]


def test_full_batch_sums_run_over_all_data(map_of: MapOf) -> None:
    assert lower(map_of("linear"), Law.GD).reductions[0].domain is Domain.DATA
    assert lower(map_of("linear"), Law.SGD).reductions[0].domain is Domain.BATCH
    relu = lower(map_of("relu"), Law.GD).reductions[0]
    assert (relu.domain, relu.data) == (Domain.DATA, Sign.POSITIVE)


@pytest.mark.parametrize("exponent", range(1, 20))
def test_powers_are_short_multiplication_chains(map_of: MapOf, exponent: int) -> None:
    kernel = kernel_of(map_of, c**exponent)
    value = Interpreter(kernel, Rational(), {"eta": Fraction(1)}, 1).evaluate(kernel.rules[0].root, Fraction(3), {})
    assert value == 3**exponent
    products = sum(op.kind is Kind.MUL for op in kernel.ops)
    squarings_and_products = (exponent.bit_length() - 1) + (exponent.bit_count() - 1)
    # The summands of the map need c*c in any case: it is one operation even when the rule does not use it.
    assert products == max(squarings_and_products, 1 if kernel.reductions else squarings_and_products)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (c / (1 + eta), Fraction(9, 4) / (1 + Fraction(1, 3))),
        (-c, Fraction(-9, 4)),
        (c - eta / 3, Fraction(9, 4) - Fraction(1, 9)),
        (sp.Rational(2, 3) * c**-2, Fraction(2, 3) / Fraction(81, 16)),
        (sp.sqrt(c), Fraction(3, 2)),
        (c ** sp.Rational(3, 2), Fraction(27, 8)),
        (-eta - c, -Fraction(1, 3) - Fraction(9, 4)),
        (sp.Integer(0), Fraction(0)),
    ],
)
def test_other_operations_lower_exactly(map_of: MapOf, rule: sp.Expr, value: Fraction) -> None:
    kernel = kernel_of(map_of, rule)
    interpreter = Interpreter(kernel, Rational(), {"eta": Fraction(1, 3)}, 1)
    assert interpreter.evaluate(kernel.rules[0].root, Fraction(9, 4), {}) == value


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (sp.sin(c), "sin"),
        (c * sp.Float(0.1), "Float"),
        (c * sp.pi, "Pi"),
        (c**eta, "exponent"),
        (c**1000, "exponent"),
        (c * sp.Symbol("z"), "z is not defined"),
    ],
)
def test_what_has_no_exact_operation_is_refused(map_of: MapOf, rule: sp.Expr, message: str) -> None:
    with pytest.raises(LoweringError, match=message):
        kernel_of(map_of, rule)


def test_inconsistent_maps_are_refused(map_of: MapOf) -> None:
    base = map_of("linear")
    wrong_factor = replace(base, shared_factor={**base.shared_factor, "rest": 1 + eta})
    with pytest.raises(LoweringError, match="shared factor"):
        lower(wrong_factor, Law.SGD)
    missing = replace(base, rules={"batch": c, "outside": c}, shared_factor={})
    with pytest.raises(LoweringError, match="'rest'"):
        lower(missing, Law.SGD)
    odd = replace(base, reductions=(replace(base.reductions[0], atoms=("batch", "outside")), base.reductions[1]))
    with pytest.raises(LoweringError, match="differences"):
        lower(odd, Law.SGD)
    unknown = replace(base, rules={**base.rules, "inside": c})
    with pytest.raises(LoweringError, match="'inside'"):
        lower(unknown, Law.SGD)


def test_digest_tells_kernels_apart(map_of: MapOf) -> None:
    digests = {lower(map_of(name), law).digest() for name in ("linear", "relu") for law in Law}
    assert len(digests) == 2 * len(Law)
    assert lower(map_of("linear"), Law.SGD).digest() == lower(map_of("linear"), Law.SGD).digest()
