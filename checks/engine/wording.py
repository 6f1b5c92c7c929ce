"""Formal statements and certificates as mathematics and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker.grammar import Node, parse

_GREEK = {"eta", "alpha", "beta", "gamma", "delta", "kappa", "lambda", "theta", "sigma", "Phi", "Psi", "mu", "epsilon", "eps", "lam"}
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
        value = node[1]
        return str(value) if value.denominator == 1 else rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
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
    a, b = node[1], node[2]
    if kind == "-" and a == ("number", 0):
        return _wrap("-" + _latex(b, 2), tight, 1)
    if kind in ("+", "-"):
        return _wrap(f"{_latex(a, 0)} {kind} {_latex(b, 1 if kind == '-' else 0)}", tight, 1)
    if kind == "*":
        left, right = _latex(a, 2), _latex(b, 2)
        return f"{left} \\cdot {right}" if right[:1].isdigit() or right.startswith(r"\tfrac") else f"{left} {right}"
    if kind == "/":
        return rf"\frac{{{_latex(a, 0)}}}{{{_latex(b, 0)}}}"
    if kind == "**":
        return f"{_latex(a, 3)}^{{{_latex(b, 0)}}}"
    raise ValueError(f"{kind!r} has no notation")


def _wrap(text: str, tight: int, own: int) -> str:
    return rf"\left({text}\right)" if tight > own - 1 and tight >= 1 else text


def certificate_words(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in words what a certificate establishes and how it can be rechecked by hand."""
    kind = certificate.get("kind")
    if certificate["verdict"] == "refuted":
        if kind == "stationary":
            return ("Every per-sample gradient vanishes at this start, so the iterates stay there under every sequence of batches; the start satisfies all hypotheses and is not a limit that the claim allows.",)
        if kind == "antisymmetric":
            return (
                "Each per-sample loss is even in $c$, so the run from $-w_0$ with the same batches is minus the run from $w_0$, and the law of the start is invariant under $w_0 \\to -w_0$. The event and its mirror image exclude each other, so its probability is at most $\\tfrac12$, for all sizes.",
            )
        if kind == "run":
            steps = len(certificate["steps"])
            return (f"The run from this start satisfies every hypothesis and violates the claim {'at the start' if not steps else f'after {steps} step'}; all values are exact rationals.",)
        return ("All hypotheses hold at this point and the conclusion fails there (or a term of it is undefined); evaluated exactly.",)
    if kind == "induction":
        words = ["By induction on t with the invariant $" + r",\ ".join(line_latex(x) for x in certificate["invariant"]) + "$: the start satisfies it, every kind of step keeps it, and it implies the claim."]
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
        return "Both sides have the same normal form (index sums to power sums, deltas resolved, derivatives taken)." + tail
    if kind == "squares":
        return "In the squares of " + ", ".join(f"${_name(v)}$" for v in step["variables"]) + ": " + _step_words(step["by"])
    if kind == "bernstein":
        bounds = ", ".join(
            f"${line_latex(a['low'])} \\le {_name(a['variable'])}" + (f" \\le {line_latex(a['high'])}$" if a["high"] is not None else "$")
            for a in step["chart"]
        )
        return f"On the chart {bounds} all Bernstein coefficients are nonnegative on each of {_leaves(step['boxes'])} boxes." + tail
    if kind == "sturm":
        ends = f"[{step['low'] if step['low'] is not None else '-oo'}, {step['high'] if step['high'] is not None else 'oo'}]"
        split = f" after splitting off the square of ${line_latex(step['square'])}$" if step.get("square") else ""
        return f"The Sturm sequence counts no root of the polynomial in ${_name(step['variable'])}$ on {ends}{split}, and it is positive inside." + tail
    if kind == "factors":
        return "The difference factors as " + ", ".join(f"$({line_latex(f['expression'])})^{{{f['power']}}}$" for f in step["factors"]) + ", each factor of known sign." + tail
    if kind == "log-monotone":
        return f"At ${_name(step['variable'])} = {step['anchor']}$ the difference is not negative, and its derivative, a rational function, keeps one sign on the interval." + tail
    if kind == "given":
        return "The comparison is one of the hypotheses, up to a positive factor." + tail
    return "Exact arithmetic." + tail


def _leaves(tree: Any) -> int:
    return 1 if tree == "leaf" else _leaves(tree["left"]) + _leaves(tree["right"])
