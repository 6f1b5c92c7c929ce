"""The refuter's parts: what a counterexample must satisfy, where to look, and how to make a witness exact and short."""
