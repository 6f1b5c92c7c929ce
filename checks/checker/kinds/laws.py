"""What is taken as known of named laws: the moment generating function and the range of their random variables.

Sources: Boucheron, Lugosi and Massart, Concentration Inequalities (2013), Section 2.3 (Gaussian), 2.4 (gamma, of which
chi-squared and exponential are cases), 2.5 (maximum of Gaussians) and Lemma 2.2 (Hoeffding); Mitzenmacher and Upfal,
Probability and Computing (2005), Section 4.2 (sums of Bernoulli variables).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LAWS", "Law"]


@dataclass(frozen=True)
class Law:
    """A family of laws; its lines are in the grammar, in the parameters and in ``t``.

    Attributes
    ----------
    parameters
        Their names.
    allowed
        Which values of them have a law.
    log_mgf
        An upper bound of log E exp(t X), for every X of the law.
    domain
        The t for which it holds.
    least, greatest
        Every X lies between them (empty: no such bound is known).
    whole
        The parameters that are integers.
    """

    parameters: tuple[str, ...]
    allowed: tuple[str, ...]
    log_mgf: str
    domain: tuple[str, ...] = ()
    least: str = ""
    greatest: str = ""
    whole: tuple[str, ...] = ()


LAWS = {
    # N(mean, variance), a point mass where the variance is 0
    "gaussian": Law(("mean", "variance"), ("variance >= 0",), "mean*t + variance*t**2/2"),
    # a sum of squares of independent N(0, 1); for real degrees the gamma law of shape degrees/2 and scale 2
    "chi-squared": Law(("degrees",), ("degrees > 0",), "-degrees/2*log(1 - 2*t)", ("t < 1/2",), least="0"),
    # a sum of ``number`` squares of independent N(0, variance)
    "gaussian-squares": Law(
        ("number", "variance"),
        ("number >= 1", "variance > 0"),
        "-number/2*log(1 - 2*variance*t)",
        ("2*variance*t < 1",),
        least="0",
        whole=("number",),
    ),
    # the largest of |X_1|, ..., |X_number|, each N(0, variance): exp(t max |X_i|) <= sum_i exp(t X_i) + exp(-t X_i)
    "largest-gaussian": Law(
        ("number", "variance"),
        ("number >= 1", "variance >= 0"),
        "log(2*number) + variance*t**2/2",
        ("t >= 0",),
        least="0",
        whole=("number",),
    ),
    # a sum, of any length, of independent X_i in {0, 1}, by its mean: 1 + p (exp(t) - 1) <= exp(p (exp(t) - 1))
    "bernoulli-sum": Law(("mean",), ("mean >= 0",), "mean*(exp(t) - 1)", least="0"),
    # a sum of ``number`` independent variables in {0, 1}, each 1 with the given probability
    "binomial": Law(
        ("number", "probability"),
        ("number >= 0", "0 <= probability <= 1"),
        "number*log(1 - probability + probability*exp(t))",
        least="0",
        greatest="number",
        whole=("number",),
    ),
    # density rate exp(-rate x) on x >= 0
    "exponential": Law(("rate",), ("rate > 0",), "-log(1 - t/rate)", ("t < rate",), least="0"),
    # a sum, by its mean, of ``number`` independent variables with values in [low, high]
    "bounded-sum": Law(
        ("number", "low", "high", "mean"),
        ("number >= 1", "number*low <= mean <= number*high"),
        "mean*t + number*(high - low)**2*t**2/8",
        least="number*low",
        greatest="number*high",
        whole=("number",),
    ),
}
