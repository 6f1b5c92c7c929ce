"""The update map of a gradient method, by kind of coordinate: what theory hands to numerics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Reduction:
    """A sum over coordinates that an update needs before it can touch any coordinate.

    Parameters
    ----------
    symbol
        The name under which the update rules use the sum, for example ``N``.
    summand
        What is summed, as an expression in the coordinate symbol of the map, for example ``c**2``.
    atoms
        The kinds of coordinates that it runs over, a subset of the keys of ``UpdateMap.rules``.
    """

    symbol: sp.Symbol
    summand: sp.Expr
    atoms: tuple[str, ...]


class NoCommonFactor(ValueError):
    """Some coordinates are not multiplied by one factor; the message says which."""


@dataclass(frozen=True)
class CommonFactor:
    """The fact that one step multiplies every coordinate of some atoms by one factor, free of the coordinate.

    Proved where it is made: ``expand(rule - c * factor)`` is zero for each atom, an identity for all sizes.
    """

    atoms: tuple[str, ...]
    factor: sp.Expr


@dataclass(frozen=True)
class UpdateMap:
    """One step ``c -> c'`` of a gradient method in coordinates along the data basis.

    Every coordinate ``c_k = <w, a_k>`` belongs to exactly one *atom* (kind); coordinates of one atom are
    updated by one and the same rule, an expression in ``coordinate``, the parameters and the reductions.

    The atoms of a mini-batch step are ``batch`` (k in B), ``rest`` (k in [m] outside B) and ``outside``
    (k > m).  A ReLU model splits the first two by the sign of the coordinate: ``batch+`` holds k in B with
    c_k > 0, ``batch-`` those with c_k <= 0, and likewise ``rest+``, ``rest-``.

    Parameters
    ----------
    model
        Name of the model, for example ``autoencoder``.
    activation
        ``linear`` or ``relu``.
    coordinate
        The symbol that stands for the coordinate being updated.
    parameters
        Scalars of the run that are not part of the state, for example ``(eta,)``.
    reductions
        The sums that must be known before the step, computed on the state before the step.
    rules
        New value of a coordinate, by atom.
    shared_factor
        By atom, the factor ``f`` when the rule is ``coordinate * f`` with ``f`` free of ``coordinate``: all
        coordinates of that atom share it.  Atoms without that property are absent.
    """

    model: str
    activation: str
    coordinate: sp.Symbol
    parameters: tuple[sp.Symbol, ...]
    reductions: tuple[Reduction, ...]
    rules: Mapping[str, sp.Expr]
    shared_factor: Mapping[str, sp.Expr]

    def common_factor(self, atoms: Iterable[str]) -> CommonFactor:
        """Return what all coordinates of some atoms are multiplied by, with the proof that they are.

        Raises
        ------
        NoCommonFactor
            If an atom's rule is not a factor times the coordinate, or two atoms have different factors.
        """
        names = tuple(atoms)
        for atom in names:
            if atom not in self.shared_factor:
                raise NoCommonFactor(f"the rule of {atom}, {self.rules[atom]}, is no factor times {self.coordinate}")
        factor = self.shared_factor[names[0]]
        for atom in names:
            residue = sp.expand(self.rules[atom] - self.coordinate * factor)
            if residue != 0:
                raise NoCommonFactor(f"{names[0]} has the factor {factor}, {atom} has {self.shared_factor[atom]}")
        return CommonFactor(names, factor)
