"""Errors of the report writers: each says what was given, what is wrong with it and what would work."""

from __future__ import annotations


class ReportError(Exception):
    """A report could not be read, drawn or written."""


class LedgerError(ReportError):
    """A file is not a ledger that this version can read, or a ledger holds what JSON cannot."""


class PlotError(ReportError):
    """The ``plot`` entry of a piece of evidence does not describe a plot."""


class MathError(ReportError):
    """A piece of LaTeX mathematics has no faithful rendering in MathML."""


class TexMissing(ReportError):
    """No TeX installation was found; the ``.tex`` file was kept."""


class TexError(ReportError):
    """TeX stopped at an error in the ``.tex`` file, which was kept with its log."""
