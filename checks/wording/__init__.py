"""Statements and certificates in words and formulas.

``proof`` replays a certificate with the checker's own rules and returns a tree of steps, each with its mathematics; the
reports print it.  Nothing here decides anything: the checker has done that before.
"""

from checks.wording.notation import line_latex
from checks.wording.numbers import with_decimal
from checks.wording.printer import Printer
from checks.wording.proofs import NoProof, proof
from checks.wording.statements import formal_latex
from checks.wording.structure import Block, Formula, Step, Table, folded, overview

__all__ = [
    "Block",
    "Formula",
    "NoProof",
    "Printer",
    "Step",
    "Table",
    "folded",
    "formal_latex",
    "line_latex",
    "overview",
    "proof",
    "with_decimal",
]
