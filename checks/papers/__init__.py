"""One folder a paper: its claims as data, and their statements in the vocabulary of `checks.claim`."""
