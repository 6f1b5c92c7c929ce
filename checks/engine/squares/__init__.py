"""Sums of squares with exact rational coefficients."""
