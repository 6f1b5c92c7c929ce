"""Bernstein coefficients on charts of a domain, with subdivision and blow-ups."""
