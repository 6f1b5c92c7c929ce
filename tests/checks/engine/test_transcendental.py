"""Exponentials, logarithms, sines and cosines: true claims get certificates that the checker accepts, false ones none.

Each claim is a line of the five papers or a textbook's; the comment says why it is true, or where it fails.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from checks.checker import Rejected, check
from checks.checker.goal import goals
from checks.engine.budget import Budget, NotFound
from checks.engine.prove import prove_goal

SECONDS = 30.0

TRUE = {
    # functional equations
    "product": (["x > 0", "y > 0"], "log(x*y) == log(x) + log(y)"),
    "sum": ([], "exp(x + y) == exp(x)*exp(y)"),
    "inverse": (["x > 0"], "exp(log(x)) == x"),
    "shift": (["x > 0"], "exp(c + log(x)) == x*exp(c)"),
    "powers": (["x > 0"], "x**(y + z) == x**y*x**z"),
    "quotient": (["x > 0", "y > 0"], "log(x**2/y) == 2*log(x) - log(y)"),
    # the benchmark's claims
    "log-tangent": (["x > -1"], "log(1 + x) <= x"),
    "log-pade": (["x >= 0"], "log(1 + x) >= 2*x/(2 + x)"),
    "log-taylor3": (["x >= 0"], "log(1 + x) <= x - x**2/2 + x**3/3"),
    "log-reciprocal": (["x > 0"], "log(1 + 1/x) > 1/(x + 1)"),
    "log-entropy-bound": (["x > 0"], "x*log(x) >= x - 1"),
    "log-entropy": (["0 < x < 1"], "-x*log(x) - (1 - x)*log(1 - x) <= log(2)"),
    "log-root": (["x >= 1"], "log(x) <= (x - 1)/sqrt(x)"),
    "log-concave": (["x > 0", "y > 0"], "log((x + y)/2) >= (log(x) + log(y))/2"),
    "log-line": (["x > 0"], "log(x) <= x/E"),
    "log-end": (["0 < x <= 1"], "log(x) < x - 1/2"),
    "log-two": (["x >= 0", "y >= 0"], "log(1 + x + y) <= log(1 + x) + log(1 + y)"),
    "log-chernoff": (["x >= 0"], "(1 + x)*log(1 + x) - x >= x**2/(2 + 2*x/3)"),
    "log-pinsker": (["0 < x < 1"], "x*log(2*x) + (1 - x)*log(2*(1 - x)) >= 2*(x - 1/2)**2"),
    "exp-tangent": ([], "exp(x) >= 1 + x"),
    "exp-second": (["x >= 0"], "exp(-x) <= 1 - x + x**2/2"),
    "exp-pole": (["x < 1"], "exp(x) <= 1/(1 - x)"),
    "exp-quadratic": (["x <= 1"], "exp(x) <= 1 + x + x**2"),
    "exp-hoeffding": ([], "(exp(x) + exp(-x))/2 <= exp(x**2/2)"),
    "exp-sinh": (["x >= 0"], "(exp(x) - exp(-x))/2 >= x"),
    "exp-sigmoid": ([], "exp(x)/(1 + exp(x))**2 <= 1/4"),
    # papers
    "ghosh2023.S23d": (["0 < x < 1"], "log(1/(1 - x)) >= x*(1 + x/2)"),
    "ghosh2023.S23c-log": (
        ["m >= 2", "1 <= b < m", "0 < eta < 1"],
        "log(1/(1 - eta*(m - b)/(m - 1))) >= eta*(m - b)/(m - 1)*(1 + eta*(m - b)/(m - 1)/2)",
    ),
    "ghosh2023.SA1a-log": (
        ["0 <= u <= N <= 1 + eta/4", "0 < eta <= 1/5"],
        "log((1 + eta*(2 - u - N))/(1 - eta*u)) >= log(1 + (19/20)*eta)",
    ),
    "ghosh2023.S7": (["0 < eta <= 1/5"], "log(1 + eta*(1 - eta/4)) > 0"),
    "ghosh2023.S6": (["m >= 1", "0 < eta < 1"], "(1/m)*(log(1/(1 - eta)) - eta) >= eta**2/(2*m)"),
    "ghosh2023.L30": (["0 < c <= 1"], "1 - c <= exp(-c)"),
    "ghosh2023.L32": (["0 < t < 1"], "log(1 - t) + t <= -t**2/4"),
    "ghosh2023.L33": (["0 < d < 1"], "-d - (1 - d)*log(1 - d) <= -d**2/2"),
    "ghosh2023.L34": (["n >= 1", "t >= 0"], "(sqrt(2*s**2*log(2*n)) + t)**2 >= 2*s**2*log(2*n) + t**2"),
    "liliang2018.D11": ([], "0 < exp(f)/(exp(f) + exp(g)) < 1"),
    "liliang2018.S58": (["exp(g)/(exp(f) + exp(g)) <= 1/E"], "f >= g + 1/2"),
    "oymak2019.S32": (["r >= 0"], "sqrt(3*r*exp(-2*r)) <= 3/4"),
    # sines and cosines: Taylor polynomials alternate around them
    "sin-below": (["x >= 0"], "sin(x) <= x"),
    "sin-cubic": (["x >= 0"], "sin(x) >= x - x**3/6"),
    "cos-above": ([], "cos(x) >= 1 - x**2/2"),
    "cos-below": ([], "cos(x) <= 1 - x**2/2 + x**4/24"),
    "exp-cos": (["x >= 0"], "exp(x) >= cos(x)"),
    "tan-above": (["0 <= x < 1"], "tan(x) >= x"),
    "circle": ([], "sin(x) + cos(x) <= 1.4143"),
    # several variables: convexity, duality, relative entropy
    "young": (["y > 0"], "x*y <= exp(x) + y*log(y) - y"),
    "gibbs": (["p > 0", "q > 0"], "p*log(p/q) >= p - q"),
    "pinsker": (["0 < p < 1", "0 < q < 1"], "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) >= 2*(p - q)**2"),
    "log-sum-exp": ([], "log(exp(x) + exp(y)) >= (x + y)/2 + log(2)"),
    "exp-convex": (["0 <= t <= 1"], "exp(t*x + (1 - t)*y) <= t*exp(x) + (1 - t)*exp(y)"),
    "exp-midpoint": ([], "exp((x + y)/2) <= (exp(x) + exp(y))/2"),
    "exp-difference": (["x >= y"], "exp(x) - exp(y) >= exp(y)*(x - y)"),
    "exp-two": (["x >= 0", "y >= 0"], "exp(x + y) >= exp(x) + y"),
    "log-difference": (["0 < y <= x"], "log(x) - log(y) <= (x - y)/y"),
    "log-mean": (["0 < y < x"], "log(x) - log(y) <= (x - y)/sqrt(x*y)"),
    "log-sum": (
        ["a > 0", "b > 0", "c > 0", "d > 0"],
        "a*log(a/b) + c*log(c/d) >= (a + c)*log((a + c)/(b + d))",
    ),
    "log-sum-exp-three": ([], "log(exp(x) + exp(y) + exp(z)) >= (x + y + z)/3 + log(3)"),
    "chernoff-kl": (
        ["0 < p < 1", "0 < t", "t < 1 - p"],
        "(p + t)*log((p + t)/p) + (1 - p - t)*log((1 - p - t)/(1 - p)) >= 2*t**2",
    ),
    # logistic regression
    "softplus-curved": ([], "log(1 + exp(x)) <= log(2) + x/2 + x**2/8"),
    "softplus-max": (["x >= 0"], "log(1 + exp(x)) <= x + log(2)"),
    "softplus-positive": ([], "log(1 + exp(-x)) > 0"),
    "logistic-sum": ([], "1/(1 + exp(-x)) + 1/(1 + exp(x)) == 1"),
    "tanh": (["x >= 0"], "(exp(x) - exp(-x))/(exp(x) + exp(-x)) <= x"),
    # exponents of tail bounds
    "chernoff-upper": (["0 <= d <= 1"], "(1 + d)*log(1 + d) - d >= d**2/3"),
    "chernoff-lower": (["0 <= d < 1"], "(1 - d)*log(1 - d) + d >= d**2/2"),
    "bernstein": (["0 <= x < 3"], "exp(x) <= 1 + x + x**2/(2*(1 - x/3))"),
    "hoeffding-lemma": (["0 <= p <= 1"], "1 - p + p*exp(x) <= exp(p*x + x**2/8)"),
    # powers with variable exponents
    "power-one": (["x >= 1", "r >= 0"], "x**r >= 1"),
    "weighted-means": (["x > 0", "y > 0", "0 <= t <= 1"], "x**t*y**(1 - t) <= t*x + (1 - t)*y"),
    "bernoulli": (["x > -1", "r >= 1"], "(1 + x)**r >= 1 + r*x"),
    "contraction": (["0 < x < 1", "n >= 1"], "(1 - x)**n <= exp(-n*x)"),
    "stirling": (["n >= 1"], "(n + 1/2)*log(1 + 1/n) <= 1 + 1/(12*n*(n + 1))"),
    # maxima and constants
    "largest": (["x >= 0"], "x*exp(-x) <= 1/E"),
    "largest-gauss": ([], "x*exp(-x**2/2) <= 1/sqrt(E)"),
    "infinity": (["x > 0"], "log(1 + 1/x) > 2/(2*x + 1)"),
    "entropy-below": (["0 < x < 1"], "-x*log(x) - (1 - x)*log(1 - x) >= 4*log(2)*x*(1 - x)"),
    "line": ([], "exp(x) >= 2.7*x"),
    "log-square": (["x > 0"], "log(x)**2 <= (x - 1)**2/x"),
    "cosh": ([], "(exp(x) + exp(-x))/2 >= 1 + x**2/2"),
    # angles: the derivative and bounds of the sine, cosine and tangent
    "tangent": (["0 <= x < pi/2"], "tan(x) >= x + x**3/3"),
    "huygens": (["0 < x < pi/2"], "2*sin(x) + tan(x) > 3*x"),
    "mitrinovic": (["0 < x < pi/2"], "(sin(x)/x)**3 > cos(x)"),
    "wilker": (["0 < x < pi/2"], "(sin(x)/x)**2 + tan(x)/x > 2"),
    # a root as a mean, differences of logarithms, chords
    "mean-below": (["0 < x < y"], "sqrt(x*y) < (y - x)/(log(y) - log(x))"),
    "loss-slope": ([], "1/(1 + exp(z)) <= log(1 + exp(-z))"),
    "log-ratio": (["k >= 3"], "log(k + 1)/(k + 1) <= log(k)/k"),
    "euler-steps": (["k >= 1"], "(k/(k + 1))**k >= 1/E"),
    "chord": (["0 <= x <= 1"], "exp(x) <= 1 + (E - 1)*x"),
    "sharp-square": (["0 <= x <= 1"], "exp(x) <= 1 + x + (E - 2)*x**2"),
    "compact": (["0 <= x <= 1", "0 <= y <= 1"], "exp(x*y) + sin(x + y) >= 0.9"),
}

FALSE = {
    "log-taylor2": (["x >= 0"], "log(1 + x) <= x - x**2/2"),  # x = 1
    "log-line": (["x > 0"], "log(x) <= 919/2500*x"),  # 919/2500 < 1/E
    "log-square": (["x != 0"], "log(x**2) == 2*log(x)"),  # undefined for x < 0
    "exp-quadratic": ([], "exp(x) <= 1 + x + x**2"),  # x = 2
    "exp-pole": (["x != 1"], "exp(x) <= 1/(1 - x)"),  # x = 2
    "hoeffding": ([], "(exp(x) + exp(-x))/2 <= exp(x**2*49/100)"),  # small x
    "pinsker": (["0 < p < 1", "0 < q < 1"], "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q)) >= 21/10*(p - q)**2"),
    "sin": ([], "sin(x) <= x"),  # x < 0
    "softmax": (["exp(g)/(exp(f) + exp(g)) <= 1/E"], "f >= g + 1"),  # f - g = 3/5
    "root": (["r >= 0"], "sqrt(3*r*exp(-2*r)) <= 7/10"),  # r = 1/2
    "huygens": (["0 < x < pi/2"], "2*sin(x) + tan(x) > 31/10*x"),  # small x
    "wilker": (["0 < x < pi/2"], "(sin(x)/x)**2 + tan(x)/x > 2 + x**4/5"),  # small x: 8/45 < 1/5
    "log-ratio": (["k >= 2"], "log(k + 1)/(k + 1) <= log(k)/k"),  # k = 2
    "mean-below": (["0 < x", "x != y", "y > 0"], "x*y < (y - x)/(log(y) - log(x))"),  # x = 2, y = 3
    "log-defined": ([], "log(x) <= x"),  # undefined for x <= 0
    "bernoulli": (["x > -1", "r > 0"], "(1 + x)**r >= 1 + r*x"),  # r = 1/2
}


def formal(given: list[str], show: str) -> dict[str, Any]:
    """Return a formal statement."""
    return {"form": "forall", "given": given, "show": [show]}


def prove(given: list[str], show: str, seconds: float) -> dict[str, Any]:
    """Return a certificate in the form in which it is stored."""
    steps = [prove_goal(goal, Budget(seconds)) for goal in goals(formal(given, show))]
    found: dict[str, Any] = json.loads(json.dumps({"verdict": "proved", "steps": steps}))
    return found


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_get_a_certificate(name: str) -> None:
    given, show = TRUE[name]
    assert check(formal(given, show), prove(given, show, SECONDS)) == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_get_none(name: str) -> None:
    given, show = FALSE[name]
    with pytest.raises(NotFound):
        prove(given, show, 2.0)


@pytest.mark.parametrize("name", ["log-chernoff", "exp-quadratic", "log-pade", "young"])
def test_a_certificate_shows_its_own_claim_only(name: str) -> None:
    given, show = TRUE[name]
    certificate = prove(given, show, SECONDS)
    stronger = show.replace("<=", "+ 1/7 <=") if "<=" in show else show.replace(">=", "- 1/7 >=")
    with pytest.raises(Rejected):
        check(formal(given, stronger), copy.deepcopy(certificate))
