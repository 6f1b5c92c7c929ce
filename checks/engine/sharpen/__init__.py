"""Sharp values of a parameter: candidates, their numbers, and proofs on both sides."""
