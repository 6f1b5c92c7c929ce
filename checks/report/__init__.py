"""Reports: what the suite found, in a terminal, as JSON, JUnit XML, one HTML page and a LaTeX appendix.

Every report reads `checks.verdict.Ledger` and nothing else.
"""

from checks.report.errors import LedgerError, MathError, PlotError, ReportError, TexError, TexMissing
from checks.report.json_report import dumps, read_json, write_json
from checks.report.junit import junit_xml, write_junit
from checks.report.latex import Section, compile_pdf, render_appendix, write_appendix
from checks.report.page import render_page, write_page
from checks.report.plots import plot_pdf, plot_svg
from checks.report.proof_latex import FULL, SHORT, Cut
from checks.report.terminal import Progress, explain, ledger_table, print_ledger, summary

__all__ = [
    "FULL",
    "SHORT",
    "Cut",
    "LedgerError",
    "MathError",
    "PlotError",
    "Progress",
    "ReportError",
    "Section",
    "TexError",
    "TexMissing",
    "compile_pdf",
    "dumps",
    "explain",
    "junit_xml",
    "ledger_table",
    "plot_pdf",
    "plot_svg",
    "print_ledger",
    "read_json",
    "render_appendix",
    "render_page",
    "summary",
    "write_appendix",
    "write_json",
    "write_junit",
    "write_page",
]
