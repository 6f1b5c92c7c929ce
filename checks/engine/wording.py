"""Formal statements and certificates as mathematics and words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker.grammar import Node, parse

_GREEK = {
    "eta",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "kappa",
    "lambda",
    "theta",
    "sigma",
    "Phi",
    "Psi",
    "mu",
    "epsilon",
    "eps",
    "lam",
}
_SPELLED = {"eps": "varepsilon", "lam": "lambda"}
_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "<": "<", ">": ">"}


def formal_latex(formal: Mapping[str, Any]) -> str:
    """Return a formal statement as one line of LaTeX mathematics."""
    shown = list(formal.get("show") or formal.get("always") or formal.get("limit") or [])
    if formal["form"] == "trajectory":
        shown += [line for branch in formal["branches"] for line in branch["then"]]
    given = [*formal.get("parameters", ()), *formal.get("given", ()), *formal.get("start", ())]
    text = r",\quad ".join(line_latex(line) for line in shown)
    if formal["form"] == "limit":
        text = r"\lim_t w_t \in \left\{ c : " + text + r"\right\}"
    if given:
        text = r",\; ".join(line_latex(line) for line in given) + r"\ \Longrightarrow\ " + text
    if formal["form"] == "trajectory":
        steps = [
            r",\; ".join(f"{_name(name)}' = {line_latex(value)}" for name, value in branch["next"].items())
            + (r"\ [" + r",\; ".join(line_latex(x) for x in branch["inputs"]) + "]" if branch.get("inputs") else "")
            for branch in formal["branches"]
        ]
        text += r"\quad\text{at all times of every run with } " + r"\ \text{ or }\ ".join(steps)
    let = [line.partition("=") for line in formal.get("let", ())]
    if let:
        text += r"\quad\text{where } " + r",\; ".join(f"{_name(a.strip())} = {line_latex(b)}" for a, _, b in let)
    return text


def line_latex(line: str) -> str:
    """Return one line of the grammar as LaTeX mathematics."""
    return _latex(parse(line), 0)


def _name(name: str) -> str:
    suffix = ""
    if name.endswith("_next"):
        name, suffix = name[:-5], "'"
    head = name.rstrip("0123456789")
    digits = name[len(head) :]
    head, _, tail = head.partition("_")
    word = "\\" + _SPELLED.get(head, head) if head in _GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    below = ",".join(x for x in (tail, digits) if x)
    return word + (f"_{{{below}}}" if below else "") + suffix


def _latex(node: Node, tight: int) -> str:
    kind = node[0]
    if kind == "number":
        return _number_latex(Fraction(node[1]))
    if kind == "name":
        return _name(node[1])
    if kind == "entry":
        return f"{node[1]}_{{{node[2]}}}"
    if kind == "delta":
        return rf"\delta_{{{node[1]}{node[2]}}}"
    if kind == "size":
        return rf"|\mathrm{{{node[1]}}}|"
    if kind == "sum":
        return _wrap(rf"\sum_{{{node[1]} \in \mathrm{{{node[2]}}}}} {_latex(node[3], 2)}", tight, 1)
    if kind in ("all", "any"):
        return rf"\{'forall' if kind == 'all' else 'exists'} {node[1]} \in \mathrm{{{node[2]}}}:\ {_latex(node[3], 0)}"
    if kind == "diff":
        return rf"\frac{{\partial}}{{\partial {node[2]}_{{{node[3]}}}}}\left[{_latex(node[1], 0)}\right]"
    if kind == "taylor":
        order = f"^{{{node[3]}}}" if node[3] > 1 else ""
        return rf"\left.\frac{{d{order}}}{{d{node[2]}{order}}}\left[{_latex(node[1], 0)}\right]\right|_{{{node[2]}=0}}"
    if kind == "call":
        if not node[2]:
            return rf"\{node[1]}"
        if node[1] == "exp" and node[2][0] == ("number", 1):
            return "e"
        inner = ", ".join(_latex(a, 0) for a in node[2])
        if node[1] == "sqrt":
            return rf"\sqrt{{{inner}}}"
        return rf"\left|{inner}\right|" if node[1] == "abs" else rf"\{node[1]}\left({inner}\right)"
    if kind == "compare":
        text = _latex(node[2][0], 0)
        for sign, term in zip(node[1], node[2][1:], strict=True):
            text += f" {_SIGNS[sign]} {_latex(term, 0)}"
        return text
    if kind == "not":
        return rf"\neg ({_latex(node[1], 0)})"
    if kind in ("and", "or", "implies"):
        word = {"and": r"\wedge", "or": r"\vee", "implies": r"\Rightarrow"}[kind]
        return rf"{_latex(node[1], 0)} \ {word}\ {_latex(node[2], 0)}"
    if kind in ("+", "-"):
        return _wrap(_sum_latex(node), tight, 1)
    if kind in ("*", "/"):
        sign, text = _product_latex(node)
        return _wrap(("-" if sign < 0 else "") + text, tight, 1) if sign < 0 else text
    if kind == "**":
        base, exponent = node[1], _latex(node[2], 0)
        return f"{_latex(base, 3)}^{{{exponent}}}" if exponent != "1" else _latex(base, tight)
    raise ValueError(f"{kind!r} has no notation")


def _signed_terms(node: Node, sign: int) -> list[tuple[int, Node]]:
    if node[0] in ("+", "-"):
        left = [] if node[0] == "-" and node[1] == _ZERO else _signed_terms(node[1], sign)
        return left + _signed_terms(node[2], sign if node[0] == "+" else -sign)
    return [(sign, node)]


_ZERO = ("number", 0)


def _sum_latex(node: Node) -> str:
    parts = []
    for sign, term in _signed_terms(node, 1):
        own, text = _product_latex(term)
        total = sign * own
        parts.append(("-" if total < 0 else "+", text))
    first = ("-" if parts[0][0] == "-" else "") + parts[0][1]
    return first + "".join(f" {sign} {text}" for sign, text in parts[1:])


def _product_latex(node: Node) -> tuple[int, str]:
    """Return the sign and the text of a product or quotient; a factor 1 is not written."""
    if node[0] == "/":
        value = _numeric(node)
        if value is not None:
            return (-1 if value < 0 else 1), _number_latex(abs(value))
        top_sign, top = (1, _latex(node[1], 0)) if node[1][0] in ("+", "-", "sum") else _product_latex(node[1])
        return top_sign, rf"\frac{{{top}}}{{{_latex(node[2], 0)}}}"
    sign, coefficient = 1, Fraction(1)
    words: list[str] = []
    for factor in _factors(node):
        while factor[0] == "-" and factor[1] == _ZERO and _numeric(factor) is None:
            sign, factor = -sign, factor[2]
        value = _numeric(factor)
        if value is not None:
            coefficient *= value
        elif factor[0] == "/":
            own, text = _product_latex(factor)
            sign *= own
            words.append(text)
        else:
            words.append(_latex(factor, 2))
    if coefficient < 0:
        sign, coefficient = -sign, -coefficient
    if coefficient != 1 or not words:
        words.insert(0, _number_latex(coefficient))
    text = words[0]
    for word in words[1:]:
        text += rf" \cdot {word}" if word[:1].isdigit() else f" {word}"
    return sign, text


def _factors(node: Node) -> list[Node]:
    return _factors(node[1]) + _factors(node[2]) if node[0] == "*" else [node]


def _numeric(node: Node) -> Fraction | None:
    if node[0] == "number":
        return Fraction(node[1])
    if node[0] == "-" and node[1] == _ZERO:
        inner = _numeric(node[2])
        return None if inner is None else -inner
    if node[0] == "/":
        a, b = _numeric(node[1]), _numeric(node[2])
        return a / b if a is not None and b else None
    return None


def _number_latex(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    value = abs(value)
    return sign + (
        str(value.numerator) if value.denominator == 1 else rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
    )


def _wrap(text: str, tight: int, own: int) -> str:
    return rf"\left({text}\right)" if tight > own - 1 and tight >= 1 else text


def certificate_words(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in words what a certificate establishes and how it can be rechecked by hand."""
    kind = certificate.get("kind")
    if certificate["verdict"] == "refuted":
        if kind == "stationary":
            return (
                "Every per-sample gradient vanishes at this start, so the iterates stay there under every sequence of "
                "batches; the start satisfies all hypotheses and is not a limit that the claim allows.",
            )
        if kind == "antisymmetric":
            return (
                "Each per-sample loss is even in $c$, so the run from $-w_0$ with the same batches is minus the run "
                "from $w_0$, and the law of the start is invariant under $w_0 \\to -w_0$. The event and its mirror "
                "image exclude each other, so its probability is at most $\\tfrac12$, for all sizes.",
            )
        if kind == "run":
            steps = len(certificate["steps"])
            return (
                "The run from this start satisfies every hypothesis and violates the claim "
                + ("at the start" if not steps else f"after {steps} step")
                + "; all values are exact rationals.",
            )
        return (
            "All hypotheses hold at this point and the conclusion fails there (or a term of it is undefined); "
            "evaluated exactly.",
        )
    if kind == "induction":
        words = [
            "By induction on t with the invariant $"
            + r",\ ".join(line_latex(x) for x in certificate["invariant"])
            + "$: the start satisfies it, every kind of step keeps it, and it implies the claim."
        ]
        for position, proof in enumerate(certificate["proofs"]):
            words += [f"Obligation {position + 1}: {_step_words(step)}" for step in proof["steps"]]
        return tuple(words)
    return tuple(_step_words(step) for step in certificate["steps"])


def _step_words(step: Mapping[str, Any]) -> str:
    kind = step["kind"]
    tail = ""
    if "denominator" in step:
        factors = ", ".join(f"${line_latex(f['expression'])}$" for f in step["denominator"]["factors"])
        tail = f" Denominators do not vanish: {factors}."
    if kind == "identity":
        return (
            "Both sides have the same normal form (index sums to power sums, deltas resolved, derivatives taken)."
            + tail
        )
    if kind == "squares":
        return (
            "In the squares of "
            + ", ".join(f"${_name(v)}$" for v in step["variables"])
            + ": "
            + _step_words(step["by"])
        )
    if kind == "numbers":
        return "Both sides are numbers; rational enclosures decide the comparison."
    if kind == "both":
        return f"Not above: {_step_words(step['below'])} Not below: {_step_words(step['above'])}"
    if kind == "combination":
        return (
            f"The difference is a sum of {len(step['terms'])} products of hypotheses with nonnegative coefficients."
            + tail
        )
    if kind == "substitute":
        return f"After eliminating ${_name(step['variable'])}$ by an equality among the hypotheses: " + _step_words(
            step["by"]
        )
    if kind == "cases":
        yes, no = _step_words(step["yes"]), _step_words(step["no"])
        return f"By cases on the sign of the argument. Not negative: {yes} Negative: {no}"
    if kind == "root":
        return (
            f"The radicand is not negative: {_step_words(step['defined'])} With ${_name(step['name'])}$ for the root, "
            f"{_step_words(step['by'])}"
        )
    if kind == "bernstein":
        bounds = ", ".join("$" + _range(a) + "$" for a in step["chart"])
        return (
            f"On the chart {bounds} all Bernstein coefficients are nonnegative{_boxes(_leaves(step['boxes']))}." + tail
        )
    if kind == "sturm":
        low, high = ("-oo" if step["low"] is None else step["low"]), ("oo" if step["high"] is None else step["high"])
        ends = f"[{low}, {high}]"
        split = f" after splitting off the square of ${line_latex(step['square'])}$" if step.get("square") else ""
        return (
            f"The Sturm sequence counts no root of the polynomial in ${_name(step['variable'])}$ on {ends}{split}, "
            "and it is positive inside." + tail
        )
    if kind == "factors":
        return (
            "The difference factors as "
            + ", ".join(f"$({line_latex(f['expression'])}){_power(f)}$" for f in step["factors"])
            + ", each factor of known sign."
            + tail
        )
    if kind == "log-monotone":
        return (
            f"At ${_name(step['variable'])} = {step['anchor']}$ the difference is not negative, and its derivative, "
            "a rational function, keeps one sign on the interval." + tail
        )
    if kind == "given":
        return "The comparison is one of the hypotheses, up to a positive factor." + tail
    return "Exact arithmetic." + tail


def _range(axis: Mapping[str, Any]) -> str:
    low = "" if axis["low"] is None else line_latex(axis["low"]) + r" \le "
    return low + _name(axis["variable"]) + ("" if axis["high"] is None else r" \le " + line_latex(axis["high"]))


def _boxes(count: int) -> str:
    return "" if count == 1 else f" on each of {count} boxes"


def _power(factor: Mapping[str, Any]) -> str:
    power = int(factor.get("power", 1))
    return "" if power == 1 else f"^{{{power}}}"


def _leaves(tree: Any) -> int:
    return 1 if tree == "leaf" else _leaves(tree["left"]) + _leaves(tree["right"])
