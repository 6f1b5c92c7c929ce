"""Certificates written by hand, for the tests of the checker: short names for statements, rules and proofs of signs.

A table of uses maps a rule to a true statement with its certificate, and to wrong uses by name: false statements with
certificates that would be accepted if the rule forgot one of its conditions.
"""

from __future__ import annotations

from typing import Any

import pytest

from checks.checker import Rejected, check

Json = dict[str, Any]
Pair = tuple[Json, Json]
Uses = dict[str, tuple[Pair, dict[str, Pair]]]
VECTOR: Json = {"atoms": {"A": "n"}, "sets": {}, "families": {"c": None}, "indices": {"k": "A"}}
GIVEN, IDENTITY, CONSTANT = {"kind": "given"}, {"kind": "identity"}, {"kind": "constant"}


def claim(*show: str, given: tuple[str, ...] = (), **more: Any) -> Json:
    return {"form": "forall", "let": [], "given": list(given), "show": list(show), **more}


def step(kind: str, *by: Json, **more: Any) -> Json:
    return {"kind": kind, "by": list(by), **more}


def proof(*steps: Json) -> Json:
    return {"verdict": "proved", "steps": list(steps)}


def point(values: Json | None = None, **more: Any) -> Json:
    return {"verdict": "refuted", "kind": "point", "values": values or {}, **more}


def known(position: int) -> Json:
    return {"kind": "known", "given": position}


def total(*terms: Json) -> Json:
    return {"kind": "combination", "terms": list(terms)}


def of(*facts: int, coefficient: str = "1", **more: Any) -> Json:
    return {"coefficient": coefficient, "facts": list(facts), **more}


def nonzero(expression: str) -> Json:
    return {"kind": "nonzero", "factors": [{"expression": expression}]}


def sturm(variable: str, low: str | None = None, high: str | None = None, **more: Any) -> Json:
    return {"kind": "sturm", "variable": variable, "low": low, "high": high, **more}


def grow(*by: Json, **more: Any) -> Json:
    return step("grow", *by, **{"variable": "x", "as": "s", "from": "0", "inward": 1, **more})


def enclose(box: Json, tree: Any, *by: Json) -> Json:
    return step("enclose", *by, box=box, tree=tree)


def chart(*entries: Json, boxes: Any = "leaf") -> Json:
    return {"kind": "bernstein", "chart": list(entries), "boxes": boxes}


def axis(variable: str, low: str | None, high: str | None, low_by: Any = None, high_by: Any = None) -> Json:
    return {"variable": variable, "low": low, "high": high, "low_by": low_by, "high_by": high_by}


def change(value: str, inverse: str, *by: Json, name: str = "t") -> Json:
    return step("change", *by, variable="x", value=value, inverse=inverse, **{"as": name})


def whole(*show: str, given: tuple[str, ...] = ()) -> Json:
    return claim(*show, given=given, integers=["n"])


UNIT = axis("x", "0", "1", [["1", 0]], [["1", 1]])
CLOSED, OPEN = ("x >= 0", "x <= 1"), ("x > 0", "x < 1")
ALL = {"x": ["0", "1"]}


def right_uses(table: Uses) -> pytest.MarkDecorator:
    """Parametrise a test by the right use of each rule: ``formal``, ``certificate``."""
    return pytest.mark.parametrize(("formal", "certificate"), [right for right, _ in table.values()], ids=table)


def wrong_uses(table: Uses) -> pytest.MarkDecorator:
    """Parametrise a test by the wrong uses of each rule: ``formal``, ``certificate``."""
    found = [
        pytest.param(*pair, id=f"{rule}: {name}") for rule, (_, wrong) in table.items() for name, pair in wrong.items()
    ]
    return pytest.mark.parametrize(("formal", "certificate"), found)


def accepted(formal: Json, certificate: Json) -> bool:
    """Return whether the checker accepts a certificate."""
    try:
        check(formal, certificate)
    except Rejected:
        return False
    return True
